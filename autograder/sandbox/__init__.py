"""Where students' notebooks run: tiers of isolation behind one interface.

`Sandbox` gives an `Box` a submission; it runs cells and opens a `StudentProcess` a test. Names are loaded on
first use: whoever needs only `Limits` does not load NumPy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.sandbox.box import Box
    from autograder.sandbox.file_names import is_configuration, is_data_file_name, is_safe_file_name
    from autograder.sandbox.launcher import Sandbox
    from autograder.sandbox.policy import TIERS, Limits, Preload, SandboxError
    from autograder.sandbox.reports import Answer, CellRun
    from autograder.sandbox.selfcheck import best_tier, require
    from autograder.sandbox.states import State
    from autograder.sandbox.student_process import StudentProcess
    from autograder.sandbox.written_files import WrittenFiles

_HOME = {
    "TIERS": "policy",
    "Answer": "reports",
    "Box": "box",
    "CellRun": "reports",
    "Limits": "policy",
    "Preload": "policy",
    "Sandbox": "launcher",
    "SandboxError": "policy",
    "State": "states",
    "StudentProcess": "student_process",
    "WrittenFiles": "written_files",
    "best_tier": "selfcheck",
    "is_configuration": "file_names",
    "is_data_file_name": "file_names",
    "is_safe_file_name": "file_names",
    "require": "selfcheck",
}

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


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
