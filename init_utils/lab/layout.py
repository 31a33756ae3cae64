"""How the numbers of a frame are laid out, with a name for each part.

A frame of one run is a row of float64 figures and the network's parameters as float32: the front end draws
boundary and neurons from them. `FrameLayout` knows where each figure lies;
`init_utils/lab/src/frames/layout.js` is its counterpart in the front end, and one fixture tests both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from init_utils.lab.facts import LayerFacts

FIGURES = (
    "iteration",
    "cost",
    "train_accuracy",
    "test_accuracy",
    "worst_class",
    "confident_wrong",
    "seconds",
)
LAYER_FIGURES = ("gradient_norms", "bias_gradient_norms", "changes", "ranks")  # one of each per layer
HIDDEN_FIGURES = ("silent", "unreached", "unreached_wrong", "alike")  # one of each per hidden layer

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


@dataclass(frozen=True)
class FrameLayout:
    """Where each part of a frame lies, for one network.

    Attributes
    ----------
    layers_dims : tuple of int
        Layer sizes, inputs and output included.
    """

    layers_dims: tuple[int, ...]

    @property
    def depth(self) -> int:
        """Layers with weights."""
        return len(self.layers_dims) - 1

    @property
    def floats_per_run(self) -> int:
        """`FIGURES`, then each of `LAYER_FIGURES` and of `HIDDEN_FIGURES` for all its layers."""
        return len(FIGURES) + len(LAYER_FIGURES) * self.depth + len(HIDDEN_FIGURES) * (self.depth - 1)

    def slice_of(self, name: str) -> slice:
        """Where one of `LAYER_FIGURES` or `HIDDEN_FIGURES` lies in a row of figures."""
        first = len(FIGURES)
        for names, count in ((LAYER_FIGURES, self.depth), (HIDDEN_FIGURES, self.depth - 1)):
            if name in names:
                start = first + names.index(name) * count
                return slice(start, start + count)
            first += len(names) * count
        raise KeyError(name)

    @property
    def parameters_per_run(self) -> int:
        """Entries of W1, b1, ..., WL, bL."""
        sizes = zip(self.layers_dims, self.layers_dims[1:], strict=False)
        return sum(here * (before + 1) for before, here in sizes)


@dataclass(frozen=True)
class Frame:
    """One moment of one run.

    Attributes
    ----------
    layout : FrameLayout
    figures : float64 array, (floats_per_run,)
        In the order of `FIGURES`, `LAYER_FIGURES`, `HIDDEN_FIGURES`.
    parameters : float32 array, (parameters_per_run,)
        W1 row by row, b1, ..., WL, bL.
    """

    layout: FrameLayout
    figures: Floats
    parameters: Singles

    def figure(self, name: str) -> float:
        """One of `FIGURES` by its name."""
        return float(self.figures[FIGURES.index(name)])

    @property
    def iteration(self) -> int:
        """Steps of gradient descent before this moment."""
        return int(self.figures[0])

    def of_layers(self, name: str) -> Floats:
        """One of `LAYER_FIGURES`, (depth,), or of `HIDDEN_FIGURES`, (depth - 1,), by its name."""
        return self.figures[self.layout.slice_of(name)]

    @property
    def hidden_layers(self) -> list[LayerFacts]:
        """The facts of each hidden layer; none of a network whose numbers overflow."""
        if not math.isfinite(self.figure("cost")):
            return []
        columns = zip(*(self.of_layers(name) for name in HIDDEN_FIGURES), strict=True)
        return [
            LayerFacts(size, int(silent), float(unreached), float(wrong), bool(alike))
            for size, (silent, unreached, wrong, alike) in zip(
                self.layout.layers_dims[1:-1], columns, strict=True
            )
        ]

    def as_parameters(self) -> dict[str, Floats]:
        """The network again: W1, b1, ..., WL, bL as float64, with the precision of float32."""
        dims, start = self.layout.layers_dims, 0
        parameters: dict[str, Floats] = {}
        for layer in range(1, len(dims)):
            for kind, columns in (("W", dims[layer - 1]), ("b", 1)):
                end = start + dims[layer] * columns
                values = self.parameters[start:end].astype(np.float64)
                parameters[f"{kind}{layer}"] = values.reshape(dims[layer], columns)
                start = end
        return parameters


def flat(parameters: Mapping[str, Floats]) -> Singles:
    """W1 row by row, b1, ..., WL, bL as float32; what is too large for it becomes infinite."""
    layers = range(1, len(parameters) // 2 + 1)
    with np.errstate(over="ignore"):
        parts = [parameters[f"{kind}{layer}"].ravel().astype(np.float32) for layer in layers for kind in "Wb"]
    return np.concatenate(parts)
