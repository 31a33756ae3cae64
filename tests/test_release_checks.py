"""Nothing secret gets out with a release, and no question is lost in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.assignment import load_assignment
from autograder.course import Course
from autograder.grading.plan_store import plan_sentences
from autograder.grading.test_plan import Plan
from autograder.nbgrader_bridge.release import generate_release
from autograder.nbgrader_bridge.release_checks import ReleaseError
from tests.small_course import ANSWER, HIDDEN, NAME, SOURCE, cell, make_course, notebook


@pytest.fixture(autouse=True)
def _nothing_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The instructor's own run has its own tests."""
    monkeypatch.setattr("autograder.cli.release.plan_of", lambda *args, **more: Plan())


def nothing_known(course: Course, name: str) -> str:
    """What is said of an assignment without a plan."""
    (sentence,) = plan_sentences(load_assignment(course, name), "full", Plan())
    return f"{name}: {sentence}"


PICTURE = {"image/png": "aVZCT1J3MEtHZ28="}
MARKED = {"grade_id": "why", "grade": True, "solution": True, "points": 4}


def course_of(root: Path, *cells: dict[str, Any]) -> Course:
    course = make_course(root)
    (course.source(NAME) / f"{NAME}.ipynb").write_text(notebook(*cells), encoding="utf-8")
    return course


def released(course: Course) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(generate_release(course, NAME)[f"{NAME}.ipynb"])
    return document


def refusal(number: int, line: str, course: Course) -> str:
    return (
        f"{course.source(NAME)}/{NAME}.ipynb, cell {number} ({line!r}): without the marks ### BEGIN "
        "SOLUTION and ### "
        "END SOLUTION the whole cell is taken for the solution, so students would not see this question. "
        "Put the "
        "question into a text cell of its own in front of it, or put the marks around the answer."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Why does symmetry break?",
        "**Question 2.** Explain in two sentences.\nGive an example.",
        "## Question 2\nDescribe what you see.",
        "Beschreibe, was du siehst.",
    ],
)
def test_a_question_in_an_answers_cell_without_marks_is_refused_by_its_number_and_first_line(
    tmp_path: Path, text: str
) -> None:
    course = course_of(
        tmp_path, cell(SOURCE, grade_id="double", solution=True), cell(text, "markdown", **MARKED)
    )
    with pytest.raises(ReleaseError) as caught:
        generate_release(course, NAME)
    assert str(caught.value) == refusal(2, text.split("\n")[0], course)


def test_a_task_written_as_comments_only_is_refused_too(tmp_path: Path) -> None:
    text = "# Write a function double(x).\n# It returns twice x."
    course = course_of(tmp_path, cell("Do this.", "markdown"), cell(text, grade_id="double", solution=True))
    with pytest.raises(ReleaseError) as caught:
        generate_release(course, NAME)
    assert str(caught.value) == refusal(2, "# Write a function double(x).", course)


def test_a_model_answer_without_marks_below_its_question_is_released_as_nbgrader_does(tmp_path: Path) -> None:
    course = course_of(
        tmp_path,
        cell("Why does it work?", "markdown"),
        cell("Because two is two.", "markdown", **MARKED),
        cell("def double(x):\n    # twice\n    return 2 * x", grade_id="double", solution=True),
        cell("Why?\n" + ANSWER, "markdown", **MARKED | {"grade_id": "why_2"}),
    )
    texts = ["".join(item["source"]) for item in released(course)["cells"]]
    assert texts == [
        "Why does it work?",
        "YOUR ANSWER HERE",
        "# YOUR CODE HERE\nraise NotImplementedError()",
        "Why?\nYOUR ANSWER HERE",
    ]


def test_pictures_of_a_solution_stay_behind_and_are_named_and_others_are_released(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = cell("Look: ![](attachment:my%20plot.png)", "markdown") | {
        "attachments": {"my plot.png": PICTURE}
    }
    answer = cell("Why?\n### BEGIN SOLUTION\n![](attachment:a.png)\n### END SOLUTION", "markdown", **MARKED)
    scheme = cell(
        "Draw.\n=== BEGIN MARK SCHEME ===\n![](attachment:b.png)\n=== END MARK SCHEME ===",
        "markdown", grade_id="draw", task=True, locked=True, points=2,
    )  # fmt: skip
    answer |= {"attachments": {"a.png": PICTURE, "left over.png": PICTURE}}
    scheme |= {"attachments": {"b.png": PICTURE}}
    course = course_of(tmp_path, question, answer, scheme)
    cells = released(course)["cells"]
    assert [list(item.get("attachments", {})) for item in cells] == [["my plot.png"], [], []]
    assert cli.main(["release", NAME, "--course", str(tmp_path)]) == 0
    assert capsys.readouterr().out == (
        f"{course.release(NAME)} written (1 file).\n"
        "ps1.ipynb, cell 2 ('Why?'): a.png, left over.png is not released, because what students get of "
        "the cell does "
        "not show it.\n"
        "ps1.ipynb, cell 3 ('Draw.'): b.png is not released, because what students get of the cell does "
        "not show it.\n"
    )
    assert cli.main(["release", NAME, "--check", "--course", str(tmp_path)]) == 0


def test_an_order_to_the_grader_is_not_released(tmp_path: Path) -> None:
    text = f"### IN STUDENT PROCESS\nassert double(2) == 4\n{HIDDEN}"
    course = course_of(tmp_path, cell(text, grade_id="double_two", grade=True, locked=True, points=1))
    assert "".join(released(course)["cells"][0]["source"]) == "assert double(2) == 4"


def test_a_grade_id_that_is_refused_says_what_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = course_of(tmp_path, cell("assert 1", grade_id="größe 1", grade=True, points=1))
    assert cli.main(["release", NAME, "--course", str(tmp_path)]) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        f"autograder release: {course.source(NAME)}/{NAME}.ipynb, cell 0 has the grade id 'größe 1'. "
        "Allowed are the "
        "letters a to z and A to Z, digits, _ and -, at least one of them; change it in JupyterLab's "
        "Create Assignment "
        "tool.\n"
    )


def test_a_second_notebook_is_released_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = make_course(tmp_path)
    said = nothing_known(course, NAME).replace(NAME, f"{NAME}/{NAME}.ipynb", 1)
    (course.source(NAME) / "part2.ipynb").write_text(notebook(cell("x = 1")), encoding="utf-8")
    assert cli.main(["release", "--course", str(tmp_path)]) == cli.EXIT_OK
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1:] == [
        said,
    ]
    assert sorted(path.name for path in course.release(NAME).iterdir()) == ["part2.ipynb", "ps1.ipynb"]
    assert shown.err == ""


def test_a_cell_that_installs_a_package_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = course_of(tmp_path, cell("import math"), cell("%pip install seaborn"))
    assert cli.main(["release", NAME, "--course", str(course.root)]) == cli.EXIT_OK
    assert (
        "ps1, cell 1: `%pip install seaborn` installs nothing while notebooks are graded: there is no "
        "network. Install the package where the grader runs.\n"
    ) in capsys.readouterr().out
