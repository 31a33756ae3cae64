"""Engines: how steps of gradient descent are taken. Same start, same costs; the faster the better.

| engine     | how                                                         | when `auto` picks it           |
|------------|-------------------------------------------------------------|--------------------------------|
| `compiled` | one compiled loop over blocks of examples (`kernel`)        | small layers, kernel ready     |
| `numpy`    | the published operations in preallocated buffers, same bits | large layers; kernel not ready |
| `wide`     | layer 1 in the span of the examples: needs XᵀX only         | inputs far outnumber examples  |

An engine owns float64 copies of the parameters and knows nothing of costs, clocks or threads; one thread at a
time may drive it. The three stand in one file because each is built on the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from init_utils import kernel
from init_utils.network import Array, Hidden

# Larger layers go through NumPy's BLAS. Measured with 300 examples, one thread: the compiled loop needs 42,
# 152 and 574 us a step for two hidden layers of 32, 64 and 128 units, NumPy 114, 281 and 819.
LARGEST_COMPILED_LAYER = 20_000
# A block of examples and its activations fit the first-level cache; 8 examples fill a vector.
LARGEST_BLOCK, LANES = 152, 8
# The wide engine needs XᵀX, (m, m): it pays when each example brings several times more numbers than that.
WIDE_RATIO = 4


class Look(NamedTuple):
    """What a network computes at the present parameters.

    Attributes
    ----------
    z, a : list of float64 arrays, (n_l, m)
        Pre-activations and activations of each layer.
    norms, bias_norms : tuple of float
        Frobenius norms of dW1, ..., dWL and of db1, ..., dbL.
    """

    z: list[Array]
    a: list[Array]
    norms: tuple[float, ...]
    bias_norms: tuple[float, ...]


class Engine(Protocol):
    """What `descent` needs of an engine."""

    name: str

    def advance(self, steps: int) -> None:
        """Take `steps` steps; bit-identical however the steps are cut."""

    def parameters(self) -> dict[str, Array]:
        """Copies of the present W1, b1, ..., WL, bL."""

    def look(self) -> Look:
        """What the network computes at the present parameters."""


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

    def look(self) -> Look:
        """What the network computes now; the arrays are buffers, to be read before advancing."""
        with np.errstate(all="ignore"):
            self._forward()
            self._backward()
            return Look(self._z, self._a, _norms(self._dW), _norms(self._db))

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


class CompiledEngine:
    """The compiled loop (`kernel`), one call for any number of steps; the GIL is released meanwhile.

    Parameters as for `NumpyEngine`.
    """

    name = "compiled"

    def __init__(
        self, X: Array, Y: Array, layers: list[tuple[Array, Array]], learning_rate: float, hidden: Hidden
    ) -> None:
        self._take_steps = kernel.load()
        self._seen = NumpyEngine(X, Y, layers, learning_rate, hidden)
        n_x, m = X.shape
        sizes = np.array([n_x, *(W.shape[0] for W, _ in layers)], dtype=np.int64)
        blocks = -(-m // LARGEST_BLOCK)
        B = -(-m // (blocks * LANES)) * LANES
        weight_starts = np.concatenate([[0], np.cumsum(sizes[1:] * (sizes[:-1] + 1))])
        layer_starts = np.concatenate([[0], np.cumsum((sizes[1:] + 1) * B)])
        examples, labels, shares = _in_blocks(X, Y, blocks, B)
        self._weights = np.concatenate([np.hstack(layer).ravel() for layer in layers]).astype(np.float64)
        self._rows = [
            self._weights[start : start + W.size + b.size].reshape(W.shape[0], -1)
            for start, (W, b) in zip(weight_starts, layers, strict=False)
        ]
        self._arguments = (
            learning_rate, hidden == "tanh", sizes, weight_starts, layer_starts, self._weights,
            examples, labels, shares, np.ones(layer_starts[-1]), np.ones(layer_starts[-1]),
            np.zeros(LANES * self._weights.size), B,
        )  # fmt: skip

    def advance(self, steps: int) -> None:
        """Take `steps` steps."""
        self._take_steps(steps, *self._arguments)

    def parameters(self) -> dict[str, Array]:
        """Copies of the present ones."""
        return _named((rows[:, :-1], rows[:, -1:]) for rows in self._rows)

    def look(self) -> Look:
        """As `NumpyEngine.look`, by its means."""
        for rows, W, b in zip(self._rows, self._seen.W, self._seen.b, strict=True):
            W[:], b[:] = rows[:, :-1], rows[:, -1:]
        return self._seen.look()


class WideEngine:
    """Layer 1 in the span of the examples: for m examples of n_x >> m numbers each.

    Every gradient of W1 is dz1 Xᵀ, so W1 - W1(0) has rows in the span of the examples, and the net sees W1
    only through W1 X. With XᵀX = U S Uᵀ (eigenvalues S) let Q = X U S^-1/2, which has orthonormal columns,
    and R = S^1/2 Uᵀ, (m, m); then X = Q R, and descent on V = W1 Q with R as the data is descent on W1 with
    X as the data, step by step: W1 X = V R, and dV = dz1 Rᵀ = dW1 Q has the norm of dW1. At the end W1 =
    W1(0) + (V - V(0)) Qᵀ. The pixels are touched at both ends only, and the small problem runs on whichever
    engine suits it. Parameters as for `NumpyEngine`.
    """

    name = "wide"

    def __init__(
        self, X: Array, Y: Array, layers: list[tuple[Array, Array]], learning_rate: float, hidden: Hidden
    ) -> None:
        scales, U = np.linalg.eigh(np.dot(X.T, X))
        kept = scales > X.shape[1] * np.finfo(np.float64).eps * max(scales[-1], 0.0)  # the rest is rounding
        roots = np.sqrt(scales[kept])
        self._X, self._to_span = X, U[:, kept] / roots  # Q = X @ to_span is never formed
        self._W1, b1 = np.array(layers[0][0], dtype=np.float64), layers[0][1]
        self._V = np.dot(np.dot(self._W1, X), self._to_span)
        R = np.ascontiguousarray((U[:, kept] * roots).T)
        small = [(self._V, b1), *layers[1:]]
        self._small = make_engine(fastest(R, small, may_be_wide=False), R, Y, small, learning_rate, hidden)

    def advance(self, steps: int) -> None:
        """Take `steps` steps."""
        self._small.advance(steps)

    def parameters(self) -> dict[str, Array]:
        """Copies of the present ones; W1 is put together here, at the cost of one product with X."""
        parameters = self._small.parameters()
        moved = np.dot(parameters["W1"] - self._V, self._to_span.T)
        parameters["W1"] = self._W1 + np.dot(moved, self._X.T)
        return parameters

    def look(self) -> Look:
        """As `NumpyEngine.look`."""
        return self._small.look()


ENGINES: Mapping[str, type[Any]] = {"compiled": CompiledEngine, "numpy": NumpyEngine, "wide": WideEngine}


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
        name = fastest(X, layers)
    if name not in ENGINES:
        raise ValueError(f"engine is {name!r}; expected 'auto', {', '.join(map(repr, ENGINES))}.")
    if name == "compiled" and not kernel.available():
        raise ValueError("engine is 'compiled', but numba is not installed, or fails here; use 'auto'.")
    engine: Engine = ENGINES[name](X, Y, layers, learning_rate, hidden)
    return engine


def fastest(X: Array, layers: list[tuple[Array, Array]], *, may_be_wide: bool = True) -> str:
    """The name of the engine that `auto` stands for."""
    if may_be_wide and X.shape[0] >= WIDE_RATIO * X.shape[1] and layers[0][0].size > LARGEST_COMPILED_LAYER:
        return "wide"
    small = max(W.size for W, _ in layers) <= LARGEST_COMPILED_LAYER
    return "compiled" if small and kernel.usable() else "numpy"


def _in_blocks(X: Array, Y: Array, blocks: int, B: int) -> tuple[Array, Array, Array]:
    """Examples with a row of ones, labels and shares of 1/m, in blocks of B padded with zeros; flat."""
    n_x, m = X.shape
    padded = np.zeros((n_x + 1, blocks * B))
    padded[:n_x, :m], padded[n_x] = X, 1.0
    examples = np.ascontiguousarray(padded.reshape(n_x + 1, blocks, B).transpose(1, 0, 2)).ravel()
    labels, shares = np.zeros(blocks * B), np.zeros(blocks * B)
    labels[:m], shares[:m] = Y[0], 1.0 / m
    return examples, labels, shares


def _norms(gradients: list[Array]) -> tuple[float, ...]:
    return tuple(map(_norm, gradients))


def _norm(gradient: Array) -> float:
    """Frobenius norm; 0 only if every entry is, though its square may be too small for a float."""
    norm = float(np.sqrt(np.vdot(gradient, gradient)))
    largest = float(np.abs(gradient).max()) if norm == 0 or norm == np.inf else 0.0
    if largest == 0 or largest == np.inf:
        return norm
    scaled = gradient / largest
    return largest * float(np.sqrt(np.vdot(scaled, scaled)))


def _named(layers: Any) -> dict[str, Array]:
    parameters: dict[str, Array] = {}
    for layer, (W, b) in enumerate(layers, start=1):
        parameters[f"W{layer}"], parameters[f"b{layer}"] = W.copy(), b.copy()
    return parameters
