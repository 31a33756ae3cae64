"""Diagnosis of one initializer: a function that makes parameters by one of the schemes.

Structure first (shape, keys, types), then state, seed, layers and indices, then values. Calls: at most 5, and
one of `call_again`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograder.misconceptions import reading
from autograder.misconceptions.behind import mistakes_behind
from autograder.misconceptions.calls import Call, Outcome, Rewritten, Ways
from autograder.misconceptions.catalogue import CATALOGUE, NOT_FOUND
from autograder.misconceptions.catalogue.factor import FACTOR
from autograder.misconceptions.errors import error_text, name_error
from autograder.misconceptions.explaining import explain_values
from autograder.misconceptions.formulas import SCHEMES, right_parameters
from autograder.misconceptions.probes import PROBE, SINGLE, SMALL, Params, agree, arrays_of, shapes_of
from autograder.misconceptions.repairs import repair
from autograder.misconceptions.values import name_values
from autograder.misconceptions.wording import Diagnosis, diagnosis_of
from init_utils.checks import Mistake, find_structural_mistake

# These come after the seed in the order of telling, though they show in shapes and keys.
_AFTER_SEED = frozenset({"layers-hard-coded", "index-first-layer", "index-one-for-l", "index-off-by-one"})
# Structures that a pasted answer or a fixed number of layers shows as; a second size tells.
_PERHAPS_FIXED = frozenset(
    {"weights-shape", "bias-shape", "weights-square", "weights-transposed", "weights-flat"}
    | {"weights-one-row", "weights-dimensions", "bias-single", "bias-dimensions"}
    | {"return-in-loop", "last-layer-missing", "layers-hard-coded", "keys-missing"}
    | {"factor-inside-brackets", "keys-exchanged", "bias-layer-number"}
    | {"bias-previous-layer", "bias-like-weights", "dict-made-in-loop", *_AFTER_SEED}
)

_LAYER_0 = (
    "There is a layer 0 before the first, with W0 and b0: layers are counted from 1. "
    "Does the loop start at 1?"
)
_MAY_BE_STATE = frozenset({"draws-extra", "values-unrecognised"})
_MAY_BE_GLOBAL = _PERHAPS_FIXED | {"answer-pasted", "error-index", "values-unrecognised"}
# Behind these there is nothing to be said of single numbers.
_EXPLAINS_ALL = frozenset({"answer-pasted", "global-for-argument", "state-between-calls", "values-rounded"})
# Values that are wrong in no known way alone; what explaining away finds tells more.
_SAYS_NOTHING = frozenset({"values-unrecognised", "factor-unknown"})
# Layers that are not there have one cause.
_LAYERS_MISSING = frozenset(
    {"layers-hard-coded", "key-last-for-l", "return-in-loop", "last-layer-missing", "first-layer-missing"}
    | {"dict-made-in-loop"}
)
# After a call that did come back these tell of the machine, not of the function.
_UNANSWERED = frozenset({"timeout", "TimeoutError", "memory", "MemoryError"})


def diagnose_initializer(
    scheme: str, ways: Ways, source: str, name: str, rewritten: Rewritten | None = None
) -> Diagnosis | None:
    """The mistakes of the function `name`, or None when it behaves as it should for every probe.

    Parameters
    ----------
    scheme : str
        A key of `SCHEMES`: how the function should make parameters.
    ways : Ways
        How the function can be asked.
    source : str
        Text of the student's solution cell, or "".
    name : str
        Name of the function.
    rewritten : callable, optional
        From another text of the cell, the ways to ask its function: what a mistake that stops it hides.
    """

    def look(ways: Ways, source: str) -> tuple[Diagnosis | None, Outcome]:
        return _look(scheme, ways, source, name)

    with np.errstate(all="ignore"):  # a student's numbers may be of any size
        found, first = look(ways, source)
        if found is None or rewritten is None or not source:
            return found
        behind = mistakes_behind(scheme, found, first, source, name, rewritten, look)
    further = [other for other in behind if not _have_one_cause(other, found)]
    return replace(found, further=_once_a_cause(further))


def _once_a_cause(found: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    """The first of those that have one cause."""
    kept: list[Diagnosis] = []
    for one in found:
        if not any(_have_one_cause(one, other) for other in kept):
            kept.append(one)
    return tuple(kept)


def _look(scheme: str, ways: Ways, source: str, name: str) -> tuple[Diagnosis | None, Outcome]:
    """What one text of the function shows, and the outcome of its first call."""
    first = ways.call(list(PROBE))
    found = _by_behaviour(scheme, first, ways.call, source, name, ways.call_again)
    if found is not None and reading.is_starred(source, name):
        return diagnosis_of("argument-starred"), first
    if found is not None and found.id in _MAY_BE_GLOBAL:
        outside = reading.sizes_from_outside(source, name)
        if outside:
            return diagnosis_of("global-for-argument", found=f"`{outside}`"), first
    if found is None or first.error_type or found.id in _EXPLAINS_ALL:
        return found, first
    further = _further(scheme, found, first, ways.call, source, ways.call_seeded)
    if further and found.id in _SAYS_NOTHING:  # what the first look did not find
        found, *others = further
        return replace(found, further=tuple(others)), first
    return replace(found, further=further), first


def _further(
    scheme: str, found: Diagnosis, first: Outcome, call: Call, source: str, call_seeded: Call | None
) -> tuple[Diagnosis, ...]:
    """Mistakes beside `found`: structure repaired, seed set by the prober, then the numbers."""
    repaired = repair(first.value, PROBE)
    if repaired is None:
        return ()
    seed_id = ""
    if SCHEMES[scheme].factor is not None:
        again = repair(call(list(PROBE)).value, PROBE)
        if again is None:
            return ()
        if not agree(again.values, repaired.values):
            seed_id = reading.refine_missing_seed(source)
            seeded = repair(call_seeded(list(PROBE)).value, PROBE) if call_seeded is not None else None
            if seeded is not None:
                repaired = seeded
    name = SCHEMES[scheme].name
    words = {"scheme": name, "Scheme": name[0].upper() + name[1:]}
    diagnoses = [diagnosis_of(key, hint=repaired.messages[key]) for key in repaired.mistakes]
    if seed_id:
        diagnoses.append(diagnosis_of(seed_id))
    is_varying = bool(seed_id) and call_seeded is None
    values = {key: array for key, array in repaired.values.items() if not is_varying or key[0] == "b"}
    for mistake in explain_values(
        scheme, PROBE, values, swapped=repaired.swapped, between="W0" in first.value
    ):
        fields = words | {"W": f"W{mistake.layer}", "found": mistake.found}
        diagnoses.append(diagnosis_of(mistake.id, **fields))
    order = list(CATALOGUE)
    return tuple(
        other
        for other in sorted(diagnoses, key=lambda other: order.index(other.id))
        if other.id != found.id and other.id not in NOT_FOUND and not _have_one_cause(other, found)
    )


def _have_one_cause(one: Diagnosis, other: Diagnosis) -> bool:
    """Whether both speak of the factor, which is one number, or of the layers that are missing."""
    if {one.id, other.id} <= _LAYERS_MISSING:
        return True
    return CATALOGUE[one.id].group == CATALOGUE[other.id].group == FACTOR[0].group


def _by_behaviour(
    scheme: str, first: Outcome, call: Call, source: str, name: str, call_again: Call | None
) -> Diagnosis | None:
    if first.error_type:
        return name_failure(first, source, name, scheme)
    mistake = find_structural_mistake(first.value, PROBE, reveal=False)
    if mistake is not None:
        return _name_structure(scheme, mistake, first.value, call, source)
    parameters = arrays_of(first.value)
    is_random = SCHEMES[scheme].factor is not None
    if is_random:
        second = call(list(PROBE))
        found = _name_seed(parameters, second, source, scheme)
        if found is not None:
            return found
    right = right_parameters(scheme, PROBE)
    if not agree(parameters, right):
        found = name_values(scheme, parameters, right)
        if found.id == "draws-extra" and "W0" in first.value:
            return diagnosis_of("keys-shifted", hint=_LAYER_0)
        if found.id in _MAY_BE_STATE:  # earlier cells of the notebook may have called the function
            return _name_state(scheme, parameters, source, call_again) or found
        return found
    for dims in (SMALL, SINGLE):
        outcome = call(list(dims))
        if outcome.error_type in _UNANSWERED:
            return None
        if outcome.error_type:
            return _name_partial_failure(outcome)
        mistake = find_structural_mistake(outcome.value, dims, reveal=False)
        if mistake is not None:
            return diagnosis_of(mistake.id, hint=mistake.message)
        if not agree(arrays_of(outcome.value), right_parameters(scheme, dims)):
            return diagnosis_of(
                "values-unrecognised", found="The values are right for some layer sizes only."
            )
    return _name_state(scheme, parameters, source, call_again)


def name_failure(outcome: Outcome, source: str, name: str, scheme: str) -> Diagnosis:
    """The entry for a call that did not return."""
    is_absent = outcome.error_type == "not-found" or (
        outcome.error_type == "NameError" and f"'{name}'" in outcome.error_message
    )
    if is_absent:
        mistake_id, found = reading.name_missing_function(source, name)
        return diagnosis_of(mistake_id, found=found)
    mistake_id = name_error(outcome)
    if mistake_id == "error-signature" and reading.first_parameter(source, name) in ("self", "cls"):
        mistake_id = "self-parameter"
    return diagnosis_of(mistake_id, error=error_text(outcome))


def _name_partial_failure(outcome: Outcome) -> Diagnosis:
    mistake_id = name_error(outcome)
    return diagnosis_of(
        "works-in-part" if mistake_id == "error-other" else mistake_id, error=error_text(outcome)
    )


def _name_structure(scheme: str, mistake: Mistake, value: object, call: Call, source: str) -> Diagnosis:
    """A structural mistake; a further call where a fixed answer or number of layers may be behind it."""
    if mistake.id not in _PERHAPS_FIXED:
        return diagnosis_of(mistake.id, hint=mistake.message)
    small = call(list(SMALL))
    if not small.error_type and shapes_of(small.value) == shapes_of(value) and shapes_of(value):
        return diagnosis_of("answer-pasted")
    if mistake.id in _AFTER_SEED and SCHEMES[scheme].factor is not None:
        found = _name_seed(arrays_of(value), call(list(PROBE)), source, scheme)
        if found is not None:
            return found
    has_small_layers = isinstance(small.value, dict) and "W2" in small.value
    if mistake.id == "return-in-loop" and (has_small_layers or (source and not reading.has_loop(source))):
        return diagnosis_of("layers-hard-coded")
    if mistake.id == "last-layer-missing" and (has_small_layers or small.error_type == "IndexError"):
        return diagnosis_of("layers-hard-coded")
    if mistake.id == "dict-made-in-loop" and reading.has_fixed_key(source):
        return diagnosis_of("key-last-for-l")
    return diagnosis_of(mistake.id, hint=mistake.message)


def _name_seed(parameters: Params, second: Outcome, source: str, scheme: str) -> Diagnosis | None:
    """Numbers that change from call to call, or that are the same in every layer."""
    again = arrays_of(second.value) if isinstance(second.value, dict) else {}
    shared = [key for key in parameters if key in again]
    if any(not np.array_equal(parameters[key], again[key]) for key in shared):
        return diagnosis_of(reading.refine_missing_seed(source))
    weights = [array for key, array in sorted(parameters.items()) if key[:1] == "W" and array.ndim == 2]
    weights = [array.astype(float).ravel() for array in weights if array.any() and np.ptp(array)]
    if len(weights) < 2:
        return None
    shortest = min(array.size for array in weights)
    heads = [array[:shortest] / array[0] if array[0] else array[:shortest] for array in weights]
    if all(np.allclose(head, heads[0], rtol=1e-5) for head in heads[1:]):
        return diagnosis_of("seed-in-loop")
    return None


def _name_state(scheme: str, parameters: Params, source: str, call_again: Call | None) -> Diagnosis | None:
    """State that a function carries from call to call, or None."""
    if call_again is None:
        is_random = SCHEMES[scheme].factor is not None
        return (
            diagnosis_of("state-between-calls")
            if is_random and reading.keeps_generator_outside(source)
            else None
        )
    again = call_again(list(PROBE))
    if again.error_type in _UNANSWERED:
        return None
    if again.error_type:
        return diagnosis_of("state-between-calls")
    is_same = isinstance(again.value, dict) and agree(arrays_of(again.value), parameters)
    return None if is_same else diagnosis_of("state-between-calls")
