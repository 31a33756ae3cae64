"""Seeded data, arrays only: the published circles, and the lab's moons, xor, spirals and blobs.

Everything is drawn from generators of its own, so the global random state stays as it was, bit for bit. They
are NumPy's old ones (`RandomState`), whose numbers never change, and which the lab's page draws from, too
(`lab/src/engine/datasets.js`): the same seed gives the same points in both.
`load` is the published data set; `make` draws any of `GENERATORS`. Photographs are in `images`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from init_utils import published_points

INNER = 0.8  # radius of the inner circle
Points = tuple[NDArray[np.float64], NDArray[np.int64]]


class Dataset(NamedTuple):
    """Training and test examples, in the published order.

    Attributes
    ----------
    train_X, test_X : (n_x, m) float64
    train_Y, test_Y : (1, m) int64
        0 (red) or 1 (blue).
    """

    train_X: NDArray[np.float64]  # noqa: N815 - the four published names
    train_Y: NDArray[np.int64]  # noqa: N815
    test_X: NDArray[np.float64]  # noqa: N815
    test_Y: NDArray[np.int64]  # noqa: N815


def load() -> Dataset:
    """The published data: 300 training and 100 test points on two noisy circles.

    The same points, bit for bit, as `make_circles` gives after `np.random.seed(1)` and `np.random.seed(2)`.

    >>> [array.shape for array in load()]
    [(2, 300), (1, 300), (2, 100), (1, 100)]
    """
    return Dataset(*_columns(_circles(300, 0.05, 1)), *_columns(_circles(100, 0.05, 2)))


def make(
    name: str = "circles", n_samples: int = 300, noise: float = 0.05, seed: int = 1, n_test: int = 100
) -> Dataset:
    """A data set of two classes in the plane, as many points in each (one more of class 0 if odd).

    Parameters
    ----------
    name : str
        A key of `GENERATORS`.
    n_samples, n_test : int
        Numbers of training and test points, at least 2.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate, in the data's units (about [-1, 1]).
    seed : int
        Training points are drawn from `seed`, test points from `seed + 1`; `make()` is `load()`.

    Raises
    ------
    ValueError
        Unknown name, fewer than 2 points, or negative noise.

    >>> make("moons", n_samples=10, seed=7).train_Y.sum()
    np.int64(5)
    """
    if name not in GENERATORS:
        raise ValueError(f"no dataset {name!r}; expected one of {', '.join(GENERATORS)}.")
    if min(n_samples, n_test) < 2 or not noise >= 0:
        raise ValueError(
            f"n_samples is {n_samples}, n_test {n_test}, noise {noise}; "
            "expected at least 2 points and noise >= 0."
        )
    generate = GENERATORS[name]
    return Dataset(*_columns(generate(n_samples, noise, seed)), *_columns(generate(n_test, noise, seed + 1)))


def _circles(count: int, noise: float, seed: int) -> Points:
    """scikit-learn's `make_circles`, bit for bit."""
    if noise == published_points.NOISE and (count, seed) in published_points.PARTS:
        return published_points.read()[count, seed]
    outer = count // 2
    angles = [np.linspace(0, 2 * np.pi, part, endpoint=False) for part in (outer, count - outer)]
    radii = np.repeat([1.0, INNER], [outer, count - outer])
    rows = [radii * np.concatenate([form(part) for part in angles]) for form in (np.cos, np.sin)]
    rng = np.random.RandomState(seed)
    order = rng.permutation(count)
    y = (order >= outer).astype(np.int64)
    return _noisy(rng, np.column_stack(rows)[order], noise), y


def _moons(count: int, noise: float, seed: int) -> Points:
    rng, y = _start(count, seed)
    angle = np.pi * rng.random_sample(count)
    x = np.where(y == 0, np.cos(angle), 1 - np.cos(angle)) - 0.5
    height = np.where(y == 0, np.sin(angle), 0.5 - np.sin(angle)) - 0.25
    return _noisy(rng, np.column_stack([x, height]) / 1.25, noise), y


def _xor(count: int, noise: float, seed: int) -> Points:
    rng, y = _start(count, seed)
    sign, *sizes = rng.random_sample((count, 3)).T
    points = (0.05 + 0.95 * np.column_stack(sizes)) * np.where(sign < 0.5, -1.0, 1.0)[:, None]
    points[:, 1] *= np.where(y == 0, 1.0, -1.0)  # same signs: class 0; opposite signs: class 1
    return _noisy(rng, points, noise), y


def _spirals(count: int, noise: float, seed: int) -> Points:
    rng, y = _start(count, seed)
    along = np.sqrt(0.01 + 0.99 * rng.random_sample(count))
    angle = 1.5 * 2 * np.pi * along + np.pi * y
    return _noisy(rng, np.column_stack([along * np.cos(angle), along * np.sin(angle)]), noise), y


def _blobs(count: int, noise: float, seed: int) -> Points:
    rng, y = _start(count, seed)
    centres = np.where(y[:, None] == 0, -0.5, 0.5) * np.ones((1, 2))
    return _noisy(rng, centres + 0.2 * rng.standard_normal((count, 2)), noise), y


GENERATORS: dict[str, Callable[[int, float, int], Points]] = {
    "circles": _circles,
    "moons": _moons,
    "xor": _xor,
    "spirals": _spirals,
    "blobs": _blobs,
}


def _start(count: int, seed: int) -> tuple[np.random.RandomState, NDArray[np.int64]]:
    """A generator, and labels in random order."""
    rng = np.random.RandomState(seed)
    return rng, (rng.permutation(count) % 2).astype(np.int64)


def _noisy(rng: np.random.RandomState, points: NDArray[np.float64], noise: float) -> NDArray[np.float64]:
    return points + noise * rng.standard_normal(points.shape)


def _columns(points: Points) -> Points:
    """(m, 2) and (m,) turned into (2, m) and (1, m), as the published functions take them."""
    X, y = points
    return X.T, y.reshape((1, y.shape[0]))
