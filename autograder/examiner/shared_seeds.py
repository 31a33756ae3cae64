"""Random state that a test cell and the student's code share, as in one process.

Once a test cell has set the state of `np.random` or `random`, that state goes with each call and comes back.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_seeded: set[str] = set()  # which global generators the cell has set: it shares them with the student


def watch_seeds() -> None:
    """Notice when a test cell sets the state of `np.random` or `random`; once a process."""
    for module, names, label in (
        (np.random, ("seed", "set_state"), "numpy"),
        (random, ("seed", "setstate"), "random"),
    ):
        for name in names:
            original = getattr(module, name)
            if not hasattr(original, "watched"):
                setattr(module, name, _watched(original, label))


def _watched(original: Callable[..., Any], label: str) -> Callable[..., Any]:
    def noticing(*args: Any, **kwargs: Any) -> Any:
        _seeded.add(label)
        return original(*args, **kwargs)

    noticing.watched = True  # type: ignore[attr-defined]
    return noticing


def take_seeds() -> dict[str, Any] | None:
    """The states that travel with a call: those that the cell has set, as they are now."""
    if not _seeded:
        return None
    return {
        "numpy": np.random.get_state() if "numpy" in _seeded else None,
        "random": random.getstate() if "random" in _seeded else None,
    }


def put_back(states: Mapping[str, Any]) -> None:
    """Go on from where the student's code left the generators that it shares with the cell."""
    if "numpy" in states and "numpy" in _seeded:
        np.random.set_state(states["numpy"])
    if "random" in states and "random" in _seeded:
        random.setstate(states["random"])


def seeded() -> frozenset[str]:
    """Which global generators the cell has set."""
    return frozenset(_seeded)


def go_on(labels: frozenset[str]) -> None:
    """A cell goes on that has set these global generators."""
    _seeded.clear()
    _seeded.update(labels)
