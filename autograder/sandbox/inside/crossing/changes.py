"""How an object that crossed before becomes, in place, what it is now on the other side.

Each function takes the object and a new one of the same type, and says whether the object now is as the new
one.
"""

from __future__ import annotations

import builtins
import collections
from array import array as array_array
from collections import defaultdict
from typing import Any

from numpy.ma import getdata, getmask

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()


def change_sequence(old: Any, new: Any) -> bool:
    """A list, bytearray or array of `array`."""
    if type(old) is array_array and old.typecode != new.typecode:
        return False
    try:
        old[:] = new
    except BufferError:  # a memoryview of it is open
        return False
    return True


def change_dict(old: dict[Any, Any], new: dict[Any, Any]) -> bool:
    """A dict of any kind; a loop over one whose keys stay the same goes on."""
    if type(old) is defaultdict:
        old.default_factory = new.default_factory  # type: ignore[attr-defined]
    if list(old) == list(new):
        for key, value in new.items():
            dict.__setitem__(old, key, value)
        return True
    old.clear()
    for key, value in new.items():
        old[key] = value
    return True


def change_set(old: set[Any], new: set[Any]) -> bool:
    """A set."""
    if old != new:
        old.clear()
        old.update(new)
    return True


def change_deque(old: collections.deque[Any], new: collections.deque[Any]) -> bool:
    """A deque of the same length at most."""
    if old.maxlen != new.maxlen:
        return False
    old.clear()
    old.extend(new)
    return True


def change_attributes(old: Any, new: Any) -> bool:
    """An object that is what its attributes are."""
    if vars(old).keys() != vars(new).keys():
        vars(old).clear()
    vars(old).update(vars(new))
    return True


def change_array(old: Any, new: Any) -> bool:
    """An array of the same shape and dtype: another one would need other memory."""
    if old.dtype != new.dtype or old.shape != new.shape:
        return False
    if old.flags.writeable:
        old[...] = new
        return True
    return not old.dtype.hasobject and bool(old.tobytes() == new.tobytes())


def change_masked(old: Any, new: Any) -> bool:
    """A masked array, its mask too."""
    if old.dtype != new.dtype or old.shape != new.shape or old.hardmask or not old.flags.writeable:
        return False
    getdata(old)[...] = getdata(new)
    old.mask = getmask(new)
    return True


def change_frame(old: Any, new: Any) -> bool:
    """A frame or series of pandas, index and columns too."""
    type(old).__init__(old, new)
    return True
