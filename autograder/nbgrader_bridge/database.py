"""The gradebook's address, and its faults in clear words.

GradebookError (a `CourseError`): the gradebook cannot be read or written; results are kept beside it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from autograder.course import Course, CourseError
from autograder.course_settings import CONFIG
from autograder.nbgrader_bridge.patches import without_database_noise

OLDER_SCHEMA = "made by an older nbgrader. Back it up and run `nbgrader db upgrade`."
_PASSWORD = "Put the right one into ~/.pgpass (mode 0600), where it shows in no file of the course."
# What the database says -> what it means and what to do.
_TOLD = {
    "database is locked": "another program is writing to the gradebook. Close it, or wait, and try again.",
    "database or disk is full": "the disk is full. Free some space and try again.",
    "disk I/O error": "the disk does not take the data (full, or failing). Free some space and try again.",
    "readonly database": "the file is read-only for you. Change its permissions and try again.",
    "file is not a database": "this is not an SQLite file. Move it away; a new one is made.",
    "no such column": OLDER_SCHEMA,
    "unable to open database file": "no such folder, or no right to write there. Correct that and try again.",
    # PostgreSQL
    "Connection refused": "no database server answers there. Start it, or correct the address.",
    "failed to resolve host": "no machine of that name is known. Correct the address.",
    "password authentication failed": f"the server refuses the password. {_PASSWORD}",
    "no password supplied": f"the server wants a password. {_PASSWORD}",
    "starting up": "the server is just starting. Wait a moment and try again.",
    "shutting down": "the server is being stopped. Start it and try again.",
    "terminating connection": "the server was stopped meanwhile. Start it and try again.",
    "server closed the connection": "the server was stopped meanwhile. Start it and try again.",
    "the connection is closed": "the server was stopped meanwhile. Start it and try again.",
    "too many clients": "the server takes no more connections. Close other programs, or raise its "
    "max_connections.",
    "connection slots": "the server takes no more connections. Close other programs, or raise its "
    "max_connections.",
    "permission denied": "the server does not let this user write there. Ask whoever runs it for the rights "
    "of the database's owner.",
    "lock timeout": "another program is writing to the gradebook. Close it, or wait, and try again.",
    "column does not exist": OLDER_SCHEMA,
    "UndefinedColumn": OLDER_SCHEMA,
}
_RESTARTED = (
    "Connection refused",
    "starting up",
    "shutting down",
    "terminating connection",
    "server closed the connection",
    "the connection is closed",
)
_MISSING_DATABASE = re.compile(r'database "([^"]*)" does not exist')


DATABASE_FAULTS = (SQLAlchemyError, ValueError)  # ValueError: nbgrader's InvalidEntry


class GradebookError(CourseError):
    """The gradebook cannot be read or written; the text says why and what is kept.

    Attributes
    ----------
    may_pass : bool
        It is what programs are told while the server is started again.
    """

    may_pass = False


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
    return database_url(course, course.db_url, f"c.CourseDirectory.db_url = {course.db_url!r}")


def database_url(course: Course, address: str, named: str) -> URL:
    """The address of a database as `make_url` reads it, a file's path taken from the course's folder.

    Raises
    ------
    GradebookError
        It is none; `named` is how a person gave it.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise GradebookError(
            f"{named} is no address of a database; one like sqlite:////home/me/course/gradebook.db is wanted."
        ) from error
    if url.get_backend_name() != "sqlite" or not url.database:
        return url
    return url.set(database=str((course.root / url.database).resolve()))


def require_driver(url: URL) -> None:
    """Raise `GradebookError` where the package that speaks with this kind of database is not installed."""
    try:
        url.get_dialect().import_dbapi()
    except ModuleNotFoundError as error:
        package = "psycopg[binary]" if error.name == "psycopg" else error.name
        raise GradebookError(
            f"{database_name(url)}: the package {error.name!r}, which speaks with this database, is not "
            f"installed. Install it beside the grader: python -m pip install '{package}'"
        ) from error


def gradebook_exists(course: Course) -> bool:
    """Whether there is a gradebook to read; of a database server it is assumed."""
    url = gradebook_url(course)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def gradebook_name(course: Course) -> str:
    """The gradebook as a person knows it: its file, or its address without the password."""
    return database_name(gradebook_url(course))


def database_name(url: URL) -> str:
    """A database as a person knows it: its file, or its address without the password."""
    is_file = url.get_backend_name() == "sqlite" and url.database
    return str(url.database) if is_file else url.render_as_string(hide_password=True)


def without_password(address: str) -> str:
    """An address as it was given, `***` in place of a password.

    >>> without_password("postgresql+psycopg://me:secret@db/grades")
    'postgresql+psycopg://me:***@db/grades'
    """
    return make_url(address).render_as_string(hide_password=True)


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
    except DATABASE_FAULTS as error:
        told = GradebookError(
            f"{gradebook_name(course)}: {fault_words(error)} Results already graded are kept in "
            f"{course.root / '.autograder'}; the same command goes on from there."
        )
        told.may_pass = any(mark in _told_by_database(error) for mark in _RESTARTED)
        raise told from error


def fault_words(error: Exception) -> str:
    """What one of the `DATABASE_FAULTS` means, and the next step.

    >>> fault_words(ValueError("(sqlite3.OperationalError) database is locked"))
    'another program is writing to the gradebook. Close it, or wait, and try again.'
    """
    fault = _told_by_database(error)
    if absent := _MISSING_DATABASE.search(fault):
        return f"the server has no database {absent[1]}. Make it there first: createdb {absent[1]}"
    return next((words for mark, words in _TOLD.items() if mark in fault), fault.split("\n")[0])


def _told_by_database(error: Exception) -> str:
    """What the database says, without the statement and its values, which a student may have written."""
    return str(error.args[0]) if isinstance(error, SQLAlchemyError) and error.args else str(error)
