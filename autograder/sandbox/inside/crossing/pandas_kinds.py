"""Kinds of pandas: frames, series and indexes; what they hold crosses as buffers.

An index or a column is its values: a NumPy array, or one of pandas' own arrays as the parts it is made of.
Nothing is pickled; texts that choose something (a frequency, the name of a dtype) are on a list or of a
narrow form.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

from numpy import asarray, dtype, ndarray

from .array_kinds import write_array
from .changes import change_frame
from .ends import MAX_DEPTH, Reader, Writer
from .errors import WireError
from .kinds import Kind
from .pandas_arrays import PandasArrays
from .pandas_parts import read_codes, read_index, read_offset, string_arrays
from .pandas_scalars import PandasScalars

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_COLUMNS = 10_000
CHANGES = {"DataFrame": change_frame, "Series": change_frame}


class PandasFrames:
    """Writers and readers of frames, series and indexes.

    Parameters
    ----------
    pandas : module
    """

    def __init__(self, pandas: Any) -> None:
        self.pandas = pandas
        arrays = pandas.arrays
        self._columns = (
            ndarray,
            pandas.Categorical,
            arrays.DatetimeArray,
            arrays.TimedeltaArray,
            arrays.PeriodArray,
            arrays.IntervalArray,
            arrays.IntegerArray,
            arrays.FloatingArray,
            arrays.BooleanArray,
            *string_arrays(pandas),
        )

    def table(self) -> list[tuple[str, tuple[type, ...], Any, Any]]:
        """Name, types, writer and reader of each."""
        pd = self.pandas
        times = (pd.DatetimeIndex, pd.TimedeltaIndex, pd.PeriodIndex)
        indexes = (pd.Index, *times, pd.IntervalIndex, pd.CategoricalIndex)
        return [
            ("DataFrame", (pd.DataFrame,), self.write_frame, self.read_frame),
            ("Series", (pd.Series,), self.write_series, self.read_series),
            ("Index", indexes, self.write_index, self.read_index),
            ("RangeIndex", (pd.RangeIndex,), self.write_range, self.read_range),
            ("MultiIndex", (pd.MultiIndex,), self.write_levels, self.read_levels),
        ]

    def write_frame(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        if value.shape[1] > MAX_COLUMNS:
            raise writer.refusal(value, path, f"more than {MAX_COLUMNS} columns do not cross")
        labels = [writer.tree(labels, path, depth + 1) for labels in (value.columns, value.index)]
        columns = (
            self._values(writer, value.iloc[:, i], f"{path}.iloc[:, {i}]", depth + 1)
            for i in range(value.shape[1])
        )
        return ["pandas:DataFrame", *labels, *columns]

    def read_frame(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        columns, index = (read_index(self.pandas, reader, tree, depth) for tree in parts[:2])
        values = [self._column(reader, tree, depth) for tree in parts[2:]]
        if len(values) != len(columns) or any(len(column) != len(index) for column in values):
            raise WireError("a DataFrame has columns of another length than its index")
        series = {i: self._series_of(column, index) for i, column in enumerate(values)}
        frame = self.pandas.DataFrame(series, index=index)
        frame.columns = columns
        return frame

    def write_series(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        trees = (writer.tree(part, path, depth + 1) for part in (value.name, value.index))
        return ["pandas:Series", *trees, self._values(writer, value, path, depth + 1)]

    def read_series(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        name_tree, index_tree, tree = reader.exactly(parts, 3)
        index = read_index(self.pandas, reader, index_tree, depth)
        values = self._column(reader, tree, depth)
        if len(values) != len(index):
            raise WireError("a Series has another length than its index")
        series = self._series_of(values, index)
        series.name = reader.value(name_tree, depth + 1)
        return series

    def _values(self, writer: Writer, series: Any, path: str, depth: int) -> Any:
        if isinstance(series.dtype, dtype):
            return write_array(writer, series.to_numpy(), path, depth)
        return writer.tree(series.array, path, depth)

    def _column(self, reader: Reader, tree: Any, depth: int) -> Any:
        values = reader.value(tree, depth + 1)
        if type(values) not in self._columns or (type(values) is ndarray and values.ndim != 1):
            raise WireError("a column is no array of one dimension")
        if type(values) is ndarray:
            values.flags.writeable = True  # pandas lends its arrays out read-only; this one is nobody else's
        return values

    def _series_of(self, values: Any, index: Any) -> Any:
        return self.pandas.Series(values, index=index, dtype=values.dtype, copy=False)

    def write_index(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        values = value.to_numpy() if isinstance(value.dtype, dtype) else value.array
        frequency = value.freqstr if type(value).__name__ in ("DatetimeIndex", "TimedeltaIndex") else None
        trees = [writer.tree(part, path, depth + 1) for part in (values, value.name)]
        return ["pandas:Index", *trees, None if frequency is None else str(frequency)[:20]]

    def read_index(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        tree, name_tree, frequency = reader.exactly(parts, 3)
        values = self._column(reader, tree, depth)
        index = self.pandas.Index(values, dtype=values.dtype, name=reader.value(name_tree, depth + 1))
        if frequency is not None:
            if not isinstance(index, self.pandas.DatetimeIndex | self.pandas.TimedeltaIndex):
                raise WireError("an index has a frequency and no times")
            index.freq = read_offset(self.pandas, reader, frequency)
        return index

    def write_range(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        return [
            "pandas:RangeIndex",
            value.start,
            value.stop,
            value.step,
            writer.tree(value.name, path, depth + 1),
        ]

    def read_range(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        numbers = reader.integers(parts[:3], 3)
        (name_tree,) = reader.exactly(parts[3:], 1)
        if not numbers[2] or any(abs(number) >= 2**62 for number in numbers):
            raise WireError("a range has the step 0 or an end that is too far")
        return self.pandas.RangeIndex(*numbers, name=reader.value(name_tree, depth + 1))

    def write_levels(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        levels = [writer.tree(level.rename(None), path, depth + 1) for level in value.levels]
        codes = [writer.tree(asarray(codes), path, depth + 1) for codes in value.codes]
        return ["pandas:MultiIndex", levels, codes, writer.tree(list(value.names), path, depth + 1)]

    def read_levels(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        level_trees, code_trees, names_tree = reader.exactly(parts, 3)
        if not isinstance(level_trees, list) or not isinstance(code_trees, list):
            raise WireError("levels are no list")
        if not 0 < len(level_trees) == len(code_trees) <= MAX_DEPTH:
            raise WireError("an index has not as many codes as levels")
        levels = [read_index(self.pandas, reader, tree, depth) for tree in level_trees]
        codes = [
            read_codes(reader, tree, level, depth) for tree, level in zip(code_trees, levels, strict=True)
        ]
        names = reader.one_of(list, names_tree, depth + 1)
        return self.pandas.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=True)


def kinds(pandas: Any) -> Iterable[Kind]:
    """The kinds of `pandas`."""
    parts = (PandasFrames(pandas), PandasArrays(pandas), PandasScalars(pandas))
    return [
        Kind(f"pandas:{name}", types, write, _guarded(read), change=CHANGES.get(name))
        for part in parts
        for name, types, write, read in part.table()
    ]


def _guarded(read: Any) -> Any:
    """`read`, of which every error is one of the wire."""

    def read_guarded(reader: Reader, parts: list[Any], depth: int) -> Any:
        try:
            return read(reader, parts, depth)
        except WireError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever pandas says of parts that a stranger chose)
            raise WireError(f"a value of pandas cannot be made: {type(error).__name__}") from None

    return read_guarded
