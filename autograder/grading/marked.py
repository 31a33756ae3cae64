"""What became of one submission's cells and tests, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.verdicts import TestResult


@dataclass
class Effort:
    """What one test took, its hidden part included.

    Attributes
    ----------
    seconds : float
        Wall time.
    calls : int
        Calls of the student's functions, and uses of the student's objects.
    handles : mapping of str to tuple of str
        In the instructor's run: where objects came as handles, and what was done to them.
    kinds : mapping of str to str
        In the instructor's run: of what kind the results were, in words.
    """

    seconds: float = 0.0
    calls: int = 0
    handles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Marking:
    """What became of one submission.

    Attributes
    ----------
    tests : tuple of TestResult
        In the order of the instructor's notebook.
    outputs : mapping of int to list of dict
        Notebook outputs by place in the plan; not sanitised.
    files : mapping of str to bytes
        What the cells wrote, by name in the working directory, before the first test.
    flags : tuple of str
        Why a person should look.
    limits_hit : tuple of str
        Verdict names of cells that were stopped.
    seconds : mapping of str to float
        Wall time of the parts `cells`, `tests` and `diagnosis`.
    efforts : mapping of str to Effort
        What each test took, by grade id.
    """

    tests: tuple[TestResult, ...]
    outputs: Mapping[int, list[dict[str, Any]]]
    files: Mapping[str, bytes] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    limits_hit: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    efforts: Mapping[str, Effort] = field(default_factory=dict)

    @property
    def failed(self) -> str:
        """Why this is no grade: every test is open; "" where one is decided, or there is none."""
        if not self.tests or not all(test.open for test in self.tests):
            return ""
        return f"{self.tests[0].grade_id}: {self.tests[0].message}"
