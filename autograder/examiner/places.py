"""Where in a test's source objects of the student's may cross as handles, and what is done to them.

A crossing is named by its place: the function of the test or of a locked cell and the line and column in it
that ran, and the operation. The instructor's run notes for each place at which a handle came what was done
to that handle, and which errors that raised; a student's may come there and nowhere else, and nothing else is
done to it.
"""

from __future__ import annotations

import itertools
import types
from collections.abc import Mapping, Sequence

_OF_INSTRUCTOR = ("<test ", "<instructor's cell>")

_EXPECTED = {"getattr": "AttributeError", "next": "StopIteration"}

Handled = Mapping[str, Sequence[str]]  # place -> operations on what came there


class Places:
    """The places of one test.

    Parameters
    ----------
    known : mapping of str to sequence of str, or None
        What the plan says of the test; None in the instructor's run, which finds it out.
    """

    def __init__(self, known: Handled | None) -> None:
        self._learns = known is None
        self._known = {place: set(operations) for place, operations in (known or {}).items()}
        self.kinds: dict[str, str] = {}  # in the instructor's run: what came instead of an object, in words

    def opens(self, place: str) -> bool:
        """Whether a handle may come at this place."""
        return self._learns or place in self._known

    def came(self, place: str) -> None:
        """Note that a handle came there."""
        if self._learns:
            self._known.setdefault(place, set())

    def gave(self, of: str, kind: str) -> None:
        """Note of what kind a result or a variable is; the first that is something counts."""
        if self._learns and self.kinds.get(of, "None") == "None":
            self.kinds[of] = kind

    def allows(self, place: str, operation: str) -> bool:
        """Whether this may be done to a handle that came at this place."""
        if self._learns:
            self._known.setdefault(place, set()).add(operation)
        return operation in self._known.get(place, ())

    def catches(self, place: str, operation: str, error_type: str) -> bool:
        """Whether an error of this type, raised at this place by an operation on an object, reaches the test.

        One of a type that the solution's raised there does, and those that say that there is no such
        attribute, or no next entry.
        """
        if error_type == _EXPECTED.get(operation):
            return True
        raised = f"raised {place}"
        if self._learns:
            self._known.setdefault(raised, set()).add(error_type)
        return error_type in self._known.get(raised, ())

    @property
    def noted(self) -> dict[str, tuple[str, ...]]:
        """What the instructor's run has found out; {} in others."""
        return {place: tuple(sorted(done)) for place, done in self._known.items()} if self._learns else {}


def place_of(operation: str, frame: types.FrameType | None) -> str:
    """The place of an operation: where the innermost code of the instructor's is that called for it."""
    while frame is not None and not frame.f_code.co_filename.startswith(_OF_INSTRUCTOR):
        frame = frame.f_back
    if frame is None:
        return operation
    code = frame.f_code
    at = next(itertools.islice(code.co_positions(), frame.f_lasti // 2, None), (0, 0, 0, 0))
    return f"{code.co_filename[1:-1]} {code.co_name} {at[0]}:{at[2]} {operation}"
