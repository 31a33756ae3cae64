"""Assignments of several notebooks: each is released, graded and shown, and the result is the sum."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from autograder import class_run, cli
from autograder.assignment import AssignmentError, load_assignment, load_notebooks
from autograder.course import Course
from autograder.grading import protocol
from autograder.nbgrader_bridge.book import ClassGradebook, Entry
from autograder.nbgrader_bridge.patches import importing_nbgrader
from autograder.several_notebooks import joined, notebooks_of, result_of, with_notebook
from autograder.storage import StoredResult
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict
from tests.small_course import ANSWER, cell, notebook

with importing_nbgrader():
    from nbgrader.api import Gradebook

ADD, PLUS, TEXT = "Teil 1.2 (Übung).ipynb", "part two.ipynb", "Part Two.ipynb"
STUB = "def add(a, b):\n    raise NotImplementedError()"
RIGHT = "def add(a, b):\n    return a + b"


def source(name: str, points: float) -> str:
    """A notebook of the instructor's; all notebooks have the same grade ids."""
    return notebook(
        cell(
            f"def {name}(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION", **SOLUTION
        ),
        cell(f"assert {name}(1, 2) == 3, 'one and two'", grade_id="t", grade=True, points=points),
        cell(ANSWER, "markdown", grade_id="why", grade=True, solution=True, points=2),
    )


SOLUTION: dict[str, Any] = {"grade_id": "s", "solution": True}


def handed_in(name: str, points: float, body: str = "return a + b") -> str:
    return notebook(
        cell(f"def {name}(a, b):\n    {body}", **SOLUTION),
        cell(f"assert {name}(1, 2) == 3, 'one and two'", grade_id="t", grade=True, points=points),
        cell("Since it is.", "markdown", grade_id="why", grade=True, solution=True, points=2),
    )


WORK = {ADD: handed_in("add", 1), PLUS: handed_in("plus", 10), TEXT: handed_in("more", 100)}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    folder = tmp_path / "source" / "hw"
    folder.mkdir(parents=True)
    for name, (function, points) in {ADD: ("add", 1), PLUS: ("plus", 10), TEXT: ("more", 100)}.items():
        (folder / name).write_text(source(function, points), encoding="utf-8")
    return Course(tmp_path)


def hand_in(course: Course, student: str, **changed: str | None) -> None:
    """`changed`: by the file's first word, another text, or None for a notebook that is not handed in."""
    folder = course.submitted(student, "hw")
    folder.mkdir(parents=True)
    for name, text in WORK.items():
        new = changed.get(name.split()[0], text)
        if new is not None:
            (folder / name).write_text(new, encoding="utf-8")


@pytest.mark.slow
def test_several_notebooks_are_released_graded_shown_and_exported(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--course", str(course.root)]
    assert cli.main(["release", *where]) == cli.EXIT_OK
    assert sorted(path.name for path in course.release("hw").iterdir()) == sorted(WORK)
    said = capsys.readouterr().out
    assert f"hw/{ADD}: " in said
    assert "not graded" not in said
    hand_in(course, "ada")
    hand_in(course, "bob", Teil=None)
    hand_in(course, "cy", part=handed_in("plus", 10, "return a - b"))
    (course.submitted("cy", "hw") / "scratch.ipynb").write_text(notebook(cell("x = 1")), encoding="utf-8")
    hand_in(course, "dee", Part="torn")
    json_file = course.root / "grades.json"
    assert cli.main(["grade", "hw", *where, "--json", str(json_file)]) == cli.EXIT_SOME_FAILED
    results = {one["student"]: one for one in json.loads(json_file.read_text("utf-8"))["submissions"]}
    assert {name: (one["status"], one["score"], one["max_score"]) for name, one in results.items()} == {
        "ada": ("graded", 111, 117),
        "bob": ("graded", 110, 117),
        "cy": ("graded", 101, 117),
        "dee": ("rejected", None, None),
    }
    found = [(test["notebook"], test["grade_id"], test["score"]) for test in results["cy"]["tests"]]
    assert found == [("Part Two", "t", 100), ("Teil 1.2 (Übung)", "t", 1), ("part two", "t", 0)]
    assert results["bob"]["flags"] == [f"{ADD}: There is no notebook {ADD} in the submission."]
    assert results["cy"]["flags"] == ["scratch.ipynb is beside the assignment's notebooks and is not graded."]
    assert results["dee"]["reason"].startswith("Part Two.ipynb: The notebook is not readable JSON")
    assert sorted(path.name for path in course.autograded("cy", "hw").iterdir()) == sorted(WORK)
    assert sorted(path.name for path in course.autograded("bob", "hw").iterdir()) == sorted({PLUS, TEXT})
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        submission = book.find_submission("hw", "cy")
        scores = {one.name: (one.score, one.max_score) for one in submission.notebooks}
        assert scores == {"Part Two": (100, 102), "Teil 1.2 (Übung)": (1, 3), "part two": (0, 12)}
        missing = book.find_submission_notebook("Teil 1.2 (Übung)", "hw", "bob")
        assert [(one.auto_score, one.needs_manual_grade) for one in missing.grades] == [(0, False)] * 2
    capsys.readouterr()
    assert cli.main(["grade", "hw", *where]) == cli.EXIT_SOME_FAILED
    assert "(4 of these kept from before)" in capsys.readouterr().out
    assert cli.main(["feedback", "hw", *where]) == cli.EXIT_OK
    page = course.feedback("cy", "hw") / "part two.html"
    text = page.read_text("utf-8")
    assert "0 of 12 points" in text
    assert "All notebooks of the assignment together: 101 of 117 points." in text
    assert len(list(page.parent.iterdir())) == 3
    assert cli.main(["report", "hw", *where]) == cli.EXIT_OK
    table = (course.root / "reports" / "hw" / "tests.csv").read_text("utf-8-sig")
    assert [line.split(",")[0] for line in table.splitlines()[1:]] == [
        "Part Two/t", "Teil 1.2 (Übung)/t", "part two/t",
    ]  # fmt: skip
    assert cli.main(["export", "csv", "hw", *where]) == cli.EXIT_OK
    assert "Part Two/why" in next((course.root / "exports" / "hw").glob("*.csv")).read_text("utf-8-sig")


@pytest.mark.slow
def test_a_run_that_was_ended_goes_on_with_the_notebooks_that_are_left(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course, "ada")
    hand_in(course, "bob", Teil=None)
    graded: list[tuple[str, int]] = []
    original = class_run._ClassRun._grade_notebook

    def grade_notebook(self: Any, assignment: Any, submitted: Any, *more: Any) -> None:
        if len(graded) == 2:
            raise KeyboardInterrupt
        graded.append((assignment.file_name, len(submitted)))
        original(self, assignment, submitted, *more)

    monkeypatch.setattr(class_run._ClassRun, "_grade_notebook", grade_notebook)
    with pytest.raises(KeyboardInterrupt):
        class_run.grade(course, "hw")
    assert graded == [(TEXT, 2), (ADD, 2)]
    parts = sorted((course.results("hw") / ".parts").iterdir())
    assert len(parts) == 4
    kept = protocol.read(parts[0].read_bytes(), protocol.JobResult)
    failed = dataclasses.replace(kept, status=Status.INTERNAL_ERROR, reason="the machine failed", tests=())
    parts[0].write_bytes(protocol.write(failed))
    graded.clear()
    monkeypatch.setattr(
        class_run._ClassRun,
        "_grade_notebook",
        lambda self, assignment, submitted, *more: (
            graded.append((assignment.file_name, len(submitted))),
            original(self, assignment, submitted, *more),
        ),
    )
    results = class_run.grade(course, "hw")
    assert sorted(number for _, number in graded) == [
        1,
        2,
    ]  # what the grader failed on, and the last notebook
    assert graded[-1] == (PLUS, 2)
    assert {one.student: one.score for one in results} == {"ada": 111, "bob": 110}


def part(score: float, text: str, *flags: str, status: Status = Status.GRADED) -> StoredResult:
    graded = status is Status.GRADED
    tests = (TestResult("t", score, 10, Verdict.PASSED),) if graded else ()
    hands = (HandGrade("why", None, 2),) if graded else ()
    points = (score, 12.0) if graded else (None, None)
    reason = "" if graded else "It is empty."
    result = SubmissionResult(
        "ada", "hw", status, reason, *points, tests=tests, hand_grades=hands, flags=flags
    )
    return StoredResult(result, frozenset({"s"}), "now", {"t": text}, {"t": text}, {"t": text})


def test_the_results_of_notebooks_are_summed_and_their_cells_keep_apart() -> None:
    whole = joined({"a": part(3, "x", "left out"), "b": part(4, "y", "left out", "late definition")})
    assert (whole.result.score, whole.result.max_score) == (7, 24)
    assert [test.name for test in whole.result.tests] == ["a/t", "b/t"]
    assert [hand.name for hand in whole.result.hand_grades] == ["a/why", "b/why"]
    assert whole.texts == whole.shown == whole.given == {"a/t": "x", "b/t": "y"}
    assert whole.untouched == {"a/s", "b/s"}
    assert whole.result.flags == ("left out", "b.ipynb: late definition")
    assert notebooks_of(whole.result) == ("a", "b")
    assert notebooks_of(part(3, "x").result) == ()


def test_what_is_one_notebooks_is_as_if_there_were_no_other() -> None:
    whole = joined({"a": part(3, "x"), "b": part(4, "y", "late definition")})
    one = result_of(whole.result, "b")
    assert (one.score, one.max_score, one.flags) == (4, 12, ("late definition",))
    assert [(test.notebook, test.grade_id) for test in one.tests] == [("", "t")]


def test_a_notebook_that_is_rejected_leaves_the_submission_without_a_score() -> None:
    whole = joined({"a": part(3, "x"), "b": part(0, "y", status=Status.REJECTED)})
    assert (whole.result.status, whole.result.score) == (Status.REJECTED, None)
    assert whole.result.reason == "b.ipynb: It is empty."


def test_a_notebook_graded_again_takes_the_place_of_its_own_part() -> None:
    first = with_notebook(None, "a", part(3, "x"))
    both = with_notebook(first, "b", part(4, "y"))
    again = with_notebook(both, "a", part(5, "z"))
    assert {test.name: test.score for test in again.result.tests} == {"a/t": 5, "b/t": 4}
    assert (again.result.score, again.texts) == (9, {"a/t": "z", "b/t": "y"})


def test_json_names_the_notebook_only_where_there_are_several() -> None:
    assert "notebook" not in part(3, "x").result.tests[0].to_dict()
    assert "notebook" not in part(3, "x").result.hand_grades[0].to_dict()
    whole = joined({"a": part(3, "x"), "b": part(4, "y")}).result
    assert whole.to_dict()["tests"][1]["notebook"] == "b"
    assert SubmissionResult.from_dict(whole.to_dict()) == whole


def test_a_notebook_that_comes_or_goes_does_so_in_the_gradebook(course: Course) -> None:
    everything = load_notebooks(course, "hw")
    waiting = SubmissionResult("ada", "hw", Status.GRADED, score=0, max_score=15)
    with ClassGradebook(course, *everything[:2]) as book:
        book.write(Entry(waiting))
    with ClassGradebook(course, *everything[1:]) as changed:
        assert changed.merged(waiting).score == 0
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        assert [one.name for one in book.find_submission("hw", "ada").notebooks] == [
            "Teil 1.2 (Übung)",
            "part two",
        ]
        grades = book.find_submission_notebook("part two", "hw", "ada").grades
        assert [(grade.name, grade.max_score) for grade in grades] == [("t", 10), ("why", 2)]


def test_what_wants_one_notebook_refuses_several(course: Course) -> None:
    with pytest.raises(AssignmentError, match=r"holds 3 notebooks; one is wanted here\.$"):
        load_assignment(course, "hw")


def test_a_notebook_whose_name_cannot_be_a_files_everywhere_is_refused(course: Course) -> None:
    (course.source("hw") / "-rf.ipynb").write_text(source("add", 1), encoding="utf-8")
    with pytest.raises(AssignmentError, match=r"-rf\.ipynb cannot be used: a notebook's name is made of"):
        load_notebooks(course, "hw")
