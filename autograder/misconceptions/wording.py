"""An entry of the catalogue in words for one student."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.misconceptions.catalogue import CATALOGUE, EXAMPLES, NOT_FOUND


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
        For the student: what the mistake does to the network.
    experiment : str
        For the student who makes the mistake again: what to try.
    """

    id: str
    hint: str
    teacher_note: str
    further: tuple[Diagnosis, ...] = ()
    why: str = ""
    experiment: str = ""

    @property
    def is_named(self) -> bool:
        """Whether the mistake was found; an entry that only says how it shows does not name it."""
        return self.id not in NOT_FOUND


def diagnosis_of(mistake_id: str, *, hint: str = "", **fields: str) -> Diagnosis:
    """The entry `mistake_id`, its placeholders filled with `fields`; `hint` replaces the entry's own.

    Raises
    ------
    ValueError
        Neither the entry nor the caller has a hint.
    """
    entry = CATALOGUE[mistake_id]
    if not hint and not entry.hint:
        raise ValueError(f"{mistake_id} has no hint of its own; pass the sentence of `init_utils.checks`.")
    worded = hint or entry.hint.format(**{**EXAMPLES, **fields})
    return Diagnosis(mistake_id, worded, entry.teacher_note, why=entry.why, experiment=entry.experiment)
