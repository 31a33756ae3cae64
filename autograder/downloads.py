"""The zip files that learning platforms offer for download -> who handed in which files, and when.

Knows the names that Canvas, Moodle, Gradescope, Blackboard and nbgrader give. A zip file is bytes from
strangers: names that climb out of the folder, links, encrypted members and anything beyond the limits are
left out and said. A member counts with the size it claims, and no more than that is unpacked. What a student
may choose (names of files and folders) never says whose a file is: where it could, the file is left out.
Called by `collect`.

DownloadError (a `CourseError`): the zip file holds no submissions in a form that is known, or too much.
└── NoZipError: it cannot be read.
"""

from __future__ import annotations

import datetime
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import IO, Any

import yaml  # type: ignore[import-untyped]  # it ships no types

from autograder.course import CourseError


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


@dataclass(frozen=True)
class Attempt:
    """One student's submission as the zip has it.

    Attributes
    ----------
    key : str
        The platform's id of the student (Canvas, Gradescope, nbgrader, Blackboard) or participant (Moodle).
    name : str
        The student's name as the platform writes it; "" when unknown.
    ids : tuple of str
        Everything else that may identify the student: address, student number.
    number : int
        Orders attempts without a time: the later has the larger.
    time : datetime or None
        When it was handed in, with its time zone.
    late : bool
        The platform says so.
    members : mapping of str to ZipInfo
        By path inside the submission.
    """

    key: str
    name: str = ""
    ids: tuple[str, ...] = ()
    number: int = 0
    time: datetime.datetime | None = None
    late: bool = False
    members: Mapping[str, zipfile.ZipInfo] = field(default_factory=dict)


@dataclass(frozen=True)
class Download:
    """What a zip file holds.

    Attributes
    ----------
    system : str
        Whose form it has.
    attempts : tuple of Attempt
    notes : tuple of str
        What was left out, and why.
    """

    system: str
    attempts: tuple[Attempt, ...]
    notes: tuple[str, ...]


# What each platform calls the files. Groups: key, name, late, number, time, path, and head, which
# stands before Blackboard's key.
# Students name folders and files: the first place that can be the platform's own counts. Moodle has put
# their folders in front of it, so a name with two students in it is nobody's.
_MOODLE_STUDENT = re.compile(r"(?=_(\d+)_assignsubmission_)")
SYSTEMS: Mapping[str, tuple[str, ...]] = {
    "moodle": (
        r"(?:[^/]+/)??(?P<name>[^/]+?)_(?P<key>\d+)_assignsubmission_file_?/(?P<path>.+)",
        r"(?P<name>[^/]+?)_(?P<key>\d+)_assignsubmission_file_(?P<path>[^/]+)",
    ),
    "gradescope": (r"(?:[^/]+/)??(?P<key>submission_\d+)/(?P<path>.+)",),
    "blackboard": (
        r"(?:[^/]+/)?(?P<head>[^/]*?)_(?P<key>[^/_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})_(?P<path>[^/]+)",
    ),
    "canvas": (
        r"(?:[^/]+/)?(?P<name>[^/_]*)_(?P<late>LATE_)?(?P<key>\d+)_(?:question_\d+_)?(?P<number>\d+)_(?P<path>[^/]+)",
    ),
    "nbgrader": (r"ROOT(?P<key>[^/]+)/ASSIGNMENT/(?P<path>.+)",),
}
GRADESCOPE_METADATA = "submission_metadata.yml"
_METADATA_BYTES = 50_000_000
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
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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


def read_download(archive: zipfile.ZipFile, assignment: str, system: str | None = None) -> Download:
    """Who handed in what, by the names in `archive`.

    Parameters
    ----------
    system : str, optional
        A name of `SYSTEMS`; by default the one whose form most names have.

    Raises
    ------
    DownloadError
        No name has a form that is known.
    """
    notes: list[str] = []
    members = dict(_safe_members(archive, notes))
    matched = {
        name: found
        for name in SYSTEMS
        if system in (None, name) and (found := _matches(name, assignment, members))
    }
    if not matched:
        seen = ", ".join(sorted(members)[:3]) or "no files"
        forms = ", ".join(SYSTEMS) if system is None else system
        raise DownloadError(f"no file in the zip is named as {forms} names submissions; it holds {seen}.")
    chosen = max(matched, key=lambda name: len(matched[name]))  # the first of SYSTEMS where two are equal
    about = _metadata_path(set(members) - set(matched[chosen]))  # a student may hand in one of that name too
    left_out = sorted(set(members) - set(matched[chosen]) - {about})
    notes += [f"{path}: not named as {chosen} names submissions; left out." for path in left_out]
    attempts = _gathered(matched[chosen], members, chosen)
    if chosen == "gradescope":
        metadata = read_member(archive, members[about], _METADATA_BYTES) if about else "it is missing"
        attempts = _with_gradescope_people(metadata, attempts, notes)
    return Download(chosen, tuple(attempts), tuple(first_notes(notes)))


def first_notes(notes: list[str]) -> list[str]:
    """As many of `notes` as a person reads, and how many more there are."""
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], f"... and {more} more."] if more > 0 else notes


def unpack(
    archive: zipfile.ZipFile,
    attempt: Attempt,
    limits: DownloadLimits,
    notes: list[str],
    *,
    nested: bool = False,
) -> dict[str, bytes]:
    """The attempt's files. A student's own zip file is unpacked, once, when no notebook lies beside it."""
    files: dict[str, bytes] = {}
    room = limits.attempt_bytes
    notebooks_first = sorted(attempt.members.items(), key=lambda one: (not one[0].endswith(".ipynb"), one[0]))
    for path, member in notebooks_first[: limits.attempt_members]:
        most = min(room, limits.member_bytes)
        content = read_member(archive, member, most) if is_safe_path(path) else "the name cannot be written"
        if member.file_size <= most:
            room -= member.file_size  # also of a damaged one: it took the time
        if isinstance(content, str):
            notes.append(f"{member.filename}: {content}; left out.")
            continue
        files[path] = content
    if len(attempt.members) > limits.attempt_members:
        notes.append(f"it holds more than {limits.attempt_members:,} files; the rest was left out")
    zips = [path for path in files if path.lower().endswith(".zip")]
    if not nested and len(zips) == 1 and not any(path.endswith(".ipynb") for path in files):
        try:
            inner = open_zip(io.BytesIO(files[zips[0]]), replace(limits, members=limits.attempt_members))
        except DownloadError as error:
            notes.append(f"{zips[0]}: {error}")
            return files
        members = _without_top_folder(dict(_safe_members(inner, notes)))
        del files[zips[0]]
        inside = replace(attempt, members=members)
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


def _safe_members(archive: zipfile.ZipFile, notes: list[str]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Regular files whose names stay inside, by name; of two of one name the later."""
    for member in archive.infolist():
        name = member.filename.replace("\\", "/")
        if name.endswith("/") or _IGNORED.search(name):
            continue
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            notes.append(f"{_shown(name)}: it is a link or a device; left out.")
        elif not is_safe_path(name):
            notes.append(f"{_shown(name)}: the name leads out of its folder or cannot be written; left out.")
        else:
            yield name, member


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


def _matches(
    system: str, assignment: str, members: Mapping[str, zipfile.ZipInfo]
) -> dict[str, Mapping[str, str | None]]:
    words = {"ASSIGNMENT": assignment, "ROOT": _nbgrader_root(members, assignment)}
    patterns = [
        re.compile(re.sub("ASSIGNMENT|ROOT", lambda word: re.escape(words[word[0]]), one))
        for one in SYSTEMS[system]
    ]
    found: dict[str, Mapping[str, str | None]] = {}
    for path in members:
        if system == "moodle" and len(set(_MOODLE_STUDENT.findall(path))) > 1:
            continue
        match = next((hit for pattern in patterns if (hit := pattern.fullmatch(path))), None)
        if match is not None:
            found[path] = match.groupdict()
    return found


def _gathered(
    matched: Mapping[str, Mapping[str, str | None]], members: Mapping[str, zipfile.ZipInfo], system: str
) -> list[Attempt]:
    """The files of each attempt together. Canvas counts every file, so one student's are one attempt."""
    attempts: dict[tuple[str, str, str], Attempt] = {}
    inside: dict[tuple[str, str, str], dict[str, zipfile.ZipInfo]] = {}
    for path, parts in matched.items():
        key, when, head = str(parts["key"]), parts.get("time") or "", parts.get("head") or ""
        place = (key, when, head)
        attempt = attempts.get(place) or Attempt(
            key, parts.get("name") or "", _longer_keys(head, key), time=_blackboard_time(when)
        )
        number = int(parts.get("number") or 0)
        kept = inside.setdefault(place, {})
        if str(parts["path"]) not in kept or number >= attempt.number or system != "canvas":
            kept[str(parts["path"])] = members[path]
        attempts[place] = replace(
            attempt, number=max(number, attempt.number), late=attempt.late or bool(parts.get("late"))
        )
    return [replace(attempt, members=inside[place]) for place, attempt in attempts.items()]


def _longer_keys(head: str, key: str) -> tuple[str, ...]:
    """What else the student's name may be: Blackboard writes `Quiz_a_smith`, and both parts may hold `_`.

    >>> _longer_keys("Quiz_a", "smith")
    ('a_smith', 'Quiz_a_smith')
    """
    words = [word for word in head.split("_") if head]
    return tuple("_".join([*words[start:], key]) for start in range(len(words) - 1, -1, -1))


def _nbgrader_root(members: Collection[str], assignment: str) -> str:
    """The folder of the students' folders, with `/` at its end: one for the whole zip.

    Inside a submission there may be folders of other students' names.
    """
    folders = [path.split("/")[:-1] for path in members]
    folders = [folder for folder in folders if assignment in folder[1:]]
    both = zip(min(folders, default=[]), max(folders, default=[]), strict=False)
    common = [first for first, last in takewhile(lambda pair: pair[0] == pair[1], both)]
    if "submitted" in common:
        root = common[: common.index("submitted") + 1]
    elif [*common, "submitted"] in (folder[: len(common) + 1] for folder in folders):
        root = [*common, "submitted"]
    elif assignment in common[1:]:
        root = common[: common.index(assignment, 1) - 1]
    else:
        root = common
    return "".join(f"{part}/" for part in root)


def _with_gradescope_people(content: bytes | str, attempts: list[Attempt], notes: list[str]) -> list[Attempt]:
    """Each attempt under its submitters' ids, once for every member of a group.

    `content` is the metadata's, or why there is none.
    """
    metadata: Any = None
    if isinstance(content, bytes):
        try:
            metadata = yaml.load(content, Loader=_YAML_LOADER)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            content = f"it cannot be read ({str(error).splitlines()[0]})"
    if not isinstance(metadata, dict):
        reason = content if isinstance(content, str) else "it names no submissions"
        notes.append(f"{GRADESCOPE_METADATA}: {reason}; students are named by their submission's number.")
        return attempts
    people = []
    for attempt in attempts:
        about = metadata.get(attempt.key)
        about = about if isinstance(about, dict) else {}
        listed = about.get(":submitters")
        submitters = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        created = about.get(":created_at")
        time = created if isinstance(created, datetime.datetime) else None
        if time is not None and time.tzinfo is None:
            time = time.replace(tzinfo=datetime.UTC)
        number = int(attempt.key.rpartition("_")[2])
        if not submitters:
            notes.append(f"{attempt.key}: {GRADESCOPE_METADATA} names no student for it.")
            people.append(replace(attempt, number=number, time=time))
        for one in submitters:
            ids = tuple(str(one[key]).strip() for key in (":sid", ":email") if one.get(key))
            key = ids[0] if ids else attempt.key
            name = str(one.get(":name") or "")
            people.append(replace(attempt, key=key, name=name, ids=ids, number=number, time=time))
    return people


def _metadata_path(members: Collection[str]) -> str:
    found = [path for path in members if re.fullmatch(rf"(?:[^/]+/)?{GRADESCOPE_METADATA}", path)]
    return min(found, key=len, default="")


def _without_top_folder(members: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The members by path, without the one folder that they all lie in."""
    tops = {path.partition("/")[0] for path in members if "/" in path}
    if len(tops) == 1 and all("/" in path for path in members):
        return {path.partition("/")[2]: member for path, member in members.items()}
    return members


def _blackboard_time(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").astimezone() if text else None
    except (ValueError, OverflowError):
        return None


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:120]
