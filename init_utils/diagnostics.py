"""Measures of what an initialization does: gradient norms, saturation, similarity of neurons, rank, depth.

Arrays in, numbers out. `propagate` sends a signal through 1 to 50 layers and back, beside what the theory
of wide layers predicts.

Sources: Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks";
He et al. 2015, "Delving deep into rectifiers"; for tanh beyond its linear part Poole et al. 2016,
"Exponential expressivity in deep neural networks through transient chaos".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from init_utils.checks import count_layers
from init_utils.network import Array, Hidden, backward_propagation, forward_propagation

# Standard deviation of a weight, from the number of units below; biases are 0.
SCHEMES: Mapping[str, Callable[[int], float]] = {
    "zeros": lambda n_prev: 0.0,
    "x0.01": lambda n_prev: 0.01,
    "x10": lambda n_prev: 10.0,
    "xavier": lambda n_prev: float(np.sqrt(1 / n_prev)),
    "he": lambda n_prev: float(np.sqrt(2 / n_prev)),
}


@dataclass(frozen=True, eq=False)
class Propagation:
    """A signal on its way up through the layers, and a gradient on its way down.

    Attributes
    ----------
    scheme, hidden : str
    layers : (depth,) int64
        1, 2, ..., depth.
    activations, gradients : (depth,) float64
        Measured: root mean square of a_l, and of dz_l when dz_depth is standard normal.
    expected_activations, expected_gradients : (depth,) float64
        The same for infinitely wide layers: the theory's line.
    """

    scheme: str
    hidden: str
    layers: NDArray[np.int64]
    activations: Array
    gradients: Array
    expected_activations: Array
    expected_gradients: Array


def gradient_norms(
    X: Array, Y: Array, parameters: Mapping[str, Any], hidden: Hidden = "relu"
) -> tuple[float, ...]:
    """Frobenius norm of dW1, ..., dWL at these parameters; exactly 0.0 where a layer cannot move.

    >>> start = {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))}
    >>> gradient_norms(np.array([[1.0, 2.0]]), np.array([[0, 1]]), start)   # (0.5 * 1 - 0.5 * 2) / 2
    (0.25,)
    """
    _, cache = forward_propagation(X, parameters, hidden)
    gradients = backward_propagation(X, Y, cache, hidden)
    return tuple(float(np.linalg.norm(gradients[f"dW{layer}"])) for layer in range(1, len(cache) // 4 + 1))


def saturated_share(a: Array, activation: str) -> float:
    """Share of activations, in [0, 1], through which (almost) no gradient flows.

    Parameters
    ----------
    a : (n, m) float
    activation : "relu", "tanh" or "sigmoid"
        Counted: exactly 0; |a| > 0.99; outside [0.01, 0.99].

    >>> saturated_share(np.array([[0.0, 1.0, 2.0, 0.0]]), "relu")
    0.5
    """
    if activation not in _SATURATED:
        raise ValueError(f"activation is {activation!r}; expected one of {', '.join(map(repr, _SATURATED))}.")
    return float(np.mean(_SATURATED[activation](np.asarray(a))))


def neuron_similarity(W: Array) -> Array:
    """Cosines between the rows of W, (n, n) in [-1, 1]: which neurons of a layer do the same.

    Two rows of zeros count as equal (1), a row of zeros and another as unrelated (0).

    >>> neuron_similarity(np.array([[1.0, 1.0], [2.0, 2.0], [-1.0, 0.0]])).round(3).tolist()
    [[1.0, 1.0, -0.707], [1.0, 1.0, -0.707], [-0.707, -0.707, 1.0]]
    """
    W = np.asarray(W, dtype=np.float64)
    norms = np.linalg.norm(W, axis=1, keepdims=True)
    directions = np.divide(W, norms, out=np.zeros_like(W), where=norms > 0)
    zero = norms[:, 0] == 0
    cosines = np.clip(directions @ directions.T, -1.0, 1.0)
    cosines[np.ix_(zero, zero)] = 1.0
    return cosines  # type: ignore[no-any-return]


def ranks(parameters: Mapping[str, Any]) -> tuple[int, ...]:
    """Rank of W1, ..., WL: 1 for as long as all neurons of a layer are the same, 0 for zeros.

    >>> ranks({"W1": np.full((3, 2), 0.5), "b1": np.zeros((3, 1))})
    (1,)
    """
    layers = range(1, count_layers(parameters) + 1)
    return tuple(int(np.linalg.matrix_rank(np.asarray(parameters[f"W{layer}"]))) for layer in layers)


def propagate(
    scheme: str | float,
    hidden: Hidden = "relu",
    depth: int = 50,
    *,
    width: int = 100,
    examples: int = 200,
    seed: int = 1,
) -> Propagation:
    """How the size of activations and of gradients changes through `depth` layers.

    Parameters
    ----------
    scheme : str or float
        A key of `SCHEMES`, or the standard deviation of a weight.
    hidden : "relu" or "tanh"
    depth, width, examples : int
        Layers; units in each and in the input; standard normal examples sent through.
    seed : int

    Raises
    ------
    ValueError
        Unknown scheme or activation, or fewer than 1 layer, unit or example.

    Notes
    -----
    With weights of variance s² and zero biases, and z normal as in wide layers, the mean square q of z and
    the mean square g of dz follow q_l = s² n E[f(z_{l-1})²] and g_{l-1} = s² n E[f'(z_{l-1})²] g_l. ReLU: E
    is half of q, or 1/2, so both keep their size exactly when s² = 2/n (He). tanh near 0: E is q, or 1, so
    s² = 1/n (Xavier).

    >>> he = propagate("he", "relu", depth=3)
    >>> he.expected_activations.round(6).tolist()
    [1.0, 1.0, 1.0]
    """
    if hidden not in _ACTIVATIONS:
        raise ValueError(f"hidden is {hidden!r}; expected one of {', '.join(map(repr, _ACTIVATIONS))}.")
    if min(depth, width, examples) < 1:
        raise ValueError(f"depth is {depth}, width {width}, examples {examples}; expected 1 or more of each.")
    scale = _scale(scheme, width)
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((width, examples))
    weights = [scale * rng.standard_normal((width, width)) for _ in range(depth)]
    activations, gradients = send(weights, hidden, a, rng.standard_normal((width, examples)))
    expected, expected_back = expected_sizes(scale * scale * width, hidden, depth)
    return Propagation(
        scheme=str(scheme),
        hidden=hidden,
        layers=np.arange(1, depth + 1),
        activations=np.array([root_mean_square(a) for a in activations]),
        gradients=np.array([root_mean_square(dz) for dz in gradients]),
        expected_activations=expected,
        expected_gradients=expected_back,
    )


def send(
    weights: Sequence[Array], hidden: Hidden, inputs: Array, errors: Array
) -> tuple[list[Array], list[Array]]:
    """Activations a_1, ..., a_L on the way up, and dz_1, ..., dz_L on the way down; biases are 0.

    Parameters
    ----------
    weights : sequence of (n_l, n_{l-1}) float64
    hidden : "relu" or "tanh"
        Activation of every layer.
    inputs : (n_0, m) float64
    errors : (n_L, m) float64
        dz_L.
    """
    activate, slope = _ACTIVATIONS[hidden]
    activations: list[Array] = []
    z_layers: list[Array] = []
    for W in weights:
        z_layers.append(product(W, activations[-1] if activations else inputs))
        activations.append(activate(z_layers[-1]))
    gradients = [errors]
    for W, z in zip(weights[:0:-1], z_layers[-2::-1], strict=True):
        gradients.append(product(W.T, gradients[-1]) * slope(z))
    return activations, gradients[::-1]


def product(W: Array, a: Array) -> Array:
    """W @ a in one thread: in pieces too small for OpenBLAS to share among threads.

    Where others use the processors, too, threads that wait for each other make a small product hundreds of
    times slower.
    """
    columns = max(1, _ONE_THREAD // max(1, W.size))
    if a.shape[1] <= columns:
        return W @ a
    return np.hstack([W @ a[:, first : first + columns] for first in range(0, a.shape[1], columns)])


def expected_sizes(gain: float, hidden: Hidden, depth: int) -> tuple[Array, Array]:
    """Root mean squares of a_l and of dz_l that the theory of wide layers gives, (depth,) each.

    Parameters
    ----------
    gain : float
        Variance of a weight times the units below.
    """
    return _mean_field(gain, *_ACTIVATIONS[hidden], depth)


def root_mean_square(values: Array) -> float:
    """Of all entries."""
    return float(np.sqrt(np.mean(values * values)))


_ONE_THREAD = 65_536 * 4  # multiplications: OpenBLAS's SMP_THRESHOLD_MIN times GEMM_MULTITHREAD_THRESHOLD
_SATURATED: Mapping[str, Callable[[Array], NDArray[np.bool_]]] = {
    "relu": lambda a: a == 0,
    "tanh": lambda a: np.abs(a) > 0.99,
    "sigmoid": lambda a: (a < 0.01) | (a > 0.99),
}
_ACTIVATIONS: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "relu": (lambda z: np.maximum(0.0, z), lambda z: (z > 0).astype(np.float64)),
    "tanh": (np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
}


def _scale(scheme: str | float, width: int) -> float:
    if isinstance(scheme, str):
        if scheme not in SCHEMES:
            raise ValueError(
                f"scheme is {scheme!r}; expected one of {', '.join(map(repr, SCHEMES))}, or a number."
            )
        return SCHEMES[scheme](width)
    return float(scheme)


def _mean_field(
    gain: float, activate: Callable[[Array], Array], slope: Callable[[Array], Array], depth: int
) -> tuple[Array, Array]:
    """The two recursions of `propagate`, their expectations by the trapezoid rule over +-9 deviations."""
    t = np.linspace(-9.0, 9.0, 8_000)  # not through 0, where ReLU has its corner
    density = np.exp(-t * t / 2) * (t[1] - t[0]) / np.sqrt(2 * np.pi)
    squares: list[float] = []
    factors: list[float] = []
    for layer in range(depth):
        z = np.sqrt(gain * (squares[-1] if layer else 1.0)) * t  # the input has mean square 1
        squares.append(float(np.sum(density * activate(z) ** 2)))
        factors.append(gain * float(np.sum(density * slope(z) ** 2)))
    down = np.ones(depth)
    for layer in range(depth - 1, 0, -1):
        down[layer - 1] = down[layer] * factors[layer - 1]
    return np.sqrt(squares), np.sqrt(down)
