"""Downloads of a learning platform into `submitted/<student>/<assignment>/`, the form nbgrader grades.

Of several attempts the latest counts; the earlier ones are kept in `downloaded/<assignment>/earlier/`. A
submission that is already there is never overwritten, unless asked for, and then it is kept there too. With a
roster (CSV) the platform's ids and names become the student ids of the course. Names, addresses and the
platform's mark "late" are kept for the gradebook and the report (`collected`).
"""

from __future__ import annotations

import datetime
import errno
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO

from autograder.collected import KnownStudent, read_collected, write_collected
from autograder.course import Course, is_safe_name, safe_name
from autograder.downloads.another_assignment import notes_on_another
from autograder.downloads.folders import digest_of, hashes, hashes_in, is_taken, made, next_place
from autograder.downloads.platforms import Attempt, Download, read_download
from autograder.downloads.roster import Person, letters_of, read_people
from autograder.downloads.submission_files import with_notebooks, with_timestamp, without_conflicts
from autograder.downloads.times import TimeReader
from autograder.downloads.zip_files import (
    DownloadError,
    DownloadLimits,
    NoZipError,
    first_notes,
    open_zip,
    unpack,
)
from autograder.untrusted.text import printable
from autograder.untrusted.windows_names import fault_here


@dataclass(frozen=True)
class Collected:
    """What became of one student's submission.

    Attributes
    ----------
    student : str
        Id in the course; "" when none could be given, and nothing was written.
    source : str
        How the platform names the student.
    outcome : str
        `new`, `unchanged`, `replaced`, `kept` (another one is there, and stays) or `skipped`.
    notes : tuple of str
    """

    student: str
    source: str
    outcome: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collection:
    """What became of a zip file.

    Attributes
    ----------
    system : str
    rows : tuple of Collected
        By student.
    notes : tuple of str
        About the zip file as a whole.
    """

    system: str
    rows: tuple[Collected, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class CollectOptions:
    """How to take a zip file in.

    Attributes
    ----------
    system : str or None
        Whose form the names have; None: found out.
    roster : str
        CSV text; "" for none.
    id_column : str
        The roster's column of student ids; "" for the first of `ID_COLUMNS`.
    replace : bool
        Put a submission in the place of another one that is there.
    dry_run : bool
        Write nothing.
    students : frozenset of str
        Take in these only; empty for all.
    zone : tzinfo or None
        Of times that name none; None is this machine's.
    zone_words : str
        How to name that zone, and where it comes from.
    """

    system: str | None = None
    roster: str = ""
    id_column: str = ""
    replace: bool = False
    dry_run: bool = False
    students: frozenset[str] = frozenset()
    zone: datetime.tzinfo | None = None
    zone_words: str = "this machine's zone"
    limits: DownloadLimits = field(default_factory=DownloadLimits)


def collect(
    course: Course, assignment: str, file: IO[bytes], options: CollectOptions | None = None
) -> Collection:
    """Take in the submissions of `assignment` from the zip file `file`.

    Raises
    ------
    UnknownAssignmentError
        The course has no such assignment.
    DownloadError
        The zip file or the roster cannot be used.
    CollectedError, StorageError
        What is known of the students cannot be read or written.
    """
    options = options or CollectOptions()
    course.require_assignment(assignment)
    people = read_people(options.roster, options.id_column) if options.roster else ()
    named = {person.student: person.known for person in people if person.known != KnownStudent()}
    before = read_collected(course, assignment)
    known = dict(before)
    with _opened(file, options.limits) as archive:
        download = read_download(archive, assignment, options.system, options.zone)
        by_student, rows = _sorted_by_student(download, people)
        times = TimeReader.of_column([person.time for person in people], options.zone)
        taking = _Taking(course, assignment, options, archive, download.system, people, times, before)
        unknown = sorted(options.students - by_student.keys())
        if unknown:
            raise DownloadError(
                f"the zip has nothing of {', '.join(unknown)}. It has submissions of "
                f"{', '.join(sorted(by_student)[:5]) or 'nobody'}{' and others' * (len(by_student) > 5)}."
            )
        if options.students:
            by_student = {student: by_student[student] for student in options.students}
            rows = []
        for student, attempts in sorted(by_student.items()):
            row, digest = taking.take(student, attempts)
            rows.append(row)
            about = known.get(student, KnownStudent())
            lies_there = row.outcome in ("new", "replaced", "unchanged")
            late = attempts[-1].late if lies_there else about.late
            kept = digest if lies_there else about.collected
            platform, entry = about.platform, about.entry
            if lies_there:
                platform, entry = download.system, _entry(download.system, attempts[-1])
            known[student] = replace(
                named.get(student, about),
                late=late,
                collected=kept,
                listed=about.listed,
                platform=platform,
                entry=entry,
            )
    if people:
        listed = {person.student for person in people}
        everyone = {**{student: named.get(student, KnownStudent()) for student in listed}, **known}
        known = {student: replace(about, listed=student in listed) for student, about in everyone.items()}
    known = {student: about for student, about in known.items() if about != KnownStudent()}
    if not options.dry_run and known != before:
        write_collected(course, assignment, known)
    rows.sort(key=lambda row: (row.student, row.source))
    latest = [list(attempts[-1].members) for attempts in by_student.values()]
    notes = (
        *download.notes,
        *notes_on_another(course, assignment, latest),
        *_notes_on_times(download, people, set(by_student), times, options.zone_words),
    )
    return Collection(download.system, tuple(rows), notes)


def _notes_on_times(
    download: Download, people: Sequence[Person], students: set[str], times: TimeReader, zone_words: str
) -> list[str]:
    """In which zone times were read that name none, and how many could not be read."""
    told = [person.time for person in people if person.student in students and person.time.strip("- ")]
    has_own = any(attempt.time for attempt in download.attempts)
    told = [] if has_own else told
    unread = [text for text in told if times.read(text) is None]
    assumed = [text for text in told if text not in unread and times.names_no_zone(text)]
    notes = []
    if assumed or (has_own and download.system == "blackboard"):
        notes.append(f"times without a zone were read in {zone_words}; --timezone NAME names another.")
    if unread:
        notes.append(
            f"{len(unread)} time{'s' * (len(unread) > 1)} of submission could not be read, for example "
            f"{unread[0]!r}: "
            "these students have no time, and count as on time."
        )
    return notes


def _sorted_by_student(
    download: Download, people: Sequence[Person]
) -> tuple[dict[str, list[Attempt]], list[Collected]]:
    """The attempts of each student id, the latest last; and rows of those that no one id can be given to."""
    by_student: dict[str, list[Attempt]] = {}
    skipped = []
    for attempt in download.attempts:
        student, problem = _student_id(attempt, download.system, people)
        if problem:
            skipped.append(Collected("", _source(attempt), "skipped", (problem,)))
        else:
            by_student.setdefault(student, []).append(attempt)
    for student, attempts in list(by_student.items()):
        if len({(attempt.key, attempt.ids) for attempt in attempts}) > 1:
            text = f"several students would be {student!r}; give a roster that tells them apart"
            skipped += [Collected("", _source(one), "skipped", (text,)) for one in by_student.pop(student)]
        attempts.sort(key=_order)
    return by_student, skipped


@dataclass
class _Taking:
    """What it needs to take in one student after the other from an open zip file."""

    course: Course
    assignment: str
    options: CollectOptions
    archive: zipfile.ZipFile
    system: str
    people: Sequence[Person]
    times: TimeReader
    before: Mapping[str, KnownStudent]
    unpacked_bytes: int = 0

    def take(self, student: str, attempts: Sequence[Attempt]) -> tuple[Collected, str]:
        """Store the last of the attempts, keep the others; what became of it, and the digest of the last."""
        latest = attempts[-1]
        if other := self.course.same_folder(student):
            text = f"this system's folders do not tell {student!r} from {other!r}; give a roster that does"
            return Collected(student, _source(latest), "skipped", (text,)), ""
        notes: list[str] = []
        files = self._files(latest, student, notes)
        earlier = (self._files(attempt, student, notes) for attempt in attempts[:-1])
        if latest.late:
            notes.append("the platform marks it as late")
        if latest.comment:
            notes.append(f"the student wrote: {printable(latest.comment, 200)}")
        last = self.before.get(student, KnownStudent()).collected
        try:
            outcome = _store(self.course, self.assignment, student, files, earlier, self.options, notes, last)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            outcome = "skipped"
            notes.append(f"it cannot be written: {error.strerror or error}")
        if outcome in ("new", "replaced") and len(attempts) > 1:
            notes.append(f"the latest of {len(attempts)} attempts")
        return Collected(student, _source(latest), outcome, tuple(first_notes(notes))), digest_of(files)

    def _files(self, attempt: Attempt, student: str, notes: list[str]) -> dict[str, bytes]:
        """The files of one attempt, as they will lie in the course."""
        files = unpack(self.archive, attempt.members, self.options.limits, notes)
        self.unpacked_bytes += sum(map(len, files.values()))
        if self.unpacked_bytes > self.options.limits.total_bytes:
            most = self.options.limits.total_bytes
            raise DownloadError(f"the zip unpacks to more than {most:,} bytes.")
        files = with_timestamp(files, attempt, self.people, student, self.system, self.times)
        wanted = [path.name for path in self.course.notebooks(self.assignment)]
        return without_conflicts(with_notebooks(files, wanted, notes), notes)


def _opened(file: IO[bytes], limits: DownloadLimits) -> zipfile.ZipFile:
    try:
        return open_zip(file, limits)
    except NoZipError as error:
        advice = "Download it again, and give it as it came: a browser may have cut it short or unpacked it."
        raise DownloadError(f"{error} {advice}") from error


def _student_id(attempt: Attempt, system: str, people: Sequence[Person]) -> tuple[str, str]:
    """The student's id in the course, or "" and why there is none."""
    if people:
        keys = {unicodedata.normalize("NFC", value.casefold()) for value in (attempt.key, *attempt.ids)}
        found = [person for person in people if keys & person.keys]
        if not found and attempt.name:
            found = [person for person in people if person.name == letters_of(attempt.name)]
        ids = sorted({person.student for person in found})
        if len(ids) != 1:
            said = f"matches {len(ids)} students of the roster" if ids else "is not in the roster"
            return "", said
        student = ids[0]
    else:
        # Moodle's number is of this assignment only: another assignment gives the same person another.
        student = safe_name(attempt.name) if system == "moodle" else unicodedata.normalize("NFC", attempt.key)
    if not is_safe_name(student):
        why = f" ({fault})" if (fault := fault_here(student)) else ""
        return "", f"{student!r} cannot name a folder{why}; give a roster"
    return student, ""


def _store(
    course: Course,
    assignment: str,
    student: str,
    latest: Mapping[str, bytes],
    earlier: Iterable[Mapping[str, bytes]],
    options: CollectOptions,
    notes: list[str],
    last_collected: str,
) -> str:
    """Write `latest` in its place, keep `earlier` and what was there; what was done.

    What was last collected, not what lies there, says whether it is new: a person may have repaired the
    folder.
    """
    place = course.submitted(student, assignment)
    taken = is_taken(place)
    if taken and hashes_in(place) == hashes(latest):
        return "unchanged"
    if taken and last_collected and last_collected == digest_of(latest):
        notes.append("the same as was collected before; what was changed by hand since stays")
        return "unchanged"
    if taken and not options.replace:
        notes.append("another submission is there and stays; --replace puts this one in its place")
        return "kept"
    if not options.dry_run:
        kept = course.root / "downloaded" / assignment / "earlier" / student
        known = [hashes_in(folder) for folder in kept.glob("*")]
        for files in earlier:  # one at a time: together they may not fit into memory
            if hashes(files) not in known:
                known.append(hashes(files))
                made(next_place(kept), files).rename(next_place(kept))
        new = made(place, latest)
        if taken:
            kept.mkdir(parents=True, exist_ok=True)
            shutil.move(place, next_place(kept))
        elif place.is_dir():
            place.rmdir()
        new.rename(place)
    return "replaced" if taken else "new"


def _order(attempt: Attempt) -> tuple[float, int]:
    return (attempt.time.timestamp() if attempt.time else 0.0, attempt.number)


def _entry(system: str, attempt: Attempt) -> str:
    """How the platform begins the names of a student's files, for its bulk upload of feedback.

    Moodle cuts such a name at its `_`, so the student's name keeps none.
    """
    if system == "moodle":
        return f"{attempt.name.replace('_', ' ')}_{attempt.key}_assignsubmission_file_"
    return f"{attempt.name}_{attempt.key}_{attempt.number}_" if system == "canvas" else ""


def _source(attempt: Attempt) -> str:
    shown = f"{attempt.name} ({attempt.key})" if attempt.name else attempt.key
    return printable(shown)


def summary(rows: Iterable[Collected]) -> str:
    """How many ended how, in one line."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())) or "nothing"
