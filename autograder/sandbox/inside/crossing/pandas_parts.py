"""What the kinds of pandas share: indexes, codes, times and frequencies, checked."""

from __future__ import annotations

import builtins
import re
from typing import Any

from numpy import datetime_data, nan, ndarray

from .ends import Reader
from .errors import WireError

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
UNITS = ("s", "ms", "us", "ns")
CLOSED = ("left", "right", "both", "neither")
# The dtypes of numbers with missing ones, and what they are without.
MASKED = {
    **{f"Int{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    **{f"Float{bits}": f"float{bits}" for bits in (32, 64)},
    "boolean": "bool",
}
_FREQUENCY = re.compile(r"-?\d{0,6}[A-Za-z]{1,4}(-[A-Z]{3})?", re.ASCII)
_UNIT_DATA = frozenset((unit, 1) for unit in UNITS)


def read_index(pandas: Any, reader: Reader, tree: Any, depth: int) -> Any:
    """An index."""
    index = reader.value(tree, depth + 1)
    if not isinstance(index, pandas.Index):
        raise WireError("an index is none")
    return index


def read_offset(pandas: Any, reader: Reader, frequency: Any) -> Any:
    """A frequency."""
    if not _FREQUENCY.fullmatch(reader.text(frequency, 20)):
        raise WireError("a frequency of another form than one")
    return pandas.tseries.frequencies.to_offset(frequency)


def read_period_dtype(pandas: Any, reader: Reader, frequency: Any) -> Any:
    """The dtype of periods of that frequency; its names are not those of `read_offset`."""
    if not _FREQUENCY.fullmatch(reader.text(frequency, 20)):
        raise WireError("a frequency of another form than one")
    return pandas.PeriodDtype(frequency)


def read_codes(reader: Reader, tree: Any, values: Any, depth: int) -> Any:
    """Integers that each name one of `values`, or none."""
    codes = reader.one_of(ndarray, tree, depth + 1)
    if codes.dtype.kind != "i" or codes.ndim != 1:
        raise WireError("codes are no integers")
    if len(codes) and not (codes.min() >= -1 and codes.max() < len(values)):
        raise WireError("a code is beyond its categories")
    return codes


def read_stamps(reader: Reader, tree: Any, kind: str, depth: int) -> Any:
    """An array of times ("M") or spans ("m") in a unit that pandas has."""
    array = reader.one_of(ndarray, tree, depth + 1)
    if array.dtype.kind != kind or array.ndim != 1 or datetime_data(array.dtype) not in _UNIT_DATA:
        raise WireError("times are no array of times in s, ms, us or ns")
    return array


def string_dtype_parts(pandas: Any, dtype: Any) -> tuple[str, str]:
    """How a dtype of strings stores them, and its missing value."""
    return str(dtype.storage), "NA" if dtype.na_value is pandas.NA else "nan"


def read_string_dtype(pandas: Any, storage: Any, missing: Any) -> Any:
    """The dtype of these two."""
    if storage not in ("python", "pyarrow") or missing not in ("NA", "nan"):
        raise WireError("a dtype of strings that is not on the list")
    return pandas.StringDtype(storage, na_value=pandas.NA if missing == "NA" else nan)


def string_arrays(pandas: Any) -> tuple[type, ...]:
    """The classes that hold strings here."""
    return tuple({type(pandas.array(["a"], dtype=name)) for name in ("str", "string")})
