"""What is wrong with the structure of what an initializer returned, before any value is looked at.

One mistake is reported, the one to mend first: not a dict; keys that follow another scheme; shapes; missing keys;
types. The ids are those of the grader's catalogue, so that notebook, lab and feedback say the same. What is unusual
but right is a note, not a mistake.

With `reveal=False` the text names relations (`layers_dims[1]`) and what the student's own function returned, but no
layer size: it is shown for inputs that the student must not learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from init_utils.checks.parameters import describe_type

Shape = tuple[int, ...]


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
    result: object, layers_dims: Sequence[int], *, reveal: bool = True
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

    >>> find_structural_mistake({"W1": np.zeros((2, 3)), "b1": np.zeros(2)}, [3, 2]).message
    'b1 has shape (2,); expected (2, 1) = (layers_dims[1], 1). One dimension is not a column: ask for two.'
    >>> find_structural_mistake({"W1": np.zeros((2, 3)), "b1": np.zeros((2, 1))}, [3, 2]) is None
    True
    """
    if not isinstance(result, dict):
        return _not_a_dict(result)
    parameters = dict(dict.items(result))
    dims = [int(size) for size in layers_dims]
    return (
        _other_key_scheme(parameters, len(dims) - 1)
        or _wrong_shape(parameters, dims, reveal)
        or _missing_keys(parameters, len(dims) - 1, reveal)
        or _wrong_type(parameters, len(dims) - 1)
    )


def structural_notes(result: object, layers_dims: Sequence[int]) -> tuple[str, ...]:
    """What is unusual in `result` and accepted all the same.

    >>> structural_notes({"W1": np.zeros((1, 2)), "b1": np.zeros((1, 1)), "L": 1}, [2, 1])
    ("The dictionary has keys that nobody asked for: 'L'. They are ignored.",)
    """
    if not isinstance(result, dict):
        return ()
    wanted = _wanted_keys(len(layers_dims) - 1)
    present = {key: result[key] for key in wanted if key in result}
    notes = []
    extra = sorted(repr(key)[:20] for key in dict.keys(result) if key not in wanted)
    if extra:
        names = ", ".join(extra[:4]) + (", ..." if len(extra) > 4 else "")
        notes.append(f"The dictionary has keys that nobody asked for: {names}. They are ignored.")
    arrays = {key: value for key, value in present.items() if isinstance(value, np.ndarray)}
    kinds = (
        ("an array of type {0}; np.ndarray is meant", lambda a: type(a) is not np.ndarray, lambda a: type(a)),
        (
            "an array of whole numbers ({0}); float64 is usual",
            lambda a: a.dtype.kind in "iu",
            lambda a: a.dtype,
        ),
        (
            "an array of {0}; float64 is usual and keeps more digits",
            lambda a: a.dtype.kind == "f" and a.dtype != np.float64,
            lambda a: a.dtype,
        ),
    )
    for text, applies, name in kinds:
        keys = [key for key, array in arrays.items() if applies(array)]
        if keys:
            found = name(arrays[keys[0]])
            shown = found.__name__ if isinstance(found, type) else str(found)
            others = f" (and {len(keys) - 1} more)" if len(keys) > 1 else ""
            notes.append(f"{keys[0]}{others} is {text.format(shown)}. It is accepted.")
    return tuple(notes)


def _wanted_keys(layers: int) -> list[str]:
    return [f"{letter}{layer}" for layer in range(1, layers + 1) for letter in "Wb"]


def _not_a_dict(result: object) -> Mistake:
    wanted = "it must return the dictionary `parameters` with the keys W1, b1, W2, b2, ..."
    if result is None:
        return Mistake(
            "returns-none", f"The function returned None; {wanted} Is there a `return parameters` at its end?"
        )
    if isinstance(result, tuple) and len(result) == 1 and isinstance(result[0], dict):
        return Mistake(
            "returns-not-a-dict",
            f"The function returned a tuple; {wanted} Is there a comma after `return ...`?",
        )
    return Mistake("returns-not-a-dict", f"The function returned {describe_type(result)}; {wanted}")


def _other_key_scheme(parameters: dict[Any, Any], layers: int) -> Mistake | None:
    """Keys that show another naming scheme, where nothing under the right names could be compared."""
    names = {key for key in parameters if isinstance(key, str)}
    if not names:
        if parameters:
            return Mistake(
                "keys-not-text",
                "The keys of the dictionary are not text; they must be strings like 'W1' and 'b1'.",
            )
        return Mistake(
            "keys-missing-all", "The dictionary is empty: nothing was stored. Store W and b for every layer."
        )
    missing = [key for key in _wanted_keys(layers) if key not in names]
    if not missing:
        return None
    if ("W0" in names or "b0" in names) and (f"W{layers}" in missing or f"b{layers}" in missing):
        return Mistake(
            "keys-shifted",
            "The keys start at 0; layers are counted from 1: W1 joins the input to the first layer, and the last "
            "key is W with the number of layers. Does the loop start at 1?",
        )
    if f"W{layers + 1}" in names and "W1" in missing:
        return Mistake(
            "keys-shifted",
            "The keys start at 2; layers are counted from 1. Which l does the first round of the loop have?",
        )
    other_case = sorted(key for key in names if key.swapcase() in missing)
    if other_case:
        right = other_case[0].swapcase()
        return Mistake(
            "keys-letter-case",
            f"The dictionary has {other_case[0]!r} where {right!r} is meant: W is a capital letter, b a small one.",
        )
    for key in sorted(names, key=str):
        plain = "".join(character for character in key if character.isalnum())
        if key not in _wanted_keys(layers) and (plain in missing or plain.swapcase() in missing):
            return Mistake(
                "keys-spelled",
                f"The dictionary has the key {key!r}; the key must be the letter and the number only, like 'W1'.",
            )
    literal = [
        key for key in ("W", "b", "Wl", "bl", "W{l}", "W + str(l)", "Wstr(l)", "W{i}", "Wi") if key in names
    ]
    if literal and "W1" in missing:
        return Mistake(
            "keys-spelled",
            f"The dictionary has the key {literal[0]!r}: the number of the layer is not put into the text. "
            "Use 'W' + str(l) or f'W{l}'.",
        )
    return None


def _wrong_shape(parameters: dict[Any, Any], dims: list[int], reveal: bool) -> Mistake | None:
    """The first array under a right name whose shape is wrong."""
    layers = len(dims) - 1
    for layer in range(1, layers + 1):
        wanted = (dims[layer], dims[layer - 1])
        for key, target in ((f"W{layer}", wanted), (f"b{layer}", (dims[layer], 1))):
            if key not in parameters:
                continue
            shape = _shape(parameters[key])
            if shape is None or shape == target:
                continue
            if key[0] == "W":
                only_first = layer == 1 and layers > 1 and "W2" not in parameters
                mistake_id, cause = _weights_cause(shape, layer, dims, only_first)
                relation = f"(layers_dims[{layer}], layers_dims[{layer - 1}])"
                plain = f"layers_dims[{layer}] rows and layers_dims[{layer - 1}] columns"
            else:
                mistake_id, cause = _bias_cause(shape, layer, dims)
                relation = f"(layers_dims[{layer}], 1)"
                plain = f"layers_dims[{layer}] rows and 1 column"
            if reveal:
                return Mistake(
                    mistake_id, f"{key} has shape {shape}; expected {target} = {relation}. {cause}"
                )
            return Mistake(mistake_id, f"{key} must have {plain}, and it has not. {cause}")
    return None


def _shape(value: object) -> Shape | None:
    """The shape of an array, a number or a regular nested list; None where there is none."""
    if isinstance(value, (np.ndarray, np.generic)):
        return tuple(value.shape)
    if isinstance(value, (bool, int, float)):
        return ()
    if isinstance(value, (list, tuple)):
        try:
            return tuple(np.shape(value))
        except ValueError:  # rows of different lengths
            return None
    return None


def _weights_cause(shape: Shape, layer: int, dims: list[int], only_first: bool) -> tuple[str, str]:
    """The id and the likely cause of weights of a wrong shape."""
    size, previous = dims[layer], dims[layer - 1]
    if shape == (previous, size):
        return "weights-transposed", "Did you swap the dimensions?"
    if only_first and shape == (dims[-1], dims[-2]):
        return (
            "index-one-for-l",
            f"It has the shape of the last layer, and there is no W2: is every layer stored under W{layer}, "
            "with the digit 1 where the letter l is meant?",
        )
    for other in range(1, len(dims)):
        if other != layer and shape == (dims[other], dims[other - 1]):
            number = "the digit 1 typed for the letter l" if other == 1 else "the index one off"
            mistake_id = "index-one-for-l" if other == 1 else "index-off-by-one"
            return mistake_id, f"That is the shape of W{other}: which l is used for layers_dims, is {number}?"
    causes = (
        (len(shape) == 0, "weights-flat", "A single number is not a matrix: ask for rows and columns."),
        (len(shape) == 1, "weights-flat", "Weights have two dimensions: ask for rows and columns."),
        (len(shape) > 2, "weights-shape", "Weights have two dimensions, not more."),
        (
            shape == (size, size),
            "weights-square",
            "Rows and columns both use layers_dims[l]: which is the layer before?",
        ),
        (
            shape == (previous, previous),
            "weights-square",
            "Rows and columns both use layers_dims[l-1]: which is the layer itself?",
        ),
        (
            shape == (size, dims[0]),
            "index-first-layer",
            "Its columns are layers_dims[0], the input, in every layer: each layer gets the outputs of the one before.",
        ),
        (
            shape in ((size, 1), (1, size), (previous, 1), (1, previous)),
            "weights-shape",
            "Only one size is used: a weight joins each unit to each unit of the layer before.",
        ),
    )
    for applies, mistake_id, cause in causes:
        if applies:
            return mistake_id, cause
    return "weights-shape", "Do both dimensions come from layers_dims, at l and at l-1?"


def _bias_cause(shape: Shape, layer: int, dims: list[int]) -> tuple[str, str]:
    """The id and the likely cause of a bias of a wrong shape."""
    size, previous = dims[layer], dims[layer - 1]
    causes = (
        (shape == (), "bias-scalar", "A single number is not a column: ask np.zeros for two dimensions."),
        (len(shape) == 1, "bias-flat", "One dimension is not a column: ask for two."),
        (shape == (1, size), "bias-row", "It lies on its side: rows come first."),
        (shape == (1, 1), "bias-shape", "One number serves all units: each unit has its own bias."),
        (
            shape in ((previous, 1), (1, previous)),
            "bias-previous-layer",
            "It has one entry for each unit of the layer before: each unit of the layer itself has one bias.",
        ),
        (
            shape in ((size, previous), (previous, size)),
            "bias-like-weights",
            "It has the shape of the weights: a bias has one column.",
        ),
        (shape == (size, size), "bias-like-weights", "A bias has one column only."),
    )
    for applies, mistake_id, cause in causes:
        if applies:
            return mistake_id, cause
    for other in range(1, len(dims)):
        if shape == (dims[other], 1):
            mistake_id = "index-one-for-l" if other == 1 else "index-off-by-one"
            return mistake_id, f"That is the shape of b{other}: which l is used for layers_dims?"
    return "bias-shape", "Does the number of rows come from layers_dims, at l?"


def _missing_keys(parameters: dict[Any, Any], layers: int, reveal: bool) -> Mistake | None:
    present = [key for key in _wanted_keys(layers) if key in parameters]
    missing = [key for key in _wanted_keys(layers) if key not in parameters]
    if not missing:
        return None
    if not present:
        names = ", ".join(sorted(repr(key)[:20] for key in parameters)[:4])
        return Mistake(
            "keys-spelled",
            f"The dictionary has no W1 and no b1; its keys are {names}. Name them 'W1', 'b1', 'W2', ...",
        )
    if all(key[0] == "b" for key in missing):
        if len(missing) == layers:
            return Mistake(
                "biases-missing", "The dictionary has W for the layers but no b: every layer has a bias too."
            )
    elif all(key[0] == "W" for key in missing) and len(missing) == layers:
        return Mistake(
            "weights-missing", "The dictionary has b for the layers but no W: every layer has weights too."
        )
    first = missing[0]
    have = len({int(key[1:]) for key in present})
    if layers > 2 and present == ["W1", "b1"]:
        return Mistake(
            "return-in-loop",
            "Only W1 and b1 are there. Is `return` inside the loop, so that it ends after one round? "
            "(It belongs after the loop, as far left as `for`.) Or is one layer written by hand, without a loop?",
        )
    if missing == [f"W{layers}", f"b{layers}"]:
        return Mistake(
            "last-layer-missing",
            ("" if not reveal else f"{first} and b{layers} are missing. ")
            + "The last layer is missing: there is a layer for every entry of layers_dims but the first. "
            "Where does the loop end (range leaves out its end), and is `return` after the loop?",
        )
    if missing == _wanted_keys(layers)[2 * have :]:
        return Mistake(
            "layers-hard-coded",
            ("" if not reveal else f"{', '.join(missing[:4])} are missing. ")
            + f"The layers after layer {have} are missing: is the number of layers written into the function, "
            "instead of taken from the length of layers_dims?",
        )
    if missing == ["W1", "b1"]:
        return Mistake(
            "first-layer-missing", "W1 and b1 are missing: the first round of the loop must have l = 1."
        )
    return Mistake("keys-missing", f"The key {first} is missing: every layer needs its W and its b.")


def _wrong_type(parameters: dict[Any, Any], layers: int) -> Mistake | None:
    for key in _wanted_keys(layers):
        value = parameters[key]
        if isinstance(value, (list, tuple)):
            kind = describe_type(value)
            return Mistake(
                "lists-not-arrays",
                f"{key} is {kind}; expected a NumPy array. A list cannot be multiplied as a matrix: make it with NumPy.",
            )
        if not isinstance(value, np.ndarray):
            hint = " It is still the None of the template." if value is None else ""
            return Mistake(
                "template-none" if value is None else "not-an-array",
                f"{key} is {describe_type(value)}; expected a NumPy array of numbers.{hint}",
            )
        if value.dtype.kind not in "fiu":
            return Mistake(
                "not-numeric",
                f"{key} is an array of {value.dtype}; expected an array of real numbers (float64).",
            )
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            return Mistake(
                "not-finite",
                f"{key} holds NaN or infinity; expected finite numbers. Is np.empty used, or something divided by 0?",
            )
    return None
