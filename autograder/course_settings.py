"""A course as its own `nbgrader_config.py` sets it up: its folders and the address of its gradebook.

The settings are nbgrader's (`c.CourseDirectory`). Refused are those that would lead elsewhere than the folder
that was named: `root` of another folder, and `directory_structure`.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError

CONFIG = "nbgrader_config.py"
_SETTINGS = (
    "source_directory", "release_directory", "submitted_directory", "autograded_directory",
    "feedback_directory", "db_url",
)  # fmt: skip
_OF_NOTEBOOKS = ("ClearSolutions", "ClearHiddenTests", "ClearMarkScheme", "Execute", "ExecutePreprocessor")
_STRUCTURE = "{nbgrader_step}/{student_id}/{assignment_id}"


def open_course(root: Path) -> Course:
    """The course in the folder `root`, with its own settings.

    Raises
    ------
    CourseError
        The configuration has an error, or a setting that cannot be followed.
    """
    course = Course(root)
    directory = course_config(course).get("CourseDirectory", {})
    _refuse_elsewhere(course, directory)
    chosen = {name: directory[name] for name in _SETTINGS if name in directory}
    for name, value in chosen.items():
        if not isinstance(value, str) or (not value and name != "db_url"):
            kind = "an address" if name == "db_url" else "a folder's name"
            raise CourseError(
                f"{_where(course)} sets c.CourseDirectory.{name} = {value!r}; {kind} is wanted."
            )
    return Course(root, **chosen)


def course_config(course: Course) -> Any:
    """What the course's `nbgrader_config.py` sets (the instructor's own file; empty without one).

    Raises
    ------
    CourseError
        The file has an error.
    """
    from traitlets.config.loader import Config, ConfigFileNotFound, PyFileConfigLoader  # workers need none

    try:
        return PyFileConfigLoader(CONFIG, path=str(course.root)).load_config()
    except ConfigFileNotFound:
        return Config()
    except Exception as error:  # the instructor's own program: it may raise anything
        raise CourseError(
            f"{_where(course)} has an error: {type(error).__name__}: {error}. Correct that "
            "line, or put back the copy that came with the clone."
        ) from error


def notebook_settings(course: Course) -> str:
    """What the course sets about its notebooks (marks, time limit) as a configuration of its own.

    It holds plain values alone, so that it works away from the instructor's machine.

    Returns
    -------
    str
        The text of an `nbgrader_config.py`; "" where the course sets none of these.

    Raises
    ------
    CourseError
        The configuration has an error.
    """
    config = course_config(course)
    set_here = [
        f"c.{section}.{name} = {value!r}\n"
        for section in _OF_NOTEBOOKS
        for name, value in sorted(config.get(section, {}).items())
        if _is_plain(value)
    ]
    return "".join(["c = get_config()\n", *set_here]) if set_here else ""


def _is_plain(value: object) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False


def _refuse_elsewhere(course: Course, directory: Any) -> None:
    root = directory.get("root", "")
    if root and (course.root / str(root)).resolve() != course.root.resolve():
        raise CourseError(
            f"{_where(course)} sets c.CourseDirectory.root = {root!r}, which is another folder. Name that "
            f"one: --course {root}"
        )
    structure = str(directory.get("directory_structure", _STRUCTURE)).replace("\\", "/")
    if structure != _STRUCTURE:
        raise CourseError(
            f"{_where(course)} sets c.CourseDirectory.directory_structure = {structure!r}; this program "
            f"knows {_STRUCTURE!r} only. Take that line out, or name the folders one by one: "
            "c.CourseDirectory.submitted_directory and the others."
        )


def _where(course: Course) -> Path:
    return course.root.resolve() / CONFIG
