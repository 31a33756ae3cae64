"""An entry of the catalogue of initializers in words for one student."""

from __future__ import annotations

from autograder.misconceptions.catalogue import CATALOGUE, EXAMPLES, NOT_FOUND
from autograder.misconceptions.diagnosed import Diagnosis, worded

__all__ = ["Diagnosis", "diagnosis_of"]


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
    return worded(entry, {**EXAMPLES, **fields}, hint=hint, is_named=mistake_id not in NOT_FOUND)
