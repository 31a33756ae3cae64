"""A new course works as it is: made, tried, released, and nothing written over."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import class_run, cli
from autograder.assignment import load_assignment
from autograder.course import CourseError
from autograder.course_settings import course_config, open_course
from autograder.nbgrader_bridge.plugin import PREPROCESSORS


@pytest.fixture
def root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "mycourse"
    assert cli.main(["new", str(folder)]) == 0
    notebook = folder / "source" / "week1" / "week1.ipynb"
    assert capsys.readouterr().out == (
        f"A course in {folder}: nbgrader_config.py, README.md and source/week1/week1.ipynb.\nNext:\n"
        f"  jupyter lab {notebook}    make it yours\n"
        f"  autograder try {notebook}    your own solution must get full points\n"
        f"  autograder release week1 --course {folder}    what students get\n"
    )
    return folder


def test_its_own_solution_gets_full_points_and_the_course_is_not_touched(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in root.rglob("*"))
    assert cli.main(["try", str(root / "source/week1/week1.ipynb"), "--isolation", "none"]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "double_values      5 of 5  passed",
        "double_hidden      5 of 5  passed",
        "10 of 10 points by tests; 5 more are given by hand. Isolation: none.",
    ]
    assert sorted(path for path in root.rglob("*")) == before


def test_why_a_weaker_tier_is_taken_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def weaker(named: str | None, tell: Callable[[str], object]) -> str:
        tell("Not in the tier full: no bubblewrap.")
        return "wasm"

    def stopped(*_: object) -> None:
        raise CourseError("it was only to begin")

    monkeypatch.setattr(importlib.import_module("autograder.cli.try"), "chosen_tier", weaker)
    monkeypatch.setattr(class_run, "grade", stopped)
    cli.main(["try", str(root / "source/week1/week1.ipynb")])
    assert capsys.readouterr().err.splitlines()[0] == "Not in the tier full: no bubblewrap."


def test_a_wrong_notebook_is_tried_with_what_each_test_said(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (root / "source/week1/week1.ipynb").read_text()
    wrong = tmp_path / "mine.ipynb"
    wrong.write_text(text.replace("return 2 * x", "return x * x"))
    command = ["try", str(wrong), "--assignment", "week1", "--course", str(root), "--isolation", "none"]
    assert cli.main(command) == cli.EXIT_SOME_FAILED
    shown = capsys.readouterr().out
    assert "double_values      0 of 5  not right yet" in shown
    assert "0 of 10 points by tests" in shown
    assert cli.main(["try", str(wrong), "--course", str(root)]) == cli.EXIT_USAGE
    assert "no assignment 'mine'" in capsys.readouterr().err


def test_it_is_released_without_answers(root: Path) -> None:
    assert cli.main(["release", "--course", str(root)]) == 0
    cells = json.loads((root / "release/week1/week1.ipynb").read_text())["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    assert "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()" in text
    assert "Two sentences." in text
    for secret in ("2 * x", "double(-3)", "multiplies", "MARK SCHEME"):
        assert secret not in text


def test_an_assignment_is_added_and_nothing_is_written_over(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", str(root), "--assignment", "week2"]) == 0
    assert open_course(root).assignments() == ["week1", "week2"]
    assert load_assignment(open_course(root), "week2").max_score == 15
    capsys.readouterr()
    for words, said in [
        ([str(root), "--assignment", "week2"], "is there already, and stays as it is. Choose another name."),
        ([str(root)], "is not empty. Name a new folder; or, if it is a course, an assignment to add: "),
        ([str(root), "--assignment", "a+b"], "'a+b' cannot be used: an assignment's name is made of letters"),
    ]:
        assert cli.main(["new", *words]) == cli.EXIT_USAGE
        assert said in capsys.readouterr().err


def test_its_settings_name_our_engine_and_our_pages(root: Path) -> None:
    config = course_config(open_course(root))
    assert tuple(config.Autograde.autograde_preprocessors) == PREPROCESSORS
    assert config.GenerateFeedback.exporter_class == "autograder.nbgrader_feedback.FeedbackExporter"
    assert config.CourseDirectory.course_id == "mycourse"
