"""The depth dial: what He, Xavier and orthogonal weights do to a signal and to a gradient in 1 to 50 layers.

Of each layer the distribution of the sizes of its activations and of its gradients, their root mean square,
and that of the theory.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from init_utils.diagnostics import expected_sizes, root_mean_square, send
from init_utils.lab.depth import EXAMPLES, WIDTH
from init_utils.lab.settings import OneOf, WholeNumber
from init_utils.network import Hidden

Floats = NDArray[np.float64]

LAYERS, HIDDEN = WholeNumber(1, 50), OneOf(("relu", "tanh"))
DIAL: dict[str, WholeNumber | OneOf] = {"depth": LAYERS, "hidden": HIDDEN}
LOW, HIGH, BINS = -6.0, 3.0, 36  # decimal logarithms of the smallest and the largest size told apart


def _orthogonal(rng: np.random.Generator) -> Floats:
    """Uniform among the orthogonal matrices, by reflections (Stewart 1980).

    NumPy's `qr` would do, if LAPACK's threads did not wait for each other where the processors are shared.
    """
    Q = np.diag(rng.choice([-1.0, 1.0], WIDTH))
    for first in range(WIDTH - 1):
        x = rng.standard_normal(WIDTH - first)
        x[0] += np.copysign(np.sqrt(np.sum(x * x)), x[0])
        block = Q[:, first:]
        block -= np.outer(np.sum(block * x, axis=1), 2 * x / np.sum(x * x))
    return Q


DRAWN: Mapping[str, tuple[float, Callable[[np.random.Generator], Floats]]] = {
    # Variance of a weight times the units below, and one layer's weights.
    "He": (2.0, lambda rng: np.sqrt(2 / WIDTH) * rng.standard_normal((WIDTH, WIDTH))),
    "Xavier": (1.0, lambda rng: np.sqrt(1 / WIDTH) * rng.standard_normal((WIDTH, WIDTH))),
    "orthogonal": (1.0, _orthogonal),
}


@dataclass(frozen=True, eq=False)
class Profile:
    """One scheme in a deep network.

    Attributes
    ----------
    activation_shares, gradient_shares : float64 arrays, (depth, 1 + BINS)
        Of each layer the share of exact zeros, then of sizes from `10**LOW` to `10**HIGH`; what is smaller or
        larger counts in the first or the last bin.
    activations, gradients, expected_activations, expected_gradients : float64 arrays, (depth,)
        Root mean squares, measured and in theory.
    """

    activation_shares: Floats
    gradient_shares: Floats
    activations: Floats
    gradients: Floats
    expected_activations: Floats
    expected_gradients: Floats


def profile_of(scheme: str, hidden: Hidden, depth: int) -> Profile:
    """Send standard normal inputs up through `depth` layers and standard normal errors down.

    Parameters
    ----------
    scheme : str
        A key of `DRAWN`.
    depth : int
        1 to 50 layers.
    """
    gain, draw = DRAWN[scheme]
    rng = np.random.default_rng(1)
    inputs, errors = rng.standard_normal((2, WIDTH, EXAMPLES))
    activations, gradients = send([draw(rng) for _ in range(depth)], hidden, inputs, errors)
    expected, expected_back = expected_sizes(gain, hidden, depth)
    return Profile(
        np.array([_shares(a) for a in activations]),
        np.array([_shares(dz) for dz in gradients]),
        np.array([root_mean_square(a) for a in activations]),
        np.array([root_mean_square(dz) for dz in gradients]),
        expected,
        expected_back,
    )


@functools.lru_cache(maxsize=100)
def pack_profiles(hidden: Hidden, depth: int) -> bytes:
    """float32: of each scheme of `DRAWN` the arrays of its `Profile`, one after another."""
    profiles = [profile_of(scheme, hidden, depth) for scheme in DRAWN]
    parts = [array.ravel() for one in profiles for array in vars(one).values()]
    return np.concatenate(parts).astype("<f4").tobytes()


def _shares(values: Floats) -> Floats:
    sizes = np.abs(values[values != 0])
    places = (np.log10(sizes) - LOW) / (HIGH - LOW) * BINS
    counts = np.bincount(np.clip(places, 0, BINS - 1).astype(np.int64), minlength=BINS)
    return np.concatenate([[values.size - sizes.size], counts]) / values.size
