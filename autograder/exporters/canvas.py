"""Canvas: the gradebook CSV that Canvas imports (Grades, Import).

Takes Canvas's own export as the roster and gives back its columns of people and one column of points.
Facts of Canvas's importer that this file respects: a column heading that is not exactly one it knows
becomes a new assignment, so only a heading of the roster is ever written; an empty cell erases the grade
that stands there, so students without a score get no row; the row "Points Possible" changes the
assignment's points, so it repeats what the roster says or stays out. Source: canvas-lms,
lib/gradebook_importer.rb and lib/gradebook_exporter.rb.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from autograder.exporters import Export, ExportError
from autograder.exporters.people import Roster, match, read_roster, with_score
from autograder.exporters.tables import Cell, number_text, write_table
from autograder.verdicts import SubmissionResult

PEOPLE = (
    "Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account",
    "Section",
)  # fmt: skip
KEYS = ("ID", "SIS User ID", "SIS Login ID")
HEADING = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)
POINTS_ROW = "Points Possible"


def export(
    results: Sequence[SubmissionResult],
    assignment: str,
    roster_text: str,
    column: str | None = None,
    *,
    scale: bool = False,
) -> Export:
    """The file to import, `canvas-ASSIGNMENT.csv`.

    Parameters
    ----------
    results : sequence of SubmissionResult
    assignment : str
        Our name of it, which is also the title looked for when `column` is None.
    roster_text : str
        Canvas's own export (Grades, Export), as text.
    column : str, optional
        The assignment in Canvas: its heading, its title, or its number.
    scale : bool
        Convert scores when Canvas counts other points than the assignment has.

    Raises
    ------
    ExportError
        The roster is not Canvas's, no single column fits, or the points differ and `scale` is off.
    """
    roster = read_roster(roster_text)
    if roster.column("ID") is None or roster.column("Section") is None:
        raise ExportError(
            f"the roster is not an export of Canvas's gradebook: it has no column ID or Section, but "
            f"{', '.join(roster.header[:6])}. In Canvas: Grades, Export, Export Entire Gradebook."
        )
    heading = find_heading(roster, column or assignment)
    people = [title for title in PEOPLE if roster.column(title) is not None]
    points_row = next((row for row in roster.rows if POINTS_ROW in row[0]), None)
    students = Roster(
        roster.header, tuple(row for row in roster.rows if any(roster.cell(row, key) for key in KEYS))
    )
    scored, notes = with_score(results)
    matched, unmatched = match([result for result, _ in scored], students, KEYS)
    canvas_points = _number(roster.cell(points_row, heading)) if points_row else None
    told = roster.cell(points_row, heading) if points_row else ""
    if told and canvas_points is None:
        notes += (
            f"Canvas's points possible, {told!r}, could not be read, so they were not compared with ours.",
        )
    factor = _factor(scored, canvas_points, heading, scale)
    rows: list[list[Cell]] = []
    if points_row and canvas_points is not None:
        rows.append([points_row[0], *[""] * (len(people) - 1), canvas_points])
    for number, row in enumerate(students.rows):
        if number in matched and (score := matched[number].score) is not None:
            cells = [roster.cell(row, title) for title in people]
            rows.append([*cells, number_text(round(score * factor, 2))])
    text = write_table([*people, heading], rows)
    said = f"{len(matched)} score{'s' * (len(matched) != 1)} for {heading!r}."
    return Export({f"canvas-{assignment}.csv": text.encode()}, (said, *notes, *unmatched))


def find_heading(roster: Roster, wanted: str) -> str:
    """The roster's heading that `wanted` means: the heading itself, its number, or its title.

    Raises
    ------
    ExportError
        None fits, or more than one does; the text lists what there is.
    """
    headings = [title for title in roster.header if HEADING.fullmatch(title)]
    wanted = wanted.strip()
    tests = (
        lambda title: title == wanted,
        lambda title: _part(title, "id") == wanted.strip("()"),
        lambda title: _part(title, "title").casefold() == wanted.casefold(),
    )
    for test in tests:
        found = [title for title in headings if test(title)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ExportError(
                f"{wanted!r} could be any of {', '.join(map(repr, found))}. Name one by its number: "
                f"--column {_part(found[0], 'id')}"
            )
    near = difflib.get_close_matches(wanted, headings, n=3, cutoff=0.3) or headings[:5]
    listed = ", ".join(map(repr, near)) if near else "none"
    raise ExportError(
        f"Canvas has no assignment {wanted!r}; importing it would make a new one. Assignments in the roster: "
        f"{listed}. Make it in Canvas first and export the gradebook again, or name one with --column."
    )


def _part(heading: str, name: str) -> str:
    found = HEADING.fullmatch(heading)
    return found[name] if found else ""


def _factor(
    scored: Sequence[tuple[SubmissionResult, float]], canvas_points: float | None, heading: str, scale: bool
) -> float:
    ours = max([result.max_score or 0.0 for result, _ in scored], default=0.0)
    if canvas_points is None or not ours or canvas_points == ours:
        return 1.0
    if not scale:
        raise ExportError(
            f"{heading!r} counts {number_text(canvas_points)} points in Canvas, the assignment has "
            f"{number_text(ours)}. Change the points in Canvas and export the gradebook again, or convert "
            "with --scale."
        )
    return canvas_points / ours


def _number(text: str) -> float | None:
    """The number that Canvas or a spreadsheet wrote, whichever sign groups its thousands.

    >>> _number("1,500.00"), _number("1.500,00"), _number("1 500"), _number("12,5"), _number("ten")
    (1500.0, 1500.0, 1500.0, 12.5, None)
    """
    digits = re.sub(r"[\s'\u2019]", "", text)
    signs = re.findall(r"[.,]", digits)
    is_grouped = re.fullmatch(r"-?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*", digits) is not None
    if len(signs) > 1 and not is_grouped:  # the last sign is the decimal one
        digits = re.sub(r"[.,](?=.*[.,])", "", digits)
    elif is_grouped and signs != ["."]:
        digits = re.sub(r"[.,]", "", digits)
    try:
        return float(digits.replace(",", "."))
    except ValueError:
        return None
