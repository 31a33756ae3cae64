"""What a class's results add up to: counts, rates, ranked mistakes, and who needs a person.

Pure: results in, figures out. `report` shows them.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.pages.questions import QuestionSummary, summarize_questions
from autograder.pages.test_summaries import (
    MistakeSummary,
    TestSummary,
    UnrecognizedSummary,
    summarize_mistakes,
    summarize_tests,
    summarize_unrecognized,
)
from autograder.similarity import Pair
from autograder.verdicts import Status, SubmissionResult, Verdict

STOPPED = (Verdict.TIMEOUT, Verdict.MEMORY, Verdict.CRASHED, Verdict.TOO_MUCH_OUTPUT)
SLOWEST_SHOWN = 5


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
    pairs : tuple of Pair
        Whose answers are more alike than the assignment explains.
    alone : tuple of str
        Whose submissions ran again with nothing beside them, because the machine was too busy.
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
    questions: tuple[QuestionSummary, ...] = ()
    tests_said: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    alone: tuple[str, ...] = ()

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
    pairs: Sequence[Pair] = (),
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
        Sentences for the top: how the assignment's tests run, what is kept of cells that are gone.
    pairs : sequence of Pair
        Whose answers are alike, the most alike first.
    """
    ordered = tuple(sorted(results, key=lambda result: result.student))
    graded = [result for result in ordered if result.status is Status.GRADED]
    tests = [(result, test) for result in graded for test in result.tests]
    return ClassSummary(
        assignment=assignment,
        results=ordered,
        scores=tuple(sorted(result.score for result in graded if result.score is not None)),
        max_score=max([result.max_score or 0.0 for result in graded], default=0.0),
        tests=summarize_tests(tests),
        mistakes=summarize_mistakes(tests, len(graded)),
        unrecognized=summarize_unrecognized(tests),
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
        questions=summarize_questions(graded),
        tests_said=tuple(tests_said),
        pairs=tuple(pairs),
        alone=tuple(result.student for result in ordered if result.alone),
    )


def reasons_to_look(result: SubmissionResult) -> tuple[str, ...]:
    """Why a person should look at this submission; hand grading is listed elsewhere."""
    reasons: list[str] = []
    if result.status is Status.REJECTED:
        reasons.append(f"Rejected: {result.reason or 'no reason recorded'}")
    elif result.status is Status.INTERNAL_ERROR:
        reasons.append(f"Our failure: {result.reason.rstrip('.') or 'no reason recorded'}. Grade again.")
    ours = [test.name for test in result.tests if test.verdict is Verdict.INTERNAL_ERROR]
    if ours:
        points = f"{result.open_points:g} points open. " if result.open_points else ""
        reasons.append(f"Our failure in {', '.join(ours)}. {points}Grade again.")
    reasons += result.flags
    return tuple(reasons)


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


def _summarize_answers(graded: Sequence[SubmissionResult]) -> tuple[AnswerSummary, ...]:
    ids = dict.fromkeys(grade.name for result in graded for grade in result.hand_grades)
    summaries = []
    for grade_id in ids:
        group = [(r.student, g) for r in graded for g in r.hand_grades if g.name == grade_id]
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


def _count_stopped(results: Sequence[SubmissionResult]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for result in results:
        hit = {str(test.verdict) for test in result.tests if test.verdict in STOPPED}
        counts.update(hit | set(result.limits_hit))
    return tuple(counts.most_common())


def _ranked(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(values).most_common())
