"""Marks of solutions and hidden tests in the course's own words."""

from __future__ import annotations

import json
from pathlib import Path

from autograder import cli
from autograder.assignment import load_assignment
from autograder.course_settings import open_course
from autograder.examiner.cell_code import first_hidden_line
from autograder.marks import Marks, marks_of
from tests.small_course import cell, notebook

CONFIG = """c = get_config()
c.ClearSolutions.begin_solution_delimeter = "AUFGABE"
c.ClearSolutions.end_solution_delimeter = "/LOESUNG"
c.ClearSolutions.code_stub = {"python": "# hier\\n..."}
c.ClearHiddenTests.begin_test_delimeter = "VERBERGE ANFANG"
c.ClearHiddenTests.end_test_delimeter = "VERBERGE ENDE"
"""
SOLUTION = "def f(x):\n    # AUFGABE\n    return x\n    # /LOESUNG"
TEST = "### IN STUDENT PROCESS\nassert f(1) == 1\n# VERBERGE ANFANG\nassert f(77) == 77\n# VERBERGE ENDE"


def course_with(root: Path, test: str = TEST) -> Path:
    folder = root / "source" / "ps1"
    folder.mkdir(parents=True)
    cells = (cell(SOLUTION, grade_id="f", solution=True), cell(test, grade_id="t", grade=True, points=1))
    (folder / "ps1.ipynb").write_text(notebook(*cells), encoding="utf-8")
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    return root


def test_hidden_lines_end_where_the_courses_own_marks_say(tmp_path: Path) -> None:
    solution, test = load_assignment(open_course(course_with(tmp_path)), "ps1").cells
    assert solution.released_source == "def f(x):\n    # hier\n    ..."
    assert test.released_source == "assert f(1) == 1"
    assert first_hidden_line(test) == 3


def test_the_release_holds_neither_hidden_lines_nor_the_wish_to_run_inside(tmp_path: Path) -> None:
    assert cli.main(["release", "ps1", "--course", str(course_with(tmp_path))]) == cli.EXIT_OK
    released = json.loads((tmp_path / "release/ps1/ps1.ipynb").read_text(encoding="utf-8"))
    source = "".join(released["cells"][1]["source"])
    assert source == "assert f(1) == 1"


def test_a_mark_of_the_courses_own_without_its_other_is_refused(tmp_path: Path) -> None:
    root = course_with(tmp_path, "assert f(1) == 1\nassert f(77) == 77\n# VERBERGE ENDE")
    assert cli.main(["release", "ps1", "--course", str(root)]) == cli.EXIT_USAGE
    assert not (tmp_path / "release").exists()


def test_a_course_that_sets_nothing_has_nbgraders_marks() -> None:
    assert marks_of({}) == Marks()
    assert marks_of({"ClearSolutions": {"code_stub": {"r": "stop()"}, "text_stub": ""}}) == Marks()
