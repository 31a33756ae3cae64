"""Diagnosis of `initialize_parameters(layers_dims, method, hidden)`: every method by itself, then the choice.

Calls: 3 for zeros (PROBE, and two sizes when it is right), 2 for each random method, 2 for `auto`, 2 for
unknown methods; more only where a mistake is being told apart. Never more than 18.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.misconceptions.calls import Call, Outcome, Ways
from autograder.misconceptions.errors import error_text
from autograder.misconceptions.formulas import right_parameters
from autograder.misconceptions.initializer import diagnose_initializer, name_failure
from autograder.misconceptions.probes import PROBE, arrays_of
from autograder.misconceptions.wording import Diagnosis, diagnosis_of

NAME = "initialize_parameters"
METHODS = ("zeros", "random", "xavier", "he")
NO_SUCH_METHOD = "no-such-method"


def diagnose_general(call: Call, source: str = "", call_seeded: Call | None = None) -> Diagnosis | None:
    """The first mistake of the function that picks a method, or None."""
    kept: dict[tuple[tuple[int, ...], str], list[Outcome]] = {}
    firsts = {method: call(list(PROBE), method, "relu") for method in METHODS}
    if all(outcome.error_type for outcome in firsts.values()):
        return name_failure(firsts["zeros"], source, NAME, "zeros")
    for method, outcome in firsts.items():
        if outcome.error_type:
            return diagnosis_of("method-not-handled", error=error_text(outcome))
        kept[(PROBE, method)] = [outcome]
    if _all_alike(firsts):
        return diagnosis_of("methods-alike")
    for method in METHODS:

        def with_method(dims: list[int], method: str = method) -> Outcome:
            stored = kept.get((tuple(dims), method))
            return stored.pop() if stored else call(dims, method, "relu")

        def with_seed(dims: list[int], method: str = method) -> Outcome:
            assert call_seeded is not None
            return call_seeded(dims, method, "relu")

        seeded = with_seed if call_seeded is not None else None
        found = diagnose_initializer(method, Ways(with_method, call_seeded=seeded), source, NAME)
        if found is not None:
            further = tuple(_of_method(method, other) for other in found.further)
            return replace(_of_method(method, found), further=further)
    return _name_choice(call)


def _of_method(method: str, found: Diagnosis) -> Diagnosis:
    return replace(found, hint=f'With method="{method}": {found.hint}')


def _all_alike(outcomes: dict[str, Outcome]) -> bool:
    """Whether every method returned the same numbers."""
    values = [outcome.value for outcome in outcomes.values()]
    if not all(isinstance(value, dict) and value for value in values):
        return False
    arrays = [arrays_of(value) for value in values]
    keys = set(arrays[0])
    return bool(keys) and all(
        set(other) == keys and all(np.array_equal(other[key], arrays[0][key]) for key in keys)
        for other in arrays[1:]
    )


def _name_choice(call: Call) -> Diagnosis | None:
    """`auto` for both kinds of hidden unit, then a method that does not exist."""
    wanted = {"relu": "he", "tanh": "xavier"}
    matches = {}
    for hidden in wanted:
        outcome = call(list(PROBE), "auto", hidden)
        if outcome.error_type:
            return diagnosis_of("method-not-handled", error=error_text(outcome))
        matches[hidden] = next((name for name in METHODS if _is(outcome.value, name)), "")
    if matches != wanted:
        if matches == {"relu": "xavier", "tanh": "he"}:
            return diagnosis_of("auto-swapped")
        if matches["relu"] == matches["tanh"]:
            return diagnosis_of("auto-ignores-hidden")
        return diagnosis_of(
            "values-unrecognised", found="'auto' gives what none of the methods gives for this kind of unit."
        )
    outcome = call(list(PROBE), NO_SUCH_METHOD, "relu")
    if not outcome.error_type:
        return diagnosis_of("unknown-method-accepted")
    return None if outcome.error_type == "ValueError" else diagnosis_of("unknown-method-other-error")


def _is(value: object, scheme: str) -> bool:
    if not isinstance(value, dict):
        return False
    found, right = arrays_of(value), right_parameters(scheme, PROBE)
    return all(
        key in found and found[key].shape == array.shape and np.allclose(found[key], array, rtol=1e-6)
        for key, array in right.items()
    )
