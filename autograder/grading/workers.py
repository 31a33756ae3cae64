"""The workers of one assignment as a class run sees them, on this machine or on a cluster."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Self

from autograder.grading.protocol import Job, JobResult, Memo, Start
from autograder.grading.test_plan import Plan

_STILL_BUSY = (
    "The clock ended a cell or test while other programs kept this machine busy, also when the submission "
    "ran {}. Grade it again (--force) when the machine is quiet."
)

# A job under a name of its own; the third says that it runs alone.
Given = tuple[str, Job] | tuple[str, Job, bool]


class Workers(ABC):
    """The workers of one assignment; a context manager.

    Parameters
    ----------
    start : Start
        What every worker has to know.
    memo : bytes
        Training runs remembered from an earlier instructor's run; empty for none.
    keep_memo : callable
        Told the memo that an instructor's run gives.
    plan : Plan, optional
        Where each test runs, if that is known.
    """

    def __init__(
        self,
        start: Start,
        memo: bytes = b"",
        keep_memo: Callable[[bytes], None] = lambda memo: None,
        plan: Plan | None = None,
    ) -> None:
        self.start = start
        self._memo, self._keep_memo = Memo(memo), keep_memo
        self._plan = plan or Plan()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def plan(self) -> Plan:
        """Where each test runs; empty while nobody knows."""
        return self._plan

    def forbid_inside(self) -> None:
        """Let no test be tried inside because an answer gives an object where the solution has none."""
        self._plan = dataclasses.replace(self._plan, tries_inside=False)

    def _remember(self, memo: bytes) -> None:
        """Take the memo of an instructor's run, and have it kept."""
        self._memo = Memo(memo)
        self._keep_memo(memo)

    @property
    @abstractmethod
    def again_alone(self) -> tuple[str, ...]:
        """Names of the jobs that a busy machine may have failed: they run again when all others are done."""

    @property
    @abstractmethod
    def running(self) -> tuple[str, ...]:
        """Names of the jobs that are being done."""

    @abstractmethod
    def close(self) -> None:
        """End all workers, those at work too."""

    @abstractmethod
    def run_instructors_notebook(self, files: Mapping[str, bytes]) -> None:
        """Have the instructor's notebook run beside `files` before the first job."""

    @abstractmethod
    def make_plan(self, *, remembers: bool = False) -> Plan:
        """The plan, made from the instructor's notebook; empty if that fails.

        Parameters
        ----------
        remembers : bool
            The memo is that of the same run: there is none yet.
        """

    @abstractmethod
    def give(self, jobs: Iterable[Given | None]) -> None:
        """Begin with jobs, each under a name of its own; the next ones are taken as workers are free.

        None among them says that there is no job at the moment, and may be one later.
        """

    @abstractmethod
    def results(self) -> Iterator[tuple[str, JobResult]]:
        """Each job's name and result, as they come."""


def run_alone(result: JobResult) -> JobResult:
    """The result of a job that ran again with nothing beside it: that decides.

    >>> from autograder.verdicts import Status
    >>> run_alone(JobResult(Status.GRADED)).alone, run_alone(JobResult(Status.GRADED)).flags
    (True, ())
    """
    return dataclasses.replace(run_again(result, "alone"), alone=True)


def run_again(result: JobResult, how: str = "again") -> JobResult:
    """The result of a job that has run twice: flagged where a busy machine may have failed it then, too."""
    if not result.lacked_processor:
        return result
    return dataclasses.replace(result, flags=(*result.flags, _STILL_BUSY.format(how)))
