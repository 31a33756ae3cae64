"""Which pages of a memory that lies over a file have been written, as Linux tells it.

Elsewhere nothing is told, and whoever asks compares the whole memory. What is told is tried first on a small
mapping.
"""

from __future__ import annotations

import functools
import mmap
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

_TABLE = Path("/proc/self/pagemap")
_PRESENT, _SWAPPED, _FILED = (np.uint64(1 << bit) for bit in (63, 62, 61))


def changed_pages(memory: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_] | None:
    """The pages that are not as the file below them, or below no file were touched; None: not told.

    Parameters
    ----------
    memory : ndarray of uint8, shape (n * mmap.PAGESIZE,)
        It begins with a page.

    Returns
    -------
    ndarray of bool, shape (n,), or None
    """
    return _look_up(memory) if _is_told() else None


@functools.cache
def _is_told() -> bool:
    """Whether of four pages, unread, read, written, unread, just the written one is told."""
    if not hasattr(mmap, "MAP_PRIVATE"):
        return False
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"a" * 4 * mmap.PAGESIZE)
            file.flush()
            memory = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY), np.uint8)
    except OSError:  # no folder for temporary files, or a full one
        return False
    is_read = memory[mmap.PAGESIZE] == ord("a")
    memory[2 * mmap.PAGESIZE] = 0
    told = _look_up(memory) if is_read else None
    return told is not None and told.tolist() == [False, False, True, False]


def _look_up(memory: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_] | None:
    count = memory.size // mmap.PAGESIZE
    try:
        with _TABLE.open("rb", buffering=0) as table:
            table.seek(memory.ctypes.data // mmap.PAGESIZE * 8)
            entries = np.frombuffer(table.read(count * 8), np.uint64)
    except (OSError, ValueError):
        return None
    if entries.size != count:
        return None
    is_own = ((entries & _PRESENT) != 0) & ((entries & _FILED) == 0)
    return np.asarray(is_own | ((entries & _SWAPPED) != 0))
