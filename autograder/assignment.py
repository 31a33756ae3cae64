"""The instructor's notebook as data: cells, roles, grade ids, points, and the files beside it.

Reads `source/<assignment>/<assignment>.ipynb` strictly: nbgrader's metadata schema 3 decides what a cell is,
and anything unclear (a duplicate id, a missing end mark, a negative number of points) is refused with a
sentence, because a mistake here would be a mistake in every student's grade. What students get of a cell is
computed by nbgrader's rules for solutions, hidden tests and mark schemes; nbgrader itself is not imported.

AssignmentError (a `CourseError`): the instructor's notebook cannot be used.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.assignment_cell import SCHEMA_VERSION, AssignmentCell, Role, stored_cell
from autograder.autotests import autotests_of, has_autotest
from autograder.course import NAME_RULE, Course, is_safe_name
from autograder.course_settings import course_config
from autograder.kernels import other_language
from autograder.marks import (
    CODE_STUB,
    IN_STUDENT_PROCESS,
    NBGRADERS_MARKS,
    TEXT_STUB,
    AssignmentError,
    Marks,
    marks_of,
)
from autograder.notebook_document import read_document, source_of
from autograder.own_mistakes import MISTAKES, OwnMistake, read_mistakes, refuse_unknown

__all__ = [
    "CODE_STUB",
    "IN_STUDENT_PROCESS",
    "NBGRADERS_MARKS",
    "TEXT_STUB",
    "Assignment",
    "AssignmentCell",
    "AssignmentError",
    "Marks",
    "Role",
    "files_beside",
    "load_assignment",
    "load_notebooks",
    "marks_of",
    "parse_assignment",
    "stored_cell",
]


@dataclass(frozen=True)
class Assignment:
    """The instructor's copy of one assignment, or of one of its notebooks where it has several.

    Attributes
    ----------
    name : str
        The assignment's.
    notebook : str
        What its notebook is called, without `.ipynb`.
    cells : tuple of AssignmentCell
        In the order of the notebook.
    files : mapping of str to bytes
        What lies beside the notebook (data, pictures), by path relative to it.
    notebook_metadata : mapping
        The notebook's own metadata: kernel and language, and what the assignment registers (`autograder`).
    siblings : tuple of str
        File names of the assignment's other notebooks: students hand those in, too.
    mistakes : tuple of OwnMistake
        The course's own catalogue.
    """

    name: str
    notebook: str
    cells: tuple[AssignmentCell, ...]
    files: Mapping[str, bytes]
    notebook_metadata: Mapping[str, Any]
    siblings: tuple[str, ...] = ()
    mistakes: tuple[OwnMistake, ...] = ()

    @property
    def file_name(self) -> str:
        """The notebook's file, in every folder of the course."""
        return f"{self.notebook}.ipynb"

    @property
    def title(self) -> str:
        """What it is called in messages: `ps1`, and among several `ps1/part 2.ipynb`."""
        return f"{self.name}/{self.file_name}" if self.siblings else self.name

    @cached_property
    def tests(self) -> tuple[AssignmentCell, ...]:
        """The autograded cells."""
        return tuple(cell for cell in self.cells if cell.role is Role.TEST)

    @cached_property
    def by_hand(self) -> tuple[AssignmentCell, ...]:
        """The cells that a person grades."""
        return tuple(cell for cell in self.cells if cell.role is Role.TASK_BY_HAND)

    @cached_property
    def by_grade_id(self) -> Mapping[str, AssignmentCell]:
        """Every cell that has a grade id."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id is not None}

    @property
    def max_score(self) -> float:
        """Points possible, tests and hand-graded answers together."""
        return sum(cell.points for cell in self.cells)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over everything that can change a result: cells, roles, points, files, mistakes."""
        digest = hashlib.sha256(self.notebook.encode())
        digest.update(json.dumps(self.notebook_metadata.get("autograder")).encode())
        for cell in self.cells:
            row = [cell.cell_type, cell.role, cell.grade_id, cell.points, cell.source, cell.is_task]
            digest.update(json.dumps([*row, *cell.marks.pairs]).encode() + b"\n")
        for path, content in sorted(self.files.items()):
            digest.update(json.dumps([path, hashlib.sha256(content).hexdigest()]).encode() + b"\n")
        if self.mistakes:
            digest.update(json.dumps([asdict(one) for one in self.mistakes]).encode())
        return digest.hexdigest()


def load_assignment(course: Course, name: str) -> Assignment:
    """The assignment `name` of `course`, which has one notebook, read from `source/`.

    Raises
    ------
    UnknownAssignmentError
        There is no such assignment.
    AssignmentError
        The notebook cannot be used, or there are several.
    """
    notebooks = load_notebooks(course, name)
    if len(notebooks) > 1:
        raise AssignmentError(f"{course.source(name)} holds {len(notebooks)} notebooks; one is wanted here.")
    return notebooks[0]


def load_notebooks(course: Course, name: str) -> tuple[Assignment, ...]:
    """The notebooks of the assignment `name` of `course`, read from `source/`, in the order of their names.

    Raises
    ------
    UnknownAssignmentError
        There is no such assignment.
    AssignmentError
        A notebook or `mistakes.toml` cannot be used.
    """
    config = course_config(course)
    notebooks = [_load(course, path, name, config) for path in course.require_assignment(name)]
    folder = course.source(name)
    mistakes = read_mistakes(folder)
    refuse_unknown(mistakes, [cell for one in notebooks for cell in one.cells], folder)
    return tuple(replace(one, mistakes=mistakes) for one in notebooks)


def _load(course: Course, path: Path, name: str, config: Any) -> Assignment:
    if not is_safe_name(path.stem):
        raise AssignmentError(f"{path} cannot be used: a notebook's {NAME_RULE}. Rename the notebook.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} cannot be read: {error}") from error
    files = files_beside(path)
    autotests = autotests_of(course, path, text, files, config)
    if autotests is not None and autotests.kept.is_file():
        text = autotests.kept.read_text(encoding="utf-8")
    read = parse_assignment(name, text, files, str(path), marks_of(config), notebook=path.stem)
    siblings = sorted(other.name for other in path.parent.glob("*.ipynb") if other != path)
    return replace(read, siblings=tuple(siblings))


def parse_assignment(
    name: str,
    text: str,
    files: Mapping[str, bytes],
    where: str,
    marks: Marks = NBGRADERS_MARKS,
    *,
    notebook: str = "",
) -> Assignment:
    """The assignment in the notebook `text` (JSON); `where` names it in messages.

    Parameters
    ----------
    name : str
    text : str
    files : mapping of str to bytes
        What lies beside it.
    where : str
    marks : Marks
    notebook : str
        What the notebook is called; as the assignment where that is empty.

    Raises
    ------
    AssignmentError
        It is not a notebook of format 3 or 4 with nbgrader metadata of schema 3, or its marks or ids are
        wrong.
    """
    document = read_document(text, where)
    raw_cells = document["cells"]
    refuse_other_language(document, where)
    cells = tuple(_read_cell(index, raw, where, marks) for index, raw in enumerate(raw_cells))
    seen: dict[str, int] = {}
    for cell in cells:
        if cell.grade_id is None:
            continue
        if cell.grade_id in seen:
            raise AssignmentError(
                f"{where}: cells {seen[cell.grade_id]} and {cell.index} share the grade id "
                f"{cell.grade_id!r}; give one of them another."
            )
        seen[cell.grade_id] = cell.index
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return Assignment(name, notebook or name, cells, dict(files), metadata)


def files_beside(notebook: Path) -> dict[str, bytes]:
    """What students get beside the notebook, by relative path: regular files in its folder and below.

    No notebooks, no hidden files, not the course's own catalogue of mistakes.
    """
    folder = notebook.parent
    found = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
        if (
            hidden
            or relative == Path(MISTAKES)
            or path.suffix == ".ipynb"
            or path.is_symlink()
            or not path.is_file()
        ):
            continue
        found[relative.as_posix()] = path.read_bytes()
    return found


def _read_cell(index: int, raw: Any, where: str, marks: Marks) -> AssignmentCell:
    place = f"{where}, cell {index}"
    source = source_of(raw) or ""
    cell_metadata = raw.get("metadata")
    known = cell_metadata.get("nbgrader") if isinstance(cell_metadata, dict) else None
    role, grade_id, points, is_task = _read_metadata(known, raw["cell_type"], place)
    answered = role in (Role.SOLUTION, Role.TASK_BY_HAND) and not is_task
    stored = marks.without_solution(source, raw["cell_type"], is_answer=answered, place=place)
    may_hide = role in (Role.TEST, Role.TASK_BY_HAND)
    released = marks.without_hidden_tests(stored, allowed=may_hide, place=place)
    released = marks.without_mark_scheme(released, allowed=is_task, place=place)
    if has_autotest(raw):
        raise AssignmentError(
            f"{place} holds nbgrader's AUTOTEST, whose assertions are not written out yet. Run: autograder "
            "release"
        )
    return AssignmentCell(
        index, raw["cell_type"], role, grade_id, points, source, stored, released, is_task, marks
    )


def _read_metadata(known: Any, cell_type: str, place: str) -> tuple[Role, str | None, float, bool]:
    if not known:
        return Role.FREE, None, 0.0, False
    refuse_old_metadata(known, place)
    flags = {name: bool(known.get(name, False)) for name in ("grade", "solution", "locked", "task")}
    role = next((role for wanted, role in _ROLES if wanted(flags)), Role.FREE)
    grade_id = known.get("grade_id")
    if role is Role.FREE:
        return role, None, 0.0, False
    if fault := grade_id_fault(grade_id):
        raise AssignmentError(f"{place} {fault}")
    if role is Role.TEST and cell_type != "code":
        raise AssignmentError(f"{place} ({grade_id}): a cell of autograder tests must be a code cell.")
    if not flags["grade"] and not flags["task"]:
        return role, grade_id, 0.0, False
    points = known.get("points")
    if not isinstance(points, int | float) or isinstance(points, bool) or not 0 <= points < 1e9:
        raise AssignmentError(f"{place} ({grade_id}) is worth {points!r} points; a number from 0 wanted.")
    return role, grade_id, float(points), flags["task"]


def refuse_other_language(document: Mapping[str, Any], where: str) -> None:
    """Raise `AssignmentError` where the notebook's kernel is not one of Python's."""
    metadata = document.get("metadata")
    if language := other_language(metadata if isinstance(metadata, dict) else {}):
        raise AssignmentError(
            f"{where} is a notebook of {language}; this program grades Python only. Choose a Python "
            "kernel in JupyterLab (menu Kernel, Change Kernel), or grade it with plain nbgrader."
        )


def refuse_old_metadata(known: Any, place: str) -> None:
    """Raise `AssignmentError` where nbgrader's metadata of a cell is not of the schema that is read."""
    if known and (not isinstance(known, dict) or known.get("schema_version") != SCHEMA_VERSION):
        raise AssignmentError(
            f"{place}: nbgrader metadata of schema {SCHEMA_VERSION} wanted. Back up the file, and run: "
            f"nbgrader update {shlex.quote(place.rpartition(', cell ')[0])}"
        )


def grade_id_fault(grade_id: Any) -> str:
    """What is wrong with a grade id, and what is allowed; "" where nothing is."""
    if isinstance(grade_id, str) and re.fullmatch(r"[A-Za-z0-9_-]+", grade_id):
        return ""
    return (
        f"has the grade id {grade_id!r}. Allowed are the letters a to z and A to Z, digits, _ and -, at "
        "least one of "
        "them; change it in JupyterLab's Create Assignment tool."
    )


_ROLES: tuple[tuple[Callable[[Mapping[str, bool]], bool], Role], ...] = (
    (lambda flags: flags["task"] or (flags["grade"] and flags["solution"]), Role.TASK_BY_HAND),
    (lambda flags: flags["grade"], Role.TEST),
    (lambda flags: flags["solution"], Role.SOLUTION),
    (lambda flags: flags["locked"], Role.LOCKED),
)
