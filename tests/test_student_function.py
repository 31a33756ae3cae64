"""The stand-in for a student's function says what the student's says, and nothing that is forged runs."""

import asyncio
import inspect
import types
from typing import Any

import pytest

from autograder.examiner.student_function import Shown, StudentFunction, tell_sources
from autograder.sandbox.inside.function_facts import function_facts


def original(a: int, /, b=[1], *rest, c: str = "x", d=print, **more: object) -> float:  # noqa: B006
    """Docs."""
    return a + sum(rest)


async def waiting() -> None:
    """Waits."""


def stand_in(function: Any) -> Any:
    tell_sources()
    return StudentFunction(
        "known_as", lambda name, args, kwargs: (name, args, kwargs), function_facts(function)
    )


def test_it_is_called_under_the_name_that_the_notebook_knows_it_by() -> None:
    assert stand_in(original)(1, b=2) == ("known_as", (1,), {"b": 2})


def test_name_documentation_and_source_are_those_of_the_function() -> None:
    f = stand_in(original)
    assert (f.__name__, f.__doc__, repr(f)) == ("original", "Docs.", "<function original>")
    assert inspect.getsource(f) == inspect.getsource(original)
    assert inspect.getsourcelines(f)[0] == inspect.getsourcelines(original)[0]
    assert inspect.getdoc(f) == "Docs."


def test_the_signature_is_that_of_the_function() -> None:
    f = stand_in(original)
    ours, theirs = inspect.signature(f), inspect.signature(original)
    assert list(ours.parameters) == list(theirs.parameters)
    for name, one in theirs.parameters.items():
        assert ours.parameters[name].kind is one.kind
        assert ours.parameters[name].annotation == one.annotation
    assert (ours.parameters["b"].default, ours.parameters["c"].default) == ([1], "x")
    assert ours.return_annotation is float
    assert f.__annotations__["a"] is int
    assert f.__defaults__ == ([1],)


def test_a_default_that_does_not_cross_is_shown_by_its_type() -> None:
    shown = inspect.signature(stand_in(original)).parameters["d"].default
    assert (type(shown), repr(shown)) == (Shown, "<builtin_function_or_method>")


def test_the_numbers_of_the_code_are_those_of_the_function() -> None:
    f = stand_in(original)
    assert (f.__code__.co_argcount, f.__code__.co_kwonlyargcount) == (2, 2)
    assert "rest" in f.__code__.co_varnames


def test_what_kind_of_function_it_is_can_be_asked() -> None:
    f = stand_in(original)
    assert callable(f)
    assert isinstance(f, types.FunctionType)
    assert inspect.isfunction(f)
    assert not isinstance(stand_in(len), types.FunctionType)
    assert inspect.iscoroutinefunction(stand_in(waiting))
    assert asyncio.iscoroutinefunction(stand_in(waiting))
    assert not inspect.iscoroutinefunction(f)


def test_the_source_of_what_has_none_is_missing_as_in_python() -> None:
    names: dict[str, Any] = {}
    exec("def made(): return 1", names)  # noqa: S102 -- a function without a file
    with pytest.raises(OSError, match="could not get source code"):
        inspect.getsource(stand_in(names["made"]))


@pytest.mark.parametrize(
    "facts",
    [
        None,
        5,
        {"is_function": 1, "name": 5, "doc": 5, "source": 5, "code": 5, "parameters": 5},
        {"is_function": True},
        {"is_function": True, "code": {"co_argcount": [1], 5: 6, "__class__": 1}, "parameters": [5]},
        {"is_function": True, "parameters": [["a", 9, "none", None, ["none", ""]]]},
        {"is_function": True, "parameters": [["a b", 1, [], None, ["none", ""]]]},
        {"is_function": True, "parameters": [["a", 1, "none", None, 5]], "returns": 5},
        {"is_function": True, "parameters": [], "returns": ["type", "eval"]},
    ],
)
def test_forged_facts_are_no_more_than_a_stand_in_without_them(facts: Any) -> None:
    f = StudentFunction("f", lambda name, args, kwargs: 1, facts)
    assert (f.__name__, f(), callable(f)) == ("f", 1, True)
    assert type(f) is StudentFunction
