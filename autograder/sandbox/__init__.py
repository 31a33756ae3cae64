"""Where students' notebooks run: tiers of isolation behind one interface.

`Sandbox` gives an `Box` a submission; it runs cells and opens a `StudentProcess` a test.
"""

from autograder.sandbox.box import Box, State
from autograder.sandbox.launcher import Sandbox
from autograder.sandbox.policy import (
    TIERS,
    Limits,
    Preload,
    SandboxError,
    is_safe_file_name,
)
from autograder.sandbox.reports import Answer, CellRun
from autograder.sandbox.selfcheck import best_tier, require
from autograder.sandbox.student_process import StudentProcess

__all__ = [
    "TIERS",
    "Answer",
    "Box",
    "CellRun",
    "Limits",
    "Preload",
    "Sandbox",
    "SandboxError",
    "State",
    "StudentProcess",
    "best_tier",
    "is_safe_file_name",
    "require",
]
