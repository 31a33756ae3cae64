"""Where we change what nbgrader or a library of its does, as context managers: nothing outlives a block.

Each says what it saves and when it can go. Written for nbgrader 0.9.6.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_IRI_GRAMMAR = "rfc3987_syntax"


@contextlib.contextmanager
def importing_nbgrader() -> Iterator[None]:
    """Import nbgrader in the block: without other packages' warnings, in 1.2 s instead of 2.7 s.

    jsonschema (which nbformat imports) looks for `rfc3987_syntax`, to check IRIs, and building that package's
    grammar takes 1.5 s. No schema of a notebook has an IRI; jsonschema works without the package.

    Can go when jsonschema imports the package only to check an IRI, and when nbgrader imports no names that
    newer packages warn about.
    """
    hidden = _IRI_GRAMMAR not in sys.modules
    if hidden:
        sys.modules[_IRI_GRAMMAR] = None  # type: ignore[assignment]  # to `import`, no such module
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if hidden:
            del sys.modules[_IRI_GRAMMAR]


@contextlib.contextmanager
def knowing_schema_version() -> Iterator[None]:
    """Make a new gradebook in the block without the 3 s that nbgrader takes to run `alembic heads`.

    The same answer comes from Alembic's own reading of nbgrader's migrations, in this process.

    Can go when `nbgrader.api.Gradebook` asks Alembic without starting a program.
    """
    from alembic.script import ScriptDirectory

    with importing_nbgrader():
        import nbgrader.api
        import nbgrader.dbutil

    asked = nbgrader.api.get_alembic_version
    scripts = ScriptDirectory(nbgrader.dbutil.ALEMBIC_DIR)
    nbgrader.api.get_alembic_version = lambda: str(scripts.get_current_head())
    try:
        yield
    finally:
        nbgrader.api.get_alembic_version = asked


@contextlib.contextmanager
def without_database_noise() -> Iterator[None]:
    """Use the gradebook in the block without tracebacks and warnings on stderr; errors still rise.

    nbgrader prints the traceback of every database error through Tornado's logger, and its own
    `add_submission` draws three warnings of SQLAlchemy's.

    Can go when nbgrader raises such errors without logging them, and flushes before it queries.
    """
    from sqlalchemy.exc import SAWarning

    log = logging.getLogger("tornado.application")
    was_disabled, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            yield
    finally:
        log.disabled = was_disabled


@contextlib.contextmanager
def importable_from(folder: Path) -> Iterator[None]:
    """Let nbgrader import a course's own late-penalty plugin in the block, wherever we were started.

    nbgrader's programs find it because they are started in the course's folder.

    Can go when nbgrader looks for plugins in `CourseDirectory.root`.
    """
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextlib.contextmanager
def with_one_connection() -> Iterator[None]:
    """Open a gradebook on a database server in the block so that it keeps one connection, tried before use.

    nbgrader lets each gradebook have fifteen, and uses one that broke with a restart of the server. SQLite is
    opened as ever.

    Can go when `nbgrader.api.Gradebook` takes options for its engine.
    """
    import sqlalchemy

    with importing_nbgrader():
        import nbgrader.api

    asked = nbgrader.api.create_engine

    def create_engine(url: Any, **options: Any) -> Any:
        if sqlalchemy.make_url(url).get_backend_name() != "sqlite":
            options |= {"pool_size": 1, "max_overflow": 0, "pool_pre_ping": True}
        return asked(url, **options)

    nbgrader.api.create_engine = create_engine
    try:
        yield
    finally:
        nbgrader.api.create_engine = asked
