"""One submission, from its plan to the results of its tests: cells in the sandbox, tests in the examiner.

Cells run in the order of the student's notebook. Each test sees the definitions up to its place; when a name
is missing there, the test is tried again after the last cell, and the submission is flagged. A cell that
hangs or crashes costs itself only. Refuses nothing: what fails gets a verdict.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.examiner import Examiner, TestOutcome
from autograder.examiner.messages import FAILURES
from autograder.examiner.namespace import InstructorNames
from autograder.grading.diagnosing import Diagnoser
from autograder.intake import PlannedCell, Submission
from autograder.sandbox import Box, State
from autograder.verdicts import TestResult, Verdict

# All outputs of a notebook together, as they lie in this process's memory; a page of it shows far less.
MOST_OUTPUT_BYTES = 64_000_000
TOO_MANY_OUTPUTS = "[the notebook's outputs are too large to keep this one]\n"
DEFINED_LATE = "What this test asks for is defined only after it. Move the definition up."


@dataclass(frozen=True)
class Marking:
    """What became of one submission.

    Attributes
    ----------
    tests : tuple of TestResult
        In the order of the instructor's notebook.
    outputs : mapping of int to list of dict
        Notebook outputs by place in the plan; not sanitised.
    files : mapping of str to bytes
        What the cells wrote, by name in the working directory.
    flags : tuple of str
        Why a person should look.
    limits_hit : tuple of str
        Verdict names of cells that were stopped.
    seconds : mapping of str to float
        Wall time of the parts `cells`, `tests` and `diagnosis`.
    """

    tests: tuple[TestResult, ...]
    outputs: Mapping[int, list[dict[str, Any]]]
    files: Mapping[str, bytes] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    limits_hit: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def failed(self) -> str:
        """Why this is no grade: the message of the first test on which the machinery failed; "" if none."""
        broken = [test for test in self.tests if test.verdict is Verdict.INTERNAL_ERROR]
        return f"{broken[0].grade_id}: {broken[0].message}" if broken else ""


def mark(
    submission: Submission,
    assignment: Assignment,
    instructor: InstructorNames,
    box: Box,
    cell_s: float,
    *,
    given_up: Mapping[str, Verdict] | None = None,
    observe: Callable[[str], None] = lambda grade_id: None,
) -> Marking:
    """Run the submission's cells and tests.

    Parameters
    ----------
    cell_s : float
        Wall time of one test cell, seconds.
    given_up : mapping of str to Verdict
        Tests that ended the examiner's own process before: they get this verdict and are not run again.
    observe : callable
        Told the grade id of each test before it runs, and "" after it.

    Raises
    ------
    autograder.sandbox.SandboxError
        The machinery failed; no word about the student's code.
    """
    return _Marker(submission, assignment, instructor, box, cell_s, given_up or {}, observe).run()


class _Marker:
    """The state of one pass through a notebook."""

    def __init__(
        self,
        submission: Submission,
        assignment: Assignment,
        instructor: InstructorNames,
        box: Box,
        cell_s: float,
        given_up: Mapping[str, Verdict],
        observe: Callable[[str], None],
    ) -> None:
        self._submission, self._assignment = submission, assignment
        self._box, self._given_up, self._observe = box, given_up, observe
        if given_up:  # the names that the lost examiner had are found again, without running the tests
            instructor = instructor.with_tests((cell.index, cell.source) for cell in assignment.tests)
        self._examiner = Examiner(instructor, cell_s)
        self._diagnoser = Diagnoser(box, submission)
        self._late: list[tuple[int, AssignmentCell]] = []
        self._results: dict[str, TestResult] = {}
        self._outputs: dict[int, list[dict[str, Any]]] = {}
        self._flags: list[str] = []
        self._limits_hit: list[str] = []
        self._output_bytes_left = MOST_OUTPUT_BYTES
        self._seconds = {"cells": 0.0, "tests": 0.0, "diagnosis": 0.0}

    def run(self) -> Marking:
        """The pass itself: all cells first, then the tests on the states at their places.

        What a function does while it is tested, with hidden inputs too, cannot reach a cell's output then.
        """
        waiting: list[tuple[int, AssignmentCell, State]] = []
        state: State | None = None
        for place, cell in enumerate(self._submission.cells):
            if cell.runs:
                self._run_cell(place, cell)
                state = None
            elif cell.role is Role.TEST and cell.grade_id is not None:
                test = self._assignment.by_grade_id[cell.grade_id]
                state = state or self._box.hold()  # tests that follow each other share one
                if state is None:
                    self._test(place, test, None)
                else:
                    waiting.append((place, test, state))
        files = self._box.written_files()
        following = [state for _, _, state in waiting[1:]]
        for (place, test, state), after in zip_longest(waiting, following):
            self._test(place, test, state, after)
            if after is not state:
                self._box.release(state)
        for place, test in self._late:
            self._try_again(place, test)
        tests = tuple(self._results[test.grade_id] for test in self._assignment.tests if test.grade_id)
        limits_hit = tuple(dict.fromkeys(self._limits_hit))
        return Marking(tests, self._outputs, files, tuple(self._flags), limits_hit, self._seconds)

    def _run_cell(self, place: int, cell: PlannedCell) -> None:
        started = time.perf_counter()
        run = self._box.run_cell(cell.source)
        self._outputs[place] = self._outputs_that_fit(run.outputs)
        if run.verdict is not None and run.verdict is not Verdict.RAISED:
            self._limits_hit.append(str(run.verdict))
        self._seconds["cells"] += time.perf_counter() - started

    def _outputs_that_fit(self, outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        size = _size_bytes(outputs)
        if size > self._output_bytes_left:
            return [{"output_type": "stream", "name": "stderr", "text": TOO_MANY_OUTPUTS}]
        self._output_bytes_left -= size
        return outputs

    def _test(
        self, place: int, test: AssignmentCell, state: State | None, after: State | None = None
    ) -> None:
        """Run the test on the state, getting that `after` it ready; put it off when its name is missing."""
        outcome = self._run_test(place, test, state, after)
        if outcome.missing:
            self._late.append((place, test))
        else:
            self._keep(test, outcome, state)

    def _run_test(
        self, place: int, test: AssignmentCell, state: State | None, after: State | None = None
    ) -> TestOutcome:
        grade_id = test.grade_id or ""
        if grade_id in self._given_up:
            verdict = self._given_up[grade_id]
            return TestOutcome(verdict, 0.0, FAILURES[verdict]("the test"))
        started = time.perf_counter()
        self._observe(grade_id)
        with self._box.open_test(state) as process:
            if after is not None:
                self._box.prepare_test(after)
            outcome = self._examiner.run(test, process)
        self._observe("")
        if outcome.printed:
            self._outputs[place] = [{"output_type": "stream", "name": "stdout", "text": outcome.printed}]
        self._seconds["tests"] += time.perf_counter() - started
        return outcome

    def _try_again(self, place: int, test: AssignmentCell) -> None:
        """The test once more, now that all cells have run."""
        outcome = self._run_test(place, test, None)
        if not outcome.missing:
            outcome = replace(outcome, notes=(*outcome.notes, DEFINED_LATE))
            self._flags.append(
                f"{test.grade_id}: what it tests is defined only after it; graded all the same."
            )
        self._keep(test, outcome, None)

    def _keep(self, test: AssignmentCell, outcome: TestOutcome, state: State | None) -> None:
        grade_id = test.grade_id or ""
        started = time.perf_counter()
        found = self._diagnoser.diagnose(grade_id, outcome, state)
        self._seconds["diagnosis"] += time.perf_counter() - started
        if outcome.inside:
            self._flags.append(f"{grade_id}: ran in the student's process, where a result can be forged.")
        self._results[grade_id] = TestResult(
            grade_id,
            outcome.score,
            test.points,
            outcome.verdict,
            outcome.message,
            misconception=found.id if found else None,
            hint=found.hint if found else "",
            teacher_note=found.teacher_note if found else "",
            notes=outcome.notes,
            inside=outcome.inside,
        )


def untouched_cells(submission: Submission, assignment: Assignment) -> frozenset[str]:
    """Grade ids of solution and hand-graded cells that are as they were released, or absent."""
    texts = {cell.grade_id: cell for cell in submission.cells if cell.grade_id is not None}
    return frozenset(
        cell.grade_id
        for cell in assignment.cells
        if cell.grade_id is not None
        and cell.role in (Role.SOLUTION, Role.TASK_BY_HAND)
        and not _was_touched(cell, texts.get(cell.grade_id))
    )


def _was_touched(cell: AssignmentCell, planned: PlannedCell | None) -> bool:
    if planned is None:
        return False
    if cell.role is Role.TASK_BY_HAND:
        return planned.answered
    return planned.source.strip() != cell.released_source.strip()


def _size_bytes(value: Any) -> int:
    """Memory of plain JSON data, in bytes."""
    parts: list[Any] = []
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, list):
        parts = value
    return sys.getsizeof(value) + sum(map(_size_bytes, parts))
