"""Content hashes of a submission as it lies on disk and of the engine: if both are equal, so is the result.

Of a submission only regular files are read, no link is followed, and entries and bytes are bounded.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.metadata
import json
import os
import stat
import sys
from functools import cache
from pathlib import Path

_MOST_ENTRIES = 4_000
_MOST_DEPTH = 12
_WHOLE_BYTES = 200_000_000  # of a larger file only size and time count; intake rejects it anyway
_VERSIONED = ("numpy", "matplotlib", "ipython", "scikit-learn")
_CHUNK = 1 << 20
_TIMESTAMP_BYTES = 200


@cache
def engine_fingerprint(packages: tuple[str, ...] = ()) -> str:
    """SHA-256 (hex) over what of ours can change a grade: the grader and what it stands on.

    Parameters
    ----------
    packages : tuple of str
        Packages that the assignment registers: they count as well.
    """
    digest = hashlib.sha256(sys.version.encode())
    for name in _VERSIONED:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            digest.update(f"{name}=={importlib.metadata.version(name)}\n".encode())
    for package in ("autograder", *packages):
        for folder in map(Path, importlib.import_module(package).__path__):
            for path in sorted(folder.rglob("*.py")):
                name = f"{package}/{path.relative_to(folder).as_posix()}"
                digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def folder_fingerprint(folder: Path, *context: str) -> str:
    """SHA-256 (hex) over names, kinds and contents in `folder` and over `context`."""
    digest = hashlib.sha256(json.dumps(context).encode())
    seen = 0
    pending = [(folder, 0)]
    while pending and seen < _MOST_ENTRIES:
        here, depth = pending.pop()
        try:
            entries = sorted(os.scandir(here), key=_notebooks_first)
        except OSError as error:
            digest.update(f"unreadable {error.errno}\n".encode())
            continue
        for entry in entries:
            seen += 1
            if seen > _MOST_ENTRIES:
                break
            path = Path(entry.path)
            relative = os.fsencode(path.relative_to(folder))
            if entry.is_dir(follow_symlinks=False) and depth < _MOST_DEPTH:
                pending.append((path, depth + 1))
            digest.update(relative + b"\0" + _content(path) + b"\n")
    return digest.hexdigest()


def read_timestamp(folder: Path) -> str:
    """The text of `timestamp.txt` in a submission's folder, as nbgrader puts it there; "" without one."""
    path = folder / "timestamp.txt"
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        with path.open("rb") as file:
            return file.read(_TIMESTAMP_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _notebooks_first(entry: os.DirEntry[str]) -> tuple[bool, str]:
    """Thousands of other files must not hide that a notebook has changed."""
    return not entry.name.endswith(".ipynb"), entry.name


def _content(path: Path) -> bytes:
    """A digest of a regular file's bytes; for anything else its kind."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return f"kind {stat.S_IFMT(status.st_mode)}".encode()
        if status.st_size > _WHOLE_BYTES:
            return f"large {status.st_size} {status.st_mtime_ns}".encode()
        digest = hashlib.sha256()
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 -- a descriptor, opened without following links
            left = _WHOLE_BYTES
            while left > 0 and (chunk := file.read(min(_CHUNK, left))):
                digest.update(chunk)
                left -= len(chunk)
        return digest.digest()
    except OSError as error:
        return f"unreadable {error.errno}".encode()
