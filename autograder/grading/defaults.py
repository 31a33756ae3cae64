"""What holds where nobody asks for anything else: the sandbox tier, and what one submission may use."""

from __future__ import annotations

import dataclasses
import sys

from autograder.course import Course
from autograder.course_settings import course_config
from autograder.sandbox import Limits

DEFAULT_TIER = "full" if sys.platform.startswith("linux") else "none"
LIMITS = Limits(cell_s=15.0, submission_s=300.0)
MOST_CELL_S = 600.0  # where nbgrader is told to wait for ever
_EXECUTORS = ("Execute", "ExecutePreprocessor")  # nbgrader's, and nbconvert's, whose settings it takes over


def course_limits(course: Course) -> Limits:
    """What a submission of the course may use: `c.Execute.timeout` is the time of a cell, where it is set.

    Raises
    ------
    CourseError
        The course's configuration has an error.
    """
    config = course_config(course)
    for name in _EXECUTORS:
        settings = config.get(name, {})
        if "timeout" in settings:
            return limits_for(settings["timeout"])
    return LIMITS


def limits_for(timeout: float | None) -> Limits:
    """The limits where a cell may take so many seconds; None or a negative number asks for no end.

    >>> limits_for(60).cell_s, limits_for(None).cell_s, limits_for(60).submission_s
    (60.0, 600.0, 300.0)
    """
    cell_s = MOST_CELL_S if timeout is None or timeout < 0 else max(float(timeout), 1.0)
    return dataclasses.replace(LIMITS, cell_s=cell_s, submission_s=max(LIMITS.submission_s, 4 * cell_s))
