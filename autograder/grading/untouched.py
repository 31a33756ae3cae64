"""Which answers of a submission are as they were released."""

from __future__ import annotations

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.intake import PlannedCell, Submission


def untouched_cells(submission: Submission, assignment: Assignment) -> frozenset[str]:
    """Grade ids of solution and hand-graded cells that are as they were released, or absent."""
    texts = {cell.grade_id: cell for cell in submission.cells if cell.grade_id is not None}
    return frozenset(
        cell.grade_id
        for cell in assignment.cells
        if cell.grade_id is not None
        and cell.role in (Role.SOLUTION, Role.TASK_BY_HAND)
        and not _was_touched(cell, texts.get(cell.grade_id))
    )


def _was_touched(cell: AssignmentCell, planned: PlannedCell | None) -> bool:
    if planned is None:
        return False
    if cell.role is Role.TASK_BY_HAND:
        return planned.answered
    return planned.source.strip() != cell.released_source.strip()
