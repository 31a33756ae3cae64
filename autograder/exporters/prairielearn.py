"""PrairieLearn: `results.json` of an external grader, one a student.

The score is a share of 1. What was rejected is `gradable: false` with its reason, which costs no attempt;
what failed on our side is too, and says so. The file stays under PrairieLearn's 1 MB. Source:
PrairieLearn, docs/externalGrading.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from autograder.exporters import Export
from autograder.untrusted.text import shown_unseen, shown_unseen_in
from autograder.verdicts import Status, SubmissionResult, TestResult

MOST_CHARACTERS = 8_000  # of one message, so that a page of tests stays far under 1 MB


def export(results: Sequence[SubmissionResult]) -> Export:
    """One `STUDENT/results.json` for each."""
    files = {
        f"{result.student}/results.json": json.dumps(results_document(result), indent=1).encode()
        for result in results
    }
    return Export(files)


def results_document(result: SubmissionResult) -> dict[str, Any]:
    """The document that the element `<pl-external-grader-results>` shows."""
    if result.status is not Status.GRADED or result.score is None:
        ours = "The grader failed; this is not your fault. Ask your instructor to grade again."
        reason = result.reason if result.status is Status.REJECTED else ours
        said = shown_unseen(reason) or "The submission cannot be graded."
        return {"gradable": False, "format_errors": [said]}
    document = {
        "gradable": True,
        "score": min(1.0, max(0.0, result.score / result.max_score)) if result.max_score else 0.0,
        "message": "\n".join(
            filter(None, [_message(result), *(f"{name}: {text}" for name, text in result.comments.items())])
        )[:MOST_CHARACTERS],
        "output": "\n".join(result.flags)[:MOST_CHARACTERS],
        "tests": [_test(test) for test in result.tests]
        + [
            {
                "name": grade.name,
                "description": "graded by hand",
                "points": grade.score or 0.0,
                "max_points": grade.max_score,
                "message": grade.comment[:MOST_CHARACTERS],
                "output": "",
            }
            for grade in result.hand_grades
        ],
    }
    return shown_unseen_in(document)


def _message(result: SubmissionResult) -> str:
    if result.open_points:
        return f"{result.open_points:g} points open: the grader failed there, and a person gives them."
    return "A person still grades a written answer." if result.needs_manual_grade else ""


def _test(test: TestResult) -> dict[str, Any]:
    return {
        "name": test.name,
        "description": test.told_verdict,
        **({} if test.open else {"points": test.score, "max_points": test.max_score}),
        "message": (test.advice or test.told_message)[:MOST_CHARACTERS],
        "output": test.told_message[:MOST_CHARACTERS] if test.advice else "",
    }
