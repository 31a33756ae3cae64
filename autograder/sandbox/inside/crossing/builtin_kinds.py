"""Kinds of Python's own types: numbers, texts, bytes, sequences, mappings, sets and their views."""

from __future__ import annotations

import builtins
from collections import OrderedDict
from collections.abc import Iterator
from math import isfinite
from typing import Any

from .changes import change_dict, change_sequence, change_set
from .ends import MAX_ODD_KEYS, Keys, Reader, Writer
from .errors import WireError
from .kinds import Kind

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_INT_DIGITS = 1000
LONG_TEXT = 256
_EMPTY: dict[Any, Any] = {}
KEYS_VIEW, VALUES_VIEW, ITEMS_VIEW = map(type, (_EMPTY.keys(), _EMPTY.values(), _EMPTY.items()))


def write_integer(writer: Writer, value: int, path: str, depth: int) -> int:
    """The integer itself."""
    number = int.__int__(value)
    if number.bit_length() > 3 * MAX_INT_DIGITS:
        raise writer.refusal(0, path, "an integer of that many digits does not cross")
    return number


def write_real(writer: Writer, value: float, path: str, depth: int) -> Any:
    """The float itself, where JSON has it."""
    number = float.__float__(value)
    return number if isfinite(number) else ["f", repr(number)]


def _read_non_finite(reader: Reader, parts: list[Any], depth: int) -> float:
    if len(parts) != 1 or parts[0] not in ("nan", "inf", "-inf"):
        raise WireError("a float is none of nan, inf, -inf")
    return float(parts[0])


def _write_complex(writer: Writer, value: complex, path: str, depth: int) -> list[Any]:
    number = complex.__complex__(value)
    return ["c", *(write_real(writer, part, path, depth) for part in (number.real, number.imag))]


def _read_complex(reader: Reader, parts: list[Any], depth: int) -> complex:
    numbers = [reader.value(part, depth + 1) for part in parts]
    if len(numbers) != 2 or any(type(number) not in (int, float) for number in numbers):
        raise WireError("a complex number needs two floats")
    return complex(*numbers)


def _write_text(writer: Writer, value: str, path: str, depth: int) -> Any:
    plain = str.__str__(value)
    if len(plain) < LONG_TEXT:
        return plain
    return ["t", writer.buffer(plain.encode("utf-8", "replace"))]


def _read_text(reader: Reader, parts: list[Any], depth: int) -> str:
    (index,) = reader.exactly(parts, 1)
    return str(reader.buffer(index), "utf-8", "replace")


def _write_bytes(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    base = bytes if isinstance(value, bytes) else bytearray
    plain = b"".join([memoryview(value).cast("B")])
    tag = "bytes" if base is bytes else "bytearray"
    return [tag, plain.decode("latin-1") if len(plain) < LONG_TEXT else writer.buffer(plain)]


def _read_bytes(reader: Reader, parts: list[Any], depth: int) -> bytes:
    (part,) = reader.exactly(parts, 1)
    if type(part) is not str:
        return bytes(reader.buffer(part))
    try:
        return reader.text(part, LONG_TEXT).encode("latin-1")
    except UnicodeEncodeError:
        raise WireError("bytes hold a character that is no byte") from None


def _read_bytearray(reader: Reader, parts: list[Any], depth: int) -> bytearray:
    return bytearray(_read_bytes(reader, parts, depth))


def _write_sequence(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    base: type[Any] = list if issubclass(type(value), list) else tuple
    parts: Iterator[Any] = base.__iter__(value)
    tag = "l" if base is list else "u"
    return [tag, *(writer.tree(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(parts))]


def _read_list(reader: Reader, parts: list[Any], depth: int) -> list[Any]:
    return [reader.value(part, depth + 1) for part in parts]


def _read_tuple(reader: Reader, parts: list[Any], depth: int) -> tuple[Any, ...]:
    return tuple(_read_list(reader, parts, depth))


def write_items(writer: Writer, value: dict[Any, Any], path: str, depth: int) -> list[Any]:
    """The pairs of a dict or of a subclass."""
    # An ordered dict has an order of its own beside that of the dict it is.
    ordered = type(value) is OrderedDict
    items = list(OrderedDict.items(value) if ordered else dict.items(value))  # type: ignore[arg-type]
    if sum(type(key) is not str for key, _ in items) > MAX_ODD_KEYS:
        raise writer.refusal({}, path, f"more than {MAX_ODD_KEYS} keys that are not strings")
    return [
        [
            writer.tree(key, f"{path} key", depth + 1),
            writer.tree(part, f"{path}[{_shown(key)}]", depth + 1),
        ]
        for key, part in items
    ]


def read_items(reader: Reader, pairs: list[Any], depth: int) -> dict[Any, Any]:
    """A dict of the pairs."""
    result: dict[Any, Any] = {}
    keys = Keys("a dict")
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise WireError("a dict has an entry that is no pair")
        key = reader.value(pair[0], depth + 1)
        keys.check(key)
        if key in result:
            raise WireError("a dict repeats a key")
        result[key] = reader.value(pair[1], depth + 1)
    return result


def _write_dict(writer: Writer, value: dict[Any, Any], path: str, depth: int) -> list[Any]:
    return ["d", *write_items(writer, value, path, depth)]


def _write_set(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    base: type[Any] = set if issubclass(type(value), set) else frozenset
    parts = list(base.__iter__(value))
    if sum(type(part) is not str for part in parts) > MAX_ODD_KEYS:
        raise writer.refusal(base(), path, f"more than {MAX_ODD_KEYS} members that are not strings")
    return [base.__name__, *(writer.tree(part, f"{path} member", depth + 1) for part in parts)]


def _read_set(reader: Reader, parts: list[Any], depth: int) -> set[Any]:
    result: set[Any] = set()
    keys = Keys("a set")
    for part in parts:
        member = reader.value(part, depth + 1)
        keys.check(member)
        result.add(member)
    if len(result) != len(parts):
        raise WireError("a set repeats a member")
    return result


def _read_frozenset(reader: Reader, parts: list[Any], depth: int) -> frozenset[Any]:
    return frozenset(_read_set(reader, parts, depth))


def _write_range(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    numbers = (value.start, value.stop, value.step)
    return [type(value).__name__, *(writer.tree(number, path, depth + 1) for number in numbers)]


def _read_range(reader: Reader, parts: list[Any], depth: int) -> range:
    start, stop, step = reader.integers(parts, 3)
    if not step:
        raise WireError("a range has the step 0")
    return range(start, stop, step)


def _read_slice(reader: Reader, parts: list[Any], depth: int) -> slice:
    start, stop, step = (reader.value(part, depth + 1) for part in reader.exactly(parts, 3))
    return slice(start, stop, step)


def _write_view(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    parts = list(value)
    if len(parts) > MAX_ODD_KEYS:
        raise writer.refusal(value, path, f"more than {MAX_ODD_KEYS} entries of a view")
    return [
        type(value).__name__,
        *(writer.tree(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(parts)),
    ]


def _read_keys(reader: Reader, parts: list[Any], depth: int) -> Any:
    return read_items(reader, [[part, None] for part in parts], depth).keys()


def _read_values(reader: Reader, parts: list[Any], depth: int) -> Any:
    return dict(enumerate(_read_list(reader, parts, depth))).values()


def _read_view_of_items(reader: Reader, parts: list[Any], depth: int) -> Any:
    pairs = [reader.one_of(tuple, part, depth + 1) for part in parts]
    keys = Keys("a dict")
    result: dict[Any, Any] = {}
    for key, value in pairs:
        keys.check(key)
        result[key] = value
    if len(result) != len(pairs):
        raise WireError("a dict repeats a key")
    return result.items()


def _write_ellipsis(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    return ["ellipsis"]


def _read_ellipsis(reader: Reader, parts: list[Any], depth: int) -> Any:
    reader.exactly(parts, 0)
    return ...


def _shown(key: Any) -> str:
    if type(key) is str:
        return repr(key[:40])
    return repr(key) if type(key) is int else "..."


KINDS = (
    Kind("int", (int,), write_integer, None, stands_for_subclasses=True),
    Kind("f", (float,), write_real, _read_non_finite, stands_for_subclasses=True),
    Kind("c", (complex,), _write_complex, _read_complex, stands_for_subclasses=True),
    Kind("t", (str,), _write_text, _read_text, stands_for_subclasses=True),
    Kind("bytes", (bytes,), _write_bytes, _read_bytes, stands_for_subclasses=True),
    Kind(
        "bytearray",
        (bytearray,),
        _write_bytes,
        _read_bytearray,
        stands_for_subclasses=True,
        change=change_sequence,
    ),
    Kind("l", (list,), _write_sequence, _read_list, stands_for_subclasses=True, change=change_sequence),
    Kind("u", (tuple,), _write_sequence, _read_tuple, stands_for_subclasses=True),
    Kind("d", (dict,), _write_dict, read_items, stands_for_subclasses=True, change=change_dict),
    Kind("set", (set,), _write_set, _read_set, stands_for_subclasses=True, change=change_set),
    Kind("frozenset", (frozenset,), _write_set, _read_frozenset, stands_for_subclasses=True),
    Kind("range", (range,), _write_range, _read_range),
    Kind("slice", (slice,), _write_range, _read_slice),
    Kind("ellipsis", (type(...),), _write_ellipsis, _read_ellipsis),
    Kind("dict_keys", (KEYS_VIEW,), _write_view, _read_keys),
    Kind("dict_values", (VALUES_VIEW,), _write_view, _read_values),
    Kind("dict_items", (ITEMS_VIEW,), _write_view, _read_view_of_items),
)
