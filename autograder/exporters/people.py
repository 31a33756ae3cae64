"""Who of a roster is who of the results: matched by what identifies a person, never by name.

A student whose ids point at two different rows, or a row that two students point at, is matched with
nobody: a grade in the wrong place is worse than a missing one. Used by `canvas` and `moodle`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.exporters import ExportError
from autograder.exporters.tables import read_table
from autograder.verdicts import Status, SubmissionResult


@dataclass(frozen=True)
class Roster:
    """A table of people: the header, and rows as long as it."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> int | None:
        """Place of the column called `name`, whatever its case, or None."""
        names = [title.strip().casefold() for title in self.header]
        return names.index(name.casefold()) if name.casefold() in names else None

    def cell(self, row: Sequence[str], name: str) -> str:
        """The row's text under `name`, "" without that column."""
        place = self.column(name)
        return "" if place is None else row[place].strip()


def read_roster(text: str) -> Roster:
    """The roster in CSV text.

    Raises
    ------
    ExportError
        It has no rows.
    """
    table = read_table(text)
    if len(table) < 2:
        raise ExportError("the roster is empty: expected a CSV with a header and a row a student.")
    header = tuple(title.strip() for title in table[0])
    wide = len(header)
    return Roster(header, tuple(tuple((row + [""] * wide)[:wide]) for row in table[1:]))


def match(
    results: Sequence[SubmissionResult], roster: Roster, keys: Sequence[str]
) -> tuple[dict[int, SubmissionResult], tuple[str, ...]]:
    """Row number -> result, and a note for everyone who matches no row or not just one.

    Parameters
    ----------
    results : sequence of SubmissionResult
    roster : Roster
    keys : sequence of str
        Columns that identify a person; a student's id, and then their address, is looked up in all of them.
    """
    places: dict[str, set[int]] = {}
    for number, row in enumerate(roster.rows):
        for key in keys:
            if value := roster.cell(row, key).casefold():
                places.setdefault(value, set()).add(number)
    matched: dict[int, SubmissionResult] = {}
    notes, taken = [], set()
    for result in results:
        found = places.get(result.student.casefold()) or places.get(result.email.casefold(), set())
        if not found:
            notes.append(
                f"{result.student}: in no row of the roster (looked in {', '.join(keys)}); left out."
            )
        elif len(found) > 1:
            notes.append(f"{result.student}: matches {len(found)} rows of the roster; left out.")
        else:
            (number,) = found
            if number in matched or number in taken:
                other = matched.pop(number, None)
                taken.add(number)
                named = [other.student, result.student] if other else [result.student]
                notes += [f"{name}: another student matches the same row; left out." for name in named]
            else:
                matched[number] = result
    return matched, tuple(notes)


def with_score(
    results: Sequence[SubmissionResult],
) -> tuple[list[tuple[SubmissionResult, float]], tuple[str, ...]]:
    """Results that have a score, and notes on the others and on provisional ones."""
    scored, notes = [], []
    for result in results:
        if result.status is Status.GRADED and result.score is not None:
            scored.append((result, result.score))
        else:
            notes.append(
                f"{result.student}: {result.status}, has no score; left out. {result.reason}".strip()
            )
    notes += provisional_notes([result for result, _ in scored])
    notes += [
        f"{result.student}: {result.open_points:g} points open, because the grader failed on a test."
        for result, _ in scored
        if result.open_points
    ]
    return scored, tuple(notes)


def provisional_notes(results: Sequence[SubmissionResult]) -> tuple[str, ...]:
    """A note on how many of the scores a person can still change; () where none."""
    provisional = [result for result in results if result.needs_manual_grade]
    if not provisional:
        return ()
    undecided = ", or a test is undecided" if any(result.open_points for result in provisional) else ""
    return (
        f"{len(provisional)} score{'s are' if len(provisional) > 1 else ' is'} provisional: a written "
        f"answer is not graded yet{undecided}. --finished-only leaves them out.",
    )
