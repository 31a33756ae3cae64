"""The two ends of a crossing: `Writer` makes a tree of a value, `Reader` a value of a tree.

What a single kind of value looks like is said by a `Kind`; a `Table` holds them all. Neither end knows one.

The writer runs beside a student's code, which can make it write anything. It looks at `type(value)` alone,
never at what an object says of itself, and calls the methods of the type it found there. The reader believes
nothing: it counts, bounds and checks before it builds.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import MAX_NAME_LENGTH, UnsupportedValueError, WireError, name_of_type
from .kinds import Family, Kind, Table
from .known_classes import NOTHING_KNOWN, KnownClasses
from .objects import Objects

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_BYTES = 64 << 20
MAX_TYPE_NAMES = 200
# Keys that are not strings can be made to collide: so many equal hashes, so many keys in all.
MAX_EQUAL_HASHES = 100
MAX_ODD_KEYS = 50_000


@dataclass
class Writer:
    """Writes values as trees; bytes go into `buffers`.

    Attributes
    ----------
    table : Table
    buffers : list of bytes
    names : dict
        Receives path -> type name of every part that crosses as its base only.
    objects : Objects or None
        What has crossed at this end; None where nothing keeps its identity.
    functions : callable or None
        How something of no kind, a function or an object that stays, crosses; None, or returning None, where
        it does not.
    """

    table: Table
    buffers: list[bytes]
    names: dict[str, str]
    objects: Objects | None = None
    functions: Callable[[Any], list[Any] | None] | None = None
    nodes: int = 0
    written: dict[int, int] = field(default_factory=dict)  # number -> parts, of objects in this message

    def tree(self, value: Any, path: str, depth: int) -> Any:
        """The tree of one value.

        Raises
        ------
        UnsupportedValueError
            It is of no kind, too deep (a cycle is that too), or has too many parts.
        """
        self.nodes += 1
        kind = type(value)
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            amount = f"more than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"more than {MAX_NODES} parts"
            raise self.refusal(
                value, path, f"a value of {amount} (or one that contains itself) does not cross"
            )
        if value is None or kind is bool:
            return value
        found: Kind | Family | None = self.table.of_type(kind)
        if found is None:
            found = self.table.beyond_types(kind)
            if found is None:
                function = self.functions(value) if self.functions else None
                if function is None:
                    raise self.refusal(value, path)
                return ["function", *function]
            self.name(value, path)
        elif isinstance(found, Kind) and self.objects is not None and found.change is not None:
            return self._numbered(self.objects, found, value, path, depth)
        return found.write(self, value, path, depth)

    def _numbered(self, objects: Objects, kind: Kind, value: Any, path: str, depth: int) -> list[Any]:
        """The tree of an object that can change, with its number; the second time the number alone."""
        number = objects.number_of(value)
        if number in self.written:
            self.nodes += self.written[number]  # however often it is named, each time counts as a whole
            return ["same", number]
        nodes = self.nodes
        tree = kind.write(self, value, path, depth)
        self.written[number] = self.nodes - nodes
        return ["object", number, tree]

    def name(self, value: Any, path: str) -> None:
        """Note that a value crosses as less than it is."""
        if len(self.names) < MAX_TYPE_NAMES:
            self.names[path[:MAX_NAME_LENGTH]] = name_of_type(type(value))

    def buffer(self, data: bytes) -> int:
        """The number of a new buffer that holds `data`."""
        self.buffers.append(data)
        return len(self.buffers) - 1

    def refusal(self, value: Any, path: str, reason: str = "") -> UnsupportedValueError:
        """The error that says `value` does not cross."""
        return UnsupportedValueError(name_of_type(type(value)), path[:MAX_NAME_LENGTH], reason)


@dataclass
class Reader:
    """Makes values of trees, from plain types and classes that are known only."""

    table: Table
    buffers: Sequence[memoryview]
    classes: KnownClasses = NOTHING_KNOWN
    objects: Objects | None = None
    functions: Callable[[list[Any]], Any] | None = None
    nodes: int = 0
    named: set[int] = field(default_factory=set)
    begun: set[int] = field(default_factory=set)  # numbers of objects that this message has begun
    made: dict[int, tuple[Any, int]] = field(default_factory=dict)  # number -> object, parts

    def value(self, tree: Any, depth: int) -> Any:
        """The value of one tree.

        Raises
        ------
        WireError
            The tree breaks a rule of the format.
        """
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("a value nests too deep or has too many parts")
        if isinstance(tree, str):
            return tree.encode("utf-8", "replace").decode("utf-8") if not tree.isascii() else tree
        if tree is None or isinstance(tree, bool | int | float):
            return tree
        if not isinstance(tree, list) or not tree or not isinstance(tree[0], str):
            raise WireError("a value is neither a scalar nor tagged")
        read = self.table.of_tag(tree[0])
        if read is None and self.objects is not None and tree[0] in ("object", "same"):
            return self._numbered(self.objects, tree, depth)
        if read is None and self.functions is not None and tree[0] == "function":
            return self.functions(tree[1:])
        if read is None:
            library = self.table.is_of_a_library(tree[0])
            if library:
                kind = tree[0].replace(":", ".")[:MAX_NAME_LENGTH]
                raise UnsupportedValueError(
                    kind, "", f"the assignment does not import {library}: a value of it does not cross"
                )
            raise WireError("a value has an unknown tag")
        return read(self, tree[1:], depth)

    def _numbered(self, objects: Objects, tree: list[Any], depth: int) -> Any:
        """An object with a number: the one that crossed before, changed to what it is now, or a new one."""
        number = tree[1] if len(tree) > 1 else None
        if type(number) is not int or not 0 <= number < 2**53:
            raise WireError("an object has a number that is none")
        if tree[0] == "same":
            self.exactly(tree, 2)
            if number not in self.made:
                raise WireError("an object is named before it is there")
            value, nodes = self.made[number]
            self.nodes += nodes
            return value
        if number in self.begun:
            raise WireError("an object is there twice, or holds itself")
        self.begun.add(number)
        nodes = self.nodes
        value = self.value(self.exactly(tree, 3)[2], depth)
        change = self.table.change_of(type(value))
        if change is None:
            raise WireError("an object has a number and cannot change")
        known = objects.of_number(number)
        if known is not None and type(known) is type(value) and change(known, value):
            value = known
        else:
            objects.enter(number, value)
        self.made[number] = value, self.nodes - nodes
        return value

    def values(self, trees: Any, depth: int) -> list[Any]:
        """The values of a list of trees."""
        if not isinstance(trees, list):
            raise WireError("parts of a value are no list")
        return [self.value(tree, depth) for tree in trees]

    def buffer(self, index: Any) -> memoryview:
        """A buffer, by number; each may be named once."""
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise WireError("a buffer is named that is not there")
        if index in self.named:  # a text of 40 MB named a thousand times would be built a thousand times
            raise WireError("a buffer is named twice")
        self.named.add(index)
        return self.buffers[index]

    def exactly(self, parts: list[Any], count: int) -> list[Any]:
        """The parts, if they are so many."""
        if len(parts) != count:
            raise WireError("a tag has another number of parts than it needs")
        return parts

    def integers(self, parts: list[Any], count: int) -> list[int]:
        """The parts, if they are so many integers."""
        if any(type(part) is not int for part in self.exactly(parts, count)):
            raise WireError("a part that must be an integer is none")
        return parts

    def text(self, part: Any, most: int) -> str:
        """The part, if it is a text of at most so many characters."""
        if type(part) is not str or len(part) > most:
            raise WireError("a part that must be a short text is none")
        return part

    def one_of(self, kind: type | tuple[type, ...], tree: Any, depth: int) -> Any:
        """The value of a tree, if its type is exactly `kind` (one of them)."""
        value = self.value(tree, depth)
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if type(value) not in kinds:
            raise WireError(f"a part is no {kinds[0].__name__}")
        return value


class Keys:
    """Watches what becomes keys of a dict or members of a set: few equal hashes, no key twice."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._odd = 0
        self._hashes: dict[int, int] = {}

    def check(self, key: Any) -> None:
        """Count one key before it is put in.

        Raises
        ------
        WireError
            It cannot be one, or there are too many.
        """
        if type(key) is str:
            return
        try:
            number = hash(key)
        except TypeError:
            raise WireError(f"{self._what} has a key that cannot be one") from None
        self._odd += 1
        self._hashes[number] = self._hashes.get(number, 0) + 1
        if self._odd > MAX_ODD_KEYS or self._hashes[number] > MAX_EQUAL_HASHES:
            raise WireError(f"{self._what} has too many keys that are not strings")
