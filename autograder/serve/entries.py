"""One submission on its way through the service: what was handed in, and what became of it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.verdicts import Status, SubmissionResult


@dataclass(frozen=True)
class Entry:
    """A submission that was accepted.

    Attributes
    ----------
    id : str
        Hexadecimal; tells nothing of whose it is.
    student, assignment, notebook : str
        `notebook` without `.ipynb`: an assignment may have several.
    accepted_at : float
        Seconds since 1970.
    size : int
        Bytes of the notebook.
    digest : str
        SHA-256 (hex) of the notebook.
    number : int
        Grows with each submission of the course: the order of acceptance, whatever the clock does.
    """

    id: str
    student: str
    assignment: str
    notebook: str
    accepted_at: float
    size: int
    digest: str
    number: int = 0

    @property
    def work(self) -> tuple[str, str, str]:
        """Whose submissions of what are counted together."""
        return self.student, self.assignment, self.notebook

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Entry:
        """The entry that `to_dict` wrote; unknown keys are left out."""
        known = {one.name for one in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


@dataclass(frozen=True)
class Brief:
    """An outcome in short: a semester has many of them.

    Attributes
    ----------
    status : Status
    finished_at : float
        Seconds since 1970.
    score, max_score : float or None
        As of the result.
    attention : str
        Why a person should look at it; "" where nobody needs to.
    """

    status: Status
    finished_at: float
    score: float | None
    max_score: float | None
    attention: str

    @property
    def is_a_try(self) -> bool:
        """Whether it counts against the student's tries: not where the grader itself failed."""
        return self.status is not Status.INTERNAL_ERROR


@dataclass(frozen=True)
class Outcome:
    """What became of an entry.

    Attributes
    ----------
    result : SubmissionResult
    finished_at : float
        Seconds since 1970.
    hidden : frozenset of str
        Names of the tests that have a hidden part.
    """

    result: SubmissionResult
    finished_at: float
    hidden: frozenset[str] = field(default_factory=frozenset)

    @property
    def brief(self) -> Brief:
        """What is kept in memory of it."""
        result = self.result
        return Brief(result.status, self.finished_at, result.score, result.max_score, self._attention)

    @property
    def _attention(self) -> str:
        result = self.result
        if result.status is Status.INTERNAL_ERROR:
            return f"the grader failed: {result.reason}"
        if result.status is Status.REJECTED:
            return f"could not be read: {result.reason}"
        if result.open_points:
            return f"{result.open_points:g} points are open: the grader failed there"
        return "; ".join(result.flags)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data for JSON."""
        return {
            "result": self.result.to_dict(),
            "finished_at": self.finished_at,
            "hidden": sorted(self.hidden),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        """The outcome that `to_dict` wrote."""
        result = SubmissionResult.from_dict(data["result"])
        return cls(result, float(data["finished_at"]), frozenset(data["hidden"]))


def digest(content: bytes) -> str:
    """SHA-256 (hex) of a notebook."""
    return hashlib.sha256(content).hexdigest()
