"""Kinds of pandas: its arrays, which are what a column or an index holds."""

from __future__ import annotations

import builtins
from typing import Any

from numpy import asarray, ndarray, zeros
from numpy import dtype as np_dtype

from .array_kinds import write_array
from .ends import Reader, Writer
from .errors import WireError
from .pandas_parts import (
    CLOSED,
    MASKED,
    read_codes,
    read_index,
    read_period_dtype,
    read_stamps,
    read_string_dtype,
    string_arrays,
    string_dtype_parts,
)
from .time_kinds import read_zone

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()


class PandasArrays:
    """Writers and readers of arrays.

    Parameters
    ----------
    pandas : module
    """

    def __init__(self, pandas: Any) -> None:
        self.pandas = pandas
        self.arrays = pandas.arrays

    def table(self) -> list[tuple[str, tuple[type, ...], Any, Any]]:
        """Name, types, writer and reader of each."""
        arrays = self.arrays
        masked = (arrays.IntegerArray, arrays.FloatingArray, arrays.BooleanArray)
        return [
            ("Categorical", (self.pandas.Categorical,), self.write_categorical, self.read_categorical),
            ("times", (arrays.DatetimeArray,), self.write_times, self.read_times),
            ("spans", (arrays.TimedeltaArray,), self.write_spans, self.read_spans),
            ("periods", (arrays.PeriodArray,), self.write_periods, self.read_periods),
            ("intervals", (arrays.IntervalArray,), self.write_intervals, self.read_intervals),
            ("masked", masked, self.write_masked, self.read_masked),
            ("strings", string_arrays(self.pandas), self.write_strings, self.read_strings),
            ("numpy", (arrays.NumpyExtensionArray,), self.write_numpy, self.read_numpy),
        ]

    def write_categorical(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        trees = [writer.tree(part, path, depth + 1) for part in (asarray(value.codes), value.categories)]
        return ["pandas:Categorical", *trees, bool(value.ordered)]

    def read_categorical(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        tree, categories_tree, ordered = reader.exactly(parts, 3)
        dtype = self.pandas.CategoricalDtype(
            read_index(self.pandas, reader, categories_tree, depth), ordered is True
        )
        codes = read_codes(reader, tree, dtype.categories, depth)
        return self.pandas.Categorical.from_codes(codes, dtype=dtype)

    def write_times(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        zone = writer.tree(value.tz, f"{path} tz", depth + 1)
        # Without a zone these are the times in UTC.
        return ["pandas:times", writer.tree(value.to_numpy(dtype=f"M8[{value.unit}]"), path, depth + 1), zone]

    def read_times(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        tree, zone_tree = reader.exactly(parts, 2)
        index = self.pandas.DatetimeIndex(read_stamps(reader, tree, "M", depth))
        zone = read_zone(reader, zone_tree, depth)
        return (index if zone is None else index.tz_localize("UTC").tz_convert(zone)).array

    def write_spans(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        return ["pandas:spans", writer.tree(value.to_numpy(), path, depth + 1)]

    def read_spans(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        (tree,) = reader.exactly(parts, 1)
        return self.pandas.TimedeltaIndex(read_stamps(reader, tree, "m", depth)).array

    def write_periods(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        return [
            "pandas:periods",
            str(value.freqstr)[:20],
            writer.tree(asarray(value.asi8), path, depth + 1),
        ]

    def read_periods(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        frequency, tree = reader.exactly(parts, 2)
        ordinals = reader.one_of(ndarray, tree, depth + 1)
        if ordinals.dtype != np_dtype("<i8") or ordinals.ndim != 1:
            raise WireError("periods are no integers")
        dtype = read_period_dtype(self.pandas, reader, frequency)
        return self.arrays.PeriodArray(ordinals, dtype=dtype)

    def write_intervals(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        ends = [writer.tree(end, path, depth + 1) for end in (value.left, value.right)]
        return ["pandas:intervals", *ends, value.closed]

    def read_intervals(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        left_tree, right_tree, closed = reader.exactly(parts, 3)
        left, right = (read_index(self.pandas, reader, tree, depth) for tree in (left_tree, right_tree))
        if closed not in CLOSED or len(left) != len(right):
            raise WireError("intervals have another form than some")
        return self.arrays.IntervalArray.from_arrays(left, right, closed=closed)

    def write_masked(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        mask = asarray(value.isna())
        zero = MASKED[value.dtype.name]
        data = value.to_numpy(dtype=zero, na_value=zeros((), zero)[()])
        return ["pandas:masked", *(writer.tree(part, path, depth + 1) for part in (data, mask))]

    def read_masked(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        data, mask = (reader.one_of(ndarray, tree, depth + 1) for tree in reader.exactly(parts, 2))
        if mask.dtype != np_dtype(bool) or mask.shape != data.shape or data.ndim != 1:
            raise WireError("a mask of another shape or dtype")
        kind = {"i": "IntegerArray", "u": "IntegerArray", "f": "FloatingArray", "b": "BooleanArray"}
        if data.dtype.name not in MASKED.values():
            raise WireError("an array with missing numbers has another dtype than numbers have")
        return getattr(self.arrays, kind[data.dtype.kind])(data, mask)

    def write_strings(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        texts = asarray(value.to_numpy(dtype=object, na_value=None))
        return [
            "pandas:strings",
            *string_dtype_parts(self.pandas, value.dtype),
            write_array(writer, texts, path, depth + 1),
        ]

    def read_strings(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        storage, missing, tree = reader.exactly(parts, 3)
        texts = reader.one_of(ndarray, tree, depth + 1)
        if texts.dtype != np_dtype(object) or texts.ndim != 1:
            raise WireError("an array of strings is none")
        if any(text is not None and type(text) is not str for text in texts):
            raise WireError("an array of strings holds something else")
        return self.pandas.array(texts, dtype=read_string_dtype(self.pandas, storage, missing))

    def write_numpy(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        return ["pandas:numpy", write_array(writer, value.to_numpy(), path, depth + 1)]

    def read_numpy(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        (tree,) = reader.exactly(parts, 1)
        return self.arrays.NumpyExtensionArray(reader.one_of(ndarray, tree, depth + 1))
