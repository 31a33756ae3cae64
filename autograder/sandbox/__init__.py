"""Where students' notebooks run: tiers of isolation behind one interface.

`Sandbox` gives an `Box` a submission; it runs cells and opens a `StudentProcess` a test.
"""

from autograder.sandbox.box import Box
from autograder.sandbox.file_names import is_configuration, is_data_file_name, is_safe_file_name
from autograder.sandbox.launcher import Sandbox
from autograder.sandbox.policy import (
    TIERS,
    Limits,
    Preload,
    SandboxError,
)
from autograder.sandbox.reports import Answer, CellRun
from autograder.sandbox.selfcheck import best_tier, require
from autograder.sandbox.states import State
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.written_files import WrittenFiles

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
    "WrittenFiles",
    "best_tier",
    "is_configuration",
    "is_data_file_name",
    "is_safe_file_name",
    "require",
]
