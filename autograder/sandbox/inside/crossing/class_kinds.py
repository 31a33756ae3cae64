"""Kinds of values whose class matters: members of enums, and named tuples.

A class is found by name where it is known here: in the notebook, or in a module that may be named. A member
of an enum needs its class, or stays in its process where objects may; a named tuple is made from its field
names where its class is not known.
"""

from __future__ import annotations

import builtins
import enum
import functools
from collections import namedtuple
from enum import Enum, Flag
from keyword import iskeyword
from typing import Any

from .ends import Reader, Writer
from .errors import UnsupportedValueError, WireError, name_of_type
from .kinds import Family

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_FIELDS = 200


def _is_enum(kind: type) -> bool:
    return issubclass(kind, Enum)


def _write_enum(writer: Writer, value: enum.Enum, path: str, depth: int) -> list[Any]:
    kind = type(value)
    name, number = value._name_, value._value_
    flags = number if issubclass(kind, Flag) and type(number) is int else None
    plain: Any = None
    for base, write in ((int, int.__int__), (float, float.__float__), (str, str.__str__)):
        if issubclass(kind, base):
            plain = writer.tree(write(value), path, depth + 1)
    member = name if type(name) is str else None
    stays = writer.functions(value) if writer.functions and plain is None else None
    handle = None if stays is None else ["function", *stays]
    return ["enum", _module(kind), _path(kind), member, flags, name_of_type(kind), plain, handle]


def _read_enum(reader: Reader, parts: list[Any], depth: int) -> Any:
    module, path, name, flags, shown, plain, handle = reader.exactly(parts, 7)
    kind = reader.classes.find(module, path, Enum)
    if kind is None:
        if plain is None and handle is not None and reader.functions is not None:
            return reader.value(handle, depth + 1)
        if plain is None:
            raise UnsupportedValueError(reader.text(shown, 200), "")
        return reader.value(plain, depth + 1)
    if issubclass(kind, Flag) and type(flags) is int:
        return kind(flags)
    member = kind._member_map_.get(name) if type(name) is str else None
    if member is None:
        raise WireError("an enum has no such member")
    return member


def _is_named_tuple(kind: type) -> bool:
    return issubclass(kind, tuple) and _fields(kind) is not None


def _fields(kind: type) -> tuple[str, ...] | None:
    """The field names of a named tuple's class; None for another class."""
    for base in type.mro(kind) if type(kind) is type else ():
        fields = vars(base).get("_fields")
        if type(fields) is tuple:
            return fields if _are_field_names(fields) else None
    return None


def _are_field_names(names: Any) -> bool:
    return (
        len(names) <= MAX_FIELDS
        and len(set(names)) == len(names)
        and all(
            type(name) is str
            and len(name) <= 100
            and name.isidentifier()
            and not iskeyword(name)
            and not name.startswith("_")
            for name in names
        )
    )


def _write_named_tuple(writer: Writer, value: tuple[Any, ...], path: str, depth: int) -> list[Any]:
    kind = type(value)
    fields = _fields(kind) or ()
    parts = list(tuple.__iter__(value))
    if len(parts) != len(fields):
        raise writer.refusal(value, path)
    trees = [writer.tree(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(parts)]
    return ["namedtuple", _module(kind), _path(kind), list(fields), *trees]


def _read_named_tuple(reader: Reader, parts: list[Any], depth: int) -> Any:
    module, path, fields, *trees = parts if len(parts) >= 3 else [0, 0, 0]
    if not isinstance(fields, list) or not all(type(name) is str for name in fields):
        raise WireError("a named tuple has field names that are none")
    if len(fields) != len(trees) or not _are_field_names(fields):
        raise WireError("a named tuple has field names that are none")
    values = [reader.value(tree, depth + 1) for tree in trees]
    kind = reader.classes.find(module, path, tuple)
    if kind is None or _fields(kind) != tuple(fields):
        name = path.rpartition(".")[2] if type(path) is str else ""
        usable = name.isascii() and name.isidentifier() and not iskeyword(name) and len(name) <= 100
        kind = _named_tuple(name if usable else "namedtuple", tuple(fields))
    return tuple.__new__(kind, values)


@functools.lru_cache(maxsize=500)
def _named_tuple(name: str, fields: tuple[str, ...]) -> Any:
    """The class with these checked names; the same one each time, so that two results have one type."""
    return namedtuple(name, fields, module="__main__")


def _module(kind: type) -> str:
    module = vars(kind).get("__module__")
    return module[:100] if type(module) is str else ""


def _path(kind: type) -> str:
    name = type.__dict__["__qualname__"].__get__(kind)
    return str(name)[:100]


FAMILIES = (
    Family("enum", _is_enum, _write_enum, _read_enum),
    Family("namedtuple", _is_named_tuple, _write_named_tuple, _read_named_tuple),
)
