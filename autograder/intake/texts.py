"""What a student wrote, as digests: equal where the text is the same, so that a person's points stay with it.

Space at the end of lines and of the text does not count, as nowhere in intake.
"""

from __future__ import annotations

import hashlib
import json

from autograder.assignment import Assignment, Role
from autograder.intake.plan import STUDENT, PlannedCell, Submission


def answer_digests(submission: Submission, assignment: Assignment) -> dict[str, str]:
    """Grade id -> SHA-256 (hex) of the text that points for it belong to.

    Of a written answer that is its own text; of a task, whatever the student wrote in cells of their own;
    of a test, all of the student's code.
    """
    code = _digest([cell for cell in submission.cells if cell.runs and cell.origin == STUDENT])
    free = _digest([cell for cell in submission.cells if cell.role is Role.FREE])
    digests = {test.grade_id: code for test in assignment.tests}
    for cell in assignment.by_hand:
        planned = submission.by_grade_id.get(cell.grade_id or "")
        digests[cell.grade_id] = free if cell.is_task else _digest([planned] if planned else [])
    return {name: digest for name, digest in digests.items() if name is not None}


def _digest(cells: list[PlannedCell]) -> str:
    texts = ["\n".join(line.rstrip() for line in cell.source.split("\n")).rstrip() for cell in cells]
    pictures = [cell.pictures for cell in cells if cell.pictures]
    return hashlib.sha256(json.dumps([*texts, *pictures], sort_keys=True).encode()).hexdigest()
