"""The example class: every submission gets the score that is expected of it.

Here the instructor's test cells run in the process of the test, one submission after another, as nbgrader
would run them in a kernel; `test_demo.py` has the whole class graded by the engine.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import load_assignment
from autograder.course import Course
from autograder.demo import find_example_class

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = find_example_class(ROOT)
CLASS = {student.name: student for student in EXAMPLE.module.CLASS}
DEEPER_CLASS = {student.name: student for student in EXAMPLE.module.DEEPER_CLASS}
ENDLESS = "marek"  # his loop never ends: only an engine with a time limit can grade him
RELEASED = {
    name: json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text())
    for name in ("initialization", "deeper")
}
TEST_CELLS = {cell.grade_id: cell for name in RELEASED for cell in load_assignment(Course(ROOT), name).tests}
IMPORTS = """
import numpy as np
from init_utils.checks import check_refused, check_seed, check_shapes, check_values
"""


def _scores(notebook: dict[str, Any]) -> dict[str, float]:
    """Points of each test, the student's and the instructor's cells run in one namespace."""
    namespace: dict[str, Any] = {}
    exec(IMPORTS, namespace)  # noqa: S102 -- a line of this file
    scores = {}
    for cell in notebook["cells"]:
        known = cell["metadata"].get("nbgrader", {})
        grade_id = known.get("grade_id")
        if cell["cell_type"] != "code" or not (known.get("solution") or grade_id in TEST_CELLS or not known):
            continue
        if not known and not cell["id"].startswith("own-"):
            continue  # examples and training runs of the release
        text = TEST_CELLS[grade_id].source if grade_id in TEST_CELLS else "".join(cell["source"])
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(text, cell["id"], "exec"), namespace)  # noqa: S102 -- cells of this repository
            passed = True
        except Exception:  # noqa: BLE001 -- students' cells raise anything; a test cell that raises gives 0
            passed = False
        if grade_id in TEST_CELLS:
            scores[grade_id] = TEST_CELLS[grade_id].points if passed else 0.0
    return scores


@pytest.mark.parametrize(
    "name", [name for name, student in CLASS.items() if not student.rejected and name != ENDLESS]
)
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_submission_gets_the_expected_score_of_each_test(name: str) -> None:
    student = CLASS[name]
    assert EXAMPLE.module.expected_scores(student) == _scores(
        EXAMPLE.module.submission(RELEASED["initialization"], student)
    )


@pytest.mark.parametrize("name", DEEPER_CLASS)
def test_a_submission_of_deeper_gets_the_expected_score_of_each_test(name: str) -> None:
    student = DEEPER_CLASS[name]
    assert EXAMPLE.module.expected_scores(student) == _scores(
        EXAMPLE.module.submission(RELEASED["deeper"], student)
    )


def test_the_points_of_the_classes_are_those_of_the_assignments() -> None:
    for name, points in (
        ("initialization", EXAMPLE.module.POINTS),
        ("deeper", EXAMPLE.module.DEEPER_POINTS),
    ):
        assignment = load_assignment(Course(ROOT), name)
        assert {cell.grade_id: cell.points for cell in assignment.tests} == points
        assert assignment.max_score == 100


def test_the_class_has_right_wrong_unfinished_and_broken_submissions() -> None:
    assert len(CLASS) == 35
    assert sum(not student.fails and not student.rejected for student in CLASS.values()) == 8
    assert any(set(student.fails) == set(EXAMPLE.module.POINTS) for student in CLASS.values())
    assert [name for name, student in CLASS.items() if student.rejected] == ["iris"]
    assert all(student.story for student in CLASS.values())


def test_every_test_cell_is_failed_by_somebody_and_passed_by_somebody() -> None:
    for grade_id in TEST_CELLS:
        students = CLASS if grade_id in EXAMPLE.module.POINTS else DEEPER_CLASS
        outcomes = {grade_id in student.fails for student in students.values() if not student.rejected}
        assert outcomes == {True, False}, grade_id


def test_submissions_keep_every_cell_of_the_release(tmp_path: Path) -> None:
    release = ROOT / "release" / "initialization" / "initialization.ipynb"
    paths = EXAMPLE.module.write_class(release, tmp_path)
    assert sorted(path.relative_to(tmp_path).parts[1] for path in paths) == sorted(CLASS)
    ids = [cell["id"] for cell in RELEASED["initialization"]["cells"]]
    for path in paths:
        if not CLASS[path.parts[-3]].rejected:
            cells = json.loads(path.read_text())["cells"]
            assert [cell["id"] for cell in cells if not cell["id"].startswith("own-")] == ids


def test_a_file_cut_off_is_not_readable_as_json(tmp_path: Path) -> None:
    release = ROOT / "release" / "initialization" / "initialization.ipynb"
    (path,) = EXAMPLE.module.write_class(release, tmp_path, (CLASS["iris"],))
    with pytest.raises(json.JSONDecodeError):
        json.loads(path.read_text())
