"""The likely cause of a wrong shape: what shape it is instead, said in words that name the place to look.

No text here holds a number of the layer sizes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Shape = tuple[int, ...]


def shape_of(value: object) -> Shape | None:
    """The shape of an array, a number or a regular nested list; None where there is none.

    >>> shape_of([[1, 2], [3, 4]]), shape_of(0.5), shape_of("W1"), shape_of([[1], [2, 3]])
    ((2, 2), (), None, None)
    """
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


def cause_of_all(shapes: Mapping[str, Shape | None], dims: Sequence[int]) -> tuple[str, str, str] | None:
    """Key, id and cause of wrong shapes that only all of them together tell; None where they tell nothing.

    >>> cause_of_all({"W1": (2, 1), "b1": (2, 3), "W2": (4, 1), "b2": (4, 2)}, [3, 2, 4])[:2]
    ('W1', 'keys-exchanged')
    """
    layers = range(1, len(dims))
    weights = [shapes.get(f"W{layer}") for layer in layers]
    biases = [shapes.get(f"b{layer}") for layer in layers]
    columns = [(dims[layer], 1) for layer in layers]
    matrices = [(dims[layer], dims[layer - 1]) for layer in layers]
    if weights == matrices and biases == columns:
        return None
    turned = list(reversed(dims))
    # Of one layer, transposed weights look the same: there the bias has to be turned, too.
    is_told_apart = len(dims) > 2 or biases == [(size, 1) for size in turned[1:]]
    reversed_matrices = [(turned[layer], turned[layer - 1]) for layer in layers]
    if weights != matrices and is_told_apart and weights == reversed_matrices:
        return (
            "W1",
            "sizes-reversed",
            "The weights have the sizes of the network read from its end: is layers_dims turned round?",
        )
    if weights == columns and biases == matrices:
        return "W1", "keys-exchanged", "W1 holds a column and b1 a matrix: are the two keys exchanged?"
    if weights == columns and not any(key[:1] == "b" for key in shapes):
        return (
            "W1",
            "bias-stored-as-weights",
            "It is a column, and there is no b1: is the bias stored under the key of the weights?",
        )
    if len(dims) > 2 and biases == [(layer, 1) for layer in layers]:
        return (
            "b1",
            "bias-layer-number",
            "Each bias has as many rows as the number of its layer: how many units has the layer?",
        )
    return None


def weights_cause(shape: Shape, layer: int, dims: Sequence[int], alone: bool) -> tuple[str, str]:
    """The id and the cause of weights W<layer> of a wrong `shape`.

    Parameters
    ----------
    alone : bool
        There is no W2 beside it, though there should be.

    >>> weights_cause((3, 2), 1, [3, 2, 1], False)
    ('weights-transposed', 'Did you swap the dimensions?')
    """
    size, previous = dims[layer], dims[layer - 1]
    vectors = ((size, 1), (1, size), (previous, 1), (1, previous))
    causes = (
        (shape == (previous, size), "weights-transposed", "Did you swap the dimensions?"),
        (
            alone and shape == (dims[-1], dims[-2]),
            "index-one-for-l",
            "It has the shape of the last layer, and there is no W2: is every layer stored under one key, "
            "with the digit 1 where the letter l is meant?",
        ),
        (len(shape) == 0, "weights-flat", "A single number is not a matrix: ask for rows and columns."),
        (len(shape) == 1, "weights-flat", "Weights have two dimensions: ask for rows and columns."),
        (len(shape) > 2, "weights-dimensions", "Weights have two dimensions, not more."),
        *(
            (
                other != layer and shape == (dims[other], dims[other - 1]),
                *_other_layer(f"W{other}", other, layer),
            )
            for other in range(1, len(dims))
        ),
        (
            shape == (size, size),
            "weights-square",
            "Rows and columns both use layers_dims[l]: which entry is the layer before?",
        ),
        (
            shape == (previous, previous),
            "weights-square",
            "Rows and columns both use layers_dims[l-1]: which entry is the layer itself?",
        ),
        (
            shape in ((size, dims[0]), (dims[0], size)),
            "index-first-layer",
            "It uses layers_dims[0] in every layer: is an index a fixed number, or the digit 1 typed for the "
            "letter l?",
        ),
        (
            shape in vectors,
            "weights-one-row",
            "Only one size is used: weights join each unit to each unit of the layer before.",
        ),
        (
            layer + 1 < len(dims) and shape in ((size, dims[layer + 1]), (dims[layer + 1], previous)),
            "index-off-by-one",
            "It uses the layer after: the dimensions are the layer itself and the layer before.",
        ),
        (
            len(shape) == 2 and _is_multiple(shape, (size, previous)),
            "factor-inside-brackets",
            "One side is too long by a whole factor: does a factor stand inside the brackets of the sizes?",
        ),
    )
    return _first(causes) or ("weights-shape", "Do both dimensions come from layers_dims, at l and at l-1?")


def bias_cause(shape: Shape, layer: int, dims: Sequence[int]) -> tuple[str, str]:
    """The id and the cause of a bias b<layer> of a wrong `shape`.

    >>> bias_cause((2,), 1, [3, 2, 1])
    ('bias-flat', 'One dimension is not a column: ask for two.')
    """
    size, previous = dims[layer], dims[layer - 1]
    causes = (
        (shape == (), "bias-scalar", "A single number is not a column: ask for two dimensions."),
        (len(shape) == 1, "bias-flat", "One dimension is not a column: ask for two."),
        (shape == (1, size), "bias-row", "It lies on its side: rows come first."),
        (
            len(shape) > 2,
            "bias-dimensions",
            "A bias has two dimensions, rows and one column, not more.",
        ),
        (shape == (1, 1), "bias-single", "One number serves all units: each unit has its own bias."),
        (
            shape in ((previous, 1), (1, previous)),
            "bias-previous-layer",
            "It has one entry for each unit of the layer before: each unit of the layer itself has a bias.",
        ),
        (
            shape in ((size, previous), (previous, size), (size, size)),
            "bias-like-weights",
            "It has the shape of weights: a bias has one column.",
        ),
        *(
            (shape == (dims[other], 1), *_other_layer(f"b{other}", other, layer))
            for other in range(1, len(dims))
        ),
    )
    return _first(causes) or ("bias-shape", "Does the number of rows come from layers_dims, at l?")


def _other_layer(key: str, other: int, layer: int) -> tuple[str, str]:
    """Id and cause when an array has the shape of another layer."""
    if other == 1:
        return "index-one-for-l", f"It has the shape of {key}: is the digit 1 typed for the letter l?"
    if abs(other - layer) == 1:
        return "index-off-by-one", f"It has the shape of {key}: is the index of layers_dims one off?"
    return "index-off-by-one", f"It has the shape of {key}: which l is used for layers_dims?"


def _is_multiple(shape: Shape, wanted: Shape) -> bool:
    """Whether one side is a multiple of what it should be, and the other is right."""
    pairs = list(zip(shape, wanted, strict=True))
    return sum(side != right for side, right in pairs) == 1 and all(
        side % right == 0 for side, right in pairs
    )


def _first(causes: Sequence[tuple[bool, str, str]]) -> tuple[str, str] | None:
    return next(((mistake_id, cause) for applies, mistake_id, cause in causes if applies), None)
