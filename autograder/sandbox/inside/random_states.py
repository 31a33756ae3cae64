"""The states of the global random generators: set for a call, and new ones for every fork."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

RANDOM_STATES: Mapping[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "numpy": (np.random.get_state, np.random.set_state),
    "random": (random.getstate, random.setstate),
}

# Taken at the start: a notebook may write `np.random.seed = 3`, or over what NumPy's own looks up then.
_SET_NUMPY, _SEED_RANDOM, _FROM_BUFFER, _ENTROPY = np.random.set_state, random.seed, np.frombuffer, os.urandom
_WORDS = 624  # of the Mersenne Twister


def reseed() -> None:
    """New states for the global random generators: forks must not share one."""
    _SET_NUMPY(("MT19937", _FROM_BUFFER(_ENTROPY(4 * _WORDS), dtype="uint32"), _WORDS, 0, 0.0))
    _SEED_RANDOM(_ENTROPY(32))


def set_random_states(states: Mapping[str, Any] | None) -> None:
    """Set the given global states (`numpy`, `random`); what is not given is seeded from entropy."""
    reseed()
    for name, state in (states or {}).items():
        if state is not None:
            RANDOM_STATES[name][1](state)
