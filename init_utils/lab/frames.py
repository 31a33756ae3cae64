"""One moment of one run as numbers that a view can draw, and the schedule of the moments that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from init_utils.diagnostics import neuron_similarity, ranks
from init_utils.lab.facts import (
    confident_wrong_share,
    layer_facts,
    relative_change,
    worst_class_accuracy,
    wrong_answers,
)
from init_utils.lab.layout import (
    BINS,
    FIGURES,
    GRID,
    HIDDEN_FIGURES,
    NO_SIMILARITY,
    Bytes,
    Floats,
    Frame,
    FrameLayout,
)
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
    """What every frame of a lab shows: the data and the points of the grid.

    Attributes
    ----------
    train, test : Examples
    bounds : tuple of float
        Left, right, bottom, top of the picture: equal scale on both axes.
    X : float64 array, (2, GRID * GRID + training + test examples)
        Centres of the cells, rows from the top, then all examples: one pass through the network for all.
    """

    train: Examples
    test: Examples
    bounds: tuple[float, float, float, float]
    X: Floats

    @classmethod
    def around(cls, train: Examples, test: Examples) -> Scene:
        """The scene around these examples: a square with a margin."""
        everything = np.hstack([train.X, test.X])
        low, high = everything.min(axis=1), everything.max(axis=1)
        (x, y), half = (low + high) / 2, float((high - low).max()) * 0.55 or 1.0
        steps = (np.arange(GRID) + 0.5) / GRID * 2 - 1
        across, down = np.meshgrid(x + half * steps, y - half * steps)
        bounds = (float(x - half), float(x + half), float(y - half), float(y + half))
        cells = np.vstack([across.ravel(), down.ravel()])
        return cls(train, test, bounds, np.hstack([cells, everything]))


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


def draw_frame(scene: Scene, parameters: Parameters, hidden: Hidden, moment: Moment) -> Frame:
    """The picture of a network: its decision boundary, its outputs, how alike its neurons are.

    Parameters
    ----------
    parameters : dict
        W1 (n_1, 2), b1 (n_1, 1), ...
    """
    with np.errstate(all="ignore"):
        everything, cache = forward_propagation(scene.X, parameters, hidden=hidden)
    first, last = GRID * GRID, GRID * GRID + scene.train.Y.size
    grid, train, test = np.split(everything, (first, last), axis=1)
    outputs = np.nan_to_num(train, nan=0.5)
    shares = np.histogram(outputs, bins=BINS, range=(0.0, 1.0))[0] / outputs.size
    weights = [parameters[f"W{layer}"] for layer in range(1, len(parameters) // 2 + 1)]
    cells: list[Any] = [
        np.rint(np.nan_to_num(grid, nan=0.5).ravel() * 255),
        np.ceil(shares * 255),
        *(similarity_cells(W).ravel() for W in weights[:-1]),
        ranks(parameters),
    ]
    wrong = wrong_answers(train, scene.train.Y)
    layers = [layer_facts(a[:, first:last], wrong, hidden) for a in cache[1:-4:4]]
    figures = [
        moment.iteration,
        moment.cost,
        accuracy(train, scene.train.Y),
        accuracy(test, scene.test.Y),
        worst_class_accuracy(train, scene.train.Y),
        confident_wrong_share(outputs, scene.train.Y),
        moment.seconds,
        *moment.gradient_norms,
        *moment.bias_gradient_norms,
        *_changes(weights, moment.reference),
        *(float(getattr(layer, name)) for name in HIDDEN_FIGURES for layer in layers),
    ]
    layout = FrameLayout((weights[0].shape[1], *(len(W) for W in weights)))
    return Frame(layout, np.array(figures, dtype=np.float64), np.concatenate(cells).astype(np.uint8))


def overflowed_frame(iteration: int, seconds: float, last: Frame) -> Frame:
    """The frame of a network whose weights are no longer finite: its last picture, and no figures."""
    figures = np.full_like(last.figures, np.nan)
    figures[0], figures[FIGURES.index("seconds")] = iteration, seconds
    return Frame(last.layout, figures, last.cells)


def accuracy(outputs: Floats, Y: NDArray[Any]) -> float:
    """Share of examples on the right side of 0.5."""
    return float(1 - wrong_answers(outputs, Y).mean())


def _changes(weights: Sequence[Floats], reference: Parameters | None) -> list[float]:
    """Of each W since the reference; NaN while there is none."""
    if reference is None:
        return [float("nan")] * len(weights)
    return [relative_change(W, reference[f"W{layer}"]) for layer, W in enumerate(weights, start=1)]


def similarity_cells(W: Floats) -> Bytes:
    """Cosine of the angle between the incoming weights of each two neurons of a layer, as bytes.

    Parameters
    ----------
    W : float64 array, (n, n_before)

    Returns
    -------
    uint8 array, (n, n)
        0 opposite, 127 right angle, 254 same direction, 255 where a neuron has no weights but zeros.

    Examples
    --------
    >>> similarity_cells(np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])).tolist()
    [[254, 127, 0], [127, 254, 127], [0, 127, 254]]
    """
    cells: Bytes = np.rint((np.nan_to_num(neuron_similarity(W)) + 1) * 127).astype(np.uint8)
    empty = ~W.any(axis=1)
    cells[empty, :] = NO_SIMILARITY
    cells[:, empty] = NO_SIMILARITY
    return cells


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
