"""The course's nbgrader configuration, and the gradebook's faults in clear words.

GradebookError (a `CourseError`): the gradebook cannot be read or written; results are kept beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from traitlets.config.loader import Config, ConfigFileNotFound, PyFileConfigLoader

from autograder.course import Course, CourseError
from autograder.nbgrader_bridge.patches import without_database_noise

CONFIG = "nbgrader_config.py"
# What the database says -> what it means and what to do.
_DATABASE_FAULTS = {
    "database is locked": "another program is writing to the gradebook. Close it, or wait, and try again.",
    "database or disk is full": "the disk is full. Free some space and try again.",
    "disk I/O error": "the disk does not take the data (full, or failing). Free some space and try again.",
    "readonly database": "the file is read-only for you. Change its permissions and try again.",
    "file is not a database": "this is not an SQLite file. Move it away; a new one is made.",
    "no such column": "made by an older nbgrader. Back it up and run `nbgrader db upgrade`.",
}


class GradebookError(CourseError):
    """The gradebook cannot be read or written; the text says why and what is kept."""


def course_config(course: Course) -> Any:
    """What the course's `nbgrader_config.py` sets (the instructor's own file; empty without one).

    Raises
    ------
    CourseError
        The file has an error.
    """
    try:
        return PyFileConfigLoader(CONFIG, path=str(course.root)).load_config()
    except ConfigFileNotFound:
        return Config()
    except Exception as error:  # the instructor's own program: it may raise anything
        raise CourseError(
            f"{course.root.resolve() / CONFIG} has an error: {type(error).__name__}: {error}. Correct that "
            "line, or put back the copy that came with the clone."
        ) from error


@contextlib.contextmanager
def clear_errors(course: Course) -> Iterator[None]:
    """Turn faults of the database in the block into `GradebookError`s with a next step."""
    try:
        with without_database_noise():
            yield
    except (SQLAlchemyError, ValueError) as error:  # ValueError: nbgrader's InvalidEntry
        fault = str(error)
        reason = next(
            (words for mark, words in _DATABASE_FAULTS.items() if mark in fault), fault.split("\n")[0]
        )
        raise GradebookError(
            f"{course.gradebook}: {reason} Results already graded are kept in {course.root / '.autograder'}; "
            "the same command goes on from there."
        ) from error
