"""The instructor's notebook as data."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import (
    AssignmentError,
    Role,
    load_assignment,
    parse_assignment,
)
from autograder.course import Course, UnknownAssignmentError

ROOT = Path(__file__).resolve().parents[1]


def cell(source: str, cell_type: str = "code", **nbgrader: Any) -> dict[str, Any]:
    metadata = {"nbgrader": {"schema_version": 3} | nbgrader} if nbgrader else {}
    return {"cell_type": cell_type, "metadata": metadata, "source": source}


def parse(*cells: dict[str, Any]) -> Any:
    return parse_assignment(
        "ps1", json.dumps({"nbformat": 4, "cells": cells, "metadata": {}}), {}, "ps1.ipynb"
    )


def test_metadata_decides_what_each_cell_is() -> None:
    assignment = parse(
        cell("import numpy as np"),
        cell("text", "markdown", grade_id="read", locked=True),
        cell("def f(): ...", grade_id="f", solution=True),
        cell("assert f()", grade_id="f_test", grade=True, points=3),
        cell("why?", "markdown", grade_id="why", grade=True, solution=True, points=2),
        cell("do it", "markdown", grade_id="task", task=True, points=4),
    )
    roles = [item.role for item in assignment.cells]
    assert roles == [
        Role.FREE, Role.LOCKED, Role.SOLUTION, Role.TEST, Role.TASK_BY_HAND, Role.TASK_BY_HAND,
    ]  # fmt: skip
    assert [item.grade_id for item in assignment.tests] == ["f_test"]
    assert [item.grade_id for item in assignment.by_hand] == ["why", "task"]
    assert assignment.max_score == 9.0


def test_a_solution_region_becomes_the_stub_with_its_indent() -> None:
    source = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n    # end"
    solution = parse(cell(source, grade_id="f", solution=True)).cells[0]
    assert solution.released_source == (
        "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()\n    # end"
    )


def test_hidden_tests_stay_in_the_stored_text_and_leave_the_released_one() -> None:
    source = "assert f(1)\n### BEGIN HIDDEN TESTS\nassert f(2)\n### END HIDDEN TESTS"
    test = parse(cell(source, grade_id="t", grade=True, points=1)).cells[0]
    assert test.released_source == "assert f(1)"
    assert test.stored_source == source


def test_a_mark_scheme_leaves_the_released_task() -> None:
    source = "Explain.\n### BEGIN MARK SCHEME\n1 point\n### END MARK SCHEME"
    task = parse(cell(source, "markdown", grade_id="t", task=True, points=1)).cells[0]
    assert task.released_source == "Explain."


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            [cell("", grade_id="a", solution=True), cell("", grade_id="a", solution=True)],
            "share the grade id 'a'",
        ),
        (
            [cell("### BEGIN SOLUTION\n1", grade_id="a", solution=True)],
            "`BEGIN SOLUTION` without `END SOLUTION`",
        ),
        ([cell("### BEGIN SOLUTION\n### END SOLUTION")], "is not marked as a solution cell"),
        ([cell("", grade_id="a", grade=True, points=-1)], "is worth -1 points"),
        ([cell("", grade_id="a", grade=True, points=True)], "is worth True points"),
        ([cell("", grade_id="", solution=True)], "has the grade id ''"),
        ([cell("", "markdown", grade_id="a", grade=True, points=1)], "must be a code cell"),
        (
            [cell("", grade_id="a", solution=True, schema_version=2)],
            "Back up the file, and run: nbgrader update ps1.ipynb",
        ),
        ([cell("### AUTOTEST f(1)", grade_id="a", grade=True, points=1)], "AUTOTEST"),
        ([{"cell_type": "magic", "source": ""}], "is not a code, markdown or raw cell"),
    ],
)
def test_what_is_unclear_in_the_notebook_is_refused_in_words(cells: list[Any], words: str) -> None:
    with pytest.raises(AssignmentError, match=words.replace("(", r"\(").replace("`", ".")):
        parse(*cells)


def test_text_that_is_no_notebook_is_refused() -> None:
    with pytest.raises(AssignmentError, match="is not JSON"):
        parse_assignment("ps1", "<html>", {}, "ps1.ipynb")
    with pytest.raises(AssignmentError, match=r"its format \(nbformat\) is 2, and 4 or 3 is wanted"):
        parse_assignment("ps1", json.dumps({"nbformat": 2, "worksheets": []}), {}, "ps1.ipynb")


def test_files_beside_the_notebook_come_along_but_no_notebooks_links_or_hidden_files(tmp_path: Path) -> None:
    folder = tmp_path / "source" / "ps1"
    (folder / "data").mkdir(parents=True)
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "ps1.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [], "metadata": {}}))
    (folder / "data" / "points.csv").write_bytes(b"1,2\n")
    (folder / ".ipynb_checkpoints" / "x.txt").write_text("no")
    (folder / "link.txt").symlink_to(folder / "data" / "points.csv")
    assert dict(load_assignment(Course(tmp_path), "ps1").files) == {"data/points.csv": b"1,2\n"}


def test_the_fingerprint_changes_with_a_hidden_test_points_or_a_file() -> None:
    def fingerprint(source: str = "assert f()", points: float = 1, **files: bytes) -> str:
        text = json.dumps({"nbformat": 4, "cells": [cell(source, grade_id="t", grade=True, points=points)]})
        return parse_assignment("ps1", text, files, "x").fingerprint

    assert fingerprint() == fingerprint()
    assert len({fingerprint(), fingerprint("assert g()"), fingerprint(points=2), fingerprint(d=b"1")}) == 4


def test_an_unknown_assignment_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownAssignmentError, match="Known here: none"):
        load_assignment(Course(tmp_path), "nothing")


def test_a_cell_that_runs_in_the_students_process_says_so_on_a_line_of_its_own() -> None:
    inside = cell("### IN STUDENT PROCESS\nassert f()", grade_id="t", grade=True, points=1)
    mentioned = cell("print('### IN STUDENT PROCESS')", grade_id="u", grade=True, points=1)
    assert [test.runs_inside for test in parse(inside, mentioned).tests] == [True, False]


def test_checksums_are_nbgraders() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader 0.9.6 imports names that newer packages warn about
        from nbformat.notebooknode import from_dict
        from nbgrader.utils import compute_checksum
    for item in load_assignment(Course(ROOT), "initialization").cells:
        if item.grade_id is None:
            continue
        node = {
            "cell_type": item.cell_type,
            "source": item.stored_source,
            "metadata": {"nbgrader": item.metadata},
        }
        assert compute_checksum(from_dict(node)) == item.checksum


@pytest.mark.parametrize("name", ["initialization", "deeper"])
def test_the_released_text_is_what_nbgrader_released(name: str) -> None:
    released = ROOT / "release" / name / f"{name}.ipynb"
    cells = json.loads(released.read_text(encoding="utf-8"))["cells"]
    assignment = load_assignment(Course(ROOT), name)
    assert ["".join(item["source"]) for item in cells] == [item.released_source for item in assignment.cells]
