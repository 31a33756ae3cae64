"""The checks that test cells call: each raises AssertionError with a hint, or says nothing but notes.

A failed check shows two lines (`failures`). A check calls `initialize` positionally with a list of its own
and looks at plain data only, so that a function and a proxy of one in another process look the same. What
the function writes to stderr is shown on stdout (nbgrader gives no points to a cell that writes to stderr).
With `reveal=False` no expected value and no layer size is shown. `case` is what is tested where one cell
tests several things (a method, say): messages begin with it. `__tracebackhide__` keeps our frames out of the
traceback that a student asks for.
"""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from init_utils.checks.across_layers import describe_layers, starts_alike
from init_utils.checks.failures import failure, show_message_first, student_error
from init_utils.checks.structure import Mistake, find_structural_mistake, structural_notes

Initializer = Callable[[list[int]], Any]

# A wrong orientation says nothing about the seed: `check_seed` lets these pass, `check_shapes` has said it.
_SEED_DOES_NOT_MIND = frozenset(
    {"weights-transposed", "bias-flat", "bias-row", "bias-scalar", "bias-like-weights", "bias-shape"}
    | {"bias-single", "bias-dimensions", "bias-layer-number"}
)
_ABSOLUTE = 1e-12


def check_shapes(
    initialize: Initializer, layers_dims: Sequence[int], *, reveal: bool = True, case: str = ""
) -> None:
    """A dict with W1..WL and b1..bL: real finite ndarrays of the right shapes.

    Raises
    ------
    AssertionError
        With the first structural mistake. Oddities that are accepted are printed as notes.

    >>> check_shapes(lambda dims: {"W1": np.zeros((2, 3)), "b1": np.zeros((2, 1))}, [3, 2])
    """
    __tracebackhide__ = True
    _call_checked(initialize, layers_dims, reveal, case)


def check_values(
    initialize: Initializer,
    layers_dims: Sequence[int],
    expected: Mapping[str, np.ndarray],
    *,
    reveal: bool = True,
    rtol: float = 1e-6,
    case: str = "",
) -> None:
    """The same, and the values of `expected` within a relative tolerance `rtol`.

    Parameters
    ----------
    expected : mapping of str to ndarray
        W1..WL (n_l, n_{l-1}) and b1..bL (n_l, 1).

    Raises
    ------
    AssertionError
        With the structural mistake, or the first array that differs and in what it differs.

    >>> right = {"W1": np.ones((1, 2)), "b1": np.zeros((1, 1))}
    >>> check_values(lambda dims: right, [2, 1], right)
    """
    __tracebackhide__ = True
    result = _call_checked(initialize, layers_dims, reveal, case)
    for key, target in expected.items():
        wanted = np.asarray(target)
        found = np.asarray(result[key])
        with np.errstate(all="ignore"):
            is_right = np.allclose(found, wanted, rtol=rtol, atol=_ABSOLUTE)
        if not is_right:
            raise _failed(_value_message(key, result, expected, reveal), case)


def check_seed(
    initialize: Initializer, layers_dims: Sequence[int], *, reveal: bool = True, case: str = ""
) -> None:
    """Two calls agree, whatever state the global random generators have; their states are left as they were.

    Raises
    ------
    AssertionError
        When the result cannot be compared, is not random, or differs between calls.

    >>> def seeded(dims):
    ...     np.random.seed(3)
    ...     return {"W1": np.random.randn(dims[1], dims[0]), "b1": np.zeros((dims[1], 1))}
    >>> check_seed(seeded, [2, 2])
    """
    __tracebackhide__ = True
    with _states_kept():
        results = []
        for scramble in (20240311, 977):
            np.random.seed(scramble)
            random.seed(scramble)
            results.append(_call(initialize, layers_dims, case))
    for result in results:
        mistake = find_structural_mistake(result, layers_dims, reveal=reveal)
        if mistake is not None and mistake.id in _SEED_DOES_NOT_MIND:
            mistake = find_structural_mistake(result, layers_dims, reveal=reveal, shapes=False)
        if mistake is not None:
            raise _failed(mistake.message, case)
    first, second = results
    for layer in range(1, len(layers_dims)):
        for key in (f"W{layer}", f"b{layer}"):
            if not np.array_equal(np.asarray(first[key]), np.asarray(second[key])):
                raise _failed(_seed_message(key), case)
        weights = np.asarray(first[f"W{layer}"])
        if weights.size > 1 and (weights == weights.flat[0]).all():
            raise _failed(
                f"All entries of W{layer} are the same number: draw them at random, after the seed is set.",
                case,
            )


def check_refused(call: Callable[[], Any], *, case: str, error: type[Exception] = ValueError) -> None:
    """What a function must refuse raises `error`.

    Parameters
    ----------
    call : callable
        Calls the function with what it must refuse.
    case : str
        What that is.

    Raises
    ------
    AssertionError
        When nothing is raised.
    Exception
        Whatever else the function raises.

    >>> check_refused(lambda: int("best"), case='"best"')
    >>> check_refused(lambda: 1, case='method "best"')
    Traceback (most recent call last):
        ...
    AssertionError: method "best", which must be refused with a ValueError: the function raised none. It
    returned an int.
    """
    __tracebackhide__ = True
    what = f"{case}, which must be refused with a {error.__name__}"
    try:
        with contextlib.redirect_stderr(sys.stdout):
            result = call()
    except error:
        return
    except Exception as other:
        with contextlib.suppress(Exception):  # an error class of the student's may refuse anything
            if isinstance(other, NotImplementedError):
                student_error(other, what)
            else:
                raised = f"{type(other).__name__}: {other}".removesuffix(": ")[:300]
                advice = f"Test for it and raise {error.__name__}(...)."
                show_message_first(other, f"{what}: the function raised {raised}. {advice}")
        raise
    raise failure(f"{what}: the function raised none. It returned {_with_article(type(result).__name__)}.")


def call_initializer(initialize: Initializer, layers_dims: Sequence[int]) -> Any:
    """What an initializer returns; an error that it raises is shown in two lines, the message first.

    Raises
    ------
    Exception
        Whatever the function raises, its type kept.

    >>> call_initializer(lambda dims: {"W1": dims}, [3, 2])
    {'W1': [3, 2]}
    """
    __tracebackhide__ = True
    return _call(initialize, layers_dims, "")


def _with_article(noun: str) -> str:
    if noun == "NoneType":
        return "None"
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _failed(message: str, case: str) -> AssertionError:
    return failure(f"{case}: {message}" if case else message)


def _call_checked(
    initialize: Initializer, layers_dims: Sequence[int], reveal: bool, case: str
) -> dict[str, Any]:
    """The result for `layers_dims`, structurally right; notes printed."""
    __tracebackhide__ = True
    notes: list[str] = []
    result = _call(initialize, layers_dims, case, notes)
    mistake = find_structural_mistake(result, layers_dims, reveal=reveal)
    if mistake is not None:
        raise _failed(mistake.message, case)
    for note in (*structural_notes(result, layers_dims), *notes):
        print(f"Note: {note}")  # noqa: T201 -- notes are what a test cell shows without failing
    return dict(dict.items(result))


def _call(
    initialize: Initializer, layers_dims: Sequence[int], case: str, notes: list[str] | None = None
) -> Any:
    __tracebackhide__ = True
    if not callable(initialize):
        raise _failed(
            f"There is no function here but {type(initialize).__name__}. "
            "Is the name used for something else?",
            case,
        )
    given = [int(size) for size in layers_dims]
    passed = list(given)
    try:
        with contextlib.redirect_stderr(sys.stdout):
            result = initialize(passed)
    except Exception as error:
        with contextlib.suppress(Exception):  # an error class of the student's may refuse anything
            student_error(error, case)
        raise
    changed = len(passed) != len(given) or any(
        a is not b and a != b for a, b in zip(passed, given, strict=True)
    )
    if changed and notes is not None:
        notes.append(
            "The function changes the list layers_dims that it was given. Work on a copy: list(layers_dims)."
        )
    return result


@contextlib.contextmanager
def _states_kept() -> Iterator[None]:
    """The global states of np.random and random, put back afterwards."""
    of_numpy, of_python = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(of_numpy)
        random.setstate(of_python)


def _value_message(
    key: str, result: Mapping[str, Any], expected: Mapping[str, np.ndarray], reveal: bool
) -> str:
    found, wanted = np.asarray(result[key]), np.asarray(expected[key])
    relation = describe_difference(found, wanted)
    if not reveal:
        return f"The values of {key} are not right: {relation}"
    place = tuple(
        int(index) for index in np.argwhere(~np.isclose(found, wanted, rtol=1e-6, atol=_ABSOLUTE))[0]
    )
    where = ", ".join(str(index) for index in place)
    got, due = found[place] + 0.0, wanted[place] + 0.0  # -0.0 + 0.0 is 0.0
    difference = f"{key}[{where}] is {got:.8g}; expected {due:.8g}."
    if starts_alike({name: result[name] for name in expected}) and not starts_alike(expected):
        return (
            f"{difference} Every layer starts with the same random numbers: is the seed set inside the loop? "
            "Set it once, before."
        )
    return " ".join(filter(None, [difference, f"In {key}, {relation}", describe_layers(result, expected)]))


@np.errstate(all="ignore")
def describe_difference(found: np.ndarray, wanted: np.ndarray) -> str:
    """How `found` differs from `wanted` of the same shape, in relations only.

    >>> describe_difference(np.array([[2.0, 4.0]]), np.array([[1.0, 2.0]]))
    'every entry is too large by the same factor: the draw is right, the scale is not.'
    """
    found, wanted = found.astype(float), wanted.astype(float)
    if not wanted.any():
        return "every entry must be zero."
    if not found.any():
        return "every entry is zero; they must be drawn at random and scaled."
    if found.size > 1 and np.ptp(found) == 0:
        return "every entry is the same number; they must be drawn at random."
    if np.allclose(found.T.ravel(), wanted.ravel(), rtol=1e-6):
        return "right numbers, rows and columns exchanged: turned by .T?"
    if found.size > 3 and np.allclose(np.sort(found, axis=None), np.sort(wanted, axis=None), rtol=1e-6):
        return "right numbers, in other places: are they drawn row by row?"
    nonzero = wanted != 0
    ratios = found[nonzero] / wanted[nonzero]
    if ratios.size > 1 and np.allclose(ratios, ratios[0], rtol=1e-6) and np.isfinite(ratios[0]):
        if np.isclose(ratios[0], -1):
            return "every entry has the wrong sign."
        sign = " and has the wrong sign" if ratios[0] < 0 else ""
        size = "too large" if abs(ratios[0]) > 1 else "too small"
        return f"every entry is {size} by the same factor{sign}: the draw is right, the scale is not."
    close = np.isclose(found, wanted, rtol=1e-6, atol=_ABSOLUTE)
    if close.any() and found.size > 1:
        return "some entries are right and some are not."
    return (
        "the entries differ in no simple way: are seed, kind of random numbers and order of draws as asked?"
    )


def _seed_message(key: str) -> str:
    return (
        f"Two calls with the same layers_dims gave a different {key}. Random numbers must not depend on what "
        "ran before: is the seed set inside the function, before the loop?"
    )


__all__ = [
    "Mistake",
    "call_initializer",
    "check_refused",
    "check_seed",
    "check_shapes",
    "check_values",
    "describe_difference",
]
