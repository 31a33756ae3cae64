"""The engine and plain `nbgrader autograde` give equal scores for every submission that is not hostile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import class_run
from autograder.course import Course
from autograder.nbgrader_bridge.database import gradebook_url
from autograder.nbgrader_bridge.opening import Gradebook
from autograder.verdicts import Status
from benchmarks.grading import NBGRADER_PLAIN, make_course

ROOT = Path(__file__).resolve().parents[1]
NAME = "initialization"
# One of each kind; the rest of the example class differs from these in the mistake only. An endless loop and
# a torn file are left out: nbgrader needs minutes for the one and gives no grade for the other.
STUDENTS = (
    "ada", "benoit", "carlos", "eunice", "goran", "hana", "hugo", "ines", "jonas", "kofi", "lucia",
    "nadia", "priya", "quinn", "vera", "wanda", "zoe",
)  # fmt: skip


@pytest.mark.slow
def test_engine_and_plain_nbgrader_give_equal_scores(tmp_path: Path) -> None:
    ours = make_course(tmp_path / "ours", STUDENTS)
    theirs = make_course(tmp_path / "theirs", STUDENTS)
    results = class_run.grade(ours, NAME, class_run.Options(isolation="none"))
    assert {result.status for result in results} == {Status.GRADED}
    plain_autograde(theirs)
    scores = {student: auto_scores(theirs, student) for student in STUDENTS}
    assert {
        result.student: {test.grade_id: test.score for test in result.tests} for result in results
    } == scores


def plain_autograde(course: Course) -> None:
    """nbgrader's own programs with its default executor, in the course's folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = dict(os.environ) | {"PATH": path, "PYTHONPATH": str(ROOT)}
    for words in (["generate_assignment", NAME, "--force"], ["autograde", NAME, *NBGRADER_PLAIN]):
        subprocess.run(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=course.root,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def auto_scores(course: Course, student: str) -> dict[str, float | None]:
    """The tests' scores in nbgrader's gradebook."""
    with Gradebook(gradebook_url(course), NAME) as book:
        notebook = book.find_submission_notebook(NAME, NAME, student)
        hand_graded = {cell.name for cell in notebook.notebook.solution_cells}
        return {grade.name: grade.auto_score for grade in notebook.grades if grade.name not in hand_graded}
