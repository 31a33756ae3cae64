"""Extra days are nbgrader's own, and penalties follow them."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import cli
from autograder.assignment import load_assignment
from autograder.course import Course
from autograder.nbgrader_bridge.book import ClassGradebook, Entry
from autograder.nbgrader_bridge.database import gradebook_url
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from tests.small_course import NAME, make_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Ada and Bob handed in a day late; lateness costs everything."""
    course = make_course(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    )
    assignment = load_assignment(course, NAME)
    ClassGradebook(course, assignment).close()
    with Gradebook(gradebook_url(course), "") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-11-26 12:00:00 UTC")
    test = TestResult("double_two", 10.0, 10.0, Verdict.PASSED)
    with ClassGradebook(course, assignment) as book:
        for student in ("ada", "bob"):
            result = SubmissionResult(student, NAME, Status.GRADED, score=10.0, max_score=19.0, tests=(test,))
            book.write(Entry(result, timestamp="2026-11-27 12:00:00 UTC"))
    return course


def penalties(course: Course) -> dict[str, float]:
    with Gradebook(gradebook_url(course), "") as book:
        return {
            one.student.id: float(one.notebooks[0].late_submission_penalty or 0)
            for one in book.assignment_submissions(NAME)
        }


def test_days_are_given_listed_and_taken_away_and_penalties_follow(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["extension", NAME, "--course", str(course.root)]
    assert penalties(course) == {"ada": 10.0, "bob": 10.0}
    assert cli.main(words) == 0
    assert cli.main([*words, "--student", "ada", "--days", "1"]) == 0
    assert penalties(course) == {"ada": 0.0, "bob": 10.0}
    assert cli.main([*words, "--all", "--days", "2.5"]) == 0
    assert penalties(course) == {"ada": 0.0, "bob": 0.0}
    assert cli.main([*words, "--student", "bob", "--days", "0"]) == 0
    assert penalties(course) == {"ada": 0.0, "bob": 10.0}
    assert capsys.readouterr().out.splitlines() == [
        f"Nobody has extra days for {NAME}.", "ada: 1 day", "ada: 2.5 days", "bob: 2.5 days", "ada: 2.5 days",
    ]  # fmt: skip


def test_without_a_due_date_there_is_nothing_to_add_days_to(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["extension", NAME, "--course", str(course.root), "--student", "ada", "--days"]
    assert cli.main([*words, "1"]) == 0
    with Gradebook(gradebook_url(course), "") as gradebook:
        gradebook.find_assignment(NAME).duedate = None
        gradebook.db.commit()
    assert cli.main([*words, "2"]) == cli.EXIT_USAGE
    assert (
        f"{NAME} has no due date, and extra days are counted from it. Set one first: formgrader, Manage "
        "Assignments, the pencil under Edit."
    ) in capsys.readouterr().err
    assert cli.main([*words, "0"]) == 0
    assert penalties(course) == {"ada": 0.0, "bob": 10.0}


def test_what_is_missing_of_the_command_is_said(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["extension", NAME, "--course", str(course.root)]
    for more, said in [
        (["--days", "1"], "--days is for somebody: name them with --student ID, or say --all."),
        (["--all"], "how many days? Add --days N; --days 0 takes them away."),
        (
            ["--student", "eve", "--days", "1"],
            "eve is not graded in ps1: nbgrader keeps extra days with the submission. Grade first: "
            "autograder grade ps1",
        ),
    ]:
        assert cli.main([*words, *more]) == cli.EXIT_USAGE
        assert capsys.readouterr().err == f"autograder extension: {said}\n"


def test_each_lateness_is_explained_with_due_date_extra_days_and_time(course: Course) -> None:
    cli.main(["extension", NAME, "--course", str(course.root), "--student", "ada", "--days", "0.5"])
    plain = SubmissionResult("", NAME, Status.GRADED, score=10.0, max_score=19.0)
    with ClassGradebook(course, load_assignment(course, NAME)) as book:
        told = {
            student: book.merged(dataclasses.replace(plain, student=student)).late_because
            for student in ("ada", "bob")
        }
        assert told == {
            "ada": "due 26 November 2026, 12:00 UTC, with 12 h more until 27 November 2026, 00:00 UTC; "
            "handed in 27 November 2026, 12:00 UTC",
            "bob": "due 26 November 2026, 12:00 UTC; handed in 27 November 2026, 12:00 UTC",
        }
        book.set_extra_days(["bob"], datetime.timedelta(days=2))
        assert book.merged(dataclasses.replace(plain, student="bob")).late_because == ""
