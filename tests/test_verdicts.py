"""Results as data: what is written reads back equal."""

from __future__ import annotations

import json

from autograder.verdicts import (
    HandGrade,
    Status,
    SubmissionResult,
    TestResult,
    Verdict,
    results_document,
)

RESULT = SubmissionResult(
    student="ada",
    assignment="initialization",
    status=Status.GRADED,
    score=42.5,
    max_score=100.0,
    seconds=0.75,
    isolation="full",
    tests=(
        TestResult(
            "he_values", 0.0, 15.0, Verdict.WRONG_ANSWER, "W2 differs", "factor-xavier", "Look.", "Xavier."
        ),
        TestResult("zeros_values", 5.0, 5.0, Verdict.PASSED, notes=("W1 is an np.matrix",)),
    ),
    hand_grades=(
        HandGrade("observations_he", None, 10.0),
        HandGrade("observations_random", 7.0, 10.0, "Good."),
    ),
    flags=("code typed into a locked cell",),
    limits_hit=("timeout",),
    late_seconds=60.0,
    late_penalty=1.0,
    fingerprint="abc",
    versions={"numpy": "2.4.6"},
)


def test_a_result_written_as_json_reads_back_equal() -> None:
    assert SubmissionResult.from_dict(json.loads(json.dumps(RESULT.to_dict()))) == RESULT


def test_a_key_of_a_later_version_is_left_out_on_reading() -> None:
    data = RESULT.to_dict() | {"mood": "sunny"}
    assert SubmissionResult.from_dict(data) == RESULT


def test_an_ungraded_written_answer_waits_for_a_person() -> None:
    assert RESULT.needs_manual_grade


def test_a_written_answer_that_got_zero_points_waits_no_longer() -> None:
    graded = SubmissionResult(
        "ada", "initialization", Status.GRADED, hand_grades=(HandGrade("observations_he", 0.0, 10.0),)
    )
    assert not graded.needs_manual_grade


def test_the_json_document_has_the_keys_that_automation_reads() -> None:
    document = results_document("initialization", [RESULT])
    assert (document["schema_version"], document["assignment"]) == (1, "initialization")
    [submission] = document["submissions"]
    promised = [
        "student",
        "status",
        "reason",
        "score",
        "max_score",
        "needs_manual_grade",
        "seconds",
        "isolation",
        "reused",
        "tests",
    ]
    assert [key for key in promised if key not in submission] == []
    promised_of_a_test = ["grade_id", "score", "max_score", "verdict", "message", "misconception"]
    assert [key for key in promised_of_a_test if key not in submission["tests"][0]] == []


def test_the_verdicts_are_the_eleven_that_are_documented() -> None:
    assert [str(verdict) for verdict in Verdict] == [
        "passed",
        "partial",
        "wrong-answer",
        "raised",
        "memory",
        "crashed",
        "timeout",
        "too-much-output",
        "not-found",
        "bad-type",
        "internal-error",
    ]
