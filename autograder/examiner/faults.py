"""A fault of the grader's own in words: its type and the line that raised it, also from another process."""

from __future__ import annotations

import traceback
from pathlib import Path

from autograder.sandbox import SandboxError

_MOST_CHARACTERS = 460


class FaultInExaminerError(Exception):
    """Code of ours failed in the process of the examiner; the text is what `told` says of it."""


def told(error: BaseException) -> str:
    """The fault's type, and the line that raised it.

    Its text only where the system or the sandbox wrote it: others may hold what is hidden, and students see
    flags on some platforms.

    >>> told(ValueError("7 is not 8")), told(SandboxError("no answer."))
    ('ValueError', 'SandboxError: no answer')
    """
    if isinstance(error, FaultInExaminerError):
        return str(error)
    is_told = isinstance(error, OSError | SandboxError)
    text = " ".join(str(error).split()).rstrip(".") if is_told else ""
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return said[:_MOST_CHARACTERS] + where
