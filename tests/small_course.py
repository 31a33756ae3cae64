"""A course with one small assignment, and a class in which every student ends with another verdict."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from autograder.assignment import load_assignment
from autograder.course import Course
from autograder.nbgrader_bridge.book import ClassGradebook

NAME = "ps1"

# Two test cells: `double_two` (10 points) calls double(2), `double_more` (5) calls double(3), hidden.
SOURCE = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
VISIBLE = "assert double(2) == 4, 'double(2) must be 4'"
HIDDEN = (
    "### BEGIN HIDDEN TESTS\nright = double(3) == 6\nprint('one of two' if not right else 'both')\n"
    "float(5 if right else 2)\n### END HIDDEN TESTS"
)
ANSWER = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
RIGHT = "def double(x):\n    return 2 * x"

# Student -> text of the solution cell, verdict and points of `double_two` and of `double_more`.
CLASS: dict[str, tuple[str, str, float, str, float]] = {
    "ada": (RIGHT, "passed", 10, "passed", 5),
    "bad-type": ("def double(x):\n    return iter({1, 2})", "bad-type", 0, "bad-type", 0),
    "crash": ("import os\ndef double(x):\n    os._exit(3)", "crashed", 0, "crashed", 0),
    "exit": ("def double(x):\n    raise SystemExit", "crashed", 0, "crashed", 0),
    "flood": (
        "def double(x):\n    while x == 2:\n        print('x' * 1000)\n    return 6",
        "too-much-output", 0, "passed", 5,
    ),
    "greedy": ("def double(x):\n    raise MemoryError", "memory", 0, "memory", 0),
    "half": ("def double(x):\n    return 4", "passed", 10, "partial", 2),
    "late": ("# see below", "passed", 10, "passed", 5),
    "loop": ("def double(x):\n    while x == 2:\n        pass\n    return 6", "timeout", 0, "passed", 5),
    "nothing": ("dubble = 1", "not-found", 0, "not-found", 0),
    "raises": ("def double(x):\n    return [][x]", "raised", 0, "raised", 0),
    "wrong": ("def double(x):\n    return x", "wrong-answer", 0, "partial", 2),
}  # fmt: skip
REJECTED = "torn"
EVERYONE = sorted([*CLASS, REJECTED])


def cell(source: str, cell_type: str = "code", **nbgrader: Any) -> dict[str, Any]:
    """A cell as JSON, with nbgrader's metadata."""
    flags = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    metadata = {"nbgrader": flags | nbgrader} if nbgrader else {}
    outputs = {"outputs": [], "execution_count": None} if cell_type == "code" else {}
    return {"cell_type": cell_type, "metadata": metadata, "source": source} | outputs


def notebook(*cells: dict[str, Any]) -> str:
    """A notebook as JSON."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    numbered = [item | {"id": f"c{number}"} for number, item in enumerate(cells)]
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": numbered}
    )


def source_cells() -> list[dict[str, Any]]:
    """The instructor's notebook."""
    return [
        cell("import math", grade_id="imports", locked=True),
        cell(SOURCE, grade_id="double", solution=True),
        cell(VISIBLE, grade_id="double_two", grade=True, points=10),
        cell(HIDDEN, grade_id="double_more", grade=True, points=5),
        cell(ANSWER, "markdown", grade_id="why", grade=True, solution=True, points=4),
    ]


def submitted_cells(solution: str, answer: str = "Because.") -> list[dict[str, Any]]:
    """What a student hands in who wrote `solution` and `answer`."""
    return [
        cell("import math", grade_id="imports", locked=True),
        cell(solution, grade_id="double", solution=True),
        cell(VISIBLE, grade_id="double_two", grade=True, points=10),
        cell("", grade_id="double_more", grade=True, points=5),
        cell(answer, "markdown", grade_id="why", grade=True, solution=True, points=4),
    ]


def make_course(root: Path, gradebook: Path | None = None, name: str = NAME) -> Course:
    """A course at `root` with the assignment; with a copy of `gradebook`, which spares making one."""
    folder = root / "source" / name
    folder.mkdir(parents=True)
    (folder / f"{name}.ipynb").write_text(notebook(*source_cells()), encoding="utf-8")
    if gradebook is not None:
        shutil.copy(gradebook, root / "gradebook.db")
    return Course(root)


def make_gradebook(root: Path) -> Path:
    """A new gradebook with the assignment registered."""
    course = make_course(root)
    with ClassGradebook(course, load_assignment(course, NAME)):
        return course.gradebook


def hand_in(
    course: Course, student: str, solution: str = RIGHT, answer: str = "Because.", name: str = NAME
) -> Path:
    """Put a submission into the course; the path of its notebook."""
    path = course.submitted(student, name) / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = submitted_cells(solution, answer)
    if student == "late":
        cells.append(cell(RIGHT))
    path.write_text(notebook(*cells), encoding="utf-8")
    return path


def hand_in_class(course: Course) -> None:
    """Put the whole class into the course, one torn notebook among them."""
    for student, (solution, *_) in CLASS.items():
        hand_in(course, student, solution)
    torn = hand_in(course, REJECTED)
    torn.write_text(torn.read_text(encoding="utf-8")[:200], encoding="utf-8")
