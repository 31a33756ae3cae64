"""nbgrader's gradebook copied to another database, whole or not at all.

Every row of nbgrader's tables is read from one moment's state of the source and written in one transaction;
before that is committed, each table of the target must have as many rows. Refuses: a target that holds
something already, a source of another version of nbgrader, a row that the target's rules do not allow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, create_engine, func, insert, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from autograder.course import Course
from autograder.nbgrader_bridge.database import (
    DATABASE_FAULTS,
    OLDER_SCHEMA,
    GradebookError,
    database_name,
    database_url,
    fault_words,
    gradebook_exists,
    gradebook_url,
    require_driver,
)
from autograder.nbgrader_bridge.opening import is_file, only_writer
from autograder.nbgrader_bridge.patches import importing_nbgrader
from autograder.storage import only_run

with importing_nbgrader():
    from nbgrader.api import Base
    from nbgrader.dbutil import ALEMBIC_DIR

_ROWS = 500  # written at a time
_TABLES: tuple[Table, ...] = tuple(Base.metadata.sorted_tables)  # a row's parents before it
_COURSE = Base.metadata.tables["course"]
_ASSIGNMENT = Base.metadata.tables["assignment"]


def copy_gradebook(
    course: Course,
    address: str,
    *,
    replace: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, int]:
    """Copy the course's gradebook to the database at `address`; the number of rows of each table.

    Parameters
    ----------
    course : Course
        Held against other runs meanwhile.
    address : str
        As `c.CourseDirectory.db_url` would have it.
    replace : bool
        Delete what the target holds.
    progress : callable
        Told how many rows are written, of how many.

    Raises
    ------
    GradebookError
        No gradebook, a target that is not empty or the source itself, another version of nbgrader, or a
        fault of one of the two. The target is as it was then, and so is the source in any case.
    BusyError
        Another run holds the course.
    """
    source, target = gradebook_url(course), database_url(course, address, f"--to {address!r}")
    require_driver(source)
    require_driver(target)
    if not gradebook_exists(course):
        raise GradebookError(f"{database_name(source)}: there is no gradebook to copy. Grade first.")
    if source == target:
        raise GradebookError(
            f"{database_name(source)} is this course's gradebook already. --to names another database."
        )
    with (
        only_run(course),
        _in_words(source, target),
        only_writer(target),
        _reading(source) as old,
        _writing(target) as new,
    ):
        return _copy(old, new, replace, progress)


def _copy(
    old: Connection, new: Connection, replace: bool, progress: Callable[[int, int], None]
) -> dict[str, int]:
    version = _version(old)
    if version != _present_version():
        raise GradebookError(f"{database_name(old.engine.url)}: {OLDER_SCHEMA}")
    _make_tables(new, version)
    _empty(new, replace)
    wanted = {table.name: _count(old, table) for table in _TABLES}
    total, done = sum(wanted.values()), 0
    progress(0, total)
    added = _missing_courses(old)
    wanted[_COURSE.name] += len(added)
    if added:
        new.execute(insert(_COURSE), added)
    for table in _TABLES:
        rows = old.execute(select(table).execution_options(yield_per=_ROWS)).mappings()
        for batch in rows.partitions(_ROWS):
            _insert(new, table, [dict(row) for row in batch])
            done += len(batch)
            progress(done, total)
    written = {table.name: _count(new, table) for table in _TABLES}
    if written != wanted:
        raise GradebookError(
            f"{database_name(new.engine.url)} has {_counted(written)} instead of {_counted(wanted)}. "
            "Nothing was copied. Has another program written to it? Close it and try again."
        )
    return written


@contextlib.contextmanager
def _reading(url: URL) -> Iterator[Connection]:
    """A connection that sees the database as it is at one moment."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if is_file(url):
            connection.exec_driver_sql("BEGIN")
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextlib.contextmanager
def _writing(url: URL) -> Iterator[Connection]:
    """A connection on which all that the block writes is kept, or nothing."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if is_file(url):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()


@contextlib.contextmanager
def _in_words(source: URL, target: URL) -> Iterator[None]:
    try:
        yield
    except (*DATABASE_FAULTS, LookupError) as error:  # LookupError: a value outside of an enumeration
        raise GradebookError(
            f"copying {database_name(source)} to {database_name(target)}: {fault_words(error)} "
            "Nothing was copied."
        ) from error


def _make_tables(new: Connection, version: str) -> None:
    """Have nbgrader's tables in the target, of the same version."""
    Base.metadata.create_all(new)
    if not inspect(new).has_table("alembic_version"):
        new.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    theirs = _version(new)
    if not theirs:
        new.execute(text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": version})
    elif theirs != version:
        raise GradebookError(f"{database_name(new.engine.url)}: {OLDER_SCHEMA}")


def _empty(new: Connection, replace: bool) -> None:
    """Have nothing in the target's tables.

    Raises
    ------
    GradebookError
        Something is there, and it is not to be replaced.
    """
    held = {table.name: _count(new, table) for table in _TABLES}
    if any(rows for name, rows in held.items() if name != _COURSE.name) and not replace:
        raise GradebookError(
            f"{database_name(new.engine.url)} holds a gradebook already: {_counted(held)}. Nothing was "
            "copied. Name an empty database, or add --replace to delete what is there."
        )
    for table in reversed(_TABLES):
        new.execute(table.delete())


def _missing_courses(old: Connection) -> list[dict[str, Any]]:
    """Courses that assignments name and that are not there: nbgrader never adds the one without an id."""
    known = select(_COURSE.c.id)
    named = select(_ASSIGNMENT.c.course_id).distinct().where(_ASSIGNMENT.c.course_id.not_in(known))
    return [{"id": name} for name in old.execute(named).scalars()]


def _insert(new: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows; where one of them cannot be, name it."""
    try:
        with new.begin_nested():
            new.execute(insert(table), rows)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        for row in rows:
            _insert_one(new, table, row)
        raise  # each by itself is possible


def _insert_one(new: Connection, table: Table, row: dict[str, Any]) -> None:
    try:
        with new.begin_nested():
            new.execute(insert(table), row)
    except DBAPIError as error:
        reason = str(error.orig).split("\n")[0]
        raise GradebookError(
            f"{database_name(new.engine.url)} does not take the row {row['id']!r} of the table "
            f"{table.name!r}: {reason}. Nothing was copied. Correct it in the gradebook that is copied."
        ) from error


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _counted(rows: dict[str, int]) -> str:
    """How much is in a gradebook, in a person's words."""
    named = {"student": "students", "assignment": "assignments", "grade": "grades", "comment": "comments"}
    return ", ".join(f"{rows[table]:,} {words}" for table, words in named.items())


def _version(connection: Connection) -> str:
    """The version of nbgrader's tables; "" where it is not said."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _present_version() -> str:
    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())
