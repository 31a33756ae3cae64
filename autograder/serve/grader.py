"""The one thread that grades: it takes what waits in turns, and lets another run have the course between.

It uses the run of `autograder grade`, so the results are the same, and holds the course meanwhile. A
submission leaves the queue when its outcome is stored: killed at any moment, the next service grades it
again, or finds the result that is there. What a turn has told and could not write into the gradebook is
written when the gradebook takes it again, by the next service too.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import threading
import time
from collections.abc import Collection, Iterator, Sequence

from autograder import class_run
from autograder.class_options import Options
from autograder.course import Course, CourseError
from autograder.nbgrader_bridge.extensions import DueDate, due_date
from autograder.serve.entries import Entry
from autograder.serve.queue import Queue
from autograder.serve.turn import MOST_AT_ONCE, Turn, feedback_page
from autograder.serve.unwritten import Unwritten
from autograder.storage import BusyError, is_wanted, only_run, result_path
from autograder.verdicts import Status, SubmissionResult

_MOST_FAILURES = 3
_TURN_S = 0.3  # between two turns, in which another run can take the course
_IDLE_S = 10.0  # for which warm workers wait for the next submission
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
    unwritten : Unwritten
    """

    def __init__(self, course: Course, queue: Queue, options: Options, unwritten: Unwritten) -> None:
        self._course, self._queue, self._options, self._unwritten = course, queue, options, unwritten
        self._failures: dict[str, int] = {}
        self._done_before: dict[str, int] = {}  # how many were done when it first failed
        self._done_at_failure = 0  # the last one, of whomever
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

    def due(self, student: str, assignment: str) -> datetime.datetime | None:
        """The student's deadline, in UTC; None without a due date."""
        due = self._due.get(assignment)
        return None if due is None else due.of(student)

    def is_past_due(self, student: str, assignment: str) -> bool:
        """Whether the student's deadline has passed; without a due date it never has."""
        due = self.due(student, assignment)
        return due is not None and datetime.datetime.now(datetime.UTC) > due

    def _work(self) -> None:
        while not self._stopped.is_set():
            pause = _RETRY_S
            try:
                self._read_due_dates()
                if self._queue.wait(1.0):
                    self.take_turn()
                self.write_the_rest()
                self.fault, pause = "", _TURN_S
            except BusyError:
                self.fault, pause = "another run holds the course; the queue waits for it.", _TURN_S
            except CourseError as error:
                self.fault = str(error)
            except Exception as error:  # noqa: BLE001 - the queue must go on, and the fault is shown
                self.fault = f"{type(error).__name__}: {error}"
            self._stopped.wait(pause)

    def take_turn(self) -> None:
        """Grade what waits of the assignment whose turn it is, and what comes meanwhile.

        Raises
        ------
        CourseError
            Nothing can be graded now; what has no outcome stays in the queue.
        """
        ready = self._queue.ready()
        first = self._first(ready)
        turn = None
        try:
            with only_run(self._course, takes_turns=True):
                turn = Turn(self._course, self._queue, self._options, first.assignment, self._unwritten)
                if self._failures.get(first.id):
                    turn.grade([first])
                elif turn.takes_more:
                    turn.grade([first], self._following(first.assignment), len(ready))
                else:
                    turn.grade(self._fitting(ready, first.assignment)[:MOST_AT_ONCE])
        except BusyError:
            raise
        except Exception as error:
            taken = turn.taken if turn is not None else []
            self._count_failures(taken or [first], is_of_course=isinstance(error, CourseError))
            raise
        finally:
            self._queue.let_go()

    def _first(self, ready: Sequence[Entry]) -> Entry:
        """Whose turn it is: what failed before waits for the others, but not for ever."""
        fresh = self._fitting(ready)
        failed = [one for one in ready if one not in fresh]
        if failed and (not fresh or self._is_turn_of_failed):
            return min(failed, key=lambda one: self._failures[one.id])  # of equals the first
        return fresh[0]

    @property
    def _is_turn_of_failed(self) -> bool:
        return self._queue.count_finished() - self._done_at_failure >= MOST_AT_ONCE

    def write_the_rest(self) -> None:
        """Have the gradebook take what it did not when the verdict was told; nothing is told anew.

        Raises
        ------
        CourseError
            It cannot be written now, and is tried again; what other assignments lack is written.
        """
        faults = []
        for assignment, students in self._unwritten.students().items():
            try:
                self._write(assignment, students)
            except BusyError:
                raise
            except CourseError as fault:
                faults.append(fault)
        if faults:
            raise faults[0]

    def _write(self, assignment: str, students: Sequence[str]) -> None:
        """Have the gradebook take the points of these students, but of those who have left the course."""
        known = self._course.students(assignment) if assignment in self._course.assignments() else ()
        there = [one for one in students if one in known and self._has_result(one, assignment)]
        with only_run(self._course, takes_turns=True):
            if there:
                options = dataclasses.replace(self._options, students=tuple(there))
                class_run.grade(self._course, assignment, options, is_held=True)
            self._unwritten.remove(assignment, students)

    def _has_result(self, student: str, assignment: str) -> bool:
        return result_path(self._course, assignment, student).is_file()

    def _fitting(self, ready: Collection[Entry], assignment: str = "") -> list[Entry]:
        """Of these, the ones for a turn: what failed before comes alone."""
        return [one for one in ready if assignment in ("", one.assignment) and not self._failures.get(one.id)]

    def _following(self, assignment: str) -> Iterator[Entry | None]:
        """Who is next, as long as the turn lasts; None while nobody waits.

        It ends when another run wants the course, when nobody came for a while, and when it is another
        assignment's turn: after `MOST_AT_ONCE` submissions, or where none of this one is left.
        """
        given, idle_since, done = 1, time.monotonic(), self._queue.count_finished()
        while not (self._stopped.is_set() or is_wanted(self._course)):
            self._read_due_dates()
            if self._queue.count_finished() > done:
                self.fault = ""
            ready = self._queue.ready()
            fitting = self._fitting(ready, assignment)
            if self._is_turn_of_failed and len(ready) > len(self._fitting(ready)):
                return
            if fitting:
                if given >= MOST_AT_ONCE and self._fitting(ready)[0] is not fitting[0]:
                    return
                given += 1
                yield fitting[0]
                continue
            if self._queue.waiting():
                idle_since = time.monotonic()
            if ready or time.monotonic() - idle_since > _IDLE_S:
                return
            yield None

    def _count_failures(self, taken: Collection[Entry], *, is_of_course: bool) -> None:
        """Remember who was in a turn that failed; who fails alone again and again is set aside.

        What the course or the machine refuses (`is_of_course`) is a submission's own fault only if others
        were graded since.
        """
        done = self._queue.count_finished()
        left = [entry for entry in taken if not self._queue.is_done(entry)]
        self._done_at_failure = done
        for entry in left:
            count, before = self._failures.get(entry.id, 0) + 1, self._done_before.setdefault(entry.id, done)
            self._failures[entry.id] = count
            self._queue.put_last(entry)
            is_its_own = done > before or not is_of_course
            if len(taken) == 1 and count >= _MOST_FAILURES and is_its_own and self._is_submitted(entry):
                result = SubmissionResult(
                    entry.student, entry.assignment, Status.INTERNAL_ERROR, reason=_SET_ASIDE
                )
                page = feedback_page(self._course, entry, result, several=False)
                self._queue.finish(entry, result, (), page)

    def _is_submitted(self, entry: Entry) -> bool:
        """Whether the notebook lies in `submitted/`: what leaves the queue must not be gone."""
        path = self._course.submitted(entry.student, entry.assignment) / f"{entry.notebook}.ipynb"
        try:
            return path.read_bytes() == self._queue.content(entry)
        except OSError:
            return False

    def _read_due_dates(self) -> None:
        """Look into the gradebook every now and then; in this thread alone, as everything of nbgrader's.

        While it cannot be read, the dates that were read before hold: that stops no grading.
        """
        if time.monotonic() - self._due_read_at > _DUE_DATES_S:
            with contextlib.suppress(CourseError):
                self._due = {name: due_date(self._course, name) for name in self._course.assignments()}
            self._due_read_at = time.monotonic()
