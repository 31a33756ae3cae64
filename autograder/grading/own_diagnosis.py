"""Which entry of the course's own catalogue a failure fits: what was seen of it is compared.

What is compared may be told to the student: the message they read, their own code, what their function gives
for the entry's arguments in a process that has seen nothing hidden. How a hidden part ended is not looked at.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.misconceptions.calls import Outcome
from autograder.misconceptions.diagnosed import Diagnosis
from autograder.own_mistakes import KnownCall, OwnMistake, Signs

_MOST_NUMBERS = 10_000

# ask(function, arguments) gives what one call of the student's function gives; None where it is not asked.
Ask = Callable[[str, Sequence[Any]], Outcome | None]


@dataclass(frozen=True)
class Seen:
    """What a student may be told of a test that did not pass.

    Attributes
    ----------
    verdict : str
        As told: `not-passed` of a hidden part.
    message : str
    source : str
        The cells of the student's that define the function.
    cluster : str
    """

    verdict: str
    message: str
    source: str
    cluster: str

    @property
    def error(self) -> str:
        """The name of the error that the visible check stopped with; "" for none."""
        found = re.match(r"`\w+` raised (\w+)", self.message)
        return found[1] if found and self.verdict == "raised" else ""


def own_diagnosis(mistakes: Sequence[OwnMistake], seen: Seen, ask: Ask) -> Diagnosis | None:
    """The first entry that fits, with the others as further mistakes; None where none does."""
    found = [
        Diagnosis(one.id, one.what, one.what, why=one.why, experiment=one.experiment)
        for one in mistakes
        if _fits(one.when, seen, ask)
    ]
    if not found:
        return None
    first = found[0]
    return Diagnosis(first.id, first.hint, first.teacher_note, tuple(found[1:]), first.why, first.experiment)


def is_in(pattern: str, text: str) -> bool:
    """Whether a pattern is somewhere in a text: `*` stands for anything, spaces do not count.

    >>> is_in("W[*l + 1]", "total += W[layer,l+1]"), is_in("x*y", "y = x")
    (True, False)
    """
    rest, place = "".join(text.split()), 0
    for part in "".join(pattern.split()).split("*"):
        at = rest.find(part, place)
        if at < 0:
            return False
        place = at + len(part)
    return True


def is_same(found: Any, wanted: Any) -> bool:
    """Whether a value of the student's is the one in the catalogue: numbers to 6 digits, arrays as lists.

    >>> is_same(np.array([1.0, 2.0000001]), [1, 2]), is_same(True, 1), is_same("1", 1)
    (True, False, False)
    """
    if isinstance(found, np.ndarray) and found.size <= _MOST_NUMBERS:
        found = found.tolist()
    elif isinstance(found, np.generic):
        found = found.item()
    if isinstance(wanted, list):
        is_long = isinstance(found, (list, tuple)) and len(found) == len(wanted)
        return is_long and all(is_same(one, other) for one, other in zip(found, wanted, strict=True))
    if isinstance(wanted, dict):
        has_keys = isinstance(found, dict) and set(found) == set(wanted)
        return has_keys and all(is_same(found[key], value) for key, value in wanted.items())
    if isinstance(wanted, bool) or not isinstance(wanted, (int, float)):
        return type(found) is type(wanted) and bool(found == wanted)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return False
    try:
        return math.isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-12) or (
            found != found and wanted != wanted
        )
    except OverflowError:  # an integer that no float is as large as
        return False


def _fits(when: Signs, seen: Seen, ask: Ask) -> bool:
    pairs = ((when.verdict, seen.verdict), (when.error, seen.error), (when.cluster, seen.cluster))
    if any(wanted and wanted != found for wanted, found in pairs):
        return False
    if when.says and not is_in(when.says, seen.message):
        return False
    if when.code and not any(is_in(when.code, line) for line in seen.source.splitlines()):
        return False
    return all(_gives(call, ask) for call in when.calls)


def _gives(call: KnownCall, ask: Ask) -> bool:
    outcome = ask(call.function, json.loads(call.arguments, object_hook=_array))
    if outcome is None:
        return False
    if call.returns:
        return not outcome.error_type and is_same(outcome.value, json.loads(call.returns))
    line = outcome.raised_line.line if outcome.raised_line is not None else ""
    return outcome.error_type == call.raises and (not call.line or is_in(call.line, line))


def _array(fields: dict[str, Any]) -> Any:
    return np.array(fields["array"]) if list(fields) == ["array"] else fields
