"""The mistakes behind the first: it is taken out of the text, and the text is run and looked at again.

What stops a function, or leaves out a layer, hides all that comes after it. Each round takes out one mistake.
It ends when nothing more is found, when a guess did not help, or after `MOST_ROUNDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograder import code_cell
from autograder.misconceptions.calls import Call, Outcome, Rewritten, Ways
from autograder.misconceptions.diagnosed import Diagnosis
from autograder.misconceptions.formulas import right_parameters
from autograder.misconceptions.mending import GAP, Mended, mend
from autograder.misconceptions.repairs import canonical_key
from autograder.raised_line import RaisedLine

MOST_ROUNDS = 4

# From a text and the ways to ask it: the diagnosis, and what the first call gave.
Look = Callable[[Ways, str], "tuple[Diagnosis | None, Outcome]"]


@dataclass
class _Text:
    """A text on its way from the student's to one with fewer mistakes.

    Attributes
    ----------
    own : list of str
        The lines of the student's text.
    text : str
    numbers : list of int
        The number in the student's text of each line; 0 for a line that was put in.
    silent : set of str
        Beginnings of ids of which nothing can be said any more.
    """

    own: list[str]
    text: str
    numbers: list[int]
    silent: set[str] = field(default_factory=set)

    def take(self, mended: Mended) -> None:
        self.text = mended.text
        self.silent |= mended.silent
        if mended.line_added:
            self.numbers.insert(mended.line_added - 1, 0)

    def as_own(self, raised: RaisedLine | None) -> RaisedLine | None:
        """A raised line with the number and the text that it has in the student's notebook."""
        if raised is None or not 0 < raised.number <= len(self.numbers):
            return raised
        number = self.numbers[raised.number - 1]
        return replace(raised, number=number, line=self.own[number - 1].strip() if number else "")

    def as_here(self, raised: RaisedLine | None) -> RaisedLine | None:
        """The line with the number that it has in this text."""
        if raised is None or raised.number not in self.numbers:
            return raised
        return replace(raised, number=self.numbers.index(raised.number) + 1)


def mistakes_behind(
    scheme: str, found: Diagnosis, first: Outcome, source: str, name: str, rewritten: Rewritten, look: Look
) -> tuple[Diagnosis, ...]:
    """Mistakes that show once those before them are taken out, in the order in which they showed.

    Parameters
    ----------
    scheme : str
        A key of `SCHEMES`.
    found : Diagnosis
        What the first look found.
    first : Outcome
        Of the first call.
    source, name : str
        The student's text, and the function in it.
    rewritten : callable
        From a text, the ways to ask the function in it.
    look : callable
        One look at a text.
    """
    python = code_cell.as_python(source)
    own = python.split("\n")
    text = _Text(own, python, list(range(1, len(own) + 1)))
    told = {found.id: found} | {other.id: other for other in found.further}
    tried: set[tuple[str, str]] = set()
    now: Diagnosis | None = found
    for _ in range(MOST_ROUNDS):
        mended = None
        for one in (now, *now.further) if now is not None else ():
            raised = text.as_here(first.raised_line) if one is now else None
            attempt = (one.id, f"{raised.number} {raised.expression}" if raised is not None else "")
            if mended is None and attempt not in tried:
                tried.add(attempt)
                mended = mend(text.text, name, one.id, raised)
        if mended is None:
            break
        text.take(mended)
        now, first = look(_asked(scheme, text, rewritten(text.text)), text.text)
        for other in (now, *now.further) if now is not None else ():
            if other.is_named and not other.id.startswith(tuple(text.silent)):
                told.setdefault(other.id, replace(other, further=()))
    return tuple(list(told.values())[1:])


def _asked(scheme: str, text: _Text, ways: Ways) -> Ways:
    """The same ways, with gaps filled and raised lines as they stand in the student's notebook."""

    def through(call: Call | None) -> Call | None:
        if call is None:
            return None

        def ask(dims: list[int], *others: Any) -> Outcome:
            outcome = call(dims, *others)
            raised = text.as_own(outcome.raised_line)
            return replace(outcome, value=_filled(outcome.value, scheme, dims), raised_line=raised)

        return ask

    call = through(ways.call)
    assert call is not None
    return Ways(call, through(ways.call_again), through(ways.call_seeded))


def _filled(value: object, scheme: str, dims: list[int]) -> object:
    """A result with the right arrays where the student's line was taken out."""
    if not isinstance(value, dict):
        return value
    right = right_parameters(scheme, dims)
    return {
        key: right.get(canonical_key(key), np.zeros((1, 1))) if type(item) is str and item == GAP else item
        for key, item in dict.items(value)
    }
