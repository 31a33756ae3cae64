"""The memory of an instance at rest, kept as what differs from a memory that all begin with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PAGE_BYTES = 1 << 16  # WebAssembly's


@dataclass(frozen=True)
class Image:
    """A memory: its length in pages, and the pages that are not as in the base.

    Attributes
    ----------
    length : int
    places : ndarray of int64, shape (n,)
        The numbers of the pages kept.
    pages : ndarray of uint8, shape (n, 65536)
    """

    length: int
    places: npt.NDArray[np.int64]
    pages: npt.NDArray[np.uint8]

    @property
    def nbytes(self) -> int:
        """What it holds, in bytes."""
        return self.pages.nbytes

    @classmethod
    def of(cls, memory: npt.NDArray[np.uint8], base: npt.NDArray[np.uint8]) -> Image:
        """The image of `memory`; both of a whole number of pages, and no shorter than the base.

        >>> base = np.zeros(2 * PAGE_BYTES, np.uint8)
        >>> memory = np.zeros(3 * PAGE_BYTES, np.uint8)
        >>> memory[PAGE_BYTES] = 7
        >>> Image.of(memory, base).places.tolist()
        [1, 2]
        """
        words, known = memory.view(np.uint64), base.view(np.uint64)
        same = words[: known.size].reshape(-1, PAGE_BYTES // 8) == known.reshape(-1, PAGE_BYTES // 8)
        length = memory.size // PAGE_BYTES
        differ = np.flatnonzero(~same.all(axis=1))
        places = np.concatenate([differ, np.arange(base.size // PAGE_BYTES, length)]).astype(np.int64)
        return cls(length, places, memory.reshape(-1, PAGE_BYTES)[places].copy())

    def write(self, memory: npt.NDArray[np.uint8], base: npt.NDArray[np.uint8]) -> None:
        """Make `memory`, which is at least as long, this image; what is beyond its length becomes zero."""
        memory[: base.size] = base
        memory[base.size :] = 0
        memory.reshape(-1, PAGE_BYTES)[self.places] = self.pages
