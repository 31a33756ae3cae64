"""A test on which the grader itself failed is open: said everywhere, never a zero."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.cli.run_display import reason
from autograder.exporters.gradescope import results_document as gradescope
from autograder.exporters.moodle import feedback_text
from autograder.exporters.people import with_score
from autograder.exporters.plain import export_csv
from autograder.grading.protocol import JobResult, ProtocolError
from autograder.grading.rendering import test_outputs
from autograder.grading.results import require_result_of, result_to_store
from autograder.nbgrader_bridge.book import ClassGradebook, Entry
from autograder.pages.class_summary import reasons_to_look
from autograder.pages.feedback import feedback_page
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict, results_document
from tests.small_course import make_course

OPEN = TestResult(
    "double_two", 0.0, 10.0, Verdict.INTERNAL_ERROR, "The grader failed on this test.", open=True
)
MORE = TestResult("double_more", 5.0, 5.0, Verdict.PASSED)
RESULT = SubmissionResult(
    "ada", "ps1", Status.GRADED, score=5.0, max_score=15.0, isolation="full", tests=(OPEN, MORE)
)


def test_an_open_test_takes_nothing_from_the_others_and_waits_for_a_person() -> None:
    (submission,) = results_document("ps1", [RESULT])["submissions"]
    assert (submission["status"], submission["score"], submission["needs_manual_grade"]) == (
        "graded",
        5.0,
        True,
    )
    first, second = submission["tests"]
    assert (first["verdict"], first["score"], first["open"]) == ("internal-error", 0.0, True)
    assert second["open"] is False
    assert SubmissionResult.from_dict(submission) == RESULT


def test_what_people_read_says_open_and_never_zero() -> None:
    assert reason(RESULT) == "not graded: our mistake (double_two); 10 points open: the grader failed there"
    assert feedback_text(RESULT) == "double_two (10 points open): The grader failed on this test."
    assert with_score([RESULT])[1][-1] == "ada: 10 points open, because the grader failed on a test."
    assert reasons_to_look(RESULT) == ("Our failure in double_two. 10 points open. Grade again.",)
    row = export_csv([RESULT], "ps1").files["ps1.csv"].decode("utf-8-sig").splitlines()[1]
    assert row.endswith(",,5")
    shown = test_outputs(OPEN)[-1]
    assert shown["traceback"][0] == "internal-error: 10 points open"
    page = feedback_page(RESULT)
    assert "10 points open" in page
    assert "10 points are open: the grader failed there." in page
    assert "0 of 10" not in page
    opening = gradescope(RESULT)
    assert opening["output"].startswith("10 points open: the grader failed there; a person gives them.")
    assert "score" not in opening["tests"][0]


def test_the_gradebook_leaves_an_open_test_to_a_person(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    with ClassGradebook(course, load_assignment(course, "ps1")) as book:
        book.write(Entry(RESULT))
        merged = book.merged(RESULT)
        assert (merged.score, merged.open_points, book.agrees(Entry(RESULT))) == (5.0, 10.0, True)
        (grade,) = [one for one in book._submitted("ada")[""].grades if one.name == "double_two"]
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)
        grade.manual_score = 7.0
        merged = book.merged(RESULT)
        assert (merged.score, merged.open_points, merged.tests[0].open) == (12.0, 0, False)


def test_a_worker_cannot_give_points_for_an_open_test(tmp_path: Path) -> None:
    assignment = load_assignment(make_course(tmp_path), "ps1")
    for wrong in (
        dataclasses.replace(OPEN, score=1.0),
        dataclasses.replace(OPEN, open=False),
        dataclasses.replace(OPEN, verdict=Verdict.PASSED),
    ):
        result = JobResult(Status.GRADED, tests=(wrong, MORE), notebook=b"{}")
        with pytest.raises(ProtocolError, match=r"^double_two with .* points is .*, open: "):
            require_result_of(assignment, result)
    right = JobResult(Status.GRADED, tests=(OPEN, MORE), notebook=b"{}")
    require_result_of(assignment, right)
    assert result_to_store(assignment, "ada", "full", right).result.score == 5.0
