"""The gradebook's address, and its faults in clear words.

GradebookError (a `CourseError`): the gradebook cannot be read or written; results are kept beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from autograder.course import Course, CourseError
from autograder.course_settings import CONFIG
from autograder.nbgrader_bridge.patches import without_database_noise

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


def gradebook_url(course: Course) -> URL:
    """The address of the course's gradebook: the one that its configuration names, else its `gradebook.db`.

    A path without a `/` in front is one in the course's folder, where nbgrader's programs are started.

    Raises
    ------
    GradebookError
        The configuration names something that is no address of a database.
    """
    if not course.db_url:
        return URL.create("sqlite", database=str(course.gradebook.resolve()))
    try:
        url = make_url(course.db_url)
    except ArgumentError as error:
        raise GradebookError(
            f"c.CourseDirectory.db_url = {course.db_url!r} is no address of a database; one like "
            "sqlite:////home/me/course/gradebook.db is wanted."
        ) from error
    if url.get_backend_name() != "sqlite" or not url.database:
        return url
    return url.set(database=str((course.root / url.database).resolve()))


def gradebook_exists(course: Course) -> bool:
    """Whether there is a gradebook to read; of a database server it is assumed."""
    url = gradebook_url(course)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def gradebook_name(course: Course) -> str:
    """The gradebook as a person knows it: its file, or its address without the password."""
    url = gradebook_url(course)
    is_file = url.get_backend_name() == "sqlite" and url.database
    return str(url.database) if is_file else url.render_as_string(hide_password=True)


def other_gradebook(course: Course) -> str:
    """A sentence where nbgrader's own programs would open another gradebook than this one; else "".

    nbgrader writes the folder's path into an address as it is; `?` and `%41` then mean something else.
    """
    path = str(course.gradebook.resolve())
    theirs = make_url(f"sqlite:///{path}").database
    if course.db_url or theirs == path:
        return ""
    return (
        f"nbgrader's own programs (formgrader among them) would open {theirs} instead of {path}, because of "
        f"the folder's name. Rename the folder, or add to {CONFIG}: "
        f'c.CourseDirectory.db_url = "{gradebook_url(course).render_as_string(hide_password=False)}"'
    )


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
            f"{gradebook_name(course)}: {reason} Results already graded are kept in "
            f"{course.root / '.autograder'}; the same command goes on from there."
        ) from error
