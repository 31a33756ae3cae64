"""The result of one test, from how it ended and why the function is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from autograder.assignment import AssignmentCell
from autograder.examiner import TestOutcome
from autograder.examiner.messages import FAILURES, HIDDEN_FAILED
from autograder.grading.test_plan import Place, TestPlan
from autograder.misconceptions.diagnosed import Diagnosis
from autograder.verdicts import Finding, TestResult, Verdict


def test_result(
    cell: AssignmentCell,
    outcome: TestOutcome,
    found: Diagnosis | None,
    cluster: str,
    example: str,
    questions: Mapping[str, str],
) -> TestResult:
    """The result of the test `cell`.

    Parameters
    ----------
    found : Diagnosis or None
    cluster, example : str
        Whom a failure without a name is grouped with, and the function without names; "" for none.
    questions : mapping of str to str
        What tests ask, by the last word of their grade id.
    """
    grade_id = cell.grade_id or ""
    return TestResult(
        grade_id,
        outcome.score,
        cell.points,
        outcome.verdict,
        outcome.message,
        misconception=found.id if found else None,
        hint=found.hint if found else "",
        teacher_note=found.teacher_note if found else "",
        why=found.why if found else "",
        experiment=found.experiment if found else "",
        unnamed=found is not None and not found.is_named,
        cluster=cluster,
        example=example,
        further=tuple(
            Finding(other.id, other.hint, other.teacher_note) for other in (found.further if found else ())
        ),
        notes=outcome.notes,
        inside=outcome.inside,
        hidden=outcome.hidden,
        open=outcome.verdict is Verdict.INTERNAL_ERROR,
        question=questions.get(grade_id.rpartition("_")[2], ""),
    )


test_result.__test__ = False  # type: ignore[attr-defined]  # not a test, for all its name


def judged(outcome: TestOutcome, planned: TestPlan | None) -> TestOutcome:
    """The outcome; a test that fails by itself, and does not with the instructor's solution, was made to.

    >>> own = TestOutcome(Verdict.INTERNAL_ERROR, 0.0, "The test cell itself failed: ...")
    >>> str(judged(own, None).verdict), str(judged(own, TestPlan("t1", Place.OUTSIDE)).verdict)
    ('internal-error', 'wrong-answer')
    """
    if outcome.verdict is not Verdict.INTERNAL_ERROR or planned is None or planned.place is Place.NEITHER:
        return outcome
    message = outcome.message.replace("The test cell itself failed:", "The test could not use the result:")
    if outcome.hidden:
        message = message.replace(FAILURES[Verdict.INTERNAL_ERROR]("this test"), HIDDEN_FAILED)
    return replace(outcome, verdict=Verdict.WRONG_ANSWER, message=message)
