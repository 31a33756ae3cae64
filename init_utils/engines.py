"""Engines: how steps of gradient descent are taken. Same start, same costs; the faster the better.

| engine     | how                                                         | when `auto` picks it           |
|------------|-------------------------------------------------------------|--------------------------------|
| `compiled` | one compiled loop over blocks of examples (`kernel`)        | small layers, kernel ready     |
| `numpy`    | the published operations in preallocated buffers, same bits | large layers; kernel not ready |
| `wide`     | layer 1 in the span of the examples: needs XᵀX only         | inputs far outnumber examples  |

An engine owns float64 copies of the parameters and knows nothing of costs, clocks or threads; one thread at a
time may drive it. Called by `descent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from init_utils.network import Array, Hidden

# Above this many weights in one layer the BLAS of NumPy beats the compiled loop (see benchmarks/training.md).
LARGEST_COMPILED_LAYER = 4096
# The wide engine needs XᵀX, (m, m): it pays when each example brings several times more numbers than that.
WIDE_RATIO = 4


class Engine(Protocol):
    """What `descent` needs of an engine."""

    name: str

    def advance(self, steps: int) -> None:
        """Take `steps` steps; bit-identical however the steps are cut."""

    def parameters(self) -> dict[str, Array]:
        """Copies of the present W1, b1, ..., WL, bL."""

    def look(self) -> tuple[list[Array], list[Array], tuple[float, ...]]:
        """Pre-activations z_l, activations a_l and Frobenius norms of dW_l at the present parameters."""


class NumpyEngine:
    """The published operations, in the published order, into buffers that are made once.

    Parameters
    ----------
    X : (n_x, m) float64
    Y : (1, m) float64
    layers : list of (W, b)
        The start; copied.
    learning_rate : float
    hidden : "relu" or "tanh"
    """

    name = "numpy"

    def __init__(
        self, X: Array, Y: Array, layers: list[tuple[Array, Array]], learning_rate: float, hidden: Hidden
    ) -> None:
        self._X, self._Y, self._learning_rate, self._hidden = X, Y, learning_rate, hidden
        self.W = [np.array(W, dtype=np.float64, order="C") for W, _ in layers]
        self.b = [np.array(b, dtype=np.float64, order="C") for _, b in layers]
        m = X.shape[1]
        self._z, self._a, self._dz, self._da = ([np.empty((W.shape[0], m)) for W in self.W] for _ in range(4))
        self._mask = [np.empty((W.shape[0], m), dtype=bool) for W in self.W]
        self._dW, self._db = [np.empty_like(W) for W in self.W], [np.empty_like(b) for b in self.b]

    def advance(self, steps: int) -> None:
        """Take `steps` steps."""
        with np.errstate(all="ignore"):  # saturation and divergence show as inf and NaN, never on stderr
            for _ in range(steps):
                self._forward()
                self._backward()
                for value, gradient in zip(self.W + self.b, self._dW + self._db, strict=True):
                    np.multiply(self._learning_rate, gradient, out=gradient)
                    np.subtract(value, gradient, out=value)

    def parameters(self) -> dict[str, Array]:
        """Copies of the present ones."""
        return _named(zip(self.W, self.b, strict=True))

    def look(self) -> tuple[list[Array], list[Array], tuple[float, ...]]:
        """Pre-activations, activations, norms of the weight gradients (buffers: read before advancing)."""
        with np.errstate(all="ignore"):
            self._forward()
            self._backward()
            return self._z, self._a, tuple(float(np.sqrt(np.vdot(dW, dW))) for dW in self._dW)

    def _forward(self) -> None:
        a, last = self._X, len(self.W) - 1
        for layer, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            z, out = self._z[layer], self._a[layer]
            np.dot(W, a, out=z)
            np.add(z, b, out=z)
            if layer == last:
                np.negative(z, out=out)
                np.exp(out, out=out)
                np.add(1, out, out=out)
                np.divide(1, out, out=out)
            elif self._hidden == "relu":
                np.maximum(0, z, out=out)
            else:
                np.tanh(z, out=out)
            a = out

    def _backward(self) -> None:
        last = len(self.W) - 1
        np.subtract(self._a[last], self._Y, out=self._dz[last])
        np.multiply(1.0 / self._X.shape[1], self._dz[last], out=self._dz[last])
        for layer in range(last, -1, -1):
            dz, below = self._dz[layer], self._a[layer - 1] if layer else self._X
            np.dot(dz, below.T, out=self._dW[layer])
            np.sum(dz, axis=1, keepdims=True, out=self._db[layer])
            if layer:
                da, dz_below = self._da[layer - 1], self._dz[layer - 1]
                np.dot(self.W[layer].T, dz, out=da)
                if self._hidden == "relu":
                    np.greater(below, 0, out=self._mask[layer - 1])
                    np.multiply(da, self._mask[layer - 1], out=dz_below)
                else:
                    np.multiply(below, below, out=dz_below)
                    np.subtract(1, dz_below, out=dz_below)
                    np.multiply(da, dz_below, out=dz_below)


def _named(layers: Any) -> dict[str, Array]:
    parameters: dict[str, Array] = {}
    for layer, (W, b) in enumerate(layers, start=1):
        parameters[f"W{layer}"], parameters[f"b{layer}"] = W.copy(), b.copy()
    return parameters


_ENGINES: Mapping[str, type[Any]] = {"numpy": NumpyEngine}


def make_engine(
    name: str, X: Array, Y: Array, layers: list[tuple[Array, Array]], learning_rate: float, hidden: Hidden
) -> Engine:
    """The engine of that name, or the fastest that is ready for `auto`.

    Raises
    ------
    ValueError
        Unknown name, or `compiled` without numba.
    """
    if name == "auto":
        name = "numpy"
    if name not in _ENGINES:
        raise ValueError(f"engine is {name!r}; expected 'auto', {', '.join(map(repr, _ENGINES))}.")
    engine: Engine = _ENGINES[name](X, Y, layers, learning_rate, hidden)
    return engine
