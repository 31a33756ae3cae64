"""The plan: every cell in the order of the student's notebook, what is missing put back in its place.

A cell that was deleted goes back behind the nearest cell that came before it in the instructor's notebook.
A deleted answer waits for a person: another text of the notebook may be it. A deleted solution does not go
back: a template without an answer would only stand in front of a function that the student has defined
elsewhere.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from urllib.parse import unquote

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.code_cell import imported_modules, install_line
from autograder.intake.matching import Match, is_answered, match
from autograder.intake.plan import INSTRUCTOR, STUDENT, PlannedCell, SubmittedCell
from autograder.untrusted.text import printable

ANSWER_MISSING = "[This cell was missing. The answer may be one of the other texts of the notebook.]"

_MOST_FLAGS = 40
_MOST_NAMED_PICTURES = 3


def plan_cells(
    cells: Sequence[SubmittedCell], assignment: Assignment
) -> tuple[tuple[PlannedCell, ...], tuple[str, ...]]:
    """The cells to run and why a person should look."""
    result = match(cells, assignment)
    flags = list(result.flags)
    moved = {number for numbers in result.answers.values() for number in numbers} - result.edited
    # What the assignment itself imports is there: copies of it for other places install that first.
    code = [original.source for original in assignment.cells if original.cell_type == "code"]
    present = {module for source in code for module in imported_modules(source)}
    planned: dict[int, list[PlannedCell]] = {-1: []}  # by the number of the student's cell they stand at
    for cell in cells:
        if cell.number in moved:
            planned[cell.number] = []  # shown as part of the answer
            continue
        one = _planned(cell, result)
        planned[cell.number] = [one]
        if one.note:
            flags.append(f"Cell {cell.number + 1}: {one.note}")
        if one.origin == STUDENT and one.cell_type == "code" and (line := install_line(one.source, present)):
            flags.append(
                f"Cell {cell.number + 1}: `{printable(line, 80)}` installs nothing: there is no network "
                "while a notebook is graded. What it needs must be installed where the grader runs."
            )
    for original, place in _missing(result, assignment):
        one = _put_back(original)
        planned[place].append(one)
        if one.origin == STUDENT:
            flags.append(
                f"The answer {original.grade_id} was missing; its cell was put back. "
                "Look whether another text is the answer, and give points by hand."
            )
        elif original.role is not Role.LOCKED:
            flags.append(f"The cell {original.grade_id} was missing; it was put back.")
    flags += [
        flag
        for number in sorted(planned)
        for one in planned[number]
        for flag in (_unused_pictures(one), *_left_out_pictures(one))
        if flag
    ]
    if len(flags) > _MOST_FLAGS:
        flags[_MOST_FLAGS:] = [f"... and {len(flags) - _MOST_FLAGS} more changes to cells."]
    order = tuple(one for number in sorted(planned) for one in planned[number])
    _require_each_once(order, assignment)
    return order, tuple(flags)


def _require_each_once(planned: Sequence[PlannedCell], assignment: Assignment) -> None:
    """The promise of a plan, which points and hand grades rest on."""
    found = Counter(one.instructor_index for one in planned)
    for original in assignment.cells:
        needed = original.locked or original.role is Role.TASK_BY_HAND
        if found[original.index] > 1 or (needed and not found[original.index]):
            raise RuntimeError(
                f"{original.grade_id} is {found[original.index]} times in the plan; wanted: once. "
                "This is a fault of intake: please report it with the notebook."
            )


def _planned(cell: SubmittedCell, result: Match) -> PlannedCell:
    """The plan for a cell that the student handed in."""
    original = result.taken.get(cell.number)
    if original is None:
        return PlannedCell(
            Role.FREE,
            None,
            cell.cell_type,
            cell.source,
            STUDENT,
            cell.number,
            pictures=cell.pictures,
            left_out=cell.left_out,
        )
    one = PlannedCell(
        original.role,
        original.grade_id,
        original.cell_type,
        cell.source,
        STUDENT,
        cell.number,
        original.index,
        note=_retyped(cell, original),
        pictures=cell.pictures,
        left_out=cell.left_out,
    )
    if original.locked:
        typed = cell.source if cell.number in result.edited else ""
        note = f"{original.grade_id} is locked; what was typed there does not run." if typed else one.note
        return dataclasses.replace(one, source=original.source, origin=INSTRUCTOR, typed=typed, note=note)
    if original.role is Role.TASK_BY_HAND:
        return _with_answers(one, original, [result.cells[i] for i in result.answers.get(cell.number, [])])
    if original.role is Role.FREE:
        return dataclasses.replace(one, cell_type=cell.cell_type, note="")
    return one


def _with_answers(one: PlannedCell, original: AssignmentCell, beside: list[SubmittedCell]) -> PlannedCell:
    """The hand-graded cell, with the texts beside it that belong to the answer, and their pictures."""
    if not beside:
        return dataclasses.replace(one, answered=is_answered(one.source, original))
    texts = [one.source] if is_answered(one.source, original) else []
    pictures, left_out = dict(one.pictures), dict(one.left_out)
    for cell in beside:
        text = cell.source
        for name in (*cell.pictures, *cell.left_out):  # every notebook's first picture is image.png
            own = f"{cell.number}-{name}"
            text = text.replace(f"attachment:{name}", f"attachment:{own}")
            if name in cell.pictures:
                pictures[own] = cell.pictures[name]
            else:
                left_out[own] = cell.left_out[name]
        texts.append(text)
    note = f"the answer {original.grade_id} was written in a cell beside its own."
    source = "\n\n".join(texts)
    return dataclasses.replace(one, source=source, note=note, pictures=pictures, left_out=left_out)


def _unused_pictures(one: PlannedCell) -> str:
    """A flag where pictures were pasted into a text that does not show them; "" elsewhere."""
    text = unquote(one.source)
    unused = [name for name in one.pictures if name not in text] if _is_written(one) else []
    if not unused:
        return ""
    return f"{_where(one)} has pictures that its text does not show ({_named(unused)}); they were left out."


def _left_out_pictures(one: PlannedCell) -> list[str]:
    """A flag for each reason why pictures that the text shows were not kept."""
    text = unquote(one.source)
    shown = {name: why for name, why in one.left_out.items() if name in text} if _is_written(one) else {}
    names = {why: [name for name in shown if shown[name] == why] for why in shown.values()}
    return [
        f"{_where(one)} lacks what its text shows ({_named(lost)}), because {why}."
        for why, lost in names.items()
    ]


def _is_written(one: PlannedCell) -> bool:
    """Whether it is a text of the student's own."""
    is_own = one.role is Role.TASK_BY_HAND or (one.role is Role.FREE and one.instructor_index is None)
    return is_own and one.origin == STUDENT and one.cell_type != "code"


def _where(one: PlannedCell) -> str:
    return f"{'' if one.number is None else f'Cell {one.number + 1}: '}{one.grade_id or 'text'}"


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name, 60) for name in names[:_MOST_NAMED_PICTURES])
    more = len(names) - _MOST_NAMED_PICTURES
    return f"{shown} and {more} more" if more > 0 else shown


def _retyped(cell: SubmittedCell, original: AssignmentCell) -> str:
    if cell.cell_type == original.cell_type:
        return ""
    return f"{original.grade_id} had become a {cell.cell_type} cell; it is a {original.cell_type} cell again."


def _missing(result: Match, assignment: Assignment) -> list[tuple[AssignmentCell, int]]:
    """What has to be put back, in order, and behind which of the student's cells (-1: before all)."""
    missing = []
    place = -1
    for original in assignment.cells:
        needed = original.locked or original.role is Role.TASK_BY_HAND
        if original.index in result.found:
            place = result.found[original.index]
        elif original.index in result.near:
            place = result.near[original.index]
            missing.append((original, place))
        elif needed:
            missing.append((original, place))
    return missing


def _put_back(original: AssignmentCell) -> PlannedCell:
    """The instructor's cell; a missing answer waits for a person: another text of the notebook may be it."""
    if original.role is Role.TASK_BY_HAND and not original.is_task:
        mark = "# " if original.cell_type == "code" else ""
        source, origin = f"{mark}{ANSWER_MISSING}", STUDENT
    else:
        source = original.source if original.locked else original.released_source
        origin = INSTRUCTOR
    return PlannedCell(
        original.role,
        original.grade_id,
        original.cell_type,
        source,
        origin,
        None,
        original.index,
        note="it was missing and was put back.",
    )
