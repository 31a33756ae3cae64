"""The stand-in for a function of the student's: it can be called, and says of itself what the student's says.

What it says is plain data that came from the student's process: its text and source, its parameters, numbers
and names of its code. There is no code behind it.
"""

from __future__ import annotations

import builtins
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any

_TYPES = {name: value for name, value in vars(builtins).items() if isinstance(value, type)}


class CodeFacts(types.SimpleNamespace):
    """Numbers and names of a function's code (`co_argcount`, `co_varnames`, ...), without the code."""


class Shown:
    """Stands for a default that does not cross."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"<{self._text}>"


class StudentFunction:
    """Stands for a student's function; calling it calls the function in the student's process.

    Parameters
    ----------
    name : str
        Under which the notebook knows it.
    call : callable
        Name, arguments, keyword arguments -> the result as plain data.
    facts : mapping, optional
        What the student's process says of it.
    """

    __module__ = "__main__"

    def __init__(
        self,
        name: str,
        call: Callable[[str, tuple[Any, ...], Mapping[str, Any]], Any],
        facts: Any = None,
    ) -> None:
        known = facts if type(facts) is dict else {}
        own = known.get("name")
        self.__name__ = self.__qualname__ = own if type(own) is str else name
        self.known_as, self._call = name, call
        self._is_function = known.get("is_function") is True
        self.__doc__ = known.get("doc") if type(known.get("doc")) is str else None
        self._source = known.get("source") if type(known.get("source")) is str else None
        if self._is_function:
            self.__code__ = CodeFacts(**_code(known.get("code")))
            signature = _signature(known)
            if signature is not None:
                self.__signature__ = signature
                self.__annotations__ = _annotations(signature)
                self.__defaults__ = _defaults(signature)

    @property
    def __class__(self) -> type:
        """That of the student's: read with `type()` there, where it is a plain function."""
        return types.FunctionType if self._is_function else StudentFunction

    @__class__.setter
    def __class__(self, value: type) -> None:
        raise TypeError("the class of a function cannot be changed")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result as plain data; raises what the student's code raised."""
        return self._call(self.known_as, args, kwargs)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


def tell_sources() -> None:
    """Let `inspect.getsource` and `getsourcelines` tell the source of a stand-in; once a process."""
    if not hasattr(inspect.getsource, "tells_students"):
        of_lines = _telling(inspect.getsourcelines, lambda source: (source.splitlines(keepends=True), 1))
        whole = _telling(inspect.getsource, lambda source: source)
        for name, telling in (("getsource", whole), ("getsourcelines", of_lines)):
            setattr(inspect, name, telling)


def _telling(original: Callable[[Any], Any], shape: Callable[[str], Any]) -> Callable[[Any], Any]:
    def telling(object: Any) -> Any:
        if type(object) is not StudentFunction:
            return original(object)
        if object._source is None:
            raise OSError("could not get source code")
        return shape(object._source)

    telling.tells_students = True  # type: ignore[attr-defined]
    return telling


def _code(facts: Any) -> dict[str, Any]:
    items = facts.items() if type(facts) is dict else ()
    return {
        name: tuple(value) if type(value) is list else value
        for name, value in items
        if type(name) is str and name.startswith("co_")
    }


def _signature(facts: Mapping[str, Any]) -> inspect.Signature | None:
    parameters = facts.get("parameters")
    if type(parameters) is not list:
        return None
    try:
        found = []
        for name, kind, how, default, annotation in parameters:
            value = {"value": default, "shown": Shown(str(default))}.get(how, inspect.Parameter.empty)
            noted = _annotation(annotation, inspect.Parameter.empty)
            found.append(
                inspect.Parameter(name, inspect._ParameterKind(kind), default=value, annotation=noted)
            )
        returns = _annotation(facts.get("returns"), inspect.Signature.empty)
        return inspect.Signature(found, return_annotation=returns)
    except (TypeError, ValueError):
        return None  # what came is no signature


def _annotation(facts: Any, nothing: Any) -> Any:
    how, text = facts
    if how == "type" and type(text) is str and text in _TYPES:
        return _TYPES[text]
    return text if how == "text" else nothing


def _annotations(signature: inspect.Signature) -> dict[str, Any]:
    noted = {name: one.annotation for name, one in signature.parameters.items()}
    noted["return"] = signature.return_annotation
    return {name: value for name, value in noted.items() if value is not inspect.Parameter.empty}


def _defaults(signature: inspect.Signature) -> tuple[Any, ...] | None:
    given = (one.default for one in signature.parameters.values() if one.kind is not one.KEYWORD_ONLY)
    return tuple(value for value in given if value is not inspect.Parameter.empty) or None
