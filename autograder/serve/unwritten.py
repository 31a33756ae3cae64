"""Whose verdict may be missing in the gradebook: it was told before the run that writes it had ended.

An empty file for each, `.autograder/.serve/unwritten/ASSIGNMENT/STUDENT`. It is there before the verdict is
told, and until a run that writes the student's points has ended well: a gradebook that was locked, and a
service that was killed, keep nobody's points out of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.storage import write_whole


class Unwritten:
    """What the gradebook may lack.

    Parameters
    ----------
    folder : Path
        The service's own; what is there is found again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "unwritten"

    def add(self, assignment: str, student: str) -> None:
        """Remember the student until `remove`.

        Raises
        ------
        StorageError
            The disk is full.
        """
        write_whole(self._folder / assignment / student, b"")

    def remove(self, assignment: str, students: Iterable[str]) -> None:
        """Forget these students: the gradebook has their points, or they have none."""
        for student in students:
            (self._folder / assignment / student).unlink(missing_ok=True)

    def students(self) -> dict[str, list[str]]:
        """Whose points may be missing, by assignment; only assignments of which some are."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._folder.glob("[!.]*/[!.]*")):
            found.setdefault(path.parent.name, []).append(path.name)
        return found
