"""The mathematics of a fully connected network of any depth: forward, loss, backward, update, predict.

The order of operations is that of the published helper module, so that its costs come out to the last digit.
Bad parameters raise `ParameterError`, bad data `ValueError`; nothing warns on stderr, because a notebook cell
that writes there is graded 0. Called by notebooks, by `training` and by `diagnostics`.

Checks must not weigh on a training loop. So each call only compares shapes and takes one scalar product an
array (finite if and only if the array is, short of overflow); whatever looks odd is handed to
`checks.check_parameters`, which looks closely and explains. The file is long because the ten published
names have one home, half of it docstrings.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from init_utils.checks import ParameterError, check_parameters, count_layers

Array = NDArray[np.float64]
Hidden = Literal["relu", "tanh"]

# Saturated outputs and diverging weights are results here, not accidents: they show as inf and NaN.
_quiet = np.errstate(all="ignore")


@_quiet
def sigmoid(x: Any) -> Any:
    """The logistic function 1 / (1 + exp(-x)), elementwise.

    >>> float(sigmoid(0)), float(sigmoid(-1000.0))
    (0.5, 0.0)
    """
    return 1 / (1 + np.exp(-np.asarray(x)))


@_quiet
def relu(x: Any) -> Any:
    """max(0, x), elementwise.

    >>> relu(np.array([-2.0, 3.0])).tolist()
    [0.0, 3.0]
    """
    return np.maximum(0, x)


@_quiet
def forward_propagation(
    X: Array, parameters: Mapping[str, Any], hidden: Hidden = "relu"
) -> tuple[Array, tuple[Array, ...]]:
    """The network's outputs, and what `backward_propagation` needs.

    Parameters
    ----------
    X : (n_x, m) float
        One column an example.
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
    activate = HIDDEN_ACTIVATIONS.get(hidden) or _unknown_hidden(hidden)
    arrays = _arrays_of(parameters, X.shape[0])
    last = len(arrays) - 2
    a = X
    cache: list[Array] = []
    for at in range(0, len(arrays), 2):
        W, b = arrays[at], arrays[at + 1]
        z = np.dot(W, a) + b
        a = 1 / (1 + np.exp(-z)) if at == last else activate(z)
        cache += (z, a, W, b)
    return a, tuple(cache)


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
    a3, Y = np.asarray(a3), as_labels(Y, a3)
    m = Y.shape[1]
    logprobs = np.multiply(-np.log(a3), Y) + np.multiply(-np.log(1 - a3), 1 - Y)
    total = np.add.reduce(logprobs, axis=None)
    if math.isnan(total):
        total = np.nansum(logprobs)
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
    zL, Y = np.asarray(zL), as_labels(Y, np.asarray(zL))
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
    X = as_examples(X)
    if hidden not in HIDDEN_ACTIVATIONS:
        _unknown_hidden(hidden)
    if len(cache) == 0 or len(cache) % 4:
        raise ValueError(
            f"cache has {len(cache)} entries; expected 4 a layer (z, a, W, b), from forward_propagation."
        )
    Y = as_labels(Y, cache[-3])
    m = X.shape[1]
    if m != Y.shape[1]:
        raise ValueError(f"X has {m} columns; expected {Y.shape[1]}, as many as Y: one column an example.")
    last = len(cache) // 4
    gradients: dict[str, Array] = {}
    dz = 1.0 / m * (cache[-3] - Y)
    for layer in range(last, 0, -1):
        below = cache[4 * layer - 7] if layer > 1 else X
        gradients[f"dz{layer}"] = dz
        gradients[f"dW{layer}"] = np.dot(dz, below.T)
        gradients[f"db{layer}"] = np.add.reduce(dz, axis=1, keepdims=True)
        if layer > 1:
            da = np.dot(cache[4 * layer - 2].T, dz)
            gradients[f"da{layer - 1}"] = da
            dz = np.multiply(da, below > 0) if hidden == "relu" else da * (1 - below * below)
    return gradients


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
    arrays = _arrays_of(parameters)
    updated: dict[str, Array] = {}
    try:
        for at, (weights, bias, weights_gradient, bias_gradient) in zip(
            range(0, len(arrays), 2), _KEYS, strict=False
        ):
            W, b, dW, db = arrays[at], arrays[at + 1], grads[weights_gradient], grads[bias_gradient]
            if not (type(dW) is type(db) is np.ndarray and W.shape == dW.shape and b.shape == db.shape):
                return _updated_with_care(parameters, grads, learning_rate)
            step = learning_rate * dW  # large layers are bound by memory: one new array, not two
            updated[weights] = np.subtract(W, step, step) if step.dtype is _FLOAT64 else W - step
            updated[bias] = b - learning_rate * db
    except (KeyError, TypeError, IndexError):
        return _updated_with_care(parameters, grads, learning_rate)  # the close look names what it was
    return (
        updated if len(updated) == len(parameters) else _updated_with_care(parameters, grads, learning_rate)
    )


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


_ZERO: Array = np.zeros(())
# Maximum is faster with the number second; zeros of either sign are the same to all that follows.
HIDDEN_ACTIVATIONS: dict[str, Any] = {"relu": lambda z: np.maximum(z, _ZERO), "tanh": np.tanh}
_FLOAT64 = np.dtype(np.float64)
# Deeper nets than this go the long way round, through `check_parameters`.
_KEYS = [(f"W{layer}", f"b{layer}", f"dW{layer}", f"db{layer}") for layer in range(1, 65)]
# What a look found finite last: a training loop hands the same arrays to forward_propagation and then to
# update_parameters, and they need no second look.
_found_finite: list[Array] = []


def layers_of(parameters: Mapping[str, Any], n_x: int | None = None) -> list[tuple[Array, Array]]:
    """The pairs (W1, b1), ..., (WL, bL), refused with an explanation unless they fit one another and X.

    Raises
    ------
    ParameterError
    """
    arrays = _arrays_of(parameters, n_x)
    return list(zip(arrays[::2], arrays[1::2], strict=True))


def _arrays_of(parameters: Mapping[str, Any], n_x: int | None = None) -> list[Array]:
    """W1, b1, ..., WL, bL, looked at briefly; what looks odd is looked at closely."""
    global _found_finite
    arrays: list[Array] = []
    columns = n_x
    try:
        for weights, bias, _, _ in _KEYS:
            W = parameters.get(weights)
            if W is None:
                break
            b = parameters[bias]
            rows, width = W.shape
            if not (
                type(W) is type(b) is np.ndarray
                and W.dtype is b.dtype is _FLOAT64
                and b.shape == (rows, 1)
                and (width == columns or columns is None)
            ):
                return _examined_arrays(parameters, n_x)
            columns = rows
            arrays += (W, b)
    except (AttributeError, KeyError, TypeError, ValueError):
        return _examined_arrays(parameters, n_x)  # whatever it was, the close look names it
    if len(arrays) != len(parameters) or not arrays:
        return _examined_arrays(parameters, n_x)
    if n_x is None and len(arrays) == len(_found_finite) and all(map(operator.is_, arrays, _found_finite)):
        return arrays
    squares: Any = 0.0
    for array in arrays:
        squares += np.vdot(array, array)
    if not math.isfinite(squares):
        return _examined_arrays(parameters, n_x)
    _found_finite = arrays
    return arrays


def as_examples(X: Any) -> Array:
    """X as an array of two dimensions, or a ValueError that says what it is."""
    X = np.asarray(X)
    if X.ndim != 2:
        raise ValueError(
            f"X has shape {X.shape}; expected (n_x, m): one row a feature, one column an example."
        )
    return X  # type: ignore[no-any-return]


def as_labels(Y: Any, outputs: Array) -> Array:
    """Y as an array of the outputs' shape, or a ValueError that says what it is."""
    Y = np.asarray(Y)
    if Y.shape != outputs.shape:
        advice = " Y.reshape(1, -1) makes a row of it." if Y.ndim == 1 else ""
        if Y.shape == outputs.shape[::-1]:
            advice = " Did you forget to transpose it?"
        raise ValueError(f"Y has shape {Y.shape}; expected {outputs.shape}, one label an output.{advice}")
    return Y  # type: ignore[no-any-return]


def _examined_arrays(parameters: Mapping[str, Any], n_x: int | None) -> list[Array]:
    check_parameters(parameters, n_x=n_x)
    layers = range(1, count_layers(parameters) + 1)
    return [np.asarray(parameters[f"{name}{layer}"]) for layer in layers for name in "Wb"]


def _updated_with_care(
    parameters: Mapping[str, Any], grads: Mapping[str, Any], learning_rate: float
) -> dict[str, Array]:
    """`update_parameters` for odd but accepted forms; explains the rest."""
    arrays = _examined_arrays(parameters, None)
    updated = dict(parameters)
    for layer, (W, b) in enumerate(zip(arrays[::2], arrays[1::2], strict=True), start=1):
        for key, value in ((f"W{layer}", W), (f"b{layer}", b)):
            gradient = grads.get(f"d{key}") if isinstance(grads, Mapping) else None
            if getattr(gradient, "shape", None) != value.shape:
                raise ParameterError(_gradient_message(key, gradient, value))
            updated[key] = value - learning_rate * np.asarray(gradient)
    return updated


def _gradient_message(key: str, gradient: Any, value: Array) -> str:
    if gradient is None:
        return f"grads has no key d{key}; expected an array of shape {value.shape}, the shape of {key}."
    got = f"shape {gradient.shape}" if hasattr(gradient, "shape") else f"type {type(gradient).__name__}"
    return (
        f"d{key} has {got}; expected shape {value.shape}, the shape of {key}. "
        "Do grads and parameters come from the same network?"
    )


def _unknown_hidden(hidden: object) -> Any:
    raise ValueError(f"hidden is {hidden!r}; expected one of {', '.join(map(repr, HIDDEN_ACTIVATIONS))}.")
