"""Folders of submissions on the disk: made whole beside their place, compared by what is in them."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path


def is_taken(place: Path) -> bool:
    """Whether anything is there that could be lost: a file, a link, a folder that is not empty."""
    if place.is_symlink() or not place.is_dir():
        return place.is_symlink() or place.exists()
    return any(place.iterdir())


def next_place(kept: Path) -> Path:
    """The first number above all that are there."""
    numbers = [int(path.name) for path in kept.glob("*") if path.name.isdecimal()]
    return kept / str(max(numbers, default=0) + 1)


def made(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with exactly these files beside `folder`, to be moved there whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f".{folder.name}.new")
    _remove(new)
    try:
        new.mkdir()
        for path, content in files.items():
            target = new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError:
        _remove(new)
        raise
    return new


def _remove(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.is_dir():
        shutil.rmtree(folder)


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 (hex) of the contents by path."""
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


def hashes_in(folder: Path) -> dict[str, str]:
    """SHA-256 (hex) of the regular files by relative path; empty when the folder is not there."""
    return {path.relative_to(folder).as_posix(): _hash(path) for path in _files_in(folder)}


def _files_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and not folder.is_symlink():
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(files: Mapping[str, bytes]) -> str:
    """One SHA-256 (hex) of all the files."""
    return hashlib.sha256(json.dumps(sorted(hashes(files).items())).encode()).hexdigest()
