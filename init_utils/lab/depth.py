"""What an initializer does to activations in a deep net: the panel that separates He from Xavier.

The function is called for 30 layers of 100 neurons. Standard normal inputs pass through them; the spread
after each layer is given beside what the theory predicts for weights of that size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from init_utils.diagnostics import product

Floats = NDArray[np.float64]

DEPTH, WIDTH, EXAMPLES = 30, 100, 200
DEEP_DIMS = [WIDTH] * (DEPTH + 1) + [1]


@dataclass(frozen=True)
class DepthSpread:
    """Root mean square of the activations, layer by layer.

    Attributes
    ----------
    measured, theory : float64 arrays, (DEPTH,)
        0 where everything is exactly 0; inf or NaN where numbers overflow.
    """

    measured: Floats
    theory: Floats


def depth_spread(parameters: dict[str, Floats], hidden: str) -> DepthSpread:
    """Send standard normal inputs through `DEPTH` layers.

    Parameters
    ----------
    parameters : dict
        W1..W30 (100, 100) and b1..b30 (100, 1); later layers are ignored.
    hidden : str
        `relu` or `tanh`.

    Notes
    -----
    Theory (He et al. 2015, section 2.2; Glorot & Bengio 2010): with independent weights of
    mean square v, the mean square q of the activations goes from layer to layer as E[f(z)²], z normal
    with variance WIDTH · v · q. The line is left out (NaN) where the weights are not centred, as for a
    constant: the theory does not cover them.
    """
    activate = ACTIVATIONS[hidden]
    a = np.random.default_rng(0).standard_normal((WIDTH, EXAMPLES))
    expected = 1.0
    measured, theory = np.empty(DEPTH), np.empty(DEPTH)
    with np.errstate(all="ignore"):
        for layer in range(1, DEPTH + 1):
            W = parameters[f"W{layer}"]
            a = activate(product(W, a) + parameters[f"b{layer}"])
            measured[layer - 1] = np.sqrt(np.mean(a * a))
            mean_square = float(np.mean(W * W))
            if abs(float(W.mean())) > 0.3 * mean_square**0.5:
                expected = np.nan
            expected = _mean_square_after(activate, WIDTH * mean_square * expected)
            theory[layer - 1] = expected**0.5
    return DepthSpread(measured, theory)


ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {"relu": lambda z: np.maximum(z, 0.0), "tanh": np.tanh}
_NODES, _SHARES = np.polynomial.hermite_e.hermegauss(80)


def _mean_square_after(activate: Callable[[Floats], Floats], variance: float) -> float:
    """E[f(z)²] for z normal with mean 0, by Gauss-Hermite quadrature."""
    values = activate(_NODES * np.sqrt(variance))
    return float(np.sum(_SHARES * values * values) / np.sum(_SHARES))
