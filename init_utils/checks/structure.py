"""What is wrong with the structure of what an initializer returned, before any value is looked at.

One mistake is reported, the one to mend first: not a dict; keys of another scheme; shapes; missing keys;
types. The ids are those of the grader's catalogue, so that notebook, lab and feedback say the same. What is
unusual but right is a note, not a mistake. With `reveal=False` the text names relations (`layers_dims[1]`),
never a layer size: it is shown for inputs that the student must not learn. Somewhat over 250 lines, most of
them messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from init_utils.checks.parameters import describe_type
from init_utils.checks.shapes import bias_cause, cause_of_all, shape_of, weights_cause

_KEYS_WITHOUT_NUMBER = (
    "W",
    "b",
    "Wl",
    "bl",
    "W{l}",
    "b{l}",
    "W+str(l)",
    "W + str(l)",
    "Wstr(l)",
    "W{i}",
    "Wi",
)


@dataclass(frozen=True)
class Mistake:
    """One recognised mistake.

    Attributes
    ----------
    id : str
        An id of the catalogue, for example `weights-transposed`.
    message : str
        What is wrong and where to look.
    """

    id: str
    message: str


def find_structural_mistake(
    result: object, layers_dims: Sequence[int], *, reveal: bool = True, shapes: bool = True
) -> Mistake | None:
    """The first structural mistake of `result`, or None.

    Parameters
    ----------
    result : object
        What the student's function returned for `layers_dims`.
    layers_dims : sequence of int
        [n_0, ..., n_L].
    reveal : bool
        False: relations only, no sizes.
    shapes : bool
        False: keys and types only.

    >>> find_structural_mistake({"W1": np.zeros((2, 3)), "b1": np.zeros(2)}, [3, 2]).message
    'b1 has shape (2,); expected (2, 1) = (layers_dims[1], 1). One dimension is not a column: ask for two.'
    >>> find_structural_mistake({"W1": np.zeros((2, 3)), "b1": np.zeros((2, 1))}, [3, 2]) is None
    True
    """
    if not isinstance(result, dict):
        return _not_a_dict(result)
    parameters = dict(dict.items(result))  # not what a subclass says it holds
    dims = [int(size) for size in layers_dims]
    layers = len(dims) - 1
    return (
        _other_key_scheme(parameters, layers)
        or (_wrong_shape(parameters, dims, reveal) if shapes else None)
        or _missing_keys(parameters, layers)
        or _wrong_type(parameters, layers)
    )


def structural_notes(result: object, layers_dims: Sequence[int]) -> tuple[str, ...]:
    """What is unusual in `result` and accepted all the same.

    >>> structural_notes({"W1": np.zeros((1, 2)), "b1": np.zeros((1, 1)), "L": 1}, [2, 1])
    ("The dictionary has keys that nobody asked for: 'L'. They are ignored.",)
    """
    if not isinstance(result, dict):
        return ()
    wanted = _wanted_keys(len(layers_dims) - 1)
    items = dict(dict.items(result))
    notes = []
    extra = [key for key in items if key not in wanted]
    if extra:
        notes.append(f"The dictionary has keys that nobody asked for: {_some_keys(extra)}. They are ignored.")
    arrays = {key: items[key] for key in wanted if isinstance(items.get(key), np.ndarray)}
    for text, name in _UNUSUAL_ARRAYS:
        found = {key: shown for key, array in arrays.items() if (shown := name(array))}
        if found:
            first, shown = next(iter(found.items()))
            others = f" (like {len(found) - 1} more)" if len(found) > 1 else ""
            notes.append(f"{first}{others} is {text.format(shown)} It is accepted.")
    return tuple(notes)


_UNUSUAL_ARRAYS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    (
        "an array of type {}; np.ndarray is meant.",
        lambda array: "" if type(array) is np.ndarray else type(array).__name__,
    ),
    (
        "an array of whole numbers ({}); float64 is usual.",
        lambda array: str(array.dtype) if array.dtype.kind in "iu" else "",
    ),
    (
        "an array of {}; float64 is usual.",
        lambda array: str(array.dtype) if array.dtype.kind == "f" and array.dtype != np.float64 else "",
    ),
)


def _wanted_keys(layers: int) -> list[str]:
    return [f"{letter}{layer}" for layer in range(1, layers + 1) for letter in "Wb"]


def _some_keys(keys: Sequence[object]) -> str:
    """The first keys as text, capped: it is the student's text."""
    return ", ".join([*sorted(repr(key)[:20] for key in keys)[:4], *(["..."] if len(keys) > 4 else [])])


def _not_a_dict(result: object) -> Mistake:
    wanted = "it must return the dictionary `parameters` with the keys W1, b1, W2, b2, ..."
    if result is None:
        return Mistake(
            "returns-none", f"The function returned None; {wanted} Is there a `return parameters` at its end?"
        )
    is_wrapped = isinstance(result, tuple) and len(result) == 1 and isinstance(result[0], dict)
    comma = " Is there a comma after `return parameters`?" if is_wrapped else ""
    return Mistake("returns-not-a-dict", f"The function returned {describe_type(result)}; {wanted}{comma}")


def _other_key_scheme(parameters: dict[Any, Any], layers: int) -> Mistake | None:
    """Keys that follow another scheme, so that comparing shapes under the right names would mislead."""
    if not parameters:
        return Mistake(
            "keys-missing-all",
            "The dictionary is empty. Store W and b in it for every layer, then return it.",
        )
    names = {key for key in parameters if isinstance(key, str)}
    if not names:
        return Mistake("keys-not-text", "The keys are not text; they must be strings like 'W1' and 'b1'.")
    wanted = _wanted_keys(layers)
    missing = [key for key in wanted if key not in names]
    if not missing:
        return None
    others = [key for key in parameters if not isinstance(key, str)]
    if others:
        return Mistake(
            "keys-not-text",
            f"Some keys are not text ({_some_keys(others)}); they must be strings like 'W1' and 'b1'.",
        )
    if names & {"W0", "b0"} and missing[-1] in (f"W{layers}", f"b{layers}"):
        return Mistake(
            "keys-shifted",
            "The keys start at 0; layers are counted from 1: W1 joins the input to the first layer. "
            "Does the loop start at 1, or is the key made with the wrong number?",
        )
    if f"W{layers + 1}" in names and missing == wanted and layers > 1:
        return Mistake(
            "key-last-for-l",
            f"Every layer is stored under one key, 'W{layers + 1}', each over the one before. Is the key "
            "made with the number of layers, L, where l is meant?",
        )
    if f"W{layers + 1}" in names and "W1" in missing:
        return Mistake(
            "keys-shifted",
            "The keys start at 2; layers are counted from 1. Is the key made with the wrong number?",
        )
    for key in sorted(names):
        if key in wanted:
            continue
        if key.swapcase() in missing:
            return Mistake(
                "keys-letter-case",
                f"The dictionary has {key!r} for {key.swapcase()!r}: W is a capital letter, b a small one.",
            )
        if key in _KEYS_WITHOUT_NUMBER or (key[:1] in ("W", "b") and "{" in key):
            return Mistake(
                "keys-without-number",
                f"The dictionary has the key {key[:20]!r}: the number of the layer is not put into the text. "
                "Use 'W' + str(l) or f'W{l}'.",
            )
        plain = "".join(character for character in key if character.isalnum())
        if {plain, plain.swapcase()} & set(missing):
            return Mistake(
                "keys-spelled",
                f"The dictionary has the key {key[:20]!r}; a key is only the letter and the number, as 'W1'.",
            )
    if missing == wanted:
        return Mistake(
            "keys-spelled",
            f"The dictionary has no W1 and no b1; its keys are {_some_keys(list(parameters))}. "
            "They must be 'W1', 'b1', 'W2', ...",
        )
    return None


def _wrong_shape(parameters: dict[Any, Any], dims: list[int], reveal: bool) -> Mistake | None:
    """The first array under a right name whose shape is wrong."""
    shapes = {key: shape_of(item) for key, item in parameters.items() if isinstance(key, str)}
    together = cause_of_all(shapes, dims)
    for layer in range(1, len(dims)):
        alone = layer == 1 and len(dims) > 2 and "W2" not in parameters
        for key, target, place in (
            (
                f"W{layer}",
                (dims[layer], dims[layer - 1]),
                f"(layers_dims[{layer}], layers_dims[{layer - 1}])",
            ),
            (f"b{layer}", (dims[layer], 1), f"(layers_dims[{layer}], 1)"),
        ):
            shape = shape_of(parameters.get(key))
            if shape is None or shape == target:
                continue
            if together is not None and together[0] == key:
                _, mistake_id, cause = together
            elif key[0] == "W":
                mistake_id, cause = weights_cause(shape, layer, dims, alone)
            else:
                mistake_id, cause = bias_cause(shape, layer, dims)
            if reveal:
                return Mistake(mistake_id, f"{key} has shape {shape}; expected {target} = {place}. {cause}")
            return Mistake(mistake_id, f"{key} has the wrong shape; it must be {place}. {cause}")
    return None


def _missing_keys(parameters: dict[Any, Any], layers: int) -> Mistake | None:
    wanted = _wanted_keys(layers)
    present = [key for key in wanted if key in parameters]
    missing = [key for key in wanted if key not in parameters]
    if not missing:
        return None
    letters = {key[0] for key in missing}
    if len(letters) == 1 and len(missing) == layers:
        lost = letters.pop()
        others = [key for key in parameters if key not in wanted]
        if len(others) >= layers:
            return Mistake(
                "keys-spelled",
                f"The dictionary has no {lost}1; its other keys are {_some_keys(others)}. "
                "A key is only the letter and the number, as 'W1'.",
            )
        kept = "b" if lost == "W" else "W"
        mistake_id = "weights-missing" if lost == "W" else "biases-missing"
        return Mistake(
            mistake_id, f"The dictionary has {kept} for every layer but no {lost}: a layer has both."
        )
    if layers > 2 and present == ["W1", "b1"]:
        return Mistake(
            "return-in-loop",
            "Only W1 and b1 are there. Is `return` inside the loop, so that the function ends in its first "
            "round? It belongs after the loop, as far left as `for`.",
        )
    if missing == wanted[-2:]:
        return Mistake(
            "last-layer-missing",
            "W and b of the last layer are missing: there is a layer for every entry of layers_dims but the "
            "first. Where does the loop end (range leaves out its end)? Is `return` after the loop?",
        )
    if missing == wanted[:2]:
        return Mistake(
            "first-layer-missing", "W1 and b1 are missing: the first round of the loop must have l = 1."
        )
    if present == wanted[: len(present)] and len(present) % 2 == 0:
        return Mistake(
            "layers-hard-coded",
            f"There is no layer after layer {len(present) // 2}. Is the number of layers written into the "
            "function, instead of taken from the length of layers_dims?",
        )
    if present == wanted[-2:]:
        return Mistake(
            "dict-made-in-loop",
            "Only the last layer is there. Is the dictionary made inside the loop, anew in every round?",
        )
    return Mistake("keys-missing", f"The key {missing[0]!r} is missing: every layer needs its W and its b.")


def _wrong_type(parameters: dict[Any, Any], layers: int) -> Mistake | None:
    for key in _wanted_keys(layers):
        value = parameters[key]
        if value is None:
            return Mistake("template-none", f"{key} is None: the template's None has still to be replaced.")
        if isinstance(value, (list, tuple)):
            return Mistake(
                "lists-not-arrays",
                f"{key} is {describe_type(value)}; expected a NumPy array. Lists have no matrix product.",
            )
        if not isinstance(value, np.ndarray):
            return Mistake(
                "not-an-array", f"{key} is {describe_type(value)}; expected a NumPy array of numbers."
            )
        if value.dtype.kind not in "fiu":
            is_complex = value.dtype.kind == "c"
            root = " Complex numbers come from the root of a negative number." if is_complex else ""
            return Mistake(
                "not-numeric", f"{key} is an array of {value.dtype}; expected real numbers (float64).{root}"
            )
        if value.dtype.kind == "f" and not np.isfinite(np.asarray(value)).all():
            if np.isnan(np.asarray(value)).all():
                return Mistake(
                    "not-finite",
                    f"{key} is NaN in every entry: is the scale the root of a negative number? "
                    "Look at signs, brackets and indices under the root.",
                )
            return Mistake(
                "not-finite",
                f"{key} holds NaN or infinity; expected finite numbers. "
                "Is the memory of np.empty left as it is, or something divided by 0?",
            )
    return None
