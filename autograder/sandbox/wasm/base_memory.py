"""The memory that all instances of a sandbox begin with, and where it is kept from one run to the next.

It is made before the first box. Where the system maps files privately, an instance takes up only what it
changes.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import json
import mmap
import os
import tempfile
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_KEPT = 3  # of the newest; one is as long as an interpreter with what it has imported
_LEFT = "being-written-"
_LEFT_S = 86_400.0  # after which whoever wrote it is taken to be gone
_MAP_FIXED = 0x10  # on Linux and macOS


class BaseMemory:
    """A memory that nobody changes.

    Parameters
    ----------
    contents : ndarray of uint8, shape (n,)
        A whole number of pages.
    descriptor : int, optional
        Of a file that holds just this, closed with this; under its name another run may put another.
    """

    def __init__(self, contents: npt.NDArray[np.uint8], descriptor: int | None = None) -> None:
        self.bytes = contents
        self._descriptor = descriptor
        self._mapped: mmap.mmap | None = None
        if descriptor is not None:
            weakref.finalize(self, os.close, descriptor)

    @classmethod
    def mapped(cls, path: Path) -> BaseMemory:
        """What a file holds: mapped, or where files are not mapped privately, read and closed.

        On Windows a file that somebody has open cannot be replaced.

        Raises
        ------
        OSError
            It cannot be read.
        """
        if not hasattr(mmap, "MAP_PRIVATE"):
            return cls(np.fromfile(path, np.uint8))
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        mapped = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        memory = cls(np.frombuffer(mapped, np.uint8), descriptor)
        memory._mapped = mapped
        return memory

    def sha256(self) -> str:
        """A hash of the contents."""
        if self._descriptor is None:
            return hashlib.sha256(self.bytes.data).hexdigest()
        with os.fdopen(os.dup(self._descriptor), "rb") as file:  # pages that are read take no memory
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

    def let_go(self) -> None:
        """Give back the memory of what was looked at, where that is in the file."""
        if self._mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def lay_under(self, memory: npt.NDArray[np.uint8]) -> None:
        """Let `memory` begin with these bytes, without copying where the system can."""
        address = memory.ctypes.data
        in_pages = not (address % mmap.PAGESIZE or self.bytes.size % mmap.PAGESIZE)
        if self._descriptor is not None and in_pages and hasattr(mmap, "MAP_PRIVATE"):
            map_privately(address, self.bytes.size, self._descriptor)
        else:
            memory[: self.bytes.size] = self.bytes


def map_privately(address: int, length: int, descriptor: int, offset: int = 0) -> None:
    """Let so many bytes of a file lie at an address of ours; what is written there stays there.

    Raises
    ------
    OSError
        The system refuses.
    """
    access, flags = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | _MAP_FIXED
    if _mmap()(address, length, access, flags, descriptor, offset) != address:
        raise OSError(ctypes.get_errno(), "a memory cannot be mapped")


@functools.cache
def _mmap() -> Any:
    call = ctypes.CDLL(None, use_errno=True).mmap
    number, pointer, size = ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t
    call.restype, call.argtypes = pointer, [pointer, size, number, number, number, ctypes.c_long]
    return call


class KeptMemories:
    """Base memories in a folder that is this user's alone, each with what was told when it was made.

    A file whose contents have another hash than when it was written is as if it were not there.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)

    def find(self, key: str) -> tuple[BaseMemory, Any] | None:
        """What is kept under `key`: the memory, and what was told; None without it."""
        note = self._folder / f"{key}.json"
        try:
            kept = json.loads(note.read_text(encoding="utf-8"))
            memory = BaseMemory.mapped(self._folder / f"{key}.memory")
            if memory.sha256() != kept["sha256"]:
                return None
            os.utime(note)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return memory, kept["told"]

    def keep(self, key: str, contents: npt.NDArray[np.uint8], told: Any) -> BaseMemory:
        """Keep a memory; the oldest go, and what killed runs left.

        Returns
        -------
        BaseMemory
            In its file; a copy where that cannot be written.
        """
        made: list[Path] = []
        try:
            made.append(self._write(contents.data))
            memory = BaseMemory.mapped(made[0])
            made.append(self._write(json.dumps({"sha256": memory.sha256(), "told": told}).encode()))
            with contextlib.suppress(OSError):  # another run has it in use, on a system where that matters
                made[0].replace(self._folder / f"{key}.memory")
                made[1].replace(self._folder / f"{key}.json")
        except OSError:  # the disk is full, perhaps
            memory = BaseMemory(contents.copy())
        with contextlib.suppress(OSError):
            for left in made:
                left.unlink(missing_ok=True)
            self._remove_old()
        return memory

    def _write(self, contents: memoryview | bytes) -> Path:
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=_LEFT)  # mode 0600
        made = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(contents)
        except BaseException:
            made.unlink(missing_ok=True)
            raise
        return made

    def _remove_old(self) -> None:
        def written(path: Path) -> float:
            return path.stat().st_mtime

        for note in sorted(self._folder.glob("*.json"), key=written)[:-_KEPT]:
            note.unlink(missing_ok=True)
            note.with_suffix(".memory").unlink(missing_ok=True)
        for left in self._folder.glob(f"{_LEFT}*"):
            if written(left) < time.time() - _LEFT_S:
                left.unlink(missing_ok=True)
