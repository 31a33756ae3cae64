"""Makes the plan of an assignment from the instructor's own run: each test outside, else inside.

The instructor's notebook is graded as if it had been handed in. What does not get full points outside is
tried inside the student's process: alone, then after the earlier tests whose names it needs, then after all
earlier ones. On request the notebook also runs without its answers: a test that gives points then is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.code_cell import statements
from autograder.examiner.namespace import InstructorNames
from autograder.examiner.touched_names import bound_names, loaded_names, touched_names
from autograder.grading.marked import Marking
from autograder.grading.marking import OpenBox, OpenExaminer, mark
from autograder.grading.test_plan import Place, Plan, TestPlan
from autograder.intake import Submission, plan_submission
from autograder.sandbox import Box
from autograder.verdicts import TestResult, Verdict

MOST_BEFORE = 60  # earlier tests that are run for the sake of one
_Needed = Callable[[Assignment, AssignmentCell], tuple[str, ...]]
_MOST_CHARACTERS = 160  # of a reason
_ASKED = "the instructor asked for it with ### IN STUDENT PROCESS"
_GIVES_MORE = "outside it gives points without an answer that it does not give inside"
_BAD_TYPE = re.compile(r"(.*), which cannot be checked\.")
_ARGUMENT = re.compile(r"The test cell gives (`\w+`) an argument that cannot cross .*?: (.*)", re.DOTALL)


def make_plan(
    assignment: Assignment,
    instructor: InstructorNames,
    open_box: OpenBox,
    test_s: float,
    *,
    prove: bool,
    given_up: Mapping[str, Verdict] | None = None,
    observe: Callable[[str], None] = lambda grade_id: None,
    open_examiner: OpenExaminer | None = None,
    after_cells: Callable[[Box], None] = lambda box: None,
) -> Plan:
    """The plan, from runs of the instructor's notebook.

    Parameters
    ----------
    open_box : callable
        A context manager with a fresh box that holds the assignment's files.
    test_s : float
        Wall time of one part of a test cell, seconds.
    prove : bool
        Run it without its answers, too.
    given_up : mapping of str to Verdict
        Tests that ended a worker before, by grade id: they are not run, and give points nowhere.
    observe : callable
        Told the grade id of each test that begins, and "" when it is over.
    open_examiner : callable, optional
        As for `mark`.
    after_cells : callable
        As for `mark`, in the first run.

    Raises
    ------
    autograder.sandbox.SandboxError
        No box can be made.
    """
    planner = _Planner(assignment, instructor, open_box, test_s, given_up or {}, observe, open_examiner)
    return planner.plan(prove, after_cells)


class _Planner:
    """The runs of one assignment's notebook."""

    def __init__(
        self,
        assignment: Assignment,
        instructor: InstructorNames,
        open_box: OpenBox,
        test_s: float,
        given_up: Mapping[str, Verdict],
        observe: Callable[[str], None],
        open_examiner: OpenExaminer | None,
    ) -> None:
        self._assignment, self._instructor = assignment, instructor
        self._open_box, self._test_s = open_box, test_s
        self._given_up, self._observe = given_up, observe
        self._open_examiner = open_examiner

    def plan(self, prove: bool, after_cells: Callable[[Box], None]) -> Plan:
        asked = {test.grade_id or "" for test in self._assignment.tests if test.runs_inside}
        first = self._run(Plan(), {}, learns=True, after_cells=after_cells)
        tests = {}
        for result in first.tests:
            effort = first.efforts.get(result.grade_id)
            planned = TestPlan(
                result.grade_id,
                Place.INSIDE if result.grade_id in asked else Place.OUTSIDE,
                _ASKED if result.grade_id in asked else "",
                calls=effort.calls if effort else 0,
                seconds=round(effort.seconds, 3) if effort else 0.0,
                handles=effort.handles if effort else {},
                kinds=effort.kinds if effort else {},
            )
            if not _is_full(result):
                planned = replace(planned, place=Place.NEITHER, reason=self._reason(result))
            tests[result.grade_id] = planned
        for needed in (_nobody, self._needed_by_name, self._all_earlier):
            self._try_inside(tests, needed)
        if prove:
            self._keep_from_giving_more(tests)
        plan = Plan(tuple(tests.values()))
        return replace(plan, is_proved=True, unearned=tuple(self._unearned(plan))) if prove else plan

    def _reason(self, result: TestResult) -> str:
        if result.grade_id in self._given_up:
            return f"{result.verdict}: the grader's process that ran it had to be ended"
        return _said(result)

    def _run(
        self,
        plan: Plan,
        answers: Mapping[str, str],
        only: Iterable[str] | None = None,
        *,
        learns: bool = False,
        after_cells: Callable[[Box], None] = lambda box: None,
    ) -> Marking:
        """The notebook with other texts of some solution cells (by grade id), marked; `only` these tests."""
        chosen = None if only is None else set(only)
        others = [test.grade_id or "" for test in self._assignment.tests]
        left_out = {name: Verdict.NOT_FOUND for name in others if chosen is not None and name not in chosen}
        return mark(
            handed_in(self._assignment, answers),
            self._assignment,
            self._instructor,
            self._open_box,
            self._test_s,
            given_up={**left_out, **self._given_up},
            observe=self._observe,
            is_last_try=True,
            plan=plan,
            learns=learns,
            open_examiner=self._open_examiner,
            after_cells=after_cells,
        )

    def _try_inside(self, tests: dict[str, TestPlan], needed: _Needed) -> None:
        """Let those that have full points nowhere run inside, after the tests that `needed` names."""
        tried = {}
        for grade_id, planned in tests.items():
            after = needed(self._assignment, self._assignment.by_grade_id[grade_id])
            if planned.place is Place.NEITHER and (after or needed is _nobody):
                tried[grade_id] = replace(planned, place=Place.INSIDE, after=after)
        if not tried:
            return
        for result in self._run(Plan(tuple(tried.values())), {}, only=tried).tests:
            if result.grade_id in tried and _is_full(result):
                tests[result.grade_id] = tried[result.grade_id]

    def _keep_from_giving_more(self, tests: dict[str, TestPlan]) -> None:
        """Run inside what gives the untouched release more points outside than inside."""
        names = [name for name, planned in tests.items() if planned.place is Place.OUTSIDE]
        outside = self._run(Plan(tuple(tests.values())), self._released(), only=names)
        paid = [test.grade_id for test in outside.tests if test.score]
        if not paid:
            return
        there = {name: replace(tests[name], place=Place.INSIDE, reason=_GIVES_MORE) for name in paid}
        inside = Plan(tuple(there.values()))
        less = {
            after.grade_id
            for before, after in zip(
                outside.tests, self._run(inside, self._released(), only=paid).tests, strict=True
            )
            if after.score < before.score
        }
        for result in self._run(inside, {}, only=less).tests if less else ():
            if result.grade_id in less and _is_full(result):
                tests[result.grade_id] = there[result.grade_id]

    def _released(self) -> dict[str, str]:
        """Each answer as it is released."""
        return {
            cell.grade_id or "": cell.released_source
            for cell in self._assignment.cells
            if cell.role is Role.SOLUTION and cell.cell_type == "code"
        }

    @staticmethod
    def _needed_by_name(assignment: Assignment, cell: AssignmentCell) -> tuple[str, ...]:
        return needed_tests(assignment, cell)

    @staticmethod
    def _all_earlier(assignment: Assignment, cell: AssignmentCell) -> tuple[str, ...]:
        earlier = [test.grade_id or "" for test in assignment.tests if test.index < cell.index]
        return tuple(earlier[-MOST_BEFORE:])

    def _unearned(self, plan: Plan) -> Iterable[str]:
        """Sentences on tests that give points without the answer they belong to."""
        answers = [
            cell
            for cell in self._assignment.cells
            if cell.role is Role.SOLUTION and cell.cell_type == "code" and cell.grade_id
        ]
        said: dict[str, str] = {}
        for result in self._run(plan, self._released()).tests:
            if result.score and result.max_score:
                said[result.grade_id] = (
                    f"{result.grade_id} gives {result.score:g} of {result.max_score:g} points to the "
                    "untouched release: it does not need an answer. Let it ask for something that only an "
                    "answer has."
                )
        for cell in answers:
            belonging = [name for name in self._tests_of(cell) if name not in said]
            if not belonging:
                continue
            for result in self._run(plan, {cell.grade_id or "": ""}, only=belonging).tests:
                if result.grade_id in belonging and result.score:
                    said[result.grade_id] = (
                        f"{result.grade_id} gives {result.score:g} of {result.max_score:g} points when the "
                        f"answer {cell.grade_id} is empty: something else stands in for it. Let the test "
                        "need it."
                    )
        return said.values()

    def _tests_of(self, answer: AssignmentCell) -> list[str]:
        """The tests whose text reads a name that this answer alone binds."""
        own = bound_names(statements(answer.source))
        for other in self._assignment.cells:
            if other.role is Role.SOLUTION and other.index != answer.index:
                own -= bound_names(statements(other.source))
        return [
            test.grade_id or ""
            for test in self._assignment.tests
            if own & (loaded_names(statements(test.source)) - _made_first(test))
        ]


def handed_in(assignment: Assignment, answers: Mapping[str, str]) -> Submission:
    """The instructor's own notebook as a submission, with other texts of some solution cells."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": cell.cell_type,
            "metadata": {"nbgrader": cell.metadata} if cell.metadata else {},
            "source": answers.get(cell.grade_id or "", cell.source),
        }
        | ({"outputs": [], "execution_count": None} if cell.cell_type == "code" else {})
        for cell in assignment.cells
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": cells}
    return plan_submission(json.dumps(notebook).encode(), assignment)


def needed_tests(assignment: Assignment, cell: AssignmentCell) -> tuple[str, ...]:
    """Grade ids of the earlier tests that make or change names which this one reads, and what these need."""
    wanted = set(loaded_names(statements(cell.source)))
    found: list[str] = []
    for test in reversed([test for test in assignment.tests if test.index < cell.index]):
        body = statements(test.source)
        read = loaded_names(body)
        calls_the_same = {name for name in read & wanted if name in _defined_by_answers(assignment)}
        if (touched_names(body) | calls_the_same) & wanted:
            found.append(test.grade_id or "")
            wanted |= read
    return tuple(reversed(found[:MOST_BEFORE]))


def _defined_by_answers(assignment: Assignment) -> frozenset[str]:
    bodies = (statements(cell.source) for cell in assignment.cells if cell.role is Role.SOLUTION)
    return frozenset(name for body in bodies for name in bound_names(body))


def _made_first(test: AssignmentCell) -> frozenset[str]:
    """Names that the test binds itself before anything else reads them."""
    made: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    for statement in statements(test.source):
        read |= loaded_names([statement]) - made
        made |= bound_names([statement]) - read
    return made


def _nobody(assignment: Assignment, cell: AssignmentCell) -> tuple[str, ...]:
    return ()


def _is_full(result: TestResult) -> bool:
    return result.verdict is Verdict.PASSED


def _said(result: TestResult) -> str:
    """Why the test does not give full points outside, in words."""
    if found := _BAD_TYPE.match(result.message):
        return found[1]
    if found := _ARGUMENT.match(result.message):
        return f"it gives {found[1]} {found[2]}"[:_MOST_CHARACTERS]
    said = " ".join(result.message.split()).rstrip(".") or "its hidden part does not pass"
    if result.hidden:
        said = "its hidden part does not pass"
    return f"{result.verdict}: {said}"[:_MOST_CHARACTERS]
