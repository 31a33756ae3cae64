"""The clocks of an instance of WebAssembly: they go on in a copy of its memory, where its own begin anew.

To be loaded before what takes these functions by name. The time of day is the host's, everywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_raw_ns = time.monotonic_ns
_before_ns = 0  # what earlier instances have counted
_rested_ns = 0


def rest() -> None:
    """Be at rest: the memory may be copied now."""
    global _rested_ns
    _rested_ns = _now_ns()


def go_on() -> None:
    """Count on from where the memory was copied."""
    global _before_ns
    _before_ns = _rested_ns - _raw_ns()


def _now_ns() -> int:
    return _before_ns + _raw_ns()


def _now_s() -> float:
    return _now_ns() / 1e9


def _named(name: str, now: Callable[[], float]) -> Callable[[], float]:
    def clock() -> float:
        return now()

    clock.__name__ = clock.__qualname__ = name
    return clock


for _name in ("monotonic", "perf_counter", "process_time", "thread_time"):
    if hasattr(time, _name):
        setattr(time, _name, _named(_name, _now_s))
        setattr(time, f"{_name}_ns", _named(f"{_name}_ns", _now_ns))
