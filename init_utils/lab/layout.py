"""How the numbers and bytes of a frame are laid out, with a name for each part.

A frame of one run is a row of float64 figures and a row of bytes. `FrameLayout` knows where each part lies;
`init_utils/lab/src/frames/layout.js` is its counterpart in the front end, and one fixture tests both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from init_utils.lab.facts import LayerFacts

GRID = 64  # cells a side of the decision picture
BINS = 20  # columns of the histogram of outputs
NO_SIMILARITY = 255  # marks a neuron whose weights are all zero: it has no direction
FIGURES = (
    "iteration",
    "cost",
    "train_accuracy",
    "test_accuracy",
    "worst_class",
    "confident_wrong",
    "seconds",
)
LAYER_FIGURES = ("gradient_norms", "bias_gradient_norms", "changes")  # one of each per layer
HIDDEN_FIGURES = ("silent", "unreached", "unreached_wrong", "alike")  # one of each per hidden layer

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


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
    def bytes_per_run(self) -> int:
        """All parts of `shapes`, one byte per element."""
        return sum(math.prod(shape) for shape in self.shapes)

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of the parts in bytes, in their order: grid, histogram, one similarity matrix per hidden
        layer, ranks.
        """
        similarity = ((size, size) for size in self.layers_dims[1:-1])
        return ((GRID, GRID), (BINS,), *similarity, (self.depth,))

    def split(self, cells: Bytes) -> list[Bytes]:
        """The parts of one run's bytes as views, in the order and shapes of `shapes`."""
        parts, start = [], 0
        for shape in self.shapes:
            size = math.prod(shape)
            parts.append(cells[start : start + size].reshape(shape))
            start += size
        return parts


@dataclass(frozen=True)
class Frame:
    """One moment of one run.

    Attributes
    ----------
    layout : FrameLayout
    figures : float64 array, (floats_per_run,)
        In the order of `FIGURES`, `LAYER_FIGURES`, `HIDDEN_FIGURES`.
    cells : uint8 array, (bytes_per_run,)
    """

    layout: FrameLayout
    figures: Floats
    cells: Bytes

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

    @property
    def grid(self) -> Bytes:
        """Output over the plane, (GRID, GRID), rows from the top: 0 is class 0 for certain, 255 class 1."""
        return self.layout.split(self.cells)[0]

    @property
    def histogram(self) -> Bytes:
        """Shares of the training examples by output, (BINS,): 255 is all of them."""
        return self.layout.split(self.cells)[1]

    @property
    def similarity(self) -> list[Bytes]:
        """One matrix (n, n) per hidden layer, as `similarity_cells` gives it."""
        return self.layout.split(self.cells)[2:-1]

    @property
    def ranks(self) -> Bytes:
        """Rank of each W, (depth,)."""
        return self.layout.split(self.cells)[-1]
