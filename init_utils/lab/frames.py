"""One moment of one run as numbers that a view can draw, and the schedule of the moments that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from init_utils.diagnostics import ranks
from init_utils.lab.facts import (
    confident_wrong_share,
    layer_facts,
    relative_change,
    worst_class_accuracy,
    wrong_answers,
)
from init_utils.lab.layout import FIGURES, HIDDEN_FIGURES, Floats, Frame, FrameLayout, flat
from init_utils.network import Hidden, forward_propagation

Parameters = dict[str, Floats]

MOST_EVEN = 180  # moments at equal distances ...
EVEN_STEPS = (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200, 250, 500, *range(1_000, 6_001, 1_000))
CHANGES_SINCE = 100  # iterations: by then a start that is too large has thrown its neurons about


class Examples(NamedTuple):
    """Points and their classes.

    Attributes
    ----------
    X : float64 array, (2, m)
    Y : int array, (1, m)
    """

    X: Floats
    Y: NDArray[Any]


@dataclass(frozen=True)
class Scene:
    """What every frame of a lab shows: the data, and the part of the plane around it.

    Attributes
    ----------
    train, test : Examples
    bounds : tuple of float
        Left, right, bottom, top of the picture: equal scale on both axes.
    """

    train: Examples
    test: Examples
    bounds: tuple[float, float, float, float]

    @classmethod
    def around(cls, train: Examples, test: Examples) -> Scene:
        """The scene around these examples: a square with a margin."""
        everything = np.hstack([train.X, test.X])
        low, high = everything.min(axis=1), everything.max(axis=1)
        (x, y), half = (low + high) / 2, float((high - low).max()) * 0.55 or 1.0
        return cls(train, test, (float(x - half), float(x + half), float(y - half), float(y + half)))


@dataclass(frozen=True)
class Moment:
    """Where a run is when a frame of it is drawn.

    Attributes
    ----------
    iteration : int
    cost : float
        At these parameters, on the training examples.
    gradient_norms, bias_gradient_norms : sequence of float
        One per layer, at these parameters.
    seconds : float
        Time this run has trained.
    reference : dict of float64 arrays, optional
        The parameters at iteration `CHANGES_SINCE`, once it is past.
    """

    iteration: int
    cost: float
    gradient_norms: Sequence[float]
    bias_gradient_norms: Sequence[float]
    seconds: float
    reference: Parameters | None = None


def frame_of(scene: Scene, parameters: Parameters, hidden: Hidden, moment: Moment) -> Frame:
    """A network at one moment: its parameters, and the facts of its training and test points.

    Parameters
    ----------
    parameters : dict
        W1 (n_1, 2), b1 (n_1, 1), ...
    """
    with np.errstate(all="ignore"):
        train, cache = forward_propagation(scene.train.X, parameters, hidden=hidden)
        test, _ = forward_propagation(scene.test.X, parameters, hidden=hidden)
    weights = [parameters[f"W{layer}"] for layer in range(1, len(parameters) // 2 + 1)]
    wrong = wrong_answers(train, scene.train.Y)
    layers = [layer_facts(a, wrong, hidden) for a in cache[1:-4:4]]
    figures = [
        moment.iteration,
        moment.cost,
        accuracy(train, scene.train.Y),
        accuracy(test, scene.test.Y),
        worst_class_accuracy(train, scene.train.Y),
        confident_wrong_share(train, scene.train.Y),
        moment.seconds,
        *moment.gradient_norms,
        *moment.bias_gradient_norms,
        *_changes(weights, moment.reference),
        *ranks(parameters),
        *(float(getattr(layer, name)) for name in HIDDEN_FIGURES for layer in layers),
    ]
    layout = FrameLayout((weights[0].shape[1], *(len(W) for W in weights)))
    return Frame(layout, np.array(figures, dtype=np.float64), flat(parameters))


def overflowed_frame(iteration: int, seconds: float, last: Frame) -> Frame:
    """The frame of a network whose weights are no longer finite: its last picture, and no figures."""
    figures = np.full_like(last.figures, np.nan)
    figures[0], figures[FIGURES.index("seconds")] = iteration, seconds
    return Frame(last.layout, figures, last.parameters)


def accuracy(outputs: Floats, Y: NDArray[Any]) -> float:
    """Share of examples on the right side of 0.5."""
    return float(1 - wrong_answers(outputs, Y).mean())


def _changes(weights: Sequence[Floats], reference: Parameters | None) -> list[float]:
    """Of each W since the reference; NaN while there is none."""
    if reference is None:
        return [float("nan")] * len(weights)
    return [relative_change(W, reference[f"W{layer}"]) for layer, W in enumerate(weights, start=1)]


def frame_schedule(iterations: int) -> list[int]:
    """Iterations whose frames are kept: close together at first, where costs change most, then evenly, at
    round numbers.

    The same for every training of that length, so that a rerun gives the same curves to the last bit.

    Examples
    --------
    >>> frame_schedule(6)
    [0, 1, 2, 3, 4, 5, 6]
    >>> frame_schedule(15_000)[:9], len(frame_schedule(15_000))
    ([0, 1, 2, 3, 5, 8, 13, 21, 34], 161)
    """
    even = next(step for step in EVEN_STEPS if step * MOST_EVEN >= iterations)
    kept = set(range(0, iterations, even)) | {iterations, min(CHANGES_SINCE, iterations)}
    first, second = 1, 2
    while first < min(even, iterations):
        kept.add(first)
        first, second = second, first + second
    return sorted(kept)
