"""Bytes of a submission -> a plan of cells to run, or a `Rejection` with one clear sentence."""

from __future__ import annotations

from autograder.intake.plan import (
    INSTRUCTOR,
    STUDENT,
    IntakeLimits,
    PlannedCell,
    Rejection,
    Submission,
    SubmittedCell,
)
from autograder.intake.reading import plan_submission, read_submission

__all__ = [
    "INSTRUCTOR",
    "STUDENT",
    "IntakeLimits",
    "PlannedCell",
    "Rejection",
    "Submission",
    "SubmittedCell",
    "plan_submission",
    "read_submission",
]
