"""nbgrader's gradebook opened: one connection to a server, whole transactions, one writer at a time.

On a database server several graders may write one gradebook, and nbgrader looks before it adds: two would
both find a student missing. So a writer holds a lock of the server's (an advisory lock) as long as it writes;
formgrader, which only changes rows that are there, needs none. Between uses no transaction stays open, so
that a restart of the server, or a change of its tables, finds nobody in the middle.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from autograder.course import Course
from autograder.course_settings import course_config
from autograder.nbgrader_bridge.database import gradebook_url, require_driver
from autograder.nbgrader_bridge.patches import (
    importing_nbgrader,
    knowing_schema_version,
    with_one_connection,
)

with importing_nbgrader():
    import nbgrader.api
    from nbgrader.api import Gradebook

_LOCK = 0x6E62_6772  # any number that no other program uses in this database
_PATIENCE_S = 60


class Book(Gradebook):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's gradebook; one that cannot be opened leaves no connection open."""

    def __init__(self, url: URL, course_id: str) -> None:
        self._url = url
        try:
            with knowing_schema_version(), with_one_connection(), only_writer(url):
                super().__init__(url, course_id)
                if not course_id and not is_file(url):
                    self._add_nameless_course()
        except BaseException:
            if hasattr(self, "db"):
                self.close()
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """A block that reads; nbgrader's objects are of no use after it."""
        try:
            yield
        except BaseException:
            self.db.rollback()
            raise
        if not is_file(self._url):
            self.db.rollback()  # ends the transaction that reading began

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """A block that writes and commits; no other grader writes meanwhile."""
        with only_writer(self._url), self.reading():
            yield

    def _add_nameless_course(self) -> None:
        """Add the course without an id, which nbgrader's assignments name and which it adds itself never."""
        if self.db.get(nbgrader.api.Course, "") is None:
            self.db.add(nbgrader.api.Course(id=""))
        self.db.commit()


def open_book(course: Course) -> Book:
    """The course's gradebook, made where there is none.

    Raises
    ------
    GradebookError
        The package for this kind of database is missing.
    sqlalchemy.exc.SQLAlchemyError, ValueError
        It cannot be opened; `database.clear_errors` says it in words.
    """
    url = gradebook_url(course)
    require_driver(url)
    return Book(url, str(course_config(course).CourseDirectory.get("course_id", "")))


def is_file(url: URL) -> bool:
    """Whether the database is a file, which locks itself."""
    return url.get_backend_name() == "sqlite"


@contextlib.contextmanager
def only_writer(url: URL) -> Iterator[None]:
    """Hold a PostgreSQL database against other graders in the block; elsewhere nothing is done."""
    if url.get_backend_name() != "postgresql":
        yield
        return
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{_PATIENCE_S}s'"))
        connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
        connection.commit()  # the lock is the connection's, and ends with it
        yield
