"""What one test cell and one student's process have said to each other.

A test cell may be put aside between its visible and its hidden part, while other cells run: everything that
belongs to one cell is in its `Exchange`, and the link has one of them at a time.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from typing import Any

from autograder.examiner.handles import Handle
from autograder.examiner.places import Places
from autograder.sandbox import Answer, SandboxError, StudentProcess
from autograder.sandbox.wire import Objects
from autograder.verdicts import Verdict

PRINTED_CHARACTERS = 64_000


class Stop(BaseException):
    """Ends a test cell after a failure of the machinery; not an Exception, so tests do not catch it."""


class Transcript(io.TextIOBase):
    """What a test cell prints, and apart from it what the student's code prints meanwhile."""

    def __init__(self) -> None:
        self.of_test = ""
        self.everything = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        self.of_test += text[: PRINTED_CHARACTERS - len(self.of_test)]
        self.of_student(text)
        return len(text)

    def of_student(self, text: str) -> None:
        self.everything += text[: PRINTED_CHARACTERS - len(self.everything)]


@dataclass
class Exchange:
    """What one test cell and one student's process have said to each other.

    Attributes
    ----------
    process : StudentProcess or None
        None once the cell is over.
    hidden : bool
        Whether the hidden part has begun: from then on nothing that the student's code chooses is kept.
    transcript : Transcript
    failure : tuple of Verdict and str, or None
        The first failure of the machinery, which fixes the verdict.
    machinery : SandboxError or None
    notes : list of str
    asked, missing : names that the cell asked the student for, and those that were not there
    taken_away : values of names that the cell deleted
    values : what was fetched since the last call
    objects : Objects
        What has crossed, so that one object is one object.
    places : Places
        Where objects may come as handles.
    unknown : tuple of str
        What did not cross, and its kind.
    handles : dict of int to Handle
        The stand-ins by number: one object is one stand-in.
    seeded : frozenset of str
        Which global generators the cell had set when it was put aside.
    files : dict
        What calls of the cell have made of the answer's files; None for one that they removed.
    random_states : tuple, or None
        The states of `np.random` and `random` in the cell when it was put aside.
    """

    process: StudentProcess | None = None
    hidden: bool = False
    transcript: Transcript = field(default_factory=Transcript)
    failure: tuple[Verdict, str] | None = None
    machinery: SandboxError | None = None
    notes: list[str] = field(default_factory=list)
    asked: dict[str, None] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    taken_away: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    objects: Objects = field(default_factory=lambda: Objects(first=0))
    places: Places = field(default_factory=lambda: Places({}))
    unknown: tuple[str, ...] = ()
    handles: dict[int, Handle] = field(default_factory=dict)
    seeded: frozenset[str] = frozenset()
    files: dict[str, bytes | None] = field(default_factory=dict)
    random_states: tuple[Any, Any] | None = None

    def show(self, answer: Answer) -> None:
        """Show what the student's code printed."""
        self.show_printed(answer.stdout)
        err = sys.stderr
        err.write(answer.stderr)

    def show_printed(self, text: str) -> None:
        """What the student's code printed goes where the test's prints go, if it has redirected them."""
        out = sys.stdout
        if out is self.transcript:
            self.transcript.of_student(text)
        else:
            out.write(text)

    def fail(self, verdict: Verdict, message: str) -> None:
        """Fix the cell's verdict, unless an earlier failure has."""
        if self.failure is None:
            self.failure = (verdict, message)
