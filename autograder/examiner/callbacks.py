"""Functions on their way to the student's process: by name where they have one there, else as callbacks.

A student's function crosses as itself, a library's as its dotted name. A test's own function is a callback:
it can be called during that call only, with plain data, so often and so deep; of its errors the student's
process learns the built-in type alone. In a hidden part a function that reads anything but modules, built-in
names and functions of the student's does not cross: what it knows would reach the student's process.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from autograder.examiner.handles import Handle
from autograder.examiner.student_function import StudentFunction

MOST_CALLBACKS = 200_000  # of one call


class Callbacks:
    """The functions that one call hands over.

    Parameters
    ----------
    module : callable
        A dotted name -> the module, if its functions may cross by name.
    hidden : bool
        Whether the call is one of a hidden part.
    show : callable
        Takes what the student's code printed before a callback.
    number_of : callable
        A handle -> its object's number in the student's process, or None.
    """

    def __init__(
        self,
        module: Callable[[str], Any],
        *,
        hidden: bool,
        show: Callable[[str], None] = lambda text: None,
        number_of: Callable[[Handle], int | None] = lambda handle: None,
    ) -> None:
        self._module, self._hidden, self.show, self._number_of = module, hidden, show, number_of
        self._functions: list[Callable[..., Any]] = []
        self._made = 0
        self.raised: Exception | None = None  # the last error of one

    def tree(self, value: Any) -> list[Any] | None:
        """How a function or a handle crosses; None where it does not."""
        if issubclass(type(value), Handle):
            number = self._number_of(value)
            return None if number is None else ["handle", number]
        if not callable(value):
            return None
        if type(value) is StudentFunction:
            return ["own", value.known_as]
        named = self._name_in_library(value)
        if named is not None:
            return ["library", *named]
        if isinstance(value, type) or (self._hidden and not _reads_nothing_hidden(value)):
            return None
        return ["callback", self.add(value)]

    def add(self, function: Callable[..., Any]) -> int:
        """The number of a function that may be called back."""
        self._functions.append(function)
        return len(self._functions) - 1

    def call(self, number: Any, args: Any, kwargs: Any) -> Any:
        """What the function returns.

        Raises
        ------
        Exception
            What the function raised; it is kept in `raised`.
        """
        self._made += 1
        try:
            if type(number) is not int or not 0 <= number < len(self._functions):
                raise LookupError("no such function")
            if type(args) is not tuple or type(kwargs) is not dict or self._made > MOST_CALLBACKS:
                raise RecursionError(f"more than {MOST_CALLBACKS} calls of a test's function")
            return self._functions[number](*args, **kwargs)
        except Exception as error:
            self.raised = error
            raise

    def _name_in_library(self, value: Any) -> tuple[str, str] | None:
        owner = getattr(value, "__objclass__", None)
        module = getattr(owner if isinstance(owner, type) else value, "__module__", None)
        path = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        if type(value).__name__ == "ufunc" and type(value).__module__ == "numpy":
            module = "numpy"
        if type(module) is not str or type(path) is not str:
            return None
        holder: Any = builtins if module == "builtins" else self._module(module)
        for part in path.split("."):
            holder = vars(holder).get(part) if isinstance(holder, type | types.ModuleType) else None
        return (module, path) if holder is value else None


def replaced(name: str, originals: dict[str, Any], of_test: Callable[[str], Any]) -> Any:
    """What a test has put in place of the built-in function `name`; None where it has not."""
    own = of_test(name)
    if own is not None:
        return own
    now = getattr(builtins, name)
    return None if now is originals[name] else now


def for_nothing(function: Callable[..., Any]) -> Callable[..., None]:
    """The same function, of whose result nothing is told: a mock of `print` returns a mock."""

    def told_nothing(*args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)

    return told_nothing


def input_from(stream: Any) -> Callable[..., str]:
    """What `input` is where a test has put `stream` in place of `sys.stdin`."""

    def answer(prompt: object = "") -> str:
        out = sys.stdout
        out.write(str(prompt))
        line = stream.readline()
        if not line:
            raise EOFError
        return str(line).removesuffix("\n")

    return answer


def _reads_nothing_hidden(value: Any) -> bool:
    if type(value) is not types.FunctionType:
        return False
    if value.__closure__ or value.__defaults__ or value.__kwdefaults__:
        return False
    known = (types.ModuleType, types.BuiltinFunctionType)
    found = (dict.get(value.__globals__, name) for name in _names_of(value.__code__))
    return all(one is None or type(one) is StudentFunction or isinstance(one, known) for one in found)


def _names_of(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_of(constant)
