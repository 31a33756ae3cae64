"""How a test cell ended, inside the student's process or outside it; how that crosses between processes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from autograder.assignment import AssignmentCell
from autograder.examiner.cell_code import first_hidden_line
from autograder.examiner.messages import FAILURES, HIDDEN_FAILED
from autograder.sandbox import StudentProcess
from autograder.sandbox.wire import WireError, text_without_surrogates
from autograder.verdicts import Verdict

_MOST_CHARACTERS, _MOST_ITEMS = 200_000, 2_000


@dataclass(frozen=True)
class TestOutcome:
    """How one test cell ended.

    Attributes
    ----------
    verdict : Verdict
    score : float
        Points, from 0 to the cell's.
    message : str
        What the student may read.
    printed : str
        Everything that the cell and, in visible checks, the student's code printed.
    notes : tuple of str
        Oddities that cost nothing.
    functions : tuple of str
        The student's names that the cell asked for, in that order.
    missing : bool
        A name was not there at this place of the notebook; it may be after the last cell.
    inside : bool
        The cell ran in the student's process.
    hidden : bool
        It did not pass in its hidden part: verdict and score are the instructor's to know, the message is not
        the student code's choice.
    handles : mapping of str to tuple of str
        In the instructor's run: where objects came as handles, and what was done to them.
    kinds : mapping of str to str
        In the instructor's run: of what kind results and variables were, in words.
    unknown : tuple of str
        What did not cross ("`f` returned") and its kind in words; () where all did. The instructor's to know.
    """

    __test__ = False

    verdict: Verdict
    score: float
    message: str = ""
    printed: str = ""
    notes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    missing: bool = False
    inside: bool = False
    hidden: bool = False
    handles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


class Aside(Protocol):
    """A test cell whose visible part has passed and whose hidden part is still to run."""

    @property
    def has_begun(self) -> bool:
        """Whether there is a process in which the visible part ran, and that still waits."""

    @property
    def process(self) -> StudentProcess:
        """The process in which the visible part ran; only where `has_begun`."""


class RunsTests(Protocol):
    """An examiner of one submission: `Examiner` says what its methods do."""

    def show_files(self, written: Mapping[str, bytes]) -> None:
        """Let the next tests find these files, and none that were shown before."""

    def run_visible(
        self,
        cell: AssignmentCell,
        process: StudentProcess,
        inside_after: Sequence[AssignmentCell] | None = None,
    ) -> TestOutcome | Aside:
        """Run the visible part of `cell`: its outcome where that decides, else the cell put aside."""

    def run_hidden(self, put_aside: Any) -> TestOutcome:
        """Run the hidden part of a cell that this examiner has put aside."""

    def run_again_hidden(self, put_aside: Any, process: StudentProcess) -> TestOutcome:
        """Run a cell whose process was lost after the visible part once more, as a whole, in another one."""


def lost_outcome(cell: AssignmentCell, verdict: Verdict) -> TestOutcome:
    """The outcome of a test that ended the examiner's process; it may have been its hidden part."""
    if first_hidden_line(cell) is not None:
        return TestOutcome(verdict, 0.0, HIDDEN_FAILED, hidden=True)
    return TestOutcome(verdict, 0.0, FAILURES[verdict]("the test"))


def outcome_fields(outcome: TestOutcome) -> dict[str, Any]:
    """The outcome as JSON has it."""
    plain = {field.name: getattr(outcome, field.name) for field in dataclasses.fields(outcome)}
    maps = {"handles": dict(outcome.handles), "kinds": dict(outcome.kinds)}
    return plain | {"verdict": str(outcome.verdict)} | maps


def read_outcome(fields: object, points: float) -> TestOutcome:
    """The outcome of a test that has so many points, from another process's fields.

    Raises
    ------
    WireError
        They are not those of an outcome, each of exactly its type and within its bounds.

    >>> passed = TestOutcome(Verdict.PASSED, 2.0)
    >>> read_outcome(outcome_fields(passed), points=2.0) == passed
    True
    """
    if type(fields) is not dict or list(fields) != [field.name for field in dataclasses.fields(TestOutcome)]:
        raise WireError("an outcome with other fields than one has")
    found = {name: _READERS[kind](fields[name]) for name, kind in TestOutcome.__annotations__.items()}
    least, most = _SCORES.get(found["verdict"], (0.0, 0.0))
    if not least * points <= found["score"] <= most * points:
        raise WireError(f"an outcome {found['verdict']} with {found['score']} of {points} points")
    return TestOutcome(**found)


# Of a test's points; every other verdict gives none.
_SCORES = {Verdict.PASSED: (1.0, 1.0), Verdict.PARTIAL: (0.0, 1.0)}


def _text(value: object) -> str:
    if type(value) is not str or len(value) > _MOST_CHARACTERS:
        raise WireError(f"an outcome with {type(value).__name__} for a text, or a text that is too long")
    return text_without_surrogates(value)


def _texts(value: object) -> tuple[str, ...]:
    if type(value) not in (list, tuple) or len(value) > _MOST_ITEMS:  # type: ignore[arg-type]
        raise WireError("an outcome without a list of texts where one is wanted, or with too many")
    return tuple(map(_text, value))  # type: ignore[call-overload]


def _by_text(read: Callable[[object], Any]) -> Callable[[object], Any]:
    def mapping(value: object) -> dict[str, Any]:
        if type(value) is not dict or len(value) > _MOST_ITEMS:
            raise WireError("an outcome without a mapping where one is wanted, or with one that is too large")
        return {_text(key): read(item) for key, item in value.items()}

    return mapping


def _truth(value: object) -> bool:
    if type(value) is not bool:
        raise WireError("an outcome without a truth value where one is wanted")
    return value


def _number(value: object) -> float:
    if type(value) not in (float, int) or not math.isfinite(value):  # type: ignore[arg-type]
        raise WireError("an outcome without a number where one is wanted")
    return float(value)  # type: ignore[arg-type]


def _verdict(value: object) -> Verdict:
    if type(value) is not str or value not in list(Verdict):
        raise WireError("an outcome without a verdict")
    return Verdict(value)


_READERS: Mapping[str, Callable[[object], Any]] = {
    "Verdict": _verdict,
    "float": _number,
    "str": _text,
    "tuple[str, ...]": _texts,
    "bool": _truth,
    "Mapping[str, tuple[str, ...]]": _by_text(_texts),
    "Mapping[str, str]": _by_text(_text),
}
