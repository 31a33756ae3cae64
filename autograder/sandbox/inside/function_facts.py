"""What a function of the notebook says of itself: name, text, signature, source, as plain data."""

from __future__ import annotations

import builtins
import inspect
from inspect import Parameter, getsource
from inspect import signature as inspect_signature
from types import FunctionType
from typing import Any

from . import crossing
from .own_error import error_classes

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MOST_TEXT = 60_000
MOST_PARAMETERS = 200
NUMBERS = ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_flags")
NAMES = ("co_varnames", "co_names", "co_freevars")


def function_facts(function: Any) -> dict[str, Any]:
    """The facts of anything that can be called; what cannot be found out is left out."""
    facts: dict[str, Any] = {"is_function": type(function) is FunctionType}
    if issubclass(type(function), type) and issubclass(function, Exception):
        facts["error_classes"] = error_classes(function)
    if not facts["is_function"]:
        return facts
    code = function.__code__
    facts |= {"name": function.__name__, "doc": _text(function.__doc__)}
    facts["code"] = {name: getattr(code, name) for name in NUMBERS} | {"co_name": code.co_name}
    facts["code"] |= {name: list(getattr(code, name)[:MOST_PARAMETERS]) for name in NAMES}
    try:
        facts["source"] = _text(getsource(function))
    except Exception:  # noqa: BLE001 (it was made by exec, or says something odd of itself)
        facts["source"] = None
    try:
        signature = inspect_signature(function, follow_wrapped=False)
        parameters = list(signature.parameters.values())[:MOST_PARAMETERS]
        facts["parameters"] = [_parameter(one) for one in parameters]
        facts["returns"] = _annotation(signature.return_annotation)
    except Exception:  # noqa: BLE001 (as above)
        facts["parameters"] = None
    return facts


def _text(value: Any) -> str | None:
    return value[:MOST_TEXT] if type(value) is str else None


def _parameter(one: inspect.Parameter) -> list[Any]:
    """Name, kind, how its default crosses ("none", "value", "shown"), the default, its annotation."""
    if one.default is Parameter.empty:
        return [one.name, int(one.kind), "none", None, _annotation(one.annotation)]
    try:
        crossing.encode(one.default, [])
        how, default = "value", one.default
    except Exception:  # noqa: BLE001 (any object of the student's may be a default)
        how, default = "shown", crossing.name_of_type(type(one.default))
    return [one.name, int(one.kind), how, default, _annotation(one.annotation)]


def _annotation(value: Any) -> list[Any]:
    """How an annotation crosses: "none", "type" and a built-in type's name, or "text" and its text."""
    if value is Parameter.empty:
        return ["none", ""]
    name = crossing.name_of_type(value) if type(value) is type else ""
    if name and getattr(builtins, name, None) is value:
        return ["type", name]
    return ["text", value[:200] if type(value) is str else crossing.name_of_type(type(value))]
