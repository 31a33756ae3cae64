"""Walks and removals of what a student wrote: without recursion, bounded, and never through a link.

Nothing here raises OSError for what is found: a folder that cannot be read, a nest that is too deep and a
path that is too long end a walk early, and its result tells so.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from itertools import islice
from secrets import token_hex
from shutil import rmtree
from typing import NamedTuple

MOST_ENTRIES = 10_000
MOST_REMOVED = 200_000
DEEPEST = 64
FOLDER = os.O_RDONLY
for _flag in ("O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC"):
    FOLDER |= getattr(os, _flag, 0)
# Elsewhere (Windows) nothing but this code is there to exchange a folder meanwhile: paths will do.
_BY_DESCRIPTOR = os.open in os.supports_dir_fd


class Entry(NamedTuple):
    """One file, folder or link: its path below the start of the walk, and its status."""

    path: str
    status: os.stat_result


def walk(
    folder: int | str = ".", most: int = MOST_ENTRIES, deepest: int = DEEPEST
) -> tuple[list[Entry], bool]:
    """What lies below `folder`, and whether that is all.

    Parameters
    ----------
    folder : int or str
        A descriptor or a path.
    most : int
        Entries after which the walk ends.
    deepest : int
        Levels of folders that are entered.
    """
    found: list[Entry] = []
    is_all = True
    waiting = [("", 0)]
    while waiting:
        below, depth = waiting.pop()
        try:
            with _listing(folder, below) as items:
                for item in items:
                    if len(found) >= most:
                        return found, False
                    path = os.path.join(below, item.name)
                    with contextlib.suppress(FileNotFoundError):
                        found.append(Entry(path, item.stat(follow_symlinks=False)))
                    if item.is_dir(follow_symlinks=False):
                        if depth < deepest:
                            waiting.append((path, depth + 1))
                        else:
                            is_all = False
        except OSError:
            is_all = False
    return found, is_all


@contextlib.contextmanager
def _listing(folder: int | str, below: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """The entries of the folder `below` another; no component of its path may be a link that is new."""
    if not _BY_DESCRIPTOR:
        with os.scandir(os.path.join(str(folder), below)) as items:
            yield items
        return
    if isinstance(folder, str):
        place = os.open(os.path.join(folder, below) if below else folder, FOLDER)
    else:
        place = os.open(below or ".", FOLDER, dir_fd=folder)
    try:
        # WASI lists no descriptors, and has nothing beside this code that could exchange a folder meanwhile.
        listed = place if os.scandir in os.supports_fd else os.path.join(str(folder), below)
        with os.scandir(listed) as items:
            yield items
    finally:
        os.close(place)


def remove_unknown(folder: int, known: frozenset[str]) -> None:
    """Remove what lies below `folder` and is not in `known` (paths as `walk` gives them)."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        with contextlib.suppress(OSError), _listing(folder, below) as listing:
            place = os.open(below or ".", FOLDER, dir_fd=folder)
            try:
                for item in list(islice(listing, MOST_REMOVED)):
                    path = os.path.join(below, item.name)
                    is_folder = item.is_dir(follow_symlinks=False)
                    if path in known:
                        waiting += [path] if is_folder else []
                    elif is_folder:
                        remove_folder(item.name, parent=place)
                    else:
                        _unlink(item.name, place)
            finally:
                os.close(place)


def remove_folder(path: str, parent: int | None = None, most: int = MOST_REMOVED) -> bool:
    """Remove `path` with all that lies in it; whether it is gone.

    Each folder inside is moved up to the top before it is emptied, so neither its depth nor the length of its
    path matters.

    Parameters
    ----------
    path : str
        Relative to the folder `parent`, a descriptor, where one is given.
    most : int
        Entries after which the removal gives up.
    """
    if not _BY_DESCRIPTOR:
        rmtree(path, ignore_errors=True)
        return not os.path.lexists(path)
    with contextlib.suppress(OSError):
        top = _open_folder(path, parent)
        try:
            _empty(top, most)
        finally:
            os.close(top)
    with contextlib.suppress(OSError):
        os.rmdir(path, dir_fd=parent)
    try:
        os.lstat(path, dir_fd=parent)
    except OSError:
        return True
    return False


def _empty(top: int, most: int) -> None:
    removed = 0
    prefix = f".removed-{token_hex(8)}-"
    waiting = [""]
    while waiting:
        name = waiting.pop()
        folder = _open_folder(name, top) if name else os.dup(top)
        try:
            with os.scandir(folder) as listing:
                items = [(item.name, item.is_dir(follow_symlinks=False)) for item in listing]
            for item, is_folder in items:
                removed += 1
                if removed > most:
                    return
                if not is_folder:
                    _unlink(item, folder)
                elif not name:
                    waiting.append(item)
                else:
                    moved = f"{prefix}{removed}"
                    _move(item, folder, moved, top)
                    waiting.append(moved)
        except OSError:
            continue  # what resists stays; the rest is removed
        finally:
            os.close(folder)
            if name:
                _remove_empty(name, top)


def _open_folder(name: str, parent: int | None = None) -> int:
    """A descriptor of a folder (no link), which its owner may list and write from now on."""
    place = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        with contextlib.suppress(OSError):  # root needs no mode; another's folder fails below
            os.chmod(f"/proc/self/fd/{place}", 0o700)
        return os.open(name, FOLDER, dir_fd=parent)
    finally:
        os.close(place)


def _unlink(name: str, folder: int) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)


def _remove_empty(name: str, folder: int) -> None:
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=folder)


def _move(name: str, folder: int, moved: str, top: int) -> None:
    os.close(_open_folder(name, folder))  # moving a folder needs the right to write it
    os.rename(name, moved, src_dir_fd=folder, dst_dir_fd=top)
