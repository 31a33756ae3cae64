"""One entry of the catalogue. Data only.

A hint names the mistake and the place to look, never the answer, an expected value or a size. `{W}` stands
for the first array that is wrong (W1, W2, ...), `{error}` for what the student's own function raised and in
which line, `{scheme}` and `{Scheme}` for the name of the initialization asked for, `{found}` for the
student's own number, name or line; `docs/misconceptions.md` shows them with the values of `EXAMPLES`. What
is wrong with the structure of a result is worded by `init_utils.checks`, for the grader as for the
notebook; `checked` is an example of that sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from autograder.misconceptions.catalogue.explanations import explanation

EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "W": "W2",
        "error": "NameError: name 'm' is not defined, in line 5 of the cell (`W = m`)",
        "scheme": "He initialization",
        "Scheme": "He initialization",
        "found": "...",
    }
)


@dataclass(frozen=True)
class Misconception:
    """One entry.

    Attributes
    ----------
    id : str
        Kebab-case; never changes once published.
    group : str
        The heading in the documentation.
    hint : str
        For the student, with placeholders; "" where the sentence always comes from `init_utils.checks`.
    teacher_note : str
        For the teacher: one sentence on what the student did.
    checked : str
        What `init_utils.checks` says of such a mistake, for one example; "" where it does not know it.
    """

    id: str
    group: str
    hint: str
    teacher_note: str
    checked: str = ""

    @property
    def why(self) -> str:
        """For the student: one sentence on what the mistake does to the network."""
        return explanation(self.id, self.group)[0]

    @property
    def experiment(self) -> str:
        """For the student: a small experiment to run, never the answer."""
        return explanation(self.id, self.group)[1]


def entries(group: str, *rows: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[Misconception, ...]:
    """The entries of one group, in the order of the documentation."""
    return tuple(Misconception(name, group, hint, note, *checked) for name, hint, note, *checked in rows)
