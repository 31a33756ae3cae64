"""Around nbgrader: its import, its configuration, its gradebook's making and faults in clear words.

GradebookError (a `CourseError`): the gradebook cannot be read or written; results are kept beside it.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config.loader import Config, ConfigFileNotFound, PyFileConfigLoader

from autograder.course import Course, CourseError

CONFIG = "nbgrader_config.py"


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
def importable_from(folder: Path) -> Iterator[None]:
    """nbgrader imports a course's own plugin from the folder it is started in: so does the block."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextlib.contextmanager
def importing_nbgrader() -> Iterator[None]:
    """Import nbgrader in the block: without other packages' warnings, in 1.2 s instead of 2.7 s.

    jsonschema (which nbformat imports) looks for `rfc3987_syntax`, to check IRIs, and this takes 1.5 s to
    build its grammar. No schema of a notebook has an IRI; jsonschema works without the package.
    """
    grammar = "rfc3987_syntax"
    hidden = grammar not in sys.modules
    if hidden:
        sys.modules[grammar] = None  # type: ignore[assignment]  # to `import`, no such module
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader 0.9.6 imports names that newer packages warn about
            yield
    finally:
        if hidden:
            del sys.modules[grammar]


@contextlib.contextmanager
def clear_errors(course: Course) -> Iterator[None]:
    """Turn faults of the database in the block into `GradebookError`s with a next step."""
    log = logging.getLogger("tornado.application")  # where nbgrader prints tracebacks of database errors
    was_disabled, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own add_submission draws three of them
            yield
    except (SQLAlchemyError, ValueError) as error:  # ValueError: nbgrader's InvalidEntry
        said = str(error)
        reason = next(
            (words for mark, words in _DATABASE_FAULTS.items() if mark in said), said.split("\n")[0]
        )
        raise GradebookError(
            f"{course.gradebook}: {reason} Results already graded are kept in {course.root / '.autograder'}; "
            "the same command goes on from there."
        ) from error
    finally:
        log.disabled = was_disabled


_DATABASE_FAULTS = {
    "database is locked": "another program is writing to the gradebook. Close it, or wait, and try again.",
    "database or disk is full": "the disk is full. Free some space and try again.",
    "disk I/O error": "the disk does not take the data (full, or failing). Free some space and try again.",
    "readonly database": "the file is read-only for you. Change its permissions and try again.",
    "file is not a database": "this is not an SQLite file. Move it away; a new one is made.",
    "no such column": "made by an older nbgrader. Back it up and run `nbgrader db upgrade`.",
}
