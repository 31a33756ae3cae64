"""What a call of a test has made of the files in its working directory, from the report of a stranger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.inside.box_files import MOST_CHANGED, MOST_CHANGED_BYTES


@dataclass(frozen=True)
class ChangedFiles:
    """What a call has written, by name in the working directory, and the names of what it has removed.

    The names are a stranger's: any text.
    """

    written: Mapping[str, bytes] = field(default_factory=dict)
    removed: tuple[str, ...] = ()


def changed_files_of(report: Mapping[Any, Any]) -> ChangedFiles:
    """The files in the report on a call.

    Raises
    ------
    WireError
        It holds other things than files in their place, or more than a box may tell.

    Examples
    --------
    >>> changed_files_of({"written": {"a.txt": np.array([104, 105], np.uint8)}, "removed": ["b.txt"]})
    ChangedFiles(written={'a.txt': b'hi'}, removed=('b.txt',))
    """
    written, removed = report.get("written", {}), report.get("removed", [])
    if type(written) is not dict or type(removed) is not list:
        raise wire.WireError("a report of files of another form than one")
    if max(len(written), len(removed)) > MOST_CHANGED or any(type(name) is not str for name in removed):
        raise wire.WireError("a report of too many files, or of names that are none")
    contents: dict[str, bytes] = {}
    room = MOST_CHANGED_BYTES
    for name, data in written.items():
        if type(name) is not str or type(data) is not np.ndarray or data.dtype != np.uint8:
            raise wire.WireError("a report of files that are none")
        room -= data.nbytes
        if room < 0:
            raise wire.WireError("a report of files that are too large")
        contents[name] = data.tobytes()
    return ChangedFiles(contents, tuple(removed))
