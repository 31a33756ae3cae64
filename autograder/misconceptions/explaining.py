"""All mistakes in the numbers of a result, not the first: each is explained away, and the next one shows.

The stream tells where the numbers come from, their places in it which order they were drawn in, what is left
is the factor. So a wrong stream hides no wrong order, and a wrong order hides no wrong factor.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.misconceptions import draws
from autograder.misconceptions.formulas import SCHEMES, SEED, factor_of, name_factor

Array = np.ndarray

_STREAMS = (
    ("normal", ""),
    ("uniform", "rand-for-randn"),
    ("new-normal", "generator-new"),
    ("python-gauss", "generator-python"),
    ("python-normal", "generator-python"),
    ("new-uniform", "rand-for-randn"),
    ("python-uniform", "generator-python"),
)


def _rounded(digits: int, numbers: Array) -> Array:
    return np.round(numbers, digits)


# What may have been done with the numbers after the draw, and with a stream to see it.
_CHANGES: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("", lambda numbers: numbers),
    ("sign-lost", np.abs),
    ("values-squared", np.square),
    ("integers-drawn", np.trunc),
    ("integers-drawn", np.round),
    *(("values-rounded", functools.partial(_rounded, digits)) for digits in range(1, 6)),
)
_OF_PLACES = ("draws-extra", "layers-reversed", "draw-transposed")
_OF_PLAIN_NUMBERS = ("integers-drawn", "values-rounded")
# Fewer numbers than these are found in every stream.
_FEWEST = 4


@dataclass(frozen=True)
class Explained:
    """One mistake that was found by explaining away the others.

    Attributes
    ----------
    id : str
        An id of the catalogue.
    layer : int
        The first layer in which it shows.
    found : str
        The student's own number, for the hint.
    """

    id: str
    layer: int = 1
    found: str = ""


def explain_values(
    scheme: str,
    dims: Sequence[int],
    values: Mapping[str, Array],
    *,
    swapped: bool = False,
    between: bool = False,
) -> list[Explained]:
    """All mistakes in these numbers that are independent of each other, in the order of mending.

    Parameters
    ----------
    scheme : str
        A key of `SCHEMES`.
    dims : sequence of int
        The layer sizes that the function was called with.
    values : mapping of str to ndarray
        W and b of the layers that are there, weights as they were drawn: (n, p), or (p, n) when `swapped`.
    between : bool
        Something is known to be drawn before or between the weights.

    >>> numbers = np.random.RandomState(1)
    >>> layers = {f"W{i}": numbers.randn(n, p) / np.sqrt(p) for i, (n, p) in enumerate([(7, 4), (3, 7)], 1)}
    >>> [mistake.id for mistake in explain_values("he", [4, 7, 3], layers)]
    ['seed-other', 'factor-xavier']
    """
    biases = [array for key, array in values.items() if key[0] == "b"]
    found = []
    if any(array.any() for array in biases):
        varied = any(np.ptp(array) > 0 for array in biases)
        found.append(Explained("bias-random" if varied else "bias-not-zero"))
    weights = {int(key[1:]): array for key, array in values.items() if key[0] == "W"}
    if not weights or not all(np.isfinite(array).all() for array in weights.values()):
        return found
    is_zero = not any(array.any() for array in weights.values())
    if SCHEMES[scheme].factor is None:
        return found if is_zero else [Explained("weights-not-zero"), *found]
    sizes = {layer: array.size for layer, array in weights.items()}
    weights = {layer: array for layer, array in weights.items() if array.size >= _FEWEST}
    if not weights:
        return found
    if all(np.ptp(array) == 0 for array in weights.values()):
        return [Explained("weights-zero" if is_zero else "weights-constant"), *found]
    return [*found, *_explain_draw(_Drawn(scheme, dims, weights, sizes, swapped, between or bool(found)))]


@dataclass(frozen=True)
class _Drawn:
    """Weights, and what is known of how they were drawn: on their side, with something drawn between.

    `sizes` has the number of entries of those weights, too, that are too few to be found in a stream.
    """

    scheme: str
    dims: Sequence[int]
    weights: Mapping[int, Array]
    sizes: Mapping[int, int]
    swapped: bool
    between: bool


def _explain_draw(drawn: _Drawn) -> list[Explained]:
    """The stream that all weights stand in, then what places and factors tell; [] when there is none."""
    ends = [drawn.weights[min(drawn.weights)], drawn.weights[max(drawn.weights)]]
    for change, do in _CHANGES:
        for kind, mistake_id in _STREAMS[:1] if change in _OF_PLAIN_NUMBERS else _STREAMS:
            for seed in (SEED,) if change else (SEED, *draws.OTHER_SEEDS):
                numbers = do(draws.stream(kind, seed))
                if not any(draws.locate(array, numbers, first_only=seed != SEED) for array in ends):
                    continue
                fits = {layer: draws.locate(array, numbers) for layer, array in drawn.weights.items()}
                known = {layer: fit for layer, fit in fits.items() if fit is not None}
                if len(known) < len(fits):
                    continue
                origin = [Explained(mistake_id)] if mistake_id else []
                if seed != SEED and not mistake_id:
                    origin = [Explained("seed-other", found=str(seed))]
                changed = [Explained(change)] if change else []
                rest = _explain_fits(drawn, known, is_uniform="uniform" in kind)
                if change == "values-squared":  # the factor was squared with them, or was not
                    rest = [mistake for mistake in rest if not mistake.id.startswith("factor-")]
                if change == "integers-drawn":  # so many zeros stand in many places
                    rest = [mistake for mistake in rest if mistake.id not in _OF_PLACES]
                return [*origin, *changed, *rest]
    return _explain_integers(drawn) or _explain_layers(drawn)


def _explain_integers(drawn: _Drawn) -> list[Explained]:
    """Whole numbers of no known stream, times the factor."""
    units = {
        layer: float(np.abs(array[array != 0]).min()) for layer, array in drawn.weights.items() if array.any()
    }
    for layer, unit in units.items():
        multiples = drawn.weights[layer] / unit
        if np.abs(multiples).max() > 1000 or not np.allclose(multiples, np.round(multiples), atol=1e-6):
            return []
    wanted = {layer: factor_of(drawn.scheme, drawn.dims, layer) for layer in units}
    found = [Explained("integers-drawn")]
    if all(np.isclose(units[layer] / wanted[layer] % 1, (0, 1), atol=1e-6).any() for layer in units):
        return found
    name = name_factor(drawn.scheme, drawn.dims, units)
    return found if name == "factor-unknown" else [*found, Explained(name)]


def _explain_layers(drawn: _Drawn) -> list[Explained]:
    """A seed of its own in every layer, then the factor."""
    seeds = {layer: draws.find_seed(array, "normal") for layer, array in drawn.weights.items()}
    known = {layer: seed for layer, seed in seeds.items() if seed is not None}
    if len(known) < len(seeds):
        return []
    fits = {
        layer: draws.locate(drawn.weights[layer], draws.stream("normal", seed), first_only=True)
        for layer, seed in known.items()
    }
    scales = {layer: fit.scale for layer, fit in fits.items() if fit is not None}
    return [Explained("seed-per-layer"), *_explain_factor(drawn, scales)]


def _explain_fits(drawn: _Drawn, fits: Mapping[int, draws.Fit], *, is_uniform: bool) -> list[Explained]:
    """Order of the draws, then shift, sign and factor; a uniform draw has its shift from its bounds."""
    found = []
    placed = [layer for layer, fit in fits.items() if fit.offset >= 0]
    at = [fits[layer].offset for layer in placed]
    sizes = {layer: drawn.dims[layer] * drawn.dims[layer - 1] for layer in range(1, len(drawn.dims))}
    sizes |= drawn.sizes
    wanted = [sum(sizes[before] for before in range(1, layer)) for layer in placed]
    there = [sum(size for before, size in drawn.sizes.items() if before < layer) for layer in placed]
    backwards = [sum(sizes[after] for after in range(layer + 1, len(drawn.dims))) for layer in placed]
    if len(placed) > 1 and not any(at):
        found.append(Explained("seed-in-loop"))
    elif at == backwards and at != wanted:
        found.append(Explained("layers-reversed"))
    elif at not in (wanted, there) and not drawn.between:
        late = next(layer for layer, place, due in zip(placed, at, wanted, strict=True) if place != due)
        found.append(Explained("draws-extra", late))
    if not drawn.swapped and any(fits[layer].transposed for layer in placed):
        found.append(Explained("draw-transposed"))
    if any(abs(fits[layer].shift) > 1e-6 * abs(fits[layer].scale) for layer in placed):
        if is_uniform:
            return found
        scales = {layer: fits[layer].scale for layer in fits}
        rest = [mistake for mistake in _explain_factor(drawn, scales) if mistake.id != "factor-missing"]
        return [*found, Explained("draw-shifted"), *rest]
    scales = {layer: fits[layer].scale for layer in fits}
    if any(scales.values()) and all(scale <= 0 for scale in scales.values()):
        found.append(Explained("sign-flipped"))
        scales = {layer: -scale for layer, scale in scales.items()}
    return [*found, *_explain_factor(drawn, scales)]


def _explain_factor(drawn: _Drawn, scales: Mapping[int, float]) -> list[Explained]:
    """What is wrong with the factor, if anything."""
    if len(drawn.weights) > 1 and all(
        np.isclose(np.linalg.norm(array), 1) for array in drawn.weights.values()
    ):
        return [Explained("weights-normed")]
    for layer, scale in scales.items():
        if not np.isclose(scale, factor_of(drawn.scheme, drawn.dims, layer), rtol=2e-6, atol=0):
            return [Explained(name_factor(drawn.scheme, drawn.dims, scales), layer)]
    return []
