"""What is wrong with values, as all layers together tell it: a seed in every layer, a factor in some."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from init_utils.checks.parameters import WEIGHT_KEY

Arrays = Mapping[str, np.ndarray]


def describe_layers(found: Arrays, wanted: Arrays) -> str:
    """What the weights of all layers tell beyond the first difference; "" where they tell nothing.

    Parameters
    ----------
    found, wanted : mapping of str to ndarray
        W1..WL of equal shapes.

    >>> right = {"W1": np.ones((1, 2)), "W2": np.full((2, 1), 3.0)}
    >>> describe_layers({**right, "W2": np.full((2, 1), 6.0)}, right)
    'Against what they should be: W1 × 1 (right), W2 × 2.'
    """
    keys = [key for key in wanted if key[:1] == "W"]
    factors = {
        key: _factor(np.asarray(found[key], dtype=float), np.asarray(wanted[key], dtype=float))
        for key in keys
    }
    right = [key for key, factor in factors.items() if factor == 1]
    if len(right) == len(keys):
        return ""
    if None in factors.values():
        return f"Right: {', '.join(right)}." if right else ""
    parts = [f"{key} × {factor:.3g}{' (right)' if factor == 1 else ''}" for key, factor in factors.items()]
    return f"Against what they should be: {', '.join(parts)}."


@np.errstate(all="ignore")
def starts_alike(parameters: Arrays) -> bool:
    """Whether every layer's weights have the numbers of the first one's, but for a factor.

    >>> starts_alike({"W1": np.array([[1.0, 3.0]]), "W2": np.array([[2.0, 6.0], [1.0, 5.0]])})
    True
    """
    flat = [
        np.asarray(array, dtype=float).ravel()
        for key, array in parameters.items()
        if WEIGHT_KEY.fullmatch(str(key))
    ]
    shortest = min((array.size for array in flat), default=0)
    if len(flat) < 2 or shortest < 2 or not all(array[0] and np.ptp(array) for array in flat):
        return False
    heads = [array[:shortest] / array[0] for array in flat]
    return all(np.allclose(head, heads[0], rtol=1e-6) for head in heads[1:])


@np.errstate(all="ignore")
def _factor(found: np.ndarray, wanted: np.ndarray) -> float | None:
    """The number that `wanted` was multiplied with, 1 where it is right; None where there is none."""
    if np.allclose(found, wanted, rtol=1e-6, atol=1e-12):
        return 1.0
    ratios = found[wanted != 0] / wanted[wanted != 0]
    is_one = ratios.size > 0 and np.allclose(ratios, ratios[0], rtol=1e-6) and bool(ratios[0])
    return float(ratios[0]) if is_one else None
