"""Points and comments that people gave for cells that are gone from the notebook: kept in a table.

The gradebook has no place for a cell that the notebook lacks. What people gave there goes to
`reports/ASSIGNMENT/removed_points.csv` before it leaves the gradebook.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from autograder.course import Course
from autograder.exporters.tables import Cell, read_table, write_table
from autograder.storage import write_whole

_MOST_NAMED = 5  # cells in one sentence


@dataclass(frozen=True)
class RemovedWork:
    """What a person gave one student for one cell; the points are "" where only a comment was written."""

    student: str
    notebook: str
    cell: str
    points: str
    extra_credit: str
    points_possible: str
    comment: str


def removed_path(course: Course, assignment: str) -> Path:
    """Where the table lies."""
    return course.root / "reports" / assignment / "removed_points.csv"


def keep_removed(course: Course, assignment: str, work: Iterable[RemovedWork]) -> None:
    """Add `work` to the table; what stands there already is not written twice.

    Raises
    ------
    StorageError
        The disk does not take it.
    """
    kept = read_removed(course, assignment)
    rows: list[tuple[Cell, ...]] = [astuple(one) for one in dict.fromkeys([*kept, *work])]
    header = [field.name for field in fields(RemovedWork)]
    write_whole(removed_path(course, assignment), write_table(header, rows).encode("utf-8-sig"))


def read_removed(course: Course, assignment: str) -> list[RemovedWork]:
    """What the table holds; nothing where there is none."""
    try:
        _, *rows = read_table(removed_path(course, assignment).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [RemovedWork(*row) for row in rows if len(row) == len(fields(RemovedWork))]


def removed_sentence(course: Course, assignment: str) -> str:
    """Which cells are gone and where their points are, as long as the table is there; "" without one."""
    work = read_removed(course, assignment)
    if not work:
        return ""
    cells = sorted({one.cell for one in work})
    named = ", ".join(cells[:_MOST_NAMED]) + (" and others" if len(cells) > _MOST_NAMED else "")
    students = len({one.student for one in work})
    return (
        f"Points and comments that people gave {students} student{'s' * (students != 1)} for cells that are "
        f"gone ({named}) no longer count and are kept in {removed_path(course, assignment)}. Put the cell "
        "back and type them in again, or delete that file."
    )
