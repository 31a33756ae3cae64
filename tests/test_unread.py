"""The next answer that nobody has read: question by question, in formgrader's order."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import cli
from autograder.assignment import load_assignment
from autograder.course import Course
from autograder.nbgrader_bridge.book import ClassGradebook, Entry
from autograder.nbgrader_bridge.database import gradebook_url
from autograder.storage import StoredResult, write_result
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from tests.small_course import NAME, make_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Ada, Bob and Cyd are graded; Cyd's notebook is not there for formgrader to show."""
    course = make_course(tmp_path)
    tests = tuple(TestResult(name, 0.0, 5.0, Verdict.WRONG_ANSWER) for name in ("double_two", "double_more"))
    with ClassGradebook(course, load_assignment(course, NAME)) as book:
        for student in ("ada", "bob", "cyd"):
            result = SubmissionResult(student, NAME, Status.GRADED, score=0.0, max_score=19.0, tests=tests)
            write_result(course, NAME, StoredResult(result))
            book.write(Entry(result))
            if student != "cyd":
                path = course.autograded(student, NAME) / f"{NAME}.ipynb"
                path.parent.mkdir(parents=True)
                path.write_text("{}")
    return course


def pages(course: Course) -> list[str]:
    """Formgrader's pages of Ada's and Bob's answers, in nbgrader's own order."""
    with Gradebook(gradebook_url(course)) as book:
        return [
            f"formgrader/submissions/{one.id}/#why"
            for one in book.notebook_submissions(NAME, NAME)
            if one.student.id != "cyd"
        ]


def give_points(course: Course, page: str) -> None:
    with Gradebook(gradebook_url(course)) as book:
        submission = book.find_submission_notebook_by_id(page.split("/")[2])
        grade = next(grade for grade in submission.grades if grade.name == "why")
        grade.manual_score, grade.needs_manual_grade = 3, False
        book.db.commit()


def test_the_next_unread_answer_is_shown_until_none_is_left(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["unread", NAME, "--course", str(course.root), "--server", "http://localhost:8889/lab?token=x"]
    first, second = pages(course)
    assert cli.main(words) == 0
    assert capsys.readouterr().out == f"why: 2 of 2 wait. Next: http://localhost:8889/{first}\n"
    give_points(course, first)
    assert cli.main([*words, "--question", "why"]) == 0
    assert capsys.readouterr().out == f"why: 1 of 2 waits. Next: http://localhost:8889/{second}\n"
    assert cli.main([*words, "--question", "double_two"]) == cli.EXIT_USAGE
    assert f"nothing of 'double_two' waits in {NAME}; something waits of why." in capsys.readouterr().err
    give_points(course, second)
    assert cli.main(words) == 0
    assert capsys.readouterr().out == (
        f"Nothing of {NAME} waits for a person. Next: autograder feedback {NAME}\n"
    )


def test_it_is_opened_in_the_browser(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert cli.main(["unread", NAME, "--course", str(course.root), "--open"]) == 0
    assert opened == [f"http://localhost:8888/{pages(course)[0]}"]


def test_before_anything_is_graded_the_next_command_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = make_course(tmp_path)
    ClassGradebook(course, load_assignment(course, NAME)).close()  # another assignment's grading makes it
    assert cli.main(["unread", NAME, "--course", str(tmp_path)]) == cli.EXIT_USAGE
    assert f"Grade first: autograder grade {NAME} --course {tmp_path}" in capsys.readouterr().err
