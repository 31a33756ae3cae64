"""NumPy dtypes as data: numbers, texts, bytes, times, and structures of these; no objects, no overlap."""

from __future__ import annotations

import builtins
import re
from math import prod
from typing import Any

import numpy as np
from numpy import ascontiguousarray, uint8, uint32
from numpy import dtype as np_dtype

from .errors import WireError

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_FIELDS = 1000
MAX_LEVELS = 8
MAX_ITEM_BYTES = 1 << 20
# bool, integers, floats and complex numbers, all little-endian: what an array of numbers may hold.
DTYPES = {
    name: np.dtype(name)
    for name in (
        ["|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"]
        + ([f"<f{np.dtype(np.longdouble).itemsize}"] if np.dtype(np.longdouble).itemsize > 8 else [])
        + ([f"<c{np.dtype(np.clongdouble).itemsize}"] if np.dtype(np.clongdouble).itemsize > 16 else [])
    )
}
_TEXT = re.compile(r"(<U|\|S)(\d{1,7})", re.ASCII)
_TIME = re.compile(r"<[Mm]8(\[([1-9]\d{0,5})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?", re.ASCII)


def dtype_tree(dtype: np.dtype[Any]) -> Any:
    """The little-endian form of a dtype as a tree; None when it does not cross."""
    little = dtype.newbyteorder("<")
    if little.names is None:
        return little.str if little.kind in "biufcUSMm" and little.subdtype is None else None
    fields = []
    for name in little.names:
        entry = little.fields[name]  # type: ignore[index]
        base, shape = entry[0].subdtype or (entry[0], ())
        tree = dtype_tree(base)
        if tree is None or len(entry) > 2:  # a title is a second name for the same bytes
            return None
        fields.append([name, tree, list(shape), entry[1]])
    return [little.itemsize, fields]


def read_dtype(tree: Any, level: int = 0) -> np.dtype[Any]:
    """The dtype of a tree.

    Raises
    ------
    WireError
        It is not on the list, or its fields overlap or are beyond it.
    """
    if isinstance(tree, str):
        found = DTYPES.get(tree)
        if found is not None:
            return found
        text = _TEXT.fullmatch(tree)
        if (text and int(text[2]) * 4 <= MAX_ITEM_BYTES) or _TIME.fullmatch(tree):
            return np_dtype(tree)
    elif isinstance(tree, list) and len(tree) == 2 and level < MAX_LEVELS:
        return _read_structure(tree[0], tree[1], level)
    raise WireError("an array has a dtype that is not on the list")


def _read_structure(size: Any, fields: Any, level: int) -> np.dtype[Any]:
    if (
        type(size) is not int
        or not 0 <= size <= MAX_ITEM_BYTES
        or not isinstance(fields, list)
        or len(fields) > MAX_FIELDS
    ):
        raise WireError("a structured dtype has another form than one")
    names: list[str] = []
    formats: list[Any] = []
    places: list[tuple[int, int]] = []
    for entry in fields:
        if not isinstance(entry, list) or len(entry) != 4:
            raise WireError("a field of a structured dtype has another form than one")
        name, tree, shape, offset = entry
        is_named = type(name) is str and 0 < len(name) <= 200
        if not is_named or not is_shape(shape) or type(offset) is not int or offset < 0:
            raise WireError("a field of a structured dtype has another form than one")
        base = read_dtype(tree, level + 1)
        length = base.itemsize * prod(shape)
        if length > MAX_ITEM_BYTES:
            raise WireError("a field of a structured dtype is too long")
        names.append(name)
        formats.append((base, tuple(shape)) if shape else base)
        places.append((offset, offset + length))
    end = 0
    for start, stop in sorted(places):
        if start < end:
            raise WireError("fields of a structured dtype overlap")
        end = stop
    if end > size or len(set(names)) != len(names):
        raise WireError("fields of a structured dtype are beyond it or named twice")
    offsets = [start for start, _ in places]
    return np_dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


def is_shape(shape: Any) -> bool:
    """Whether it is a list of sizes that NumPy may be asked for."""
    return (
        isinstance(shape, list)
        and len(shape) <= 32
        and all(type(size) is int and 0 <= size < 2**31 for size in shape)
    )


def check_contents(array: np.ndarray[Any, Any]) -> None:
    """Refuse bytes that are no value of their dtype.

    Raises
    ------
    WireError
        A bool is neither 0 nor 1, or a character is none.
    """
    if array.dtype.names is not None:
        for name in array.dtype.names:
            check_contents(ascontiguousarray(array[name]))
    elif array.dtype.kind == "b" and array.size and array.view(uint8).max() > 1:
        raise WireError("a bool array holds other bytes than 0 and 1")
    elif array.dtype.kind == "U" and array.size and array.dtype.itemsize:
        codes = ascontiguousarray(array).reshape(-1).view(uint32)
        if codes.max() > 0x10FFFF or ((codes >= 0xD800) & (codes <= 0xDFFF)).any():
            raise WireError("an array of texts holds what is no character")
