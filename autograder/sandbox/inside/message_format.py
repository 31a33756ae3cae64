"""The byte format between the two sides: a strict JSON header and raw buffers.

A message is `AGF1`, the header's length (u32), the buffers' length (u64), the header (UTF-8 JSON, one object)
and the buffers, end to end. The header's key `buffers` lists their lengths; long texts and the bytes of
arrays travel there. Nothing is ever unpickled, and both sides refuse what they do not know:

- duplicate keys, `NaN` and `Infinity`, a number out of range, anything after the object;
- a header or a body over its cap, a length that does not add up;
- a value that breaks a rule of its kind (`crossing` has the table of kinds).

>>> message = pack({"op": "fetch"}, {"W1": (1, 2.5)})
>>> header, buffers = unpack(message)
>>> header["op"], decode(header["value"], buffers)
('fetch', {'W1': (1, 2.5)})
"""

from __future__ import annotations

import builtins
import json
import os
import struct
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from .crossing import UnsupportedValueError, WireError, decode, encode

if TYPE_CHECKING:
    import socket

__all__ = [
    "MAX_BODY_BYTES",
    "PREFIX",
    "UnsupportedValueError",
    "WireError",
    "decode",
    "encode",
    "from_parts",
    "pack",
    "plain_report",
    "read_exactly",
    "read_prefix",
    "text_without_surrogates",
    "to_bytes",
    "unpack",
]

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAGIC = b"AGF1"
PREFIX = struct.Struct("!4sIQ")
MAX_HEADER_BYTES = 4 << 20
MAX_BODY_BYTES = 64 << 20
MAX_BUFFERS = 20_000
MAX_INT_DIGITS = 1000
NOTHING: Any = object()  # where there is no value; None and `...` are some


def pack(fields: Mapping[str, Any], value: Any = NOTHING, names: dict[str, str] | None = None) -> bytes:
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
    if value is not NOTHING:
        header["value"] = encode(value, buffers, names)
    return to_bytes(header, buffers)


def to_bytes(
    header: Mapping[str, Any], buffers: Sequence[bytes], max_body_bytes: int = MAX_BODY_BYTES
) -> bytes:
    """The bytes of a message whose header may hold trees that `encode` made with the same buffers."""
    lengths = [len(buffer) for buffer in buffers]
    text = json.dumps({**header, "buffers": lengths}, allow_nan=False, separators=(",", ":")).encode("ascii")
    body = sum(lengths)
    if len(text) > MAX_HEADER_BYTES or body > max_body_bytes or len(lengths) > MAX_BUFFERS:
        raise UnsupportedValueError(
            "object", "", f"a value of {len(text) + body} bytes is too large to cross"
        )
    return b"".join([PREFIX.pack(MAGIC, len(text), body), text, *buffers])


def plain_report() -> dict[str, Any]:
    """The report on a call or a name of which there is nothing to tell."""
    return {
        "kind": "data",
        "verdict": None,
        "error_type": "",
        "error_message": "",
        "traceback": "",
        "error_class": ["", ""],
        "error_arguments": None,
        "error_attributes": {},
        "error_bases": [],
        "seconds": 0.0,
        "processor_s": 0.0,
        "waited_s": 0.0,
        "names": {},
        "changed": [],
        "written": {},
        "removed": [],
        "raised_line": None,
        "random_states": {},
        "from_callback": False,
        "stdout": "",
        "stderr": "",
    }


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


def text_without_surrogates(text: str) -> str:
    """`text` with every lone surrogate replaced, so that it can be written as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite_float(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a float out of range")
    return number


def _bounded_int(text: str) -> int:
    if len(text) > MAX_INT_DIGITS + 1:
        raise ValueError("an integer of too many digits")
    return int(text)


def read_exactly(end: socket.socket, length: int) -> bytes:
    """So many bytes; where the other side has gone, this process ends."""
    data = bytearray()
    while len(data) < length:
        chunk = end.recv(min(length - len(data), 1 << 20))
        if not chunk:
            os._exit(0)
        data += chunk
    return bytes(data)
