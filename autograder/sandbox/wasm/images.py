"""The memory of an instance at rest, kept as what differs from a memory that all begin with.

What differs is kept in a file without a name where the system maps files privately: instances that begin with
the same image share what they do not change, and an image that nobody uses takes up no memory.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .base_memory import BaseMemory, map_privately
from .changed_pages import changed_pages

PAGE_BYTES = 1 << 16  # WebAssembly's
BLOCK_BYTES = 1 << 12
_AT_A_TIME = 256  # blocks compared at a time, so that what is compared stays in the processor's caches
_GAPS = (8, 2, 0)  # tried in turn: blocks that do not differ are kept along, so that there are fewer mappings
_MOST_STRETCHES = 1000  # two mappings each; Linux gives a process 65,530 for all of its instances
_MOST_HELD = 2  # times as much as differs


@dataclass(frozen=True)
class Image:
    """A memory: its length in pages, and the blocks that are not as in the base.

    Attributes
    ----------
    length : int
    places : ndarray of int64, shape (n,)
        The numbers of the blocks kept.
    blocks : InMemory or InFile
        Their contents.
    """

    length: int
    places: npt.NDArray[np.int64]
    blocks: InMemory | InFile

    @property
    def nbytes(self) -> int:
        """What differs, in bytes."""
        return self.places.size * BLOCK_BYTES

    @classmethod
    def of(
        cls,
        memory: npt.NDArray[np.uint8],
        base: BaseMemory,
        began_with: npt.NDArray[np.int64] | None = None,
        folder: Path | None = None,
    ) -> Image:
        """The image of `memory`: what `differing` finds, kept.

        >>> base = BaseMemory(np.zeros(2 * PAGE_BYTES, np.uint8))
        >>> memory = np.zeros(3 * PAGE_BYTES, np.uint8)
        >>> memory[[PAGE_BYTES, 2 * PAGE_BYTES + 9]] = 7
        >>> Image.of(memory, base).places.tolist()
        [16, 32]

        Parameters
        ----------
        memory : ndarray of uint8
        base : BaseMemory
        began_with : ndarray of int64, optional
            The places of the image that was written into this memory: of the other blocks only those that
            were changed are compared, where the system tells which.
        folder : Path, optional
            Where the file may be.
        """
        return cls.holding(memory, differing(memory, base, began_with), folder)

    @classmethod
    def holding(
        cls, memory: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], folder: Path | None = None
    ) -> Image:
        """The image of `memory`, which differs from the base in these blocks."""
        return cls(memory.size // PAGE_BYTES, places, _kept(memory, places, folder))

    @classmethod
    def same_as(cls, base: BaseMemory) -> Image:
        """The image of what is as the base."""
        nowhere = np.zeros(0, np.int64)
        return cls(base.bytes.size // PAGE_BYTES, nowhere, InMemory(base.bytes, nowhere))

    def write(self, memory: npt.NDArray[np.uint8], base: BaseMemory, used: int | None = None) -> None:
        """Make `memory`, which is at least as long, this image; what is beyond its length becomes zero.

        Parameters
        ----------
        memory : ndarray of uint8
        base : BaseMemory
        used : int, optional
            So many of its bytes may be other than zero; None: all. The others are not read: the system would
            count them as touched.
        """
        base.lay_under(memory)
        beyond = memory[base.bytes.size : used]
        if beyond.any():  # else its pages stay as the system gives them: taken when they are written
            beyond[:] = 0
        self.blocks.write(memory)


def differing(
    memory: npt.NDArray[np.uint8], base: BaseMemory, began_with: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """The numbers of the blocks that are not as in the base.

    Both are of a whole number of pages, and `memory` is no shorter than the base.
    """
    known = base.bytes.size
    found = []
    for start, stop in _stretches(_perhaps_changed(memory, began_with), most=_AT_A_TIME):
        here = slice(start * BLOCK_BYTES, stop * BLOCK_BYTES)
        words = memory[here].view(np.uint64)
        if here.start < known:  # beyond the base a memory is zero
            same = base.bytes[here].view(np.uint64)
            differs = words != np.pad(same, (0, words.size - same.size))
        else:
            differs = words != 0
        blocks = differs.reshape(-1, BLOCK_BYTES // 8).any(axis=1)
        found.append(np.flatnonzero(blocks) + start)
    base.let_go()
    return np.concatenate(found).astype(np.int64) if found else np.zeros(0, np.int64)


class InMemory:
    """The contents of an image's blocks, copied.

    Parameters
    ----------
    memory : ndarray of uint8
    places : ndarray of int64
    """

    def __init__(self, memory: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]) -> None:
        self._places, self._blocks = places, memory.reshape(-1, BLOCK_BYTES)[places]

    def write(self, memory: npt.NDArray[np.uint8]) -> None:
        """Put them in their places."""
        memory.reshape(-1, BLOCK_BYTES)[self._places] = self._blocks


class InFile:
    """The same in a file without a name, with the few blocks between them.

    Parameters
    ----------
    memory : ndarray of uint8
    stretches : sequence of (int, int)
        First and last but one of the bytes that are kept.
    folder : Path

    Raises
    ------
    OSError
        The file cannot be written.
    """

    def __init__(
        self, memory: npt.NDArray[np.uint8], stretches: Sequence[tuple[int, int]], folder: Path
    ) -> None:
        self.stretches = stretches
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            for start, stop in stretches:
                if file.write(memory[start:stop].data) != stop - start:
                    raise OSError("an image was written in part")
            self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)

    def write(self, memory: npt.NDArray[np.uint8]) -> None:
        """Map them to their places."""
        offset, address = 0, memory.ctypes.data
        for start, stop in self.stretches:
            map_privately(address + start, stop - start, self._descriptor, offset)
            offset += stop - start


def _perhaps_changed(
    memory: npt.NDArray[np.uint8], began_with: npt.NDArray[np.int64] | None
) -> npt.NDArray[np.bool_]:
    told = changed_pages(memory) if began_with is not None and _is_in_blocks(memory) else None
    if told is None:
        return np.ones(memory.size // BLOCK_BYTES, np.bool_)
    told[began_with] = True
    return told


def _kept(
    memory: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], folder: Path | None
) -> InMemory | InFile:
    if folder is not None and _is_in_blocks(memory) and hasattr(mmap, "MAP_PRIVATE"):
        stretches = _few_stretches(memory.size // BLOCK_BYTES, places)
        if stretches is not None:
            with contextlib.suppress(OSError):  # the disk is full, perhaps
                return InFile(memory, stretches, folder)
    return InMemory(memory, places)


def _few_stretches(count: int, places: npt.NDArray[np.int64]) -> list[tuple[int, int]] | None:
    """What of so many blocks a file may hold, in bytes; None: too much, or too many mappings.

    >>> _few_stretches(24, np.array([2, 4]))
    [(8192, 20480)]
    >>> _few_stretches(24, np.array([2, 9]))
    [(8192, 12288), (36864, 40960)]
    >>> _few_stretches(4000, np.arange(0, 4000, 3)) is None
    True
    """
    is_kept = np.zeros(count, np.bool_)
    is_kept[places] = True
    for gap in _GAPS:
        found = list(_stretches(is_kept, gap=gap))
        held = sum(stop - start for start, stop in found)
        if len(found) <= _MOST_STRETCHES and held <= _MOST_HELD * places.size:
            return [(start * BLOCK_BYTES, stop * BLOCK_BYTES) for start, stop in found]
    return None


def _is_in_blocks(memory: npt.NDArray[np.uint8]) -> bool:
    """Whether the system's pages are our blocks, and the memory begins with one."""
    return mmap.PAGESIZE == BLOCK_BYTES and memory.ctypes.data % BLOCK_BYTES == 0


def _stretches(
    wanted: npt.NDArray[np.bool_], gap: int = 0, most: int | None = None
) -> Iterator[tuple[int, int]]:
    """First and last but one of each stretch of wanted blocks, with gaps of at most so many between them.

    >>> list(_stretches(np.array([1, 1, 0, 1, 0, 0, 1], np.bool_), gap=1))
    [(0, 4), (6, 7)]
    >>> list(_stretches(np.ones(5, np.bool_), most=2))
    [(0, 2), (2, 4), (4, 5)]
    """
    places = np.flatnonzero(wanted)
    if not places.size:
        return
    cuts = np.flatnonzero(np.diff(places) > gap + 1)
    starts = places[np.concatenate(([0], cuts + 1))].tolist()
    stops = (places[np.concatenate((cuts, [places.size - 1]))] + 1).tolist()
    for start, stop in zip(starts, stops, strict=True):
        step = most or stop - start
        for first in range(start, stop, step):
            yield first, min(first + step, stop)
