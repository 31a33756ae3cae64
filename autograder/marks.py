"""Marks in an instructor's cells, and what students get of a cell: nbgrader's rules, the course's own words.

A course may choose the words: `c.ClearSolutions`, `c.ClearHiddenTests` and `c.ClearMarkScheme` of its
`nbgrader_config.py`. A region begins with a line that holds the one word and ends with one that holds the
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.course import CourseError

CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
IN_STUDENT_PROCESS = "### IN STUDENT PROCESS"


class AssignmentError(CourseError):
    """The instructor's notebook cannot be used; the text says which cell and why."""


@dataclass(frozen=True)
class Marks:
    """The words of one course.

    Attributes
    ----------
    begin_solution, end_solution, begin_hidden, end_hidden, begin_scheme, end_scheme : str
        Where a solution, hidden tests and a mark scheme begin and end.
    code_stub, text_stub : str
        What stands in place of a solution.
    """

    begin_solution: str = "BEGIN SOLUTION"
    end_solution: str = "END SOLUTION"
    begin_hidden: str = "BEGIN HIDDEN TESTS"
    end_hidden: str = "END HIDDEN TESTS"
    begin_scheme: str = "BEGIN MARK SCHEME"
    end_scheme: str = "END MARK SCHEME"
    code_stub: str = CODE_STUB
    text_stub: str = TEXT_STUB

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Beginning and end of each kind of region that students do not get."""
        return (
            (self.begin_solution, self.end_solution),
            (self.begin_hidden, self.end_hidden),
            (self.begin_scheme, self.end_scheme),
        )

    def without_solution(self, source: str, cell_type: str, *, is_answer: bool, place: str) -> str:
        """`source` with a stub for each solution; an answer without marks is a solution as a whole.

        Raises
        ------
        AssignmentError
            A mark without its other, or in a cell that is no answer.
        """
        stub = (self.code_stub if cell_type == "code" else self.text_stub).split("\n")
        kept, found = _split_region(source, (self.begin_solution, self.end_solution), stub, place)
        if found and not is_answer:
            raise AssignmentError(f"{place} holds a solution but is not marked as a solution cell.")
        return "\n".join(stub) if is_answer and not found else kept

    def without_hidden_tests(self, source: str, *, allowed: bool, place: str) -> str:
        """`source` without hidden tests, and without the line that asks for the student's process.

        Raises
        ------
        AssignmentError
            A mark without its other, or where it is not `allowed`.
        """
        kept = _without(source, (self.begin_hidden, self.end_hidden), allowed, place)
        return "\n".join(line for line in kept.split("\n") if line.strip() != IN_STUDENT_PROCESS)

    def without_mark_scheme(self, source: str, *, allowed: bool, place: str) -> str:
        """`source` without its mark scheme.

        Raises
        ------
        AssignmentError
            A mark without its other, or where it is not `allowed`.
        """
        return _without(source, (self.begin_scheme, self.end_scheme), allowed, place)


NBGRADERS_MARKS = Marks()


def marks_of(config: Mapping[str, Any]) -> Marks:
    """The marks that a course's configuration of nbgrader sets; nbgrader's own where it is silent.

    >>> marks_of({"ClearHiddenTests": {"begin_test_delimeter": "SECRET"}}).begin_hidden
    'SECRET'
    """
    chosen = {}
    for field, (section, name) in _SETTINGS.items():
        value = config[section].get(name) if section in config else None
        if isinstance(value, Mapping):  # stubs by language
            value = value.get("python")
        if isinstance(value, str) and value:
            chosen[field] = value
    return Marks(**chosen)


# nbgrader's spelling.
_SETTINGS = {
    "begin_solution": ("ClearSolutions", "begin_solution_delimeter"),
    "end_solution": ("ClearSolutions", "end_solution_delimeter"),
    "begin_hidden": ("ClearHiddenTests", "begin_test_delimeter"),
    "end_hidden": ("ClearHiddenTests", "end_test_delimeter"),
    "begin_scheme": ("ClearMarkScheme", "begin_mark_scheme_delimeter"),
    "end_scheme": ("ClearMarkScheme", "end_mark_scheme_delimeter"),
    "code_stub": ("ClearSolutions", "code_stub"),
    "text_stub": ("ClearSolutions", "text_stub"),
}


def _without(source: str, pair: tuple[str, str], allowed: bool, place: str) -> str:
    kept, found = _split_region(source, pair, [], place)
    if found and not allowed:
        raise AssignmentError(f"{place} holds `{pair[0]}` but is not a cell of the kind that may.")
    return kept


def _split_region(source: str, marks: tuple[str, str], stub: list[str], place: str) -> tuple[str, bool]:
    """`source` with what is between the marks replaced by `stub`, indented as the mark; whether any was."""
    begin, end = marks
    kept: list[str] = []
    inside = found = False
    for line in source.split("\n"):
        if begin in line:
            if inside:
                raise AssignmentError(f"{place}: `{begin}` inside another one.")
            inside = found = True
            indent = line[: len(line) - len(line.lstrip())]
            kept.extend(indent + stub_line for stub_line in stub)
        elif end in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise AssignmentError(f"{place}: `{begin}` without `{end}`.")
    return "\n".join(kept), found
