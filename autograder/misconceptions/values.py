"""Which mistake gives these numbers: parameters of the right structure, seeded, with wrong values.

Relations that need no stream of random numbers come first (constant, sign, rounding, squares), then the
stream the weights were drawn from, then their order in it, then the factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autograder.misconceptions import draws
from autograder.misconceptions.formulas import SCHEMES, SEED, name_factor
from autograder.misconceptions.probes import PROBE, Params, close
from autograder.misconceptions.wording import Diagnosis, diagnosis_of
from init_utils.checks.cells import describe_difference


def name_values(scheme: str, parameters: Params, right: Params) -> Diagnosis:
    """Right structure and seeded, but other numbers."""
    layers = range(1, len(PROBE))
    wrong = next((f"W{i}" for i in layers if not close(parameters[f"W{i}"], right[f"W{i}"])), "")
    biases = [parameters[f"b{i}"] for i in layers]
    if any(bias.any() for bias in biases):
        varied = any(np.ptp(bias.astype(float)) > 0 for bias in biases)
        return diagnosis_of("bias-random" if varied else "bias-not-zero")
    if SCHEMES[scheme].factor is None:
        return diagnosis_of("weights-not-zero", W=wrong)
    name = SCHEMES[scheme].name
    fields = {"W": wrong, "scheme": name, "Scheme": name[0].upper() + name[1:]}
    weights = [parameters[f"W{i}"].astype(float) for i in layers]
    targets = [right[f"W{i}"] for i in layers]
    simple = _simple_relation(weights, targets)
    if simple:
        return diagnosis_of(simple, **fields)
    found = _name_draw(scheme, weights, fields)
    if found is not None:
        return found
    difference = describe_difference(parameters[wrong], right[wrong])
    before = f"W1 is right, {wrong} is not: " if wrong != "W1" else f"In {wrong}, "
    return diagnosis_of("values-unrecognised", found=before + difference)


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
            return diagnosis_of(mistake_id, **fields)
        seed = draws.find_seed(first, kind)
        if kind == "normal" and seed == SEED:
            continue
        if seed is not None:
            return _name_other_seed(mistake_id, kind, seed, weights, fields)
    per_layer = [draws.find_seed(array, "normal") for array in weights]
    if all(seed is not None for seed in per_layer):
        return diagnosis_of("seed-per-layer", **fields)
    return None


def _name_other_seed(
    mistake_id: str, kind: str, seed: int, weights: Sequence[np.ndarray], fields: Mapping[str, str]
) -> Diagnosis:
    is_continued = draws.locate(weights[1], draws.stream(kind, seed)) is not None
    if kind == "normal" and not is_continued and draws.find_seed(weights[1], kind) is not None:
        return diagnosis_of("seed-per-layer", **fields)
    return diagnosis_of(mistake_id, **{**fields, "found": str(seed)})


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
        return diagnosis_of("seed-in-loop", **fields)
    if at == [backwards[index] for index in placed] and at != [wanted[index] for index in placed]:
        return diagnosis_of("layers-reversed", **fields)
    if any(fits[index].transposed for index in placed):
        late = next(index for index in placed if fits[index].transposed)
        return diagnosis_of("draw-transposed", **{**fields, "W": f"W{late + 1}"})
    for index in placed:
        if fits[index].offset != wanted[index]:
            return diagnosis_of("draws-extra", **{**fields, "W": f"W{index + 1}"})
    for index in placed:
        if fits[index].shift:
            return diagnosis_of("draw-shifted", **{**fields, "W": f"W{index + 1}"})
    if all(np.isclose(np.linalg.norm(array), 1) for array in weights):
        return diagnosis_of("weights-normed", **fields)
    factors = {layer: fit.scale for layer, fit in enumerate(fits, 1)}
    return diagnosis_of(name_factor(scheme, PROBE, factors), **fields)
