"""What holds where nobody asks for anything else: the sandbox tier, and what one submission may use."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from typing import Any

from autograder.course import Course
from autograder.course_settings import course_config
from autograder.sandbox import Limits

DEFAULT_TIER = "full" if sys.platform.startswith("linux") else "wasm"
LIMITS = Limits(cell_s=15.0, submission_s=300.0)
TIMES_AS_LONG = {"wasm": 4.0}  # a loop of NumPy runs there at a quarter of the speed (docs/security.md)
MOST_CELL_S = 600.0  # where nbgrader is told to wait for ever
_EXECUTORS = ("Execute", "ExecutePreprocessor")  # nbgrader's, and nbconvert's, whose settings it takes over


def course_limits(course: Course, tier: str) -> Limits:
    """What a submission may use in a tier; `c.Execute.timeout` is the time of a cell, where it is set.

    Raises
    ------
    CourseError
        The course's configuration has an error.
    """
    config = course_config(course)
    for name in _EXECUTORS:
        if "timeout" in config.get(name, {}):
            return limits_for(config[name]["timeout"])
    return in_tier(LIMITS, tier)


def in_tier(limits: Limits, tier: str) -> Limits:
    """The same limits where the sandbox tier computes more slowly: its times are longer by as much.

    >>> in_tier(LIMITS, "wasm").cell_s, in_tier(LIMITS, "full").cell_s
    (60.0, 15.0)
    """
    times = TIMES_AS_LONG.get(tier, 1.0)
    return dataclasses.replace(
        limits,
        cell_s=times * limits.cell_s,
        submission_s=times * limits.submission_s,
        cpu_s=times * limits.cpu_s,
    )


def is_timeout_set(config: Mapping[str, Any]) -> bool:
    """Whether a course's configuration sets the time of a cell."""
    return any("timeout" in config.get(name, {}) for name in _EXECUTORS)


def limits_for(timeout: float | None) -> Limits:
    """The limits where the course says that a cell may take so many seconds; None or below 0 is no end.

    >>> limits_for(60).cell_s, limits_for(None).cell_s, limits_for(60).submission_s
    (60.0, 600.0, 300.0)
    >>> limits_for(60).absolute, limits_for(None).absolute
    (True, False)
    """
    is_endless = timeout is None or timeout < 0
    cell_s = MOST_CELL_S if timeout is None or is_endless else max(float(timeout), 1.0)
    submission_s = max(LIMITS.submission_s, 4 * cell_s)
    return dataclasses.replace(LIMITS, cell_s=cell_s, absolute=not is_endless, submission_s=submission_s)
