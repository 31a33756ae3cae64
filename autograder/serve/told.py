"""What a student is told of a result: everything, or before the deadline only what visible checks found.

A service that tells at once how hidden checks end would be an oracle for them. So a test with a hidden part
is told before the deadline only where its visible part failed. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from autograder.assignment import Assignment, Role
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict, cell_name

LATER = "later"  # in place of a verdict: it is told after the deadline


def partly_hidden(notebooks: Collection[Assignment]) -> frozenset[str]:
    """Names of the tests of which students do not get the whole text."""
    return frozenset(
        cell_name(one.notebook if len(notebooks) > 1 else "", cell.grade_id or "")
        for one in notebooks
        for cell in one.cells
        if cell.role is Role.TEST and cell.stored_source != cell.released_source
    )


def is_told_later(test: TestResult, hidden: Collection[str]) -> bool:
    """Whether how it ended says something of a hidden part.

    >>> passed = TestResult("values", 5.0, 5.0, Verdict.PASSED)
    >>> is_told_later(passed, {"values"}), is_told_later(passed, set())
    (True, False)
    >>> failed = TestResult("values", 0.0, 5.0, Verdict.WRONG_ANSWER)
    >>> is_told_later(failed, {"values"})  # its visible part failed
    False
    """
    if test.name not in hidden:
        return False
    return test.hidden or test.inside or test.verdict in (Verdict.PASSED, Verdict.PARTIAL)


def told_result(result: SubmissionResult, hidden: Collection[str], *, everything: bool) -> dict[str, Any]:
    """The result as JSON for the student whose it is."""
    later = [] if everything else [test for test in result.tests if is_told_later(test, hidden)]
    graded = result.status is Status.GRADED
    told = [test for test in result.tests if test not in later]
    score = result.score if everything else sum(test.score for test in told)
    most = result.max_score if everything else sum(test.max_score for test in told)
    return {
        "status": str(result.status),
        "reason": result.reason if result.status is Status.REJECTED else "",
        "told": "all" if everything else "visible",
        "sentence": _sentence(result, later, told),
        "score": score if graded else None,
        "max_score": most if graded else None,
        "tests": list(_tests(result.tests, later)) if graded else [],
    }


def _tests(tests: Iterable[TestResult], later: Collection[TestResult]) -> Iterable[dict[str, Any]]:
    for test in tests:
        if test in later:
            yield {
                "name": test.name,
                "question": test.question,
                "verdict": LATER,
                "message": "",
                "hint": "",
                "score": None,
                "max_score": test.max_score,
            }
        else:
            yield {
                "name": test.name,
                "question": test.question,
                "verdict": test.told_verdict,
                "message": test.told_message,
                "hint": test.advice,
                "score": None if test.open else test.score,
                "max_score": test.max_score,
            }


def _sentence(result: SubmissionResult, later: Collection[TestResult], told: Collection[TestResult]) -> str:
    """What happened, in one or two sentences."""
    if result.status is Status.REJECTED:
        return f"Your notebook could not be read: {result.reason}"
    if result.status is Status.INTERNAL_ERROR:
        return (
            "The grader failed on your notebook. It is kept, this costs you no try, and your instructor sees "
            "it."
        )
    good = sum(test.score >= test.max_score for test in told)
    words = f"{good} of {len(told)} test{'s' * (len(told) != 1)} passed." if told else ""
    if later:
        number = len(later)
        what = "more" if told else "test" + "s" * (number != 1)
        words += (
            f" {number} {what} {'has' if number == 1 else 'have'} passed what you can see of "
            f"{'it' if number == 1 else 'them'}; how {'its' if number == 1 else 'their'} hidden part"
            f"{'' if number == 1 else 's'} ended is told after the deadline."
        )
    return words.strip()
