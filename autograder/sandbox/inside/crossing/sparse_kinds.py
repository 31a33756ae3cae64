"""Kinds of SciPy: sparse matrices and arrays of every format, their indices checked in full."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

from numpy import asarray, diff, ndarray, unique

from .array_kinds import write_array
from .changes import change_attributes
from .dtypes import DTYPES, is_shape
from .ends import Reader, Writer
from .errors import WireError
from .kinds import Kind

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
FORMATS = ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
MAX_LIL_ROWS = 1_000_000  # each row of this format is two lists, empty or not
COMPRESSED = {"csr": 0, "csc": 1, "bsr": 0}  # the axis that the pointers count


def kinds(sparse: Any) -> Iterable[Kind]:
    """The kinds of `scipy.sparse`."""
    names = [f"{form}_{what}" for form in FORMATS for what in ("matrix", "array")]
    classes = {name: getattr(sparse, name) for name in names if hasattr(sparse, name)}

    def read(reader: Reader, parts: list[Any], depth: int) -> Any:
        name = parts[0] if parts else None
        if type(name) is not str or name not in classes:
            raise WireError("a sparse matrix of a format that is not on the list")
        return _read(sparse, classes[name], reader, parts, depth)

    return [
        Kind("scipy.sparse:sparse_matrix", tuple(classes.values()), _write, read, change=change_attributes)
    ]


def _write(writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
    form = str(value.format)
    if form in COMPRESSED:
        arrays: tuple[Any, ...] = (value.data, value.indices, value.indptr)
    elif form == "dia":
        arrays = (value.data, asarray(value.offsets))
    else:  # the other formats hold what this one holds
        triples = value if form == "coo" else value.tocoo()
        arrays = (triples.data, *triples.coords)
    trees = [write_array(writer, asarray(array), path, depth + 1) for array in arrays]
    return ["scipy.sparse:sparse_matrix", type(value).__name__, [int(size) for size in value.shape], *trees]


def _read(sparse: Any, kind: Any, reader: Reader, parts: list[Any], depth: int) -> Any:
    name, shape, *trees = parts
    if not is_shape(shape) or not 1 <= len(shape) <= 8 or not 2 <= len(trees) <= 9:
        raise WireError("a sparse matrix has a shape that is none")
    arrays = [reader.one_of(ndarray, tree, depth + 1) for tree in trees]
    data, *places = arrays
    if data.dtype.str not in DTYPES or any(place.dtype.kind != "i" or place.ndim != 1 for place in places):
        raise WireError("a sparse matrix has a dtype that is not on the list")
    form = str(name).partition("_")[0]
    try:
        if form in COMPRESSED:
            return _compressed(kind, form, shape, data, places)
        if form == "dia":
            return _diagonals(kind, shape, data, places)
        return _triples(sparse, kind, shape, data, places)
    except WireError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever SciPy says of parts that a stranger chose)
        raise WireError(f"a sparse matrix cannot be made: {type(error).__name__}") from None


def _compressed(kind: Any, form: str, shape: list[int], data: Any, places: list[Any]) -> Any:
    if len(places) != 2 or len(shape) > 2 or data.ndim != (3 if form == "bsr" else 1):
        raise WireError("a sparse matrix has another form than one")
    indices, pointers = places
    sizes = list(shape) if len(shape) == 2 else [1, *shape]
    if form == "bsr":
        blocks = data.shape[1:]
        if not all(blocks) or any(size % block for size, block in zip(sizes, blocks, strict=True)):
            raise WireError("a sparse matrix has blocks that do not fit")
        sizes = [size // block for size, block in zip(sizes, blocks, strict=True)]
    axis = COMPRESSED[form]
    if len(pointers) != sizes[axis] + 1 or len(indices) != len(data):
        raise WireError("the parts of a sparse matrix do not add up")
    if pointers[0] != 0 or pointers[-1] != len(indices) or (diff(pointers) < 0).any():
        raise WireError("the pointers of a sparse matrix do not add up")
    _check_range(indices, sizes[1 - axis])
    made = kind((data, indices, pointers), shape=tuple(shape))
    made.check_format(full_check=True)
    return made


def _diagonals(kind: Any, shape: list[int], data: Any, places: list[Any]) -> Any:
    if len(places) != 1 or len(shape) != 2 or data.ndim != 2 or data.shape[0] != len(places[0]):
        raise WireError("a sparse matrix has another form than one")
    if len(unique(places[0])) != len(places[0]):
        raise WireError("a sparse matrix has a diagonal twice")
    if len(places[0]) and not (-shape[0] < places[0].min() and places[0].max() < max(shape[1], 1)):
        raise WireError("a sparse matrix has a diagonal that is not in it")
    return kind((data, places[0]), shape=tuple(shape))


def _triples(sparse: Any, kind: Any, shape: list[int], data: Any, places: list[Any]) -> Any:
    if len(places) != len(shape) or data.ndim != 1 or any(len(place) != len(data) for place in places):
        raise WireError("the parts of a sparse matrix do not add up")
    for place, size in zip(places, shape, strict=True):
        _check_range(place, size)
    if kind.__name__.startswith("lil") and shape[0] > MAX_LIL_ROWS:
        raise WireError(f"a sparse matrix of lists has more than {MAX_LIL_ROWS} rows")
    is_matrix = kind.__name__.endswith("_matrix")
    triples = (sparse.coo_matrix if is_matrix else sparse.coo_array)(
        (data, tuple(places)), shape=tuple(shape)
    )
    return triples if kind.__name__.startswith("coo") else triples.asformat(kind.__name__.partition("_")[0])


def _check_range(indices: Any, size: int) -> None:
    if len(indices) and not (indices.min() >= 0 and indices.max() < size):
        raise WireError("an index of a sparse matrix is beyond its shape")
