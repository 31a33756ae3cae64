"""One moment of one run as numbers a view can draw: grids as bytes, figures as float32.

Called by `session`. Knows arrays only; `view.js` unpacks what `pack_frames` packs, by the sizes in `Layout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from init_utils.diagnostics import neuron_similarity, ranks, saturated_share
from init_utils.network import Hidden, forward_propagation

GRID = 64  # cells a side of the decision picture
BINS = 20  # columns of the histogram of outputs
NO_SIMILARITY = 255  # marks a neuron whose weights are all zero: it has no direction
FIGURES = ("iteration", "cost", "train_accuracy", "test_accuracy", "saturated", "seconds")

Floats = NDArray[np.float64]
Parameters = dict[str, Floats]


@dataclass(frozen=True)
class Layout:
    """How the bytes of a frame are cut.

    Attributes
    ----------
    layers_dims : tuple of int
        Layer sizes, inputs and output included.
    """

    layers_dims: tuple[int, ...]

    @property
    def similarity_sizes(self) -> tuple[int, ...]:
        """Neurons of each hidden layer: sides of the similarity matrices."""
        return self.layers_dims[1:-1]

    @property
    def bytes_per_run(self) -> int:
        """Grid, histogram, similarity matrices, ranks: one byte each."""
        return GRID * GRID + BINS + sum(size * size for size in self.similarity_sizes) + self.depth

    @property
    def floats_per_run(self) -> int:
        """The figures of `FIGURES` and one gradient norm a layer."""
        return len(FIGURES) + self.depth

    @property
    def depth(self) -> int:
        """Layers with weights."""
        return len(self.layers_dims) - 1

    def to_dict(self) -> dict[str, object]:
        """What the view needs to cut the bytes."""
        return {
            "layers_dims": list(self.layers_dims),
            "grid": GRID,
            "bins": BINS,
            "figures": list(FIGURES),
            "bytes_per_run": self.bytes_per_run,
            "floats_per_run": self.floats_per_run,
        }


@dataclass(frozen=True)
class Frame:
    """One moment of one run.

    Attributes
    ----------
    figures : float64 array, (floats_per_run,)
        In the order of `FIGURES`, then the gradient norm of each layer.
    cells : uint8 array, (bytes_per_run,)
        Probability grid (0-255, rows from the top), histogram (255 = all examples), similarity of the neurons
        of each hidden layer (0 opposite, 127 right angle, 254 same direction, 255 none), rank of each W.
    """

    figures: Floats
    cells: NDArray[np.uint8]


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
    """What every frame of a lab looks at: the data and the points of the grid.

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


def draw_frame(
    scene: Scene,
    parameters: Parameters,
    hidden: Hidden,
    iteration: int,
    cost: float,
    gradient_norms: Sequence[float],
    seconds: float,
) -> Frame:
    """Look at a network: where it puts the boundary, what it puts out, how alike its neurons are.

    Parameters
    ----------
    parameters : dict
        W1 (n_1, 2), b1 (n_1, 1), ...
    iteration : int
    cost : float
        At these parameters, on the training examples.
    gradient_norms : sequence of float
        One a layer, at these parameters.
    seconds : float
        Time this run has trained.
    """
    with np.errstate(all="ignore"):
        everything, _ = forward_propagation(scene.X, parameters, hidden=hidden)
    grid, train, test = np.split(everything, (GRID * GRID, GRID * GRID + scene.train.Y.size), axis=1)
    outputs = np.nan_to_num(train, nan=0.5)
    shares = np.histogram(outputs, bins=BINS, range=(0.0, 1.0))[0] / outputs.size
    saturated = saturated_share(outputs, "sigmoid")
    weights = [parameters[f"W{layer}"] for layer in range(1, len(parameters) // 2 + 1)]
    cells: list[Any] = [
        np.rint(np.nan_to_num(grid, nan=0.5).ravel() * 255),
        np.ceil(shares * 255),
        *(similarity_cells(W).ravel() for W in weights[:-1]),
        ranks(parameters),
    ]
    accuracies = accuracy(train, scene.train.Y), accuracy(test, scene.test.Y)
    figures = np.array([iteration, cost, *accuracies, saturated, seconds, *gradient_norms])
    return Frame(figures, np.concatenate(cells).astype(np.uint8))


def overflowed_frame(iteration: int, seconds: float, last: Frame) -> Frame:
    """What is left to see of a network whose weights are no longer finite: its last picture, no figures."""
    figures = np.full_like(last.figures, np.nan)
    figures[0], figures[FIGURES.index("seconds")] = iteration, seconds
    return Frame(figures, last.cells)


def accuracy(outputs: Floats, Y: NDArray[Any]) -> float:
    """Share of examples on the right side of 0.5."""
    return float(np.mean((outputs > 0.5) == (Y > 0.5)))


def similarity_cells(W: Floats) -> NDArray[np.uint8]:
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
    cells: NDArray[np.uint8] = np.rint((np.nan_to_num(neuron_similarity(W)) + 1) * 127).astype(np.uint8)
    empty = ~W.any(axis=1)
    cells[empty, :] = NO_SIMILARITY
    cells[:, empty] = NO_SIMILARITY
    return cells


def pack_frames(frames: Sequence[Sequence[Frame | None]], layout: Layout) -> tuple[bytes, bytes]:
    """Frames of several moments as two blocks of bytes.

    Parameters
    ----------
    frames : sequence (moments) of sequence (runs) of Frame or None
        None for a run that has no network.

    Returns
    -------
    figures : bytes
        float32, (moments, runs, floats_per_run); NaN where there is no network.
    cells : bytes
        uint8, (moments, runs, bytes_per_run).
    """
    moments, runs = len(frames), len(frames[0]) if frames else 0
    figures = np.full((moments, runs, layout.floats_per_run), np.nan, dtype="<f4")
    cells = np.zeros((moments, runs, layout.bytes_per_run), dtype=np.uint8)
    for moment, row in enumerate(frames):
        for run, frame in enumerate(row):
            if frame is not None:
                with np.errstate(over="ignore"):
                    figures[moment, run] = frame.figures
                cells[moment, run] = frame.cells
    return figures.tobytes(), cells.tobytes()


def frame_schedule(iterations: int) -> list[int]:
    """Iterations whose frames are kept: close together at first, where costs change most, then evenly.

    The same for every training of that length, so that a rerun gives the same curves to the last bit.

    Examples
    --------
    >>> frame_schedule(6)
    [0, 1, 2, 3, 4, 5, 6]
    >>> frame_schedule(15_000)[:9], len(frame_schedule(15_000))
    ([0, 1, 2, 3, 5, 8, 13, 21, 34], 189)
    """
    even = max(1, -(-iterations // 180))
    kept = set(range(0, iterations, even)) | {iterations}
    first, second = 1, 2
    while first < min(even, iterations):
        kept.add(first)
        first, second = second, first + second
    return sorted(kept)
