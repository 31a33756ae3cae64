"""Where we change what nbgrader or a library of its does, as context managers: nothing outlives a block.

Each says what it saves and when it can go. Written for nbgrader 0.9.6.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# What jsonschema checks formats with (addresses, times, colours): no schema of a notebook has any.
_FORMATS = (
    "rfc3987_syntax", "rfc3987", "rfc3986_validator", "rfc3339_validator", "isoduration", "fqdn", "webcolors",
    "uri_template",
)  # fmt: skip
_ARCHIVES = "setuptools.archive_util"
_UNPACKING = ("unpack_archive", "unpack_tarfile", "unpack_zipfile")
_EXTENSIONS = ("assignment_list", "course_list", "validate_assignment", "formgrader")
_REVISION = re.compile(r"^(revision|down_revision) = '(\w+)'", re.MULTILINE)


@contextlib.contextmanager
def importing_nbgrader() -> Iterator[None]:
    """Import nbgrader in the block: without other packages' warnings, in 0.3 s instead of 2.7 s.

    jsonschema (which nbformat imports) looks for packages that check formats; building the grammar of one,
    `rfc3987_syntax`, takes 1.5 s. No schema of a notebook has a format; jsonschema works without them.
    nbgrader itself imports its four extensions of Jupyter's server, and with them all its programs; only a
    server uses them, and where one runs they are imported before. It also imports requests, to ask a
    JupyterHub, and setuptools, to unpack archives: both are loaded when they are used.

    Can go when jsonschema imports such a package only to check a format, when nbgrader loads its extensions,
    requests and setuptools when they are asked for, and when it imports no names that newer packages warn
    about.
    """
    hidden: dict[str, types.ModuleType | None] = dict.fromkeys(_FORMATS)  # to `import`, no such modules
    if "nbgrader" not in sys.modules:
        hidden["requests"] = _LoadedWhenUsed("requests")
        hidden[_ARCHIVES] = archives = types.ModuleType(_ARCHIVES)
        vars(archives).update({name: _loaded_when_called(_ARCHIVES, name) for name in _UNPACKING})
        for name in _EXTENSIONS:
            module = types.ModuleType(f"nbgrader.server_extensions.{name}")
            module.load_jupyter_server_extension = None  # type: ignore[attr-defined]
            hidden[module.__name__] = module
    hidden = {name: module for name, module in hidden.items() if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, stand_in in hidden.items():
            if sys.modules.get(name) is stand_in:
                sys.modules.pop(name, None)


class _LoadedWhenUsed(types.ModuleType):
    """Stands for a module, which is imported as soon as something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked by `import` itself
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _loaded_when_called(module: str, name: str) -> Callable[..., Any]:
    """The function `name` of a module that is imported with the first call."""
    return lambda *args, **kwargs: getattr(importlib.import_module(module), name)(*args, **kwargs)


@contextlib.contextmanager
def knowing_schema_version() -> Iterator[None]:
    """Make a new gradebook in the block without the 3 s that nbgrader takes to run `alembic heads`.

    The same answer stands in nbgrader's migrations: the one that no other comes after.

    Can go when `nbgrader.api.Gradebook` asks Alembic without starting a program.
    """
    with importing_nbgrader():
        import nbgrader.api
        import nbgrader.dbutil

    asked = nbgrader.api.get_alembic_version
    nbgrader.api.get_alembic_version = lambda: last_revision(Path(nbgrader.dbutil.ALEMBIC_DIR))
    try:
        yield
    finally:
        nbgrader.api.get_alembic_version = asked


def last_revision(folder: Path) -> str:
    """The revision of Alembic's migrations in `folder` that is no other's predecessor."""
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in (folder / "versions").glob("*.py"):
        for name, revision in _REVISION.findall(path.read_text(encoding="utf-8")):
            found[name].add(revision)
    [last] = found["revision"] - found["down_revision"]
    return last


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
def committing_once(session: Any) -> Iterator[None]:
    """Let nbgrader's own commits in the block be part of the one that follows it.

    nbgrader commits each student, each submission; then all that it holds is read again, and a new submission
    takes twice as long.

    Can go when `nbgrader.api.Gradebook` leaves committing to its caller.
    """
    session.commit = session.flush
    try:
        yield
    finally:
        del session.commit


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
