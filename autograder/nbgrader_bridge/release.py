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
from collections.abc import Mapping
from pathlib import Path

from traitlets.config import Config

from autograder.assignment import IN_STUDENT_PROCESS, marks_of
from autograder.course import Course
from autograder.course_settings import course_config
from autograder.nbgrader_bridge.patches import importing_nbgrader
from autograder.nbgrader_bridge.release_checks import (
    ReleaseError,
    lost_attachments,
    refuse_grade_ids,
    refuse_secrets,
    refuse_unpaired_marks,
    refuse_vanishing_questions,
    refuse_what_is_not_graded,
    without_unused_attachments,
)
from autograder.nbgrader_bridge.written_autotests import write_out_autotests
from autograder.notebook_document import read_notebook_file
from autograder.own_mistakes import MISTAKES, read_mistakes

with importing_nbgrader():
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

# What is never part of an assignment, in either folder.
IGNORED_NAMES = (".ipynb_checkpoints", "__pycache__", ".DS_Store")
MARK = "BEGIN SOLUTION"

Files = Mapping[str, bytes]


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
    notebooks = course.require_assignment(assignment)
    config = course_config(course)
    for notebook in notebooks:
        refuse_unpaired_marks(notebook, marks_of(config))
        refuse_what_is_not_graded(notebook)
        refuse_grade_ids(notebook)
        refuse_vanishing_questions(notebook, str(config.ClearSolutions.get("begin_solution_delimeter", MARK)))
    with_assertions = write_out_autotests(course, assignment)
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        root = Path(scratch).resolve()
        shutil.copytree(
            course.source(assignment),
            root / "source" / assignment,
            ignore=shutil.ignore_patterns(*IGNORED_NAMES),
        )
        (root / "source" / assignment / MISTAKES).unlink(missing_ok=True)
        for name, made in with_assertions.items():
            shutil.copyfile(made, root / "source" / assignment / name)
        for notebook in notebooks:
            _without_orders(root / "source" / assignment / notebook.name)
        # The course's own settings (stubs, headers) count, as they do for `nbgrader generate_assignment`.
        _convert(root, assignment, config)
        files = _read_files(root / "release" / assignment)
    refuse_secrets(assignment, files, marks_of(config))
    return {
        name: without_unused_attachments(content) if name.endswith(".ipynb") else content
        for name, content in files.items()
    }


def left_out_attachments(course: Course, assignment: str, files: Files) -> list[str]:
    """A sentence for each cell with pictures that the release `files` lack, as its text there shows none."""
    return [
        sentence
        for notebook in course.require_assignment(assignment)
        for sentence in lost_attachments(notebook.name, notebook.read_bytes(), files[notebook.name])
    ]


def kept_back(course: Course, assignment: str) -> list[str]:
    """A sentence on the course's catalogue of mistakes, and whether nbgrader's programs would hand it out."""
    ignored = course_config(course).CourseDirectory.get("ignore", [])
    number = len(read_mistakes(course.source(assignment)))
    kept = f"{MISTAKES} ({number} mistake{'s' * (number != 1)}) is not released."
    if not number or MISTAKES in ignored:
        return [kept] if number else []
    return [
        f"{kept} nbgrader's own generate_assignment and formgrader's Generate button "
        f'would hand it out: add "{MISTAKES}" to c.CourseDirectory.ignore in nbgrader_config.py.'
    ]


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
    config.ClearMarkScheme.check_attachment_leakage = False  # `without_unused_attachments` takes them out
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


def _without_orders(notebook: Path) -> None:
    """Take out the lines that are orders to the grader: where a test runs is no student's business."""
    document = read_notebook_file(notebook)
    for cell in document["cells"]:
        lines = "".join(cell["source"]).split("\n")
        cell["source"] = "\n".join(line for line in lines if line.strip() != IN_STUDENT_PROCESS)
    notebook.write_text(json.dumps(document), encoding="utf-8")


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
