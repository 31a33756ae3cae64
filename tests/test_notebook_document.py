"""Formats and metadata of other courses' notebooks: read, or refused with the next step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbgrader
import pytest

from autograder import cli
from autograder.assignment import AssignmentError, parse_assignment
from autograder.course import Course
from autograder.nbgrader_bridge.release import generate_release
from autograder.notebook_document import read_document
from tests.small_course import SOURCE, VISIBLE, cell, notebook


def old(*cells: dict[str, Any], language: str = "python") -> str:
    """A notebook of format 3 with these cells of format 4."""
    sheet = [
        one | {"input": one["source"], "language": language} if one["cell_type"] == "code" else one
        for one in cells
    ]
    worksheets = [{"metadata": {}, "cells": sheet}]
    return json.dumps({"nbformat": 3, "metadata": {"name": "hw"}, "worksheets": worksheets})


def course_with(root: Path, text: str) -> Course:
    path = root / "source" / "hw" / "hw.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return Course(root)


SMALL = (
    cell(SOURCE, grade_id="double", solution=True),
    cell(VISIBLE, grade_id="double_two", grade=True, locked=True, points=10),
)


def test_format_3_is_the_same_assignment_as_format_4() -> None:
    one, other = (parse_assignment("hw", text, {}, "hw.ipynb") for text in (old(*SMALL), notebook(*SMALL)))
    assert one.cells == other.cells


def test_headings_of_format_3_are_texts() -> None:
    heading = {"cell_type": "heading", "level": 2, "source": ["Two\n", "lines"], "metadata": {}}
    html = {"cell_type": "html", "source": "<b>bold</b>", "metadata": {}}
    cells = read_document(old(heading, html), "hw.ipynb")["cells"]
    assert [(one["cell_type"], one["source"]) for one in cells] == [
        ("markdown", "## Two lines"),
        ("markdown", "<b>bold</b>"),
    ]


def test_format_3_is_released_the_same_each_time_and_in_format_4(tmp_path: Path) -> None:
    course = course_with(tmp_path, old(*SMALL))
    files = generate_release(course, "hw")
    released = json.loads(files["hw.ipynb"])
    assert released["nbformat"] == 4
    assert ["".join(one["source"]) for one in released["cells"]] == [
        "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
        VISIBLE,
    ]
    assert generate_release(course, "hw") == files


UPDATE = "nbgrader metadata of schema 3 wanted. Back up the file, and run: nbgrader update {path}"
PYTHON = (
    "this program grades Python only. Choose a Python kernel in JupyterLab (menu Kernel, Change Kernel), or "
    "grade it with plain nbgrader."
)
REFUSED = {
    "schema 2": (
        notebook(cell("1", grade_id="a", solution=True, schema_version=2)),
        "{path}, cell 0: " + UPDATE,
    ),
    "no schema": (
        notebook(cell("", "markdown"), cell("1", grade_id="a", solution=True, schema_version=None)),
        "{path}, cell 1: " + UPDATE,
    ),
    "autotest": (
        notebook(SMALL[0], cell("x = 1\n # HASHED AUTOTEST double(x)", grade_id="t", grade=True, points=1)),
        "{path}, cell 1 holds nbgrader's AUTOTEST, and there is no autotests.yml beside the notebook or in "
        "the course's folder, which says how values are tested. Take nbgrader's own: cp {templates} "
        "{root}/autotests.yml",
    ),
    "R": (
        notebook(*SMALL).replace('"language": "python"', '"language": "R"'),
        "{path} is a notebook of R; " + PYTHON,
    ),
    "R in format 3": (
        old(*SMALL, language="R"),
        "{path} is a notebook of r; " + PYTHON,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("verb", ["release", "grade"])
def test_what_is_not_graded_is_refused_by_name_with_the_next_step(
    verb: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, sentence = REFUSED[name]
    course = course_with(tmp_path, text)
    course.submitted("ada", "hw").mkdir(parents=True)
    assert cli.main([verb, "hw", "--course", str(tmp_path)]) == cli.EXIT_USAGE
    templates = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "autotests.yml"
    path = course.source("hw") / "hw.ipynb"
    said = sentence.format(path=path, templates=templates, root=course.root.resolve())
    assert capsys.readouterr().err == f"autograder {verb}: {said}\n"
    assert not course.release("hw").exists()


def test_a_comment_about_autotests_is_none() -> None:
    text = notebook(SMALL[0], cell(f"# no AUTOTEST here\n{VISIBLE}", grade_id="t", grade=True, points=1))
    assert parse_assignment("hw", text, {}, "hw.ipynb").max_score == 1


def test_a_task_and_a_test_of_no_points_are_taken(tmp_path: Path) -> None:
    scheme = "Explain.\n\n=== BEGIN MARK SCHEME ===\nscheme\n=== END MARK SCHEME ==="
    text = notebook(
        SMALL[0],
        cell(VISIBLE, grade_id="t", grade=True, locked=True, points=0),
        cell(scheme, "markdown", grade_id="task", task=True, locked=True, points=3),
    )
    assignment = parse_assignment("hw", text, {}, "hw.ipynb")
    assert [(one.grade_id, one.points) for one in (*assignment.tests, *assignment.by_hand)] == [
        ("t", 0),
        ("task", 3),
    ]
    assert b"scheme" not in generate_release(course_with(tmp_path, text), "hw")["hw.ipynb"]


def test_what_is_no_notebook_is_refused() -> None:
    with pytest.raises(AssignmentError, match=r"hw\.ipynb, cell 0 has no text as its source\.$"):
        read_document('{"nbformat": 4, "cells": [{"cell_type": "code", "source": 1}]}', "hw.ipynb")
