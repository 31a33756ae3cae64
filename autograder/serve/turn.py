"""One run of `autograder grade` over submissions of the queue, which takes the next ones while it lasts.

A worker that is free has the next submission at once, so that one that hangs holds up its own worker alone.
Where a busy machine may have been the cause, workers that are free wait for a while, too, as it runs again.
"""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from autograder import class_run
from autograder.assignment import load_notebooks
from autograder.class_answers import autograded_notebook
from autograder.class_options import Arrivals, Options, Progress
from autograder.course import Course
from autograder.pages.safe_feedback import safe_feedback_page
from autograder.serve.entries import Entry
from autograder.serve.queue import Queue
from autograder.serve.told import partly_hidden
from autograder.serve.unwritten import Unwritten
from autograder.storage import write_whole
from autograder.teacher_comments import commented, comments_path, read_comments
from autograder.verdicts import Status, SubmissionResult

MOST_AT_ONCE = 16  # submissions with which a turn that takes no more begins


class Turn:
    """The submissions of one assignment that are graded in one run.

    Parameters
    ----------
    course : Course
    queue : Queue
    options : Options
        As of `autograder grade`; whose submissions are graded is decided here.
    assignment : str
    unwritten : Unwritten
        Who is told a verdict stands there until the turn has ended well.
    """

    def __init__(
        self, course: Course, queue: Queue, options: Options, assignment: str, unwritten: Unwritten
    ) -> None:
        self._course, self._queue, self._options, self._unwritten = course, queue, options, unwritten
        self._name = assignment
        notebooks = load_notebooks(course, assignment)
        self._hidden = partly_hidden(notebooks)
        self._texts = read_comments(comments_path(course)).get(assignment, {})
        self.takes_more = len(notebooks) == 1  # several are graded one after another, for all students
        self._entries: dict[str, Entry] = {}  # by student: the one that was taken last
        self._told: dict[str, SubmissionResult] = {}  # by entry
        self._began: dict[str, float] = {}  # by entry
        self._last_end = float("-inf")

    @property
    def taken(self) -> list[Entry]:
        """What was taken into this turn: of each student the last."""
        return list(self._entries.values())

    def grade(self, first: Sequence[Entry], following: Iterable[Entry | None] = (), waiting: int = 0) -> None:
        """Grade the first ones, and those that follow (None where nobody waits at the moment).

        Raises
        ------
        CourseError
            They cannot be graded now; what has no outcome stays in the queue.
        """
        for entry in first:
            self._take(entry)
        more = {}
        if self.takes_more:
            more["arrivals"] = Arrivals(self._students(following), waiting, self._is_alone, self._put_back)
        options = dataclasses.replace(self._options, students=tuple(self._entries))
        results = class_run.grade(self._course, self._name, options, self._follow, is_held=True, **more)
        for result in results:
            self._finish(result)  # with what people gave by hand
        self._unwritten.remove(self._name, [result.student for result in results])

    def _students(self, following: Iterable[Entry | None]) -> Iterator[str | None]:
        for entry in following:
            if entry is None:
                yield None
            else:
                self._take(entry)
                yield entry.student

    def _is_alone(self, student: str) -> bool:
        return self._queue.is_alone(self._entries[student])

    def _put_back(self, student: str) -> bool:
        """Put the student's submission back; not the second time: then its result counts."""
        if not self._queue.put_back(self._entries[student]):
            return False
        del self._entries[student]
        return True

    def _take(self, entry: Entry) -> None:
        self._entries[entry.student] = entry
        self._began[entry.id] = time.monotonic()
        self._queue.take(entry)
        folder = self._course.submitted(entry.student, entry.assignment)
        handed_in = datetime.datetime.fromtimestamp(entry.accepted_at, datetime.UTC)
        write_whole(folder / f"{entry.notebook}.ipynb", self._queue.content(entry))
        write_whole(folder / "timestamp.txt", f"{handed_in:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode())

    def _follow(self, progress: Progress) -> None:
        if progress.last is not None:
            self._finish(progress.last)

    def _finish(self, result: SubmissionResult) -> None:
        result = dataclasses.replace(result, reused=False)
        entry = self._entries[result.student]
        if self._told.get(entry.id) == result:
            return
        if entry.id not in self._told:
            now = time.monotonic()
            self._queue.measured(now - max(self._last_end, self._began[entry.id]))
            self._last_end = now
        shown = commented(result, self._texts)
        page = feedback_page(self._course, entry, shown, several=not self.takes_more)
        self._unwritten.add(self._name, entry.student)
        self._queue.finish(entry, result, self._hidden, page)
        self._told[entry.id] = result


def feedback_page(course: Course, entry: Entry, result: SubmissionResult, *, several: bool) -> str:
    """The whole feedback page of a submission, as HTML.

    Parameters
    ----------
    several : bool
        The assignment has several notebooks: the page names the one that was handed in.
    """
    path: Path = course.autograded(entry.student, entry.assignment) / f"{entry.notebook}.ipynb"
    notebook = autograded_notebook(path) if result.status is Status.GRADED else None
    return safe_feedback_page(result, notebook, part=entry.notebook if several else "").html
