"""NumPy's names as they were loaded, while values cross.

NumPy's compiled code, SciPy and pandas look up `np.zeros` and the like when they make values. A notebook may
write over these names (`np.zeros = None`): its own code finds what it has written, and values cross all the
same.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy
from numpy import ma, random

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
_GONE = object()
_LOADED = tuple(
    (vars(module), {name: value for name, value in vars(module).items() if not name.startswith("__")})
    for module in (numpy, ma, random)
)
_overwritten: list[tuple[dict[str, Any], str, Any, Any]] = []


def look_for_overwritten_names() -> None:
    """Find out which names a notebook has written over; asked after each cell."""
    _overwritten[:] = [
        (names, name, own, names.get(name, _GONE))
        for names, loaded in _LOADED
        for name, own in loaded.items()
        if names.get(name, _GONE) is not own
    ]


@contextmanager
def numpy_as_loaded() -> Iterator[None]:
    """A block in which these names are what they were."""
    written = _overwritten[:]
    _overwritten.clear()  # a block within this one has nothing to do
    for names, name, own, _ in written:
        names[name] = own
    try:
        yield
    finally:
        for names, name, _, value in written:
            if value is _GONE:
                names.pop(name, None)
            else:
                names[name] = value
        _overwritten[:] = written
