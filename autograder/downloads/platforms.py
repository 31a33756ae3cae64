"""The names that learning platforms give the files of a download -> who handed in which files, and when.

Knows Canvas, Moodle, Gradescope, Blackboard and nbgrader. What a student may choose (names of files and
folders) never says whose a file is: where it could, the file is left out.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

import yaml  # type: ignore[import-untyped]  # it ships no types

from autograder.downloads.times import TimeReader
from autograder.downloads.zip_files import DownloadError, first_notes, read_member, safe_members


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
    stamp : str
        The time as the file's name has it; "" where it has none.
    comment : str
        What the student wrote to the submission; "" when nothing.
    """

    key: str
    name: str = ""
    ids: tuple[str, ...] = ()
    number: int = 0
    time: datetime.datetime | None = None
    late: bool = False
    members: Mapping[str, zipfile.ZipInfo] = field(default_factory=dict)
    stamp: str = ""
    comment: str = ""


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
_BLACKBOARD_CARD = re.compile(
    r"(?:[^/]+/)?(?P<head>[^/]*?)_(?P<key>[^/_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})\.txt"
)
_CARD_BYTES = 100_000
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_download(
    archive: zipfile.ZipFile,
    assignment: str,
    system: str | None = None,
    zone: datetime.tzinfo | None = None,
) -> Download:
    """Who handed in what, by the names in `archive`.

    Parameters
    ----------
    system : str, optional
        A name of `SYSTEMS`; by default the one whose form most names have.
    zone : tzinfo, optional
        Of times that name none; by default this machine's.

    Raises
    ------
    DownloadError
        No name has a form that is known.
    """
    notes: list[str] = []
    members = dict(safe_members(archive, notes))
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
    cards = _blackboard_cards(archive, members) if chosen == "blackboard" else {}
    left_out = sorted(set(members) - set(matched[chosen]) - {about} - set(cards))
    notes += [f"{path}: not named as {chosen} names submissions; left out." for path in left_out]
    attempts = _gathered(matched[chosen], members, chosen, zone)
    if cards:
        attempts = _with_blackboard_cards(attempts, cards)
    if chosen == "gradescope":
        metadata = read_member(archive, members[about], _METADATA_BYTES) if about else "it is missing"
        attempts = _with_gradescope_people(metadata, attempts, notes)
    return Download(chosen, tuple(attempts), tuple(first_notes(notes)))


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
    matched: Mapping[str, Mapping[str, str | None]],
    members: Mapping[str, zipfile.ZipInfo],
    system: str,
    zone: datetime.tzinfo | None,
) -> list[Attempt]:
    """The files of each attempt together. Canvas counts every file, so one student's are one attempt."""
    attempts: dict[tuple[str, str, str], Attempt] = {}
    inside: dict[tuple[str, str, str], dict[str, zipfile.ZipInfo]] = {}
    for path, parts in matched.items():
        key, when, head = str(parts["key"]), parts.get("time") or "", parts.get("head") or ""
        place = (key, when, head)
        attempt = attempts.get(place) or Attempt(
            key,
            parts.get("name") or "",
            _longer_keys(head, key),
            time=_blackboard_time(when, zone),
            stamp=when,
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


def _blackboard_time(text: str, zone: datetime.tzinfo | None) -> datetime.datetime | None:
    date, clock = text[:10], text[11:].replace("-", ":")
    return TimeReader(zone).read(f"{date} {clock}") if text else None


def _blackboard_cards(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> dict[str, str]:
    """The texts that Blackboard puts beside each attempt (name, date, comment), by path."""
    cards = {}
    for path, member in members.items():
        if _BLACKBOARD_CARD.fullmatch(path):
            content = read_member(archive, member, _CARD_BYTES)
            cards[path] = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return cards


def _with_blackboard_cards(attempts: list[Attempt], cards: Mapping[str, str]) -> list[Attempt]:
    """Each attempt with the name and the comment that its card tells."""
    told = {}
    for path, text in cards.items():
        match = _BLACKBOARD_CARD.fullmatch(path)
        name = re.search(r"^[^:\n]{1,30}:\s*(\S[^\n(]*?)\s*\(([^()\n]+)\)\s*$", text, re.MULTILINE)
        comment = re.search(
            r"^(?:Comments?|Kommentare?|Commentaires?|Comentarios?):\s*\n(.*?)(?:\n\n\S[^\n]*:|\Z)",
            text,
            re.MULTILINE | re.DOTALL,
        )
        if match is not None:
            words = " ".join(comment[1].split()) if comment else ""
            is_empty = re.match(r"There are no student comments", words) is not None
            told[match["key"], match["time"]] = (name[1] if name else "", "" if is_empty else words)
    return [
        replace(attempt, name=attempt.name or told[place][0], comment=told[place][1])
        if (place := (attempt.key, attempt.stamp)) in told
        else attempt
        for attempt in attempts
    ]
