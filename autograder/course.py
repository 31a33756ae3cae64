"""A course: where its folders are, and which names of students and assignments are safe.

The layout is nbgrader's: `source/`, `release/`, `submitted/<student>/<assignment>/`, `autograded/`,
`feedback/`, `gradebook.db`. What our engine keeps beside it lies in `.autograder/`.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

# No separators, no leading dot or dash, no control characters: a name is one path component and one
# command-line word, whatever a zip file or a folder calls itself.
SAFE_NAME = re.compile(r"(?!.*\.\.)[\w][\w .@+=~,'()-]{0,119}", re.UNICODE)

# The next step where the folder holds no course; the program looks in the current one unless told otherwise.
WHICH_FOLDER = "Go into the folder that holds source/, or name it: --course DIR"


class CourseError(Exception):
    """The course or the command is not as it must be; the text says what to do next.

    CourseError
    └── UnknownStudentError, UnknownAssignmentError, NoSubmissionsError
    """


class UnknownStudentError(CourseError):
    """A student was named who has handed in nothing."""


class UnknownAssignmentError(CourseError):
    """The course has no instructor's copy of that assignment."""


class NoSubmissionsError(CourseError):
    """There is nothing to grade."""


@dataclass(frozen=True)
class Course:
    """The folders of one course.

    Parameters
    ----------
    root : Path
        The folder that holds `source/` and `submitted/`.
    """

    root: Path

    @property
    def gradebook(self) -> Path:
        """The file of nbgrader's gradebook."""
        return self.root / "gradebook.db"

    @property
    def gradebook_url(self) -> str:
        """The same as an address of SQLAlchemy's."""
        return f"sqlite:///{self.gradebook.resolve()}"

    def source(self, assignment: str) -> Path:
        """The instructor's copy: solutions, hidden tests, mark scheme."""
        return self.root / "source" / assignment

    def release(self, assignment: str) -> Path:
        """What students get."""
        return self.root / "release" / assignment

    def submitted(self, student: str, assignment: str) -> Path:
        """What a student handed in."""
        return self.root / "submitted" / student / assignment

    def autograded(self, student: str, assignment: str) -> Path:
        """The graded notebook that formgrader shows."""
        return self.root / "autograded" / student / assignment

    def feedback(self, student: str, assignment: str) -> Path:
        """The page a student gets back."""
        return self.root / "feedback" / student / assignment

    def results(self, assignment: str) -> Path:
        """The engine's own results, one JSON file a student, and its lock."""
        return self.root / ".autograder" / assignment

    def assignments(self) -> list[str]:
        """Names of all assignments that have an instructor's copy, sorted."""
        return sorted(
            path.parent.name for path in self.root.glob("source/*/*.ipynb") if path.stem == path.parent.name
        )

    def students(self, assignment: str) -> list[str]:
        """Who has a folder for this assignment under `submitted/`, sorted; unsafe names are left out."""
        folders = (self.root / "submitted").glob(f"*/{assignment}")
        return sorted(path.parent.name for path in folders if is_safe_name(path.parent.name))

    def require_assignment(self, assignment: str) -> Path:
        """The instructor's notebook of `assignment`.

        Raises
        ------
        UnknownAssignmentError
            The name is unsafe, or there is no such notebook.
        """
        notebook = self.source(assignment) / f"{assignment}.ipynb"
        if not is_safe_name(assignment) or not notebook.is_file():
            known = self.assignments()
            raise UnknownAssignmentError(
                f"no assignment {assignment!r} in {self.root.resolve()}: expected "
                f"source/{assignment}/{assignment}.ipynb. Known here: {', '.join(known) or 'none'}. "
                + _advice(assignment, known)
            )
        return notebook


def is_safe_name(name: str) -> bool:
    """Whether `name` can stand as one path component.

    >>> is_safe_name("ada.lovelace"), is_safe_name("../ada"), is_safe_name("a/b"), is_safe_name("-x")
    (True, False, False, False)
    """
    return SAFE_NAME.fullmatch(name) is not None and name == name.strip() and not name.endswith(".")


def _advice(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return "Take one of these." if known else WHICH_FOLDER
