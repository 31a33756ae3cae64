"""The benchmark of the service: which verdicts it takes for equal, and what its page says."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="the service's packages are not installed (the extra `serve`)")

from autograder.course import Course
from autograder.serve.queue import serve_folder
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from benchmarks.deadline import Waited, wait_checks
from benchmarks.serve import (
    WORKERS,
    Handed,
    Judged,
    Measured,
    Setting,
    figures,
    is_same,
    judged,
    outcome_of,
    page,
)

RESULT = SubmissionResult(
    "ada",
    "initialization",
    Status.GRADED,
    score=7.0,
    max_score=10.0,
    tests=(TestResult("he", 5.0, 5.0, Verdict.PASSED), TestResult("zeros", 2.0, 5.0, Verdict.PARTIAL)),
)
TORN = dataclasses.replace(RESULT, status=Status.REJECTED, reason="It ends too early.", tests=())


def outcome(result: SubmissionResult = RESULT, **changed: Any) -> dict[str, Any]:
    return outcome_of(dataclasses.replace(result, **changed).to_dict())


def swapped(verdict: Verdict = Verdict.PARTIAL, score: float = 2.0, name: str = "zeros") -> Any:
    return (RESULT.tests[0], TestResult(name, score, 5.0, verdict))


def test_what_differs_by_time_and_student_alone_is_the_same() -> None:
    assert is_same(outcome(), outcome(student="bob", seconds=9.0, alone=True))
    assert is_same(outcome(TORN), outcome(TORN, student="bob"))


@pytest.mark.parametrize(
    "other",
    [
        outcome(tests=swapped(verdict=Verdict.WRONG_ANSWER)),
        outcome(tests=swapped(score=3.0)),
        outcome(tests=swapped(name="ones")),
        outcome(tests=RESULT.tests[:1]),
        outcome(tests=(TestResult("he", 2.0, 5.0, Verdict.PASSED), *swapped(score=5.0)[1:])),  # the same sum
        outcome(TORN),
    ],
)
def test_another_status_test_verdict_or_score_is_another_outcome(other: dict[str, Any]) -> None:
    assert not is_same(outcome(), other)


def test_what_was_not_graded_is_compared_too() -> None:
    failed = outcome(TORN, status=Status.INTERNAL_ERROR)
    assert not is_same(outcome(TORN), outcome(TORN, reason="It is no notebook."))
    assert not is_same(outcome(TORN), failed)
    assert not is_same(failed, failed)


def test_verdicts_are_read_from_what_the_service_wrote(tmp_path: Path) -> None:
    folder = serve_folder(Course(tmp_path)) / "done"
    folder.mkdir(parents=True)
    for name, second, result in (("b", 2.0, TORN), ("a", 1.0, RESULT)):
        entry = {"student": name, "accepted_at": second}
        told = result.to_dict() | {"seconds": second / 4}
        written = {"entry": entry, "result": told, "finished_at": 4.0}
        (folder / f"{name}.json").write_text(json.dumps(written), encoding="utf-8")
    assert judged(Course(tmp_path)) == [
        Judged("a", 1.0, 3.0, 0.25, outcome()),
        Judged("b", 2.0, 2.0, 0.5, outcome(TORN)),
    ]


def test_the_page_counts_equal_verdicts_and_names_the_others() -> None:
    students = {"s0": "right", "s1": "right", "s2": "torn"}
    found = [
        Judged("s0", 1.0, 3.0, 2.0, outcome()),
        Judged("s1", 2.0, 2.0, 1.5, outcome(tests=swapped(verdict=Verdict.TIMEOUT, score=0.0))),
        Judged("s2", 3.0, 1.0, 0.0, outcome(TORN)),
    ]
    handed = [Handed(student, story, 201, 0.01) for student, story in students.items()]
    alone = {"right": outcome(), "torn": outcome(TORN)}
    text = page(Measured(Setting(3, 60.0, "full"), handed, found, alone, 0.1, 0))
    assert "| verdicts equal to the undisturbed run | 2 of 3 |\n" in text
    assert "| of these could not be read, as in the undisturbed run | 1 |\n" in text
    assert (
        "- s1 (right): graded: he passed 5, zeros timeout 0; undisturbed graded: he passed 5, zeros partial "
        "2\n"
    ) in text
    assert text.count("undisturbed graded") == 1


def test_the_model_of_a_queue_is_compared_with_what_the_students_waited() -> None:
    found = [
        Judged(f"s{place}", 50.0 + place, wait_s, 2.0, outcome())
        for place, wait_s in enumerate((2.0, 3.5, 5.0))
    ]
    measured = Measured(Setting(3, 60.0, "full"), [], found, {}, 0.1, 0)
    written = figures(measured)
    assert written == {
        "workers": WORKERS,
        "arrivals_s": [0.0, 1.0, 2.0],
        "services_s": [2.0, 2.0, 2.0],
        "waits_s": [2.0, 3.5, 5.0],
    }
    assert wait_checks(Waited(**written | {"workers": 1})) == [
        "The model against waits: 3 students who handed in within 2 s (`python -m benchmarks.serve`), each "
        "with the seconds that the submission took in its worker, on 1 worker.",
        "",
        "| acceptance to verdict | simulated, s | measured, s | difference |",
        "| --- | --- | --- | --- |",
        "| median | 3.0 | 3.5 | -14 % |",
        "| 95 % | 4.0 | 5.0 | -20 % |",
        "| longest | 4.0 | 5.0 | -20 % |",
    ]
