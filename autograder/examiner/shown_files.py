"""Files that an answer wrote, as tests before the examiner see them in their working directory."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from pathlib import Path

from autograder.sandbox.file_names import is_data_file_name, without_clashes


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

    Attributes
    ----------
    files : mapping of str to bytes
        What lies there now.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: Mapping[str, bytes] = {}

    def show(self, files: Mapping[str, bytes]) -> None:
        """Let these lie there, and none that lay there before."""
        for name in self.files:
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()
        self.files = dict(files)
        for name, data in files.items():
            path = self._folder / name
            with contextlib.suppress(OSError):  # the test has put something else in its place
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
