"""The one thread that grades: it takes a few submissions, puts them into the course, and grades them there.

It uses the run of `autograder grade`, so the results are the same, and holds the course meanwhile; between
two turns another run may have it. A submission leaves the queue when its outcome is stored: killed at any
moment, the next service grades it again, or finds the result that is there.
"""

from __future__ import annotations

import dataclasses
import datetime
import threading
import time
from collections.abc import Collection
from pathlib import Path

from autograder import class_run
from autograder.assignment import load_notebooks
from autograder.class_answers import autograded_notebook
from autograder.class_options import Options, Progress
from autograder.course import Course, CourseError
from autograder.nbgrader_bridge.extensions import DueDate, due_date
from autograder.pages.safe_feedback import safe_feedback_page
from autograder.serve.entries import Entry
from autograder.serve.queue import Queue
from autograder.serve.told import partly_hidden
from autograder.storage import BusyError, only_run, write_whole
from autograder.teacher_comments import commented, comments_path, read_comments
from autograder.verdicts import Status, SubmissionResult

MOST_AT_ONCE = 16  # submissions graded in one turn: what came meanwhile waits for its end
_MOST_FAILURES = 3
_TURN_S = 0.3  # between two turns, in which another run can take the course
_DUE_DATES_S = 30.0
_RETRY_S = 5.0
_SET_ASIDE = "the grader failed on this submission again and again; a person has to look at it."


class Grader:
    """Grades what is in the queue until it is stopped.

    Parameters
    ----------
    course : Course
    queue : Queue
    options : Options
        As of `autograder grade`; whose submissions are graded is decided here.
    """

    def __init__(self, course: Course, queue: Queue, options: Options) -> None:
        self._course, self._queue, self._options = course, queue, options
        self._failures: dict[str, int] = {}
        self._due: dict[str, DueDate | None] = {}
        self._due_read_at = float("-inf")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="grader", daemon=True)
        self.fault = ""  # why nothing is graded at the moment

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience_s: float = 0.0) -> None:
        """Take no more submissions; wait so long for those that are being graded."""
        self._stopped.set()
        self._thread.join(patience_s)

    @property
    def is_alive(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    def is_past_due(self, student: str, assignment: str) -> bool:
        """Whether the student's deadline has passed; without a due date it never has."""
        due = self._due.get(assignment)
        return due is not None and datetime.datetime.now(datetime.UTC) > due.of(student)

    def _work(self) -> None:
        while not self._stopped.is_set():
            pause = _RETRY_S
            try:
                self._read_due_dates()
                if self._queue.wait(1.0):
                    self.take_turn()
                self.fault, pause = "", _TURN_S
            except BusyError:
                self.fault, pause = "another run holds the course; the queue waits for it.", _TURN_S
            except CourseError as error:
                self.fault = str(error)
            except Exception as error:  # noqa: BLE001 - the queue must go on, and the fault is shown
                self.fault = f"{type(error).__name__}: {error}"
            self._stopped.wait(pause)

    def take_turn(self) -> None:
        """Grade the oldest submissions of one assignment.

        Raises
        ------
        CourseError
            They cannot be graded now; they stay in the queue.
        """
        turn = self._chosen()
        started = time.monotonic()
        try:
            with only_run(self._course, takes_turns=True):
                self._queue.mark_running(turn)
                self._grade(turn)
        except BusyError:
            raise
        except Exception:
            self._count_failures(turn)
            raise
        finally:
            self._queue.mark_running(())
        self._queue.measured((time.monotonic() - started) / len(turn))

    def _chosen(self) -> list[Entry]:
        """The next ones: of one assignment, one a student; what failed before comes alone."""
        waiting = self._queue.waiting()
        first = waiting[0]
        if self._failures.get(first.id):
            return [first]
        chosen: dict[str, Entry] = {}
        for entry in waiting:
            fits = entry.assignment == first.assignment and not self._failures.get(entry.id)
            if fits and entry.student not in chosen and len(chosen) < MOST_AT_ONCE:
                chosen[entry.student] = entry
        return list(chosen.values())

    def _grade(self, turn: Collection[Entry]) -> None:
        assignment = next(iter(turn)).assignment
        by_student = {entry.student: entry for entry in turn}
        notebooks = load_notebooks(self._course, assignment)
        hidden = partly_hidden(notebooks)
        texts = read_comments(comments_path(self._course)).get(assignment, {})
        several = len(notebooks) > 1
        told: dict[str, SubmissionResult] = {}

        def finish(result: SubmissionResult) -> None:
            result = dataclasses.replace(result, reused=False)
            if told.get(result.student) == result:
                return
            told[result.student] = result
            entry = by_student[result.student]
            shown = commented(result, texts)
            self._queue.finish(entry, result, hidden, self._page(entry, shown, several=several))

        def follow(progress: Progress) -> None:
            if progress.last is not None:
                finish(progress.last)

        for entry in turn:
            self._put_into_course(entry)
        options = dataclasses.replace(self._options, students=tuple(by_student))
        for result in class_run.grade(self._course, assignment, options, follow, is_held=True):
            finish(result)  # with what people gave by hand

    def _put_into_course(self, entry: Entry) -> None:
        folder = self._course.submitted(entry.student, entry.assignment)
        handed_in = datetime.datetime.fromtimestamp(entry.accepted_at, datetime.UTC)
        write_whole(folder / f"{entry.notebook}.ipynb", self._queue.content(entry))
        write_whole(folder / "timestamp.txt", f"{handed_in:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode())

    def _page(self, entry: Entry, result: SubmissionResult, *, several: bool) -> str:
        path: Path = self._course.autograded(entry.student, entry.assignment) / f"{entry.notebook}.ipynb"
        notebook = autograded_notebook(path) if result.status is Status.GRADED else None
        return safe_feedback_page(result, notebook, part=entry.notebook if several else "").html

    def _count_failures(self, turn: Collection[Entry]) -> None:
        """Remember who was in a turn that failed; who fails alone again and again is set aside."""
        for entry in turn:
            if self._queue.outcome(entry) is not None:
                continue
            self._failures[entry.id] = self._failures.get(entry.id, 0) + 1
            if len(turn) == 1 and self._failures[entry.id] >= _MOST_FAILURES:
                result = SubmissionResult(
                    entry.student, entry.assignment, Status.INTERNAL_ERROR, reason=_SET_ASIDE
                )
                self._queue.finish(entry, result, (), self._page(entry, result, several=False))

    def _read_due_dates(self) -> None:
        """Look into the gradebook every now and then; in this thread alone, as everything of nbgrader's."""
        if time.monotonic() - self._due_read_at > _DUE_DATES_S:
            self._due = {name: due_date(self._course, name) for name in self._course.assignments()}
            self._due_read_at = time.monotonic()
