"""Bytes of a submission -> a plan of cells to run, or a `Rejection` with one clear sentence."""

from __future__ import annotations

from autograder.intake.folder import SubmittedFolder, read_folder
from autograder.intake.plan import (
    INSTRUCTOR,
    STUDENT,
    IntakeLimits,
    MissingNotebook,
    PlannedCell,
    Rejection,
    Submission,
    SubmittedCell,
)
from autograder.intake.reading import plan_folder, plan_submission, read_submission

__all__ = [
    "INSTRUCTOR",
    "STUDENT",
    "IntakeLimits",
    "MissingNotebook",
    "PlannedCell",
    "Rejection",
    "Submission",
    "SubmittedCell",
    "SubmittedFolder",
    "plan_folder",
    "plan_submission",
    "read_folder",
    "read_submission",
]
