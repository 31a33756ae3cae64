"""The byte format between the two sides: a strict JSON header and raw buffers.

A message is `AGF1`, the header's length (u32), the buffers' length (u64), the header (UTF-8 JSON, one object)
and the buffers, end to end. The header's key `buffers` lists their lengths; long texts and the bytes of
arrays travel there. Nothing is ever unpickled, and both sides refuse what they do not know:

- duplicate keys, `NaN` and `Infinity`, a number out of range, anything after the object;
- a header or a body over its cap, a length that does not add up;
- a value that nests too deep, an array whose dtype is not on the list or whose size is not its shape's.

A value is a tree: `null`, `true`, a number and a string stand for themselves; a list is a tag and what the
tag needs (`TAGS`). So a dict keeps keys that are not strings, and a tuple stays a tuple.

WireError
└── UnsupportedValueError      the value has a type that does not cross

>>> message = pack({"op": "fetch"}, {"W1": (1, 2.5)})
>>> header, buffers = unpack(message)
>>> header["op"], decode(header["value"], buffers)
('fetch', {'W1': (1, 2.5)})
"""

from __future__ import annotations

import builtins
import json
import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAGIC = b"AGF1"
PREFIX = struct.Struct("!4sIQ")
MAX_HEADER_BYTES = 4 << 20
MAX_BODY_BYTES = 64 << 20
MAX_BUFFERS = 20_000
MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_INT_DIGITS = 1000
# Keys that are not strings can be made to collide; so few of them that it costs nothing.
MAX_ODD_KEYS = 2000
LONG_TEXT = 256
MAX_TYPE_NAMES = 200
MAX_NAME_LENGTH = 120
# bool, integers, floats and complex numbers, all little-endian: what an array may hold.
DTYPES = {
    name: np.dtype(name)
    for name in (
        ["|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"]
        + ([f"<f{np.dtype(np.longdouble).itemsize}"] if np.dtype(np.longdouble).itemsize > 8 else [])
        + ([f"<c{np.dtype(np.clongdouble).itemsize}"] if np.dtype(np.clongdouble).itemsize > 16 else [])
    )
}
TAGS = "f non-finite float, c complex, t text in a buffer, l list, u tuple, d dict, a array, n NumPy scalar"


class WireError(Exception):
    """The bytes are not what the format allows; the text names the rule they break."""


class UnsupportedValueError(WireError):
    """A value does not cross: `type_name` is its type's name, `path` where it stands ("" for the whole)."""

    def __init__(self, type_name: str, path: str, reason: str = "") -> None:
        self.type_name, self.path = type_name, path
        where = f" at {path}" if path else ""
        super().__init__(reason or f"a value of type {type_name}{where} cannot leave the student's process")


def pack(fields: Mapping[str, Any], value: Any = ..., names: dict[str, str] | None = None) -> bytes:
    """One message with the given header fields and, unless left out, a value under the key `value`.

    Parameters
    ----------
    fields : mapping of str to JSON data
        Header fields; `buffers` and `value` are taken.
    value : object, optional
        Plain data and arrays.
    names : dict, optional
        Receives path -> type name of every part that crosses as its base only.

    Raises
    ------
    UnsupportedValueError
        Some part of `value` has no place in the format, or there is too much of it.
    """
    buffers: list[bytes] = []
    header = dict(fields)
    if value is not ...:
        header["value"] = encode(value, buffers, names)
    return to_bytes(header, buffers)


def to_bytes(header: Mapping[str, Any], buffers: Sequence[bytes]) -> bytes:
    """The bytes of a message whose header may hold trees that `encode` made with the same buffers."""
    lengths = [len(buffer) for buffer in buffers]
    text = json.dumps({**header, "buffers": lengths}, allow_nan=False, separators=(",", ":")).encode("ascii")
    body = sum(lengths)
    if len(text) > MAX_HEADER_BYTES or body > MAX_BODY_BYTES or len(lengths) > MAX_BUFFERS:
        raise UnsupportedValueError(
            "object", "", f"a value of {len(text) + body} bytes is too large to cross"
        )
    return b"".join([PREFIX.pack(MAGIC, len(text), body), text, *buffers])


def read_prefix(prefix: bytes, max_body_bytes: int = MAX_BODY_BYTES) -> tuple[int, int]:
    """The lengths of header and body, in bytes, that the first 16 bytes of a message announce."""
    magic, header_length, body_length = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("not a message: it begins with other bytes")
    if header_length > MAX_HEADER_BYTES:
        raise WireError(f"header of {header_length} bytes; at most {MAX_HEADER_BYTES} are read")
    if body_length > max_body_bytes:
        raise WireError(f"body of {body_length} bytes; at most {max_body_bytes} are read")
    return header_length, body_length


def unpack(data: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """Header and buffers of one whole message.

    Raises
    ------
    WireError
        The message breaks a rule of the format.
    """
    if len(data) < PREFIX.size:
        raise WireError("a message shorter than its prefix")
    header_length, body_length = read_prefix(data[: PREFIX.size])
    if len(data) != PREFIX.size + header_length + body_length:
        raise WireError("a message of another length than it announces")
    view = memoryview(data)[PREFIX.size :]
    return from_parts(view[:header_length], view[header_length:])


def from_parts(header_bytes: memoryview, body: memoryview) -> tuple[dict[str, Any], list[memoryview]]:
    """Header and buffers from the two parts of a message, checked."""
    try:
        header = json.loads(
            str(header_bytes, "utf-8"),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
            parse_int=_bounded_int,
        )
    except (ValueError, RecursionError) as error:
        raise WireError(f"header is not strict JSON: {type(error).__name__}") from None
    if not isinstance(header, dict):
        raise WireError("header is not an object")
    lengths = header.pop("buffers", None)
    if (
        not isinstance(lengths, list)
        or len(lengths) > MAX_BUFFERS
        or any(type(length) is not int or length < 0 for length in lengths)
        or sum(lengths) != len(body)
    ):
        raise WireError("the buffers' lengths do not add up")
    buffers, start = [], 0
    for length in lengths:
        buffers.append(body[start : start + length])
        start += length
    return header, buffers


def encode(value: Any, buffers: list[bytes], names: dict[str, str] | None = None) -> Any:
    """The tree of `value`; bytes of arrays and long texts are appended to `buffers`.

    Raises
    ------
    UnsupportedValueError
        Another type than None, bool, int, float, complex, str, list, tuple, dict, NumPy scalar or array
        (or a subclass of one); too deep (a cycle is that too), too many parts.
    """
    return _Encoder(buffers, {} if names is None else names).tree(value, "", 0)


def decode(tree: Any, buffers: Sequence[memoryview]) -> Any:
    """The value of a tree, built from plain types only; arrays are writable copies.

    Raises
    ------
    WireError
        The tree breaks a rule of the format, or what it describes cannot be made.
    """
    try:
        return _Decoder(buffers).value(tree, 0)
    except (ArithmeticError, TypeError, ValueError, MemoryError) as error:
        # Keys that are equal in a way of their own, integers beyond a float, more than there is room for.
        raise WireError(f"a value cannot be made: {type(error).__name__}") from None


def text_without_surrogates(text: str) -> str:
    """`text` with every lone surrogate replaced, so that it can be written as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


class _Encoder:
    def __init__(self, buffers: list[bytes], names: dict[str, str]) -> None:
        self.buffers, self.names, self.nodes = buffers, names, 0

    def tree(self, value: Any, path: str, depth: int) -> Any:
        self.nodes += 1
        kind = type(value)
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            amount = f"more than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"more than {MAX_NODES} parts"
            raise UnsupportedValueError(
                _type_name(kind), path, f"a value of {amount} (or one that contains itself) does not cross"
            )
        if value is None or kind is bool:
            return value
        for base, write in _WRITERS:
            if issubclass(kind, base):
                if kind is not base and len(self.names) < MAX_TYPE_NAMES:
                    self.names[path[:MAX_NAME_LENGTH]] = _type_name(kind)
                return write(self, value, path, depth)
        raise UnsupportedValueError(_type_name(kind), path[:MAX_NAME_LENGTH])

    def write_scalar(self, value: Any, path: str, depth: int) -> Any:
        return ["n", *self._array(np.asarray(value), type(value), path)]

    def write_array(self, value: Any, path: str, depth: int) -> Any:
        return ["a", *self._array(np.ndarray.view(value, np.ndarray), type(value), path)]

    def _array(self, array: np.ndarray[Any, Any], kind: type, path: str) -> list[Any]:
        plain = array.astype(array.dtype.newbyteorder("<"), copy=False, order="C")
        if plain.dtype.str not in DTYPES:
            raise UnsupportedValueError(
                _type_name(kind), path, f"an array of dtype {str(array.dtype)[:40]} does not cross"
            )
        self.buffers.append(plain.tobytes())
        return [plain.dtype.str, list(plain.shape), len(self.buffers) - 1]

    def write_integer(self, value: int, path: str, depth: int) -> int:
        if value.bit_length() > 3 * MAX_INT_DIGITS:
            raise UnsupportedValueError("int", path, "an integer of that many digits does not cross")
        return int(value)

    def write_real(self, value: float, path: str, depth: int) -> Any:
        number = float.__float__(value)
        return number if math.isfinite(number) else ["f", repr(number)]

    def write_complex(self, value: complex, path: str, depth: int) -> list[Any]:
        return ["c", self.write_real(value.real, path, depth), self.write_real(value.imag, path, depth)]

    def write_text(self, value: str, path: str, depth: int) -> Any:
        plain = str.__str__(value)
        if len(plain) < LONG_TEXT:
            return plain
        self.buffers.append(plain.encode("utf-8", "replace"))
        return ["t", len(self.buffers) - 1]

    def write_sequence(self, value: Any, path: str, depth: int) -> list[Any]:
        base: type[Any] = list if isinstance(value, list) else tuple
        parts: Iterator[Any] = base.__iter__(value)
        tag = "l" if base is list else "u"
        return [tag, *(self.tree(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(parts))]

    def write_mapping(self, value: dict[Any, Any], path: str, depth: int) -> list[Any]:
        items = list(dict.items(value))
        if sum(type(key) is not str for key, _ in items) > MAX_ODD_KEYS:
            raise UnsupportedValueError("dict", path, f"more than {MAX_ODD_KEYS} keys that are not strings")
        return [
            "d",
            *(
                [self.tree(key, f"{path} key", depth + 1), self.tree(part, f"{path}[{_key(key)}]", depth + 1)]
                for key, part in items
            ),
        ]


# Order matters: np.float64 is also a float, np.complex128 a complex, np.str_ a str.
_WRITERS: tuple[tuple[type, Callable[[_Encoder, Any, str, int], Any]], ...] = (
    (np.number, _Encoder.write_scalar),
    (np.bool_, _Encoder.write_scalar),
    (np.ndarray, _Encoder.write_array),
    (int, _Encoder.write_integer),
    (float, _Encoder.write_real),
    (complex, _Encoder.write_complex),
    (str, _Encoder.write_text),
    (list, _Encoder.write_sequence),
    (tuple, _Encoder.write_sequence),
    (dict, _Encoder.write_mapping),
)


class _Decoder:
    def __init__(self, buffers: Sequence[memoryview]) -> None:
        self.buffers, self.nodes = buffers, 0
        self.named: set[int] = set()

    def value(self, tree: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("a value nests too deep or has too many parts")
        if isinstance(tree, str):
            return text_without_surrogates(tree)
        if tree is None or isinstance(tree, bool | int | float):
            return tree
        if not isinstance(tree, list) or not tree or not isinstance(tree[0], str):
            raise WireError("a value is neither a scalar nor tagged")
        read = _READERS.get(tree[0])
        if read is None:
            raise WireError("a value has an unknown tag")
        return read(self, tree[1:], depth)

    def read_non_finite(self, parts: list[Any], depth: int) -> float:
        if len(parts) != 1 or parts[0] not in ("nan", "inf", "-inf"):
            raise WireError("a float is none of nan, inf, -inf")
        return float(parts[0])

    def read_complex(self, parts: list[Any], depth: int) -> complex:
        numbers = [self.value(part, depth + 1) for part in parts]
        if len(numbers) != 2 or any(type(number) not in (int, float) for number in numbers):
            raise WireError("a complex number needs two floats")
        return complex(*numbers)

    def read_text(self, parts: list[Any], depth: int) -> str:
        (index,) = self._exactly(parts, 1)
        return str(self._buffer(index), "utf-8", "replace")

    def read_list(self, parts: list[Any], depth: int) -> list[Any]:
        return [self.value(part, depth + 1) for part in parts]

    def read_tuple(self, parts: list[Any], depth: int) -> tuple[Any, ...]:
        return tuple(self.read_list(parts, depth))

    def read_dict(self, parts: list[Any], depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        odd_keys = 0
        for pair in parts:
            if not isinstance(pair, list) or len(pair) != 2:
                raise WireError("a dict has an entry that is no pair")
            key = self.value(pair[0], depth + 1)
            odd_keys += not isinstance(key, str)
            try:
                if key in result or odd_keys > MAX_ODD_KEYS:
                    raise WireError("a dict repeats a key or has too many that are not strings")
            except TypeError:
                raise WireError("a dict has a key that cannot be one") from None
            result[key] = self.value(pair[1], depth + 1)
        return result

    def read_array(self, parts: list[Any], depth: int) -> np.ndarray[Any, Any]:
        name, shape, index = self._exactly(parts, 3)
        dtype = DTYPES.get(name) if isinstance(name, str) else None
        if dtype is None:
            raise WireError("an array has a dtype that is not on the list")
        if (
            not isinstance(shape, list)
            or len(shape) > MAX_DEPTH
            or any(type(size) is not int or not 0 <= size < 2**31 for size in shape)
        ):
            raise WireError("an array has a shape that is none")
        buffer = self._buffer(index)
        if math.prod(shape) * dtype.itemsize != len(buffer):
            raise WireError("an array's bytes are not as many as its shape needs")
        if dtype.kind == "b" and bytes(buffer).translate(None, b"\x00\x01"):
            raise WireError("a bool array holds other bytes than 0 and 1")
        try:
            return np.frombuffer(buffer, dtype=dtype).reshape(shape).copy()
        except ValueError:
            raise WireError("an array has a shape NumPy cannot make") from None

    def read_scalar(self, parts: list[Any], depth: int) -> Any:
        array = self.read_array(parts, depth)
        if array.shape != ():
            raise WireError("a NumPy scalar has a shape")
        return array[()]

    def _buffer(self, index: Any) -> memoryview:
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise WireError("a buffer is named that is not there")
        if index in self.named:  # a text of 40 MB named a thousand times would be built a thousand times
            raise WireError("a buffer is named twice")
        self.named.add(index)
        return self.buffers[index]

    @staticmethod
    def _exactly(parts: list[Any], count: int) -> list[Any]:
        if len(parts) != count:
            raise WireError("a tag has another number of parts than it needs")
        return parts


_READERS: dict[str, Callable[[_Decoder, list[Any], int], Any]] = {
    "f": _Decoder.read_non_finite,
    "c": _Decoder.read_complex,
    "t": _Decoder.read_text,
    "l": _Decoder.read_list,
    "u": _Decoder.read_tuple,
    "d": _Decoder.read_dict,
    "a": _Decoder.read_array,
    "n": _Decoder.read_scalar,
}


def _type_name(kind: type) -> str:
    try:
        module, name = type.__getattribute__(kind, "__module__"), kind.__qualname__
    except Exception:  # noqa: BLE001 (a student's metaclass may raise anything)
        return "object"
    full = str(name) if module in ("builtins", "__main__") else f"{module}.{name}"
    return full[:MAX_NAME_LENGTH]


def _key(key: Any) -> str:
    return repr(str.__str__(key)[:40]) if isinstance(key, str) else (repr(key) if type(key) is int else "...")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a float out of range")
    return number


def _bounded_int(text: str) -> int:
    if len(text) > MAX_INT_DIGITS + 1:
        raise ValueError("an integer of too many digits")
    return int(text)
