"""What a class's results add up to: counts, rates, ranked mistakes, and who needs a person.

Pure: results in, figures out. `report` shows them. Examples of mistakes carry no name: a student's id,
names and address are taken out of the text first.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.pages.feedback import VERDICT_WORDS, student_name
from autograder.verdicts import Finding, Status, SubmissionResult, TestResult, Verdict

STOPPED = (Verdict.TIMEOUT, Verdict.MEMORY, Verdict.CRASHED, Verdict.TOO_MUCH_OUTPUT)
SLOWEST_SHOWN = 5


@dataclass(frozen=True)
class TestSummary:
    """How a class did on one test; counts of students."""

    __test__ = False  # not a pytest class

    grade_id: str
    max_score: float
    passed: int
    partial: int
    failed: int
    not_graded: int
    mean_score: float
    usual_failure: str

    @property
    def total(self) -> int:
        """How many submissions have this test."""
        return self.passed + self.partial + self.failed + self.not_graded

    @property
    def pass_rate(self) -> float:
        """Share of full points among those graded, 0 to 1."""
        return self.passed / max(1, self.total - self.not_graded)


@dataclass(frozen=True)
class MistakeSummary:
    """One recognised mistake; `students` counts each student once."""

    id: str
    students: int
    share: float
    tests: tuple[str, ...]
    teacher_note: str
    example: str


@dataclass(frozen=True)
class UnrecognizedSummary:
    """Lost points that the catalogue has no name for, by test, verdict and behaviour.

    Attributes
    ----------
    cluster : str
        What `autograder comment` wants; "" in results of an older version.
    code : str
        One student's function without comments, texts and names.
    """

    grade_id: str
    verdict: Verdict
    students: int
    example: str
    cluster: str = ""
    code: str = ""


@dataclass(frozen=True)
class AnswerSummary:
    """One hand-graded question; counts of students, and who is still waiting."""

    grade_id: str
    graded: int
    waiting: tuple[str, ...]
    unanswered: int
    mean_score: float | None
    max_score: float


@dataclass(frozen=True)
class ClassSummary:
    """Everything the report shows, as numbers and words.

    Attributes
    ----------
    scores : tuple of float
        Points of all graded submissions, ascending.
    max_score : float
        Points possible (the largest among the submissions).
    attention : tuple of (SubmissionResult, tuple of str)
        Who needs a person, and why.
    marked_late : tuple of SubmissionResult
        Whom the platform marks as late, and of whose lateness the gradebook knows nothing.
    missing : mapping of str to sequence of str
        Why students have no result, in words -> their ids.
    stopped : tuple of (str, int)
        Verdict name of a limit and how many submissions hit it.
    tiers, versions : tuple of (str, int)
        Isolation tier, or text of versions, and how many submissions it graded.
    """

    assignment: str
    results: tuple[SubmissionResult, ...]
    scores: tuple[float, ...]
    max_score: float
    tests: tuple[TestSummary, ...]
    mistakes: tuple[MistakeSummary, ...]
    unrecognized: tuple[UnrecognizedSummary, ...]
    answers: tuple[AnswerSummary, ...]
    attention: tuple[tuple[SubmissionResult, tuple[str, ...]], ...]
    late: tuple[SubmissionResult, ...]
    marked_late: tuple[SubmissionResult, ...]
    stopped: tuple[tuple[str, int], ...]
    slowest: tuple[SubmissionResult, ...]
    tiers: tuple[tuple[str, int], ...]
    versions: tuple[tuple[str, int], ...]
    missing: Mapping[str, Sequence[str]]
    tests_said: tuple[str, ...] = ()

    @property
    def graded(self) -> int:
        """How many submissions have a score."""
        return sum(result.status is Status.GRADED for result in self.results)

    @property
    def waiting(self) -> int:
        """How many submissions have a written answer that nobody has read."""
        return sum(result.needs_manual_grade for result in self.results)

    @property
    def median(self) -> float | None:
        """Median points, None without scores."""
        return statistics.median(self.scores) if self.scores else None

    @property
    def mean(self) -> float | None:
        """Mean points, None without scores."""
        return statistics.fmean(self.scores) if self.scores else None

    @property
    def median_seconds(self) -> float | None:
        """Median wall time of grading one submission, in seconds."""
        return statistics.median(result.seconds for result in self.results) if self.results else None


def summarize(
    assignment: str,
    results: Sequence[SubmissionResult],
    marked_late: Collection[str] = frozenset(),
    missing: Mapping[str, Sequence[str]] = {},
    tests_said: Sequence[str] = (),
) -> ClassSummary:
    """The figures of a class.

    Parameters
    ----------
    results : sequence of SubmissionResult
        In any order.
    marked_late : collection of str
        The ids that the platform marks so.
    missing : mapping of str to sequence of str
        Why students have no result, in words -> their ids.
    tests_said : sequence of str
        Sentences on how the assignment's tests run.
    """
    ordered = tuple(sorted(results, key=lambda result: result.student))
    graded = [result for result in ordered if result.status is Status.GRADED]
    tests = [(result, test) for result in graded for test in result.tests]
    return ClassSummary(
        assignment=assignment,
        results=ordered,
        scores=tuple(sorted(result.score for result in graded if result.score is not None)),
        max_score=max([result.max_score or 0.0 for result in graded], default=0.0),
        tests=_summarize_tests(tests),
        mistakes=_summarize_mistakes(tests, len(graded)),
        unrecognized=_summarize_unrecognized(tests),
        answers=_summarize_answers(graded),
        attention=tuple((result, reasons) for result in ordered if (reasons := reasons_to_look(result))),
        late=tuple(
            sorted((r for r in ordered if r.late_seconds > 0), key=lambda r: r.late_seconds, reverse=True)
        ),
        marked_late=tuple(r for r in ordered if r.student in marked_late and r.late_seconds <= 0),
        stopped=_count_stopped(ordered),
        slowest=tuple(sorted(ordered, key=lambda result: result.seconds, reverse=True)[:SLOWEST_SHOWN]),
        tiers=_ranked(result.isolation or "not recorded" for result in graded),
        versions=_ranked(versions_text(result) for result in graded),
        missing=dict(missing),
        tests_said=tuple(tests_said),
    )


def reasons_to_look(result: SubmissionResult) -> tuple[str, ...]:
    """Why a person should look at this submission; hand grading is listed elsewhere."""
    reasons: list[str] = []
    if result.status is Status.REJECTED:
        reasons.append(f"Rejected: {result.reason or 'no reason recorded'}")
    elif result.status is Status.INTERNAL_ERROR:
        reasons.append(f"Our failure: {result.reason.rstrip('.') or 'no reason recorded'}. Grade again.")
    ours = [test.grade_id for test in result.tests if test.verdict is Verdict.INTERNAL_ERROR]
    if ours:
        points = f"{result.open_points:g} points open. " if result.open_points else ""
        reasons.append(f"Our failure in {', '.join(ours)}. {points}Grade again.")
    reasons += result.flags
    return tuple(reasons)


def anonymized(text: str, result: SubmissionResult) -> str:
    """`text` without the student's id, names or address.

    >>> from autograder.verdicts import SubmissionResult, Status
    >>> anonymized("Ada's W1 in /home/ada", SubmissionResult("ada", "a", Status.GRADED, first_name="Ada"))
    "[student]'s W1 in /home/[student]"
    """
    full = student_name(result)
    known = {
        result.student,
        result.email,
        result.email.partition("@")[0],
        full,
        result.first_name,
        result.last_name,
    }
    for name in sorted((name for name in known if len(name) > 1), key=len, reverse=True):
        text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", "[student]", text, flags=re.IGNORECASE)
    return text


def versions_text(result: SubmissionResult) -> str:
    """Versions in one line, in a fixed order."""
    return (
        ", ".join(f"{name} {version}" for name, version in sorted(result.versions.items())) or "not recorded"
    )


def count_passed(result: SubmissionResult) -> int:
    """How many tests have full points."""
    return sum(test.verdict is Verdict.PASSED for test in result.tests)


def hand_points(result: SubmissionResult) -> float:
    """Points that people gave so far."""
    return sum(grade.score or 0.0 for grade in result.hand_grades)


def _summarize_tests(tests: Sequence[tuple[SubmissionResult, TestResult]]) -> tuple[TestSummary, ...]:
    groups: dict[str, list[TestResult]] = {}
    for _, test in tests:
        groups.setdefault(test.grade_id, []).append(test)
    summaries = []
    for grade_id, group in groups.items():
        counts = Counter(test.verdict for test in group)
        failures = Counter(
            test.verdict
            for test in group
            if test.verdict not in (Verdict.PASSED, Verdict.PARTIAL, Verdict.INTERNAL_ERROR)
        )
        summaries.append(
            TestSummary(
                grade_id=grade_id,
                max_score=max(test.max_score for test in group),
                passed=counts[Verdict.PASSED],
                partial=counts[Verdict.PARTIAL],
                failed=sum(failures.values()),
                not_graded=counts[Verdict.INTERNAL_ERROR],
                mean_score=statistics.fmean([test.score for test in group if not test.open] or [0.0]),
                usual_failure=VERDICT_WORDS[failures.most_common(1)[0][0]][1] if failures else "",
            )
        )
    return tuple(summaries)


def _summarize_mistakes(
    tests: Sequence[tuple[SubmissionResult, TestResult]], graded: int
) -> tuple[MistakeSummary, ...]:
    groups: dict[str, list[tuple[SubmissionResult, TestResult]]] = {}
    notes: dict[str, str] = {}
    for result, test in tests:
        first = [] if test.unnamed else [Finding(test.misconception or "", test.hint, test.teacher_note)]
        for finding in (*first, *test.further):
            if finding.misconception:
                groups.setdefault(finding.misconception, []).append((result, test))
                notes.setdefault(finding.misconception, finding.teacher_note)
    summaries = [
        MistakeSummary(
            id=name,
            students=(students := len({result.student for result, _ in group})),
            share=students / max(1, graded),
            tests=tuple(dict.fromkeys(test.grade_id for _, test in group)),
            teacher_note=notes[name],
            example=_usual_message(group),
        )
        for name, group in groups.items()
    ]
    return tuple(sorted(summaries, key=lambda mistake: (-mistake.students, mistake.id)))


def _summarize_unrecognized(
    tests: Sequence[tuple[SubmissionResult, TestResult]],
) -> tuple[UnrecognizedSummary, ...]:
    groups: dict[tuple[str, Verdict, str], list[tuple[SubmissionResult, TestResult]]] = {}
    for result, test in tests:
        is_named = test.misconception and not test.unnamed
        if not is_named and test.verdict not in (Verdict.PASSED, Verdict.INTERNAL_ERROR):
            groups.setdefault((test.grade_id, test.verdict, test.cluster), []).append((result, test))
    summaries = [
        UnrecognizedSummary(
            grade_id,
            verdict,
            len(group),
            _usual_message(group),
            cluster,
            next((test.example for _, test in group if test.example), ""),
        )
        for (grade_id, verdict, cluster), group in groups.items()
    ]
    return tuple(
        sorted(summaries, key=lambda item: (-item.students, item.grade_id, item.verdict, item.cluster))
    )


def _summarize_answers(graded: Sequence[SubmissionResult]) -> tuple[AnswerSummary, ...]:
    ids = dict.fromkeys(grade.grade_id for result in graded for grade in result.hand_grades)
    summaries = []
    for grade_id in ids:
        group = [(r.student, g) for r in graded for g in r.hand_grades if g.grade_id == grade_id]
        scores = [grade.score for _, grade in group if grade.score is not None]
        summaries.append(
            AnswerSummary(
                grade_id=grade_id,
                graded=len(scores),
                waiting=tuple(student for student, grade in group if grade.score is None),
                unanswered=sum(not grade.answered for _, grade in group),
                mean_score=statistics.fmean(scores) if scores else None,
                max_score=max(grade.max_score for _, grade in group),
            )
        )
    return tuple(summaries)


def _usual_message(group: Sequence[tuple[SubmissionResult, TestResult]]) -> str:
    messages = Counter(anonymized(test.message, result) for result, test in group if test.message)
    return messages.most_common(1)[0][0] if messages else ""


def _count_stopped(results: Sequence[SubmissionResult]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for result in results:
        hit = {str(test.verdict) for test in result.tests if test.verdict in STOPPED}
        counts.update(hit | set(result.limits_hit))
    return tuple(counts.most_common())


def _ranked(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(values).most_common())
