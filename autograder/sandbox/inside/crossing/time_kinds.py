"""Kinds of dates, times, spans of time and time zones."""

from __future__ import annotations

import builtins
import datetime
import functools
import zoneinfo
from datetime import UTC, date, time, timedelta, timezone
from datetime import datetime as datetime_datetime
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from .ends import Reader, Writer
from .errors import WireError
from .kinds import Kind

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()


def _write_date(writer: Writer, value: datetime.date, path: str, depth: int) -> list[Any]:
    return ["date", value.year, value.month, value.day]


def _read_date(reader: Reader, parts: list[Any], depth: int) -> datetime.date:
    return date(*reader.integers(parts, 3))


def _write_time(writer: Writer, value: datetime.time, path: str, depth: int) -> list[Any]:
    zone = writer.tree(value.tzinfo, f"{path} tzinfo", depth + 1)
    return ["time", value.hour, value.minute, value.second, value.microsecond, value.fold, zone]


def _read_time(reader: Reader, parts: list[Any], depth: int) -> datetime.time:
    hour, minute, second, microsecond, fold = reader.integers(parts[:-1], 5)
    zone = read_zone(reader, parts[-1], depth)
    return time(hour, minute, second, microsecond, zone, fold=fold)


def _write_datetime(writer: Writer, value: datetime.datetime, path: str, depth: int) -> list[Any]:
    zone = writer.tree(value.tzinfo, f"{path} tzinfo", depth + 1)
    day = (value.year, value.month, value.day)
    return ["datetime", *day, value.hour, value.minute, value.second, value.microsecond, value.fold, zone]


def _read_datetime(reader: Reader, parts: list[Any], depth: int) -> datetime.datetime:
    *numbers, fold = reader.integers(parts[:-1], 8)
    zone = read_zone(reader, parts[-1], depth)
    year, month, day, hour, minute, second, microsecond = numbers
    return datetime_datetime(year, month, day, hour, minute, second, microsecond, zone, fold=fold)


def _write_timedelta(writer: Writer, value: datetime.timedelta, path: str, depth: int) -> list[Any]:
    return ["timedelta", value.days, value.seconds, value.microseconds]


def _read_timedelta(reader: Reader, parts: list[Any], depth: int) -> datetime.timedelta:
    return timedelta(*reader.integers(parts, 3))


def _write_timezone(writer: Writer, value: datetime.timezone, path: str, depth: int) -> list[Any]:
    offset = value.utcoffset(None)
    name = value.tzname(None)
    own = None if name == timezone(offset).tzname(None) else name[:100]
    return ["timezone", offset.days, offset.seconds, offset.microseconds, own]


def _read_timezone(reader: Reader, parts: list[Any], depth: int) -> datetime.timezone:
    offset = timedelta(*reader.integers(parts[:3], 3))
    (name,) = reader.exactly(parts[3:], 1)
    if name is None:
        return timezone(offset) if offset else UTC
    return timezone(offset, reader.text(name, 100))


def _write_zone(writer: Writer, value: zoneinfo.ZoneInfo, path: str, depth: int) -> list[Any]:
    if type(value.key) is not str:
        raise writer.refusal(value, path, "a time zone that was read from a file does not cross")
    return ["ZoneInfo", value.key]


def _read_zone_of_list(reader: Reader, parts: list[Any], depth: int) -> zoneinfo.ZoneInfo:
    name = reader.text(reader.exactly(parts, 1)[0], 100)
    if name not in _installed_zones():
        raise WireError("a time zone that is not installed")
    return ZoneInfo(name)


def read_zone(reader: Reader, tree: Any, depth: int) -> Any:
    """A time zone, or None."""
    return reader.one_of((NoneType, timezone, ZoneInfo), tree, depth + 1)


@functools.cache
def _installed_zones() -> frozenset[str]:
    return frozenset(available_timezones())


KINDS = (
    Kind("date", (datetime.date,), _write_date, _read_date),
    Kind("time", (datetime.time,), _write_time, _read_time),
    Kind("datetime", (datetime.datetime,), _write_datetime, _read_datetime),
    Kind("timedelta", (datetime.timedelta,), _write_timedelta, _read_timedelta),
    Kind("timezone", (datetime.timezone,), _write_timezone, _read_timezone),
    Kind("ZoneInfo", (zoneinfo.ZoneInfo,), _write_zone, _read_zone_of_list),
)
