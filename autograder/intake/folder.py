"""A submitted folder -> the notebook's bytes and the files beside it.

Opens regular files only and follows no link: a FIFO does not block, a device is not read,
`-> ../../gradebook.db` leads nowhere. A file that would be imported in place of a module (numpy.py,
random.py) or configure a program that is started beside it is left out, and what the assignment ships wins
over a file of the same name.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.assignment import Assignment
from autograder.code_cell import imported_modules
from autograder.intake.notebook import too_large
from autograder.intake.plan import IntakeLimits, MissingNotebook, Rejection
from autograder.meant_notebooks import meant
from autograder.sandbox.file_names import is_configuration, is_safe_file_name
from autograder.untrusted.file_kinds import is_notebook, with_kind
from autograder.untrusted.text import printable

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_MODULE_ENDINGS = (".py", ".pyc", ".pyo", ".pyw", ".pyd", ".so", ".pth")
_MOST_FLAGS = 20
_MOST_NAMED = 5
_MOST_OTHERS = 5  # notebooks beside the one that is graded, looked at for work
_OWN_FILES = frozenset({"timestamp.txt"})  # nbgrader's, beside every collected notebook
# Imported by the interpreter or by IPython themselves, if they can be found.
_START_MODULES = frozenset({"sitecustomize", "usercustomize", "autograder"})


@dataclass(frozen=True)
class SubmittedFolder:
    """What was found: the notebook, the files of the working directory, and other notebooks beside it."""

    notebook: bytes
    notebook_path: str
    files: Mapping[str, bytes]
    flags: tuple[str, ...]
    others: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class _Entry:
    path: str  # relative to the folder, with `/`, printable
    place: str  # where it is
    status: os.stat_result


def read_folder(folder: Path, assignment: Assignment, limits: IntakeLimits | None = None) -> SubmittedFolder:
    """The notebook of `assignment` in `folder`, and the files beside it.

    Raises
    ------
    Rejection
        There is no notebook (of several: a `MissingNotebook`), or several and none with the right name, or it
        is no regular file, or too large.
    """
    limits = limits or IntakeLimits()
    wanted = assignment.file_name
    notebooks: dict[str, _Entry] = {}
    files: dict[str, bytes] = {}
    flags: list[str] = []
    special: set[str] = set()
    shadowed = _names_of_modules(assignment)
    room = limits.files_bytes
    entries: dict[str, _Entry] = {}
    for entry in _walk(folder, wanted, limits, flags):
        size = entry.status.st_size
        if entry.path not in _OWN_FILES and entry.path not in assignment.files:
            entries[entry.path] = entry
        if not stat.S_ISREG(entry.status.st_mode):
            special.add(entry.path)
            flags.append(f"{entry.path} is a link or a device, not a file; it was left out.")
        elif entry.path.casefold().endswith(".ipynb"):
            notebooks[entry.path] = entry
        elif entry.path in _OWN_FILES:
            continue
        elif entry.path in assignment.files:
            if _content(entry, limits.file_bytes) != assignment.files[entry.path]:
                flags.append(f"{entry.path} differs from the assignment's; the assignment's was used.")
        elif (module := _module_of(entry.path)) in shadowed:
            flags.append(f"{entry.path} would replace the module {module}; it was left out.")
        elif is_configuration(entry.path):
            flags.append(f"{entry.path} would configure programs started beside it; it was left out.")
        elif not is_safe_file_name(entry.path):
            flags.append(f"{entry.path[:100]} has a name that cannot be used; it was left out.")
        elif size > min(room, limits.file_bytes) or len(files) >= limits.files:
            flags.append(f"{entry.path} ({size:,} bytes) goes beyond the limits; it was left out.")
        elif (content := _content(entry, min(room, limits.file_bytes))) is not None:
            files[entry.path] = content
            room -= len(content)
        else:
            flags.append(f"{entry.path} cannot be read; it was left out.")
    if not notebooks and not special:  # a browser or a mail program may have given it another ending
        notebooks = {path: entry for path, entry in entries.items() if is_notebook(files.get(path, b""))}
        files = {path: content for path, content in files.items() if path not in notebooks}
    there = [with_kind(path, files.get(path, b"")) for path in sorted(entries)]
    path = _choose(assignment, list(notebooks), special, there, flags)
    if notebooks[path].status.st_size > limits.notebook_bytes:
        raise too_large(notebooks[path].status.st_size, limits)
    notebook = _content(notebooks[path], limits.notebook_bytes)
    if notebook is None:
        raise Rejection(f"{path} cannot be read; hand it in again.")
    if len(flags) > _MOST_FLAGS:
        flags[_MOST_FLAGS:] = [f"... and {len(flags) - _MOST_FLAGS} more files were left out."]
    wanted_names = [assignment.file_name, *assignment.siblings]
    taken = {path, *wanted_names, *meant(wanted_names, notebooks).values()}
    others = {
        name: content
        for name in sorted(set(notebooks) - taken)[:_MOST_OTHERS]
        if (content := _content(notebooks[name], limits.file_bytes)) is not None
    }
    return SubmittedFolder(notebook, path, files | dict(assignment.files), tuple(flags), others)


def _choose(
    assignment: Assignment, notebooks: list[str], special: set[str], there: list[str], flags: list[str]
) -> str:
    """The path of the notebook to grade."""
    wanted = assignment.file_name
    if wanted in notebooks:
        return wanted
    if wanted in special:
        raise Rejection(f"{wanted} is a link or a device, not a file; hand in the notebook itself.")
    if assignment.siblings:
        found = meant([wanted, *assignment.siblings], notebooks).get(wanted)
        if found is None:
            raise MissingNotebook(f"There is no notebook {wanted} in the submission.")
        flags.append(f"It was handed in as {found}; {wanted} is wanted.")
        return found
    at_top = [path for path in notebooks if "/" not in path]
    same_name = [path for path in notebooks if PurePosixPath(path).name == wanted]
    for candidates in (at_top, same_name, notebooks):
        if len(candidates) == 1:
            flags.append(f"The notebook was handed in as {candidates[0]}; {wanted} is wanted.")
            return candidates[0]
    if notebooks:
        found = ", ".join(sorted(notebooks)[:5])
        raise Rejection(f"There is no {wanted}, but several other notebooks ({found}); hand in one.")
    if there:
        more = f" and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else ""
        shown = ", ".join(there[:_MOST_NAMED]) + more
        raise Rejection(
            f"There is no notebook {wanted} in the submission, only {shown}; hand in the notebook under "
            "that name."
        )
    raise Rejection(f"There is no notebook {wanted} in the submission; hand it in under that name.")


def _walk(folder: Path, wanted: str, limits: IntakeLimits, flags: list[str]) -> Iterator[_Entry]:
    """`wanted`, then everything else but hidden things, by name, nearest first; no link is followed."""
    if folder.parent.is_symlink() or folder.is_symlink() or not folder.is_dir():
        raise Rejection(f"The submission {folder.name} is not a folder of its own; hand it in again.")
    with contextlib.suppress(OSError):  # absent: the rest is looked through for another name
        status = (folder / wanted).lstat()
        if not stat.S_ISDIR(status.st_mode):
            yield _Entry(wanted, str(folder / wanted), status)
    left = limits.entries
    pending = [("", str(folder))]
    while pending:
        prefix, place = pending.pop(0)
        for entry in _entries(place, left + 1):
            left -= 1
            if left < 0:
                flags.append(f"The folder holds more than {limits.entries:,} names; the rest was left out.")
                return
            if entry.name.startswith(".") or entry.name in ("__pycache__", "__MACOSX"):
                continue
            path = prefix + printable(entry.name)
            if path == wanted:
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield _Entry(path, entry.path, entry.stat(follow_symlinks=False))
            elif path.count("/") < limits.depth:
                pending.append((f"{path}/", entry.path))
            else:
                flags.append(f"{path} lies more than {limits.depth} folders deep; it was left out.")


def _entries(place: str, most: int) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return sorted(itertools.islice(entries, most), key=lambda entry: entry.name)
    except OSError:  # gone, or not ours to read
        return []


def _content(entry: _Entry, most: int) -> bytes | None:
    """The bytes of a regular file of at most `most` bytes; None for anything else."""
    try:
        fd = os.open(entry.place, _OPEN)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            return None
        content = file.read(most + 1)
    return content if len(content) <= most else None


def _module_of(path: str) -> str:
    """The top-level module that a file of that name provides to `import`; "" when none."""
    return path.split("/")[0].split(".")[0] if path.endswith(_MODULE_ENDINGS) else ""


def _names_of_modules(assignment: Assignment) -> frozenset[str]:
    """Top-level modules that nothing of a submission may stand in front of."""
    code = (cell.source for cell in assignment.cells if cell.cell_type == "code")
    imported = {name.partition(".")[0] for source in code for name in imported_modules(source)}
    shipped = {_module_of(path) for path in assignment.files} - {""}
    installed = _installed_modules()
    return frozenset(imported) | _START_MODULES | sys.stdlib_module_names | (installed - shipped)


@functools.cache
def _installed_modules() -> frozenset[str]:
    """Every importable top-level name in the folders where distributions are installed.

    An editable installation leaves none there; there the package has the distribution's name.
    """
    names: set[str] = set()
    for folder in sys.path:
        entries = _entries_of(folder)
        told = [name for name in entries if name.endswith((".dist-info", ".egg-info"))]
        if told:  # else a folder of somebody's, or the standard library
            names.update(name for name, is_folder in entries.items() if is_folder and "." not in name)
            names.update(map(_module_of, entries))
            names.update(_name_of_distribution(Path(folder) / name) for name in told)
    return frozenset(names - {"", "__pycache__"})


def _entries_of(folder: str) -> dict[str, bool]:
    """What lies in a folder, by name, and whether it is a folder; nothing where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.is_dir() for entry in entries}
    except OSError:
        return {}


def _name_of_distribution(folder: Path) -> str:
    """The distribution's name as a module is spelled; "" where its metadata cannot be read."""
    try:
        start = (folder / "METADATA").read_text(encoding="utf-8", errors="replace")[:2000]
    except OSError:
        return ""
    named = re.search(r"^Name: *(\S+)", start, re.MULTILINE)
    return named[1].replace("-", "_") if named else ""
