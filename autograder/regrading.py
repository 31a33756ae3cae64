"""What grading again changed: points and words, per student and test. Pure: results in, words out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.exporters.tables import Cell, number_text, write_table
from autograder.verdicts import Status, SubmissionResult

_MOST_TESTS = 3  # named in one line
HEADER = ("student", "test", "before", "after")


@dataclass(frozen=True)
class Change:
    """What changed for one student.

    Attributes
    ----------
    before, after : float or None
        All points, hand grades and penalties included; None without a score.
    tests : mapping of str to (float or None, float or None)
        Grade id -> points before and after; None where the test was not there.
    """

    student: str
    before: float | None
    after: float | None
    tests: Mapping[str, tuple[float | None, float | None]]


def changes(
    before: Mapping[str, SubmissionResult],
    after: Mapping[str, SubmissionResult],
    merged: Iterable[SubmissionResult],
) -> list[Change]:
    """What changed for whom, by student; who was not graded before is left out.

    Parameters
    ----------
    before, after : mapping of str to SubmissionResult
        Student -> the stored result, without what people gave.
    merged : iterable of SubmissionResult
        The results after, with what people gave: a test that a person set has not changed.
    """
    found = []
    for result in merged:
        old, new = before.get(result.student), after.get(result.student)
        if old is None or new is None:
            continue
        shown = {test.name: test.score for test in result.tests}
        was, now = ({test.name: test.score for test in one.tests} for one in (old, new))
        tests = {
            name: (was.get(name), now.get(name))
            for name in dict.fromkeys([*was, *now])
            if was.get(name) != now.get(name) and shown.get(name) == now.get(name)
        }
        both_graded = old.status is new.status is Status.GRADED and result.score is not None
        difference = sum((later or 0.0) - (earlier or 0.0) for earlier, later in tests.values())
        earlier_score = result.score - difference if both_graded and result.score is not None else old.score
        if tests or old.status is not new.status:
            found.append(Change(result.student, earlier_score, result.score, tests))
    return sorted(found, key=lambda change: change.student)


def reworded(before: Mapping[str, SubmissionResult], after: Mapping[str, SubmissionResult]) -> list[str]:
    """Who may now read something else than before, of those with a result in both.

    Another hint of the course's own catalogue changes no points, and makes a page old all the same.
    """
    both = sorted(before.keys() & after.keys())
    return [student for student in both if _words(before[student]) != _words(after[student])]


def change_lines(found: Sequence[Change], graded_again: int) -> list[str]:
    """What to tell a person: a summary, then a line a student.

    >>> change_lines([Change("ada", 75.0, 80.0, {"he_seed": (0.0, 5.0)})], 3)
    ['Points changed for 1 of the 3 graded again:', '  ada  75 -> 80  (he_seed 0 -> 5)']
    """
    if not found:
        return [f"No points changed for the {graded_again} graded again."] if graded_again else []
    width = max(len(change.student) for change in found)
    lines = [f"Points changed for {len(found)} of the {graded_again} graded again:"]
    for change in found:
        tests = [f"{name} {_arrow(*points)}" for name, points in change.tests.items()]
        more = [f"{len(tests) - _MOST_TESTS} more"] * (len(tests) > _MOST_TESTS)
        said = ", ".join([*tests[:_MOST_TESTS], *more])
        lines.append(f"  {change.student:<{width}}  {_arrow(change.before, change.after)}  ({said})")
    return [line.removesuffix("  ()") for line in lines]


def change_table(found: Sequence[Change]) -> str:
    """The same as CSV: a row for the total (test `all`) and one for each test."""
    rows: list[list[Cell]] = []
    for change in found:
        rows.append([change.student, "all", change.before, change.after])
        rows += [[change.student, name, *points] for name, points in change.tests.items()]
    return write_table(HEADER, rows)


def _words(result: SubmissionResult) -> list[tuple[object, ...]]:
    return [
        (test.name, test.told_verdict, test.told_message, test.advice, test.notes, test.open, test.inside)
        for test in result.tests
    ]


def _arrow(before: float | None, after: float | None) -> str:
    return f"{_points(before)} -> {_points(after)}"


def _points(points: float | None) -> str:
    return "none" if points is None else number_text(points)
