"""Results on disk: written whole or not at all, one file per student, one run at a time.

A file is written beside its place, flushed to the disk and renamed: whoever is killed at any moment leaves
the old file or the new one.

StorageError (a `CourseError`): a file cannot be written.
BusyError (a `CourseError`): another run holds the course.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from autograder.course import Course, CourseError
from autograder.locks import Lock
from autograder.shared import Shared
from autograder.verdicts import SubmissionResult

_TEMPORARY = ".being-written-"
_TAKES_TURNS = "takes-turns"  # in the file of the lock's holder, after the process
_WANTED = "lock-wanted"  # held by a run that waits for its turn
_TURN_CHECK_S = 0.05


# What reading a damaged file of JSON raises: not there, not JSON, too deep, of another form.
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


class StorageError(CourseError):
    """A file cannot be written; what was written before stays."""


class BusyError(CourseError):
    """Another run grades this course just now."""


@dataclass(frozen=True)
class StoredResult:
    """One student's result file.

    Attributes
    ----------
    result : SubmissionResult
        As graded: without hand grades given later.
    untouched : frozenset of str
        Grade ids of cells that are as they were released.
    timestamp : str
        The text of the submission's `timestamp.txt`, "" without one.
    texts : mapping of str to str
        Grade id -> digest of what the student wrote for it (`intake.texts`): points of a person's belong to
        it.
    shown : mapping of str to str
        The `texts` that formgrader showed when the gradebook last agreed with a result; without these `texts`
        until it agrees with this one.
    given : mapping of str to str
        Grade id -> digest of the text that the points of a person, found there then, were given for.
    met : mapping of str to tuple of str
        Id of a mistake -> digests of the student's code in the first two different submissions that had it.
    """

    result: SubmissionResult
    untouched: frozenset[str] = frozenset()
    timestamp: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    met: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def outdated(self) -> frozenset[str]:
        """Grade ids whose points by hand were given for another text than the present one."""
        return frozenset(name for name, text in self.given.items() if text != self.texts.get(name, text))

    def after(self, earlier: StoredResult | None) -> StoredResult:
        """This result in the place of an `earlier` one.

        Kept are the texts that the points by hand belong to, and which mistakes the student has met before:
        the same mistake in another submission is told with all parts of its hint. A regrade is none.
        """
        before = earlier or StoredResult(self.result)
        met = {name: tuple(texts) for name, texts in before.met.items()}
        tests = []
        for test in self.result.tests:
            name, text = test.misconception or "", self.texts.get(test.name, "")
            if name and text not in met.get(name, ()):
                met[name] = (*met.get(name, ()), text)[:2]
            tests.append(replace(test, repeated=len(met.get(name, ())) > 1))
        result = replace(self.result, tests=tuple(tests))
        return replace(self, result=result, shown=before.shown, given=before.given, met=met)

    def sharing(self, shared: Shared) -> StoredResult:
        """This result, with what it has in common with others in memory once."""
        result = shared.texts_of(self.result)
        tests, hand_grades = (tuple(map(shared.one, each)) for each in (result.tests, result.hand_grades))
        texts, shown, given = map(shared.mapping, (self.texts, self.shown, self.given))
        result = replace(result, tests=tests, hand_grades=hand_grades)
        return replace(self, result=result, texts=texts, shown=shown, given=given)

    def agreed(self, given: Mapping[str, str]) -> StoredResult:
        """This result once the gradebook says the same; `given` as the gradebook's writer found it."""
        return replace(self, shown={**self.shown, **self.texts}, given=given)


def result_path(course: Course, assignment: str, student: str) -> Path:
    """Where a student's result lies."""
    return course.results(assignment) / f"{student}.json"


def write_result(course: Course, assignment: str, stored: StoredResult) -> None:
    """Write a student's result file, whole or not at all.

    Raises
    ------
    StorageError
        The disk is full or does not take it.
    """
    data = stored.result.to_dict() | {
        "untouched": sorted(stored.untouched),
        "timestamp": stored.timestamp,
        "texts": dict(stored.texts),
        "shown": dict(stored.shown),
        "given": dict(stored.given),
        "met": dict(stored.met),
    }
    text = json.dumps(data, indent=1, ensure_ascii=False).encode()
    write_whole(result_path(course, assignment, stored.result.student), text)


def read_result(path: Path, shared: Shared | None = None) -> StoredResult | None:
    """The result that `write_result` wrote; None when the file is absent or of another version.

    Parameters
    ----------
    shared : Shared, optional
        What it has in common with the results read before is held once.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        result = SubmissionResult.from_dict(data)
        texts, shown, given = ({**data.get(key, {})} for key in ("texts", "shown", "given"))
        met = {name: tuple(texts) for name, texts in {**data.get("met", {})}.items()}
        untouched, timestamp = frozenset(data["untouched"]), str(data["timestamp"])
        stored = StoredResult(result, untouched, timestamp, texts, shown, given, met)
        return stored.sharing(shared) if shared is not None else stored
    except UNREADABLE:
        return None


def stored_results(course: Course, assignment: str) -> dict[str, StoredResult]:
    """Every student's result on the disk, by student."""
    shared = Shared()
    paths = sorted(course.results(assignment).glob("*.json"))
    read = {path.stem: read_result(path, shared) for path in paths}
    return {student: stored for student, stored in read.items() if stored is not None}


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`, whole or not at all, and on the disk when this returns.

    Raises
    ------
    StorageError
        The disk is full or does not take it; the old file, if any, is unchanged.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=_TEMPORARY, delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise _explained(path, error) from error


def flush_folder(folder: Path) -> None:
    """Let the new names in `folder` be on the disk, too, where its file system does that.

    Raises
    ------
    StorageError
        The disk does not take it.
    """
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise _explained(folder, error) from error


def write_folder(folder: Path, files: Mapping[str, bytes], last: str) -> None:
    """Make `folder` hold exactly `files` (by relative path), `last` written after all others.

    A name that leads through another (`data` and `data/x`: a file that the student's code made a folder) is
    left out, and what an earlier run left in the way of a file or a folder is removed.

    Raises
    ------
    StorageError
        The disk is full or does not take it.
    """
    files = {name: content for name, content in files.items() if not _leads_through_a_file(name, files)}
    for name in sorted(files, key=lambda name: (name == last, name)):
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise StorageError(f"{path} lies outside {folder}; not written.")
        _make_way(folder, name)
        write_whole(path, files[name])
    remove_leftovers(folder)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in files:
            path.unlink(missing_ok=True)


def _leads_through_a_file(name: str, files: Mapping[str, bytes]) -> bool:
    return any(str(parent) in files for parent in PurePosixPath(name).parents)


def _make_way(folder: Path, name: str) -> None:
    """Remove a file where `name` needs a folder, and a folder where it is a file."""
    path = folder / name
    try:
        for parent in PurePosixPath(name).parents[:-1]:
            if (folder / parent).is_file():
                (folder / parent).unlink()
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
    except OSError as error:
        raise _explained(path, error) from error


def remove_leftovers(folder: Path) -> None:
    """Delete what a killed run left half-written in `folder` and below."""
    for path in folder.rglob(f"{_TEMPORARY}*"):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def only_run(course: Course, *, takes_turns: bool = False) -> Iterator[None]:
    """Hold the course for one run; the system lets go of it however the process ends.

    Parameters
    ----------
    takes_turns : bool
        The holder is a service, which lets go of the course when it is wanted: other runs wait for it.

    Raises
    ------
    BusyError
        Another run holds it that does not take turns.
    """
    lock, wish = _lock(course.root / ".autograder" / "lock"), _lock(course.root / ".autograder" / _WANTED)
    with lock:
        with wish:
            doubts = 0  # who holds it writes a moment later who it is
            while not _is_taken(lock):
                holder, kind = lock.holder()
                doubts += kind != _TAKES_TURNS
                if doubts > 1 or takes_turns:
                    raise BusyError(
                        f"another run is grading {course.root} (process {holder or 'unknown'}). Wait for it, "
                        "or stop it; what it has finished is kept."
                    )
                _is_taken(wish)
                time.sleep(_TURN_CHECK_S)
        lock.sign(_TAKES_TURNS if takes_turns else "")
        yield


def is_wanted(course: Course) -> bool:
    """Whether another run waits for the course, which this process holds and takes turns with."""
    with _lock(course.root / ".autograder" / _WANTED) as wish:
        return not _is_taken(wish)


def turn_sentence(course: Course) -> str:
    """For who is about to grade: that a service has to finish first what it has begun; "" where none has."""
    path = course.root / ".autograder" / "lock"
    if not path.is_file():
        return ""
    with _lock(path) as lock:
        holder, kind = ("", "") if _is_taken(lock) else lock.holder()
    if kind != _TAKES_TURNS:
        return ""
    return (
        f"The hand-in service (process {holder}) is grading. This run begins when it has finished the "
        "submissions that it has begun."
    )


@contextlib.contextmanager
def only_service(course: Course, folder: Path) -> Iterator[None]:
    """Hold `folder`, in which a service keeps its queue, as long as the service runs.

    Raises
    ------
    BusyError
        Another service holds it.
    """
    with _lock(folder / "lock") as lock:
        if not _is_taken(lock):
            holder, _ = lock.holder()
            raise BusyError(
                f"a service runs for {course.root} already (process {holder or 'unknown'}). Stop it first."
            )
        lock.sign()
        yield


def _lock(path: Path) -> Lock:
    try:
        return Lock(path)
    except OSError as error:
        raise _explained(path, error) from error


def _is_taken(lock: Lock) -> bool:
    """Whether the lock is ours from now on."""
    try:
        return lock.take()
    except OSError as error:
        raise _explained(lock.path, error) from error


def _explained(path: Path, error: OSError) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"the disk is full: {path} was not written. Everything graded before is kept; free some space "
            "and give the same command again."
        )
    return StorageError(f"{path} cannot be written: {error.strerror or error}.")
