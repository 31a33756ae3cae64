"""What becomes of an exception that nobody foresaw, on the trusted side of a box: never the end of the run.

Around a submission its code is the likely cause: the cell or call at hand fails with a verdict, and the box
is made anew for the others (`Box`). Where no student code runs it is the machine's fault: `SandboxError`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from autograder.sandbox.policy import SandboxError


@contextlib.contextmanager
def as_sandbox_error(what: str) -> Iterator[None]:
    """Turn what the block raises into a `SandboxError` that says what failed.

    Parameters
    ----------
    what : str
        What does not work where the block raises: the subject of a sentence.
    """
    try:
        yield
    except SandboxError:
        raise
    except Exception as error:
        raise SandboxError(
            f"{what} does not work: {type(error).__name__}: {error}. "
            "`autograder doctor` shows what this machine can do."
        ) from error


def regardless(*steps: Callable[[], object]) -> None:
    """Take every step, whatever another raises: each lets go of something that must not stay.

    >>> regardless(lambda: 1 / 0, lambda: print("closed"))
    closed
    """
    for step in steps:
        with contextlib.suppress(Exception):
            step()
