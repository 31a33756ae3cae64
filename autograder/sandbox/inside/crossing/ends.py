"""The two ends of a crossing: `Writer` makes a tree of a value, `Reader` a value of a tree.

What a single kind of value looks like is said by a `Kind`; a `Table` holds them all. Neither end knows one.

The writer runs beside a student's code, which can make it write anything. It looks at `type(value)` alone,
never at what an object says of itself, and calls the methods of the type it found there. The reader believes
nothing: it counts, bounds and checks before it builds.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import MAX_NAME_LENGTH, UnsupportedValueError, WireError, name_of_type

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_BYTES = 64 << 20
MAX_TYPE_NAMES = 200
# Keys that are not strings can be made to collide: so many equal hashes, so many keys in all.
MAX_EQUAL_HASHES = 100
MAX_ODD_KEYS = 50_000


@dataclass(frozen=True)
class Kind:
    """One kind of value: how it is written and read.

    Attributes
    ----------
    tag : str
        What its trees begin with.
    types : tuple of type
        The types, exactly, whose values are of this kind.
    write : callable
        Writer, value, path, depth -> the tree.
    read : callable or None
        Reader, the tree without its tag, depth -> the value; None when no tree has this tag.
    stands_for_subclasses : bool
        Whether a value of a subclass that has no kind of its own crosses as this one.
    """

    tag: str
    types: tuple[type, ...]
    write: Callable[[Writer, Any, str, int], Any]
    read: Callable[[Reader, list[Any], int], Any] | None
    stands_for_subclasses: bool = False


@dataclass(frozen=True)
class Family:
    """Kinds by something else than an exact type: all enums, all named tuples."""

    tag: str
    holds: Callable[[type], bool]
    write: Callable[[Writer, Any, str, int], Any]
    read: Callable[[Reader, list[Any], int], Any]


class Table:
    """All kinds, by type and by tag; those of a library once the library is loaded.

    Parameters
    ----------
    kinds : iterable of Kind
        In the order in which bases are tried for a subclass.
    families : iterable of Family
    libraries : mapping of str to callable
        Dotted name of a module -> its kinds, made from the module.
    """

    def __init__(
        self,
        kinds: Iterable[Kind],
        families: Iterable[Family],
        libraries: dict[str, Callable[[Any], Iterable[Kind]]],
    ) -> None:
        self._by_type: dict[type, Kind] = {}
        self._by_tag: dict[str, Callable[[Reader, list[Any], int], Any]] = {}
        self._bases: list[tuple[type, Kind]] = []
        self._families = tuple(families)
        self._libraries = dict(libraries)
        self._by_tag |= {family.tag: family.read for family in self._families}
        self._add(kinds)

    def _add(self, kinds: Iterable[Kind]) -> None:
        for kind in kinds:
            self._by_type |= dict.fromkeys(kind.types, kind)
            if kind.read is not None:
                self._by_tag[kind.tag] = kind.read
            if kind.stands_for_subclasses:
                self._bases += [(base, kind) for base in kind.types]

    def of_type(self, kind: type) -> Kind | None:
        """The kind of exactly this type."""
        found = self._by_type.get(kind)
        if found is None and self._libraries and self._load():
            found = self._by_type.get(kind)
        return found

    def beyond_types(self, kind: type) -> Family | Kind | None:
        """What a type without a kind of its own crosses as: a family, or the kind of a base."""
        for family in self._families:
            if family.holds(kind):
                return family
        return next((found for base, found in self._bases if issubclass(kind, base)), None)

    def of_tag(self, tag: str) -> Callable[[Reader, list[Any], int], Any] | None:
        """What reads trees with this tag."""
        if tag not in self._by_tag and self._libraries:
            self._load()
        return self._by_tag.get(tag)

    def is_of_a_library(self, tag: str) -> str:
        """The library that is to be loaded before trees with this tag can be read; "" for none."""
        return next((name for name in self._libraries if tag.startswith(f"{name}:")), "")

    def _load(self) -> bool:
        """Take in the kinds of libraries that have been loaded since."""
        loaded = [name for name in self._libraries if name in sys.modules]
        for name in loaded:
            self._add(self._libraries.pop(name)(sys.modules[name]))
        return bool(loaded)


def no_module(_: str) -> Any:
    """For ends that know no module."""
    return None


def no_class(_: str) -> Any:
    """For ends that know no class of the notebook."""
    return None


@dataclass(frozen=True)
class KnownClasses:
    """The classes that a message may name: members of enums and named tuples are made of them.

    Attributes
    ----------
    of_notebook : callable
        A name at the notebook's top level -> what it is, or None.
    module : callable
        A dotted name -> the module, or None if it may not be named.
    """

    of_notebook: Callable[[str], Any] = no_class
    module: Callable[[str], Any] = no_module

    def find(self, module: Any, path: Any, base: type) -> Any:
        """The subclass of `base` that stands at `path` ("Outer.Inner") in `module`, or None."""
        if type(module) is not str or type(path) is not str or len(module) + len(path) > 2 * MAX_NAME_LENGTH:
            return None
        first, *rest = path.split(".")
        holder: Any = None
        if module == "__main__":
            holder = self.of_notebook(first)
        elif (loaded := self.module(module)) is not None:
            holder = vars(loaded).get(first)
        for part in rest:
            holder = vars(holder).get(part) if isinstance(holder, type) else None
        return holder if isinstance(holder, type) and issubclass(holder, base) else None


NOTHING_KNOWN = KnownClasses()


@dataclass
class Writer:
    """Writes values as trees; bytes go into `buffers`.

    Attributes
    ----------
    table : Table
    buffers : list of bytes
    names : dict
        Receives path -> type name of every part that crosses as its base only.
    """

    table: Table
    buffers: list[bytes]
    names: dict[str, str]
    nodes: int = 0

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
                raise self.refusal(value, path)
            self.name(value, path)
        return found.write(self, value, path, depth)

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
    nodes: int = 0
    named: set[int] = field(default_factory=set)

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
        if read is None:
            library = self.table.is_of_a_library(tree[0])
            if library:
                kind = tree[0].replace(":", ".")[:MAX_NAME_LENGTH]
                raise UnsupportedValueError(
                    kind, "", f"the assignment does not import {library}: a value of it does not cross"
                )
            raise WireError("a value has an unknown tag")
        return read(self, tree[1:], depth)

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
