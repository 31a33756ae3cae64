"""How the student's function is asked, what it answers, and when two answers are the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.raised_line import RaisedLine

# Five layers of sizes that do not repeat: more layers than anyone writes by hand, every index shows.
PROBE = (4, 11, 3, 2, 7, 9)
SMALL = (4, 2, 3)
SINGLE = (6, 4)

Params = dict[str, Any]


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


def arrays_of(value: object) -> Params:
    """A structurally right result as a dict of ndarrays."""
    assert isinstance(value, dict)
    return {
        key: np.asarray(item) for key, item in dict.items(value) if isinstance(key, str) and _is_array(item)
    }


def shapes_of(value: object) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays of a result, by key."""
    return {key: array.shape for key, array in arrays_of(value).items()} if isinstance(value, dict) else {}


def agree(parameters: Params, right: Params) -> bool:
    """Whether every array of `right` is in `parameters`, with equal shape and values."""
    return all(key in parameters and close(parameters[key], array) for key, array in right.items())


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether two arrays have the same shape and, to 6 digits, the same numbers."""
    if found.shape != wanted.shape or found.dtype.kind not in "fiu":
        return False
    return bool(np.allclose(found, wanted, rtol=1e-6, atol=1e-12))


def _is_array(item: object) -> bool:
    if isinstance(item, np.ndarray):
        return item.dtype.kind in "fiu"
    return isinstance(item, (int, float)) or (isinstance(item, list) and _is_regular(item))


def _is_regular(item: list[Any]) -> bool:
    try:
        return np.asarray(item).dtype.kind in "fiu"
    except ValueError:  # rows of different lengths
        return False
