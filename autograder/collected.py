"""What a platform and a roster tell about students, kept for the verbs that come later.

`collect` writes it to `downloaded/<assignment>/collected.json`, whole or not at all; students never write
there. `gradebook` takes names from it where the gradebook has none, `report` takes who was marked late:
Canvas writes that into the names of files, and its zip has no times. A run of `collect` that was cut short is
repeated, and what it did not write is written then.

`feedback` takes what the platform calls a student's files.

    {"students": {"ada": {"first_name": "Ada", "last_name": "Lovelace", "email": "", "late": true}}}

CollectedError (a `CourseError`): the file is damaged.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.storage import write_whole


class CollectedError(CourseError):
    """The file is not what `collect` writes."""


@dataclass(frozen=True)
class KnownStudent:
    """What is known of one student; "" where it is not.

    Attributes
    ----------
    first_name, last_name, email : str
        From the roster.
    late : bool
        The platform marks the submission that lies in `submitted/` as late.
    collected : str
        Digest of the files that were last collected.
    listed : bool
        The roster that was given last names the student.
    platform : str
        Whose zip file the submission came in: `moodle`, `canvas` and so on.
    entry : str
        How names of the student's files begin there, as the platform's bulk upload of feedback wants them;
        "" where it has none.
    """

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    late: bool = False
    collected: str = ""
    listed: bool = False
    platform: str = ""
    entry: str = ""


def collected_path(course: Course, assignment: str) -> Path:
    """Where it lies."""
    return course.root / "downloaded" / assignment / "collected.json"


def read_collected(course: Course, assignment: str) -> dict[str, KnownStudent]:
    """What is known, by student; empty when nothing was collected.

    Raises
    ------
    CollectedError
        The file is damaged.
    """
    path = collected_path(course, assignment)
    try:
        students = json.loads(path.read_text(encoding="utf-8"))["students"]
        return {student: _known(fields) for student, fields in students.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CollectedError(
            f"{path} cannot be read, or is not what `autograder collect` writes. Move it away and collect "
            "the same zip file again: it is written anew."
        ) from error


def write_collected(course: Course, assignment: str, students: Mapping[str, KnownStudent]) -> None:
    """Keep `students` in the place of what was kept before.

    Raises
    ------
    StorageError
        The disk is full or does not take it.
    """
    known = {student: dataclasses.asdict(known) for student, known in sorted(students.items())}
    text = json.dumps({"students": known}, indent=1, ensure_ascii=False)
    write_whole(collected_path(course, assignment), text.encode() + b"\n")


def _known(fields: Mapping[str, object]) -> KnownStudent:
    texts = ("first_name", "last_name", "email", "collected", "platform", "entry")
    late, listed = (fields.get(name) is True for name in ("late", "listed"))
    return KnownStudent(**{name: str(fields.get(name, "")) for name in texts}, late=late, listed=listed)
