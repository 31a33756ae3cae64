"""One submission: its cells run in a box, its tests on the states at their places; the verdict of each.

What a process has seen decides what it may say. All cells run first; then the visible parts of all tests and
the diagnosis of what failed there, on states that have seen nothing hidden; then the hidden parts. Of these
a student learns whether they passed: where one did not, its diagnosis is made in a fresh box, in which the
cells have run again and nothing hidden was called.

A test runs on the notebook's state at its place; when a name is missing there, the test is tried again after
the last cell, and the submission is flagged. A cell that hangs or crashes costs itself only. Refuses nothing:
what fails gets a verdict.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from autograder.assignment import Assignment, Role
from autograder.examiner import Examiner, TestOutcome
from autograder.examiner.cell_code import first_hidden_line
from autograder.examiner.messages import FAILURES
from autograder.examiner.namespace import InstructorNames
from autograder.examiner.outcomes import Aside, RunsTests, lost_outcome
from autograder.examiner.places import Handled
from autograder.grading.diagnosing import Diagnoser
from autograder.grading.faults import Faults
from autograder.grading.marked import Effort, Marking
from autograder.grading.registration import registered_for
from autograder.grading.test_plan import Place, Plan
from autograder.grading.test_results import judged, test_result
from autograder.grading.unknown_kinds import kind_flag
from autograder.grading.waiting import WaitingTest, outside_and_inside
from autograder.intake import PlannedCell, Submission
from autograder.sandbox import Box, State, StudentProcess, WrittenFiles
from autograder.sandbox.written_files import shown_names
from autograder.verdicts import NOT_PASSED, TestResult, Verdict

# All outputs of a notebook together, as they lie in this process's memory; a page of it shows far less.
MOST_OUTPUT_BYTES = 64_000_000
TOO_MANY_OUTPUTS = "[the notebook's outputs are too large to keep this one]\n"
MOST_OPEN = 8  # processes that wait for their hidden parts; they count as the submission's
# A waiting process may have been ended at a limit that others passed: it is tried once more.
_PERHAPS_ENDED_BY_OTHERS = (Verdict.CRASHED, Verdict.MEMORY)
OTHER_FILES = (
    "{}: files were not as at this test's place, for what is held of them is limited (8 MiB, 1,000 entries, "
    "files that can be read): {}. If it did not pass, look at it."
)
DEFINED_LATE = "What this test asks for is defined only after it. Move the definition up."

OpenBox = Callable[[], contextlib.AbstractContextManager[Box]]
OpenExaminer = Callable[[bool, Mapping[str, Handled] | None], contextlib.AbstractContextManager[RunsTests]]


def mark(
    submission: Submission,
    assignment: Assignment,
    instructor: InstructorNames,
    open_box: OpenBox,
    test_s: float,
    *,
    given_up: Mapping[str, Verdict] | None = None,
    observe: Callable[[str], None] = lambda grade_id: None,
    is_last_try: bool = False,
    plan: Plan | None = None,
    learns: bool = False,
    open_examiner: OpenExaminer | None = None,
    after_cells: Callable[[Box], None] = lambda box: None,
) -> Marking:
    """Run the submission's cells and tests.

    Parameters
    ----------
    open_box : callable
        A context manager with a fresh box that holds the submission's files.
    test_s : float
        Wall time of one test cell, seconds.
    given_up : mapping of str to Verdict
        Tests that ended the examiner's own process before: they get this verdict and are not run again.
    observe : callable
        Told the grade id of each test before it runs, and "" after it.
    is_last_try : bool
        A fault of the sandbox in a test leaves that test open; else it is raised, for another try.
    plan : Plan, optional
        Which tests run inside the student's process; without it only those that ask for it.
    learns : bool
        Objects may come as handles everywhere, and where they do is noted: for the instructor's notebook.
    open_examiner : callable, optional
        A context manager with the submission's examiner; given True, one that finds the names of test cells
        without running them; and where objects may come as handles. Without it the tests run in this process.
    after_cells : callable
        Told the box when all cells have run and no test has, unless a cell hit a limit.

    Raises
    ------
    autograder.sandbox.SandboxError
        The machinery failed; no word about the student's code.
    """
    faults, lost, plan = Faults(is_last_try), given_up or {}, plan or Plan()
    handles = None if learns else {test.grade_id: test.handles for test in plan.at(Place.OUTSIDE)}
    if open_examiner is None:
        if lost:  # the names that the lost examiner had are found again, without running the tests
            instructor = instructor.with_tests((cell.index, cell.source) for cell in assignment.tests)
        opened: contextlib.AbstractContextManager[RunsTests] = contextlib.nullcontext(
            Examiner(instructor, test_s, handles)
        )
    else:
        opened = open_examiner(bool(lost), handles)
    with opened as examiner:
        left = instructor.left_by_tests
        one = _Pass(submission, assignment, left, open_box, examiner, lost, observe, faults, plan)
        return one.run(after_cells)


Places = Iterator[tuple[Box, WaitingTest]]


class _Pass:
    """The state of one pass through a notebook."""

    def __init__(
        self,
        submission: Submission,
        assignment: Assignment,
        left_by_tests: Mapping[str, str],
        open_box: OpenBox,
        examiner: RunsTests,
        given_up: Mapping[str, Verdict],
        observe: Callable[[str], None],
        faults: Faults,
        plan: Plan,
    ) -> None:
        self._submission, self._assignment = submission, assignment
        self._open_box, self._given_up, self._observe = open_box, given_up, observe
        self._examiner = examiner
        own = registered_for(assignment)
        self._diagnoser = Diagnoser(submission, own, assignment.mistakes)
        self._questions = own.questions if own is not None else {}
        self._tests: list[WaitingTest] = []
        self._left_by_tests = left_by_tests
        self._efforts: dict[str, Effort] = {}
        self._open: list[Aside] = []  # whose processes wait for their hidden parts
        self._kept: set[int] = set()  # places of the cells that did not hang or crash
        self._unsure_from = len(submission.cells)  # the place of the first cell that we failed to run
        self._outputs: dict[int, list[dict[str, Any]]] = {}
        self._flags: list[str] = []
        self._faults, self._plan = faults, plan
        self._limits_hit: list[str] = []
        self._output_bytes_left = MOST_OUTPUT_BYTES
        self._seconds = {"cells": 0.0, "tests": 0.0, "diagnosis": 0.0}

    def run(self, after_cells: Callable[[Box], None]) -> Marking:
        """The pass itself: cells, visible parts, hidden parts, and the diagnosis of these."""
        with self._open_box() as box:
            waiting = self._run_cells(box)
            if not self._limits_hit:
                after_cells(box)
            left: list[WrittenFiles] = []
            with self._faults.noted("what the cells wrote"):
                left.append(box.written_files())
            held = [test for test in waiting if test.state is not None or box.is_gone]
            # What nothing hidden goes before comes first, so that it may be told; inside last, so that the
            # text of these tests is nowhere when the others run.
            for part in (self._visible_part, self._last_part):
                for group in outside_and_inside(held):
                    self._each(part, self._in_order(box, group))
        unheld = [test for test in waiting if test.outcome is None]
        with self._faults.noted("tests that run when the cells have run again"):
            for part in (self._visible_part, self._hidden_part):
                for group in outside_and_inside(unheld):
                    self._each(part, self._at_places(group))
        with self._faults.noted("tests of objects where the solution has none"):
            self._try_inside([test for test in waiting if self._has_unknown_object(test)])
        with self._faults.noted("the diagnosis of hidden parts"):
            self._diagnose_hidden(waiting)
        for test in waiting:
            if test.outcome is not None and test.outcome.handles:
                self._efforts.setdefault(test.grade_id, Effort()).handles = test.outcome.handles
            if test.outcome is not None and test.outcome.kinds:
                self._efforts.setdefault(test.grade_id, Effort()).kinds = test.outcome.kinds
        by_id = {test.grade_id: self._result(test) for test in waiting}
        tests = tuple(by_id[test.grade_id] for test in self._assignment.tests if test.grade_id)
        limits_hit = tuple(dict.fromkeys(self._limits_hit))
        written = left[0] if left else WrittenFiles()
        flags = (*self._flags, *([written.note] if written.note else []), *self._faults.sentences)
        return Marking(tests, self._outputs, written.files, flags, limits_hit, self._seconds, self._efforts)

    def _has_unknown_object(self, test: WaitingTest) -> bool:
        """Whether it failed for an object that the plan does not know there; not for one of an own class.

        Not where the test has a hidden part: a student would choose that its text comes into their process.
        """
        if first_hidden_line(test.cell) is not None:
            return False
        planned = self._plan.of(test.grade_id)
        is_outside = planned is not None and planned.place is Place.OUTSIDE and self._plan.tries_inside
        return is_outside and test.outcome is not None and bool(test.outcome.unknown)

    def _try_inside(self, tests: Sequence[WaitingTest]) -> None:
        """Run each of the tests inside, once; one that has no points there stays as it was."""
        before = [(test, test.outcome, test.diagnosis) for test in tests]
        for test in tests:
            test.outcome = test.put_aside = test.state = test.next_state = None
            test.inside_after = ()
        for part in (self._visible_part, self._hidden_part):
            self._each(part, self._at_places(tests))
        for test, outcome, diagnosis in before:
            planned = self._plan.of(test.grade_id)
            if test.outcome is None or not test.outcome.score:
                test.outcome, test.diagnosis = outcome, diagnosis
            elif outcome is not None and planned is not None:
                of, kind = outcome.unknown
                self._flags.append(kind_flag(test.grade_id, (of, kind), planned.kinds))

    def _run_cells(self, box: Box) -> list[WaitingTest]:
        """Run every cell; the tests in order, with the states held for them."""
        waiting: list[WaitingTest] = []
        state: State | None = None
        files: Mapping[str, bytes] | None = None  # that the cells so far have written; None: not asked yet
        for place, cell in enumerate(self._submission.cells):
            if cell.runs:
                unsure, self._unsure_from = self._unsure_from, min(self._unsure_from, place)
                with self._faults.noted(f"cell {place + 1}"):
                    self._run_cell(box, place, cell)
                    self._unsure_from = unsure
                state = files = None
            elif cell.role is Role.TEST and cell.grade_id is not None:
                with self._faults.noted(cell.grade_id):
                    state = state or box.hold()  # tests that follow each other share one
                if files is None:
                    files = {}
                    with self._faults.noted(f"what was written before {cell.grade_id}"):
                        files = box.written_files().files
                test = self._waiting(place, cell.grade_id, state)
                test.files = files
                waiting.append(test)
                if self._leave_names(box, cell):
                    state = None
        for test, after in pairwise([test for tests in outside_and_inside(waiting) for test in tests]):
            test.next_state = after.state
        self._tests = waiting
        return waiting

    def _waiting(self, place: int, grade_id: str, state: State | None) -> WaitingTest:
        """The test at this place of the plan."""
        cell, by_id = self._assignment.by_grade_id[grade_id], self._assignment.by_grade_id
        planned = self._plan.of(grade_id)
        runs_inside = cell.runs_inside or (planned is not None and planned.place is Place.INSIDE)
        before = planned.after if planned is not None else ()
        return WaitingTest(
            place,
            cell,
            state,
            inside_after=tuple(by_id[name] for name in before if name in by_id) if runs_inside else None,
        )

    def _leave_names(self, box: Box, cell: PlannedCell) -> bool:
        """Give the notebook what later cells need of a test's visible part; whether there is anything."""
        text = self._left_by_tests.get(cell.grade_id or "") if cell.role is Role.TEST else None
        if text:
            with self._faults.noted(f"names of {cell.grade_id} for later cells"):
                box.run_cell(text)
        return bool(text)

    def _run_cell(self, box: Box, place: int, cell: PlannedCell) -> None:
        started = time.perf_counter()
        run = box.run_cell(cell.source)
        with self._faults.noted("the diagnosis"):
            self._diagnoser.ran(cell, run)
        self._outputs[place] = self._outputs_that_fit(run.outputs)
        if run.verdict is not None and run.verdict is not Verdict.RAISED:
            self._limits_hit.append(str(run.verdict))
        if run.kept:
            self._kept.add(place)
        self._seconds["cells"] += time.perf_counter() - started

    def _outputs_that_fit(self, outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        size = _size_bytes(outputs)
        if size > self._output_bytes_left:
            return [{"output_type": "stream", "name": "stderr", "text": TOO_MANY_OUTPUTS}]
        self._output_bytes_left -= size
        return outputs

    @staticmethod
    def _in_order(box: Box, tests: Sequence[WaitingTest]) -> Places:
        """The tests on the states held for them; then those that must run after all cells."""
        yield from ((box, test) for test in tests if not test.is_late)
        yield from ((box, test) for test in tests if test.is_late)

    def _at_places(self, tests: Sequence[WaitingTest]) -> Places:
        """The tests, each when the cells before it have run again in a fresh box; the late ones at the end.

        Cells that hung or crashed are left out: the state after them is the one before. Those behind the last
        test are not run.
        """
        if not tests:
            return
        with self._open_box() as box:
            for place, cell in enumerate(self._submission.cells):
                if all(test.place < place and not test.is_late for test in tests):
                    break
                if place in self._kept:
                    with self._faults.noted(f"cell {place + 1}"):
                        box.run_cell(cell.source)
                yield from ((box, test) for test in tests if test.place == place and not test.is_late)
                self._leave_names(box, cell)
            yield from ((box, test) for test in tests if test.is_late)
            for waits in self._open:  # their box is gone next
                waits.process.close()

    def _each(self, part: Callable[[Box, WaitingTest], None], places: Places) -> None:
        """Run a part of each test; one that fails in a way that nobody has foreseen leaves its test open."""
        for box, test in places:
            with self._left_open(test):
                part(box, test)

    def _visible_part(self, box: Box, test: WaitingTest) -> None:
        """Run the test's visible part; where that decides, diagnose what failed."""
        if test.grade_id in self._given_up:
            test.outcome = lost_outcome(test.cell, self._given_up[test.grade_id])
            return
        with self._timed("tests", test):
            planned = self._plan.of(test.grade_id)
            test.other_files = tuple(box.show_files(test.state))
            process = self._process_for(box, test)
            if planned is not None and planned.place is Place.OUTSIDE:
                process.most_calls = planned.most_calls
            if test.next_state is not None:
                box.prepare_test(test.next_state)
            try:
                self._examiner.show_files(test.files)
                outcome = self._examiner.run_visible(test.cell, process, test.inside_after)
            except BaseException:
                process.close()
                raise
            if not isinstance(outcome, TestOutcome):
                test.put_aside = outcome
                if not outcome.has_begun:
                    process.close()
                    return
                self._open.append(outcome)
                if len(self._open) > MOST_OPEN:
                    self._open.pop(0).process.close()  # its hidden part gets a new one
                return
            process.close()
            self._efforts.setdefault(test.grade_id, Effort()).calls += process.calls
            if outcome.missing and not test.is_late:
                test.put_off()
                test.was_missing = True
                return
            test.outcome = judged(outcome, planned)
        with self._faults.noted(f"the diagnosis of {test.grade_id}"), self._timed("diagnosis"):
            assert test.outcome is not None
            test.diagnosis = self._diagnoser.diagnose(box, test.state, test.grade_id, test.outcome)

    def _process_for(self, box: Box, test: WaitingTest) -> StudentProcess:
        """A process for the test; its limits are multiples of what the instructor's own solution took."""
        planned = self._plan.of(test.grade_id)
        if planned is None:
            return box.open_test(test.state)
        return box.open_test(test.state, calls=planned.calls, seconds=planned.seconds)

    def _hidden_part(self, box: Box, test: WaitingTest) -> None:
        """Run the test's hidden part in the process of the visible one; in a new one where that is gone."""
        waits = test.put_aside
        if waits is None or test.outcome is not None:
            return
        with self._timed("tests", test):
            outcome, planned = None, self._plan.of(test.grade_id)
            self._examiner.show_files(test.files)
            box.show_files(test.state)
            if waits.has_begun:
                self._open.remove(waits)
                process = waits.process
                outcome = judged(self._examiner.run_hidden(waits), planned)
                process.close()
                self._efforts.setdefault(test.grade_id, Effort()).calls += process.calls
            if outcome is None or outcome.verdict in _PERHAPS_ENDED_BY_OTHERS:
                with self._process_for(box, test) as process:
                    outcome = judged(self._examiner.run_again_hidden(waits, process), planned)
            if outcome.missing and not test.is_late:
                test.put_off()
            else:
                test.outcome = outcome

    def _last_part(self, box: Box, test: WaitingTest) -> None:
        """Run the test's hidden part, and let go of its state where no later test wants it."""
        try:
            self._hidden_part(box, test)
        finally:
            test.is_over = True
            wanted = any(other.state is test.state and not other.is_over for other in self._tests)
            if test.state is not None and not wanted:
                box.release(test.state)

    def _diagnose_hidden(self, tests: Sequence[WaitingTest]) -> None:
        """The diagnosis of hidden parts that did not pass, in a box that has seen nothing hidden.

        A function that the diagnosis of a visible part has asked is not asked again, and needs no box.
        """
        failed = {test: test.outcome for test in tests if test.outcome is not None and test.outcome.hidden}
        in_order = sorted(failed, key=lambda test: (test.is_late, test.place))
        unasked = self._diagnoser.unasked((test.grade_id, failed[test]) for test in in_order)
        with self._timed("diagnosis"):
            for box, test in self._at_places([test for test in in_order if test.grade_id in unasked]):
                with self._faults.noted(f"the diagnosis of {test.grade_id}"):
                    test.diagnosis = self._diagnoser.diagnose(box, None, test.grade_id, failed[test])
        for test, outcome in failed.items():
            if test.grade_id not in unasked:
                test.diagnosis = self._diagnoser.found(test.grade_id, outcome)

    @contextlib.contextmanager
    def _left_open(self, test: WaitingTest) -> Iterator[None]:
        """Leave the test open where the block fails in a way that nobody has foreseen."""
        with self._faults.noted(test.grade_id):
            yield
            return
        test.outcome = TestOutcome(Verdict.INTERNAL_ERROR, 0.0, FAILURES[Verdict.INTERNAL_ERROR]("this test"))

    @contextlib.contextmanager
    def _timed(self, part: str, test: WaitingTest | None = None) -> Iterator[None]:
        """Count the block's wall time; the observer is told of the test."""
        started = time.perf_counter()
        if test is not None:
            self._observe(test.grade_id)
        try:
            yield
        finally:
            self._observe("")
        took = time.perf_counter() - started
        self._seconds[part] += took
        if test is not None:
            self._efforts.setdefault(test.grade_id, Effort()).seconds += took

    def _result(self, test: WaitingTest) -> TestResult:
        outcome, found = test.outcome, test.diagnosis
        is_unsure = test.place > self._unsure_from or bool(test.other_files)
        if outcome is not None and outcome.verdict is not Verdict.PASSED and is_unsure:
            outcome, found = None, None  # what it lacks may be what that cell would have made, or that file
        if test.other_files:
            self._flags.append(OTHER_FILES.format(test.grade_id, shown_names(test.other_files)))
        if outcome is None:
            outcome = TestOutcome(Verdict.INTERNAL_ERROR, 0.0, FAILURES[Verdict.INTERNAL_ERROR]("this test"))
        notes = outcome.notes
        if outcome.printed:
            self._outputs[test.place] = [{"output_type": "stream", "name": "stdout", "text": outcome.printed}]
        if test.was_missing and not outcome.missing:
            notes = (*notes, DEFINED_LATE)
            self._flags.append(
                f"{test.grade_id}: what it tests is defined only after it; graded all the same."
            )
        if outcome.inside:
            self._flags.append(
                f"{test.grade_id}: ran in the student's process, where a result can be forged."
            )
        cluster, example = "", ""
        is_decided = outcome.verdict in (Verdict.PASSED, Verdict.INTERNAL_ERROR)
        if not is_decided and (found is None or not found.is_named):
            told = NOT_PASSED if outcome.hidden else str(outcome.verdict)
            cluster, example = self._diagnoser.cluster(test.grade_id, outcome, told)
        return test_result(test.cell, replace(outcome, notes=notes), found, cluster, example, self._questions)


def _size_bytes(value: Any) -> int:
    """Memory of plain JSON data, in bytes."""
    parts: list[Any] = []
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, list):
        parts = value
    return sys.getsizeof(value) + sum(map(_size_bytes, parts))
