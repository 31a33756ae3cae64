"""Where students' notebooks run: tiers of isolation behind one interface.

`Sandbox` gives an `Examinee` a submission; it runs cells and opens a `StudentProcess` a test.
"""

from autograder.sandbox.examinee import Examinee, State
from autograder.sandbox.launcher import Sandbox
from autograder.sandbox.policy import (
    TIERS,
    Limits,
    SandboxError,
    Warmth,
    is_safe_file_name,
    without_shadowing_modules,
)
from autograder.sandbox.reports import Answer, CellRun
from autograder.sandbox.selfcheck import best_tier, require
from autograder.sandbox.student_process import StudentProcess

__all__ = [
    "TIERS",
    "Answer",
    "CellRun",
    "Examinee",
    "Limits",
    "Sandbox",
    "SandboxError",
    "State",
    "StudentProcess",
    "Warmth",
    "best_tier",
    "is_safe_file_name",
    "require",
    "without_shadowing_modules",
]
