"""What a kind of value is, and a table of kinds."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()


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
    change : callable or None
        For objects that can change: an object, a new one of the same type -> whether the object now is as the
        new one. Such objects keep their identity when they cross again.
    """

    tag: str
    types: tuple[type, ...]
    write: Callable[[Any, Any, str, int], Any]
    read: Callable[[Any, list[Any], int], Any] | None
    stands_for_subclasses: bool = False
    change: Callable[[Any, Any], bool] | None = None


@dataclass(frozen=True)
class Family:
    """Kinds by something else than an exact type: all enums, all named tuples."""

    tag: str
    holds: Callable[[type], bool]
    write: Callable[[Any, Any, str, int], Any]
    read: Callable[[Any, list[Any], int], Any]


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
        self._by_tag: dict[str, Callable[[Any, list[Any], int], Any]] = {}
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
        if found is None and self._libraries and self.take_in_libraries():
            found = self._by_type.get(kind)
        return found

    def change_of(self, kind: type) -> Callable[[Any, Any], bool] | None:
        """How an object of exactly this type is changed in place; None where it cannot be."""
        found = self.of_type(kind)
        return None if found is None else found.change

    def beyond_types(self, kind: type) -> Family | Kind | None:
        """What a type without a kind of its own crosses as: a family, or the kind of a base."""
        for family in self._families:
            if family.holds(kind):
                return family
        return next((found for base, found in self._bases if issubclass(kind, base)), None)

    def of_tag(self, tag: str) -> Callable[[Any, list[Any], int], Any] | None:
        """What reads trees with this tag."""
        if tag not in self._by_tag and self._libraries:
            self.take_in_libraries()
        return self._by_tag.get(tag)

    def is_of_a_library(self, tag: str) -> str:
        """The library that is to be loaded before trees with this tag can be read; "" for none."""
        return next((name for name in self._libraries if tag.startswith(f"{name}:")), "")

    def take_in_libraries(self) -> bool:
        """Take in the kinds of libraries loaded since, as they are now; whether there are some.

        A notebook may write over names of a library's module later.
        """
        loaded = [name for name in self._libraries if name in sys.modules]
        for name in loaded:
            self._add(self._libraries.pop(name)(SimpleNamespace(**vars(sys.modules[name]))))
        return bool(loaded)
