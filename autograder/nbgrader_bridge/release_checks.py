"""What is looked at before and after nbgrader makes a release: nothing secret gets out, no question is lost.

ReleaseError (a `CourseError`): the instructor's notebook cannot be released.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.assignment import (
    NBGRADERS_MARKS,
    TEXT_STUB,
    Marks,
    grade_id_fault,
    refuse_old_metadata,
    refuse_other_language,
)
from autograder.course import CourseError
from autograder.notebook_document import read_document, read_notebook_file

_MOST_CHARACTERS = 60  # of a cell's first line


class ReleaseError(CourseError):
    """The instructor's notebook cannot be released; the text is nbgrader's reason, or ours."""


def refuse_vanishing_questions(notebook: Path, mark: str) -> None:
    """Raise `ReleaseError` where an answer's cell holds the question itself: without marks all of it goes.

    A cell without marks is all solution, by nbgrader's rule. It is taken for a question where it asks (a
    `?`), has a heading, or where no text stands in front of it; and where a code cell holds nothing but
    comments.
    """
    before = ""  # the text of the cell in front, if that is one students read
    for number, cell in enumerate(read_notebook_file(notebook)["cells"], start=1):
        text = "".join(cell["source"]).strip()
        known = cell.get("metadata", {}).get("nbgrader") or {}
        is_answer = bool(known.get("solution"))
        if is_answer and text and mark not in text and text != TEXT_STUB and _asks(cell, text, before):
            raise ReleaseError(
                f"{notebook}, cell {number} ({first_line(text)!r}): without the marks ### BEGIN SOLUTION and "
                "### END SOLUTION the whole cell is taken for the solution, so students would not see this "
                "question. Put the question into a text cell of its own in front of it, or put the marks "
                "around "
                "the answer."
            )
        before = text if not is_answer and cell.get("cell_type") == "markdown" else ""


def refuse_what_is_not_graded(notebook: Path) -> None:
    """Raise `AssignmentError` for another language, and old metadata of nbgrader's."""
    document = read_notebook_file(notebook)
    refuse_other_language(document, str(notebook))
    for number, cell in enumerate(document["cells"]):
        place = f"{notebook}, cell {number}"
        refuse_old_metadata(cell.get("metadata", {}).get("nbgrader"), place)


def refuse_grade_ids(notebook: Path) -> None:
    """Raise `ReleaseError` where a cell's grade id is none; nbgrader's own words name the id alone."""
    for number, cell in enumerate(read_notebook_file(notebook)["cells"]):
        known = cell.get("metadata", {}).get("nbgrader") or {}
        is_known = any(known.get(flag) for flag in ("grade", "solution", "locked", "task"))
        if is_known and (fault := grade_id_fault(known.get("grade_id"))):
            raise ReleaseError(f"{notebook}, cell {number} {fault}")


def _asks(cell: Mapping[str, Any], text: str, before: str) -> bool:
    if cell.get("cell_type") == "code":
        return all(line.strip().startswith("#") or not line.strip() for line in text.split("\n"))
    return not before or re.search(r"\?\s*$|^#{1,6} ", text, re.MULTILINE) is not None


def without_unused_attachments(content: bytes) -> bytes:
    """A released notebook without the attached pictures that its own text does not show.

    nbgrader takes a solution's text out and leaves its pictures in.
    """
    document = json.loads(content)
    unused = [(cell, name) for cell in document["cells"] for name in _unused(cell)]
    if not unused:
        return content
    for cell, name in unused:
        del cell["attachments"][name]
        if not cell["attachments"]:
            del cell["attachments"]
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def lost_attachments(name: str, source: bytes, released: bytes) -> list[str]:
    """A sentence for each cell of the source whose pictures are not all in the release."""
    kept = {
        cell.get("id", number): set(cell.get("attachments", {}))
        for number, cell in enumerate(json.loads(released)["cells"], start=1)
    }
    sentences = []
    for number, cell in enumerate(read_document(source, name)["cells"], start=1):
        lost = sorted(set(cell.get("attachments", {})) - kept.get(cell.get("id", number), set()))
        if lost:
            text = "".join(cell["source"]).strip()
            sentences.append(
                f"{name}, cell {number} ({first_line(text)!r}): {', '.join(lost)} is not released, "
                "because what "
                "students get of the cell does not show it."
            )
    return sentences


def first_line(text: str) -> str:
    """The first line of a cell's text that is no mark, cut to what fits into a sentence."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    line = next((line for line in lines if not re.search("BEGIN|END", line)), "".join(lines[:1]))
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS].rstrip()}..."


def _unused(cell: Mapping[str, Any]) -> list[str]:
    text = urllib.parse.unquote("".join(cell["source"]))
    return [
        name for name in cell.get("attachments", {}) if f"attachment:{urllib.parse.unquote(name)}" not in text
    ]


def refuse_unpaired_marks(notebook: Path, marks: Marks) -> None:
    """Raise `ReleaseError` where a mark has lost its other end."""
    # nbgrader drops an END whose BEGIN is mistyped, and would then release what stands between them.
    document = read_notebook_file(notebook)
    texts = [
        (str(cell.get("id", index)), "".join(cell["source"])) for index, cell in enumerate(document["cells"])
    ]
    for cell_id, text in texts:
        for begin, end in dict.fromkeys((*NBGRADERS_MARKS.pairs, *marks.pairs)):
            begins, ends = text.count(begin), text.count(end)
            if begins != ends:
                raise ReleaseError(
                    f"{notebook}, cell {cell_id!r}: {begin} stands there {begins} times and "
                    f"{end} {ends} times. Correct the mark: what is between must not reach students."
                )


def refuse_secrets(assignment: str, files: Mapping[str, bytes], marks: Marks) -> None:
    """Raise `ReleaseError` where a mark of something secret is left in a released notebook."""
    for name, content in files.items():
        for cell_id, text in _cell_texts(content) if name.endswith(".ipynb") else ():
            for begin, end in dict.fromkeys((*NBGRADERS_MARKS.pairs, *marks.pairs)):
                if begin in text or end in text:
                    region = begin.removeprefix("BEGIN ")
                    raise ReleaseError(
                        f"{name} of {assignment!r} would be released with a mark of {region} in cell "
                        f"{cell_id!r}: each must stand on a line of its own, in a cell of its kind."
                    )


def _cell_texts(content: bytes) -> Iterator[tuple[str, str]]:
    for index, cell in enumerate(json.loads(content)["cells"]):
        yield cell.get("id", str(index)), "".join(cell["source"])
