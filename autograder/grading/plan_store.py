"""Plans that were made, by the content of assignment and engine and by tier, and what is told of them."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from autograder.assignment import Assignment, load_notebooks
from autograder.course import Course, CourseError
from autograder.grading import protocol
from autograder.grading.defaults import LIMITS, course_limits
from autograder.grading.fingerprints import engine_fingerprint
from autograder.grading.registration import support_of
from autograder.grading.test_plan import Plan, plan_summary
from autograder.sandbox import Limits
from autograder.sandbox.caches import cache_root
from autograder.storage import StorageError, write_whole

KEPT_PLANS = 100


def read_plan(assignment: Assignment, tier: str, limits: Limits = LIMITS) -> Plan:
    """The plan that `keep_plan` stored for these limits; an empty one without it."""
    try:
        return protocol.read(_path(assignment, tier, limits).read_bytes(), Plan)
    except (OSError, protocol.ProtocolError):
        return Plan()


def keep_plan(assignment: Assignment, tier: str, plan: Plan, limits: Limits = LIMITS) -> None:
    """Store a plan where the next run finds it, and forget the oldest ones; a full disk may refuse it."""
    path = _path(assignment, tier, limits)
    with contextlib.suppress(OSError, StorageError):  # it can be made again
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, protocol.write(plan))
        by_age = sorted(path.parent.glob("*.bin"), key=lambda file: file.stat().st_mtime)
        for old in by_age[:-KEPT_PLANS]:
            old.unlink(missing_ok=True)


def plan_sentences(assignment: Assignment, tier: str, plan: Plan | None = None) -> list[str]:
    """How the assignment's tests run, what is wrong with them first; [] where it has none.

    Parameters
    ----------
    plan : Plan, optional
        The plan that is meant; the stored one otherwise.
    """
    plan = read_plan(assignment, tier) if plan is None else plan
    if assignment.tests and not plan.tests:
        return [
            "It is not known whether your own notebook gets full points: it could not be graded, or what was "
            f"known is gone. Tests run outside the student's process. autograder doctor {assignment.name} "
            "grades your notebook."
        ]
    return plan_summary(plan)


def stored_plan_sentences(course: Course, name: str, tier: str) -> list[str]:
    """The same of an assignment by its name; [] where the course has no such notebook."""
    try:
        notebooks = load_notebooks(course, name)
        limits = course_limits(course, tier)
    except CourseError:
        return []
    return [
        f"{one.file_name}: {sentence}" if one.siblings else sentence
        for one in notebooks
        for sentence in plan_sentences(one, tier, read_plan(one, tier, limits))
    ]


def _path(assignment: Assignment, tier: str, limits: Limits) -> Path:
    parts = (assignment.fingerprint, engine_fingerprint(support_of(assignment).packages), tier, repr(limits))
    key = hashlib.sha256(" ".join(parts).encode()).hexdigest()
    return cache_root() / "plans" / f"{key[:32]}.bin"
