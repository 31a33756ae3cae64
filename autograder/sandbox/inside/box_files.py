"""What lies in the working directory of a box, and what code has made of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from os import O_NOFOLLOW, O_NONBLOCK, O_RDONLY
from os import open as os_open
from stat import S_ISREG
from time import time_ns
from typing import Any, NamedTuple

from numpy import frombuffer, uint8

from . import files

MOST_CHANGED = 200
MOST_CHANGED_BYTES = 8 << 20
# Times of files go on in steps: what was written so shortly ago may have been written again.
_STEP_NS = 50_000_000


class Marks(NamedTuple):
    """What tells a changed file from one that is as it was."""

    size: int
    time_ns: int
    number: int


class BoxFiles:
    """The working directory of a box.

    Parameters
    ----------
    folder : str
        The directory, also where the notebook goes elsewhere.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._given: Mapping[str, Marks] = {}
        self._told: set[str] = set()  # what calls of this process have changed
        self._seen_ns = 0

    def remember_given(self) -> None:
        """What lies there now was given to the notebook."""
        self._given = self.look()

    def marks(self) -> tuple[frozenset[tuple[str, int, int, int]], bool]:
        """Kind, size and time of whatever lies there, and whether that is all; equal while none changes."""
        entries, is_all = files.walk(self._folder)
        marks = ((path, status.st_mode, status.st_size, status.st_mtime_ns) for path, status in entries)
        return frozenset(marks), is_all

    def look(self) -> dict[str, Marks]:
        """The regular files, for `changed_since`."""
        self._seen_ns = time_ns()
        return dict(self._regular())

    def written(self, most_bytes: int) -> dict[str, Any]:
        """Contents of what is not as it was given, as arrays of bytes; at most so many bytes together."""
        changed = [name for name, marks in self._regular() if self._given.get(name) != marks]
        return self._contents(changed, most_bytes)

    def changed_since(self, before: Mapping[str, Marks]) -> tuple[dict[str, Any], list[str]]:
        """Contents of what a call has made or changed since `look` gave `before`, and what it has removed."""
        since_ns = self._seen_ns - _STEP_NS
        after = dict(self._regular())
        changed = [
            name
            for name, marks in after.items()
            if before.get(name) != marks or (name in self._told and marks.time_ns > since_ns)
        ]
        removed = [name for name in before if name not in after]
        self._told.update(changed)
        return self._contents(changed[:MOST_CHANGED], MOST_CHANGED_BYTES), removed[:MOST_CHANGED]

    def _contents(self, names: list[str], most_bytes: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in names:
            with contextlib.suppress(OSError):  # gone again, or closed to its owner
                path = os.path.join(self._folder, name)
                descriptor = os_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
                with open(descriptor, "rb") as file:
                    if os.fstat(descriptor).st_size > most_bytes:
                        continue
                    data = file.read(most_bytes)
                most_bytes -= len(data)
                found[name] = frombuffer(data, dtype=uint8)
        return found

    def _regular(self) -> Iterator[tuple[str, Marks]]:
        for path, status in sorted(files.walk(self._folder)[0]):
            is_hidden = any(part.startswith(".") for part in path.split("/"))
            if S_ISREG(status.st_mode) and not is_hidden and path.isprintable():
                yield path, Marks(status.st_size, status.st_mtime_ns, status.st_ino)
