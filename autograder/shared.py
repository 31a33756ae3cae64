"""Equal parts of results, kept once: most of a class's are the same, and a run holds all of its results."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

T = TypeVar("T", bound=Hashable)


class Shared:
    """The parts met so far.

    Examples
    --------
    >>> from autograder.verdicts import TestResult, Verdict
    >>> shared = Shared()
    >>> ada, bob = (TestResult("q1", 1.0, 1.0, Verdict.PASSED, "Right.") for student in ("ada", "bob"))
    >>> ada is bob, shared.one(ada) is shared.one(bob)
    (False, True)
    """

    def __init__(self) -> None:
        self._met: dict[tuple[type, Hashable], Any] = {}

    def one(self, part: T) -> T:
        """The part that was met first among those equal to this one."""
        key = type(part), part  # 1 and 1.0 are equal, and a word of an enumeration is to its text
        known: T | None = self._met.get(key)
        if known is None:
            known = self.texts_of(part) if dataclasses.is_dataclass(part) else part
            self._met[type(part), known] = known
        return known

    def texts_of(self, part: Any) -> Any:
        """A dataclass with each text that was met before in the place of its equal."""
        texts = {name: self.one(text) for name, text in vars(part).items() if type(text) is str}
        return dataclasses.replace(part, **texts)

    def mapping(self, texts: Mapping[str, str]) -> dict[str, str]:
        """A mapping with names and texts that were met before."""
        return {self.one(name): self.one(text) for name, text in texts.items()}
