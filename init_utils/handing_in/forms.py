"""The service's two answers, read as a stranger's: what may be handed in, and the entry in the queue.

FormError: an answer has another form; its text says what is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from init_utils.handing_in.answer import shown

_ADDRESS = re.compile(r"[!-~]{1,300}")
_MOST_QUOTED = 40


class FormError(Exception):
    """An answer has another form; the text says what is wanted."""


@dataclass(frozen=True)
class Work:
    """A notebook that may be handed in."""

    assignment: str
    notebook: str


@dataclass(frozen=True)
class Mine:
    """Who asks, and what that person may hand in."""

    name: str
    works: tuple[Work, ...]


@dataclass(frozen=True)
class Entry:
    """What was handed in: its place in the queue (0 when it is done), seconds left, address of feedback."""

    place: int
    seconds_left: float
    feedback: str


def read_mine(told: Mapping[str, Any]) -> Mine:
    """The answer to whoever asks what may be handed in.

    >>> read_mine({"name": "ada", "assignments": [{"assignment": "a", "notebook": "b"}]})
    Mine(name='ada', works=(Work(assignment='a', notebook='b'),))
    """
    name = _text(told, "name")
    works = _field(told, "assignments")
    if not isinstance(works, list):
        raise _other("assignments", works, "a list")
    if not all(isinstance(work, dict) for work in works):
        raise FormError("one of its 'assignments' is no object")
    return Mine(name, tuple(Work(_text(work, "assignment"), _text(work, "notebook")) for work in works))


def read_entry(told: Mapping[str, Any]) -> Entry:
    """The answer to a notebook that is handed in.

    >>> read_entry({"place": 2, "seconds_left": 7.3, "feedback": "feedback/1"})
    Entry(place=2, seconds_left=7.3, feedback='feedback/1')
    """
    feedback = _text(told, "feedback")
    if not _ADDRESS.fullmatch(feedback):
        raise _other("feedback", feedback, "an address")
    return Entry(int(_number(told, "place")), _number(told, "seconds_left"), feedback)


def _field(told: Mapping[str, Any], name: str) -> Any:
    if name not in told:
        raise FormError(f"it has no {name!r}")
    return told[name]


def _text(told: Mapping[str, Any], name: str) -> str:
    text = _field(told, name)
    if not (isinstance(text, str) and text.isprintable()):
        raise _other(name, text, "a text")
    return text


def _number(told: Mapping[str, Any], name: str) -> float:
    number = _field(told, name)
    if isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1e9:
        return float(number)
    raise _other(name, number, "a number from 0 on")


def _other(name: str, got: Any, wanted: str) -> FormError:
    return FormError(f"its {name!r} is {shown(repr(got), _MOST_QUOTED)}; {wanted} is wanted")
