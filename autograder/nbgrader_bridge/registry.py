"""The assignment in nbgrader's gradebook: its cells and points as the instructor's notebook now has them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.course import Course
from autograder.nbgrader_bridge.patches import importing_nbgrader
from autograder.removed_points import RemovedWork, keep_removed

with importing_nbgrader():
    from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, SourceCell, SubmittedNotebook


def register(book: Gradebook, course: Course, notebooks: Sequence[Assignment], course_id: str) -> None:
    """Make the gradebook know the assignment's present notebooks, cells and points; what people gave stays.

    What they gave for a cell that is gone is put aside in a table (`removed_points`).

    Raises
    ------
    StorageError
        The table cannot be written; the gradebook is as it was.
    """
    known = book.update_or_create_assignment(notebooks[0].name, course_id=course_id)
    present = {one.notebook for one in notebooks}
    for notebook in [one for one in known.notebooks if one.name not in present]:
        cells = [*notebook.grade_cells, *notebook.task_cells, *notebook.solution_cells]
        _keep_work(course, notebooks[0].name, notebook.name, cells)
        book.remove_notebook(notebook.name, notebooks[0].name)
    for one in notebooks:
        _register_notebook(book, course, one)


def _register_notebook(book: Gradebook, course: Course, assignment: Assignment) -> None:
    name = assignment.name
    by_kind = _cells_by_kind(assignment)
    try:
        notebook = book.find_notebook(assignment.notebook, name)
    except MissingEntry:
        notebook = book.add_notebook(assignment.notebook, name, kernelspec=_kernelspec(assignment))
        for submission in book.assignment_submissions(name):  # of before it was there
            book.db.add(SubmittedNotebook(notebook=notebook, assignment=submission))
        book.db.commit()
    known = {kind: {cell.name for cell in getattr(notebook, f"{kind}_cells")} for kind in by_kind}
    wanted = {kind: set(cells) for kind, cells in by_kind.items()}
    stored = {cell.name: (cell.source, cell.cell_type, cell.locked) for cell in notebook.source_cells}
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    if known == wanted and all(_is_stored(cell, stored, points) for cell in assignment.cells):
        return
    if known != wanted:
        _remove_cells(book, course, notebook, wanted)
    for kind, cells in by_kind.items():
        update = getattr(book, f"update_or_create_{kind}_cell")
        for grade_id, fields in cells.items():
            update(grade_id, assignment.notebook, name, **fields)
    if known != wanted:
        _add_missing_rows(book, notebook)


def _remove_cells(
    book: Gradebook, course: Course, notebook: Any, wanted: Mapping[str, Collection[str]]
) -> None:
    """Take cells that are gone out of the gradebook; what people gave for them is put aside."""
    gone = [
        cell
        for kind in wanted
        for cell in getattr(notebook, f"{kind}_cells")
        if cell.name not in wanted[kind]
    ]
    graded = [cell for cell in gone if not isinstance(cell, SourceCell)]
    _keep_work(course, notebook.assignment.name, notebook.name, graded)
    for cell in gone:
        for row in (*getattr(cell, "grades", ()), *getattr(cell, "comments", ())):
            book.db.delete(row)
        book.db.delete(cell)
    book.db.commit()
    book.db.expire_all()


def _keep_work(course: Course, assignment: str, notebook: str, cells: Sequence[Any]) -> None:
    """Put aside what people gave for cells that are gone, or of another kind now."""
    work: dict[tuple[str, str], dict[str, str]] = {}
    for cell in cells:
        for grade in getattr(cell, "grades", ()):
            if grade.manual_score is not None or grade.extra_credit:
                work.setdefault((grade.student.id, cell.name), {}).update(
                    points=_text(grade.manual_score),
                    extra_credit=_text(grade.extra_credit),
                    points_possible=_text(cell.max_score),
                )
        for comment in getattr(cell, "comments", ()):
            if comment.manual_comment:
                given = work.setdefault((comment.student.id, cell.name), {})
                given["comment"] = comment.manual_comment
    nothing = dict.fromkeys(("points", "extra_credit", "points_possible", "comment"), "")
    if work:
        keep_removed(
            course,
            assignment,
            [
                RemovedWork(student, notebook, cell, **(nothing | given))
                for (student, cell), given in sorted(work.items())
            ],
        )


def _text(points: float | None) -> str:
    return f"{points:g}" if points else "" if points is None else "0"


def _add_missing_rows(book: Gradebook, notebook: Any) -> None:
    """Give every submission a grade and a comment for each cell that has come."""
    book.db.expire_all()
    graded = [*notebook.grade_cells, *notebook.task_cells]
    answered = [*notebook.solution_cells, *notebook.task_cells]
    for submission in notebook.submissions:
        has_grade = {grade.cell_id for grade in submission.grades}
        has_comment = {comment.cell_id for comment in submission.comments}
        book.db.add_all(
            Grade(cell_id=cell.id, notebook=submission) for cell in graded if cell.id not in has_grade
        )
        book.db.add_all(
            Comment(cell_id=cell.id, notebook=submission) for cell in answered if cell.id not in has_comment
        )
    book.db.commit()
    book.db.expire_all()


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
