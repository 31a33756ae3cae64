"""Times of submission, as platforms write them."""

from __future__ import annotations

import datetime

import pytest

from autograder.course import CourseError
from autograder.downloads.times import TimeReader, zone_named

UTC = TimeReader(datetime.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Thursday, 26 November 2026, 11:59 PM",
        "Thursday, November 26, 2026, 11:59 PM",
        "Thursday, 26 November 2026, 11:59 p.m.",
        "Nov 26, 2026 at 11:59pm",
        "26 Nov 2026 23:59",
        "Donnerstag, 26. November 2026, 23:59",
        "Donnerstag, 26. November 2026, 23:59 Uhr",
        "jeudi 26 novembre 2026, 23:59",
        "jeudi 26 novembre 2026, 23h59",
        "jueves, 26 de noviembre de 2026, 23:59",
        "giovedì, 26 novembre 2026, 23:59",
        "quinta-feira, 26 de novembro de 2026 às 23:59",
        "donderdag, 26 november 2026, 23:59",
        "czwartek, 26 listopada 2026, 23:59",
        "четверг, 26 ноября 2026, 23:59",
        "2026年11月26日 23:59",
        "26/11/2026 23:59",
        "11/26/2026 11:59 PM",
        "26.11.2026, 23:59",
        "26.11.2026 23.59",
        "26-11-2026 23:59:00",
        "2026-11-26 23:59",
        "2026-11-26T23:59:00",
        "2026-11-26 23:59:00.000 UTC",
        "2026-11-27 00:59:00 +0100",
        "2026-11-26T18:59:00-05:00",
        "2026-11-26T23:59:00Z",
    ],
)
def test_a_time_is_read_in_every_common_form(text: str) -> None:
    moment = UTC.read(text)
    assert moment is not None
    assert moment == datetime.datetime(2026, 11, 26, 23, 59, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("26 November 2026, 12:01 AM", 0), ("26 November 2026, 12:01 PM", 12), ("1 March 2026, 9:01", 9)],
)
def test_noon_and_midnight(text: str, hour: int) -> None:
    moment = UTC.read(text)
    assert moment is not None
    assert (moment.hour, moment.minute) == (hour, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "yesterday",
        "26 November 2026",
        "23:59",
        "31 February 2026, 10:00",
        "26 Nov 2026 25:00",
        "13:00 PM",
    ],
)
def test_what_is_no_time_is_not_read(text: str) -> None:
    assert UTC.read(text) is None


def test_a_date_in_numbers_is_read_in_the_order_that_its_column_shows() -> None:
    text = "03/04/2026 10:00"
    assert UTC.read(text) is None
    by_day = TimeReader.of_column([text, "26/03/2026 10:00"], datetime.UTC).read(text)
    by_month = TimeReader.of_column([text, "03/26/2026 10:00"], datetime.UTC).read(text)
    assert by_day is not None
    assert by_month is not None
    assert (by_day.month, by_month.month) == (4, 3)
    assert TimeReader.of_column(["26/03/2026 1:00", "03/26/2026 1:00"], datetime.UTC).read(text) is None
    dots = UTC.read("03.04.2026 10:00")
    assert dots is not None
    assert dots.month == 4


def test_a_time_without_a_zone_is_in_the_zone_asked_for_summer_and_winter() -> None:
    berlin = TimeReader(zone_named("Europe/Berlin"))
    for text, hour in (("26 November 2026, 23:59", 22), ("26 June 2026, 23:59", 21)):
        moment = berlin.read(text)
        assert moment is not None
        assert moment.astimezone(datetime.UTC).hour == hour
    assert berlin.names_no_zone("26 November 2026, 23:59")
    assert not berlin.names_no_zone("2026-11-26 23:59:00 UTC")


@pytest.mark.parametrize("name", ["Berlin", "", "../x", "Europe/Nowhere"])
def test_a_zone_that_is_none_is_refused_with_some_that_are(name: str) -> None:
    with pytest.raises(CourseError, match=r"is no time zone that this machine knows; one like Europe/Berlin"):
        zone_named(name)
