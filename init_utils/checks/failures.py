"""How a failed check, and what no network can use, is shown: two lines, message first; the rest on request.

IPython, and so JupyterLab, Validate and nbconvert, asks an exception itself how it is drawn; plain Python
asks `sys.excepthook`. An error of the student's function keeps its type: who catches it still can.
"""

from __future__ import annotations

import re
import sys
from types import TracebackType
from typing import Any

from init_utils.checks.raised import explain

_NAMING = (NameError, KeyError, AttributeError)
_END_OF_SENTENCE = re.compile(r"(?<=[.?]) (?=[A-Z])")


def failure(message: str) -> AssertionError:
    """The error of a failed check, to be raised; its first sentence is the first line shown.

    >>> failure("W1 is None. Replace it.").lines
    ('W1 is None.', 'Replace it.')
    """
    error = AssertionError(message)
    show_message_first(error, message)
    return error


def show_message_first(error: Exception, message: str) -> None:
    """Let an error be shown by its message alone: the first sentence, then the rest.

    >>> error = ValueError("W1 is None. Replace it.")
    >>> show_message_first(error, str(error))
    >>> error.lines
    ('W1 is None.', 'Replace it.')
    """
    first, *rest = _END_OF_SENTENCE.split(message, maxsplit=1)
    _shorten(error, first, *rest)


def student_error(error: Exception, case: str = "") -> Exception:
    """The same error of the student's function, shown by what it means and the line that raised it.

    Parameters
    ----------
    case : str
        What was tested, put before the message.

    >>> student_error(NotImplementedError()).lines[0]
    'The function is not written yet: put your code in place of `raise NotImplementedError()`.'
    """
    meaning, place = explain(error)
    if isinstance(error, NotImplementedError) and not str(error):
        error.args = (meaning,)
    elif meaning:
        error.add_note(meaning)
    name = type(error).__name__
    text = f"{name}: {error}".removesuffix(": ")[:300]
    first = meaning or text
    # Where Python's text names what is the student's own, it is kept.
    rest = text if isinstance(error, _NAMING) else name
    second = [place] if text.endswith(first) else [place, rest]
    _shorten(error, f"{case}: {first}" if case else first, " → ".join(filter(None, second)))
    return error


def _shorten(error: Any, *lines: str) -> None:
    """Let these lines stand for the error."""
    error.lines = lines
    error._render_traceback_ = _Rendering(error)
    if sys.excepthook is sys.__excepthook__ and not sys.flags.dev_mode:
        sys.excepthook = _show


def _with_request(lines: tuple[str, ...], request: str) -> list[str]:
    first, *rest = lines
    return [first, " ".join(filter(None, [*rest, f"(more: {request})"]))]


class _Rendering:
    """What IPython draws: two lines in the cell that failed, everything in a later cell that asks (`%tb`)."""

    def __init__(self, error: Any) -> None:
        self._error = error
        self._failed_at: int | None = None

    def __call__(self) -> list[str]:
        shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        number = getattr(shell, "execution_count", None)
        if self._failed_at is None:
            self._failed_at = number
        if number == self._failed_at:
            return _with_request(self._error.lines, "%tb")
        error = self._error
        drawn: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        return drawn


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Plain Python's way to show an error that nobody caught."""
    lines = getattr(error, "lines", None)
    if isinstance(getattr(error, "_render_traceback_", None), _Rendering) and lines:
        sys.stderr.write("\n".join(_with_request(lines, "python -X dev")) + "\n")
    else:
        sys.__excepthook__(kind, error, trace)
