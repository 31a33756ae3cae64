"""Errors of the student's code, raised anew here and marked as the student's.

No exception of a student's arrives: an error is made of one of the classes that it has, where that is a
library's or the instructor's, else of a built-in one.
"""

from __future__ import annotations

import builtins
import contextlib
from dataclasses import dataclass

from autograder.examiner.messages import raised_message
from autograder.sandbox import Answer
from autograder.sandbox.wire import KnownClasses


@dataclass(frozen=True)
class RaisedByStudent:
    """The message for an error that the student's code raised."""

    message: str


def student_error(
    name: str, answer: Answer, classes: KnownClasses, of_student: type[Exception] | None = None
) -> Exception:
    """An error of the same built-in type as the student's code raised, marked as the student's."""
    kind = getattr(builtins, answer.error_type, None)
    message = raised_message(name, answer.error_type, answer.error_message)
    error: Exception = RuntimeError(answer.error_message)
    if isinstance(kind, type) and issubclass(kind, Exception):
        with contextlib.suppress(TypeError):  # UnicodeDecodeError wants five arguments
            error = kind(answer.error_message)
    own = classes.find(*answer.error_class, Exception) or of_student
    if own is not None:
        with contextlib.suppress(TypeError):
            error = _of_class(own, answer)
            if own is of_student:
                shown = answer.error_class[1].rpartition(".")[2]
                vars(error)["_text"] = answer.error_message.removeprefix(f"{shown}: ")
    error.by_student = RaisedByStudent(message)  # type: ignore[attr-defined]
    return error


def _of_class(kind: type[Exception], answer: Answer) -> Exception:
    """An error of a known class with what the student's holds; its `__init__` does not run."""
    arguments = (answer.error_message,) if answer.error_arguments is None else answer.error_arguments
    base = next(base for base in kind.__mro__ if base.__module__ == "builtins")
    error: Exception = base.__new__(kind, *arguments)
    vars(error).update(answer.error_attributes)
    return error


def raised_by_student(error: BaseException) -> RaisedByStudent | None:
    """What is said of the error, or of the one it was raised from; None where neither is the student's."""
    for candidate in (error, error.__cause__):
        found = getattr(candidate, "by_student", None)
        if isinstance(found, RaisedByStudent):
            return found
    return None
