"""Files that an answer wrote, as tests before the examiner see them in their working directory."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from pathlib import Path

from autograder.sandbox.changed_files import ChangedFiles
from autograder.sandbox.file_names import is_data_file_name, without_clashes

MOST_SHOWN_BYTES = 32 << 20


def to_show(written: Mapping[str, bytes], given: Collection[str]) -> dict[str, bytes]:
    """Those that are shown: data, and none that has the name of an instructor's file, or lies in its place.

    >>> written = {"mine.csv": b"1", "Data.csv": b"2", "data.csv/x.csv": b"3", "own.py": b""}
    >>> list(to_show(written, ["data.csv"]))
    ['mine.csv']
    """
    names = without_clashes(filter(is_data_file_name, written), given)
    return {name: written[name] for name in names if name not in given}


class ShownFiles:
    """What lies in a folder of what an answer wrote; other files there are left alone.

    Parameters
    ----------
    folder : Path
    given : collection of str
        Names of the instructor's files there.

    Attributes
    ----------
    files : mapping of str to bytes
        What lies there now.
    """

    def __init__(self, folder: Path, given: Collection[str] = ()) -> None:
        self._folder, self._given = folder, given
        self._at_place: Mapping[str, bytes] = {}
        self.files: Mapping[str, bytes] = {}

    def show(self, files: Mapping[str, bytes]) -> None:
        """Let these lie there, and none that lay there before: what cells had written at a test's place."""
        self._at_place = files
        self._become(files)

    def begin(self, changes: Mapping[str, bytes | None]) -> None:
        """Let lie there what lay at the test's place, with what calls of the test have made of it."""
        self._become(_changed(self._at_place, changes))

    def change(self, changed: ChangedFiles) -> dict[str, bytes | None]:
        """Let lie there what a call has written, as far as it may be shown; the changes, for `begin`."""
        written = to_show(changed.written, self._given)
        changes: dict[str, bytes | None] = {
            name: written.get(name) for name in (*changed.removed, *changed.written)
        }
        files = _changed(self.files, changes)
        while sum(map(len, files.values())) > MOST_SHOWN_BYTES:
            name = max(files, key=lambda name: len(files[name]))
            changes[name] = None
            del files[name]
        for name in changes:
            if name in self.files or name in files:
                self._put(name, files.get(name))
        self.files = files
        return changes

    def _become(self, files: Mapping[str, bytes]) -> None:
        for name in self.files:
            self._put(name, None)
        for name, data in files.items():
            self._put(name, data)
        self.files = dict(files)

    def _put(self, name: str, data: bytes | None) -> None:
        path = self._folder / name
        with contextlib.suppress(OSError):  # the test has put something else in its place
            if data is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)


def _changed(files: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    both = {**files, **changes}
    return {name: data for name, data in both.items() if data is not None}
