"""What the students of a class wrote, and which of them wrote alike, from the autograded notebooks.

A cell that has no grade id counts as the student's own where the instructor's notebook has no such cell.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment, load_notebooks
from autograder.course import Course
from autograder.similarity import Answer, Pair, similar_pairs
from autograder.untrusted.markdown import START
from autograder.untrusted.text import joined
from autograder.verdicts import cell_name

OWN_CELLS = "cells of their own"
_WRITTEN_BY_THE_GRADER = ("-typed", "-mark-scheme")  # how the ids of these cells end


def similar_answers(course: Course, assignment: str, students: Iterable[str]) -> list[Pair]:
    """Pairs of these students whose answers are more alike than the assignment explains."""
    notebooks = load_notebooks(course, assignment)
    answers = [
        answer
        for student in students
        for one in notebooks
        for answer in _answers(student, one, course.autograded(student, assignment) / one.file_name)
    ]
    known = [text for one in notebooks for cell in one.cells for text in (cell.source, cell.released_source)]
    return similar_pairs(answers, known)


def autograded_notebook(path: Path) -> Mapping[str, Any] | None:
    """The notebook that the grader wrote, as JSON gives it; None where there is none to read."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None  # a rejected submission has none; pages say so without it
    return notebook if isinstance(notebook, dict) else None


def _answers(student: str, assignment: Assignment, path: Path) -> Iterator[Answer]:
    notebook = autograded_notebook(path)
    notebook_name = assignment.notebook if assignment.siblings else ""
    cells = notebook.get("cells") if notebook is not None else None
    released = {_plain(cell.released_source) for cell in assignment.cells}
    own: dict[bool, list[str]] = {True: [], False: []}
    for cell in cells if isinstance(cells, list) else ():
        if not isinstance(cell, dict) or str(cell.get("id")).endswith(_WRITTEN_BY_THE_GRADER):
            continue
        is_code, text = cell.get("cell_type") == "code", _plain(joined(cell.get("source")))
        metadata = cell.get("metadata")
        marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if isinstance(marks, dict) and marks.get("solution"):
            yield Answer(student, cell_name(notebook_name, str(marks.get("grade_id"))), text, is_code)
        elif not isinstance(marks, dict) and text and text not in released:
            own[is_code].append(text)
    for is_code, texts in own.items():
        if texts:
            yield Answer(student, cell_name(notebook_name, OWN_CELLS), "\n\n".join(texts), is_code)


def _plain(source: str) -> str:
    """The text; of a written answer, which the grader typeset, without its tags."""
    if not source.startswith(START):
        return source.strip()
    broken = re.sub(r"<br ?/?>|</(?:p|li|h[1-6]|tr|pre)>", "\n", source)
    return html.unescape(re.sub(r"<[^>]*>", "", broken)).strip()
