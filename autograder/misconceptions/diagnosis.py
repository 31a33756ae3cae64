"""From the behaviour of a student's function to an entry of the catalogue.

The function is called for a few layer sizes of our own and what comes back is compared with what every known
mistake gives. Structure first (shape, keys, types), then state, seed, layers and indices, then values. The
text of the solution cell only tells apart what behaves alike, and speaks for itself where nothing runs. A
function that is right for every probe is never accused: the answer is None.

Calls: at most 5 for one initializer (and one of `call_again`), at most 18 for `general`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.misconceptions import draws, reading
from autograder.misconceptions.catalogue import CATALOGUE, EXAMPLES
from autograder.misconceptions.errors import error_text, name_error
from autograder.misconceptions.formulas import SCHEMES, SEED, name_factor, right_parameters
from init_utils.checks import Mistake, find_structural_mistake
from init_utils.checks.cells import describe_difference

# Five layers of sizes that do not repeat: more layers than anyone writes by hand, every index shows.
PROBE = (4, 11, 3, 2, 7, 9)
SMALL = (3, 2, 1)
SINGLE = (6, 4)

# These come after the seed in the order of telling, though they show in shapes and keys.
_AFTER_SEED = frozenset({"layers-hard-coded", "index-first-layer", "index-one-for-l", "index-off-by-one"})
# Structures that a pasted answer or a fixed number of layers shows as; a second size tells.
_PERHAPS_FIXED = frozenset(
    {"weights-shape", "bias-shape", "weights-square", "weights-transposed", "weights-flat"}
    | {"return-in-loop", "last-layer-missing", "layers-hard-coded", "keys-missing"}
    | {"bias-previous-layer", "bias-like-weights", *_AFTER_SEED}
)

_MAY_BE_STATE = frozenset({"draws-extra", "values-unrecognised"})
_MAY_BE_GLOBAL = _PERHAPS_FIXED | {"answer-pasted", "error-index", "values-unrecognised"}
# After a call that did come back these tell of the machine, not of the function.
_NO_ANSWER = frozenset({"timeout", "TimeoutError", "memory", "MemoryError"})

Params = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What one call of the student's function gave.

    Attributes
    ----------
    value : object
        What it returned, as plain data.
    error_type : str
        "" when it returned; else the name of the exception, or a verdict: `timeout`, `memory`, `crashed`,
        `not-found`, `bad-type`.
    error_message : str
        The exception's text.
    """

    value: Any = None
    error_type: str = ""
    error_message: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """A recognised mistake.

    Attributes
    ----------
    id : str
        An id of the catalogue.
    hint : str
        For the student.
    teacher_note : str
        For the teacher.
    """

    id: str
    hint: str
    teacher_note: str


Call = Callable[..., Outcome]


def diagnose(
    scheme: str, call: Call, source: str = "", *, call_again: Call | None = None
) -> Diagnosis | None:
    """The mistake of one initializer, or None when it behaves as it should for every probe.

    Parameters
    ----------
    scheme : str
        `zeros`, `random`, `he`, `xavier` or `general`: the prefix of a grade id.
    call : callable
        call(*args) gives the Outcome of one call of the student's function, each in a fresh process whose
        global random state is new. source : str Text of the student's solution cell, if there is one.
        call_again : callable, optional call_again(*args) gives the Outcome of the second of two equal calls
        in one process.

    Raises
    ------
    ValueError
        For an unknown scheme.

    >>> def he_by_xavier(dims):
    ...     np.random.seed(3)
    ...     sizes = zip(dims[1:], dims)
    ...     return {
    ...         key: value
    ...         for l, (n, p) in enumerate(sizes, 1)
    ...         for key, value in ((f"W{l}", np.random.randn(n, p) / np.sqrt(p)), (f"b{l}", np.zeros((n, 1))))
    ...     }
    >>> diagnose("he", lambda dims: Outcome(he_by_xavier(dims))).hint
    'Your W1 equals standard normal × sqrt(1/n_prev): that is Xavier. He initialization has another factor.'
    """
    if scheme == "general":
        from autograder.misconceptions.general import diagnose_general  # a room of its own; it calls back

        return diagnose_general(call, source)
    if scheme not in SCHEMES:
        known = ", ".join([*SCHEMES, "general"])
        raise ValueError(f"unknown scheme {scheme!r}; known are {known}. It is the prefix of a grade id.")
    return diagnose_one(scheme, call, source, f"initialize_parameters_{scheme}", call_again)


def diagnose_one(
    scheme: str, call: Call, source: str, name: str, call_again: Call | None = None
) -> Diagnosis | None:
    """The same for a function called `name` that makes parameters by one of SCHEMES."""
    with np.errstate(all="ignore"):  # a student's numbers may be of any size
        found = _by_behaviour(scheme, call, source, name, call_again)
    if found is not None and found.id in _MAY_BE_GLOBAL:
        outside = reading.sizes_from_outside(source, name)
        if outside:
            return say("global-for-argument", found=f"`{outside}`")
    return found


def _by_behaviour(
    scheme: str, call: Call, source: str, name: str, call_again: Call | None
) -> Diagnosis | None:
    first = call(list(PROBE))
    if first.error_type:
        return name_failure(first, source, name, scheme)
    mistake = find_structural_mistake(first.value, PROBE, reveal=False)
    if mistake is not None:
        return _name_structure(scheme, mistake, first.value, call, source)
    parameters = plain(first.value)
    is_random = SCHEMES[scheme].factor is not None
    if is_random:
        second = call(list(PROBE))
        found = _name_seed(parameters, second, source, scheme)
        if found is not None:
            return found
    right = right_parameters(scheme, PROBE)
    if not _agree(parameters, right):
        found = _name_values(scheme, parameters, right)
        if found.id in _MAY_BE_STATE:  # earlier cells of the notebook may have called the function
            return _name_state(scheme, parameters, source, call_again) or found
        return found
    for dims in (SMALL, SINGLE):
        outcome = call(list(dims))
        if outcome.error_type in _NO_ANSWER:
            return None
        if outcome.error_type:
            return _name_partial_failure(outcome)
        mistake = find_structural_mistake(outcome.value, dims, reveal=False)
        if mistake is not None:
            return say(mistake.id, hint=mistake.message)
        if not _agree(plain(outcome.value), right_parameters(scheme, dims)):
            return say("values-unrecognised", found="The values are right for some layer sizes only.")
    return _name_state(scheme, parameters, source, call_again)


def say(mistake_id: str, *, hint: str = "", **fields: str) -> Diagnosis:
    """The entry `mistake_id`, its placeholders filled with `fields`; `hint` replaces the entry's own."""
    entry = CATALOGUE[mistake_id]
    return Diagnosis(mistake_id, hint or entry.hint.format(**{**EXAMPLES, **fields}), entry.teacher_note)


def plain(value: object) -> Params:
    """A structurally right result as a dict of ndarrays."""
    assert isinstance(value, dict)
    return {
        key: np.asarray(item) for key, item in dict.items(value) if isinstance(key, str) and _is_array(item)
    }


def name_failure(outcome: Outcome, source: str, name: str, scheme: str) -> Diagnosis:
    """The entry for a call that did not return."""
    is_absent = outcome.error_type == "not-found" or (
        outcome.error_type == "NameError" and f"'{name}'" in outcome.error_message
    )
    if is_absent:
        mistake_id, found = reading.name_missing_function(source, name)
        return say(mistake_id, found=found)
    error = error_text(outcome.error_type, outcome.error_message)
    return say(name_error(outcome.error_type, outcome.error_message), error=error)


def _name_partial_failure(outcome: Outcome) -> Diagnosis:
    mistake_id = name_error(outcome.error_type, outcome.error_message)
    error = error_text(outcome.error_type, outcome.error_message)
    return say("works-in-part" if mistake_id == "error-other" else mistake_id, error=error)


def _name_structure(scheme: str, mistake: Mistake, value: object, call: Call, source: str) -> Diagnosis:
    """A structural mistake; a further call where a fixed answer or number of layers may be behind it."""
    if mistake.id not in _PERHAPS_FIXED:
        return say(mistake.id, hint=mistake.message)
    small = call(list(SMALL))
    if not small.error_type and _shapes(small.value) == _shapes(value) and _shapes(value):
        return say("answer-pasted")
    if mistake.id in _AFTER_SEED and SCHEMES[scheme].factor is not None:
        found = _name_seed(plain(value), call(list(PROBE)), source, scheme)
        if found is not None:
            return found
    has_small_layers = isinstance(small.value, dict) and "W2" in small.value
    if mistake.id == "return-in-loop" and (has_small_layers or (source and not reading.has_loop(source))):
        return say("layers-hard-coded")
    if mistake.id == "last-layer-missing" and (has_small_layers or small.error_type == "IndexError"):
        return say("layers-hard-coded")
    return say(mistake.id, hint=mistake.message)


def _name_seed(parameters: Params, second: Outcome, source: str, scheme: str) -> Diagnosis | None:
    """Numbers that change from call to call, or that are the same in every layer."""
    again = plain(second.value) if isinstance(second.value, dict) else {}
    shared = [key for key in parameters if key in again]
    if any(not np.array_equal(parameters[key], again[key]) for key in shared):
        return say(reading.refine_missing_seed(source))
    weights = [array for key, array in sorted(parameters.items()) if key[:1] == "W" and array.ndim == 2]
    weights = [array.astype(float).ravel() for array in weights if array.any() and np.ptp(array)]
    if len(weights) < 2:
        return None
    shortest = min(array.size for array in weights)
    heads = [array[:shortest] / array[0] if array[0] else array[:shortest] for array in weights]
    if all(np.allclose(head, heads[0], rtol=1e-5) for head in heads[1:]):
        return say("seed-in-loop")
    return None


def _name_values(scheme: str, parameters: Params, right: Params) -> Diagnosis:
    """Right structure and seeded, but other numbers."""
    layers = range(1, len(PROBE))
    wrong = next((f"W{i}" for i in layers if not _close(parameters[f"W{i}"], right[f"W{i}"])), "")
    biases = [parameters[f"b{i}"] for i in layers]
    if any(bias.any() for bias in biases):
        varied = any(np.ptp(bias.astype(float)) > 0 for bias in biases)
        return say("bias-random" if varied else "bias-not-zero")
    if SCHEMES[scheme].factor is None:
        return say("weights-not-zero", W=wrong)
    name = SCHEMES[scheme].name
    fields = {"W": wrong, "scheme": name, "Scheme": name[0].upper() + name[1:]}
    weights = [parameters[f"W{i}"].astype(float) for i in layers]
    targets = [right[f"W{i}"] for i in layers]
    simple = _simple_relation(weights, targets)
    if simple:
        return say(simple, **fields)
    found = _name_draw(scheme, weights, fields)
    if found is not None:
        return found
    difference = describe_difference(parameters[wrong], right[wrong])
    before = f"W1 is right, {wrong} is not: " if wrong != "W1" else f"In {wrong}, "
    return say("values-unrecognised", found=before + difference)


def _simple_relation(weights: Sequence[np.ndarray], targets: Sequence[np.ndarray]) -> str:
    """The id of a relation between found and wanted values that needs no stream, or ""."""
    if all(np.ptp(array) == 0 for array in weights):
        return "weights-constant" if any(array.any() for array in weights) else "weights-zero"
    relations = (
        ("sign-flipped", lambda found, right: np.allclose(found, -right, rtol=2e-6)),
        ("sign-lost", lambda found, right: np.allclose(found, np.abs(right), rtol=2e-6)),
        ("integers-drawn", lambda found, right: bool((found == np.round(found)).all())),
        ("values-rounded", _is_rounded),
        ("values-squared", lambda found, right: _proportional(found, right**2)),
        ("values-squared", lambda found, right: _proportional(found, right * np.abs(right))),
        ("factor-inside-root", lambda found, right: _proportional(found**2, np.abs(right))),
    )
    for mistake_id, holds in relations:
        if all(holds(found, right) for found, right in zip(weights, targets, strict=True)):
            return mistake_id
    return ""


def _is_rounded(found: np.ndarray, right: np.ndarray) -> bool:
    if np.allclose(found, right, rtol=2e-3):  # half precision
        ratios = found / right
        return bool(np.ptp(ratios) > 1e-5)  # else a factor close to 1
    return any(np.allclose(found, np.round(right, digits), rtol=0, atol=1e-9) for digits in range(8))


def _proportional(found: np.ndarray, other: np.ndarray) -> bool:
    ratios = found / other
    return bool(np.allclose(ratios, ratios.flat[0], rtol=1e-5))


def _name_draw(scheme: str, weights: Sequence[np.ndarray], fields: Mapping[str, str]) -> Diagnosis | None:
    """The stream of random numbers that the weights come from, then the factor."""
    located = [draws.locate(array, draws.stream("normal", SEED)) for array in weights]
    fits = [fit for fit in located if fit is not None]
    if len(fits) == len(weights):
        return _name_fits(scheme, weights, fits, fields)
    first = weights[0]
    for kind, mistake_id in (
        ("uniform", "rand-for-randn"),
        ("new-normal", "generator-new"),
        ("new-uniform", "rand-for-randn"),
        ("python-gauss", "generator-python"),
        ("python-normal", "generator-python"),
        ("python-uniform", "generator-python"),
        ("normal", "seed-other"),
    ):
        if kind != "normal" and draws.locate(first, draws.stream(kind, SEED)):
            return say(mistake_id, **fields)
        seed = draws.find_seed(first, kind)
        if kind == "normal" and seed == SEED:
            continue
        if seed is not None:
            return _name_other_seed(mistake_id, kind, seed, weights, fields)
    per_layer = [draws.find_seed(array, "normal") for array in weights]
    if all(seed is not None for seed in per_layer):
        return say("seed-per-layer", **fields)
    return None


def _name_other_seed(
    mistake_id: str, kind: str, seed: int, weights: Sequence[np.ndarray], fields: Mapping[str, str]
) -> Diagnosis:
    is_continued = draws.locate(weights[1], draws.stream(kind, seed)) is not None
    if kind == "normal" and not is_continued and draws.find_seed(weights[1], kind) is not None:
        return say("seed-per-layer", **fields)
    return say(mistake_id, **{**fields, "found": str(seed)})


def _name_fits(
    scheme: str, weights: Sequence[np.ndarray], fits: Sequence[draws.Fit], fields: Mapping[str, str]
) -> Diagnosis:
    """All weights are from the right stream: their order in it, then shift and factor."""
    sizes = [array.size for array in weights]
    wanted = [sum(sizes[:index]) for index in range(len(sizes))]
    backwards = [sum(sizes[index + 1 :]) for index in range(len(sizes))]
    placed = [index for index, fit in enumerate(fits) if fit.offset >= 0]
    at = [fits[index].offset for index in placed]
    if len(placed) > 1 and not any(at):
        return say("seed-in-loop", **fields)
    if at == [backwards[index] for index in placed] and at != [wanted[index] for index in placed]:
        return say("layers-reversed", **fields)
    if any(fits[index].transposed for index in placed):
        late = next(index for index in placed if fits[index].transposed)
        return say("draw-transposed", **{**fields, "W": f"W{late + 1}"})
    for index in placed:
        if fits[index].offset != wanted[index]:
            return say("draws-extra", **{**fields, "W": f"W{index + 1}"})
    for index in placed:
        if fits[index].shift:
            return say("draw-shifted", **{**fields, "W": f"W{index + 1}"})
    return say(name_factor(scheme, PROBE, [fit.scale for fit in fits]), **fields)


def _name_state(scheme: str, parameters: Params, source: str, call_again: Call | None) -> Diagnosis | None:
    """State that a function carries from call to call, or None."""
    if call_again is None:
        is_random = SCHEMES[scheme].factor is not None
        return say("state-between-calls") if is_random and reading.keeps_generator_outside(source) else None
    again = call_again(list(PROBE))
    if again.error_type in _NO_ANSWER:
        return None
    if again.error_type:
        return say("state-between-calls")
    is_same = isinstance(again.value, dict) and _agree(plain(again.value), parameters)
    return None if is_same else say("state-between-calls")


def _agree(parameters: Params, right: Params) -> bool:
    return all(key in parameters and _close(parameters[key], array) for key, array in right.items())


def _close(found: np.ndarray, wanted: np.ndarray) -> bool:
    if found.shape != wanted.shape or found.dtype.kind not in "fiu":
        return False
    return bool(np.allclose(found, wanted, rtol=1e-6, atol=1e-12))


def _shapes(value: object) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays of a result, by key."""
    return {key: array.shape for key, array in plain(value).items()} if isinstance(value, dict) else {}


def _is_array(item: object) -> bool:
    if isinstance(item, np.ndarray):
        return item.dtype.kind in "fiu"
    return isinstance(item, (int, float)) or (isinstance(item, list) and _is_regular(item))


def _is_regular(item: list[Any]) -> bool:
    try:
        return np.asarray(item).dtype.kind in "fiu"
    except ValueError:  # rows of different lengths
        return False
