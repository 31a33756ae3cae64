"""The one table of what crosses, and the two functions that use it."""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

from . import (
    array_kinds,
    attribute_dicts,
    builtin_kinds,
    class_kinds,
    collection_kinds,
    pandas_kinds,
    random_kinds,
    sparse_kinds,
    standard_kinds,
    time_kinds,
)
from .ends import Reader, Writer
from .errors import WireError
from .kinds import Table
from .known_classes import NOTHING_KNOWN, KnownClasses
from .objects import Objects
from .own_numpy import numpy_as_loaded

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
# Bases are tried in this order: np.float64 is also a float, np.str_ a str.
LIBRARIES = {"pandas": pandas_kinds.kinds, "scipy.sparse": sparse_kinds.kinds}
# Imported by an assignment, these bring values of a library along.
BROUGHT_BY = {"pandas": "pandas", "scipy": "scipy.sparse", "sklearn": "scipy.sparse"}
TABLE = Table(
    (
        *array_kinds.KINDS,
        *standard_kinds.KINDS,
        *time_kinds.KINDS,
        *random_kinds.KINDS,
        *collection_kinds.KINDS,
        *builtin_kinds.KINDS,
    ),
    (*class_kinds.FAMILIES, *attribute_dicts.FAMILIES),
    LIBRARIES,
)


def take_in_libraries() -> None:
    """Take in the kinds of the libraries that are loaded, before a notebook can write over their names."""
    TABLE.take_in_libraries()


def load_libraries(modules: Iterable[str]) -> None:
    """Load the libraries whose values may come up where these modules are imported, if they are installed.

    Parameters
    ----------
    modules : iterable of str
        Dotted names of what an assignment imports.
    """
    roots = {module.partition(".")[0] for module in modules}
    for library in {BROUGHT_BY[root] for root in roots if root in BROUGHT_BY}:
        with contextlib.suppress(ImportError):
            import_module(library)


def encode(value: Any, buffers: list[bytes], names: dict[str, str] | None = None) -> Any:
    """The tree of `value`; bytes of arrays and long texts are appended to `buffers`.

    Parameters
    ----------
    value : object
        Anything of a kind that is in the table.
    buffers : list of bytes
    names : dict, optional
        Receives path -> type name of every part that crosses as its base only.

    Raises
    ------
    UnsupportedValueError
        A part of it is of no kind, too deep (a cycle is that too), or has too many parts.
    """
    with numpy_as_loaded():
        return Writer(TABLE, buffers, {} if names is None else names).tree(value, "", 0)


def encode_all(
    values: Iterable[Any],
    buffers: list[bytes],
    names: dict[str, str],
    objects: Objects | None,
    functions: Callable[[Any], list[Any] | None] | None = None,
) -> list[Any]:
    """The trees of values that cross together; an object that several hold is one, and keeps its identity.

    Parameters
    ----------
    values : iterable
    buffers : list of bytes
    names : dict
        As in `encode`.
    objects : Objects or None
        What has crossed at this end.
    functions : callable, optional
        How something of no kind crosses, a function or an object that stays; None, or returning None, where
        it does not.

    Raises
    ------
    UnsupportedValueError
        As in `encode`.
    """
    before = sum(map(len, buffers))
    writer = Writer(TABLE, buffers, names, objects, functions)
    with numpy_as_loaded():
        trees = [writer.tree(value, "", 0) for value in values]
    if objects is not None:
        objects.count(sum(map(len, buffers)) - before)
    return trees


def is_data(kind: type) -> bool:
    """Whether values of exactly this type cross, whatever else they can do: a `poly1d` can be called."""
    return TABLE.of_type(kind) is not None


def decode(tree: Any, buffers: Sequence[memoryview], classes: KnownClasses = NOTHING_KNOWN) -> Any:
    """The value of a tree; arrays are copies.

    Parameters
    ----------
    tree : JSON data
    buffers : sequence of memoryview
    classes : KnownClasses
        Whose members and named tuples may be made.

    Raises
    ------
    UnsupportedValueError
        A part needs a library that is not loaded here, or a class that is not known.
    WireError
        The tree breaks a rule of the format, or what it describes cannot be made.
    """
    (value,) = decode_all([tree], buffers, classes, None)
    return value


def decode_all(
    trees: Iterable[Any],
    buffers: Sequence[memoryview],
    classes: KnownClasses,
    objects: Objects | None,
    functions: Callable[[list[Any]], Any] | None = None,
) -> list[Any]:
    """The values of trees that crossed together; an object that crossed before is itself, changed in place.

    Parameters
    ----------
    trees : iterable of JSON data
    buffers : sequence of memoryview
    classes : KnownClasses
    objects : Objects or None
        What has crossed at this end.
    functions : callable, optional
        Makes a function or a stand-in of a tree; None where none may come.

    Raises
    ------
    UnsupportedValueError, WireError
        As in `decode`.
    """
    reader = Reader(TABLE, buffers, classes, objects, functions)
    try:
        with numpy_as_loaded():
            values = [reader.value(tree, 0) for tree in trees]
    except (ArithmeticError, LookupError, TypeError, ValueError, MemoryError) as error:
        # Keys that are equal in a way of their own, integers beyond a float, more than there is room for.
        raise WireError(f"a value cannot be made: {type(error).__name__}") from None
    if objects is not None:
        objects.count(sum(map(len, buffers)))
    return values
