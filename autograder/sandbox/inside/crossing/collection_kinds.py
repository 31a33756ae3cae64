"""Kinds of `collections`: counters, ordered and default dicts, deques."""

from __future__ import annotations

import builtins
import collections
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

from .builtin_kinds import read_items, write_items
from .changes import change_deque, change_dict
from .ends import Reader, Writer
from .errors import WireError
from .kinds import Kind

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
# Made with one of these a missing entry is what it was; others are code, which does not cross.
FACTORIES = {
    kind.__name__: kind
    for kind in (
        int,
        float,
        complex,
        bool,
        str,
        bytes,
        list,
        dict,
        set,
        frozenset,
        tuple,
        collections.Counter,
    )
} | {"Counter": collections.Counter, "deque": collections.deque}


def _write_mapping(writer: Writer, value: dict[Any, Any], path: str, depth: int) -> list[Any]:
    return [type(value).__name__, *write_items(writer, value, path, depth)]


def _read_counter(reader: Reader, parts: list[Any], depth: int) -> collections.Counter[Any]:
    result: Counter[Any] = Counter()
    dict.update(result, read_items(reader, parts, depth))
    return result


def _read_ordered(reader: Reader, parts: list[Any], depth: int) -> collections.OrderedDict[Any, Any]:
    return OrderedDict(read_items(reader, parts, depth))


def _write_defaultdict(
    writer: Writer, value: collections.defaultdict[Any, Any], path: str, depth: int
) -> list[Any]:
    factory = value.default_factory
    name = next((name for name, known in FACTORIES.items() if known is factory), None)
    items = write_items(writer, value, path, depth)
    if name is None and factory is not None:
        writer.name(value, path)
        return ["d", *items]
    return ["defaultdict", name, *items]


def _read_defaultdict(reader: Reader, parts: list[Any], depth: int) -> collections.defaultdict[Any, Any]:
    name, *items = parts or [0]
    if name is not None and (type(name) is not str or name not in FACTORIES):
        raise WireError("a defaultdict has a factory that is not on the list")
    factory = None if name is None else FACTORIES[name]
    return defaultdict(factory, read_items(reader, items, depth))


def _write_deque(writer: Writer, value: collections.deque[Any], path: str, depth: int) -> list[Any]:
    parts = deque.__iter__(value)
    trees = [writer.tree(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(parts)]
    return ["deque", writer.tree(value.maxlen, path, depth + 1), *trees]


def _read_deque(reader: Reader, parts: list[Any], depth: int) -> collections.deque[Any]:
    most, *trees = parts or [0.0]
    if most is not None and (type(most) is not int or not len(trees) <= most < 2**62):
        raise WireError("a deque has a length that is none")
    return deque((reader.value(tree, depth + 1) for tree in trees), most)


KINDS = (
    Kind("Counter", (collections.Counter,), _write_mapping, _read_counter, change=change_dict),
    Kind("OrderedDict", (collections.OrderedDict,), _write_mapping, _read_ordered, change=change_dict),
    Kind(
        "defaultdict", (collections.defaultdict,), _write_defaultdict, _read_defaultdict, change=change_dict
    ),
    Kind(
        "deque",
        (collections.deque,),
        _write_deque,
        _read_deque,
        stands_for_subclasses=True,
        change=change_deque,
    ),
)
