"""From what a worker sends to what is stored; what cannot be true of the assignment is refused."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
import platform
import re

from autograder.assignment import Assignment, Role
from autograder.grading.fingerprints import engine_fingerprint
from autograder.grading.protocol import JobResult, ProtocolError
from autograder.sandbox import is_safe_file_name
from autograder.storage import StoredResult
from autograder.verdicts import HandGrade, Status, SubmissionResult, Verdict


def require_result_of(assignment: Assignment, result: JobResult) -> None:
    """Refuse a result that no grading of this assignment gives.

    Raises
    ------
    ProtocolError
        An undecided test that is not open or has points; other tests or points than the assignment's, a score
        beyond them, a file name that leads elsewhere.
    """
    if result.tests or result.status is Status.GRADED:
        found = [(test.grade_id, test.max_score) for test in result.tests]
        wanted = [(test.grade_id, test.points) for test in assignment.tests]
        if found != wanted:
            raise ProtocolError(f"results of the tests {found!r:.200}; the assignment has {wanted!r:.200}")
    for test in result.tests:
        if test.open != (test.verdict is Verdict.INTERNAL_ERROR) or (test.open and test.score):
            raise ProtocolError(
                f"{test.grade_id} with {test.score} points is {test.verdict}, open: {test.open}"
            )
        if not 0 <= test.score <= test.max_score:
            raise ProtocolError(f"{test.score} points for {test.grade_id}; {test.max_score} are possible")
    answers = {cell.grade_id for cell in assignment.cells if cell.role in (Role.SOLUTION, Role.TASK_BY_HAND)}
    if not answers.issuperset(result.untouched):
        raise ProtocolError(f"untouched cells that the assignment does not have: {result.untouched!r:.200}")
    graded_cells = {cell.grade_id for cell in (*assignment.tests, *assignment.by_hand)}
    if not graded_cells.issuperset(result.texts) or not all(map(_is_digest, result.texts.values())):
        raise ProtocolError(f"digests of texts that the assignment does not have: {result.texts!r:.200}")
    if bool(result.notebook) != bool(result.tests or result.status is Status.GRADED):
        raise ProtocolError(f"{len(result.notebook)} bytes of a notebook that is {result.status}")
    for name in result.files:
        if not is_safe_file_name(name):
            raise ProtocolError(f"a file named {name!r:.100}")


def result_to_store(
    assignment: Assignment,
    student: str,
    tier: str,
    result: JobResult,
    *,
    timestamp: str = "",
    fingerprint: str = "",
) -> StoredResult:
    """The student's result as it is kept on disk, points and answers that wait for a person summed up.

    Parameters
    ----------
    tier : str
        The sandbox tier that was in force.
    timestamp : str
        The text of the submission's `timestamp.txt`.
    fingerprint : str
        Of submission, tests and engine; "" where it is not known.
    """
    graded = result.status is Status.GRADED
    by_hand = assignment.by_hand if result.notebook or graded else ()
    submission = SubmissionResult(
        student=student,
        assignment=assignment.name,
        status=result.status,
        reason=result.reason,
        score=sum(test.score for test in result.tests) if graded else None,
        max_score=assignment.max_score if graded else None,
        seconds=round(result.seconds, 3),
        isolation=tier,
        tests=result.tests,
        hand_grades=tuple(_hand_grade(cell.grade_id or "", cell.points, result) for cell in by_hand),
        flags=result.flags,
        limits_hit=result.limits_hit,
        alone=result.alone,
        fingerprint=fingerprint,
        graded_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        versions=_versions(),
    )
    return StoredResult(submission, frozenset(result.untouched), timestamp, dict(result.texts))


def _hand_grade(grade_id: str, points: float, result: JobResult) -> HandGrade:
    """An answer that nobody has read; one that was left as it was has no points."""
    waiting = HandGrade(grade_id, None, points)
    if grade_id in result.untouched:
        return dataclasses.replace(waiting, score=0.0, answered=False)
    return waiting


def _is_digest(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def _versions() -> dict[str, str]:
    return {
        "engine": engine_fingerprint()[:12],
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
    }
