"""A result with one structural mistake repaired, so that the next mistake shows.

Numbers stay as the student's function drew them: only keys, dimensions and types are put right. Weights that
lie on their side stay so (`Repaired.swapped`): the stream of random numbers runs along their rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from init_utils.checks import find_structural_mistake

_KEY = re.compile(r"\W*([Ww]|[Bb])[a-z]*\W*_?\W*(\d+)\W*", re.ASCII)
_MOST_MISTAKES = 6


@dataclass(frozen=True)
class Repaired:
    """A result whose structure is right, as far as that could be repaired.

    Attributes
    ----------
    values : dict of str to ndarray
        W1, b1, ... of the layers that are there; weights as they were drawn.
    mistakes : tuple of str
        Ids of what was repaired, in the order in which it was found.
    messages : mapping of str to str
        What the check says of each.
    swapped : bool
        Weights lie on their side.
    """

    values: dict[str, np.ndarray]
    mistakes: tuple[str, ...] = ()
    messages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    swapped: bool = False


def repair(value: object, dims: tuple[int, ...]) -> Repaired | None:
    """The result with its structural mistakes repaired one after the other; None when one cannot be.

    >>> rows = {"W1": np.zeros((3, 2)), "b1": np.zeros(2)}
    >>> repair(rows, (3, 2)).mistakes
    ('weights-transposed', 'bias-flat')
    """
    try:
        return _repair(value, dims)
    except (TypeError, ValueError, OverflowError):  # what stands there is no numbers
        return None


def _repair(value: object, dims: tuple[int, ...]) -> Repaired | None:
    messages: dict[str, str] = {}
    drawn: dict[str, np.ndarray] = {}
    added: set[str] = set()  # nothing is said of the numbers of these
    for _ in range(_MOST_MISTAKES):
        mistake = find_structural_mistake(value, dims, reveal=False)
        if mistake is None:
            break
        mend = _MENDS.get(mistake.id)
        if mend is None or not isinstance(value, dict) or mistake.id in messages:
            return None
        messages[mistake.id] = mistake.message
        if mend in (_turn_weights, _replace_weights):
            drawn = {key: np.asarray(item) for key, item in value.items() if _is_weight(key)} | drawn
        if mend is _complete:
            added |= {key for key in _wanted(dims) if value.get(key) is None}
        value = mend(dict(dict.items(value)), dims)
    else:
        return None
    assert isinstance(value, dict)
    values = {key: np.asarray(value[key], dtype=float) for key in _wanted(dims) if key in value}
    values |= {key: array.astype(float) for key, array in drawn.items() if key in values}
    values = {key: array for key, array in values.items() if key not in added}
    return Repaired(values, tuple(messages), messages, "weights-transposed" in messages)


def _wanted(dims: tuple[int, ...]) -> list[str]:
    return [f"{letter}{layer}" for layer in range(1, len(dims)) for letter in "Wb"]


def _is_weight(key: object) -> bool:
    return isinstance(key, str) and key[:1] == "W" and key[1:].isdigit()


Values = dict[Any, Any]


def _turn_weights(value: Values, dims: tuple[int, ...]) -> Values:
    return {key: np.asarray(item).T if _is_weight(key) else item for key, item in value.items()}


def _stand_biases(value: Values, dims: tuple[int, ...]) -> Values:
    """Every bias as a column of its layer's size."""
    for layer in range(1, len(dims)):
        key = f"b{layer}"
        if key in value:
            numbers = np.asarray(value[key], dtype=float).ravel()
            value[key] = np.resize(numbers, (dims[layer], 1)) if numbers.size else np.zeros((dims[layer], 1))
    return value


def _swap_case(value: Values, dims: tuple[int, ...]) -> Values:
    return {canonical_key(key): item for key, item in value.items()}


def _shift_keys(value: Values, dims: tuple[int, ...]) -> Values:
    numbers = [int(key[1:]) for key in value if _is_weight(key)]
    shift = 1 - min(numbers, default=1)
    return {
        f"{key[0]}{int(key[1:]) + shift}" if isinstance(key, str) and key[1:].isdigit() else key: item
        for key, item in value.items()
    }


def canonical_key(key: Any) -> Any:
    """`W1` for `w1`, `W_1` and the like; other keys as they are."""
    found = _KEY.fullmatch(key) if isinstance(key, str) else None
    if found is None:
        return key
    return ("W" if found[1] in "Ww" else "b") + found[2]


def _as_arrays(value: Values, dims: tuple[int, ...]) -> Values:
    return {key: np.asarray(item, dtype=float) for key, item in value.items() if key in _wanted(dims)}


def _complete(value: Values, dims: tuple[int, ...]) -> Values:
    for layer in range(1, len(dims)):
        for key, columns in ((f"W{layer}", dims[layer - 1]), (f"b{layer}", 1)):
            if value.get(key) is None:
                value[key] = np.zeros((dims[layer], columns))
    return value


def _replace_weights(value: Values, dims: tuple[int, ...]) -> Values:
    """Weights of the right shape; the numbers that were drawn are kept apart."""
    for layer in range(1, len(dims)):
        if f"W{layer}" in value:
            value[f"W{layer}"] = np.zeros((dims[layer], dims[layer - 1]))
    return value


def _exchange_keys(value: Values, dims: tuple[int, ...]) -> Values:
    other = {"W": "b", "b": "W"}
    return {f"{other[key[0]]}{key[1:]}" if key in _wanted(dims) else key: item for key, item in value.items()}


_MENDS: Mapping[str, Callable[[Values, tuple[int, ...]], Values]] = MappingProxyType(
    {
        "weights-transposed": _turn_weights,
        **dict.fromkeys(
            ("weights-square", "weights-flat", "weights-one-row", "weights-shape", "weights-dimensions"),
            _replace_weights,
        ),
        **dict.fromkeys(
            ("index-first-layer", "index-one-for-l", "index-off-by-one", "factor-inside-brackets"),
            _replace_weights,
        ),
        "keys-exchanged": _exchange_keys,
        "template-none": _complete,
        "bias-layer-number": _stand_biases,
        "bias-scalar": _stand_biases,
        "bias-flat": _stand_biases,
        "bias-row": _stand_biases,
        "bias-dimensions": _stand_biases,
        "bias-single": _stand_biases,
        "bias-previous-layer": _stand_biases,
        "bias-like-weights": _stand_biases,
        "bias-shape": _stand_biases,
        "keys-letter-case": _swap_case,
        "keys-spelled": _swap_case,
        "keys-shifted": _shift_keys,
        "lists-not-arrays": _as_arrays,
        "not-numeric": _as_arrays,
        "biases-missing": _complete,
        "first-layer-missing": _complete,
        "last-layer-missing": _complete,
        "layers-hard-coded": _complete,
        "return-in-loop": _complete,
        "dict-made-in-loop": _complete,
    }
)
