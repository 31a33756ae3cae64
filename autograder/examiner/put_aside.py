"""A test cell between its visible and its hidden part, and what the visible part did to the shared names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.assignment import AssignmentCell
from autograder.examiner.cell_code import CellCode
from autograder.examiner.exchange import Exchange
from autograder.examiner.outcomes import TestOutcome
from autograder.sandbox import StudentProcess


@dataclass(frozen=True)
class PutAside:
    """A test cell whose visible part has passed and whose hidden part is still to run.

    Attributes
    ----------
    cell : AssignmentCell
    code : CellCode or None
        None for a cell that runs in the student's process.
    exchange : Exchange
    said : TestOutcome
        What the visible part printed and noted, as an outcome that passed.
    place : int
        How many cells the examiner had begun before this one.
    before : tuple of AssignmentCell
        Earlier test cells that run first in the same process, where this one runs inside.
    """

    cell: AssignmentCell
    code: CellCode | None
    exchange: Exchange
    said: TestOutcome
    place: int
    before: tuple[AssignmentCell, ...] = ()

    @property
    def process(self) -> StudentProcess:
        """The process in which the visible part ran; only where `has_begun`."""
        assert self.exchange.process is not None
        return self.exchange.process

    @property
    def has_begun(self) -> bool:
        """Whether there is a process in which the visible part ran, and that still waits."""
        return self.exchange.process is not None and self.exchange.process.is_open


@dataclass
class Changes:
    """What one visible part did to the names that test cells share."""

    bound: dict[str, Any]
    deleted: frozenset[str]


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> Changes:
    """What has been done to the names between these two moments."""
    bound = {name: value for name, value in after.items() if name not in before or before[name] is not value}
    # What is bound by now; the namespace's own `keys` would import what the instructor's cells do.
    return Changes(bound, frozenset(dict.keys(before) - dict.keys(after)))
