"""nbgrader's own time limit of a cell is the grader's where the course sets one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder import plan_run
from autograder.assignment import load_assignment
from autograder.course import Course, CourseError
from autograder.grading.defaults import LIMITS, course_limits
from autograder.sandbox import Limits
from tests.small_course import NAME, make_course


@pytest.mark.parametrize(
    ("line", "cell_s", "submission_s", "absolute"),
    [
        ("", LIMITS.cell_s, LIMITS.submission_s, False),
        ("c.Execute.timeout = 60", 60, 300, True),
        ("c.ExecutePreprocessor.timeout = 200", 200, 800, True),
        ("c.Execute.timeout = None", 600, 2400, False),
        ("c.Execute.timeout = -1", 600, 2400, False),
        ("c.Execute.allow_errors = True", LIMITS.cell_s, LIMITS.submission_s, False),
    ],
)
def test_the_courses_timeout_is_the_time_of_a_cell(
    line: str, cell_s: float, submission_s: float, absolute: bool, tmp_path: Path
) -> None:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n", encoding="utf-8")
    limits = course_limits(Course(tmp_path), "full")
    assert (limits.cell_s, limits.submission_s, limits.absolute) == (cell_s, submission_s, absolute)
    assert limits.memory_bytes == LIMITS.memory_bytes


def test_a_tier_that_computes_more_slowly_has_longer_times_of_its_own_but_not_of_the_courses(
    tmp_path: Path,
) -> None:
    course = Course(tmp_path)
    slow = course_limits(course, "wasm")
    assert (slow.cell_s, slow.submission_s, slow.cpu_s) == (60.0, 1200.0, 3600.0)
    assert course_limits(course, "landlock") == course_limits(course, "full") == LIMITS
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = 20\n", "utf-8")
    assert course_limits(course, "wasm").cell_s == 20


def test_a_diagnosis_that_is_not_there_is_refused_before_anything_runs(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    path = course.source(NAME) / f"{NAME}.ipynb"
    document = json.loads(path.read_text("utf-8"))
    document["metadata"]["autograder"] = {"diagnosis": "cooking"}
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(CourseError) as caught:
        plan_run.plan_of(course, load_assignment(course, NAME), "full", prove=False)
    assert str(caught.value) == (
        "ps1: the notebook's metadata names the diagnosis 'cooking' (autograder.diagnosis), and there is "
        'none of that name. Known is "initializers"; or take the name out.'
    )


def test_the_instructors_own_run_has_that_time_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = make_course(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = 60\n", "utf-8")
    given: list[Limits] = []

    class StoppedError(Exception):
        pass

    def supervisor(start: plan_run.Start, **more: object) -> None:
        given.append(start.limits)
        raise StoppedError

    monkeypatch.setattr(plan_run, "Supervisor", supervisor)
    monkeypatch.setattr(plan_run.selfcheck, "require", lambda tier: tier)
    with pytest.raises(StoppedError):
        plan_run.plan_of(course, load_assignment(course, NAME), "full", prove=True)
    assert given[0].cell_s == 60
