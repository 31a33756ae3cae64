"""The tier of isolation that a verb works in."""

from __future__ import annotations

from collections.abc import Callable

from autograder.course import CourseError
from autograder.sandbox import SandboxError, best_tier
from autograder.sandbox.policy import UNASKED


def chosen_tier(
    named: str | None, tell: Callable[[str], object] | None = None, *, weakest: str = UNASKED[-1]
) -> str:
    """The tier `named`, else the strongest that holds and may be taken unasked.

    Parameters
    ----------
    named : str or None
    tell : callable, optional
        Gets why each stronger tier is not taken.
    weakest : str
        No tier below it is taken.

    Raises
    ------
    CourseError
        No tier that may be taken holds on this machine.
    """
    if named is not None:
        return named
    try:
        return best_tier(tell, weakest=weakest)
    except SandboxError as error:
        raise CourseError(str(error)) from error
