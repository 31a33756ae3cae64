"""What a notebook wrote, from a report of the student's process: its names are judged here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.sandbox.file_names import is_data_file_name, without_clashes
from autograder.sandbox.held_files import Entry, FilesAtPlace, NotHeld, as_text

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
        shown = shown_names(self.left_out)
        return f"The notebook wrote files that are not kept (not data, or too large): {shown}"


def shown_names(names: Sequence[str]) -> str:
    """The first of the names, cut to what a line holds.

    >>> shown_names(["a.pkl", "b.pkl", "c.pkl", "d.pkl"])
    'a.pkl, b.pkl, c.pkl ...'
    """
    more = " ..." if len(names) > MOST_NAMED else ""
    return ", ".join(name[:60] for name in names[:MOST_NAMED]) + more


def written_files_of(found: FilesAtPlace, given: Collection[str], max_bytes: int) -> WrittenFiles:
    """Those that may be kept: data, at most `max_bytes` and `MOST_WRITTEN_FILES` together.

    Parameters
    ----------
    found : FilesAtPlace
    given : collection of str
        Names of the files that the notebook was given; one that it changed is kept if it is data.
    max_bytes : int
    """
    contents: dict[str, bytes | None] = {}  # None for one that is too large to be held
    for name, entry in found.entries.items():
        text = as_text(name)
        if text is None or not text.isprintable() or any(part.startswith(".") for part in text.split("/")):
            continue
        if isinstance(entry, Entry) and entry.data is not None:
            contents[text] = entry.data
        elif isinstance(entry, NotHeld) and entry.is_file:
            contents[text] = None
    kept: dict[str, bytes] = {}
    room = max_bytes
    for name in without_clashes(filter(is_data_file_name, contents), given):
        data = contents[name]
        if data is not None and len(kept) < MOST_WRITTEN_FILES and len(data) <= room:
            kept[name] = data
            room -= len(data)
    return WrittenFiles(kept, tuple(name[:200] for name in contents if name not in kept))
