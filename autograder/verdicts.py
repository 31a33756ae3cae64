"""What grading says: the verdict of a test, the result of a submission. Data only.

Everything that reads results (`report`, `exporters`, the JSON of the command line) reads these and nothing
else. Reading back what was written gives equal objects.

>>> result = TestResult("he_values", 0.0, 15.0, Verdict.WRONG_ANSWER, "W2 differs", "factor-xavier")
>>> TestResult.from_dict(result.to_dict()) == result
True
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 1
NOT_PASSED = "not-passed"  # all that is told of a hidden part


class Verdict(enum.StrEnum):
    """How one test cell ended. No answer, no points."""

    PASSED = "passed"
    PARTIAL = "partial"
    WRONG_ANSWER = "wrong-answer"
    RAISED = "raised"
    MEMORY = "memory"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    TOO_MUCH_OUTPUT = "too-much-output"
    NOT_FOUND = "not-found"
    BAD_TYPE = "bad-type"
    INTERNAL_ERROR = "internal-error"


class Status(enum.StrEnum):
    """How one submission ended; only `graded` has a score."""

    GRADED = "graded"
    REJECTED = "rejected"
    INTERNAL_ERROR = "internal-error"


@dataclass(frozen=True)
class Finding:
    """A mistake beside the first: its id, the sentence for the student, the one for the teacher."""

    misconception: str
    hint: str
    teacher_note: str = ""


@dataclass(frozen=True)
class TestResult:
    """One test cell of one submission.

    Attributes
    ----------
    grade_id : str
        The cell's name in the assignment, for example `he_values`.
    score, max_score : float
        Points got and points possible.
    verdict : Verdict
    message : str
        What the student may read: relations only, no expected value, no hidden input.
    misconception : str or None
        An id of `docs/misconceptions.md`.
    hint : str
        The catalogue's sentence for the student ("" when nothing was recognised).
    why, experiment : str
        Why the mistake matters, and what to try: the second and third part of the hint.
    repeated : bool
        An earlier, different submission of the student's had the same mistake: the third part is told.
    teacher_note : str
        The catalogue's sentence for the teacher.
    unnamed : bool
        The id says only how it shows: the mistake was not found.
    cluster : str
        Equal for equal behaviour where no mistake was named; "" elsewhere.
    example : str
        The function without comments, texts and names, where no mistake was named.
    comment : str
        The teacher's sentence for all who share the mistake; not stored with the result.
    further : tuple of Finding
        Independent mistakes beside the first, in the order in which a student should mend them.
    notes : tuple of str
        Oddities that cost nothing: np.matrix, extra keys, a changed argument, a late definition.
    inside : bool
        The test ran in the student's process, where a result can be forged.
    hidden : bool
        The hidden part decides: how it ended is the instructor's to know (`verdict`), not the student's
        (`told_verdict`, `told_message`).
    proposal : float or None
        Points that a person set for an earlier text; they do not count until a person looks at the new one.
    open : bool
        Undecided: the machinery or the test cell itself failed. The points are neither given nor lost; a
        person gives them.
    notebook : str
        The notebook that holds the cell, where the assignment has several; "" and not in JSON elsewhere.
    question : str
        What the test asks, where the assignment registers it; "" elsewhere.
    """

    __test__ = False  # not a pytest class, for all its name

    grade_id: str
    score: float
    max_score: float
    verdict: Verdict
    message: str = ""
    misconception: str | None = None
    hint: str = ""
    teacher_note: str = ""
    why: str = ""
    experiment: str = ""
    repeated: bool = False
    unnamed: bool = False
    cluster: str = ""
    example: str = ""
    comment: str = ""
    further: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    inside: bool = False
    hidden: bool = False
    proposal: float | None = None
    open: bool = False
    notebook: str = ""
    question: str = ""

    @property
    def name(self) -> str:
        """What the test is called in tables and messages: its grade id, after its notebook among several."""
        return cell_name(self.notebook, self.grade_id)

    @property
    def told_verdict(self) -> str:
        """What a student may be told of how it ended: the verdict's name, or `not-passed`.

        >>> TestResult("he_seed", 0.0, 5.0, Verdict.TIMEOUT, hidden=True).told_verdict
        'not-passed'
        """
        is_told = not (self.hidden or self.inside) or self.verdict in (Verdict.PASSED, Verdict.PARTIAL)
        return str(self.verdict) if is_told else NOT_PASSED

    @property
    def told_message(self) -> str:
        """What a student may read: the message, unless the grader failed on something hidden."""
        return "" if self.hidden and self.verdict is Verdict.INTERNAL_ERROR else self.message

    @property
    def advice(self) -> str:
        """The hint in all its parts, then what else is wrong.

        >>> parts = {"hint": "One.", "why": "So.", "experiment": "Do."}
        >>> first = TestResult("he_values", 0.0, 5.0, Verdict.WRONG_ANSWER, **parts)
        >>> dataclasses.replace(first, further=(Finding("seed-missing", "Two."),)).advice
        'One. So. There is more: Two.'
        >>> dataclasses.replace(first, repeated=True).advice
        'One. So. Try this: Do.'
        """
        more = " ".join(finding.hint for finding in self.further)
        tried = f"Try this: {self.experiment}" if self.repeated and self.experiment else ""
        return " ".join(
            part for part in (self.hint, self.why, tried, more and f"There is more: {more}") if part
        )

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data for JSON."""
        further = [dataclasses.asdict(finding) for finding in self.further]
        plain = _without_empty_notebook(dataclasses.asdict(self))
        return plain | {"verdict": str(self.verdict), "notes": list(self.notes), "further": further}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TestResult:
        """The result that `to_dict` wrote; unknown keys are left out."""
        known = _known_fields(cls, data)
        read = {
            "verdict": Verdict(data["verdict"]),
            "notes": tuple(data.get("notes", ())),
            "further": tuple(Finding(**_known_fields(Finding, item)) for item in data.get("further", ())),
        }
        return cls(**known | read)


@dataclass(frozen=True)
class HandGrade:
    """One answer that a person grades.

    Attributes
    ----------
    score : float or None
        Points a person gave; None while nobody has.
    answered : bool
        False when the answer is still the prompt, or empty.
    comment : str
        What the person wrote, shown to the student.
    proposal : float or None
        Points that a person gave for an earlier text; they do not count until a person has read the new one.
    notebook : str
        As of a `TestResult`.
    """

    grade_id: str
    score: float | None
    max_score: float
    comment: str = ""
    answered: bool = True
    proposal: float | None = None
    notebook: str = ""

    @property
    def name(self) -> str:
        """As of a `TestResult`."""
        return cell_name(self.notebook, self.grade_id)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data for JSON."""
        return _without_empty_notebook(dataclasses.asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> HandGrade:
        """The grade that `to_dict` wrote; unknown keys are left out."""
        return cls(**_known_fields(cls, data))


@dataclass(frozen=True)
class SubmissionResult:
    """One student's submission of one assignment, graded or not.

    Attributes
    ----------
    student, assignment : str
    status : Status
    reason : str
        Why it was rejected, or what failed in the machinery; "" when graded.
    score, max_score : float or None
        As nbgrader counts: decided tests plus hand grades given so far, less a late penalty. None unless
        graded.
    seconds : float
        Wall time this submission took.
    isolation : str
        The tier that was in force: `full`, `wasm`, `landlock` or `none`.
    reused : bool
        Kept from an earlier run whose submission, tests and engine were the same.
    flags : tuple of str
        Why a person should look: code typed into a locked cell, a definition after its test, and so on.
    limits_hit : tuple of str
        Verdict names of cells (not tests) that were stopped: `timeout`, `memory`, ...
    alone : bool
        The machine was too busy at the first try: this is the result of a second one, with nothing beside it.
    late_seconds, late_penalty : float
        How late it was handed in; points taken off for it.
    late_because : str
        When it was due, with which extra days, and when it came; "" where it is not late.
    fingerprint : str
        Hash of submission, tests and engine: equal means grading again would change nothing.
    versions : dict
        Engine, Python and numpy versions that graded.
    first_name, last_name, email : str
        From the gradebook, where it has them; for exports.
    comments : mapping of str to str
        What people wrote to cells that are not graded by hand (code): grade id -> text, shown to the student.
    """

    student: str
    assignment: str
    status: Status
    reason: str = ""
    score: float | None = None
    max_score: float | None = None
    seconds: float = 0.0
    isolation: str = ""
    reused: bool = False
    tests: tuple[TestResult, ...] = ()
    hand_grades: tuple[HandGrade, ...] = ()
    flags: tuple[str, ...] = ()
    limits_hit: tuple[str, ...] = ()
    alone: bool = False
    late_seconds: float = 0.0
    late_penalty: float = 0.0
    late_because: str = ""
    fingerprint: str = ""
    graded_at: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_manual_grade(self) -> bool:
        """Whether an answer, an undecided test, or points set for an earlier text wait for a person."""
        waits = any(grade.score is None for grade in self.hand_grades)
        return waits or any(test.open or test.proposal is not None for test in self.tests)

    @property
    def open_points(self) -> float:
        """Points of the tests that are undecided."""
        return sum(test.max_score for test in self.tests if test.open)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data for JSON, `needs_manual_grade` among them."""
        data = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        return data | {
            "status": str(self.status),
            "needs_manual_grade": self.needs_manual_grade,
            "tests": [test.to_dict() for test in self.tests],
            "hand_grades": [grade.to_dict() for grade in self.hand_grades],
            "flags": list(self.flags),
            "limits_hit": list(self.limits_hit),
            "versions": dict(self.versions),
            "comments": dict(self.comments),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SubmissionResult:
        """The result that `to_dict` wrote; unknown keys are left out."""
        known = _known_fields(cls, data)
        return cls(
            **known
            | {
                "status": Status(data["status"]),
                "tests": tuple(TestResult.from_dict(test) for test in data.get("tests", ())),
                "hand_grades": tuple(HandGrade.from_dict(grade) for grade in data.get("hand_grades", ())),
                "flags": tuple(data.get("flags", ())),
                "limits_hit": tuple(data.get("limits_hit", ())),
            }
        )


def results_document(assignment: str, results: list[SubmissionResult]) -> dict[str, Any]:
    """The document that `autograder grade --json` writes."""
    return {
        "schema_version": SCHEMA_VERSION,
        "assignment": assignment,
        "submissions": [result.to_dict() for result in results],
    }


def cell_name(notebook: str, grade_id: str) -> str:
    """What a cell is called: by its grade id, which is unique in its notebook only.

    >>> cell_name("", "he_seed"), cell_name("part 1", "he_seed")
    ('he_seed', 'part 1/he_seed')
    """
    return f"{notebook}/{grade_id}" if notebook else grade_id


def _without_empty_notebook(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "notebook" or value}


def _known_fields(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in dataclasses.fields(kind)}
    return {name: value for name, value in data.items() if name in names}
