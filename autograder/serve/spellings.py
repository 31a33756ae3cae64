"""Under which spelling the course knows a person: names that differ only in capitals are one person.

A login may take `Ada` for `ada`, and so may a file system. Two spellings would have tries of their own, and
on such a file system one folder. `collect` skips an id whose folder another id has; the service refuses it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from autograder.collected import read_collected
from autograder.course import Course


class Spellings:
    """The names of a course's students, who have a folder in `submitted/` and others; for one thread.

    Parameters
    ----------
    course : Course
    names : iterable of str
        Who is known beside these.
    """

    def __init__(self, course: Course, names: Iterable[str] = ()) -> None:
        self._folder = course.root / course.submitted_directory
        self._read_of = 0  # when the folder was last changed
        self._known: dict[str, set[str]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Know one more."""
        self._known.setdefault(_folded(name), set()).add(name)

    def fault(self, name: str) -> str:
        """Why nobody can be called so here; "" where the name, or no spelling of it, is known."""
        self._read_folder()
        known = self._known.get(_folded(name), {name})
        if name in known:
            return ""
        other = min(known)
        is_composed = unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other)
        one, two = (ascii(text) if is_composed else repr(text) for text in (other, name))
        next_step = "Log in with that spelling, or ask your instructor."
        return f"This course knows you as {one}, not as {two}. {next_step}"

    def _read_folder(self) -> None:
        changed = self._folder.stat().st_mtime_ns if self._folder.is_dir() else 0
        if changed != self._read_of:
            self._read_of = changed
            for path in self._folder.iterdir():
                self.add(path.name)


def listed_students(course: Course) -> set[str]:
    """Who is in the gradebook, or in a roster that `collect` was given.

    Raises
    ------
    CourseError
        One of them cannot be read.
    """
    from autograder.nbgrader_bridge.book import gradebook_students  # imports nbgrader

    found = set(gradebook_students(course))
    for assignment in course.assignments():
        found |= {name for name, about in read_collected(course, assignment).items() if about.listed}
    return found


def _folded(name: str) -> str:
    """The same for names that differ in capitals, or in how letters are composed.

    >>> _folded("ADA") == _folded("ada"), _folded("Jose\\u0301") == _folded("JOS\\u00c9")
    (True, True)
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
