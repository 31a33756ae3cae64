"""The layer sizes that initializers are asked for, and when two answers are the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

# Five layers of sizes that do not repeat: more layers than anyone writes by hand, every index shows.
PROBE = (4, 11, 3, 2, 7, 9)
SMALL = (4, 2, 3)
SINGLE = (6, 4)

Params = dict[str, Any]


def arrays_of(value: object) -> Params:
    """A structurally right result as a dict of ndarrays."""
    assert isinstance(value, dict)
    return {
        key: np.asarray(item) for key, item in dict.items(value) if isinstance(key, str) and _is_array(item)
    }


def shapes_of(value: object) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays of a result, by key."""
    return {key: array.shape for key, array in arrays_of(value).items()} if isinstance(value, dict) else {}


def agree(parameters: Params, right: Params) -> bool:
    """Whether every array of `right` is in `parameters`, with equal shape and values."""
    return all(key in parameters and close(parameters[key], array) for key, array in right.items())


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether two arrays have the same shape and, to 6 digits, the same numbers."""
    if found.shape != wanted.shape or found.dtype.kind not in "fiu":
        return False
    return bool(np.allclose(found, wanted, rtol=1e-6, atol=1e-12))


def _is_array(item: object) -> bool:
    if isinstance(item, np.ndarray):
        return item.dtype.kind in "fiu"
    return isinstance(item, (int, float)) or (isinstance(item, list) and _is_regular(item))


def _is_regular(item: list[Any]) -> bool:
    try:
        return np.asarray(item).dtype.kind in "fiu"
    except ValueError:  # rows of different lengths
        return False
