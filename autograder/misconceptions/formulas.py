"""What each scheme asks for, and what each known wrong factor would give: tables of formulas.

n is the number of units of a layer, p that of the layer before. Sources: He et al. 2015 (sqrt(2/p)); Glorot
& Bengio 2010 (sqrt(2/(n + p)), and sqrt(1/p), which courses call Xavier).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

SEED = 3

Factor = Callable[[Sequence[int], int], float]  # (layers_dims, l) -> factor of W_l


@dataclass(frozen=True)
class Scheme:
    """One initialization.

    Attributes
    ----------
    name : str
        As the hints call it.
    factor : Factor or None
        None: all weights are zero.
    numerator : float
        c in sqrt(c/p), for the wrong variants of the same formula; 1 where there is none.
    """

    name: str
    factor: Factor | None
    numerator: float = 1.0


SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        "zeros": Scheme("the zero initialization", None),
        "random": Scheme("the random start", lambda dims, i: 10.0),
        "he": Scheme("He initialization", lambda dims, i: math.sqrt(2 / dims[i - 1]), 2.0),
        "xavier": Scheme("Xavier initialization", lambda dims, i: math.sqrt(1 / dims[i - 1])),
    }
)


def right_parameters(scheme: str, dims: Sequence[int]) -> dict[str, np.ndarray]:
    """W1..WL (n_l, n_{l-1}) and b1..bL (n_l, 1), float64, as the exercise asks for them.

    >>> round(float(right_parameters("he", [2, 4, 1])["W1"][0, 0]), 8)
    1.78862847
    """
    factor = SCHEMES[scheme].factor
    numbers = np.random.RandomState(SEED)
    parameters = {}
    for i in range(1, len(dims)):
        shape = (dims[i], dims[i - 1])
        weights = np.zeros(shape) if factor is None else numbers.standard_normal(shape) * factor(dims, i)
        parameters[f"W{i}"] = weights
        parameters[f"b{i}"] = np.zeros((dims[i], 1))
    return parameters


def factor_of(scheme: str, dims: Sequence[int], layer: int) -> float:
    """The factor that the weights of a layer should have.

    >>> factor_of("xavier", [4, 7, 3], 1)
    0.5
    """
    factor = SCHEMES[scheme].factor
    return 0.0 if factor is None else factor(dims, layer)


def name_factor(scheme: str, dims: Sequence[int], factors: Mapping[int, float]) -> str:
    """The id of the mistake that gives these factors; `factor-unknown` when no formula does.

    Parameters
    ----------
    factors : mapping of int to float
        Layer -> what the right draw was multiplied with.

    >>> name_factor("he", [4, 7, 3], {1: 0.5, 2: (1 / 7) ** 0.5})
    'factor-xavier'
    """
    right = SCHEMES[scheme].factor
    if right is None:
        return "weights-not-zero"
    layers, found = list(factors), list(factors.values())
    for mistake_id, candidate in _wrong_factors(scheme, right):
        values = [_value(candidate, dims, layer) for layer in layers]
        if not _close(values, [right(dims, layer) for layer in layers]) and _close(values, found):
            return mistake_id
    rooted = [factor * math.sqrt(dims[layer - 1]) for layer, factor in factors.items()]
    if scheme != "random" and _close(rooted, [rooted[0]] * len(rooted)):
        return "factor-other-numerator"
    if _close(found, [found[0]] * len(found)):
        if scheme != "random":
            return "factor-constant-root"
        return "factor-large" if abs(found[0]) > 10 else "factor-small"
    return "factor-unknown"


def _close(values: Sequence[float], others: Sequence[float]) -> bool:
    return np.allclose(values, others, rtol=2e-6, atol=1e-12)


def _value(factor: Factor, dims: Sequence[int], layer: int) -> float:
    try:
        return factor(dims, layer)
    except (IndexError, ZeroDivisionError):  # the formula does not exist in this layer
        return math.nan


def _wrong_factors(scheme: str, right: Factor) -> list[tuple[str, Factor]]:
    """Ids and formulas, the likeliest first."""
    c = SCHEMES[scheme].numerator
    rows: list[tuple[str, Factor]] = [
        ("factor-missing", lambda d, i: 1.0),
        ("factor-xavier", lambda d, i: math.sqrt(1 / d[i - 1])),
        ("factor-he", lambda d, i: math.sqrt(2 / d[i - 1])),
        ("factor-ten", lambda d, i: 10.0),
        *(("factor-small", lambda d, i, s=s: s) for s in (0.01, 0.1, 0.001, 0.0001)),
        *(("factor-large", lambda d, i, s=s: s) for s in (100.0, 1000.0)),
        ("factor-times-ten", lambda d, i: 10 * right(d, i)),
        ("factor-no-root", lambda d, i: c / d[i - 1]),
        *(("factor-squared", lambda d, i, k=k: (k / d[i - 1]) ** 2) for k in (c, 1, 2)),
        *(
            ("factor-one-less", lambda d, i, k=k, j=j: math.sqrt(k / (d[i - j] - 1)))
            for k in (c, 1, 2)
            for j in (0, 1)
        ),
        ("factor-root-of-numerator", lambda d, i: math.sqrt(2) / d[i - 1]),
        ("factor-no-root", lambda d, i: 2 / d[i - 1]),
        ("factor-no-root", lambda d, i: 1 / d[i - 1]),
        ("factor-integer-division", lambda d, i: math.sqrt(2 // d[i - 1])),
        ("factor-inverted", lambda d, i: 1 / right(d, i)),
        *(("factor-inverted", lambda d, i, k=k: math.sqrt(d[i - 1] / k)) for k in (1, 2)),
        ("factor-inverted", lambda d, i: math.sqrt(d[i] / c)),
        *(("factor-glorot", lambda d, i, k=k: math.sqrt(k / (d[i] + d[i - 1]))) for k in (2, 6, 1, 4, 3)),
        *(("factor-glorot", lambda d, i, k=k: k / (d[i] + d[i - 1])) for k in (2, 1)),
        *(("factor-this-layer", lambda d, i, k=k: math.sqrt(k / d[i])) for k in (c, 1, 2)),
        *(("factor-this-layer", lambda d, i, k=k: k / d[i]) for k in (c, 1, 2, math.sqrt(2))),
        *(("factor-first-layer", lambda d, i, k=k: math.sqrt(k / d[0])) for k in (c, 1, 2)),
        ("factor-last-layer", lambda d, i: math.sqrt(c / d[-1])),
        ("factor-other-layer", lambda d, i: math.sqrt(c / d[(i + 1) % len(d)])),
        ("factor-other-layer", lambda d, i: math.sqrt(c / d[i - 2])),
        *(("factor-other-layer", lambda d, i, k=k: math.sqrt(c / d[k])) for k in (1, 2, 3, -2, -3)),
        ("factor-size-of-matrix", lambda d, i: math.sqrt(c / (d[i] * d[i - 1]))),
        ("factor-size-of-matrix", lambda d, i: c / (d[i] * d[i - 1])),
        *(
            ("factor-number-of-layers", lambda d, i, k=k, m=m: math.sqrt(k / m(d, i)))
            for k in (c, 1, 2)
            for m in _LAYER_NUMBERS
        ),
        ("factor-multiplied-inside", lambda d, i: math.sqrt(c * d[i - 1])),
        ("factor-multiplied-inside", lambda d, i: math.sqrt(c) * d[i - 1]),
        ("factor-root-twice", lambda d, i: (c / d[i - 1]) ** 0.25),
        ("factor-constant-root", lambda d, i: math.sqrt(2)),
    ]
    if scheme == "random":
        rows += [
            ("factor-xavier", lambda d, i: 10 * math.sqrt(1 / d[i - 1])),
            ("factor-he", lambda d, i: 10 * math.sqrt(2 / d[i - 1])),
        ]
    return rows


_LAYER_NUMBERS: tuple[Callable[[Sequence[int], int], float], ...] = (
    lambda d, i: len(d),
    lambda d, i: len(d) - 1,
    lambda d, i: i,
    lambda d, i: i - 1,
    lambda d, i: i + 1,
    lambda d, i: sum(d),
)
