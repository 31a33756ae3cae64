"""Kinds of pandas: single times, spans, periods and intervals, what is missing, and dtypes."""

from __future__ import annotations

import builtins
from typing import Any

from numpy import array, datetime64, timedelta64

from .ends import Reader, Writer
from .errors import WireError
from .pandas_parts import (
    CLOSED,
    MASKED,
    UNITS,
    read_index,
    read_period_dtype,
    read_string_dtype,
    string_dtype_parts,
)
from .time_kinds import read_zone

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()


class PandasScalars:
    """Writers and readers of single values and of dtypes.

    Parameters
    ----------
    pandas : module
    """

    def __init__(self, pandas: Any) -> None:
        self.pandas = pandas
        self.arrays = pandas.arrays

    def table(self) -> list[tuple[str, tuple[type, ...], Any, Any]]:
        """Name, types, writer and reader of each."""
        pd = self.pandas
        dtypes = (pd.CategoricalDtype, pd.DatetimeTZDtype, pd.StringDtype, pd.PeriodDtype, pd.IntervalDtype)
        numbers = (type(pd.api.types.pandas_dtype(name)) for name in MASKED)
        return [
            ("Timestamp", (pd.Timestamp,), self.write_timestamp, self.read_timestamp),
            ("Timedelta", (pd.Timedelta,), self.write_timedelta, self.read_timedelta),
            ("Period", (pd.Period,), self.write_period, self.read_period),
            ("Interval", (pd.Interval,), self.write_interval, self.read_interval),
            ("missing", (type(pd.NaT), type(pd.NA)), self.write_missing, self.read_missing),
            ("dtype", (*dtypes, *numbers), self.write_dtype, self.read_dtype),
        ]

    def write_timestamp(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        zone = writer.tree(value.tzinfo, f"{path} tz", depth + 1)
        return ["pandas:Timestamp", writer.tree(value.to_datetime64(), path, depth + 1), zone]

    def read_timestamp(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        tree, zone_tree = reader.exactly(parts, 2)
        stamp = self.pandas.Timestamp(reader.one_of(datetime64, tree, depth + 1))
        zone = read_zone(reader, zone_tree, depth)
        return stamp if zone is None else stamp.tz_localize("UTC").tz_convert(zone)

    def write_timedelta(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        return ["pandas:Timedelta", writer.tree(value.to_timedelta64(), path, depth + 1)]

    def read_timedelta(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        (tree,) = reader.exactly(parts, 1)
        return self.pandas.Timedelta(reader.one_of(timedelta64, tree, depth + 1))

    def write_period(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        return ["pandas:Period", str(value.freqstr)[:20], value.ordinal]

    def read_period(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        frequency, ordinal = reader.exactly(parts, 2)
        reader.integers([ordinal], 1)
        dtype = read_period_dtype(self.pandas, reader, frequency)
        return self.arrays.PeriodArray(array([ordinal], dtype="<i8"), dtype=dtype)[0]

    def write_interval(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        ends = [writer.tree(end, path, depth + 1) for end in (value.left, value.right)]
        return ["pandas:Interval", *ends, value.closed]

    def read_interval(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        left, right, closed = reader.exactly(parts, 3)
        ends = [reader.value(tree, depth + 1) for tree in (left, right)]
        if closed not in CLOSED:
            raise WireError("an interval is closed in a way that is none")
        return self.pandas.Interval(*ends, closed=closed)

    def write_missing(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        return ["pandas:missing", "NA" if value is self.pandas.NA else "NaT"]

    def read_missing(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        (name,) = reader.exactly(parts, 1)
        if name not in ("NA", "NaT"):
            raise WireError("a missing value that is not on the list")
        return self.pandas.NA if name == "NA" else self.pandas.NaT

    def write_dtype(self, writer: Writer, value: Any, path: str, depth: int) -> list[Any]:
        pd = self.pandas
        if type(value) is pd.CategoricalDtype:
            parts = [writer.tree(value.categories, path, depth + 1), bool(value.ordered)]
            return ["pandas:dtype", "category", *parts]
        if type(value) is pd.DatetimeTZDtype:
            return ["pandas:dtype", "times", value.unit, writer.tree(value.tz, path, depth + 1)]
        if type(value) is pd.StringDtype:
            return ["pandas:dtype", "strings", *string_dtype_parts(self.pandas, value)]
        if type(value) is pd.PeriodDtype:
            return ["pandas:dtype", "periods", str(value.name)[len("period[") : -1]]
        if type(value) is pd.IntervalDtype:
            subtype = None if value.subtype is None else writer.tree(value.subtype, path, depth + 1)
            return ["pandas:dtype", "intervals", subtype, value.closed]
        return ["pandas:dtype", "numbers", value.name]

    def read_dtype(self, reader: Reader, parts: list[Any], depth: int) -> Any:
        pd = self.pandas
        name, *rest = parts or [None]
        if name == "category":
            tree, ordered = reader.exactly(rest, 2)
            categories = None if tree is None else read_index(self.pandas, reader, tree, depth)
            return pd.CategoricalDtype(categories, ordered is True)
        if name == "times":
            unit, tree = reader.exactly(rest, 2)
            if unit not in UNITS:
                raise WireError("a unit of time that is not on the list")
            return pd.DatetimeTZDtype(unit, read_zone(reader, tree, depth))
        if name == "strings":
            return read_string_dtype(self.pandas, *reader.exactly(rest, 2))
        if name == "periods":
            return read_period_dtype(pd, reader, *reader.exactly(rest, 1))
        if name == "intervals":
            tree, closed = reader.exactly(rest, 2)
            return pd.IntervalDtype(None if tree is None else reader.value(tree, depth + 1), closed=closed)
        if name == "numbers" and len(rest) == 1 and rest[0] in MASKED:
            return pd.api.types.pandas_dtype(rest[0])
        raise WireError("a dtype that is not on the list")
