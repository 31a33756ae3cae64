"""The students' wheel answers no exercise: nothing in it, handed in as a solution, gets a prefix's points."""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import itertools
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import init_utils
from tests.notebook_cells import graded, names_with, read_cells, run_cell

SEED = 3  # of the exercises
PREFIXES = {
    "initialization": {
        "zeros": "initialize_parameters_zeros",
        "random": "initialize_parameters_random",
        "he": "initialize_parameters_he",
    },
    "deeper": {"xavier": "initialize_parameters_xavier", "general": "initialize_parameters"},
}


def modules() -> Iterator[ModuleType]:
    """Every module of the wheel."""
    yield init_utils
    for found in pkgutil.walk_packages(init_utils.__path__, "init_utils."):
        yield importlib.import_module(found.name)


def reachable() -> dict[str, Any]:
    """Every object of every module, and its attributes or items one level deep, by a name for messages."""
    found: dict[int, tuple[str, Any]] = {}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, ModuleType) or name == "__builtins__":
                continue
            if not getattr(value, "__module__", "init_utils").startswith("init_utils"):
                continue
            place = f"{module.__name__}.{name}"
            found.setdefault(id(value), (place, value))
            for inner, member in members(value):
                found.setdefault(id(member), (f"{place}.{inner}", member))
    return dict(found.values())


def members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, np.ndarray | dict | list | set):
        value = copy.copy(value)  # methods that change it in place are called as well
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", item) for key, item in value.items())
    elif isinstance(value, list | tuple):
        yield from ((f"[{index}]", item) for index, item in enumerate(value))
    for name in dir(value):
        if not name.startswith("__"):
            try:
                yield name, getattr(value, name)
            except Exception:  # noqa: BLE001 - a property that needs more than this
                continue


def as_initializers(value: Any) -> Iterator[tuple[str, Callable[[list[int]], Any]]]:
    """The value, and the value with the exercises' seed bound to each further parameter that it can have."""
    if not callable(value) or inspect.iscoroutinefunction(value):
        return
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        yield "", value
        return
    for text, arguments, named in (
        ("", (), {}),
        (" with the seed second", (SEED,), {}),
        *((f" with {name}=seed", (), {name: SEED}) for name in list(signature.parameters)[1:]),
    ):
        try:
            signature.bind([2, 1], *arguments, **named)
        except TypeError:
            continue
        yield text, lambda dims, arguments=arguments, named=named: value(dims, *arguments, **named)


CANDIDATES = {
    place + text: function
    for place, value in reachable().items()
    for text, function in as_initializers(value)
}
# What makes candidates from nothing, so that theirs are looked at too.
CANDIDATES |= {
    f"built-in {candidate.name}, seed {seed}": functools.partial(candidate.call, seed=seed)
    for candidate in importlib.import_module("init_utils.lab.candidates").built_in_candidates()
    for seed in (None, SEED)
}


def gets_full_points(assignment: str, prefix: str, name: str, function: Callable[..., Any]) -> bool:
    """Whether every automatic test of the prefix accepts `function` under that name."""
    namespace = names_with("") | {name: function}
    for grade_id, cell in graded(read_cells("source", assignment)).items():
        if grade_id.startswith(f"{prefix}_"):
            try:
                run_cell(cell, namespace)
            except BaseException:  # noqa: BLE001 - whatever was called with a list it does not expect
                return False
    return True


def test_the_search_finds_functions_classes_methods_and_items() -> None:
    assert len(CANDIDATES) > 150
    for place in (
        "init_utils.checks.structure._not_a_dict",
        "init_utils.lab.candidates.Start",
        "init_utils.memo.MEMO.get",
        "init_utils.lab.candidates._he with the seed second",
    ):
        assert place in CANDIDATES, place


@pytest.mark.parametrize(
    ("assignment", "prefix"), [(a, prefix) for a, prefixes in PREFIXES.items() for prefix in prefixes]
)
def test_nothing_in_the_students_wheel_gets_the_points_of_an_exercise(assignment: str, prefix: str) -> None:
    mpl.use("Agg")  # some of what is called draws
    name = PREFIXES[assignment][prefix]
    full = [
        place
        for place, function in CANDIDATES.items()
        if gets_full_points(assignment, prefix, name, lambda dims, *_, function=function: function(dims))
    ]
    assert full == []


def test_the_search_would_have_found_the_initializer_that_was_once_shipped() -> None:
    def _he(layers_dims: list[int]) -> dict[str, Any]:
        import numpy as np

        random = np.random.RandomState(3)
        return {
            key: value
            for layer, (before, here) in enumerate(itertools.pairwise(layers_dims), start=1)
            for key, value in (
                (f"W{layer}", random.randn(here, before) * (2 / before) ** 0.5),
                (f"b{layer}", np.zeros((here, 1))),
            )
        }

    assert gets_full_points("initialization", "he", "initialize_parameters_he", _he)
    assert not gets_full_points("initialization", "random", "initialize_parameters_random", _he)
