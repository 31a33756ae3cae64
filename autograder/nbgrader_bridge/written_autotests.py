"""The notebooks of an assignment that have nbgrader's AUTOTEST, with its assertions written out.

nbgrader is imported only where there is something to write.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from autograder.assignment import files_beside
from autograder.autotests import autotests_of
from autograder.course import Course
from autograder.course_settings import course_config


def write_out_autotests(course: Course, assignment: str) -> dict[str, Path]:
    """Write out the assertions of every notebook that leaves them to nbgrader, where that was not done.

    Returns
    -------
    dict of str to Path
        By the notebook's file name, the copy with assertions; without the notebooks that have no AUTOTEST.

    Raises
    ------
    UnknownAssignmentError
        There is no such assignment.
    AssignmentError
        There are no templates, or the notebook stops.
    """
    config = course_config(course)
    made = {}
    for notebook in course.require_assignment(assignment):
        with contextlib.suppress(OSError, UnicodeDecodeError):  # whoever reads it next says what is wrong
            text = notebook.read_text(encoding="utf-8")
            found = autotests_of(course, notebook, text, files_beside(notebook), config)
            if found is None:
                continue
            if not found.kept.is_file():
                from autograder.nbgrader_bridge.autotests import instantiate

                instantiate(course, notebook, found, config)
            made[notebook.name] = found.kept
    return made
