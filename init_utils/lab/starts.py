"""The starting weights of the lab's candidates: each function is called once per seed and layer sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from init_utils.lab.candidates import Candidate, Start, draw_start, seed_note
from init_utils.lab.depth import DEEP_DIMS, DepthSpread, depth_spread
from init_utils.lab.settings import LIMITS, LabSettings, WholeNumber


class Starts:
    """Starting weights on request, drawn once and kept.

    Parameters
    ----------
    candidates : mapping of str to Candidate
        By name.
    """

    def __init__(self, candidates: Mapping[str, Candidate]) -> None:
        self._candidates = candidates
        self._drawn: dict[tuple[str, tuple[int, ...], int | None], Start] = {}
        self._spreads: dict[tuple[str, int | None, float, str], DepthSpread | None] = {}

    def draw(self, name: str, layers_dims: Sequence[int], seed: int | None) -> Start:
        """The weights of one candidate, before any gain."""
        key = (name, tuple(layers_dims), seed)
        if key not in self._drawn:
            self._drawn[key] = draw_start(self._candidates[name], list(layers_dims), seed)
        return self._drawn[key]

    def seed_note(self, name: str, layers_dims: Sequence[int], seed: int | None) -> str:
        """`ignores the seed` and the like, found by comparing the chosen seed with the next one."""
        if seed is None:
            return ""
        limit = LIMITS["seed"]
        assert isinstance(limit, WholeNumber)
        other = seed + 1 if seed < limit.high else limit.low
        return seed_note(self.draw(name, layers_dims, seed), self.draw(name, layers_dims, other))

    def depth_spread(self, name: str, settings: LabSettings) -> DepthSpread | None:
        """What a candidate does in a deep network; None when it does not take such sizes."""
        seed, gain = settings.seed, settings.gain_of(name)
        key = (name, seed, gain, settings.hidden)
        if key not in self._spreads:
            usable = self.draw(name, settings.layers_dims, seed).parameters is not None
            deep = self.draw(name, DEEP_DIMS, seed).scaled(gain).parameters if usable else None
            self._spreads[key] = None if deep is None else depth_spread(deep, settings.hidden)
        return self._spreads[key]
