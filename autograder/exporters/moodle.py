"""Moodle: the CSV that Moodle's gradebook imports (Grades, Import, CSV file), points and feedback together.

Moodle erases the points of rows whose feedback is imported alone, so both columns are always written. The
headings are those of Moodle's own export: `Assignment: NAME (Real)` and `Assignment: NAME (Feedback)`. In
the import form, map from `Email address` to `Email address` (or `ID number` to `ID number`), and the two
columns to the item's points and its feedback. Moodle shows feedback as HTML, so `<` and `&` are escaped.
Source: docs.moodle.org, Grade import.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from autograder.exporters import Export, ExportError
from autograder.exporters.people import match, read_roster, with_score
from autograder.exporters.tables import Cell, number_text, write_table
from autograder.untrusted.text import shown_unseen
from autograder.verdicts import SubmissionResult, Verdict

PERSON = {"email": "Email address", "id-number": "ID number"}
KEYS = ("ID number", "Email address", "Username")


def export(
    results: Sequence[SubmissionResult],
    assignment: str,
    item: str | None = None,
    by: str = "email",
    roster_text: str | None = None,
) -> Export:
    """The file to import, `moodle-ASSIGNMENT.csv`.

    Parameters
    ----------
    results : sequence of SubmissionResult
    assignment : str
    item : str, optional
        The item's name in Moodle's gradebook; by default `Assignment: ` and our name of it.
    by : {"email", "id-number"}
        What Moodle shall know people by.
    roster_text : str, optional
        Moodle's own export, where our ids are neither addresses nor id numbers; matched by id number,
        address or user name.

    Raises
    ------
    ExportError
        The roster has no column for `by`, or nobody is left.
    """
    heading = PERSON[by]
    scored, notes = with_score(results)
    found: list[tuple[str, SubmissionResult, float]] = []
    if roster_text is None:
        for result, score in scored:
            person = _own_key(result, by)
            if person:
                found.append((person, result, score))
            else:
                notes += (f"{result.student}: no e-mail address is known; left out.",)
    else:
        roster = read_roster(roster_text)
        if roster.column(heading) is None:
            raise ExportError(
                f"the roster has no column {heading!r}, but {', '.join(roster.header[:6])}. "
                "In Moodle: Grades, Export, Plain text file."
            )
        matched, unmatched = match([result for result, _ in scored], roster, KEYS)
        notes += unmatched
        found = [
            (roster.cell(roster.rows[number], heading), result, result.score or 0.0)
            for number, result in sorted(matched.items())
        ]
    if not found:
        raise ExportError(
            f"nobody can be named by {heading.lower()}. Give Moodle's own export as --roster, or add "
            "addresses to the gradebook: nbgrader db student add ID --email ADDRESS"
        )
    item = item or f"Assignment: {assignment}"
    rows: list[list[Cell]] = [
        [person, number_text(round(score, 5)), feedback_text(result)] for person, result, score in found
    ]
    text = write_table([heading, f"{item} (Real)", f"{item} (Feedback)"], rows)
    return Export({f"moodle-{assignment}.csv": text.encode()}, tuple(notes))


def feedback_text(result: SubmissionResult) -> str:
    """What the student reads in Moodle: what to look at, the hand grader's comments, or that all is right."""
    lines = []
    for test in result.tests:
        if test.verdict is not Verdict.PASSED:
            points = f"{number_text(test.score)} of {number_text(test.max_score)}"
            if test.open:
                points = f"{number_text(test.max_score)} points open"
            said = test.advice or test.told_message or test.told_verdict
            lines.append(f"{test.name} ({points}): {said}")
    lines += [
        f"{grade.name} ({number_text(grade.score or 0)} of {number_text(grade.max_score)}): {grade.comment}"
        for grade in result.hand_grades
        if grade.comment
    ]
    lines += [f"{name}: {comment}" for name, comment in result.comments.items()]
    open_points = sum(grade.max_score for grade in result.hand_grades if grade.score is None)
    if open_points:
        lines.append(f"A person has still to grade {number_text(open_points)} points.")
    if result.late_penalty:
        lines.append(f"Late: {number_text(result.late_penalty)} points are taken off.")
    return html.escape(shown_unseen("\n".join(lines)) or "All tests passed. Well done!", quote=False)


def _own_key(result: SubmissionResult, by: str) -> str:
    if by == "id-number":
        return result.student
    return result.email or (result.student if "@" in result.student else "")
