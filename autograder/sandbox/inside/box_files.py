"""What lies in the working directory of a box, and what code has made of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from os import (
    O_CREAT,
    O_EXCL,
    O_RDONLY,
    O_WRONLY,
    close,
    fsdecode,
    fsencode,
    fstat,
    ftruncate,
    lstat,
    mkdir,
    readlink,
    rmdir,
    symlink,
    unlink,
)
from os import open as os_open
from stat import S_ISDIR, S_ISLNK, S_ISREG
from time import time_ns
from typing import Any, NamedTuple

from numpy import frombuffer, uint8

from . import files

MOST_HELD_ENTRIES = 1000  # files, folders and links of one place of the notebook
OWN_FOLDERS = frozenset({".tmp", ".shm"})  # of the box
O_NOFOLLOW, O_NONBLOCK = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK"))
MOST_CHANGED = 200
MOST_CHANGED_BYTES = 8 << 20
# Times of files go on in steps: what was written so shortly ago may have been written again.
_STEP_NS = 50_000_000


class Marks(NamedTuple):
    """What tells a changed file from one that is as it was."""

    size: int
    time_ns: int
    number: int

    @classmethod
    def of(cls, status: os.stat_result) -> Marks:
        """Those of a regular file."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


class BoxFiles:
    """The working directory of a box.

    Parameters
    ----------
    folder : str
        The directory, also where the notebook goes elsewhere.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._given: dict[str, Marks | None] = {}  # None for a folder
        self._told: set[str] = set()  # what calls of this process have changed
        self._seen_ns = 0

    def remember_given(self) -> None:
        """What lies there now was given to the notebook."""
        self._given = {
            path: Marks.of(status) if S_ISREG(status.st_mode) else None
            for path, status in files.walk(self._folder)[0]
            if path.split("/")[0] not in OWN_FOLDERS
        }

    def renumber_given(self) -> None:
        """Take up the numbers that files have in a copy of the folder: a copy is no change."""
        for path, status in files.walk(self._folder)[0]:
            if (marks := self._given.get(path)) is not None:
                self._given[path] = marks._replace(number=status.st_ino)

    def marks(self) -> tuple[frozenset[tuple[str, int, int, int]], bool]:
        """Kind, size and time of whatever lies there, and whether that is all; equal while none changes."""
        entries, is_all = files.walk(self._folder)
        marks = ((path, status.st_mode, status.st_size, status.st_mtime_ns) for path, status in entries)
        return frozenset(marks), is_all

    def look(self) -> dict[str, Marks]:
        """The regular files, for `changed_since`."""
        self._seen_ns = time_ns()
        return dict(self._regular())

    def held(self, most_bytes: int, names: Iterable[str] | None = None) -> dict[str, Any]:
        """What lies there otherwise than it was given, for `place`: of all there is, or of these names.

        A name crosses as its bytes, each as one character. `left` has what is not held, because it is too
        large or no file, with what tells whether it changed.

        Parameters
        ----------
        most_bytes : int
            Contents of all files together.
        """
        report: dict[str, Any] = {"files": {}, "folders": [], "links": {}, "left": {}, "gone": []}
        if names is None:
            entries, report["is_whole"] = files.walk(self._folder)
            found = {path: status for path, status in entries if path.split("/")[0] not in OWN_FOLDERS}
            report["gone"] = [_crossing(name) for name in self._given if name not in found]
            changed = {path: status for path, status in found.items() if not self._is_given(path, status)}
            wanted = sorted(changed, key=lambda path: (_is_hidden(path), path))
            report["is_whole"] &= len(wanted) <= MOST_HELD_ENTRIES
        else:
            wanted, changed, report["is_whole"] = [*map(_from_crossing, names)], {}, True
            for name in wanted:
                with contextlib.suppress(OSError):
                    changed[name] = lstat(self._path(name))
            report["gone"] = [_crossing(name) for name in wanted if name not in changed]
        for path in wanted[:MOST_HELD_ENTRIES]:
            if path in changed:
                most_bytes -= self._hold(report, path, changed[path], most_bytes)
        return report

    def place(self, order: Mapping[str, Any]) -> list[str]:
        """Let lie there what the order says: names to remove, folders, files, links; what cannot be done."""
        failed: list[str] = []

        def each(names: Iterable[str], act: Callable[[str, str], object]) -> None:
            for name in names:
                try:
                    act(self._path(_from_crossing(name)), name)
                except (OSError, ValueError):
                    failed.append(name)

        each(sorted(order["remove"], reverse=True), lambda path, _: _remove(path))
        each(sorted(order["folders"]), lambda path, _: _make_folders(path))
        each(order["files"], lambda path, name: _write(path, order["files"][name].tobytes()))
        each(order["links"], lambda path, name: symlink(_from_crossing(order["links"][name]), path))
        return failed

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _is_given(self, path: str, status: os.stat_result) -> bool:
        if S_ISREG(status.st_mode):
            return self._given.get(path) == Marks.of(status)
        return S_ISDIR(status.st_mode) and path in self._given and self._given[path] is None

    def _hold(self, report: dict[str, Any], path: str, status: os.stat_result, most_bytes: int) -> int:
        """Put one entry into the report; how many bytes of it."""
        name = _crossing(path)
        with contextlib.suppress(OSError):
            if S_ISDIR(status.st_mode):
                report["folders"].append(name)
                return 0
            if S_ISLNK(status.st_mode):
                report["links"][name] = _crossing(readlink(self._path(path)))
                return 0
            if S_ISREG(status.st_mode) and status.st_size <= most_bytes:
                data = self._content(path, most_bytes)
                report["files"][name] = frombuffer(data, dtype=uint8)
                return len(data)
        report["left"][name] = [status.st_mode, *Marks.of(status)]
        return 0

    def _content(self, path: str, most_bytes: int) -> bytes:
        """A file's, as far as it goes while it may change."""
        descriptor = os_open(self._path(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        with open(descriptor, "rb") as file:
            return file.read(most_bytes)

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
                if lstat(self._path(name)).st_size > most_bytes:
                    continue
                data = self._content(name, most_bytes)
                most_bytes -= len(data)
                found[name] = frombuffer(data, dtype=uint8)
        return found

    def _regular(self) -> Iterator[tuple[str, Marks]]:
        for path, status in sorted(files.walk(self._folder)[0]):
            if S_ISREG(status.st_mode) and not _is_hidden(path) and path.isprintable():
                yield path, Marks.of(status)


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _crossing(name: str) -> str:
    return fsencode(name).decode("latin-1")


def _from_crossing(name: str) -> str:
    return fsdecode(name.encode("latin-1"))


def _remove(path: str) -> None:
    """A file, link or empty folder; one that holds something by now stays."""
    with contextlib.suppress(FileNotFoundError):
        if not S_ISDIR(lstat(path).st_mode):
            unlink(path)
            return
        with contextlib.suppress(OSError):
            rmdir(path)


def _make_folders(path: str) -> None:
    parts = path.split("/")
    for count in range(2, len(parts) + 1):
        with contextlib.suppress(FileExistsError):
            mkdir("/".join(parts[:count]))


def _write(path: str, data: bytes) -> None:
    """Give a file this content: the same file, where there is one, for whoever has it open."""
    _make_folders(path.rpartition("/")[0])
    how = O_WRONLY | O_NOFOLLOW | O_NONBLOCK
    try:
        descriptor = os_open(path, how)
        if not S_ISREG(fstat(descriptor).st_mode):
            close(descriptor)
            raise FileExistsError(path)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            unlink(path)
        descriptor = os_open(path, how | O_CREAT | O_EXCL, 0o644)
    ftruncate(descriptor, 0)
    with open(descriptor, "wb") as file:
        file.write(data)
