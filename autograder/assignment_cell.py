"""One cell of the instructor's notebook: its role, its points, and its text in each of its three forms."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.marks import IN_STUDENT_PROCESS, NBGRADERS_MARKS, Marks

SCHEMA_VERSION = 3  # of nbgrader's metadata


class Role(StrEnum):
    """What a cell of the instructor's notebook is for."""

    SOLUTION = "solution"  # the student's code; not graded by itself
    TEST = "test"  # autograder tests; always the instructor's text
    TASK_BY_HAND = "task-by-hand"  # an answer (or a task) that a person grades
    LOCKED = "locked"  # read-only: always the instructor's text
    FREE = "free"  # neither locked nor graded


@dataclass(frozen=True)
class AssignmentCell:
    """One cell of the instructor's notebook.

    Attributes
    ----------
    index : int
        Place in the notebook, from 0.
    cell_type : str
        `code`, `markdown` or `raw`.
    role : Role
    grade_id : str or None
        nbgrader's name of the cell; None for a free cell without one.
    points : float
        Points possible; 0 for cells that are not graded.
    source : str
        The instructor's text: solutions, hidden tests and mark schemes included.
    stored_source : str
        The text as nbgrader's gradebook keeps it: solutions replaced, hidden tests and mark schemes left.
    released_source : str
        What students get: solutions replaced, hidden tests and mark schemes removed.
    is_task : bool
        One of nbgrader's tasks: the text is locked, the student answers in cells of their own.
    marks : Marks
        The course's marks of solutions, hidden tests and mark schemes.
    """

    index: int
    cell_type: str
    role: Role
    grade_id: str | None
    points: float
    source: str
    stored_source: str
    released_source: str
    is_task: bool = False
    marks: Marks = NBGRADERS_MARKS

    @property
    def locked(self) -> bool:
        """Whether the instructor's text is put back whatever the student's notebook says."""
        return self.role in (Role.TEST, Role.LOCKED) or self.is_task

    @property
    def runs_inside(self) -> bool:
        """Whether the instructor asked for this test to run in the student's process."""
        return self.role is Role.TEST and any(
            line.strip() == IN_STUDENT_PROCESS for line in self.source.splitlines()
        )

    @property
    def mark_scheme(self) -> str:
        """What stands between the marks of an answer's mark scheme; "" without one.

        A task shows its own in formgrader, so it has none here.
        """
        if self.role is not Role.TASK_BY_HAND or self.is_task:
            return ""
        _, began, rest = self.source.partition(f"{self.marks.begin_scheme}\n")
        inside = rest.partition(self.marks.end_scheme)[0].split("\n")[:-1]
        return "\n".join(inside).strip() if began else ""

    @property
    def metadata(self) -> dict[str, Any]:
        """The cell's nbgrader metadata, schema 3; empty for a cell that nbgrader does not know."""
        if self.grade_id is None:
            return {}
        graded = self.role is Role.TEST or (self.role is Role.TASK_BY_HAND and not self.is_task)
        data: dict[str, Any] = {
            "grade": graded,
            "grade_id": self.grade_id,
            "locked": self.locked,
            "schema_version": SCHEMA_VERSION,
            "solution": self.role is Role.SOLUTION or (graded and self.role is Role.TASK_BY_HAND),
            "task": self.is_task,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
        }
        return data | ({"points": self.points} if graded or self.is_task else {})

    @property
    def checksum(self) -> str:
        """nbgrader's checksum of the stored text (MD5, which nbgrader chose); equal means untouched."""
        return self.checksum_of(self.stored_source)

    def checksum_of(self, source: str) -> str:
        """nbgrader's checksum of this cell if its text were `source`."""
        graded = self.role is Role.TEST or (self.role is Role.TASK_BY_HAND and not self.is_task)
        solution = self.role is Role.SOLUTION or (self.role is Role.TASK_BY_HAND and not self.is_task)
        parts = [source, self.cell_type, str(graded), str(solution), str(self.locked), self.grade_id or ""]
        if graded:
            parts.append(str(self.points))
        return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def stored_cell(
    index: int,
    cell_type: str,
    role: Role,
    grade_id: str | None,
    points: float,
    source: str,
    *,
    is_task: bool,
    marks: Marks = NBGRADERS_MARKS,
) -> AssignmentCell:
    """A cell as nbgrader's gradebook keeps it: its solution is a stub already, its hidden tests are there."""
    place = f"cell {grade_id or index} of the gradebook"
    released = marks.without_hidden_tests(source, allowed=True, place=place)
    released = marks.without_mark_scheme(released, allowed=True, place=place)
    return AssignmentCell(index, cell_type, role, grade_id, points, source, source, released, is_task, marks)
