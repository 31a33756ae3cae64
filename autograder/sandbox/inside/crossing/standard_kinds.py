"""Kinds of the standard library: exact numbers, paths, arrays, namespaces."""

from __future__ import annotations

import array
import builtins
import decimal
import fractions
import pathlib
import re
import types
import uuid
from array import array as array_array
from array import typecodes
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from .builtin_kinds import MAX_INT_DIGITS, read_items, write_items
from .changes import change_attributes, change_sequence
from .ends import Reader, Writer
from .errors import WireError
from .kinds import Kind

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_EXPONENT = 9999
MAX_PATH = 4096
PATHS = {
    kind.__name__: kind for kind in (pathlib.PurePosixPath, pathlib.PureWindowsPath, type(pathlib.Path()))
}
_DECIMAL = re.compile(r"-?(\d+(\.\d+)?(E[+-]\d{1,4})?|Infinity|s?NaN\d{0,20})", re.ASCII)


def _write_decimal(writer: Writer, value: decimal.Decimal, path: str, depth: int) -> list[Any]:
    _, digits, exponent = value.as_tuple()
    if len(digits) > MAX_INT_DIGITS or (isinstance(exponent, int) and abs(exponent) > MAX_EXPONENT):
        raise writer.refusal(value, path, "a Decimal of that many digits or that exponent does not cross")
    return ["Decimal", str(value)]


def _read_decimal(reader: Reader, parts: list[Any], depth: int) -> decimal.Decimal:
    text = reader.text(reader.exactly(parts, 1)[0], MAX_INT_DIGITS + 20)
    if not _DECIMAL.fullmatch(text):
        raise WireError("a Decimal has another form than one")
    return Decimal(text)


def _write_fraction(writer: Writer, value: fractions.Fraction, path: str, depth: int) -> list[Any]:
    return [
        "Fraction",
        *(writer.tree(part, path, depth + 1) for part in (value.numerator, value.denominator)),
    ]


def _read_fraction(reader: Reader, parts: list[Any], depth: int) -> fractions.Fraction:
    numerator, denominator = reader.integers(parts, 2)
    if denominator < 1:
        raise WireError("a Fraction has a denominator below 1")
    return Fraction(numerator, denominator)


def _write_uuid(writer: Writer, value: uuid.UUID, path: str, depth: int) -> list[Any]:
    return ["UUID", value.int]


def _read_uuid(reader: Reader, parts: list[Any], depth: int) -> uuid.UUID:
    (number,) = reader.integers(parts, 1)
    return UUID(int=number)


def _write_path(writer: Writer, value: pathlib.PurePath, path: str, depth: int) -> list[Any]:
    text = str(value)
    if len(text) > MAX_PATH:
        raise writer.refusal(value, path, "a path of that length does not cross")
    return ["Path", type(value).__name__, text]


def _read_path(reader: Reader, parts: list[Any], depth: int) -> pathlib.PurePath:
    name, text = reader.exactly(parts, 2)
    kind = PATHS.get(name) if type(name) is str else None
    if kind is None:
        raise WireError("a path of a kind that is not on the list")
    return kind(reader.text(text, MAX_PATH).encode("utf-8", "replace").decode())


def _write_namespace(writer: Writer, value: types.SimpleNamespace, path: str, depth: int) -> list[Any]:
    return ["SimpleNamespace", *write_items(writer, vars(value), path, depth)]


def _read_namespace(reader: Reader, parts: list[Any], depth: int) -> types.SimpleNamespace:
    items = read_items(reader, parts, depth)
    if any(type(name) is not str or name.startswith("__") for name in items):
        raise WireError("a namespace has a name that is none")
    return SimpleNamespace(**items)


def _write_array(writer: Writer, value: array.array[Any], path: str, depth: int) -> list[Any]:
    if value.typecode in ("u", "w"):
        return ["array", value.typecode, writer.tree(value.tounicode(), path, depth + 1)]
    return ["array", value.typecode, value.itemsize, writer.buffer(value.tobytes())]


def _read_array(reader: Reader, parts: list[Any], depth: int) -> array.array[Any]:
    code = parts[0] if parts else None
    if type(code) is not str or code not in typecodes:
        raise WireError("an array of a type code that is not on the list")
    if code in ("u", "w"):
        return array_array(code, reader.one_of(str, reader.exactly(parts, 2)[1], depth + 1))
    _, size, index = reader.exactly(parts, 3)
    result: array_array[Any] = array_array(code)
    if size != result.itemsize:
        raise WireError("an array has items of another size")
    result.frombytes(reader.buffer(index))
    return result


KINDS = (
    Kind("Decimal", (decimal.Decimal,), _write_decimal, _read_decimal),
    Kind("Fraction", (fractions.Fraction,), _write_fraction, _read_fraction),
    Kind("UUID", (uuid.UUID,), _write_uuid, _read_uuid),
    Kind("Path", tuple(PATHS.values()), _write_path, _read_path),
    Kind(
        "SimpleNamespace",
        (types.SimpleNamespace,),
        _write_namespace,
        _read_namespace,
        change=change_attributes,
    ),
    Kind("array", (array.array,), _write_array, _read_array, change=change_sequence),
)
