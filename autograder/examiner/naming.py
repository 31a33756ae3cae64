"""Functions of libraries that turn a name in a file into what it names: such a file says what is called.

Pickles tell of it by an audit event; these do not. So the function itself is watched, from the moment that
its module is loaded.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

# Module -> class ("" for none) and functions of it whose first text argument is the name.
NAMING: dict[str, tuple[str, tuple[str, ...]]] = {
    "yaml.constructor": ("FullConstructor", ("find_python_name", "find_python_module")),
    "ruamel.yaml.constructor": ("Constructor", ("find_python_name", "find_python_module")),
    "jsonpickle.unpickler": ("", ("loadclass",)),
}


def watch_naming(stop: Callable[[str], NoReturn]) -> None:
    """From now on, and for good, call `stop` with the name that such a function is to find in this process.

    Parameters
    ----------
    stop : callable
        Raises what ends the test.
    """
    for name in NAMING:
        if name in sys.modules:
            _watch(sys.modules[name], stop)
    sys.meta_path.insert(0, _Watching(stop))


def _watch(module: types.ModuleType, stop: Callable[[str], NoReturn]) -> None:
    class_name, functions = NAMING[module.__name__]
    holder: Any = getattr(module, class_name, None) if class_name else module

    def stopping(*arguments: Any, **named: Any) -> NoReturn:
        stop(next((part for part in (*arguments, *named.values()) if type(part) is str), ""))

    for name in functions:
        if hasattr(holder, name):
            setattr(holder, name, stopping)


class _Watching(importlib.abc.MetaPathFinder):
    """Lets the other finders find a module, and watches it as soon as it has been executed."""

    def __init__(self, stop: Callable[[str], NoReturn]) -> None:
        self._stop = stop

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in NAMING:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._stop)
        return spec


class _Loader(importlib.abc.Loader):
    """A loader, and what follows it."""

    def __init__(self, loader: Any, stop: Callable[[str], NoReturn]) -> None:
        self._loader, self._stop = loader, stop

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        found: types.ModuleType | None = self._loader.create_module(spec)
        return found

    def exec_module(self, module: types.ModuleType) -> None:
        self._loader.exec_module(module)
        _watch(module, self._stop)
