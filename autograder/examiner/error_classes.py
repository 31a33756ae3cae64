"""Classes of the student's exceptions, as classes here: so that a test can name one behind `except`.

Such a class has the name and the built-in base of the student's, and nothing else: no code of the student's
is here, so a test cannot make an instance of one.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, NoReturn


class ErrorClasses:
    """The classes of one submission's exceptions, by module and path.

    Parameters
    ----------
    refuse : callable
        Ends the test cell that makes an instance of one.
    """

    def __init__(self, refuse: Callable[[str], NoReturn]) -> None:
        self._refuse = refuse
        self._classes: dict[tuple[str, str], type[Exception]] = {}

    def of(self, classes: Any) -> type[Exception] | None:
        """The class whose module and path, and those of the classes below it, these are; None for others."""
        if type(classes) is not list or not all(_is_pair(one) for one in classes) or len(classes) < 2:
            return None
        named = [(module, path) for module, path in classes]
        base = getattr(builtins, named[-1][1], None) if named[-1][0] == "builtins" else None
        if not isinstance(base, type) or not issubclass(base, Exception):
            return None
        for one in reversed(named[:-1]):
            base = self._classes.setdefault(one, self._made(one[1], base))
        return base

    def _made(self, path: str, base: type[Exception]) -> type[Exception]:
        name, refuse = path.rpartition(".")[2], self._refuse

        def made_by_test(self: Exception, *args: Any, **kwargs: Any) -> NoReturn:
            refuse(name)

        def text(self: Exception) -> str:
            return str(vars(self).get("_text", ""))

        members = {"__module__": "__main__", "__init__": made_by_test, "__str__": text}
        return type(name, (base,), members)


def _is_pair(value: Any) -> bool:
    return type(value) is list and len(value) == 2 and all(type(part) is str for part in value)
