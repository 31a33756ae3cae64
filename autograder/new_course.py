"""A new course in an empty folder, and a new assignment in a course: files with text, nothing of them run.

Nothing that is there is written over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError, name_fault
from autograder.course_settings import CONFIG, open_course

CONFIGURATION = """\
# The settings of this course; `autograder` and nbgrader's own programs read them.
c = get_config()  # noqa: F821 (traitlets runs this file with get_config defined)

c.CourseDirectory.course_id = "COURSE"

# What is never copied: leftovers, and your own catalogue of mistakes, which students do not get.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".DS_Store", "mistakes.toml"]

# The grader behind `nbgrader autograde` and formgrader's Autograde button. Without these lines nbgrader's own
# executor runs students' notebooks, with your rights.
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugin.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# The feedback pages behind `nbgrader generate_feedback` and formgrader's Generate feedback button.
c.GenerateFeedback.exporter_class = "autograder.nbgrader_feedback.FeedbackExporter"
"""

README = """\
# COURSE

A course for `autograder` and nbgrader. Type the commands in this folder:

    autograder try source/NAME/NAME.ipynb
    autograder release NAME
    autograder collect FILE.zip NAME

The first grades your own solution, which must get full points; the second writes `release/NAME/`, which
students get; the third takes in what they handed in. Then come `autograder grade NAME`, formgrader for the
written answers, `autograder feedback NAME`, `autograder report NAME` and `autograder export`.

`source/NAME/NAME.ipynb` is the notebook with solutions, hidden tests and mark schemes: keep it to yourself.
Another assignment: `autograder new . --assignment OTHER`. A program's help: `autograder --help`.
"""


def make_course(folder: Path, assignment: str) -> Course:
    """A course in `folder`, with one small assignment to start from.

    Raises
    ------
    CourseError
        The folder is not empty, or the assignment's name cannot be used.
    """
    _refuse_name(assignment)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(
            f"{folder} is not empty. Name a new folder; or, if it is a course, an assignment to add: "
            f"autograder new {folder} --assignment NAME"
        )
    folder.mkdir(parents=True, exist_ok=True)
    title = folder.resolve().name
    (folder / CONFIG).write_text(CONFIGURATION.replace("COURSE", title.replace('"', "'")), encoding="utf-8")
    (folder / "README.md").write_text(
        README.replace("COURSE", title).replace("NAME", assignment), encoding="utf-8"
    )
    course = open_course(folder)
    add_assignment(course, assignment)
    return course


def add_assignment(course: Course, name: str) -> Path:
    """The notebook of a new assignment of `course`, which can be graded as it is.

    Raises
    ------
    CourseError
        There is one of that name, or the name cannot be used.
    """
    _refuse_name(name)
    path = course.source(name) / f"{name}.ipynb"
    if course.source(name).exists():
        raise CourseError(f"{course.source(name)} is there already, and stays as it is. Choose another name.")
    path.parent.mkdir(parents=True)
    text = json.dumps(small_notebook(name), indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


def small_notebook(name: str) -> dict[str, Any]:
    """The instructor's notebook of a small assignment: a function, its tests, a written answer."""
    cells = [
        _cell(
            "markdown",
            f"# {name}\n\nReplace this text, the function, its tests and the question by your own.",
        ),
        _cell("code", "import math", grade_id="imports", locked=True),
        _cell("markdown", "## 1. Double\n\nWrite `double(x)`: it returns twice `x`, a number."),
        _cell("code", _SOLUTION, grade_id="double", solution=True),
        _cell("code", _VISIBLE, grade_id="double_values", grade=True, locked=True, points=5),
        _cell("code", _HIDDEN, grade_id="double_hidden", grade=True, locked=True, points=5),
        _cell("markdown", "## 2. Why\n\nWhy does `double(double(x))` equal `4 * x`? Two sentences."),
        _cell("markdown", _ANSWER, grade_id="double_why", grade=True, solution=True, points=5),
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    numbered = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells, start=1)]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": numbered}


_SOLUTION = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
_VISIBLE = (
    "assert double(2) == 4, f'double(2) gives {double(2)}; it must be 4'\n"
    "assert math.isclose(double(0.5), 1.0), 'double must work for fractions, too'"
)
_HIDDEN = (
    "assert callable(double)\n### BEGIN HIDDEN TESTS\n"
    "assert double(-3) == -6, 'Try a negative number'\nassert double(0) == 0\n### END HIDDEN TESTS"
)
_ANSWER = (
    "### BEGIN SOLUTION\nEach call multiplies by 2, and 2 times 2 is 4.\n\n"
    "### BEGIN MARK SCHEME\n- 3: each call multiplies by two\n- 2: two times two is four\n### END MARK "
    "SCHEME\n"
    "### END SOLUTION"
)


def _cell(cell_type: str, source: str, **nbgrader: Any) -> dict[str, Any]:
    flags = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    metadata: Mapping[str, Any] = (
        {"nbgrader": flags | {"cell_type": cell_type} | nbgrader} if nbgrader else {}
    )
    outputs: Mapping[str, Any] = {"outputs": [], "execution_count": None} if cell_type == "code" else {}
    return {"cell_type": cell_type, "metadata": metadata, "source": source, **outputs}


def _refuse_name(assignment: str) -> None:
    if fault := name_fault(assignment):
        raise CourseError(f"{assignment!r} cannot be used: {fault}.")
