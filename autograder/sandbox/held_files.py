"""What lay in the working directory at the places where states are held, and how it comes to lie there again.

A held state is a process; files are not part of it. So what a notebook has written is read at each place, and
put back before a test runs on the state there. What the tests themselves make of the files that differ
between the places stays with their place; other files are the same for all.

The reports are a stranger's: they are checked for their form and their size. What they claim goes back to the
box that they came from; only `written_files` decides what else may become of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from stat import S_ISREG
from typing import Any

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.inside.box_files import MOST_HELD_ENTRIES
from autograder.sandbox.reports import read_report

MOST_HELD_BYTES = 8 << 20
_LONGEST_NAME = 4096
_MOST_GONE = 10_000


@dataclass(frozen=True)
class Entry:
    """What lies under a name: a file's `data`, a link's `target`, or a folder."""

    data: bytes | None = None
    target: str | None = None


@dataclass(frozen=True)
class NotHeld:
    """Something of which only this is known: its mode, size, time and number."""

    marks: tuple[int, ...] = ()

    @property
    def is_file(self) -> bool:
        """Whether it is a file with a content, as its process says."""
        return bool(self.marks) and 0 <= self.marks[0] < 1 << 16 and S_ISREG(self.marks[0])


@dataclass(frozen=True)
class FilesAtPlace:
    """What lies in a working directory otherwise than it was given.

    Attributes
    ----------
    entries : mapping of str to Entry, NotHeld or None
        By the bytes of the name, each as one character; None where something given is gone.
    is_whole : bool
        Whether that is all.
    """

    entries: Mapping[str, Entry | NotHeld | None] = field(default_factory=dict)
    is_whole: bool = True


def files_at_place(message: wire.Message, most_bytes: int = MOST_HELD_BYTES) -> FilesAtPlace:
    """What a report tells of the working directory.

    Raises
    ------
    WireError
        It has not the form of such a report, or holds more than may be held.
    """
    return read_report(lambda: _files_at_place(message.tree("value"), most_bytes))


def _files_at_place(report: Any, most_bytes: int) -> FilesAtPlace:
    if type(report) is not dict or type(report.get("is_whole")) is not bool:
        raise wire.WireError("a report of files that is none")
    tables: dict[str, Any] = {kind: report.get(kind) for kind in ("files", "links", "left")}
    lists: dict[str, Any] = {kind: report.get(kind) for kind in ("folders", "gone")}
    if any(type(part) is not dict for part in tables.values()) or any(
        type(part) is not list for part in lists.values()
    ):
        raise wire.WireError("a report of files of another form than one")
    entries: dict[str, Entry | NotHeld | None] = {}
    for name, data in tables["files"].items():
        if type(data) is not np.ndarray or data.dtype != np.uint8:
            raise wire.WireError("a report of files that are none")
        most_bytes -= data.nbytes
        if most_bytes < 0:
            raise wire.WireError("a report of files that are too large")
        entries[name] = Entry(data=data.tobytes())
    for name, target in tables["links"].items():
        _check_name(target)
        entries[name] = Entry(target=target)
    for name, marks in tables["left"].items():
        if type(marks) is not list or any(type(mark) is not int for mark in marks) or len(marks) != 4:
            raise wire.WireError("a report of files without what tells whether they changed")
        entries[name] = NotHeld(tuple(marks))
    entries |= {_check_name(name): Entry() for name in lists["folders"]}
    if len(entries) > MOST_HELD_ENTRIES or len(lists["gone"]) > _MOST_GONE:
        raise wire.WireError("a report of too many files")
    entries |= dict.fromkeys(map(_check_name, lists["gone"]))
    for name in entries:
        _check_name(name)
    return FilesAtPlace(entries, report["is_whole"])


def _check_name(name: Any) -> str:
    if type(name) is not str or not 0 < len(name) <= _LONGEST_NAME or max(name) > "\xff":
        raise wire.WireError("a report of a name that is none")
    return name


def as_text(name: str) -> str | None:
    """A name as people read it; None for one that is not UTF-8.

    >>> as_text("gr\xc3\xbcn.csv"), as_text("\xff")
    ('grün.csv', None)
    """
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return None


class HeldFiles:
    """The files at the places of one notebook.

    Parameters
    ----------
    given : mapping of str to bytes
        What the working directory held at the start.

    Attributes
    ----------
    shown : object
        The place whose files lie in the working directory now; None for the end of the cells so far.
    """

    def __init__(self, given: Mapping[str, bytes]) -> None:
        names = {name: name.encode("utf-8", "surrogateescape").decode("latin-1") for name in given}
        self._given: dict[str, Entry] = {names[name]: Entry(data=data) for name, data in given.items()}
        for name in names.values():
            self._given |= {str(above): Entry() for above in PurePosixPath(name).parents if str(above) != "."}
        self._places: dict[Hashable, dict[str, Entry | NotHeld | None]] = {}
        self._is_whole: dict[Hashable, bool] = {}
        self._differing: tuple[str, ...] | None = None
        self.shown: Hashable = None

    def __contains__(self, place: Hashable) -> bool:
        return place in self._places

    def __len__(self) -> int:
        return len(self._places)

    def knows(self, place: Hashable) -> bool:
        """Whether this place is not the one that is shown, and both it and that one are known."""
        return place != self.shown and place in self._places and self.shown in self._places

    def keep(self, place: Hashable, found: FilesAtPlace) -> None:
        """These lie there at that place."""
        last = next(reversed(self._places.values()), {})
        entries = {
            name: last[name] if name in last and last[name] == entry else entry  # one copy of both
            for name, entry in found.entries.items()
            if entry is not None or name in self._given
        }
        self._places[place], self._is_whole[place] = entries, found.is_whole
        self._differing = None

    def drop_end(self) -> None:
        """Cells go on: what lay there after the last one is no place any more."""
        self._places.pop(None, None)
        self._differing = None

    def differing(self) -> tuple[str, ...]:
        """The names under which not the same lies at all places, where it is known of each."""
        if self._differing is None:
            known = {name: [self._at(place, name) for place in self._places] for name in self._names()}
            self._differing = tuple(
                name
                for name, entries in known.items()
                if not any(type(entry) is NotHeld for entry in entries)
                and any(entry != entries[0] for entry in entries)
            )[:MOST_HELD_ENTRIES]
        return self._differing

    def not_held(self, place: Hashable) -> list[str]:
        """Names, as people read them, under which something else lies at the end, and that are not held."""
        if place not in self._places or None not in self._places or place is None:
            return []
        differing = set(self.differing())
        names = [name for name in self._names() if name not in differing]
        others = [name for name in names if self._at(place, name) != self._at(None, name)]
        return [text if (text := as_text(name)) and text.isprintable() else ascii(name) for name in others]

    def turn_to(self, place: Hashable, left: FilesAtPlace) -> dict[str, Any]:
        """The order that lets lie there what lay at this place.

        Parameters
        ----------
        left : FilesAtPlace
            What lies under the differing names now: it belongs to the place that was shown.
        """
        order: dict[str, Any] = {"remove": [], "folders": [], "files": {}, "links": {}}
        for name in self.differing():
            now, then = left.entries.get(name), self._at(place, name)
            if name in left.entries and not isinstance(now, NotHeld):
                self._places[self.shown][name] = now
            if now == then:
                continue
            if not isinstance(then, Entry):
                order["remove"].append(name)
            elif then.data is not None:
                order["files"][name] = np.frombuffer(then.data, dtype=np.uint8)
            elif then.target is not None:
                order["links"][name] = then.target
            else:
                order["folders"].append(name)
            if now is not None and then is not None and not (_is_file(now) and _is_file(then)):
                order["remove"].append(name)  # it is of another kind
        self.shown = place
        return order

    def _names(self) -> Sequence[str]:
        return list(dict.fromkeys(name for entries in self._places.values() for name in entries))

    def _at(self, place: Hashable, name: str) -> Entry | NotHeld | None:
        if name in self._places[place]:
            return self._places[place][name]
        return self._given.get(name) if self._is_whole[place] or name in self._given else NotHeld()


def _is_file(entry: Entry | NotHeld | None) -> bool:
    return isinstance(entry, Entry) and entry.data is not None
