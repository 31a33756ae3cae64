"""Which modules the WebAssembly CPython has, read off its files without starting it."""

from __future__ import annotations

import functools
import importlib.util
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path

from . import packages, runtime

# Compiled into the interpreter that was tried, and not of any package.
_COMPILED_IN = {
    *(
        "array",
        "atexit",
        "binascii",
        "builtins",
        "cmath",
        "errno",
        "faulthandler",
        "gc",
        "itertools",
        "marshal",
    ),
    *("math", "posix", "pyexpat", "select", "sys", "time", "unicodedata", "zlib"),
}


def lacking_modules(names: Iterable[str], beside: Collection[str]) -> list[str]:
    """Those of the modules that it lacks: the first parts of their names, sorted.

    Parameters
    ----------
    names : iterable of str
        Dotted names.
    beside : collection of str
        Modules that come with the notebook or the grader.
    """
    first = {name.partition(".")[0] for name in names}
    return sorted(name for name in first - _there() - set(beside) if not name.startswith("_"))


@functools.cache
def _there() -> frozenset[str]:
    specification = importlib.util.find_spec(runtime.PACKAGE)
    assert specification is not None  # `runtime.obstacle` found it
    folder = Path(next(iter(specification.submodule_search_locations or ())))
    with zipfile.ZipFile(folder / "artifacts" / "python-stdlib.zip") as library:
        names = {name.partition("/")[0].partition(".")[0] for name in library.namelist()}
    return frozenset(_COMPILED_IN | names | packages.module_names())
