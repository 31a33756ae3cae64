"""A person's points belong to the text that they were given for."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.assignment import load_assignment
from autograder.course import Course
from autograder.intake import plan_submission
from autograder.intake.texts import answer_digests
from autograder.nbgrader_bridge.book import ClassGradebook, Entry
from autograder.nbgrader_bridge.database import gradebook_url
from autograder.pages.class_summary import reasons_to_look
from autograder.storage import StoredResult
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict
from tests.small_course import NAME, RIGHT, cell, make_course, make_gradebook, notebook, submitted_cells


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gradebook(tmp_path_factory.mktemp("new"))


@pytest.fixture
def course(tmp_path: Path, gradebook: Path) -> Course:
    return make_course(tmp_path / "course", gradebook)


def graded(why: str, code: str = "code", points: float = 10.0) -> StoredResult:
    """Ada's result for this text of the answer and of the code."""
    texts = {"why": why, "double_two": code, "double_more": code}
    result = SubmissionResult(
        "ada",
        NAME,
        Status.GRADED,
        score=points,
        max_score=19.0,
        tests=(
            TestResult("double_two", points, 10.0, Verdict.PASSED),
            TestResult("double_more", 0.0, 5.0, Verdict.WRONG_ANSWER),
        ),
        hand_grades=(HandGrade("why", None, 4.0),),
    )
    untouched = frozenset() if why else frozenset({"why"})
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    return StoredResult(result, untouched, texts=digests)


def write(course: Course, stored: StoredResult, before: StoredResult | None = None) -> StoredResult:
    """The result in the gradebook, as a run of the grader puts it there after the result of `before`."""
    stored = stored.after(before)
    with ClassGradebook(course, load_assignment(course, NAME)) as book:
        return stored.agreed(book.write(Entry.of(stored)))


def merged(course: Course, stored: StoredResult) -> SubmissionResult:
    with ClassGradebook(course, load_assignment(course, NAME)) as book:
        assert book.agrees(Entry.of(stored))
        return book.merged(stored.result, stored.outdated)


def person_gives(course: Course, grade_id: str = "why", points: float = 3.0) -> None:
    """What formgrader does when a person types points, or presses Mark as graded."""
    with Gradebook(gradebook_url(course), "") as book:
        grade = book.find_grade(grade_id, NAME, NAME, "ada")
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def is_asked(course: Course, grade_id: str = "why") -> bool:
    """Whether formgrader asks a person."""
    with Gradebook(gradebook_url(course), "") as book:
        return bool(book.find_grade(grade_id, NAME, NAME, "ada").needs_manual_grade)


def test_the_same_text_keeps_its_points_and_nothing_asks_again(course: Course) -> None:
    first = write(course, graded("First."))
    person_gives(course)
    again = write(course, graded("First.", points=2.0), first)
    result = merged(course, again)
    assert (result.score, result.hand_grades[0].score, result.needs_manual_grade) == (5.0, 3.0, False)
    assert not is_asked(course)
    third = write(course, graded("First."), again)
    assert merged(course, third).score == 13.0


@pytest.mark.parametrize("text", ["Second.", ""])
def test_another_text_or_none_asks_a_person_and_the_points_are_a_proposal(course: Course, text: str) -> None:
    first = write(course, graded("First."))
    person_gives(course)
    second = write(course, graded(text), first)
    result = merged(course, second)
    assert result.hand_grades == (HandGrade("why", None, 4.0, proposal=3.0),)
    assert (result.score, result.needs_manual_grade) == (10.0, True)
    assert is_asked(course)
    assert reasons_to_look(result) == (
        "why: 3 points by hand were given for an earlier text; read the new one, and give points or "
        "press Mark "
        "as graded in formgrader. They do not count until then.",
    )
    third = write(course, graded(text, points=5.0), second)  # --force, or a fixed test: still a proposal
    assert merged(course, third).needs_manual_grade


@pytest.mark.parametrize("points", [3.0, 1.0])
def test_what_a_person_then_gives_counts_and_stays(course: Course, points: float) -> None:
    second = write(course, graded("Second."), write_and_give(course, "First."))
    person_gives(course, points=points)
    assert merged(course, second).score == 10.0 + points
    again = write(course, graded("Second."), second)
    assert merged(course, again).score == 10.0 + points
    assert not is_asked(course)


def write_and_give(course: Course, text: str) -> StoredResult:
    stored = write(course, graded(text))
    person_gives(course)
    return stored


def test_who_goes_back_to_the_first_text_has_its_points_again(course: Course) -> None:
    second = write(course, graded("Second."), write_and_give(course, "First."))
    third = write(course, graded("First."), second)
    assert (merged(course, third).score, is_asked(course)) == (13.0, False)


def test_points_set_on_a_test_belong_to_the_code(course: Course) -> None:
    first = write(course, graded("First."))
    person_gives(course, "double_more", 4.0)
    same = write(course, graded("Second.", points=7.0), first)
    assert merged(course, same).score == 11.0
    other = write(course, graded("Second.", code="other"), same)
    result = merged(course, other)
    assert (result.score, result.tests[1].score, result.tests[1].proposal) == (10.0, 0.0, 4.0)
    assert result.needs_manual_grade
    assert is_asked(course, "double_more")


def test_a_rejected_hand_in_between_two_of_one_text_changes_nothing(course: Course) -> None:
    first = write_and_give(course, "First.")
    rejected = StoredResult(SubmissionResult("ada", NAME, Status.REJECTED, reason="torn"))
    between = write(course, rejected, first)
    assert merged(course, write(course, graded("First."), between)).score == 13.0
    assert merged(course, write(course, graded("Second."), between)).score == 10.0


def test_a_run_that_was_killed_before_the_gradebook_knew_asks_all_the_same(course: Course) -> None:
    first = write_and_give(course, "First.")
    killed = graded("Second.").after(first)  # on disk; the gradebook still has the first
    with ClassGradebook(course, load_assignment(course, NAME)) as book:
        assert not book.agrees(Entry.of(killed))
    assert merged(course, write(course, graded("Second."), killed)).needs_manual_grade


def test_points_of_which_nothing_is_known_ask_a_person(course: Course) -> None:
    write_and_give(course, "First.")
    assert merged(course, write(course, graded("First."), None)).needs_manual_grade


def test_a_stored_result_is_read_back_as_it_was_written(course: Course) -> None:
    from autograder.storage import read_result, result_path, write_result

    stored = dataclasses.replace(graded("First."), shown={"why": "a" * 64}, given={"why": "b" * 64})
    write_result(course, NAME, stored)
    assert read_result(result_path(course, NAME, "ada")) == stored


def digests(course: Course, *cells: dict[str, Any]) -> dict[str, str]:
    assignment = load_assignment(course, NAME)
    return answer_digests(plan_submission(notebook(*cells).encode(), assignment), assignment)


def test_a_digest_is_of_what_was_written_for_that_grade(course: Course) -> None:
    one = digests(course, *submitted_cells(RIGHT, "Because."))
    assert sorted(one) == ["double_more", "double_two", "why"]
    assert digests(course, *submitted_cells(RIGHT + "  \n", "Because. \n\n")) == one
    other_answer = digests(course, *submitted_cells(RIGHT, "Why not?"))
    assert {name for name in one if one[name] != other_answer[name]} == {"why"}
    other_code = digests(course, *submitted_cells(RIGHT, "Because."), cell("print(1)"))
    assert {name for name in one if one[name] != other_code[name]} == {"double_more", "double_two"}
