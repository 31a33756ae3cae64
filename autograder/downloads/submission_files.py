"""The files of one submission as they will lie in the course: the notebook by its name, and its time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import PurePosixPath

from autograder.downloads.platforms import Attempt
from autograder.downloads.roster import Person
from autograder.downloads.times import TimeReader
from autograder.meant_notebooks import meant
from autograder.untrusted.file_kinds import is_notebook, with_kind

TIMESTAMP = "timestamp.txt"  # nbgrader's file and form of the time of submission


def without_conflicts(files: dict[str, bytes], notes: list[str]) -> dict[str, bytes]:
    """The files without those that lie in a folder which is a file too."""
    inside = [path for path in files if any(str(parent) in files for parent in PurePosixPath(path).parents)]
    notes += [f"{path}: a file of its folder's name is there too; left out." for path in sorted(inside)]
    return {path: content for path, content in files.items() if path not in inside}


def with_notebooks(files: dict[str, bytes], wanted: Sequence[str], notes: list[str]) -> dict[str, bytes]:
    """The files with the notebooks under the names `wanted`, where it is clear which ones these are."""
    notebooks = [path for path in files if path.endswith(".ipynb")]
    missing = [name for name in wanted if name not in files]
    if not missing:
        return files
    if not notebooks:  # a browser, a mail program or a Mac has given it another ending
        notebooks = [path for path, content in files.items() if is_notebook(content)]
    if not notebooks:
        found = [with_kind(path, files[path]) for path in sorted(files) if not _is_time(path)]
        shown = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        notes.append(f"there is no notebook in it{f', only {shown}' if found else ''}")
        return files
    renamed = {path: name for name, path in meant(wanted, notebooks).items()}
    notes += [f"{path} was renamed to {name}" for path, name in sorted(renamed.items())]
    still = [name for name in missing if name not in renamed.values()]
    if still and notebooks:
        holds = f"it holds {len(notebooks)} notebook{'s' * (len(notebooks) > 1)}"
        notes.append(f"{holds}, and none is named {' or '.join(still)}")
    return {renamed.get(path, path): content for path, content in files.items()}


def with_timestamp(
    files: dict[str, bytes],
    attempt: Attempt,
    people: Sequence[Person],
    student: str,
    system: str,
    times: TimeReader,
) -> dict[str, bytes]:
    """The files with nbgrader's time of submission, where it is known; a student's own file is no witness."""
    if system == "nbgrader" and TIMESTAMP in files:  # it wrote the file over any other when it collected
        return {path: content for path, content in files.items() if path == TIMESTAMP or not _is_time(path)}
    files = {path: content for path, content in files.items() if not _is_time(path)}
    told = [person.time for person in people if person.student == student and person.time.strip("- ")]
    time = attempt.time or (times.read(told[0]) if told else None)
    if time is None:
        return files
    return files | {TIMESTAMP: time.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC").encode()}


def _is_time(path: str) -> bool:
    """Whether it is read as the time of submission, also where `Timestamp.txt` is the same file."""
    return path.casefold() == TIMESTAMP
