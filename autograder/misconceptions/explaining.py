"""All mistakes in the numbers of a result, not the first: each is explained away, and the next one shows.

The stream tells where the numbers come from, their places in it which order they were drawn in, what is left
is the factor. So a wrong stream hides no wrong order, and a wrong order hides no wrong factor.
"""

from __future__ import annotations

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
# What may have been done with the numbers after the draw, and with a stream to see it.
_CHANGES: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("", lambda numbers: numbers),
    ("sign-lost", np.abs),
    ("values-squared", np.square),
)


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
    scheme: str, dims: Sequence[int], values: Mapping[str, Array], *, swapped: bool = False
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
    if all(np.ptp(array) == 0 for array in weights.values()):
        return [Explained("weights-zero" if is_zero else "weights-constant"), *found]
    return [*found, *_explain_draw(_Drawn(scheme, dims, weights, swapped, bool(found)))]


@dataclass(frozen=True)
class _Drawn:
    """Weights, and what is known of how they were drawn: on their side, with something drawn between."""

    scheme: str
    dims: Sequence[int]
    weights: Mapping[int, Array]
    swapped: bool
    between: bool


def _explain_draw(drawn: _Drawn) -> list[Explained]:
    """The stream that all weights stand in, then what places and factors tell; [] when there is none."""
    ends = [drawn.weights[min(drawn.weights)], drawn.weights[max(drawn.weights)]]
    for change, do in _CHANGES:
        for kind, mistake_id in _STREAMS:
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
                return [*origin, *changed, *rest]
    return _explain_layers(drawn)


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
    wanted = [sum(sizes[before] for before in range(1, layer)) for layer in placed]
    backwards = [sum(sizes[after] for after in range(layer + 1, len(drawn.dims))) for layer in placed]
    if len(placed) > 1 and not any(at):
        found.append(Explained("seed-in-loop"))
    elif at == backwards and at != wanted:
        found.append(Explained("layers-reversed"))
    elif at != wanted and not drawn.between:
        late = next(layer for layer, place, due in zip(placed, at, wanted, strict=True) if place != due)
        found.append(Explained("draws-extra", late))
    if not drawn.swapped and any(fits[layer].transposed for layer in placed):
        found.append(Explained("draw-transposed"))
    if any(abs(fits[layer].shift) > 1e-6 * abs(fits[layer].scale) for layer in placed):
        return found if is_uniform else [*found, Explained("draw-shifted")]
    scales = {layer: fits[layer].scale for layer in fits}
    if any(scales.values()) and all(scale <= 0 for scale in scales.values()):
        found.append(Explained("sign-flipped"))
        scales = {layer: -scale for layer, scale in scales.items()}
    return [*found, *_explain_factor(drawn, scales)]


def _explain_factor(drawn: _Drawn, scales: Mapping[int, float]) -> list[Explained]:
    for layer, scale in scales.items():
        if not np.isclose(scale, factor_of(drawn.scheme, drawn.dims, layer), rtol=2e-6, atol=0):
            return [Explained(name_factor(drawn.scheme, drawn.dims, scales), layer)]
    return []
