"""The assignment in nbgrader's gradebook: its cells and points as the instructor's notebook now has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.course import Course
from autograder.nbgrader_bridge.database import GradebookError, gradebook_name
from autograder.nbgrader_bridge.patches import importing_nbgrader

with importing_nbgrader():
    from nbgrader.api import Gradebook, MissingEntry


def register(book: Gradebook, course: Course, assignment: Assignment, course_id: str) -> None:
    """Make the gradebook know the assignment's present cells and points.

    Raises
    ------
    GradebookError
        There are submissions of the assignment with other cells.
    """
    name = assignment.name
    by_kind = _cells_by_kind(assignment)
    book.update_or_create_assignment(name, course_id=course_id)
    try:
        notebook = book.find_notebook(name, name)
    except MissingEntry:
        notebook = book.add_notebook(name, name, kernelspec=_kernelspec(assignment))
    known = {kind: {cell.name for cell in getattr(notebook, f"{kind}_cells")} for kind in by_kind}
    wanted = {kind: set(cells) for kind, cells in by_kind.items()}
    if known != wanted and notebook.submissions:
        raise GradebookError(
            f"{gradebook_name(course)} has submissions of {name!r} with other cells than the "
            f"instructor's notebook now has ({_difference(known, wanted)}). Put the cells back, or back "
            f"up the gradebook and run `nbgrader db assignment remove {name} --force`."
        )
    stored = {cell.name: (cell.source, cell.cell_type, cell.locked) for cell in notebook.source_cells}
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    if known == wanted and all(_is_stored(cell, stored, points) for cell in assignment.cells):
        return
    if known != wanted and any(known.values()):
        book.remove_notebook(name, name)
        book.add_notebook(name, name, kernelspec=_kernelspec(assignment))
    for kind, cells in by_kind.items():
        update = getattr(book, f"update_or_create_{kind}_cell")
        for grade_id, fields in cells.items():
            update(grade_id, name, name, **fields)


def _kernelspec(assignment: Assignment) -> str:
    return json.dumps(assignment.notebook_metadata.get("kernelspec", {}))


def _cells_by_kind(assignment: Assignment) -> dict[str, dict[str, dict[str, Any]]]:
    """What nbgrader keeps of the instructor's cells: kind -> grade id -> fields."""
    kinds: dict[str, dict[str, dict[str, Any]]] = {"grade": {}, "solution": {}, "task": {}, "source": {}}
    for cell in assignment.cells:
        if cell.grade_id is None:
            continue
        graded = {"max_score": cell.points, "cell_type": cell.cell_type}
        by_hand = cell.role is Role.TASK_BY_HAND
        if cell.is_task:
            kinds["task"][cell.grade_id] = graded
        elif cell.role is Role.TEST or by_hand:
            kinds["grade"][cell.grade_id] = graded
        if cell.role is Role.SOLUTION or (by_hand and not cell.is_task):
            kinds["solution"][cell.grade_id] = {}
        kinds["source"][cell.grade_id] = {
            "cell_type": cell.cell_type,
            "locked": cell.locked,
            "source": cell.stored_source,
            "checksum": cell.checksum,
        }
    return kinds


def _is_stored(
    cell: AssignmentCell, stored: Mapping[str, tuple[str, str, bool]], points: Mapping[str, float]
) -> bool:
    """Whether the gradebook holds the cell's present text and points."""
    if cell.grade_id is None:
        return True
    same_text = stored.get(cell.grade_id) == (cell.stored_source, cell.cell_type, cell.locked)
    return same_text and points.get(cell.grade_id, cell.points) == cell.points


def _difference(known: Mapping[str, set[str]], wanted: Mapping[str, set[str]]) -> str:
    gone = sorted(set().union(*known.values()) - set().union(*wanted.values()))
    new = sorted(set().union(*wanted.values()) - set().union(*known.values()))
    parts = [f"gone: {', '.join(gone)}"] * bool(gone) + [f"new: {', '.join(new)}"] * bool(new)
    return "; ".join(parts) or "of another kind"
