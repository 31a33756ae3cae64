"""The gradebook during a run: written by one process, and a fault in it never stops the grading.

A gradebook that is locked or broken is reported once every result is on the disk; the next run then writes
what is missing. A database server that is just started again is waited for.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from autograder.assignment import Assignment
from autograder.course import Course, CourseError
from autograder.storage import StoredResult
from autograder.verdicts import SubmissionResult

if TYPE_CHECKING:
    from autograder.nbgrader_bridge.book import ClassGradebook

_PATIENCE_S = 20.0  # with a server that is started again
_BETWEEN_TRIES_S = 0.5
_Given = TypeVar("_Given")


class GradeWriter:
    """The gradebook of one run; a context manager that opens it when it is first needed.

    Parameters
    ----------
    course : Course
    notebooks : sequence of Assignment
        The instructor's notebooks of the assignment.
    written : callable
        Told each result that stands in the gradebook now, and for each grade of a person's the digest of the
        text it was given for.
    """

    def __init__(
        self,
        course: Course,
        notebooks: Sequence[Assignment],
        written: Callable[[StoredResult, Mapping[str, str]], None] = lambda stored, given: None,
    ) -> None:
        self._course, self._notebooks, self._written = course, notebooks, written
        self._book: ClassGradebook | None = None
        self._waiting: list[StoredResult] = []
        self._fault: CourseError | None = None

    def __enter__(self) -> GradeWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._book is not None:
            self._book.close()

    def prepare(self) -> None:
        """Import what opening needs, above a second; from any thread."""
        import autograder.nbgrader_bridge.book  # noqa: F401

    def open(self) -> None:
        """Open the gradebook and register the assignment; a fault waits until `finish`."""
        if self._book is None and self._fault is None:
            self._attempt(self._opened)

    def write(self, stored: StoredResult) -> None:
        """Write one result; after a fault it waits until `finish`: no time is lost on a locked file."""
        if self._fault is not None or not self._attempt(lambda: self._write(stored)):
            self._waiting.append(stored)

    def check(self, stored: StoredResult) -> None:
        """Write a result of an earlier run where the gradebook does not have it."""
        if self._fault is not None or not self._attempt(
            lambda: None if self._opened().agrees(_entry(stored)) else self._write(stored)
        ):
            self._waiting.append(stored)

    def finish(self) -> None:
        """Write what waited; raise what stands in the way."""
        self._fault = None
        for stored in self._waiting:
            _patiently(functools.partial(self._write, stored))
        self._waiting.clear()

    def merged(self, stored: StoredResult) -> SubmissionResult:
        """The result with the gradebook's hand grades."""
        return _patiently(lambda: self._opened().merged(stored.result, stored.outdated))

    def _write(self, stored: StoredResult) -> None:
        """Write one result, and tell which texts the hand grades that were found belong to."""
        self._written(stored, self._opened().write(_entry(stored)))

    def _opened(self) -> ClassGradebook:
        if self._book is None:
            from autograder.nbgrader_bridge.book import ClassGradebook

            self._book = ClassGradebook(self._course, *self._notebooks)
        return self._book

    def _attempt(self, action: Callable[[], Any]) -> bool:
        try:
            action()
        except CourseError as fault:
            self._fault = fault
            return False
        return True


def _patiently(action: Callable[[], _Given]) -> _Given:
    """What an action gives; it is tried again for a while where the server is just started again."""
    from autograder.nbgrader_bridge.database import GradebookError  # imports SQLAlchemy

    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return action()
        except GradebookError as fault:
            if not fault.may_pass or time.monotonic() > until:
                raise
        time.sleep(_BETWEEN_TRIES_S)


def _entry(stored: StoredResult) -> Any:
    from autograder.nbgrader_bridge.book import Entry  # imports nbgrader: see `prepare`

    return Entry.of(stored)
