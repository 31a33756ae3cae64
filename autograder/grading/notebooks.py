"""A submission of several notebooks: what became of each, kept until all are graded, and its result.

A notebook that was not handed in has no points, as with nbgrader. One on which the grader failed leaves its
tests open, and the others count.
"""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.assignment import Assignment, Role
from autograder.grading import protocol
from autograder.grading.protocol import JobResult
from autograder.grading.results import result_to_store
from autograder.several_notebooks import joined
from autograder.storage import StoredResult, write_whole
from autograder.verdicts import Status, TestResult, Verdict


class KeptParts:
    """What became of notebooks of submissions that are not finished, in a folder: a killed run goes on there.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, key: str, notebook: str, result: JobResult) -> None:
        """Remember what became of a notebook of the submission `key`.

        Raises
        ------
        StorageError
            The disk is full or does not take it.
        """
        write_whole(self._path(key, notebook), protocol.write(result))

    def read(self, key: str, notebook: str) -> JobResult | None:
        """What `keep` was told; None where that is not there."""
        try:
            return protocol.read(self._path(key, notebook).read_bytes(), JobResult)
        except (OSError, protocol.ProtocolError):
            return None

    def forget(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, key: str, notebook: str) -> Path:
        return self._folder / f"{hashlib.sha256(f'{key}/{notebook}'.encode()).hexdigest()[:32]}.bin"


def is_decided(result: JobResult | None) -> bool:
    """Whether a run that goes on need not grade a notebook again: it was, and the grader did not fail on it.

    >>> is_decided(None), is_decided(JobResult(Status.INTERNAL_ERROR)), is_decided(JobResult(Status.GRADED))
    (False, False, True)
    """
    if result is None or result.status is Status.INTERNAL_ERROR:
        return False
    return not any(test.open for test in result.tests)


def missing(assignment: Assignment, sentence: str) -> JobResult:
    """The result of a notebook that was not handed in: no points, and nothing for a person to read."""
    answers = (cell for cell in assignment.cells if cell.role in (Role.SOLUTION, Role.TASK_BY_HAND))
    return JobResult(
        Status.GRADED,
        tests=tuple(
            TestResult(cell.grade_id or "", 0.0, cell.points, Verdict.NOT_FOUND, sentence)
            for cell in assignment.tests
        ),
        untouched=tuple(sorted(cell.grade_id or "" for cell in answers)),
        flags=(sentence,) if assignment.max_score else (),
    )


def stored_result(
    notebooks: Sequence[Assignment],
    student: str,
    tier: str,
    results: Mapping[str, JobResult],
    *,
    timestamp: str = "",
    fingerprint: str = "",
) -> StoredResult:
    """The student's result as it is kept on disk, from what became of each notebook by name.

    Parameters
    ----------
    notebooks : sequence of Assignment
    student, tier : str
    results : mapping of str to JobResult
    timestamp, fingerprint : str
        As of `result_to_store`.
    """
    ended = [results[one.notebook] for one in notebooks]
    if len(notebooks) > 1:
        if all(result.status is Status.GRADED and not result.notebook for result in ended):
            names = " or ".join(one.file_name for one in notebooks)
            nothing = JobResult(
                Status.REJECTED,
                f"There is no notebook {names} in the submission; hand them in under these names.",
            )
            return result_to_store(
                notebooks[0], student, tier, nothing, timestamp=timestamp, fingerprint=fingerprint
            )
        if any(result.status is not Status.INTERNAL_ERROR for result in ended):
            ended = [_undecided(one, result) for one, result in zip(notebooks, ended, strict=True)]
    parts = {
        one.notebook: result_to_store(
            one, student, tier, result, timestamp=timestamp, fingerprint=fingerprint
        )
        for one, result in zip(notebooks, ended, strict=True)
    }
    return joined(parts) if len(notebooks) > 1 else parts[notebooks[0].notebook]


def _undecided(assignment: Assignment, result: JobResult) -> JobResult:
    """A notebook on which the grader failed, as one whose tests are open; any other as it is."""
    if result.status is not Status.INTERNAL_ERROR:
        return result
    tests = result.tests or tuple(
        TestResult(cell.grade_id or "", 0.0, cell.points, Verdict.INTERNAL_ERROR, open=True)
        for cell in assignment.tests
    )
    flags = (*result.flags, result.reason)
    return dataclasses.replace(result, status=Status.GRADED, reason="", tests=tests, flags=flags)
