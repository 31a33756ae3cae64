"""A course: where its folders are, and which names of students and assignments are safe.

The layout is nbgrader's: `source/`, `release/`, `submitted/<student>/<assignment>/`, `autograded/`,
`feedback/`, `gradebook.db`, unless the course's configuration names others. What our engine keeps beside it
lies in `.autograder/`.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.untrusted.text import printable
from autograder.untrusted.windows_names import fault_here

# No separators, no leading dot or dash, no control characters: a name is one path component and one
# command-line word, whatever a zip file or a folder calls itself. Marks that join a letter (as in Hindi or
# Hebrew) and the signs that names are written with (apostrophe, en dash, middle dot) are part of names.
_SIGNS = " .@+=~,'()-_" + "\u2018\u2019\u02bc\u02bb\u2010\u2011\u2013\u00b7\u200c\u200d\u30fb"
_MOST_NAME_BYTES = 240  # a file's name has room for 255

# The next step where the folder holds no course; the program looks in the current one unless told otherwise.
WHICH_FOLDER = "Go into the folder that holds source/, or name it: --course DIR"

NAME_RULE = (
    "name is made of letters, digits, spaces and any of _ . @ = ~ , ' ( ) -; it begins "
    "with a letter, a digit or _, does not end in a space or a dot, and has at most 120 characters"
)

MOST_MISPLACED = 5  # named in one line


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
    source_directory, release_directory, submitted_directory, autograded_directory, feedback_directory : str
        nbgrader's settings of these names: folders in `root`, or anywhere.
    db_url : str
        nbgrader's setting of this name, an address of SQLAlchemy's; "" for `gradebook.db` in `root`.
    """

    root: Path
    source_directory: str = "source"
    release_directory: str = "release"
    submitted_directory: str = "submitted"
    autograded_directory: str = "autograded"
    feedback_directory: str = "feedback"
    db_url: str = ""

    @property
    def gradebook(self) -> Path:
        """The file of nbgrader's gradebook where `db_url` names no other."""
        return self.root / "gradebook.db"

    def source(self, assignment: str) -> Path:
        """The instructor's copy: solutions, hidden tests, mark scheme."""
        return self.root / self.source_directory / assignment

    def release(self, assignment: str) -> Path:
        """What students get."""
        return self.root / self.release_directory / assignment

    def submitted(self, student: str, assignment: str) -> Path:
        """What a student handed in."""
        return self.root / self.submitted_directory / student / assignment

    def autograded(self, student: str, assignment: str) -> Path:
        """The graded notebook that formgrader shows."""
        return self.root / self.autograded_directory / student / assignment

    def feedback(self, student: str, assignment: str) -> Path:
        """The page a student gets back."""
        return self.root / self.feedback_directory / student / assignment

    def results(self, assignment: str) -> Path:
        """The engine's own results, one JSON file a student, and its lock."""
        return self.root / ".autograder" / assignment

    def assignments(self) -> list[str]:
        """Names of all assignments that have an instructor's copy, sorted: folders that hold a notebook."""
        paths = (self.root / self.source_directory).glob("*/*.ipynb")
        return sorted({path.parent.name for path in paths if not _is_hidden(path.parent) and _is_seen(path)})

    def notebooks(self, assignment: str) -> list[Path]:
        """The instructor's notebooks of the assignment, sorted by name."""
        return sorted(path for path in self.source(assignment).glob("*.ipynb") if _is_seen(path))

    def notebook_names(self, assignment: str) -> list[str]:
        """What these notebooks are called, without `.ipynb`: nbgrader's names of them."""
        return [path.stem for path in self.notebooks(assignment)]

    def students(self, assignment: str) -> list[str]:
        """Who has a folder for this assignment under `submitted/`, sorted; unsafe names are left out."""
        folders = (self.root / self.submitted_directory).glob(f"*/{assignment}")
        return sorted(path.parent.name for path in folders if is_safe_name(path.parent.name))

    def same_folder(self, student: str) -> str:
        """Another id whose folder under `submitted/` the file system takes for this student's; "" for none.

        The file systems of Windows and macOS tell no capitals from small letters.
        """
        folder = self.root / self.submitted_directory
        own = folder / student
        names = _names_in(folder)
        if student in names or not own.exists():
            return ""
        return next((name for name in names if (folder / name).samefile(own)), "")

    def misplaced(self, assignment: str) -> list[str]:
        """What under `submitted/` is ignored because of its location, sorted, each with what may be meant.

        A notebook or zip file outside the folders of assignments; a folder whose name is nearly the
        assignment's, or which holds its notebook; the assignment of a student whose id is unsafe. Hidden
        names and other assignments are left out.
        """
        others = set(self.assignments()) - {assignment}
        notebooks = {path.name for path in self.notebooks(assignment)}
        found: list[tuple[Path, str]] = []
        folder = self.root / self.submitted_directory
        for path in _listed(folder):
            with contextlib.suppress(OSError):  # not ours to read
                found += _misplaced(
                    path, f"{self.submitted_directory}/STUDENT/{assignment}/", others, notebooks
                )
        return sorted(
            f"{self.submitted_directory}/{_shown(path.relative_to(folder))} ({hint})" for path, hint in found
        )

    def require_assignment(self, assignment: str) -> list[Path]:
        """The instructor's notebooks of `assignment`, at least one, sorted by name.

        Raises
        ------
        UnknownAssignmentError
            The name breaks the rule of `name_fault`, or there is no notebook.
        """
        is_there = assignment in self.assignments()
        if is_there and (fault := name_fault(assignment)):
            raise UnknownAssignmentError(
                f"{self.source(assignment)} cannot be used: {fault}. Rename the folder."
            )
        if not is_there:
            known = [name for name in self.assignments() if not name_fault(name)]
            raise UnknownAssignmentError(
                f"no assignment {assignment!r} in {self.root.resolve()}: expected "
                f"{self.source_directory}/{assignment}/NOTEBOOK.ipynb. "
                f"Known here: {', '.join(known) or 'none'}. " + _advice(assignment, known)
            )
        return self.notebooks(assignment)


def is_safe_name(name: str) -> bool:
    """Whether `name` can stand as one path component on this system.

    >>> is_safe_name("ada.lovelace"), is_safe_name("../ada"), is_safe_name("a/b"), is_safe_name("-x")
    (True, False, False, False)
    """
    return (
        0 < len(name) <= 120
        and len(name.encode("utf-8", "replace")) <= _MOST_NAME_BYTES
        and (name[0].isalnum() or name[0] == "_")
        and all(map(_is_of_a_name, name))
        and ".." not in name
        and name == name.strip()
        and not name.endswith(".")
        and not fault_here(name)
    )


def safe_name(text: str) -> str:
    """A person's name as one that is safe: composed letters, other signs as `_`, no dot at the end.

    >>> safe_name("Jo\u0308rg Mu\u0308ller Jr."), safe_name('Mar\u00eda "Pepa" Ruiz'), safe_name("..")
    ('J\u00f6rg M\u00fcller Jr', 'Mar\u00eda _Pepa_ Ruiz', '..')
    """
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    shown = "".join(letter if _is_of_a_name(letter) else "_" for letter in composed)
    return shown.rstrip(" .") or text


def _is_of_a_name(letter: str) -> bool:
    return letter.isalnum() or letter in _SIGNS or unicodedata.category(letter) in ("Mn", "Mc", "Pc")


def name_fault(assignment: str) -> str:
    """What is wrong with an assignment's name, in the words of the rule; "" where nothing is.

    nbgrader's own rule (no `+`) counts in every verb, so that both programs know the same assignments.

    >>> name_fault("week 1"), name_fault("a+1")[:38]
    ('', "an assignment's name is made of letter")
    """
    if is_safe_name(assignment) and "+" not in assignment:
        return ""
    if fault := fault_here(assignment):
        return fault
    return f"an assignment's {NAME_RULE}"


def ignored_files(course: Course, assignment: str) -> str:
    """One line about `Course.misplaced`; "" when everything is in its place."""
    found = course.misplaced(assignment)
    more = [f"and {len(found) - MOST_MISPLACED} more"] * (len(found) > MOST_MISPLACED)
    return (
        f"Ignored because of their location: {'; '.join([*found[:MOST_MISPLACED], *more])}." if found else ""
    )


def _misplaced(path: Path, wanted: str, others: set[str], notebooks: set[str]) -> Iterator[tuple[Path, str]]:
    """What is misplaced of one name in `submitted/`, and what may be meant; `wanted` is the right place."""
    assignment = wanted.rstrip("/").rpartition("/")[2]
    right = path / assignment
    if path.is_dir() and not is_safe_name(path.name):
        if right.exists():
            yield path, "cannot be a student's id"
        return
    for inside in _listed(path) if path.is_dir() else [path]:
        if not inside.is_dir():
            if inside.suffix.casefold() in (".ipynb", ".zip") and inside.stem not in others:
                yield inside, f"only {wanted} is"
            continue
        is_right = inside == right or (right.exists() and inside.samefile(right))
        looks_meant = _is_nearly(inside.name, assignment) or any(
            (inside / notebook).is_file() for notebook in notebooks
        )
        if looks_meant and not is_right and inside.name not in others:
            yield inside, f"is {assignment} meant?"


def _names_in(folder: Path) -> list[str]:
    """The names in a folder, as they were given."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _is_seen(path: Path) -> bool:
    return path.is_file() and not _is_hidden(path)


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _listed(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _is_nearly(name: str, assignment: str) -> bool:
    """Whether `name` may be a slip for the assignment; another number is another assignment.

    >>> _is_nearly("Deeper", "deeper"), _is_nearly("deepr", "deeper"), _is_nearly("homework2", "homework1")
    (True, True, False)
    """
    one, other = name.casefold(), assignment.casefold()
    same_numbers = re.findall(r"\d+", one) == re.findall(r"\d+", other)
    return same_numbers and difflib.SequenceMatcher(None, one, other).ratio() >= 0.8


def _shown(path: Path) -> str:
    return printable(path.as_posix(), 160)


def _advice(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return "Take one of these." if known else WHICH_FOLDER
