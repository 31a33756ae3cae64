"""How a class did on each test: counts, ranked mistakes, and points lost without a name.

Pure: results in, figures out. Examples of mistakes carry no name: a student's id, names and address are taken
out of the text first.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.pages.feedback import student_name
from autograder.verdict_words import VERDICT_WORDS
from autograder.verdicts import Finding, SubmissionResult, TestResult, Verdict


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


def summarize_tests(tests: Sequence[tuple[SubmissionResult, TestResult]]) -> tuple[TestSummary, ...]:
    """How the class did on each test, in the order of the assignment."""
    groups: dict[str, list[TestResult]] = {}
    for _, test in tests:
        groups.setdefault(test.name, []).append(test)
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


def summarize_mistakes(
    tests: Sequence[tuple[SubmissionResult, TestResult]], graded: int
) -> tuple[MistakeSummary, ...]:
    """Recognised mistakes, most frequent first."""
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
            tests=tuple(dict.fromkeys(test.name for _, test in group)),
            teacher_note=notes[name],
            example=_usual_message(group),
        )
        for name, group in groups.items()
    ]
    return tuple(sorted(summaries, key=lambda mistake: (-mistake.students, mistake.id)))


def summarize_unrecognized(
    tests: Sequence[tuple[SubmissionResult, TestResult]],
) -> tuple[UnrecognizedSummary, ...]:
    """Lost points without a name, most frequent first."""
    groups: dict[tuple[str, Verdict, str], list[tuple[SubmissionResult, TestResult]]] = {}
    for result, test in tests:
        is_named = test.misconception and not test.unnamed
        if not is_named and test.verdict not in (Verdict.PASSED, Verdict.INTERNAL_ERROR):
            groups.setdefault((test.name, test.verdict, test.cluster), []).append((result, test))
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


def _usual_message(group: Sequence[tuple[SubmissionResult, TestResult]]) -> str:
    messages = Counter(anonymized(test.message, result) for result, test in group if test.message)
    return messages.most_common(1)[0][0] if messages else ""
