"""Pages of the hand-in service: what is told of a result before the deadline, and one sentence as a page.

Everything a student wrote is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.pages import render
from autograder.verdict_words import VERDICT_WORDS

_LATER = ("◌", "Told after the deadline", "ours")


def told_page(title: str, student: str, told: Mapping[str, Any]) -> str:
    """The page of a result as `serve.told.told_result` gives it to the student."""
    tests = [test | {"shown": VERDICT_WORDS.get(test["verdict"], _LATER)} for test in told["tests"]]
    return render("told.html.j2", title=title, student=student, told=told, tests=tests)


def message_page(title: str, sentence: str) -> str:
    """A page of one sentence."""
    return render("message.html.j2", title=title, sentence=sentence)
