"""What a notebook wrote, from a report of the student's process: its names and bytes are judged here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.file_names import is_data_file_name, without_clashes
from autograder.sandbox.reports import read_report

MOST_WRITTEN_FILES = 200  # each is flushed to the disk by the one process that serves the whole class

MOST_NAMED = 3


@dataclass(frozen=True)
class WrittenFiles:
    """Files that a notebook made or changed.

    Attributes
    ----------
    files : mapping of str to bytes
        Data, by name in the working directory: nothing that a program would import or read on its own.
    left_out : tuple of str
        Printable names of what is not among them.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What a person should know of what is left out; "" when nothing is.

        >>> WrittenFiles({}, ("numpy.py", "a.pkl", "b.pkl", "c.pkl")).note
        'The notebook wrote files that are not kept (not data, or too large): numpy.py, a.pkl, b.pkl ...'
        """
        if not self.left_out:
            return ""
        shown = ", ".join(name[:60] for name in self.left_out[:MOST_NAMED])
        more = " ..." if len(self.left_out) > MOST_NAMED else ""
        return f"The notebook wrote files that are not kept (not data, or too large): {shown}{more}"


def written_files_of(message: wire.Message, given: Collection[str], max_bytes: int) -> WrittenFiles:
    """The files of a report that may be kept: data, at most `max_bytes` and `MOST_WRITTEN_FILES` together.

    Parameters
    ----------
    message : Message
    given : collection of str
        Names of the files that the notebook was given; one that it changed is kept if it is data.
    max_bytes : int

    Raises
    ------
    WireError
        It has not the form of such a report.
    """
    return read_report(lambda: _written_files(message.tree("value"), given, max_bytes))


def _written_files(found: object, given: Collection[str], max_bytes: int) -> WrittenFiles:
    if type(found) is not dict:
        raise wire.WireError("a report of files that is no dict")
    contents = {name: data for name, data in found.items() if type(name) is str and type(data) is np.ndarray}
    kept: dict[str, bytes] = {}
    room = max_bytes
    for name in without_clashes(filter(is_data_file_name, contents), given):
        data = contents[name]
        if len(kept) < MOST_WRITTEN_FILES and data.nbytes <= room:
            kept[name] = data.tobytes()
            room -= data.nbytes
    left_out = [name[:200] for name in contents if name not in kept and name.isprintable()]
    return WrittenFiles(kept, tuple(left_out))
