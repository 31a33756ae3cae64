"""What intake hands on: the cells to run, in order, each with what it stands for; or a `Rejection`.

Data only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from autograder.assignment import Role
from autograder.untrusted.text import printable

Pictures = Mapping[str, Mapping[str, str]]

STUDENT = "student"
INSTRUCTOR = "instructor"


class Rejection(Exception):  # noqa: N818 - the outcome's name in results, not a fault of ours
    """The submission cannot be graded; the text is one sentence for the student and the teacher.

    It may quote the submission, and is printed on a terminal: what is not printable becomes `?`.

    >>> str(Rejection("Cell 1 has the type `\\x1b[2J`."))
    'Cell 1 has the type `?[2J`.'
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class MissingNotebook(Rejection):
    """One of the assignment's notebooks was not handed in; the others can be graded."""


@dataclass(frozen=True)
class IntakeLimits:
    """What is read of a submission; beyond it the notebook is rejected, a file beside it left out.

    Attributes
    ----------
    notebook_bytes : int
        Size of the notebook's file, stored outputs included.
    json_values : int
        Numbers, texts, lists and objects in it: bounds time and memory.
    json_depth : int
        Lists and objects inside each other.
    cells : int
    source_characters : int
        All cells' text together.
    pictures, picture_characters : int
        Pictures pasted into one text, and all of them together in base64; what is beyond is left out.
    file_bytes, files_bytes : int
        One file beside the notebook; all of them together.
    files, entries, depth : int
        Files kept; names looked at in the folder; folders inside each other.
    """

    notebook_bytes: int = 100_000_000
    json_values: int = 2_000_000
    json_depth: int = 100
    cells: int = 2_000
    source_characters: int = 10_000_000
    pictures: int = 50
    picture_characters: int = 40_000_000
    file_bytes: int = 20_000_000
    files_bytes: int = 50_000_000
    files: int = 200
    entries: int = 2_000
    depth: int = 8


@dataclass(frozen=True)
class SubmittedCell:
    """One cell as the student's notebook has it; nothing else of the notebook is kept.

    Attributes
    ----------
    number : int
        Place in the student's notebook, from 0.
    cell_type : str
        `code`, `markdown` or `raw`.
    source : str
        Line ends are `\\n`.
    claimed_id : str or None
        The grade id its metadata names. A hint: it gives no rights.
    pictures : mapping of str to mapping
        The pictures pasted into a text, as the notebook has them: name -> type -> base64.
    left_out : mapping of str to str
        Pictures that were pasted into it and are not kept: name -> why.
    """

    number: int
    cell_type: str
    source: str
    claimed_id: str | None = None
    pictures: Pictures = field(default_factory=dict, repr=False)
    left_out: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class PlannedCell:
    """One cell of the plan.

    Attributes
    ----------
    role : Role
        Decided from the instructor's notebook; `Role.FREE` for what only the student has.
    grade_id : str or None
        Of the instructor's cell it stands for. No two cells of a plan share one.
    cell_type : str
        `code`, `markdown` or `raw`.
    source : str
        What runs and is shown: for a test the instructor's text, hidden part included.
    origin : str
        `STUDENT` or `INSTRUCTOR`: whose text `source` is.
    number : int or None
        Place in the student's notebook, from 0; None for a cell that was put back.
    instructor_index : int or None
        Place in the instructor's notebook.
    answered : bool
        For a hand-graded cell: False when it is still the prompt, or empty.
    typed : str
        What the student had typed into a locked or test cell: for a person to see, never run.
    note : str
        What intake did to the cell, for people; "" when nothing.
    pictures : mapping of str to mapping
        Pasted into the text: name -> type -> base64.
    left_out : mapping of str to str
        As of a `SubmittedCell`.
    """

    role: Role
    grade_id: str | None
    cell_type: str
    source: str
    origin: str
    number: int | None = None
    instructor_index: int | None = None
    answered: bool = True
    typed: str = ""
    note: str = ""
    pictures: Pictures = field(default_factory=dict, repr=False)
    left_out: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def runs(self) -> bool:
        """Whether it runs in the student's process: code that is not a test."""
        return self.cell_type == "code" and self.role is not Role.TEST


@dataclass(frozen=True)
class Submission:
    """One submission, ready to be graded.

    Attributes
    ----------
    cells : tuple of PlannedCell
        In the order of the student's notebook. Every test, locked and hand-graded cell of the assignment is
        there exactly once.
    flags : tuple of str
        Why a person should look.
    files : mapping of str to bytes
        The working directory by relative path: the submission's other files that were let in, and the
        assignment's, which win.
    notebook_path : str
        Where the notebook lies in the submitted folder.
    """

    cells: tuple[PlannedCell, ...]
    flags: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    notebook_path: str = ""

    @cached_property
    def by_grade_id(self) -> Mapping[str, PlannedCell]:
        """The planned cell of every grade id."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id is not None}
