"""Whether a parameters dict can be used by the network; if not, one error that names key, shape and cause.

Extra keys are allowed; layers are counted by their W keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from init_utils.checks.failures import show_message_first

WEIGHT_KEY = re.compile(r"W([1-9][0-9]*)")


class ParameterError(ValueError):
    """The caller's parameters are not usable; the text names the key, what it is, and what it must be.

    A notebook shows two lines of it, the message first.

    ValueError
    └── ParameterError
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        show_message_first(self, message)


def count_layers(parameters: Mapping[str, Any]) -> int:
    """The number of layers L: the largest l for which there is a key W<l>; 0 when there is none.

    >>> count_layers({"W1": 0, "b1": 0, "W2": 0, "b2": 0, "W_note": "extra"})
    2
    """
    matches = (WEIGHT_KEY.fullmatch(key) for key in parameters if isinstance(key, str))
    return max((int(match[1]) for match in matches if match), default=0)


def check_parameters(
    parameters: Mapping[str, Any],
    layers_dims: Sequence[int] | None = None,
    *,
    n_x: int | None = None,
    finite: bool = True,
) -> None:
    """Refuse parameters that the network cannot use.

    Parameters
    ----------
    parameters : dict
        W1..WL of shape (n_l, n_{l-1}) and b1..bL of shape (n_l, 1), real ndarrays.
    layers_dims : sequence of int, optional
        [n_0, ..., n_L]. Without it the layers need only fit each other.
    n_x : int, optional
        The number of inputs (rows of X), when only that is known.
    finite : bool
        Refuse NaN and infinity too.

    Raises
    ------
    ParameterError
        With the first thing that is wrong.

    >>> check_parameters({"W1": np.zeros((5, 2)), "b1": np.zeros((2, 1))}, [5, 2])
    Traceback (most recent call last):
        ...
    init_utils.checks.parameters.ParameterError: W1 has shape (5, 2); expected (2, 5) =
    (layers_dims[1], layers_dims[0]). Did you swap the dimensions?
    """
    if not isinstance(parameters, Mapping):
        raise ParameterError(
            f"parameters is {describe_type(parameters)}; expected a dict with the keys W1, b1, W2, b2, ... "
            "Does the function that made it return its dict?"
        )
    layers = count_layers(parameters) if layers_dims is None else len(layers_dims) - 1
    if layers == 0:
        raise ParameterError(f"parameters has no key W1; it has {_keys_text(parameters)}. " + _KEY_ADVICE)
    previous = n_x if layers_dims is None else layers_dims[0]
    previous_name = "rows of X" if layers_dims is None else "layers_dims[0]"
    for layer in range(1, layers + 1):
        weights = _array(parameters, f"W{layer}", finite)
        bias = _array(parameters, f"b{layer}", finite)
        size = None if layers_dims is None else layers_dims[layer]
        if (
            weights.ndim != 2
            or (size is not None and weights.shape[0] != size)
            or (previous is not None and weights.shape[1] != previous)
            or 0 in weights.shape
        ):
            raise ParameterError(
                _weights_message(weights.shape, bias.shape, layer, size, previous, previous_name)
            )
        if bias.shape != (weights.shape[0], 1):
            raise ParameterError(_bias_message(weights.shape, bias.shape, layer, layers_dims is not None))
        previous, previous_name = weights.shape[0], f"rows of W{layer}"


def describe_type(value: object) -> str:
    """What `value` is, with its article, for messages.

    >>> describe_type(None), describe_type([1]), describe_type(0.5)
    ('None', 'a list', 'a float')
    """
    name = type(value).__name__
    if value is None:
        return "None"
    return ("an " if name[0].lower() in "aeiou" else "a ") + name


_KEY_ADVICE = "Keys are a capital W or a small b and the number of the layer, from 1: 'W1', 'b1', ..."


def _keys_text(parameters: Mapping[Any, Any]) -> str:
    """The first keys as text, capped: `'w1', 'b1'`."""
    names = [repr(key)[:20] for key in list(parameters)[:8]]
    return ("the keys " + ", ".join(names) + (", ..." if len(parameters) > 8 else "")) if names else "no keys"


def _array(parameters: Mapping[str, Any], key: str, finite: bool) -> np.ndarray:
    """parameters[key] as an ndarray, refused unless it holds real (finite) numbers."""
    if key not in parameters:
        raise ParameterError(f"parameters has no key {key}; it has {_keys_text(parameters)}. " + _KEY_ADVICE)
    value = parameters[key]
    if not isinstance(value, np.ndarray):
        advice = "Wrap it in np.array(...)." if isinstance(value, (list, tuple)) else "Make it with NumPy."
        raise ParameterError(f"{key} is {describe_type(value)}; expected a NumPy array of numbers. {advice}")
    if value.dtype.kind not in "fiu":
        raise ParameterError(f"{key} has dtype {value.dtype}; expected real numbers (float64).")
    if finite and value.dtype.kind == "f" and not np.isfinite(np.asarray(value)).all():
        place = ", ".join(str(int(index)) for index in np.argwhere(~np.isfinite(np.asarray(value)))[0])
        raise ParameterError(
            f"{key} holds NaN or infinity, first at {key}[{place}]; expected finite numbers. "
            "Did training diverge (try a smaller learning rate), or was there a division by 0?"
        )
    return value


def _weights_message(
    shape: tuple[int, ...],
    bias_shape: tuple[int, ...],
    layer: int,
    size: int | None,
    previous: int | None,
    previous_name: str,
) -> str:
    rows = f"n_{layer}" if size is None else str(size)
    columns = f"n_{layer - 1}" if previous is None else str(previous)
    named = f"(layers_dims[{layer}], layers_dims[{layer - 1}])" if size is not None else None
    meaning = named or f"one row for each unit of layer {layer}, as many columns as there are {previous_name}"
    message = f"W{layer} has shape {shape}; expected ({rows}, {columns}) = {meaning}."
    if size is None:
        swapped = len(shape) == 2 and shape[0] == previous and bias_shape[:1] in ((shape[1],), ())
        swapped = swapped or (len(shape) == 2 and bias_shape == (shape[1], 1) and shape[0] != shape[1])
    else:
        swapped = shape == (previous, size)
    if swapped:
        return message + " Did you swap the dimensions?"
    if len(shape) != 2:
        return message + " Weights have two dimensions, rows and columns."
    if 0 in shape:
        return message + " It is empty: a layer has at least one unit."
    if size is None and layer > 1:
        return message + f" Do W{layer - 1} and W{layer} come from the same network?"
    if size is None:
        return message + " Do X and the parameters belong together, and is X of shape (n_x, m)?"
    return message + " Is the right entry of layers_dims used for each dimension?"


def _bias_message(shape: tuple[int, ...], bias_shape: tuple[int, ...], layer: int, named: bool) -> str:
    rows = shape[0]
    meaning = f"(layers_dims[{layer}], 1)" if named else f"(rows of W{layer}, 1)"
    message = f"b{layer} has shape {bias_shape}; expected ({rows}, 1) = {meaning}."
    if not named and len(bias_shape) == 2 and bias_shape == (shape[1], 1):
        return message + f" Did you swap the dimensions of W{layer}?"
    if bias_shape in ((rows,), (1, rows), ()):
        return message + " A bias is a column: one row for each unit, one column."
    return message + f" Layer {layer} has one bias for each row of W{layer}."
