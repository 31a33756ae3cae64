"""One module per format: grades in the form another system reads. Pure: results in, bytes out.

`autograder export` picks the format, fetches the results and writes the files. What a format cannot say
(who was left out, and why) comes back as notes.

ExportError (a `CourseError`): the file the other system gave does not fit; nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course import CourseError

__all__ = ["Export", "ExportError"]


class ExportError(CourseError):
    """The roster, column or option does not fit; the text says what would."""


@dataclass(frozen=True)
class Export:
    """What a format makes of the results.

    Attributes
    ----------
    files : mapping of str to bytes
        Content by file name; a name may hold folders.
    notes : tuple of str
        Sentences for the instructor: who is not in the files, and why.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()
