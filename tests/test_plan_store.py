"""What people are told of an assignment's plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.grading.plan_store import keep_plan, plan_sentences
from autograder.grading.test_plan import Place, Plan, TestPlan
from tests.small_course import NAME, make_course


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_without_a_plan_it_is_said_that_nobody_knows(tmp_path: Path) -> None:
    assignment = load_assignment(make_course(tmp_path / "course"), NAME)
    assert plan_sentences(assignment, "none") == [
        "It is not known whether your own notebook gets full points: it could not be graded, or what was "
        f"known is gone. Tests run outside the student's process. autograder doctor {NAME} grades your "
        "notebook."
    ]


def test_a_stored_plan_is_told_in_its_own_sentences(tmp_path: Path) -> None:
    assignment = load_assignment(make_course(tmp_path / "course"), NAME)
    plan = Plan(tuple(TestPlan(test.grade_id or "", Place.OUTSIDE) for test in assignment.tests))
    keep_plan(assignment, "none", plan)
    assert plan_sentences(assignment, "none") == [
        f"Your own solution gets full points, and all {len(plan.tests)} tests run outside the student's "
        "process."
    ]
    assert plan_sentences(assignment, "full") != plan_sentences(assignment, "none")
