"""Dicts of a library whose entries are also attributes: SciPy's results, scikit-learn's Bunch.

One crosses as its class and its entries. The class is looked for where it is known here; else it is the class
of the table below it, or where even that library is not to be had a plain dict.
"""

from __future__ import annotations

import builtins
from contextlib import suppress
from importlib import import_module
from typing import Any

from .builtin_kinds import read_items, write_items
from .ends import Reader, Writer
from .errors import WireError
from .kinds import Family

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
# Module and name of a class -> where it can be imported from.
KNOWN = {
    ("scipy.optimize._optimize", "OptimizeResult"): "scipy.optimize",
    ("scipy._lib._util", "_RichResult"): "scipy._lib._util",
    ("sklearn.utils._bunch", "Bunch"): "sklearn.utils",
}
MOST_CLASSES = 8


def _names(kind: type) -> list[tuple[str, str]]:
    """Module and name of a class and those below it, up to the one of the table; [] where none is."""
    names: list[tuple[str, str]] = []
    for base in type.mro(kind)[:MOST_CLASSES]:
        module, name = vars(base).get("__module__"), base.__name__
        names.append((module if type(module) is str else "", name))
        if names[-1] in KNOWN:
            return names
    return []


def _holds(kind: type) -> bool:
    return type(kind) is type and issubclass(kind, dict) and bool(_names(kind))


def _write(writer: Writer, value: dict[Any, Any], path: str, depth: int) -> list[Any]:
    classes = [[module[:100], name[:100]] for module, name in _names(type(value))]
    return ["attributes", classes, *write_items(writer, value, path, depth)]


def _read(reader: Reader, parts: list[Any], depth: int) -> Any:
    classes, *pairs = parts or [None]
    if not isinstance(classes, list) or not 0 < len(classes) <= MOST_CLASSES:
        raise WireError("a dict with attributes has classes that are none")
    items = read_items(reader, pairs, depth)
    for pair in classes:
        if not isinstance(pair, list) or len(pair) != 2 or not all(type(part) is str for part in pair):
            raise WireError("a dict with attributes has classes that are none")
        kind = _known_class(reader, pair[0], pair[1])
        if kind is not None and _holds(kind):
            made = kind.__new__(kind)
            dict.update(made, items)
            return made
    return items


def _known_class(reader: Reader, module: str, name: str) -> Any:
    home = KNOWN.get((module, name))
    if home is not None and reader.classes.module(home.partition(".")[0]) is not None:
        with suppress(ImportError):
            import_module(home)
    return reader.classes.find(home or module, name, dict)


FAMILIES = (Family("attributes", _holds, _write, _read),)
