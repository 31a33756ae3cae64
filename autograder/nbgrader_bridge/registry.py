"""The assignment in nbgrader's gradebook: its cells and points as the instructor's notebook now has them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.course import Course
from autograder.nbgrader_bridge.database import GradebookError, gradebook_name
from autograder.nbgrader_bridge.patches import importing_nbgrader

with importing_nbgrader():
    from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, SourceCell, SubmittedNotebook


def register(book: Gradebook, course: Course, notebooks: Sequence[Assignment], course_id: str) -> None:
    """Make the gradebook know the assignment's present notebooks, cells and points; what people gave stays.

    Raises
    ------
    GradebookError
        A cell is gone for which a person has given points or written comments.
    """
    known = book.update_or_create_assignment(notebooks[0].name, course_id=course_id)
    present = {one.notebook for one in notebooks}
    for notebook in [one for one in known.notebooks if one.name not in present]:
        _refuse_to_lose(course, [*notebook.grade_cells, *notebook.task_cells, *notebook.solution_cells])
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
    """Take cells that are gone out of the gradebook, with what the tests gave for them."""
    gone = [
        cell
        for kind in wanted
        for cell in getattr(notebook, f"{kind}_cells")
        if cell.name not in wanted[kind]
    ]
    _refuse_to_lose(course, [cell for cell in gone if not isinstance(cell, SourceCell)])
    for cell in gone:
        for row in (*getattr(cell, "grades", ()), *getattr(cell, "comments", ())):
            book.db.delete(row)
        book.db.delete(cell)
    book.db.commit()
    book.db.expire_all()


def _refuse_to_lose(course: Course, cells: Sequence[Any]) -> None:
    """Raise `GradebookError` where people have given points or comments to cells that are gone."""
    by_hand = sorted({cell.name for cell in cells if _has_work_of_a_person(cell)})
    if by_hand:
        raise GradebookError(
            f"{gradebook_name(course)}: {', '.join(by_hand)} {'is' if len(by_hand) == 1 else 'are'} gone "
            "from the "
            "notebook or of another kind now, and people have given points or comments there. Put the "
            "cell back; or, "
            "if these are to go, delete them in formgrader first."
        )


def _has_work_of_a_person(cell: Any) -> bool:
    grades = any(
        grade.manual_score is not None or grade.extra_credit for grade in getattr(cell, "grades", ())
    )
    return grades or any(comment.manual_comment for comment in getattr(cell, "comments", ()))


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
