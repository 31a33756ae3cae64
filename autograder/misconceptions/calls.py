"""How a student's function is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.raised_line import RaisedLine


@dataclass(frozen=True)
class Outcome:
    """What one call of the student's function gave.

    Attributes
    ----------
    value : object
        What it returned, as plain data.
    error_type : str
        "" when it returned; else the name of the exception, or a verdict: `timeout`, `memory`, `crashed`,
        `not-found`, `bad-type`.
    error_message : str
        The exception's text.
    raised_line : RaisedLine or None
        The student's line that raised it.
    """

    value: Any = None
    error_type: str = ""
    error_message: str = ""
    raised_line: RaisedLine | None = None


# The student's function: call(*args) gives the Outcome of one call in a fresh process.
Call = Callable[..., Outcome]


@dataclass(frozen=True)
class Ways:
    """The ways to ask a student's function.

    Attributes
    ----------
    call : Call
        One call in a fresh process.
    call_again : Call or None
        The second of two equal calls in one process.
    call_seeded : Call or None
        One call after the global generators were seeded with the exercise's seed.
    """

    call: Call
    call_again: Call | None = None
    call_seeded: Call | None = None


# From another text of the student's cell, the ways to ask its function.
Rewritten = Callable[[str], Ways]
