"""Objects of the student's that stay in this process: their numbers, and what a test may do to them.

The other side has a stand-in for each. What an object can do is read from `type(value)`, never from what the
object says of itself.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import crossing

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MOST_HANDLES = 100_000
MOST_CLASSES = 20
_BINARY = (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow"),
    *("lshift", "rshift", "and", "or", "xor"),
)
_COMPARED = ("eq", "ne", "lt", "le", "gt", "ge")
_OTHERS = (
    *("call", "iter", "next", "reversed", "len", "contains", "getitem", "setitem", "delitem"),
    *("bool", "hash", "repr", "str", "format", "neg", "pos", "abs", "invert", "round", "enter", "exit"),
)
# Special methods that a stand-in may have. What would make an array, a number, a path or a pickle of an
# object is left out: a library would then use the object behind the test's back.
SPECIAL = frozenset(
    f"__{name}__"
    for name in (*_OTHERS, *_COMPARED, *(f"{side}{name}" for side in ("", "r", "i") for name in _BINARY))
)
# The types of plain data are no code of anyone's: they are themselves at both ends.
_DATA_TYPES = (
    *(int, float, complex, bool, str, bytes, bytearray),
    *(list, tuple, dict, set, frozenset, range, slice, type(None)),
    *(np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64),
    *(np.float16, np.float32, np.float64, np.complex64, np.complex128, np.bool_, np.str_, np.ndarray),
)
DATA_TYPES: Mapping[str, type] = {crossing.name_of_type(kind): kind for kind in _DATA_TYPES}
# Attributes with such names that a test may ask for.
ASKED_FOR = frozenset({"__name__", "__qualname__", "__dict__", "__doc__"})


class Handles:
    """The objects that have crossed as handles, by number."""

    def __init__(self) -> None:
        self._values: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # by identity; the objects are kept

    def tree(self, value: Any) -> list[Any] | None:
        """How an object crosses as a handle, or a type of plain data; None where there are too many."""
        if type(value) is type:
            for name, known in DATA_TYPES.items():
                if value is known:
                    return ["type", name]
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._values)
            if number >= MOST_HANDLES:
                return None
            self._values[number], self._numbers[id(value)] = value, number
        kind = type(value)
        is_class = issubclass(kind, type)
        classes = [
            [_text(one, "__module__"), _text(one, "__qualname__")]
            for one in type.mro(value if is_class else kind)
            if one is not object
        ]
        return [
            "handle",
            number,
            crossing.name_of_type(kind),
            special(kind),
            classes[:MOST_CLASSES],
            is_class,
        ]

    def of_number(self, number: int) -> Any:
        """The object with this number.

        Raises
        ------
        LookupError
            None has it.
        """
        return self._values[number]


def special(kind: type) -> list[str]:
    """The special methods that objects of exactly this type have, beyond those of every object.

    One that a class sets to None has a `-` before its name.
    """
    known = _SPECIAL.get(kind)
    if known is None:
        found: dict[str, Any] = {}
        for base in reversed(type.mro(kind)):
            if base is not object:
                found |= {name: part for name, part in vars(base).items() if name in SPECIAL}
        known = [f"-{name}" if part is None else name for name, part in found.items()]
        if len(_SPECIAL) < MOST_HANDLES:
            _SPECIAL[kind] = known
    return known


_SPECIAL: dict[type, list[str]] = {}


def _text(kind: type, name: str) -> str:
    try:
        return str(type.__getattribute__(kind, name))[:100]
    except Exception:  # noqa: BLE001 (a class of the student's may have anything there)
        return ""


def _call(function: Any, *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _attribute(value: Any, name: str) -> Any:
    if name.startswith("__") and name.endswith("__") and name not in ASKED_FOR:
        raise AttributeError(name)
    return getattr(value, name)


def _enter(value: Any) -> Any:
    return type(value).__enter__(value)


def _exit(value: Any, *error: Any) -> Any:
    return type(value).__exit__(value, *error)


def _is_instance(kind: Any, value: Any) -> bool:
    return kind in type.mro(type(value))


def _is_subclass(kind: Any, value: Any) -> bool:
    return kind in type.mro(value)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "call": _call,
    "getattr": _attribute,
    "setattr": setattr,
    "delattr": delattr,
    "dir": dir,
    "isinstance": _is_instance,
    "issubclass": _is_subclass,
    "iter": iter,
    "next": next,
    "reversed": reversed,
    "len": len,
    "bool": bool,
    "hash": hash,
    "repr": repr,
    "str": str,
    "format": format,
    "abs": abs,
    "round": round,
    "neg": operator.neg,
    "pos": operator.pos,
    "invert": operator.invert,
    "enter": _enter,
    "exit": _exit,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "contains": operator.contains,
    **{name: getattr(operator, name) for name in _COMPARED},
    **{name: getattr(operator, f"__{name}__") for name in _BINARY},
    **{f"i{name}": getattr(operator, f"__i{name}__") for name in _BINARY},
}
