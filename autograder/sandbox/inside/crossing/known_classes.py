"""The classes that a message may name: those of the notebook, and those of modules that may be named."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import MAX_NAME_LENGTH

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()


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
            holder = vars(holder).get(part) if issubclass(type(holder), type) else None
        return holder if issubclass(type(holder), type) and issubclass(holder, base) else None


NOTHING_KNOWN = KnownClasses()
