"""A test of one submission on its way to a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.assignment import AssignmentCell
from autograder.examiner.outcomes import Aside, TestOutcome
from autograder.misconceptions.diagnosed import Diagnosis
from autograder.sandbox import State


@dataclass(eq=False)
class WaitingTest:
    """A test at its place in the plan, and what is known of it so far.

    Attributes
    ----------
    place : int
        In `Submission.cells`.
    cell : AssignmentCell
    state : State or None
        The notebook's state at the place; None where none is held, or where the test runs after all cells.
    next_state : State or None
        What the next test will want.
    put_aside : Aside or None
        The test between its visible and its hidden part.
    outcome : TestOutcome or None
        How it ended.
    diagnosis : Diagnosis or None
    inside_after : tuple of AssignmentCell or None
        For a test inside the student's process: the earlier test cells that run before it there.
    is_late : bool
        It runs after all cells, because a name is missing at its place.
    was_missing : bool
        The visible part lacked the name; of a hidden part a student is not told, for its code may have chosen
        when to take the name away.
    is_over : bool
        It does not need its state any more.
    files : mapping of str to bytes
        What the cells before it have written.
    other_files : tuple of str
        Names of files that were not as at the place when it ran: a limit of ours.
    """

    place: int
    cell: AssignmentCell
    state: State | None
    next_state: State | None = None
    put_aside: Aside | None = None
    outcome: TestOutcome | None = None
    diagnosis: Diagnosis | None = None
    inside_after: tuple[AssignmentCell, ...] | None = None
    is_late: bool = False
    was_missing: bool = False
    is_over: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)
    other_files: tuple[str, ...] = ()

    @property
    def grade_id(self) -> str:
        """The test's name."""
        return self.cell.grade_id or ""

    def put_off(self) -> None:
        """Run it after all cells."""
        self.is_late, self.state = True, None


def outside_and_inside(tests: Sequence[WaitingTest]) -> tuple[list[WaitingTest], list[WaitingTest]]:
    """The tests that run outside the student's process, and those inside it, each in order."""
    outside = [test for test in tests if test.inside_after is None]
    return outside, [test for test in tests if test.inside_after is not None]
