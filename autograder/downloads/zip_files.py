"""A stranger's zip file: its members by name, and their bytes, within limits.

Names that climb out of the folder, links, encrypted members, unusual compressions and anything beyond the
limits are left out and said. A member counts with the size it claims, and no more than that is unpacked.

DownloadError (a `CourseError`): the zip file holds no submissions in a form that is known, or too much.
└── NoZipError: it cannot be read.
"""

from __future__ import annotations

import contextlib
import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import IO, Any

from autograder.course import CourseError
from autograder.untrusted.text import printable
from autograder.untrusted.windows_names import fault_here

_IGNORED = re.compile(
    r"(?:^|/)(?:__MACOSX|\.ipynb_checkpoints|__pycache__|\.DS_Store|\._[^/]*|Thumbs\.db)(?:/|$)"
)
MOST_NOTES = 50
# Others are rare, and Python unpacks them without a bound on memory.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MEMBER_SIGNATURE = b"PK\x01\x02"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    ValueError,
)


class DownloadError(CourseError):
    """The zip file cannot be used; the text says what is wrong with it."""


class NoZipError(DownloadError):
    """It is damaged, or of another kind."""


@dataclass(frozen=True)
class DownloadLimits:
    """How much is taken out of one zip file.

    Attributes
    ----------
    members, attempt_members : int
        Files in the zip; of one student's.
    member_bytes, attempt_bytes, total_bytes : int
        Unpacked: one file; one student's; all.
    """

    members: int = 50_000
    attempt_members: int = 2_000
    member_bytes: int = 100_000_000
    attempt_bytes: int = 150_000_000
    total_bytes: int = 10_000_000_000


def open_zip(file: IO[bytes], limits: DownloadLimits | None = None) -> zipfile.ZipFile:
    """The zip file, its list of members checked against the limits.

    Raises
    ------
    DownloadError
        It is no zip file, or has too many members.
    """
    limits = limits or DownloadLimits()
    try:
        archive = zipfile.ZipFile(_Opening(file, limits.members))
        archive.fp = file
        return archive
    except _DAMAGED as error:
        raise NoZipError("the file is not a zip file that can be read.") from error


def first_notes(notes: list[str]) -> list[str]:
    """As many of `notes` as a person reads, and how many more there are."""
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], f"... and {more} more."] if more > 0 else notes


def unpack(
    archive: zipfile.ZipFile,
    members: Mapping[str, zipfile.ZipInfo],
    limits: DownloadLimits,
    notes: list[str],
    *,
    nested: bool = False,
) -> dict[str, bytes]:
    """One attempt's files. A student's own zip file is unpacked, once, when no notebook lies beside it."""
    files: dict[str, bytes] = {}
    room = limits.attempt_bytes
    notebooks_first = sorted(members.items(), key=lambda one: (not one[0].endswith(".ipynb"), one[0]))
    for path, member in notebooks_first[: limits.attempt_members]:
        most = min(room, limits.member_bytes)
        content = read_member(archive, member, most) if _is_writable(path) else "the name cannot be written"
        if member.file_size <= most:
            room -= member.file_size  # also of a damaged one: it took the time
        if isinstance(content, str):
            notes.append(f"{member.filename}: {content}; left out.")
            continue
        files[path] = content
    if len(members) > limits.attempt_members:
        notes.append(f"it holds more than {limits.attempt_members:,} files; the rest was left out")
    zips = [path for path in files if path.lower().endswith(".zip")]
    if not nested and len(zips) == 1 and not any(path.endswith(".ipynb") for path in files):
        try:
            inner = open_zip(io.BytesIO(files[zips[0]]), replace(limits, members=limits.attempt_members))
        except DownloadError as error:
            notes.append(f"{zips[0]}: {error}")
            return files
        inside = _without_top_folder(dict(safe_members(inner, notes)))
        del files[zips[0]]
        files |= unpack(inner, inside, replace(limits, attempt_bytes=room), notes, nested=True)
    return files


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes | str:
    """The member's bytes, or why not."""
    if member.flag_bits & 0x1:
        return "it is encrypted"
    if member.compress_type not in _COMPRESSIONS:
        return f"it is compressed by method {member.compress_type}; 0 and 8 (Deflate) are read"
    if member.file_size > most:
        return f"it is larger than {most:,} bytes"
    try:
        with archive.open(member) as stream:
            return stream.read(member.file_size + 1)  # a claim that is too small shows in the checksum
    except _DAMAGED as error:
        return f"it cannot be unpacked ({error})"


class _Opening:
    """The file while the zip's list of members is read: one that is too long is refused before it is built.

    Parameters
    ----------
    file : binary file
    members : int
        The most that the list may hold.
    """

    def __init__(self, file: IO[bytes], members: int) -> None:
        self._file, self._members = file, members

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes.

        Raises
        ------
        DownloadError
            They are a list of too many members.
        """
        data = self._file.read(size)
        if data.count(_MEMBER_SIGNATURE) > self._members:
            raise DownloadError(f"the zip holds more than {self._members:,} files; split it.")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def safe_members(archive: zipfile.ZipFile, notes: list[str]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Regular files whose names stay inside, by name; of two of one name the later."""
    for member in archive.infolist():
        name = _decoded(member).replace("\\", "/")
        if name.endswith("/") or _IGNORED.search(name):
            continue
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            notes.append(f"{_shown(name)}: it is a link or a device; left out.")
        elif not is_safe_path(name):
            notes.append(f"{_shown(name)}: the name leads out of its folder or cannot be written; left out.")
        else:
            yield name, member


def _decoded(member: zipfile.ZipInfo) -> str:
    """The name, composed; read as UTF-8 where it is that, also when the zip does not say so (Finder's)."""
    name = member.filename
    if not member.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)


def is_safe_path(name: str) -> bool:
    """Whether `name` stays inside a folder, on every system.

    >>> is_safe_path("ada/x.ipynb"), is_safe_path("../x"), is_safe_path("/x"), is_safe_path("C:x")
    (True, False, False, False)
    """
    parts = name.split("/")
    return (
        len(parts) <= 20
        and all(
            part not in ("", ".", "..")
            and len(part.encode("utf-8", "replace")) <= 200
            and part.isprintable()
            and "\\" not in part
            for part in parts
        )
        and not re.match("[A-Za-z]:", name)
    )


def _is_writable(path: str) -> bool:
    """Whether this system takes a file of that path."""
    return is_safe_path(path) and not any(map(fault_here, path.split("/")))


def _without_top_folder(members: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The members by path, without the one folder that they all lie in."""
    tops = {path.partition("/")[0] for path in members if "/" in path}
    if len(tops) == 1 and all("/" in path for path in members):
        return {path.partition("/")[2]: member for path, member in members.items()}
    return members


def _shown(name: str) -> str:
    return printable(name, 120)
