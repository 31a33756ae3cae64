"""Kinds of NumPy: arrays of any dtype that is data, scalars, masked arrays, matrices, polynomials.

The bytes of an array are one buffer. An array of objects crosses part by part, except where all parts are
texts or missing: then as two buffers, however many they are.
"""

from __future__ import annotations

import builtins
import math
from math import prod
from typing import Any

import numpy as np
from numpy import array as np_array
from numpy import asarray, empty, frombuffer, int64, ma, matrix, ndarray, poly1d, polynomial, recarray, zeros
from numpy import dtype as np_dtype
from numpy.ma import MaskedArray, getdata, getmask, make_mask_descr, masked, nomask

from .changes import change_array, change_masked
from .dtypes import check_contents, dtype_tree, is_shape, read_dtype
from .ends import MAX_BYTES, MAX_NODES, Reader, Writer
from .errors import WireError
from .kinds import Kind

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_TEXTS = 4_000_000
INLINE_BYTES = 32
MISSING = {-1: None, -2: math.nan}
POLYNOMIALS = {
    kind.__name__: kind
    for kind in (
        polynomial.Polynomial,
        polynomial.Chebyshev,
        polynomial.Legendre,
        polynomial.Laguerre,
        polynomial.Hermite,
        polynomial.HermiteE,
    )
}
SCALARS = tuple({np.dtype(code).type for code in (*np.typecodes["All"].replace("O", ""), "q", "Q", "l", "L")})


def write_array(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    """An array; of a subclass its data alone."""
    array = ndarray.view(value, ndarray)
    if array.dtype.kind == "O" and array.dtype.names is None:
        return _write_objects(writer, array, path, depth)
    parts = _parts(writer, array, value, path)
    return ["a", *parts] if array.flags.writeable else ["a", *parts, False]


def _parts(writer: Writer, array: np.ndarray[Any, Any], value: Any, path: str) -> list[Any]:
    tree = dtype_tree(array.dtype)
    if tree is None:
        raise writer.refusal(value, path, f"an array of dtype {str(array.dtype)[:40]} does not cross")
    if array.size * array.dtype.itemsize > MAX_BYTES:
        raise writer.refusal(
            value, path, f"a value of {array.size * array.dtype.itemsize} bytes is too large to cross"
        )
    if not array.dtype.itemsize and array.size > MAX_NODES:
        raise writer.refusal(value, path, f"an array of {array.size} items of nothing does not cross")
    little = array.astype(array.dtype.newbyteorder("<"), copy=False, order="C")
    return [tree, list(array.shape), writer.buffer(little.tobytes())]


def read_array(reader: Reader, parts: list[Any], depth: int) -> np.ndarray[Any, Any]:
    """An array of its own memory."""
    writeable = len(parts) != 4 or parts[3] is not False
    tree, shape, index = reader.exactly(parts[:3] if not writeable else parts, 3)
    dtype = read_dtype(tree)
    if not is_shape(shape):
        raise WireError("an array has a shape that is none")
    buffer = reader.buffer(index)
    if prod(shape) * dtype.itemsize != len(buffer):
        raise WireError("an array's bytes are not as many as its shape needs")
    if not dtype.itemsize and prod(shape) > MAX_NODES:
        raise WireError("an array of nothing has too many items")
    try:
        if dtype.itemsize:
            array = frombuffer(buffer, dtype=dtype).reshape(shape).copy()
        else:
            array = zeros(shape, dtype=dtype)
    except ValueError:
        raise WireError("an array has a shape NumPy cannot make") from None
    check_contents(array)
    array.flags.writeable = writeable
    return array


def _write_scalar(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    array = asarray(value)
    tree = dtype_tree(array.dtype)
    if tree is not None and array.dtype.itemsize <= INLINE_BYTES and array.shape == ():
        return ["h", tree, array.astype(array.dtype.newbyteorder("<")).tobytes().hex()]
    return ["n", *_parts(writer, array, value, path)]


def _read_scalar(reader: Reader, parts: list[Any], depth: int) -> Any:
    array = read_array(reader, parts, depth)
    if array.shape != ():
        raise WireError("a NumPy scalar has a shape")
    return array[()]


def _read_short_scalar(reader: Reader, parts: list[Any], depth: int) -> Any:
    tree, text = reader.exactly(parts, 2)
    dtype = read_dtype(tree)
    data = bytes.fromhex(reader.text(text, 2 * INLINE_BYTES))
    if len(data) != dtype.itemsize:
        raise WireError("a NumPy scalar has another size than its dtype")
    array = frombuffer(data, dtype=dtype, count=1).copy() if data else zeros(1, dtype=dtype)
    check_contents(array)
    return array[0]


def _write_objects(writer: Writer, array: np.ndarray[Any, Any], path: str, depth: int) -> list[Any]:
    parts = array.reshape(-1).tolist() if array.size <= MAX_TEXTS else None
    if parts is None:
        raise writer.refusal(array, path, f"an array of {array.size} objects is too large to cross")
    shape = list(array.shape)
    if parts and all(_is_text(part) for part in parts):
        texts = [part.encode("utf-8", "replace") if type(part) is str else b"" for part in parts]
        lengths = [
            len(text) if type(part) is str else (-1 if part is None else -2)
            for part, text in zip(parts, texts, strict=True)
        ]
        buffers = (np_array(lengths, dtype="<i4").tobytes(), b"".join(texts))
        return ["texts", shape, *map(writer.buffer, buffers)]
    return [
        "objects",
        shape,
        *(writer.tree(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(parts)),
    ]


def _is_text(part: Any) -> bool:
    return part is None or type(part) is str or (type(part) is float and part != part)


def _read_objects(reader: Reader, parts: list[Any], depth: int) -> np.ndarray[Any, Any]:
    shape, *trees = parts or [None]
    if not is_shape(shape) or prod(shape) != len(trees):
        raise WireError("an array of objects has not as many as its shape needs")
    return _of_objects([reader.value(tree, depth + 1) for tree in trees], shape)


def _read_texts(reader: Reader, parts: list[Any], depth: int) -> np.ndarray[Any, Any]:
    shape, lengths_index, index = reader.exactly(parts, 3)
    lengths_bytes, data = reader.buffer(lengths_index), reader.buffer(index)
    if not is_shape(shape) or len(lengths_bytes) != 4 * prod(shape):
        raise WireError("an array of texts has not as many as its shape needs")
    if prod(shape) > MAX_TEXTS:
        raise WireError("an array of texts has too many")
    lengths = frombuffer(lengths_bytes, dtype="<i4")
    if (lengths < -2).any() or int(lengths.clip(0).sum(dtype=int64)) != len(data):
        raise WireError("the texts of an array do not add up")
    texts: list[Any] = []
    place = 0
    for length in lengths.tolist():
        if length < 0:
            texts.append(MISSING[length])
            continue
        texts.append(str(data[place : place + length], "utf-8"))
        place += length
    return _of_objects(texts, shape)


def _of_objects(values: list[Any], shape: list[int]) -> np.ndarray[Any, Any]:
    array = empty(len(values), dtype=object)
    for place, value in enumerate(values):
        array[place] = value
    return array.reshape(shape)


def _write_masked(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    mask = getmask(value)
    return [
        "masked",
        write_array(writer, getdata(value), path, depth + 1),
        None if mask is nomask else write_array(writer, mask, path, depth + 1),
        None if value._fill_value is None else write_array(writer, value._fill_value, path, depth + 1),
        bool(value.hardmask),
    ]


def _read_masked(reader: Reader, parts: list[Any], depth: int) -> Any:
    data_tree, mask_tree, fill_tree, hard = reader.exactly(parts, 4)
    data = reader.one_of(ndarray, data_tree, depth + 1)
    mask = None if mask_tree is None else reader.one_of(ndarray, mask_tree, depth + 1)
    fill = None if fill_tree is None else reader.one_of(ndarray, fill_tree, depth + 1)
    if mask is not None and (mask.shape != data.shape or mask.dtype != make_mask_descr(data.dtype)):
        raise WireError("a masked array has a mask of another shape or dtype")
    # A text's fill value may be longer than the texts ("N/A").
    of_texts = fill is not None and fill.dtype.kind == data.dtype.kind and data.dtype.kind in "US"
    if fill is not None and (fill.shape != () or not (of_texts or fill.dtype == data.dtype)):
        raise WireError("a masked array has a fill value of another shape or dtype")
    made: Any = MaskedArray(
        data,
        mask=nomask if mask is None else mask,
        fill_value=None if fill is None or of_texts else fill[()],
        hard_mask=hard is True,
        copy=False,
    )
    if of_texts:
        made._fill_value = fill  # as an argument it would be cut to the length of the texts
    return made


def _write_the_masked(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    return ["the-masked"]


def _read_the_masked(reader: Reader, parts: list[Any], depth: int) -> Any:
    reader.exactly(parts, 0)
    return masked


def _write_view(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    name = {matrix: "matrix", recarray: "recarray"}[type(value)]
    return ["view", name, write_array(writer, value, path, depth + 1)]


def _read_view(reader: Reader, parts: list[Any], depth: int) -> Any:
    name, tree = reader.exactly(parts, 2)
    array = reader.one_of(ndarray, tree, depth + 1)
    if name == "matrix" and array.ndim == 2:
        return array.view(matrix)
    if name == "recarray" and array.dtype.names is not None:
        return array.view(recarray)
    raise WireError("a view of an array is of another kind than matrix and recarray")


def _write_dtype(writer: Writer, value: np.dtype[Any], path: str, depth: int) -> list[Any]:
    tree = "O" if value == np_dtype(object) else dtype_tree(value)
    if tree is None:
        raise writer.refusal(value, path)
    return ["dtype", tree]


def _read_dtype(reader: Reader, parts: list[Any], depth: int) -> np.dtype[Any]:
    (tree,) = reader.exactly(parts, 1)
    return np_dtype(object) if tree == "O" else read_dtype(tree)


def _write_polynomial(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    arrays = (value.coef, value.domain, value.window)
    return [
        "polynomial",
        type(value).__name__,
        *(write_array(writer, asarray(part), path, depth + 1) for part in arrays),
        str(value.symbol)[:100],
    ]


def _read_polynomial(reader: Reader, parts: list[Any], depth: int) -> Any:
    name, *trees, symbol = reader.exactly(parts, 5)
    kind = POLYNOMIALS.get(name) if type(name) is str else None
    arrays = [reader.one_of(ndarray, tree, depth + 1) for tree in trees]
    coef, domain, window = arrays
    is_of_form = coef.ndim == 1 and coef.size and domain.shape == window.shape == (2,)
    if kind is None or not is_of_form or any(array.dtype.kind not in "iufcbO" for array in arrays):
        raise WireError("a polynomial has another form than one")
    return kind(coef, domain, window, symbol=reader.text(symbol, 100))


def _write_poly1d(writer: Writer, value: np.poly1d, path: str, depth: int) -> list[Any]:
    coefficients = write_array(writer, asarray(value.coeffs), path, depth + 1)
    return ["poly1d", coefficients, str(value.variable)[:100]]


def _read_poly1d(reader: Reader, parts: list[Any], depth: int) -> np.poly1d:
    tree, variable = reader.exactly(parts, 2)
    coefficients = reader.one_of(ndarray, tree, depth + 1)
    if coefficients.ndim != 1 or not coefficients.size or coefficients.dtype.kind not in "iufcb":
        raise WireError("a poly1d has coefficients that are none")
    return poly1d(coefficients, variable=reader.text(variable, 100))


def _write_record(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    return ["record", *_parts(writer, asarray(value, dtype=value.dtype), value, path)]


def _read_record(reader: Reader, parts: list[Any], depth: int) -> Any:
    array = read_array(reader, parts, depth)
    if array.shape != () or array.dtype.names is None:
        raise WireError("a record has another form than one")
    return array.view(recarray)[()]


KINDS = (
    Kind("n", SCALARS, _write_scalar, _read_scalar, stands_for_subclasses=True),
    Kind("h", (), _write_scalar, _read_short_scalar),
    Kind("a", (np.ndarray,), write_array, read_array, stands_for_subclasses=True, change=change_array),
    Kind("objects", (), write_array, _read_objects),
    Kind("texts", (), write_array, _read_texts),
    Kind("masked", (ma.MaskedArray,), _write_masked, _read_masked, change=change_masked),
    Kind("the-masked", (type(ma.masked),), _write_the_masked, _read_the_masked),
    Kind("view", (np.matrix, np.recarray), _write_view, _read_view, change=change_array),
    Kind("record", (np.record,), _write_record, _read_record),
    Kind("dtype", tuple({type(np.dtype(code)) for code in np.typecodes["All"]}), _write_dtype, _read_dtype),
    Kind("polynomial", tuple(POLYNOMIALS.values()), _write_polynomial, _read_polynomial),
    Kind("poly1d", (np.poly1d,), _write_poly1d, _read_poly1d),
)
