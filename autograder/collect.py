"""Downloads of a learning platform into `submitted/<student>/<assignment>/`, the form nbgrader grades.

Of several attempts the latest counts; the earlier ones are kept in `downloaded/<assignment>/earlier/`. A
submission that is already there is never overwritten, unless asked for, and then it is kept there too. With a
roster (CSV) the platform's ids and names become the student ids of the course. Names, addresses and the
platform's mark "late" are kept for the gradebook and the report (`collected`).
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.collected import KnownStudent, read_collected, write_collected
from autograder.course import Course, is_safe_name
from autograder.downloads.platforms import Attempt, Download, read_download
from autograder.downloads.roster import Person, letters_of, read_people
from autograder.downloads.zip_files import (
    DownloadError,
    DownloadLimits,
    NoZipError,
    first_notes,
    open_zip,
    unpack,
)
from autograder.untrusted.text import printable

TIMESTAMP = "timestamp.txt"  # nbgrader's file and form of the time of submission

TIME_FORMS = ("%Y-%m-%d %H:%M:%S %z", "%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%Y-%m-%d %H:%M:%S")


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
    """

    system: str | None = None
    roster: str = ""
    id_column: str = ""
    replace: bool = False
    dry_run: bool = False
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
        download = read_download(archive, assignment, options.system)
        by_student, rows = _sorted_by_student(download, people)
        taking = _Taking(course, assignment, options, archive, download.system, people)
        for student, attempts in sorted(by_student.items()):
            row = taking.take(student, attempts)
            rows.append(row)
            about = known.get(student, KnownStudent())
            lies_there = row.outcome in ("new", "replaced", "unchanged")
            late = attempts[-1].late if lies_there else about.late
            known[student] = replace(named.get(student, about), late=late)
    known = {student: about for student, about in known.items() if about != KnownStudent()}
    if not options.dry_run and known != before:
        write_collected(course, assignment, known)
    rows.sort(key=lambda row: (row.student, row.source))
    return Collection(download.system, tuple(rows), tuple(download.notes))


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
    unpacked_bytes: int = 0

    def take(self, student: str, attempts: Sequence[Attempt]) -> Collected:
        """Store the last of the attempts, keep the others; what became of it."""
        latest = attempts[-1]
        notes: list[str] = []
        files = self._files(latest, student, notes)
        earlier = (self._files(attempt, student, notes) for attempt in attempts[:-1])
        if latest.late:
            notes.append("the platform marks it as late")
        try:
            outcome = _store(self.course, self.assignment, student, files, earlier, self.options, notes)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            outcome = "skipped"
            notes.append(f"it cannot be written: {error.strerror or error}")
        if outcome in ("new", "replaced") and len(attempts) > 1:
            notes.append(f"the latest of {len(attempts)} attempts")
        return Collected(student, _source(latest), outcome, tuple(first_notes(notes)))

    def _files(self, attempt: Attempt, student: str, notes: list[str]) -> dict[str, bytes]:
        """The files of one attempt, as they will lie in the course."""
        files = unpack(self.archive, attempt.members, self.options.limits, notes)
        self.unpacked_bytes += sum(map(len, files.values()))
        if self.unpacked_bytes > self.options.limits.total_bytes:
            most = self.options.limits.total_bytes
            raise DownloadError(f"the zip unpacks to more than {most:,} bytes.")
        files = _with_timestamp(files, attempt, self.people, student, self.system)
        return _without_conflicts(_with_notebook(files, self.assignment, notes), notes)


def _opened(file: IO[bytes], limits: DownloadLimits) -> zipfile.ZipFile:
    try:
        return open_zip(file, limits)
    except NoZipError as error:
        advice = "Download it again, and give it as it came: a browser may have cut it short or unpacked it."
        raise DownloadError(f"{error} {advice}") from error


def _student_id(attempt: Attempt, system: str, people: Sequence[Person]) -> tuple[str, str]:
    """The student's id in the course, or "" and why there is none."""
    if people:
        keys = {value.casefold() for value in (attempt.key, *attempt.ids)}
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
        student = attempt.name if system == "moodle" else attempt.key
    if not is_safe_name(student):
        return "", f"{student!r} cannot name a folder; give a roster"
    return student, ""


def _store(
    course: Course,
    assignment: str,
    student: str,
    latest: Mapping[str, bytes],
    earlier: Iterable[Mapping[str, bytes]],
    options: CollectOptions,
    notes: list[str],
) -> str:
    """Write `latest` in its place, keep `earlier` and what was there; what was done."""
    place = course.submitted(student, assignment)
    is_taken = _is_taken(place)
    if is_taken and _hashes_in(place) == _hashes(latest):
        return "unchanged"
    if is_taken and not options.replace:
        notes.append("another submission is there and stays; --replace puts this one in its place")
        return "kept"
    if not options.dry_run:
        kept = course.root / "downloaded" / assignment / "earlier" / student
        known = [_hashes_in(folder) for folder in kept.glob("*")]
        for files in earlier:  # one at a time: together they may not fit into memory
            if _hashes(files) not in known:
                known.append(_hashes(files))
                _made(_next(kept), files).rename(_next(kept))
        new = _made(place, latest)
        if is_taken:
            kept.mkdir(parents=True, exist_ok=True)
            shutil.move(place, _next(kept))
        elif place.is_dir():
            place.rmdir()
        new.rename(place)
    return "replaced" if is_taken else "new"


def _is_taken(place: Path) -> bool:
    """Whether anything is there that could be lost: a file, a link, a folder that is not empty."""
    if place.is_symlink() or not place.is_dir():
        return place.is_symlink() or place.exists()
    return any(place.iterdir())


def _next(kept: Path) -> Path:
    """The first number above all that are there."""
    numbers = [int(path.name) for path in kept.glob("*") if path.name.isdecimal()]
    return kept / str(max(numbers, default=0) + 1)


def _made(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with exactly these files beside `folder`, to be moved there whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f".{folder.name}.new")
    _remove(new)
    try:
        new.mkdir()
        for path, content in files.items():
            target = new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError:
        _remove(new)
        raise
    return new


def _remove(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.is_dir():
        shutil.rmtree(folder)


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


def _hashes_in(folder: Path) -> dict[str, str]:
    """SHA-256 (hex) of the regular files by relative path; empty when the folder is not there."""
    return {path.relative_to(folder).as_posix(): _hash(path) for path in _files_in(folder)}


def _files_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and not folder.is_symlink():
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _without_conflicts(files: dict[str, bytes], notes: list[str]) -> dict[str, bytes]:
    """The files without those that lie in a folder which is a file too."""
    inside = [path for path in files if any(str(parent) in files for parent in PurePosixPath(path).parents)]
    notes += [f"{path}: a file of its folder's name is there too; left out." for path in sorted(inside)]
    return {path: content for path, content in files.items() if path not in inside}


def _with_notebook(files: dict[str, bytes], assignment: str, notes: list[str]) -> dict[str, bytes]:
    """The files with the notebook under the assignment's name, where it is clear which one that is."""
    wanted = f"{assignment}.ipynb"
    notebooks = [path for path in files if path.endswith(".ipynb")]
    if wanted in files:
        return files
    if not notebooks:
        notes.append("there is no notebook in it")
    elif len(notebooks) > 1:
        notes.append(f"it holds {len(notebooks)} notebooks, and none is named {wanted}")
    else:
        notes.append(f"{notebooks[0]} was renamed to {wanted}")
        return {wanted if path == notebooks[0] else path: content for path, content in files.items()}
    return files


def _with_timestamp(
    files: dict[str, bytes], attempt: Attempt, people: Sequence[Person], student: str, system: str
) -> dict[str, bytes]:
    """The files with nbgrader's time of submission, where it is known; a student's own file is no witness."""
    if system == "nbgrader" and TIMESTAMP in files:  # it wrote the file over any other when it collected
        return {path: content for path, content in files.items() if path == TIMESTAMP or not _is_time(path)}
    files = {path: content for path, content in files.items() if not _is_time(path)}
    told = [person.time for person in people if person.student == student and person.time]
    time = attempt.time or (_parse_time(told[0]) if told else None)
    if time is None:
        return files
    return files | {TIMESTAMP: time.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC").encode()}


def _is_time(path: str) -> bool:
    """Whether it is read as the time of submission, also where `Timestamp.txt` is the same file."""
    return path.casefold() == TIMESTAMP


def _parse_time(text: str) -> datetime.datetime | None:
    for form in TIME_FORMS:
        try:
            return datetime.datetime.strptime(text, form).astimezone()
        except ValueError:
            continue
    try:
        return datetime.datetime.fromisoformat(text).astimezone()
    except ValueError:
        return None


def _order(attempt: Attempt) -> tuple[float, int]:
    return (attempt.time.timestamp() if attempt.time else 0.0, attempt.number)


def _source(attempt: Attempt) -> str:
    shown = f"{attempt.name} ({attempt.key})" if attempt.name else attempt.key
    return printable(shown)


def summary(rows: Iterable[Collected]) -> str:
    """How many ended how, in one line."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())) or "nothing"
