"""Whose submission runs again because a busy machine may have failed it, and when each has its turn.

Alone, it holds up the others, so it is the student whom it costs most: the student's next submissions wait
behind it, it waits for `OTHERS_FIRST` submissions of others, and of the same student's only one in `EACH_S`
has the machine for itself. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from autograder.serve.entries import Entry

OTHERS_FIRST = 16  # submissions of others that are begun before one that runs again, if so many wait
EACH_S = 3_600.0  # in which a student's submissions hold up others once; a later one runs beside them


class Again:
    """The submissions that run again, in the order in which that was found out.

    Parameters
    ----------
    clock : callable
        Seconds that never go back.

    Examples
    --------
    >>> ada, bob = (Entry(name, name, "ps1", "ps1", 0.0, 1, "") for name in ("ada", "bob"))
    >>> again = Again(lambda: 0.0)
    >>> again.put(ada)
    >>> again.due([ada], [bob]) is None, again.due([ada], []) is ada
    (True, True)
    >>> for _ in range(OTHERS_FIRST): again.begin(bob)
    >>> again.due([ada], [bob]) is ada
    True
    >>> again.begin(ada)
    >>> again.is_alone(ada)
    True
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun = self._begun_before = 0  # other submissions: in all, and when the last one ran again
        self._put: dict[str, float] = {}  # by entry: how many others were begun before
        self._alone: set[str] = set()  # entries
        self._alone_at: dict[str, float] = {}  # by student: when one last had the machine for itself

    def __contains__(self, entry: Entry) -> bool:
        return entry.id in self._put

    def put(self, entry: Entry) -> None:
        """Let it run again."""
        self._put[entry.id] = self._begun

    def put_last(self, entry: Entry) -> None:
        """Let it wait for all others, where it runs again: the grader failed on it."""
        if entry.id in self._put:
            self._put[entry.id] = math.inf

    def begin(self, entry: Entry) -> None:
        """Take note that a submission, one that runs again or another, is being graded."""
        if entry.id not in self._put:
            self._begun += 1
            return
        self._begun_before, now = self._begun, self._clock()
        if now - self._alone_at.get(entry.student, -EACH_S) >= EACH_S:
            self._alone_at[entry.student] = now
            self._alone.add(entry.id)

    def is_alone(self, entry: Entry) -> bool:
        """Whether what has begun has the machine for itself."""
        return entry.id in self._alone

    def end(self, entry: Entry) -> None:
        """Forget it: it has an outcome."""
        self._put.pop(entry.id, None)
        self._alone.discard(entry.id)

    def due(self, again: Sequence[Entry], others: Sequence[Entry]) -> Entry | None:
        """Which of these has its turn now, before the `others` that wait."""
        first = min(again, key=lambda entry: self._put[entry.id], default=None)
        if first is None or not others:
            return first
        before = max(self._put[first.id], self._begun_before)
        return first if self._begun - before >= OTHERS_FIRST else None
