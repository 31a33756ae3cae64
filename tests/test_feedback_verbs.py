"""The verbs `feedback` and `report`, and our exporter for nbgrader, on results that lie in a course."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.collected import KnownStudent, write_collected
from autograder.course import Course
from autograder.nbgrader_bridge.feedback import result_from_notebook
from autograder.pages.safe_feedback import safe_feedback_page
from autograder.storage import StoredResult, write_result
from autograder.verdicts import Verdict
from tests.example_results import notebook, small_class
from tests.html_checks import Page, problems

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course in which the small class has been graded, without a gradebook."""
    shutil.copytree(ROOT / "source" / "initialization", tmp_path / "source" / "initialization")
    course = Course(tmp_path)
    for result in small_class():
        write_result(course, "initialization", StoredResult(result))
    folder = course.autograded("ada", "initialization")
    folder.mkdir(parents=True)
    (folder / "initialization.ipynb").write_text(json.dumps(notebook()))
    return course


def test_feedback_writes_a_page_for_everyone_where_nbgrader_looks(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["feedback", "initialization", "--course", str(course.root), "--title", "Neural networks"]) == 0
    )
    assert capsys.readouterr().out.splitlines() == [
        f"4 feedback pages in {course.root / 'feedback'}.",
        "1 of them still waits for hand grading. When that is done, write again: "
        f"autograder feedback initialization --course {course.root}",
    ]
    page = (course.feedback("ada", "initialization") / "initialization.html").read_text()
    assert "plot_cost(history)" in page  # from the autograded notebook
    assert "Neural networks" in page
    assert (course.feedback("grace", "initialization") / "initialization.html").is_file()


def test_one_students_text_keeps_nobody_from_a_page(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    autograded = course.autograded("ada", "initialization") / "initialization.ipynb"
    answer = {
        "cell_type": "markdown",
        "metadata": {"nbgrader": {"grade_id": "observations_random", "solution": True, "grade": True}},
        "source": "It saturates <b>here</b>.",
    }
    autograded.write_text(json.dumps({"cells": [{"cell_type": "code", "outputs": 7}, answer]}))
    assert main(["feedback", "initialization", "--course", str(course.root)]) == 1
    assert capsys.readouterr().out.splitlines()[:2] == [
        f"4 feedback pages in {course.root / 'feedback'}.",
        "ada: texts are shown plain, for the page raised TypeError: 'int' object is not iterable.",
    ]
    page = (course.feedback("ada", "initialization") / "initialization.html").read_text()
    assert "It saturates &lt;b&gt;here&lt;/b&gt;." in page
    assert "48 of 80 points" in Page(page).words
    assert len(list((course.root / "feedback").glob("*/*/*.html"))) == 4


def test_a_text_that_cannot_be_typeset_is_named(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    stored = next(result for result in small_class() if result.student == "alan")
    comment = dataclasses.replace(stored.hand_grades[0], comment="```&nbsp;\nlook\n```")
    graded = dataclasses.replace(stored, hand_grades=(comment,))
    write_result(course, "initialization", StoredResult(graded))
    assert main(["feedback", "initialization", "--course", str(course.root), "--student", "alan"]) == 1
    assert "alan: texts are shown plain, for a text could not be typeset." in capsys.readouterr().out


@pytest.mark.parametrize(
    "notebook",
    [
        {"cells": None}, {"cells": [None, 7, {}]}, {"cells": [{"metadata": None}]}, {"cells": {"a": 1}}, {},
        {"cells": [{"metadata": {"nbgrader": []}, "source": {"a": 1}}]},
        {"cells": [{"outputs": [{"data": []}], "metadata": {"nbgrader": {"grade": 1, "solution": 1}}}]},
    ],
)  # fmt: skip
def test_whatever_is_in_a_notebook_there_is_a_page(notebook: dict[str, object]) -> None:
    for result in small_class():
        page = safe_feedback_page(result, notebook)
        assert page.html.lower().startswith("<!doctype html>")
        assert not page.plain or page.plain.startswith("the page raised ")


def test_where_even_the_page_without_plots_raises_points_and_texts_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*arguments: object) -> str:
        raise MemoryError

    monkeypatch.setattr("autograder.pages.safe_feedback.feedback_page", fails)
    page = safe_feedback_page(small_class()[0], notebook())
    assert page.plain == "the page raised MemoryError: "
    assert problems(page.html) == ["0 <header>", "0 <footer>"]
    assert Page(page.html).words.startswith("FeedbackFeedback for Ada Lovelace48 of 80 points.")
    assert "It **saturates**." in page.html


def test_feedback_for_one_student_leaves_the_others_alone(course: Course) -> None:
    assert main(["feedback", "initialization", "--course", str(course.root), "--student", "alan"]) == 0
    assert [path.name for path in (course.root / "feedback").iterdir()] == ["alan"]


def test_what_nbgraders_release_feedback_looks_for_lies_beside_the_page_and_no_link_is_followed(
    course: Course,
) -> None:
    for student in ("ada", "alan"):
        course.submitted(student, "initialization").mkdir(parents=True)
    given = course.submitted("ada", "initialization")
    (given / "timestamp.txt").write_text("2026-11-26 23:59:00.000000 UTC")
    (given / "submission_secret.txt").write_text("s3cret")
    (course.submitted("alan", "initialization") / "timestamp.txt").symlink_to(course.root / "source")
    (course.submitted("alan", "initialization") / "submission_secret.txt").symlink_to(given / "timestamp.txt")
    assert main(["feedback", "initialization", "--course", str(course.root)]) == 0
    page = course.feedback("ada", "initialization")
    assert (page / "timestamp.txt").read_text() == "2026-11-26 23:59:00.000000 UTC"
    assert (page / "submission_secret.txt").read_text() == "s3cret"
    assert [path.name for path in course.feedback("alan", "initialization").iterdir()] == [
        "initialization.html"
    ]


def test_the_report_lists_whom_the_platform_marked_late(course: Course) -> None:
    known = {"alan": KnownStudent(late=True), "grace": KnownStudent("Grace", "Hopper")}
    write_collected(course, "initialization", known)
    assert main(["report", "initialization", "--course", str(course.root)]) == 0
    page = Page((course.root / "reports" / "initialization" / "report.html").read_text())
    assert "by how much is not known; no points are off: Alan Turing alan Time, limits, machine" in page.words


@pytest.mark.parametrize("verb", ["feedback", "report"])
def test_before_grading_the_next_step_is_told(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "source" / "initialization", tmp_path / "source" / "initialization")
    assert main([verb, "initialization", "--course", str(tmp_path)]) == 2
    assert f"Grade first: autograder grade initialization --course {tmp_path}" in capsys.readouterr().err


def test_an_unknown_student_is_named(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feedback", "initialization", "--course", str(course.root), "--student", "bob"]) == 2
    assert f"no result of bob for 'initialization' in {course.root}. Check the id" in capsys.readouterr().err


def test_report_writes_the_page_and_the_tables(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    out = course.root / "elsewhere"
    assert main(["report", "initialization", "--course", str(course.root), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "attention.csv", "misconceptions.csv", "missing.csv", "questions.csv",
        "report.html", "results.csv", "similar.csv", "students.csv", "tests.csv",
        "unrecognized.csv", "written_answers.csv",
    ]  # fmt: skip
    assert capsys.readouterr().out.splitlines()[1:] == [
        "3 need a person: the report says why.",
        "1 waits for hand grading; scores are provisional.",
    ]


def test_without_our_results_the_page_says_what_nbgrader_knows() -> None:
    def cell(grade_id: str, score: float, **flags: object) -> dict[str, object]:
        marks = {"grade_id": grade_id, "grade": True, "solution": False, "score": score, "points": 10.0}
        return {"metadata": {"nbgrader": marks | flags}}

    cells = [
        {"metadata": {}},
        cell("zeros_shapes", 10.0),
        cell("zeros_values", 4.0),
        cell("he_values", 0.0),
        cell("observations", 7.0, solution=True, comment="Good."),
        cell("waiting", 0.0, solution=True, comment=None),
    ]
    graded = {"student": "ada", "assignment": "a", "score": 21.0, "max_score": 50.0, "late_penalty": 1}
    result = result_from_notebook({"cells": cells}, graded)
    assert [test.verdict for test in result.tests] == [Verdict.PASSED, Verdict.PARTIAL, Verdict.WRONG_ANSWER]
    assert [(grade.score, grade.comment) for grade in result.hand_grades] == [(7.0, "Good."), (None, "")]
    assert (result.score, result.max_score, result.late_penalty) == (21.0, 50.0, 1.0)
