"""The plan of an assignment, made where there is none: for `release` and `doctor`, which grade nobody."""

from __future__ import annotations

from autograder.assignment import Assignment
from autograder.course import Course, CourseError
from autograder.grading.defaults import course_limits
from autograder.grading.instructor_run import (
    has_memo,
    keep_memo,
    modules_to_preload,
    read_memo,
)
from autograder.grading.plan_store import keep_plan, read_plan
from autograder.grading.protocol import Start
from autograder.grading.registration import registered_for
from autograder.grading.supervisor import Supervisor, WorkersError
from autograder.grading.test_plan import Plan
from autograder.sandbox import SandboxError, selfcheck


def plan_of(course: Course, assignment: Assignment, tier: str, *, prove: bool) -> Plan:
    """The plan of the assignment, stored or made now; empty where the instructor's run fails.

    Parameters
    ----------
    tier : str
        The sandbox tier for which it is to hold.
    prove : bool
        The notebook must also have run without its answers.

    Raises
    ------
    CourseError
        There is no sandbox of that tier, or the assignment names a diagnosis that is not there.
    """
    registered_for(assignment)
    limits = course_limits(course, tier)
    stored = read_plan(assignment, tier, limits)
    if stored.tests and (stored.is_proved or not prove):
        return stored
    modules = modules_to_preload(assignment, with_slow_ones=False)
    start = Start(assignment=assignment, tier=tier, limits=limits, modules=modules)
    try:
        selfcheck.require(tier)
        with Supervisor(
            start, memo=read_memo(assignment), keep_memo=lambda memo: keep_memo(assignment, memo)
        ) as supervisor:
            lacks_memo = has_memo(assignment) and not read_memo(assignment)
            plan = supervisor.make_plan(prove=prove, remembers=lacks_memo)
    except (SandboxError, WorkersError) as error:
        raise CourseError(str(error)) from error
    if plan.tests:
        keep_plan(assignment, tier, plan, limits)
    return plan
