"""Which objects have crossed, by number: so that one object on one side is one object on the other.

Each end has its own `Objects`. The ends need not agree: what one has forgotten is a new object there. A
number that is known stands for an object that crossed before, in either direction; it is changed in place to
what the other side says it is now, as in one process. An object that never crossed has no number.
"""

from __future__ import annotations

import builtins
from typing import Any

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()
MAX_OBJECTS = 20_000
MAX_HELD_BYTES = 64 << 20  # what is kept alive for its number's sake


class Objects:
    """The objects that have crossed at one end.

    Parameters
    ----------
    first : {0, 1}
        The first number that this end gives; 0 on the trusted side, 1 beside the student.
    """

    def __init__(self, first: int) -> None:
        self._next = first
        self._values: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # by identity, which holds while the object is held
        self._bytes = 0

    def number_of(self, value: Any) -> int:
        """The object's number, a new one if it has not crossed yet."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._next
            self._next += 2
            self.enter(number, value)
        return number

    def of_number(self, number: int) -> Any:
        """The object with this number; None where none is known."""
        return self._values.get(number)

    def enter(self, number: int, value: Any) -> None:
        """From now on the number stands for this object."""
        if len(self._values) >= MAX_OBJECTS:
            self.forget()
        if number in self._values:
            self._numbers.pop(id(self._values[number]), None)
        self._values[number] = value
        self._numbers[id(value)] = number

    def count(self, size: int) -> None:
        """Note that objects of so many bytes have crossed; too many are forgotten, the next ones are new."""
        self._bytes += size
        if self._bytes > MAX_HELD_BYTES:
            self.forget()
            self._bytes = size

    def forget(self) -> None:
        """Hold nothing."""
        self._values.clear()
        self._numbers.clear()
