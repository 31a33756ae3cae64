"""One entry of a catalogue of mistakes. Data only.

A hint names the mistake and the place to look, never the answer, an expected value or a size; its
placeholders, such as `{found}` for the student's own number, name or line, are filled when it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


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
        For the student, with placeholders; "" where the sentence always comes from the assignment's checks.
    teacher_note : str
        For the teacher: one sentence on what the student did.
    why : str
        For the student: one sentence on what the mistake does.
    experiment : str
        For the student: a small experiment to run, never the answer.
    checked : str
        What the assignment's own checks say of such a mistake, for one example; "" where they do not know it.
    """

    id: str
    group: str
    hint: str
    teacher_note: str
    why: str
    experiment: str
    checked: str = ""


Row = tuple[str, str, str] | tuple[str, str, str, str]


def entries_of(
    group: str, rows: Iterable[Row], explanation: Callable[[str, str], tuple[str, str]]
) -> tuple[Misconception, ...]:
    """The entries of one group, in the order of the documentation.

    Parameters
    ----------
    group : str
    rows : iterable of tuple
        Id, hint, note for the teacher, and what the checks say of it.
    explanation : callable
        Id, group -> why it matters, and a small experiment.
    """
    return tuple(
        Misconception(name, group, hint, note, *explanation(name, group), *checked)
        for name, hint, note, *checked in rows
    )
