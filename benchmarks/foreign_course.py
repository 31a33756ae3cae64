"""Small courses as a stranger would write them for nbgrader: one file each in `foreign_courses/`.

A file's first line is the course's title. A line that begins with `===` opens a block, up to the next one:

    === notebook NAME           what follows belongs to this notebook (without one: named as the file)
    === given NAME              a locked cell
    === code                    a cell that is the student's from the start
    === answer NAME             a solution cell, with nbgrader's marks
    === test NAME POINTS        a test cell
    === file NAME               a file beside the notebooks
    === variant right ANSWER    another text of a solution cell that has all points; `wrong` costs some

The notebooks are made from it, and a class: the solution, each variant, the untouched release, and again.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "foreign_courses"
_BLOCK = re.compile(r"^=== (\w+) ?(.*)\n", re.MULTILINE)
_MARKS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
_FLAGS = {
    "given": {"locked": True},
    "answer": {"solution": True},
    "test": {"grade": True, "locked": True},
}


class CourseFileError(ValueError):
    """A file of `foreign_courses/` does not have the form that this module's docstring describes."""


@dataclass(frozen=True)
class Variant:
    """Another text of one solution cell, and whether it has all points."""

    is_right: bool
    answer: str
    text: str


@dataclass
class ForeignCourse:
    """One course with one assignment, both named as its file.

    Attributes
    ----------
    name, title : str
    notebooks : dict of str to list of dict
        Cells as JSON, by the notebook's name.
    files : dict of str to str
        Text of the files beside the notebooks, by name.
    variants : list of Variant
    """

    name: str
    title: str
    notebooks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    variants: list[Variant] = field(default_factory=list)

    @property
    def answers(self) -> dict[str, str]:
        """The solutions, by grade id, without nbgrader's marks."""
        cells = itertools.chain.from_iterable(self.notebooks.values())
        found = {_grade_id(cell): cell["source"] for cell in cells if _is_answer(cell)}
        return {name: _MARKS.sub("", text) for name, text in found.items()}

    @property
    def has_autotests(self) -> bool:
        """Whether nbgrader has to write out assertions."""
        return any("AUTOTEST" in json.dumps(cells) for cells in self.notebooks.values())

    def write_source(self, root: Path) -> None:
        """Write the instructor's notebooks and their files into the course at `root`."""
        folder = root / "source" / self.name
        folder.mkdir(parents=True)
        for notebook, cells in self.notebooks.items():
            (folder / f"{notebook}.ipynb").write_text(_document(cells), encoding="utf-8")
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")

    def hand_in(self, root: Path, size: int) -> None:
        """Hand in a class of `size` students, each from the release that nbgrader wrote into the course."""
        for student, changed in itertools.islice(self.students(), size):
            folder = root / "submitted" / student / self.name
            shutil.copytree(root / "release" / self.name, folder)
            for path in folder.glob("*.ipynb"):
                document = json.loads(path.read_text(encoding="utf-8"))
                for cell in document["cells"]:
                    cell["source"] = changed.get(_grade_id(cell), cell["source"])
                path.write_text(json.dumps(document), encoding="utf-8")

    def students(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Names, and texts of the solution cells that are not as released, without end.

        >>> course = read_courses(["words"])[0]
        >>> [name for name, _ in itertools.islice(course.students(), 4)]
        ['s01-solution', 's02-right-average', 's03-wrong-average', 's04-wrong-primes']
        """
        kinds: list[tuple[str, Mapping[str, str]]] = [("solution", self.answers)]
        for variant in self.variants:
            kind = "right" if variant.is_right else "wrong"
            kinds.append((f"{kind}-{variant.answer}", {**self.answers, variant.answer: variant.text}))
        kinds.append(("untouched", {}))
        for number, (kind, changed) in enumerate(itertools.cycle(kinds), start=1):
            yield f"s{number:02}-{kind}", changed


def course_names() -> list[str]:
    """The courses that there are."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def read_courses(names: list[str]) -> list[ForeignCourse]:
    """The courses of these names.

    Raises
    ------
    CourseFileError
        A file does not have the form described above.
    """
    return [_read(name, (FOLDER / f"{name}.txt").read_text(encoding="utf-8")) for name in names]


def _read(name: str, text: str) -> ForeignCourse:
    title, *parts = _BLOCK.split(text)
    course, notebook = ForeignCourse(name, title.strip().removeprefix("# ")), name
    for kind, words, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        block, content = words.split(), body.strip("\n")
        match kind, block:
            case "notebook", [notebook]:
                pass
            case "file", [file]:
                course.files[file] = content + "\n"
            case "variant", ["right" | "wrong" as judged, answer]:
                course.variants.append(Variant(judged == "right", answer, content))
            case "code", []:
                course.notebooks.setdefault(notebook, []).append(_cell(content))
            case "given" | "answer", [grade_id]:
                cell = _cell(content, grade_id=grade_id, **_FLAGS[kind])
                course.notebooks.setdefault(notebook, []).append(cell)
            case "test", [grade_id, points]:
                cell = _cell(content, grade_id=grade_id, points=float(points), **_FLAGS[kind])
                course.notebooks.setdefault(notebook, []).append(cell)
            case _:
                raise CourseFileError(
                    f"{name}.txt has the block {kind} {words!r}; the kinds and their words are described in "
                    "benchmarks/foreign_course.py."
                )
    if unknown := {variant.answer for variant in course.variants} - course.answers.keys():
        raise CourseFileError(f"{name}.txt has variants of {', '.join(sorted(unknown))}: no such answer.")
    return course


def _cell(source: str, **nbgrader: Any) -> dict[str, Any]:
    flags = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {
        "cell_type": "code",
        "metadata": {"nbgrader": flags | nbgrader} if nbgrader else {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _document(cells: list[dict[str, Any]]) -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    numbered = [cell | {"id": f"c{number}"} for number, cell in enumerate(cells)]
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": numbered}
    )


def _grade_id(cell: Mapping[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def _is_answer(cell: Mapping[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))
