"""The release: made by nbgrader, without secrets, fresh, and with nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from traitlets.config.loader import PyFileConfigLoader

from autograder import cli
from autograder.assignment import load_assignment
from autograder.course import Course, UnknownAssignmentError
from autograder.grading.plan_store import plan_sentences
from autograder.grading.test_plan import Plan
from autograder.nbgrader_bridge.release import ReleaseError, generate_release, stale_files
from autograder.storage import StoredResult, write_result
from tests.example_results import ada


@pytest.fixture(autouse=True)
def _nothing_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The instructor's own run has its own tests."""
    monkeypatch.setattr("autograder.cli.release.plan_of", lambda *args, **more: Plan())


def nothing_known(course: Course, name: str) -> str:
    """What is said of an assignment without a plan."""
    (sentence,) = plan_sentences(load_assignment(course, name), "full", Plan())
    return f"{name}: {sentence}"


ROOT = Path(__file__).resolve().parents[1]
REPOSITORY = Course(ROOT)
ASSIGNMENTS = REPOSITORY.assignments()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of its own with the instructor's copy of `initialization` and our settings."""
    shutil.copytree(ROOT / "source" / "initialization", tmp_path / "source" / "initialization")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    return Course(tmp_path)


def _cells(folder: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads((folder / f"{folder.name}.ipynb").read_text())["cells"]
    return cells


def _text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _change_cell(course: Course, grade_id: str, change: str, to: str) -> None:
    path = course.source("initialization") / "initialization.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            assert change in _text(cell)
            cell["source"] = _text(cell).replace(change, to)
    path.write_text(json.dumps(notebook))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_committed_release_is_what_nbgrader_makes_of_the_source(assignment: str) -> None:
    assert stale_files(REPOSITORY, assignment, generate_release(REPOSITORY, assignment)) == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_release_holds_no_line_of_a_solution_hidden_test_or_mark_scheme(assignment: str) -> None:
    released = "\n".join(_text(cell) for cell in _cells(REPOSITORY.release(assignment)))
    secret_lines: list[str] = []
    for cell in _cells(REPOSITORY.source(assignment)):
        inside = False
        for line in _text(cell).splitlines():
            if line.strip().startswith("### BEGIN "):
                inside = True
            elif line.strip().startswith("### END "):
                inside = line.strip() == "### END MARK SCHEME"  # it stands inside a solution
            elif inside and len(line.strip()) > 20 and not line.strip().startswith("for "):
                secret_lines.append(line.strip())
    assert len(secret_lines) > 30, "the source has solutions, hidden tests and mark schemes"
    assert [line for line in secret_lines if line in released] == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_release_holds_no_output_and_no_mark(assignment: str) -> None:
    for cell in _cells(REPOSITORY.release(assignment)):
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert "### " not in _text(cell) or cell["cell_type"] == "markdown"
        assert "BEGIN" not in _text(cell)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_release_opens_without_an_error_and_its_code_compiles(assignment: str) -> None:
    text = (REPOSITORY.release(assignment) / f"{assignment}.ipynb").read_text()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            compile(cell.source, str(cell.id), "exec")


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_solution_cell_is_released_with_a_stub_that_fails_clearly(assignment: str) -> None:
    solutions = [
        _text(cell)
        for cell in _cells(REPOSITORY.release(assignment))
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    ]
    assert solutions
    assert all("# YOUR CODE HERE" in text and "raise NotImplementedError()" in text for text in solutions)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_written_answers_are_released_empty(assignment: str) -> None:
    answers = [
        _text(cell)
        for cell in _cells(REPOSITORY.release(assignment))
        if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("grade")
    ]
    assert answers
    assert set(answers) == {"YOUR ANSWER HERE"}


def test_release_leaves_no_gradebook_and_no_log_behind(course: Course) -> None:
    assert cli.main(["release", "--course", str(course.root)]) == cli.EXIT_OK
    assert sorted(path.name for path in course.root.iterdir() if path.name != "__pycache__") == [
        "nbgrader_config.py",
        "release",
        "source",
    ]
    assert [path.name for path in course.release("initialization").iterdir()] == ["initialization.ipynb"]


def test_check_passes_when_fresh_and_fails_when_the_source_changed(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--course", str(course.root)]
    assert cli.main(["release", "initialization", "--check", *where]) == cli.EXIT_SOME_FAILED
    assert "initialization.ipynb is missing" in capsys.readouterr().out
    assert cli.main(["release", *where]) == cli.EXIT_OK
    assert cli.main(["release", "--check", *where]) == cli.EXIT_OK
    capsys.readouterr()

    _change_cell(course, "zeros_shapes", "[3, 2, 1]", "[4, 2, 1]")
    (course.release("initialization") / "old.csv").write_text("1,2\n")
    before = (course.release("initialization") / "initialization.ipynb").read_bytes()
    assert cli.main(["release", "--check", *where]) == cli.EXIT_SOME_FAILED
    assert (course.release("initialization") / "initialization.ipynb").read_bytes() == before
    assert capsys.readouterr().out == (
        f"{course.release('initialization')} is stale: old.csv has no source; initialization.ipynb differs. "
        f"Run: autograder release initialization\n{nothing_known(course, 'initialization')}\n"
    )


def test_files_beside_the_notebook_are_released_and_old_ones_removed(course: Course) -> None:
    (course.source("initialization") / "data").mkdir()
    (course.source("initialization") / "data" / "points.csv").write_text("1,2\n")
    (course.source("initialization") / ".ipynb_checkpoints").mkdir()
    (course.source("initialization") / ".ipynb_checkpoints" / "secret.ipynb").write_text("{}")
    course.release("initialization").mkdir(parents=True)
    (course.release("initialization") / "old.csv").write_text("3,4\n")
    assert cli.main(["release", "--course", str(course.root)]) == cli.EXIT_OK
    released = course.release("initialization")
    names = sorted(path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file())
    assert names == ["data/points.csv", "initialization.ipynb"]


def test_an_unclosed_region_is_refused_with_the_reason(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    _change_cell(course, "he_values", "### END HIDDEN TESTS", "# the end")
    assert cli.main(["release", "--course", str(course.root)]) == cli.EXIT_USAGE
    shown = capsys.readouterr().err
    assert "cell 'he-values': BEGIN HIDDEN TESTS stands there 1 times and END HIDDEN TESTS 0 times" in shown
    assert not course.release("initialization").exists()


def test_a_broken_assignment_does_not_hold_up_the_others(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = course.source("a-broken") / "a-broken.ipynb"
    broken.parent.mkdir()
    broken.write_text("{}")
    where = ["--course", str(course.root)]
    assert cli.main(["release", *where]) == cli.EXIT_SOME_FAILED
    shown = capsys.readouterr()
    written = f"{course.release('initialization')} written (1 file).\n"
    assert shown.out == f"{written}{nothing_known(course, 'initialization')}\n"
    assert shown.err == (
        f"autograder release: {broken} is not a notebook: its format (nbformat) is None, and 4 or 3 is "
        "wanted. Put back an earlier copy, or open and save it in JupyterLab.\n"
    )
    assert cli.main(["release", "--check", *where]) == cli.EXIT_USAGE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not JSON (Expecting value: line 1 column 1 (char 0))"),
        ("{}", "its format (nbformat) is None, and 4 or 3 is wanted"),
        ("[]", "its format (nbformat) is None, and 4 or 3 is wanted"),
        ('{"nbformat": 2}', "its format (nbformat) is 2, and 4 or 3 is wanted"),
        ('{"nbformat": 4, "cells": {}}', "it has no list of cells"),
    ],
)
def test_a_source_that_is_no_notebook_is_refused_in_one_sentence(
    text: str, reason: str, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course.source("initialization") / "initialization.ipynb"
    path.write_text(text)
    assert cli.main(["release", "initialization", "--course", str(course.root)]) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        f"autograder release: {path} is not a notebook: {reason}. Put back an earlier copy, or open and save "
        "it in JupyterLab.\n"
    )


@pytest.mark.parametrize("verb", ["release", "report"])
def test_an_error_in_the_courses_settings_is_one_sentence_with_its_line(
    verb: str, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = course.root / "nbgrader_config.py"
    settings.write_text("c = get_config()\nc.CourseDirectory.course_id = (\n")
    write_result(course, "initialization", StoredResult(ada()))
    course.gradebook.touch()
    assert cli.main([verb, "initialization", "--course", str(course.root)]) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        f"autograder {verb}: {settings} has an error: SyntaxError: '(' was never closed "
        "(nbgrader_config.py, line 2). Correct that line, or put back the copy that came with the clone.\n"
    )


def test_what_nbgrader_refuses_is_said_in_its_words(course: Course) -> None:
    path = course.source("initialization") / "initialization.ipynb"
    path.write_text(path.read_text().replace('"grade_id": "he_seed"', '"grade_id": "he_values"'))
    with pytest.raises(ReleaseError, match="'initialization': Duplicate grade id: he_values"):
        generate_release(course, "initialization")


def test_a_mistyped_begin_mark_is_never_released(course: Course) -> None:
    _change_cell(course, "he_values", "### BEGIN HIDDEN TESTS", "### BEGIN HIDEN TESTS")
    with pytest.raises(
        ReleaseError, match="BEGIN HIDDEN TESTS stands there 0 times and END HIDDEN TESTS 1 times"
    ):
        generate_release(course, "initialization")


def test_an_unknown_assignment_is_named_with_the_known_ones(course: Course) -> None:
    with pytest.raises(UnknownAssignmentError, match="Known here: initialization"):
        generate_release(course, "initialisation")


def test_the_courses_settings_give_a_cell_ten_seconds() -> None:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    assert config.Execute.timeout == 10


@pytest.mark.slow
def test_the_plain_program_makes_the_same_release(course: Course) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    for command in ("generate_assignment", "export"):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, *(["initialization"] if "gen" in command else [])],
            cwd=course.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
    assert stale_files(course, "initialization", generate_release(course, "initialization")) == []
    assert (course.root / "gradebook.db").is_file()
    assert (course.root / "grades.csv").is_file()
