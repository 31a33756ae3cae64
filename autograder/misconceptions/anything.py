"""How a function of any assignment failed, by what the visible check saw: verdict and type of the error."""

from __future__ import annotations

import re

from autograder.misconceptions.diagnosed import Diagnosis, worded
from autograder.misconceptions.failures import ANY, NOT_FOUND

_ENTRIES = {entry.id: entry for entry in ANY}

_BY_VERDICT = {
    "timeout": "any-timeout",
    "memory": "any-memory",
    "crashed": "any-process-ended",
    "too-much-output": "any-output",
    "bad-type": "any-bad-type",
    "not-found": "any-not-found",
}
_BY_ERROR = {
    "NameError": "any-name",
    "UnboundLocalError": "any-name",
    "AttributeError": "any-attribute",
    "TypeError": "any-type",
    "IndexError": "any-index",
    "KeyError": "any-index",
    "ValueError": "any-value",
    "ZeroDivisionError": "any-zero-division",
    "RecursionError": "any-recursion",
    "ImportError": "any-import",
    "ModuleNotFoundError": "any-import",
    "MemoryError": "any-memory",
}
_SHAPES = re.compile(r"broadcast|not aligned|mismatch|reshape|shape", re.IGNORECASE)
_BEFORE_THE_DEFINITION = {
    "EOFError": "cell-asks-input",
    "ModuleNotFoundError": "cell-imports-elsewhere",
    "ImportError": "cell-imports-elsewhere",
}


def explain_failure(verdict: str, message: str) -> Diagnosis | None:
    """The entry for a visible check that ended with `verdict`; None for a wrong answer.

    Parameters
    ----------
    message : str
        What the grader says of it: `` `f` raised KeyError: 'W1' ``.

    >>> explain_failure("raised", "`f` raised KeyError: 'W1'").id
    'any-index'
    """
    if verdict != "raised":
        mistake_id = _BY_VERDICT.get(verdict)
        return _told(mistake_id) if mistake_id else None
    found = re.match(r"`\w+` raised (\w+)", message)
    mistake_id = _BY_ERROR.get(found[1] if found else "", "any-error")
    if mistake_id == "any-value" and _SHAPES.search(message):
        mistake_id = "any-shape"
    return _told(mistake_id)


def explain_stop(error_type: str, message: str, number: int, line: str) -> Diagnosis:
    """The entry for a cell that stopped above the definition of a function.

    Parameters
    ----------
    error_type, message : str
        What the cell raised.
    number, line : int, str
        Which line of the cell stopped, from 1, and its text.

    >>> explain_stop("EOFError", "", 1, "k = input()").id
    'cell-asks-input'
    """
    shown = line.strip().replace("`", "'")
    short = shown if len(shown) <= 90 else shown[:89] + "…"
    first = message.strip().splitlines()[:1]
    said = f"{error_type}: {first[0][:160]}".rstrip(".") if first else error_type
    found = f"in line {number} (`{short}`), with {said}"
    return _told(_BEFORE_THE_DEFINITION.get(error_type, "cell-stopped"), found=found)


def _told(mistake_id: str, **fields: str) -> Diagnosis:
    return worded(_ENTRIES[mistake_id], fields, is_named=mistake_id not in NOT_FOUND)
