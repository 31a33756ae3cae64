"""A network's parameters as pairs (W, b), behind a look that is cheap enough for a training loop.

The look compares shapes and types and takes one scalar product per array, which is finite if and only if the
array is, short of overflow. Whatever seems odd goes to `check_parameters`, which explains or accepts it.
Nothing is remembered between two calls: arrays may be changed in place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from init_utils.checks.parameters import ParameterError, check_parameters, count_layers

Layers = list[tuple[NDArray[np.float64], NDArray[np.float64]]]

_FLOAT64 = np.dtype(np.float64)


def layers_of(parameters: Mapping[str, Any], n_x: int | None = None) -> Layers:
    """The pairs (W1, b1), ..., (WL, bL).

    Parameters
    ----------
    parameters : dict
        W1 (n_1, n_x), b1 (n_1, 1), ..., WL, bL. Extra keys are allowed.
    n_x : int, optional
        The number of inputs (rows of X).

    Raises
    ------
    ParameterError
        A key is missing, is no array, has a wrong shape, or holds NaN or infinity.

    >>> layers_of({"W1": np.ones((1, 2)), "b1": np.zeros((1, 1)), "note": "extra"}, n_x=2)
    [(array([[1., 1.]]), array([[0.]]))]
    """
    layers = _plain_layers(parameters, n_x)
    if layers is None:
        check_parameters(parameters, n_x=n_x)
        numbers = range(1, count_layers(parameters) + 1)
        layers = [
            (np.asarray(parameters[f"W{number}"]), np.asarray(parameters[f"b{number}"])) for number in numbers
        ]
    return layers


def gradients_of(grads: Mapping[str, Any], layers: Layers) -> Layers:
    """The pairs (dW1, db1), ..., (dWL, dbL), each of the shape of the parameter it belongs to.

    Raises
    ------
    ParameterError
        One is missing, or has another shape.

    >>> gradients_of({"dW1": np.ones((1, 2)), "db1": np.ones((1, 1))}, [(np.zeros((1, 2)), np.zeros((1, 1)))])
    [(array([[1., 1.]]), array([[1.]]))]
    """
    given = grads if isinstance(grads, (dict, Mapping)) else {}  # dict first: it is the fast test
    gradients: Layers = []
    for number, (W, b) in enumerate(layers, start=1):
        dW, db = given.get(f"dW{number}"), given.get(f"db{number}")
        if getattr(dW, "shape", None) != W.shape:
            raise ParameterError(_gradient_message(f"W{number}", dW, W))
        if getattr(db, "shape", None) != b.shape:
            raise ParameterError(_gradient_message(f"b{number}", db, b))
        gradients.append((np.asarray(dW), np.asarray(db)))
    return gradients


def _plain_layers(parameters: Mapping[str, Any], n_x: int | None) -> Layers | None:
    """The layers when they are of the usual kind: finite float64 arrays that fit, and no other keys."""
    if not isinstance(parameters, dict) or not parameters or len(parameters) % 2:
        return None
    layers: Layers = []
    columns = n_x
    for number in range(1, len(parameters) // 2 + 1):
        W, b = parameters.get(f"W{number}"), parameters.get(f"b{number}")
        if not (type(W) is type(b) is np.ndarray and W.dtype == b.dtype == _FLOAT64 and W.ndim == 2):
            return None
        rows, width = W.shape
        if W.size == 0 or b.shape != (rows, 1) or (width != columns and columns is not None):
            return None
        if not (math.isfinite(np.vdot(W, W)) and math.isfinite(np.vdot(b, b))):
            return None
        columns = rows
        layers.append((W, b))
    return layers


def _gradient_message(key: str, gradient: Any, value: NDArray[np.float64]) -> str:
    if gradient is None:
        return f"grads has no key d{key}; expected an array of shape {value.shape}, the shape of {key}."
    got = f"shape {gradient.shape}" if hasattr(gradient, "shape") else f"type {type(gradient).__name__}"
    return (
        f"d{key} has {got}; expected shape {value.shape}, the shape of {key}. "
        "Do grads and parameters come from the same network?"
    )
