"""Cost and accuracy against the scale of the start: He's weights, each W times the same multiple.

Beside them the two starts of the exercises whose scale is one number for every layer: 10 and 0.01. They stand
at the geometric mean of their ratios to He.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from init_utils.lab.candidates import Parameters, Start, built_in_candidates
from init_utils.lab.session import LabSession
from init_utils.lab.sweep import Sweep, SweepRow

# Powers of 2 from 1/8 to 32, He (1) and Xavier (1/sqrt 2) among them, closest together there.
MULTIPLES = tuple(2.0**power for power in (-3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 5))
SEEDS = range(1, 6)
# Standard deviation of every weight, and whose mark stands for it.
BESIDE = (("×10", 10.0, "random"), ("×0.01", 0.01, "small"))


@dataclass(frozen=True)
class Place:
    """Where a row stands on the axis.

    Attributes
    ----------
    name : str
    multiple : float
        Of He.
    scale : float or None
        Standard deviation of every weight, for a row that stands beside the curve.
    """

    name: str
    multiple: float
    scale: float | None = None


def places(layers_dims: Sequence[int]) -> list[Place]:
    """The rows of the comparison for a network.

    Examples
    --------
    >>> [round(place.multiple, 4) for place in places([2, 10, 5, 1])[-2:]]
    [15.2342, 0.0152]
    """
    he = [math.sqrt(2 / before) for before in layers_dims[:-1]]
    middle = math.prod(he) ** (1 / len(he))
    along = [Place(f"He × {multiple:.3g}", multiple) for multiple in MULTIPLES]
    return along + [Place(name, scale / middle, scale) for name, scale, _ in BESIDE]


def scale_sweep(session: LabSession) -> Sweep:
    """Every place from every seed; the whole curve of one seed before the next."""
    dims = session.settings.layers_dims
    wanted = places(dims)
    rows = [SweepRow(place.name) for place in wanted]
    starts = [
        (row, _start(place, dims, seed)) for seed in SEEDS for row, place in zip(rows, wanted, strict=True)
    ]
    return Sweep(session.settings, session.scene, rows, starts)


def _start(place: Place, layers_dims: Sequence[int], seed: int) -> Parameters:
    he = next(candidate for candidate in built_in_candidates() if candidate.name == "He")
    parameters: Parameters = he.call(list(layers_dims), seed)
    if place.scale is None:
        scaled = Start(parameters).scaled(place.multiple).parameters
        assert scaled is not None
        return scaled
    factors = [place.scale / math.sqrt(2 / before) for before in layers_dims[:-1]]
    return {
        key: value * factors[int(key[1:]) - 1] if key[0] == "W" else value
        for key, value in parameters.items()
    }
