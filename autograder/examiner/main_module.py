"""The module `__main__` of a test: the names that the test sees, so that it may be imported and patched."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Iterator, MutableMapping
from typing import Any


class MainModule(types.ModuleType):
    """`__main__` in a test cell: its attributes are the names of the notebook as the test sees them."""

    def __init__(self, names: MutableMapping[str, Any]) -> None:
        super().__init__("__main__")
        vars(self)["_names"] = names

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        try:
            return vars(self)["_names"][name]
        except KeyError:
            raise AttributeError(f"module '__main__' has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_names"][name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del vars(self)["_names"][name]
        except KeyError:
            raise AttributeError(name) from None


@contextlib.contextmanager
def main_module(names: MutableMapping[str, Any]) -> Iterator[None]:
    """Let `import __main__` give the names of a test, in the block."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = MainModule(names)
    try:
        yield
    finally:
        sys.modules["__main__"] = before
