"""The memory of an instance at rest, kept as what differs from a memory that all begin with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .base_memory import BaseMemory

PAGE_BYTES = 1 << 16  # WebAssembly's
BLOCK_BYTES = 1 << 12
_AT_A_TIME = 1 << 20  # compared at a time, so that what is compared stays in the processor's caches


@dataclass(frozen=True)
class Image:
    """A memory: its length in pages, and the blocks that are not as in the base.

    Attributes
    ----------
    length : int
    places : ndarray of int64, shape (n,)
        The numbers of the blocks kept.
    blocks : ndarray of uint8, shape (n, 4096)
    """

    length: int
    places: npt.NDArray[np.int64]
    blocks: npt.NDArray[np.uint8]

    @property
    def nbytes(self) -> int:
        """What it holds, in bytes."""
        return self.blocks.nbytes

    @classmethod
    def of(cls, memory: npt.NDArray[np.uint8], base: BaseMemory) -> Image:
        """The image of `memory`; both of a whole number of pages, and no shorter than the base.

        >>> base = BaseMemory(np.zeros(2 * PAGE_BYTES, np.uint8))
        >>> memory = np.zeros(3 * PAGE_BYTES, np.uint8)
        >>> memory[[PAGE_BYTES, 2 * PAGE_BYTES + 9]] = 7
        >>> Image.of(memory, base).places.tolist()
        [16, 32]
        """
        known = base.bytes.size
        found = []
        for start in range(0, memory.size, _AT_A_TIME):
            words = memory[start : start + _AT_A_TIME].view(np.uint64)
            if start < known:  # beyond the base a memory is zero
                same = base.bytes[start : start + _AT_A_TIME].view(np.uint64)
                differs = words != np.pad(same, (0, words.size - same.size))
            else:
                differs = words != 0
            blocks = differs.reshape(-1, BLOCK_BYTES // 8).any(axis=1)
            found.append(np.flatnonzero(blocks) + start // BLOCK_BYTES)
        places = np.concatenate(found).astype(np.int64)
        return cls(memory.size // PAGE_BYTES, places, memory.reshape(-1, BLOCK_BYTES)[places])

    def write(self, memory: npt.NDArray[np.uint8], base: BaseMemory) -> None:
        """Make `memory`, which is at least as long, this image; what is beyond its length becomes zero."""
        base.lay_under(memory)
        beyond = memory[base.bytes.size :]
        if beyond.any():  # else its pages stay as the system gives them: taken when they are written
            beyond[:] = 0
        memory.reshape(-1, BLOCK_BYTES)[self.places] = self.blocks
