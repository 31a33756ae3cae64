"""What an error of a student's function tells.

The line that raised comes first (`raising`). Where none was reported (the call itself was refused, a limit
was passed), the type of the error or the verdict tells, by a table.
"""

from __future__ import annotations

import re

from autograder.misconceptions.calls import Outcome
from autograder.misconceptions.raising import name_by_line
from autograder.misconceptions.site import site_of

# (names of types, pattern in the message, id of the catalogue); the first row that fits counts.
_TABLE: tuple[tuple[str, str, str], ...] = (
    ("NotImplementedError", r"", "template-untouched"),
    ("timeout TimeoutError", r"", "endless-loop"),
    ("memory MemoryError", r"", "memory-exhausted"),
    ("crashed SystemExit KeyboardInterrupt too-much-output", r"", "process-ended"),
    ("bad-type", r"", "not-an-array"),
    ("RecursionError", r"", "error-recursion"),
    ("EOFError", r"", "input-called"),
    ("ModuleNotFoundError ImportError", r"", "error-import"),
)
# Of errors that no line of the student's own raised: the function refused the call.
_REFUSED: tuple[tuple[str, str, str], ...] = (
    ("TypeError", r"argument", "error-signature"),
    ("TypeError", r"object is not callable", "function-overwritten"),
)


def name_error(outcome: Outcome) -> str:
    """The id of the catalogue for a call that did not return; `error-other` when its mistake is not found.

    >>> name_error(Outcome(None, "RecursionError", "maximum recursion depth exceeded"))
    'error-recursion'
    """
    site = site_of(outcome.raised_line)
    found = _look_up(_TABLE, outcome)
    if found:
        return found
    if site is not None:
        return name_by_line(outcome.error_type, outcome.error_message, site) or "error-other"
    return _look_up(_REFUSED, outcome) or "error-other"


def error_text(outcome: Outcome) -> str:
    """Type, first line of the message, capped at 160 characters, and the student's line that raised.

    >>> error_text(Outcome(None, "IndexError", "list index out of range"))
    'IndexError: list index out of range'
    """
    lines = outcome.error_message.strip().splitlines()
    text = f"{outcome.error_type}: {lines[0]}" if lines else outcome.error_type
    text = text.rstrip(".")
    text = text if len(text) <= 160 else text[:159] + "…"
    site = site_of(outcome.raised_line)
    return f"{text}, in {site.where}" if site is not None else text


def _look_up(table: tuple[tuple[str, str, str], ...], outcome: Outcome) -> str:
    return next(
        (
            mistake_id
            for types, pattern, mistake_id in table
            if outcome.error_type in types.split() and re.search(pattern, outcome.error_message)
        ),
        "",
    )
