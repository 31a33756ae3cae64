"""A result with what people did in the gradebook: hand grades, overridden tests, comments, penalty, names.

Points belong to the text that they were given for. Where a student has handed in another text since, they
are a proposal: named, shown, and not counted until a person gives points for the new text.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Mapping
from typing import Any

from autograder.pages import date_text, span_text
from autograder.verdicts import HandGrade, SubmissionResult, TestResult, cell_name

_SECONDS_LATE_MAX = 10 * 365 * 86400.0


def merge(
    result: SubmissionResult, notebooks: Mapping[str, Any], outdated: Collection[str] = frozenset()
) -> SubmissionResult:
    """`result` with what nbgrader's `SubmittedNotebook`s say.

    Parameters
    ----------
    notebooks : mapping of str to SubmittedNotebook
        By the name under which its cells stand in the result: "" for an assignment's only one.
    outdated : collection of str
        Names of cells whose points were given for another text than the present one.
    """
    grades = {cell_name(name, grade.name): grade for name, one in notebooks.items() for grade in one.grades}
    proposed = {name for name, grade in grades.items() if name in outdated and is_proposal(grade)}
    written = {cell_name(name, one.name): one for name, book in notebooks.items() for one in book.comments}
    comments = {name: comment.comment or "" for name, comment in written.items()}
    submission = next(iter(notebooks.values())).assignment
    penalty = sum(float(one.late_submission_penalty or 0.0) for one in notebooks.values())
    not_counted = sum(float(grades[name].score) - float(grades[name].auto_score or 0.0) for name in proposed)
    return dataclasses.replace(
        result,
        tests=tuple(_merge_test(test, grades, proposed) for test in result.tests),
        hand_grades=tuple(_merge_hand(hand, grades, proposed, comments) for hand in result.hand_grades),
        flags=(*result.flags, *(_asked(name, grades[name]) for name in grades if name in proposed)),
        score=sum(float(one.score) for one in notebooks.values()) - not_counted - penalty,
        late_seconds=min(float(submission.total_seconds_late), _SECONDS_LATE_MAX),
        late_penalty=penalty,
        late_because=late_because(submission),
        first_name=submission.student.first_name or "",
        last_name=submission.student.last_name or "",
        email=submission.student.email or "",
        comments={
            name: comment.manual_comment
            for name, comment in written.items()
            if comment.manual_comment and name not in {hand.name for hand in result.hand_grades}
        },
    )


def late_because(submission: Any) -> str:
    """When nbgrader's `SubmittedAssignment` was due, with which extra days, and when it came.

    "" where it is not late, or no due date or time is known.
    """
    due, came, extra = submission.assignment.duedate, submission.timestamp, submission.extension
    if due is None or came is None or submission.total_seconds_late <= 0:
        return ""
    more = f", with {span_text(extra.total_seconds())} more until {_moment(due + extra)}" if extra else ""
    return f"due {_moment(due)}{more}; handed in {_moment(came)}"


def _moment(time: datetime.datetime) -> str:
    return date_text(time.replace(tzinfo=datetime.UTC).isoformat())


def is_proposal(grade: Any) -> bool:
    """Whether a person's points wait for a person's word (formgrader: *Mark as graded*)."""
    return bool(grade.needs_manual_grade) and (grade.manual_score is not None or bool(grade.extra_credit))


def _asked(name: str, grade: Any) -> str:
    return (
        f"{name}: {_points(grade)} by hand were given for an earlier text; read the new one, and give "
        "points or "
        "press Mark as graded in formgrader. They do not count until then."
    )


def _points(grade: Any) -> str:
    points = float(grade.score)
    return f"{points:g} point{'s' * (points != 1)}"


def _merge_test(test: TestResult, grades: Mapping[str, Any], proposed: Collection[str]) -> TestResult:
    grade = grades.get(test.name)
    if grade is None or (grade.manual_score is None and not grade.extra_credit):
        return test
    if test.name in proposed:
        return dataclasses.replace(test, proposal=float(grade.score))
    note = f"A person set this to {grade.score:g} points."
    return dataclasses.replace(test, score=float(grade.score), open=False, notes=(*test.notes, note))


def _merge_hand(
    hand: HandGrade, grades: Mapping[str, Any], proposed: Collection[str], comments: Mapping[str, str]
) -> HandGrade:
    grade = grades.get(hand.name)
    if grade is None:
        return hand
    if hand.name in proposed:
        return dataclasses.replace(hand, score=None, proposal=float(grade.score))
    given = grade.manual_score is not None or grade.auto_score is not None or bool(grade.extra_credit)
    comment = comments.get(hand.name, "")
    return dataclasses.replace(hand, score=float(grade.score) if given else None, comment=comment)
