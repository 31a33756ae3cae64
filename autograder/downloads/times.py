"""Times of submission as platforms write them: in words of many languages, in numbers of either order.

A date in numbers whose day and month could change places (`03/04/2026`) is read only where another date of
the same column shows the order; else it is not read at all. A time without a zone is in the zone that was
asked for.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.course import CourseError

# Months of the year, in the forms that stand in dates; accents do not count.
_MONTHS = (
    "january jan januar januari jänner janvier enero ene gennaio gen janeiro styczeń stycznia sty gener "
    "januára ledna "
    "leden tammikuuta ianuarie ocak январь января янв січня січень január",
    "february feb februar februari février févr febrero febbraio fevereiro fev luty lutego lut febrer "
    "února únor "
    "helmikuuta februarie şubat февраль февраля фев лютого лютий február",
    "march mar märz mrz maart mars marzo março marzec marca març března březen maaliskuuta martie mart "
    "март марта "
    "березня березень március",
    "april apr avril avr abril abr aprile kwiecień kwietnia kwi dubna duben huhtikuuta aprilie nisan "
    "апрель апреля апр "
    "квітня квітень április",
    "may mai mei mayo maggio mag maio maj maja maig května květen toukokuuta mayıs май мая травня "
    "травень május",
    "june jun juni juin junio giugno giu junho czerwiec czerwca cze juny června červen kesäkuuta iunie "
    "haziran июнь "
    "июня июн червня червень június",
    "july jul juli juillet juil julio luglio lug julho lipiec lipca lip juliol července červenec "
    "heinäkuuta iulie "
    "temmuz июль июля июл липня липень július",
    "august aug augustus août agosto ago sierpień sierpnia sie agost srpna srpen elokuuta ağustos август "
    "августа авг "
    "серпня серпень augusti augusztus",
    "september sep sept septembre septiembre settembre set setembro wrzesień września wrz setembre září "
    "syyskuuta "
    "septembrie eylül сентябрь сентября сен вересня вересень szeptember",
    "october oct oktober okt octobre octubre ottobre ott outubro out październik października paź října "
    "říjen "
    "lokakuuta octombrie ekim октябрь октября окт жовтня жовтень október",
    "november nov novembre noviembre novembro listopad listopada lis marraskuuta noiembrie kasım ноябрь "
    "ноября ноя "
    "листопада",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia gru "
    "desembre prosince "
    "prosinec joulukuuta decembrie aralık декабрь декабря дек грудня грудень des desember",
)


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("ı", "i")


_MONTH_OF = {_plain(word): number for number, words in enumerate(_MONTHS, start=1) for word in words.split()}
_CLOCK = re.compile(
    r"(?<![\d.:/-])(\d{1,2})\s?(?::|h|(?<=\d)\.(?=\d\d(?![\d.])))\s?(\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?"
    r"\s*(a\.?\s?m\.?|p\.?\s?m\.?|vorm\.?|nachm\.?)?(?=$|[^\w.])",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})(?!\d)")
_OFFSET = re.compile(r"(?<=[\d\s])(?:(?:UTC|GMT)?\s?([+-])(\d{2}):?(\d{2})|(Z|UTC|GMT))\s*$")


@dataclass(frozen=True)
class TimeReader:
    """Reads the times of one column.

    Attributes
    ----------
    zone : tzinfo or None
        Of times that name none; None is this machine's.
    day_first : bool or None
        Which of two numbers below 13 is the day, where a dot does not say so; None where nothing tells.
    """

    zone: datetime.tzinfo | None = None
    day_first: bool | None = None

    @classmethod
    def of_column(cls, texts: Iterable[str], zone: datetime.tzinfo | None = None) -> TimeReader:
        """The reader for these texts: one date among them can tell the order of all."""
        found = [match for text in texts if (match := _YEAR_LAST.search(text))]
        day_first = any(int(match[1]) > 12 for match in found)
        month_first = any(int(match[3]) > 12 for match in found)
        return cls(zone, day_first if day_first != month_first else None)

    def read(self, text: str) -> datetime.datetime | None:
        """The moment that `text` tells, with its zone; None where it cannot be read.

        >>> utc = TimeReader(datetime.UTC)
        >>> utc.read("Donnerstag, 26. November 2026, 23:59").isoformat()
        '2026-11-26T23:59:00+00:00'
        >>> utc.read("Thursday, November 26, 2026, 11:59 PM") == utc.read("26/11/2026 23:59")
        True
        >>> utc.read("03/04/2026 12:00") is None, utc.read("-") is None
        (True, True)
        """
        text = " ".join(text.replace("\u202f", " ").split())
        date = self._date(text)
        clock = None if date is None else _clock(text.replace(date[1], " ", 1))
        if date is None or clock is None:
            return None
        try:
            moment = datetime.datetime(*date[0], *clock)
            zone = _told_zone(text)
            return moment.replace(tzinfo=zone) if zone else self._in_zone(moment)
        except (ValueError, OverflowError, OSError):
            return None

    def names_no_zone(self, text: str) -> bool:
        """Whether the time was read in the reader's zone."""
        return _told_zone(" ".join(text.split())) is None

    def _in_zone(self, moment: datetime.datetime) -> datetime.datetime:
        return moment.astimezone() if self.zone is None else moment.replace(tzinfo=self.zone)

    def _date(self, text: str) -> tuple[tuple[int, int, int], str] | None:
        """Year, month and day, and the text that says so."""
        if match := _YEAR_FIRST.search(text):
            return (int(match[1]), int(match[2]), int(match[3])), match[0]
        if match := _YEAR_LAST.search(text):
            one, other, year = int(match[1]), int(match[3]), int(match[4])
            day_first = True if match[2] == "." or one > 12 else False if other > 12 else self.day_first
            if day_first is None and one != other:
                return None
            return ((year, other, one) if day_first else (year, one, other)), match[0]
        return _date_in_words(text)


def zone_named(name: str) -> datetime.tzinfo:
    """The time zone of that name (`Europe/Berlin`, `UTC`).

    Raises
    ------
    CourseError
        There is none.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CourseError(
            f"{name!r} is no time zone that this machine knows; one like Europe/Berlin, America/New_York "
            "or UTC is "
            "wanted."
        ) from error


def _clock(text: str) -> tuple[int, int, int] | None:
    match = _CLOCK.search(text)
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    half = (match[4] or "").casefold()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pn" else 0)
    return hour, minute, second


def _date_in_words(text: str) -> tuple[tuple[int, int, int], str] | None:
    year = re.search(r"(?<!\d)(\d{4})(?!\d)", text)
    if year is None:
        return None
    for word in re.finditer(r"[^\W\d_]+", text):
        month = _MONTH_OF.get(_plain(word[0]))
        if month is None:
            continue
        before = re.search(
            r"(?<!\d)(\d{1,2})(?:\.|er|st|nd|rd|th|º)?(?:\s(?:de|of|d))?[\s'-]*$", text[: word.start()]
        )
        after = re.match(r"\.?\s?(\d{1,2})(?:st|nd|rd|th|\.)?(?!\d|:)", text[word.end() :])
        day = before or after
        if day is not None:
            start = min(word.start(), year.start(), before.start() if before else word.start())
            end = max(year.end(), word.end(), word.end() + (after.end() if after and not before else 0))
            return (int(year[1]), month, int(day[1])), text[start:end]
    return None


def _told_zone(text: str) -> datetime.tzinfo | None:
    match = _OFFSET.search(text)
    if match is None:
        return None
    if match[4]:
        return datetime.UTC
    offset = datetime.timedelta(hours=int(match[2]), minutes=int(match[3]))
    return (
        datetime.timezone(offset if match[1] == "+" else -offset)
        if offset < datetime.timedelta(hours=24)
        else None
    )
