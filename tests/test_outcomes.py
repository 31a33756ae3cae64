"""Outcomes of tests as they come from another process: exactly these fields, types and bounds."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.examiner.outcomes import TestOutcome, outcome_fields, read_outcome
from autograder.sandbox.wire import WireError
from autograder.verdicts import Verdict

FAILED = TestOutcome(Verdict.WRONG_ANSWER, 0.0, "no", "x\n", ("a note",), ("f",), hidden=True)


FINE = [FAILED, TestOutcome(Verdict.PARTIAL, 1.5), TestOutcome(Verdict.PASSED, 2.0)]


@pytest.mark.parametrize("outcome", FINE)
def test_an_outcome_comes_back_as_it_was(outcome: TestOutcome) -> None:
    assert read_outcome(outcome_fields(outcome), points=2.0) == outcome


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "splendid"},
        {"verdict": 1},
        {"score": 1.0},
        {"score": float("nan")},
        {"score": True},
        {"verdict": "passed", "score": 1.5},
        {"verdict": "passed", "score": 2.5},
        {"verdict": "partial", "score": -0.5},
        {"message": ["no"]},
        {"message": "x" * 200_001},
        {"notes": "a note"},
        {"notes": [1]},
        {"functions": ["f"] * 2_001},
        {"hidden": 1},
        {"more": 1},
    ],
)
def test_what_is_no_outcome_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        read_outcome(outcome_fields(FAILED) | change, points=2.0)


@pytest.mark.parametrize("fields", [None, [], "passed", {"verdict": "passed"}])
def test_what_has_not_the_fields_of_an_outcome_is_refused(fields: object) -> None:
    with pytest.raises(WireError, match="other fields than one has"):
        read_outcome(fields, points=2.0)
