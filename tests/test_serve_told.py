"""What a student is told before the deadline: what visible checks found, and nothing of hidden ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.assignment import load_notebooks
from autograder.pages.told import told_page
from autograder.serve.told import LATER, partly_hidden, told_result
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from tests import small_course

HIDDEN = {"double_more"}


def result(*tests: TestResult) -> SubmissionResult:
    return SubmissionResult("ada", "ps1", Status.GRADED, score=12.0, max_score=15.0, tests=tests)


def test_a_test_with_a_hidden_part_is_one_whose_text_students_do_not_get(tmp_path: Path) -> None:
    course = small_course.make_course(tmp_path)
    assert partly_hidden(load_notebooks(course, small_course.NAME)) == {"double_more"}


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("inside", [False, True])
def test_however_a_hidden_part_ends_the_student_reads_the_same(verdict: Verdict, inside: bool) -> None:
    visible = TestResult("double_two", 10.0, 10.0, Verdict.PASSED)
    passed = TestResult("double_more", 5.0, 5.0, Verdict.PASSED)
    ended = TestResult(
        "double_more", 1.0, 5.0, verdict, "secret", "id", "secret", hidden=not inside, inside=inside
    )
    same = [told_result(result(visible, one), HIDDEN, everything=False) for one in (passed, ended)]
    assert same[0] == same[1]
    assert "secret" not in json.dumps(same)
    assert same[0]["tests"][1]["verdict"] == LATER
    assert (same[0]["score"], same[0]["max_score"]) == (10.0, 10.0)
    assert same[0]["sentence"] == (
        "1 of 1 test passed. 1 more has passed what you can see of it; how its hidden part ended is told "
        "after the deadline."
    )


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "1 test has passed what you can see of it; how its hidden part ended is told after the "
            "deadline."),
        (2, "2 tests have passed what you can see of them; how their hidden parts ended is told after the "
            "deadline."),
    ],
)  # fmt: skip
def test_where_all_tests_have_a_hidden_part_no_points_are_told(number: int, sentence: str) -> None:
    tests = [TestResult(f"t{place}", 5.0, 5.0, Verdict.PASSED) for place in range(number)]
    told = told_result(result(*tests), {test.name for test in tests}, everything=False)
    assert (told["sentence"], told["max_score"]) == (sentence, 0.0)
    page = told_page("Title", "ada", told)
    assert "Points are told after the deadline</h2>" in page
    assert "so far" not in page


def test_where_the_visible_part_failed_it_is_told_before_the_deadline() -> None:
    failed = TestResult("double_more", 0.0, 5.0, Verdict.RAISED, "IndexError", hint="Look at x.")
    told = told_result(result(failed), HIDDEN, everything=False)
    assert told["tests"] == [
        {
            "name": "double_more",
            "question": "",
            "verdict": "raised",
            "message": "IndexError",
            "hint": "Look at x.",
            "score": 0.0,
            "max_score": 5.0,
        }
    ]


def test_after_the_deadline_all_is_told() -> None:
    failed = TestResult("double_more", 2.0, 5.0, Verdict.PARTIAL, "one of two", hidden=True)
    told = told_result(result(failed), HIDDEN, everything=True)
    assert (told["told"], told["score"], told["max_score"]) == ("all", 12.0, 15.0)
    assert told["tests"][0]["message"] == "one of two"


def test_a_fault_of_ours_is_said_without_its_text() -> None:
    failed = SubmissionResult("ada", "ps1", Status.INTERNAL_ERROR, reason="/home/grader: secret")
    told = told_result(failed, HIDDEN, everything=True)
    assert told["sentence"] == (
        "The grader failed on your notebook. It is kept, this costs you no try, and your instructor sees it."
    )
    assert "secret" not in json.dumps(told)
