"""An entry of a catalogue in words for one student."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.misconceptions.entry import Misconception


@dataclass(frozen=True)
class Diagnosis:
    """A recognised mistake.

    Attributes
    ----------
    id : str
        An id of the catalogue, or of the course's own.
    hint : str
        For the student: what happened.
    teacher_note : str
        For the teacher.
    further : tuple of Diagnosis
        Independent mistakes beside this one, in the order in which a student should mend them.
    why : str
        For the student: why the mistake matters.
    experiment : str
        For the student who makes the mistake again: what to try.
    is_named : bool
        Whether the mistake was found; an entry that only says how it shows does not name it.
    """

    id: str
    hint: str
    teacher_note: str
    further: tuple[Diagnosis, ...] = ()
    why: str = ""
    experiment: str = ""
    is_named: bool = True


def worded(
    entry: Misconception, fields: Mapping[str, str], *, hint: str = "", is_named: bool = True
) -> Diagnosis:
    """The entry with its placeholders filled from `fields`; `hint` replaces the entry's own."""
    told = hint or entry.hint.format_map(fields)
    return Diagnosis(
        entry.id,
        told,
        entry.teacher_note,
        why=entry.why,
        experiment=entry.experiment,
        is_named=is_named,
    )
