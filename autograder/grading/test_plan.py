"""The plan of an assignment: where each test runs, and why; made from the instructor's own run.

A test runs outside the student's process where the instructor's solution gets full points there, else
inside, where a result can be forged; one that gives the solution full points neither way is the test's own
fault. Data and words only: `planning` makes a plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Place(StrEnum):
    """Where a test runs."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    NEITHER = "neither"  # it gives the instructor's own solution full points nowhere


@dataclass(frozen=True)
class TestPlan:
    """How one test runs.

    Attributes
    ----------
    grade_id : str
    place : Place
    reason : str
        Why it does not run outside; "" where it does.
    after : tuple of str
        Inside: grade ids of the earlier tests that run first in the same process.
    calls : int
        How many calls of the student's functions the instructor's run made, outside.
    seconds : float
        Wall time of the instructor's run.
    handles : mapping of str to tuple of str
        Where objects of the student's come as handles, outside: place in the test -> what is done to them.
    kinds : mapping of str to str
        What came there instead, in words: "`f` returned" -> "a list".
    """

    __test__ = False  # not a pytest class, for all its name

    grade_id: str
    place: Place
    reason: str = ""
    after: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    handles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def most_calls(self) -> int:
        """How many requests a student's test may need: ten times the instructor's, and a thousand.

        >>> TestPlan("t1", Place.OUTSIDE, calls=4).most_calls
        1040
        """
        return 10 * self.calls + 1000


@dataclass(frozen=True)
class Plan:
    """The plan of one assignment.

    Attributes
    ----------
    tests : tuple of TestPlan
        In the order of the notebook; empty for a plan that nobody has made.
    is_proved : bool
        The notebook has also run without its answers.
    unearned : tuple of str
        Sentences on tests that gave points without the answer they belong to.
    tries_inside : bool
        Where an answer gives an object and the solution none, the test is tried inside, once.
    """

    tests: tuple[TestPlan, ...] = ()
    is_proved: bool = False
    unearned: tuple[str, ...] = ()
    tries_inside: bool = True

    def of(self, grade_id: str) -> TestPlan | None:
        """The plan of one test; None where there is none."""
        return self._by_id.get(grade_id)

    def at(self, place: Place) -> list[TestPlan]:
        """The tests that run there."""
        return [test for test in self.tests if test.place is place]

    @cached_property
    def _by_id(self) -> Mapping[str, TestPlan]:
        return {test.grade_id: test for test in self.tests}


def plan_summary(plan: Plan) -> list[str]:
    """The plan in a few sentences, what is wrong first; [] for a plan that nobody has made.

    >>> inside = TestPlan("t2", Place.INSIDE, "`f` is a class")
    >>> plan_summary(Plan((TestPlan("t1", Place.OUTSIDE), inside)))
    ["1 of 2 tests runs in the student's process, where a result can be forged: t2 (`f` is a class)."]
    """
    inside = plan.at(Place.INSIDE)
    said = [
        f"{test.grade_id} does not give your own solution full points: {test.reason}"
        f"{'' if test.reason.endswith(('.', '?', '!')) else '.'} Correct the test, or the solution; no "
        "student can pass it."
        for test in plan.at(Place.NEITHER)
    ]
    said += plan.unearned
    if inside:
        named = "; ".join(f"{test.grade_id} ({test.reason})" for test in inside[:_NAMED])
        more = f"; and {len(inside) - _NAMED} more" if len(inside) > _NAMED else ""
        runs = "runs" if len(inside) == 1 else "run"
        said.append(
            f"{len(inside)} of {len(plan.tests)} tests {runs} in the student's process, where a result can "
            f"be forged: {named}{more}."
        )
    elif plan.tests and not said:
        run = f"all {len(plan.tests)} tests run" if len(plan.tests) > 1 else "the test runs"
        said.append(f"Your own solution gets full points, and {run} outside the student's process.")
    return said


def plan_lines(plan: Plan) -> list[str]:
    """The plan test by test, for `autograder doctor ASSIGNMENT`."""
    width = max([len(test.grade_id) for test in plan.tests], default=0)
    lines = []
    for test in plan.tests:
        after = f" after {', '.join(test.after)}" if test.after else ""
        calls = f"{test.calls} call{'' if test.calls == 1 else 's'}"
        why = f"  {test.reason or calls}"
        lines.append(f"{test.grade_id:<{width}}  {test.place:<7}{after}  {test.seconds:.2f} s{why}")
    return [*lines, *plan_summary(plan)]


_NAMED = 5  # in one sentence; `doctor` names all
