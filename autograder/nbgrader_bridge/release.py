"""The students' version of an assignment, generated from the instructor's through nbgrader itself.

nbgrader's own converter runs in a scratch folder without a gradebook, so nothing is left behind. Refuses a
notebook that nbgrader refuses, and a result in which a mark of a solution, a hidden test or a mark scheme is
left.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from traitlets.config import Config

from autograder.course import Course, CourseError
from autograder.course_settings import course_config
from autograder.nbgrader_bridge.patches import importing_nbgrader

with importing_nbgrader():
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

# What is never part of an assignment, in either folder.
IGNORED_NAMES = (".ipynb_checkpoints", "__pycache__", ".DS_Store")
REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")

Files = Mapping[str, bytes]


class ReleaseError(CourseError):
    """The instructor's notebook cannot be released; the text is nbgrader's reason, or ours."""


def generate_release(course: Course, assignment: str) -> dict[str, bytes]:
    """The files students get, by path relative to the assignment's folder.

    Parameters
    ----------
    course : Course
    assignment : str
        Name of a folder of `source/`.

    Returns
    -------
    dict of str to bytes
        The generated notebook and copies of what lies beside it. Nothing is written to the course.

    Raises
    ------
    UnknownAssignmentError
        There is no such notebook.
    ReleaseError
        nbgrader refused it, or a secret would have been released.
    """
    _refuse_unpaired_marks(course.require_assignment(assignment))
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        root = Path(scratch).resolve()
        shutil.copytree(
            course.source(assignment),
            root / "source" / assignment,
            ignore=shutil.ignore_patterns(*IGNORED_NAMES),
        )
        # The course's own settings (stubs, headers) count, as they do for `nbgrader generate_assignment`.
        _convert(root, assignment, course_config(course))
        files = _read_files(root / "release" / assignment)
    _refuse_secrets(assignment, files)
    return files


def stale_files(course: Course, assignment: str, files: Files) -> list[str]:
    """Sentences on how `release/<assignment>` differs from `files`; empty when it is fresh."""
    present = _read_files(course.release(assignment))
    missing = [f"{name} is missing" for name in sorted(files.keys() - present.keys())]
    surplus = [f"{name} has no source" for name in sorted(present.keys() - files.keys())]
    different = [
        f"{name} differs" for name in sorted(files.keys() & present.keys()) if files[name] != present[name]
    ]
    return missing + surplus + different


def write_release(course: Course, assignment: str, files: Files) -> None:
    """Make `release/<assignment>` hold exactly `files`; a file that is already right is not touched."""
    folder = course.release(assignment)
    present = _read_files(folder)
    for name in present.keys() - files.keys():
        (folder / name).unlink()
    for name, content in files.items():
        if present.get(name) != content:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _convert(root: Path, assignment: str, config: Config) -> None:
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = assignment
    # In the scratch folder, whatever the course calls its own.
    config.CourseDirectory.source_directory = "source"
    config.CourseDirectory.release_directory = "release"
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    log = logging.getLogger(f"{__name__}.nbgrader")
    log.propagate = False
    heard = _Listener(logging.ERROR)
    log.addHandler(heard)
    try:
        GenerateAssignment(coursedir=CourseDirectory(config=config, log=log), config=config, log=log).start()
    except (NbGraderException, SystemExit) as error:
        reason = _last_line(heard.lines[0]) if heard.lines else str(error)
        raise ReleaseError(
            f"nbgrader refuses to release {assignment!r}: {reason}. Open the notebook in JupyterLab with "
            "the Create Assignment tool, correct that cell, and run the command again."
        ) from error
    finally:
        log.removeHandler(heard)


def _last_line(text: str) -> str:
    # nbgrader logs the traceback of what it found; its last line says what.
    return text.strip().splitlines()[-1].rpartition("Error: ")[2].rstrip(".")


class _Listener(logging.Handler):
    """Keeps what nbgrader logs, since its exceptions say only that something failed."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _read_files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = {path: path.relative_to(folder) for path in paths}
    return {
        name.as_posix(): path.read_bytes()
        for path, name in sorted(names.items())
        if not any(part in IGNORED_NAMES for part in name.parts)
    }


def _refuse_unpaired_marks(notebook: Path) -> None:
    # nbgrader drops an END whose BEGIN is mistyped, and would then release what stands between them.
    try:
        texts = list(_cell_texts(notebook.read_bytes()))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ReleaseError(
            f"{notebook} is not a notebook: {type(error).__name__}: {error}. Put back an earlier copy, or "
            "open and save it in JupyterLab."
        ) from error
    for cell_id, text in texts:
        for region in REGIONS:
            begins, ends = text.count(f"BEGIN {region}"), text.count(f"END {region}")
            if begins != ends:
                raise ReleaseError(
                    f"{notebook}, cell {cell_id!r}: BEGIN {region} stands there {begins} times and "
                    f"END {region} {ends} times. Correct the mark: what is between must not reach students."
                )


def _refuse_secrets(assignment: str, files: Files) -> None:
    for name, content in files.items():
        for cell_id, text in _cell_texts(content) if name.endswith(".ipynb") else ():
            for region in REGIONS:
                if f"BEGIN {region}" in text or f"END {region}" in text:
                    raise ReleaseError(
                        f"{name} of {assignment!r} would be released with a mark of {region} in cell "
                        f"{cell_id!r}: each must stand on a line of its own, in a cell of its kind."
                    )


def _cell_texts(content: bytes) -> Iterator[tuple[str, str]]:
    for index, cell in enumerate(json.loads(content)["cells"]):
        yield cell.get("id", str(index)), "".join(cell["source"])
