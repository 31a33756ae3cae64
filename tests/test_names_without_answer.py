"""No answer, no points: what the instructor's other cells and earlier tests made is no answer."""

from __future__ import annotations

import json

import pytest

from autograder.assignment import parse_assignment
from autograder.examiner import Examiner
from autograder.examiner.namespace import InstructorNames
from autograder.verdicts import Verdict
from tests.test_examiner import Student, assignment, run, run_cells


@pytest.mark.parametrize(
    ("locked", "solution", "test"),
    [
        ("def inv(n):\n    return [n]", "def inv(n):\n    return [n]", "assert inv(1) == [1]"),
        ("class P:\n    x = 1", "class P:\n    x = 1", "assert P.x == 1"),
        ("limit = 3", "limit = 3", "assert limit == 3"),
        ("limit = 3", "limit += 0", "assert limit == 3"),
        ("table = {}", "table['a'] = 1", "assert table == {}"),
        ("items = []", "items.append(1)", "assert items == []"),
        ("extra = 1", "del extra", "assert extra == 1"),
        ("from math import sqrt", "def sqrt(x): return x ** .5", "assert sqrt(4) == 2"),
        ("limit = 3\nlimit = 4", "pass", "assert limit == 4"),
    ],
)
def test_a_name_that_an_answer_touches_is_never_the_instructors(
    locked: str, solution: str, test: str
) -> None:
    outcome = run(test, locked=locked, solution=solution)
    assert (outcome.verdict, outcome.score) == (Verdict.NOT_FOUND, 0.0)


def test_what_no_answer_touches_is_the_instructors_as_before() -> None:
    locked = "import numpy as np\nlimit = 3\ndef double(n):\n    return 2 * n"
    solution = "def f(x):\n    limit = np.zeros(3)\n    limit[0] = 1\n    return x"
    outcome = run("assert f(double(limit)) == 6 and np.ones(1)[0] == 1", locked=locked, solution=solution)
    assert outcome.verdict is Verdict.NOT_FOUND
    assert outcome.message.startswith("`f` is not defined")


def two_tests_with_an_answer_between(first: str, answer: str, second: str) -> list[Verdict]:
    """The outcomes of `first` and `second`, where the student has answered nothing."""

    def cell(source: str, **nbgrader: object) -> dict[str, object]:
        metadata = {"nbgrader": {"schema_version": 3} | nbgrader}
        return {"cell_type": "code", "metadata": metadata, "source": source}

    cells = [
        cell(first, grade_id="first", grade=True, points=1),
        cell(answer, grade_id="answer", solution=True),
        cell(second, grade_id="second", grade=True, points=1),
    ]
    text = json.dumps({"nbformat": 4, "cells": cells, "metadata": {}})
    outcomes = run_cells(parse_assignment("ps1", text, {}, "ps1"), Student())
    return [outcome.verdict for outcome in outcomes]


def test_what_an_earlier_test_bound_is_no_answer_to_a_later_one() -> None:
    hidden = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
    for first, second in (
        ("total = 6", "assert total == 6"),
        (hidden.format("total = 6"), hidden.format("assert total == 6")),
        ("total = 6", hidden.format("assert total == 6")),
    ):
        outcomes = two_tests_with_an_answer_between(first, "total = 6", second)
        assert outcomes == [Verdict.PASSED, Verdict.NOT_FOUND]


def test_what_an_earlier_test_bound_is_there_for_a_later_one_where_it_is_no_answer() -> None:
    outcomes = two_tests_with_an_answer_between("right = 6", "total = 6", "assert right == 6")
    assert outcomes == [Verdict.PASSED, Verdict.PASSED]


def test_a_test_that_runs_late_finds_no_answer_in_what_later_tests_bound() -> None:
    instructor = assignment("assert f(1) == 1", "f = abs")
    examiner = Examiner(InstructorNames(instructor), 20)
    early, later = instructor.tests
    student = Student()
    assert examiner.run_visible(early, student).missing  # type: ignore[arg-type,union-attr]
    examiner.run_visible(later, student)  # type: ignore[arg-type]
    assert examiner.run_visible(early, student).verdict is Verdict.NOT_FOUND  # type: ignore[arg-type,union-attr]
