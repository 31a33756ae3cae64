"""Downloads of a learning platform into `submitted/<student>/<assignment>/`, the form nbgrader grades.

Of several attempts the latest counts; the earlier ones are kept in `downloaded/<assignment>/earlier/`. A
submission that is already there is never overwritten, unless asked for, and then it is kept there too. With a
roster (CSV) the platform's ids and names become the student ids of the course. Names, addresses and the
platform's mark "late" are kept for the gradebook and the report (`collected`). Called by `cli.collect`.
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.collected import KnownStudent, read_collected, write_collected
from autograder.course import Course, is_safe_name
from autograder.downloads import (
    Attempt,
    DownloadError,
    DownloadLimits,
    NoZipError,
    first_notes,
    open_zip,
    read_download,
    unpack,
)
from autograder.exporters.tables import read_table

TIMESTAMP = "timestamp.txt"  # nbgrader's file and form of the time of submission

# Columns of a roster, in the words of Canvas, Moodle, Gradescope and nbgrader; looked up in this order.
ID_COLUMNS = (
    "student_id", "student id", "username", "sis login id", "sis user id", "id number", "sid",
    "email address", "email", "id",
)  # fmt: skip
KEY_COLUMNS = {*ID_COLUMNS, "identifier"}  # the last is Moodle's: `Participant 123`
NAME_COLUMNS = (
    ("full name",), ("name",), ("student",), ("first name", "last name"), ("first_name", "last_name"),
    ("first name", "surname"), ("firstname", "lastname"), ("vorname", "nachname"),
)  # fmt: skip
EMAIL_COLUMNS = ("email address", "email")
TIME_COLUMNS = ("timestamp", "submitted", "submission time", "last modified (submission)")
TIME_FORMS = ("%Y-%m-%d %H:%M:%S %z", "%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%Y-%m-%d %H:%M:%S")


class RosterError(DownloadError):
    """The roster cannot be used; the text says what is missing."""


@dataclass(frozen=True)
class Person:
    """One row of a roster.

    Attributes
    ----------
    student : str
        The student's id in the course.
    keys : frozenset of str
        Everything in the row that identifies the person, case folded.
    name : str
        The name's letters, sorted, for platforms that give only names.
    time : str
        When the row says it was handed in; "" when it does not.
    known : KnownStudent
        Name and address as the row has them.
    """

    student: str
    keys: frozenset[str]
    name: str
    time: str = ""
    known: KnownStudent = field(default_factory=KnownStudent)


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
    known = read_collected(course, assignment)
    with _opened(file, options.limits) as archive:
        download = read_download(archive, assignment, options.system)
        notes = list(download.notes)
        by_student: dict[str, list[Attempt]] = {}
        rows = []
        for attempt in download.attempts:
            student, problem = _student_id(attempt, download.system, people)
            if problem:
                rows.append(Collected("", _source(attempt), "skipped", (problem,)))
            else:
                by_student.setdefault(student, []).append(attempt)
        room = options.limits.total_bytes
        for student, attempts in sorted(by_student.items()):
            if len({(attempt.key, attempt.ids) for attempt in attempts}) > 1:
                text = f"several students would be {student!r}; give a roster that tells them apart"
                rows += [Collected("", _source(one), "skipped", (text,)) for one in attempts]
                continue
            attempts.sort(key=_order)
            row_notes: list[str] = []

            def files_of(
                attempt: Attempt, student: str = student, row_notes: list[str] = row_notes
            ) -> dict[str, bytes]:
                nonlocal room
                files = unpack(archive, attempt, options.limits, row_notes)
                room -= sum(map(len, files.values()))
                if room < 0:
                    raise DownloadError(f"the zip unpacks to more than {options.limits.total_bytes:,} bytes.")
                files = _with_timestamp(files, attempt, people, student, download.system)
                return _without_conflicts(_with_notebook(files, assignment, row_notes), row_notes)

            latest, earlier = files_of(attempts[-1]), map(files_of, attempts[:-1])
            if attempts[-1].late:
                row_notes.append("the platform marks it as late")
            try:
                outcome = _store(course, assignment, student, latest, earlier, options, row_notes)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise
                outcome = "skipped"
                row_notes.append(f"it cannot be written: {error.strerror or error}")
            if outcome in ("new", "replaced") and len(attempts) > 1:
                row_notes.append(f"the latest of {len(attempts)} attempts")
            rows.append(Collected(student, _source(attempts[-1]), outcome, tuple(first_notes(row_notes))))
            about = known.get(student, KnownStudent())
            lies_there = outcome in ("new", "replaced", "unchanged")
            late = attempts[-1].late if lies_there else about.late
            known[student] = replace(named.get(student, about), late=late)
    known = {student: about for student, about in known.items() if about != KnownStudent()}
    if not options.dry_run and known != read_collected(course, assignment):
        write_collected(course, assignment, known)
    return Collection(
        download.system, tuple(sorted(rows, key=lambda row: (row.student, row.source))), tuple(notes)
    )


def read_people(roster: str, id_column: str = "") -> tuple[Person, ...]:
    """The people of a roster in CSV text.

    Raises
    ------
    RosterError
        It has no column of student ids.
    """
    table = read_table(roster)
    header = [title.strip().casefold() for title in table[0]] if table else []
    wanted = (id_column.casefold(),) if id_column else ID_COLUMNS
    found = next((name for name in wanted if name in header), None)
    if found is None:
        raise RosterError(
            f"the roster has no column of student ids: it has {', '.join(header) or 'none'}; one of "
            f"{', '.join(wanted)} is wanted. Name another with --id-column."
        )
    names = next((group for group in NAME_COLUMNS if all(name in header for name in group)), ())
    time = next((name for name in TIME_COLUMNS if name in header), None)
    people = []
    for cells in table[1:]:
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        student = row.get(found, "")
        if not student:
            continue
        keys = {value.casefold() for name, value in row.items() if value and name in {*KEY_COLUMNS, found}}
        keys |= {value.removeprefix("participant ") for value in keys}  # Moodle's column `Identifier`
        written = [_one_line(row.get(part, "")) for part in names]
        first, last = written if len(written) == 2 else _first_and_last("".join(written))
        email = next((row[column] for column in EMAIL_COLUMNS if "@" in row.get(column, "")), "")
        told = KnownStudent(first, last, _one_line(email))
        when = row.get(time, "") if time else ""
        people.append(Person(student, frozenset(keys), _letters(" ".join(written)), when, told))
    return tuple(people)


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
            found = [person for person in people if person.name == _letters(attempt.name)]
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
    return "".join(letter if letter.isprintable() else "?" for letter in shown)


def _letters(name: str) -> str:
    """Letters and digits of a name without accents, sorted: platforms order and join the words differently.

    >>> _letters("Ada Lovelace") == _letters("lovelaceada") == _letters("Lovelace, Ada")
    True
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sorted(re.sub(r"[\W_]", "", "".join(c for c in plain if not unicodedata.combining(c)))))


def _first_and_last(name: str) -> tuple[str, str]:
    """First and last name in a name written as one.

    >>> _first_and_last("Lovelace, Ada"), _first_and_last("Ada King Lovelace"), _first_and_last("Plato")
    (('Ada', 'Lovelace'), ('Ada King', 'Lovelace'), ('', 'Plato'))
    """
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()


def _one_line(text: str) -> str:
    """The text as a name is written: one line, at most 128 letters.

    >>> _one_line(" Ada \t Lovelace")
    'Ada Lovelace'
    """
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:128]


def summary(rows: Iterable[Collected]) -> str:
    """How many ended how, in one line."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())) or "nothing"
