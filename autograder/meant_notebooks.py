"""Which notebook of a submission is meant where it does not have the name that is wanted. Names only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

_LIKE = 0.6  # of 1: how much of the letters a name must have in common with the one it is taken for


def meant(wanted: Sequence[str], found: Iterable[str]) -> dict[str, str]:
    """Which of the names `found` stands for each of `wanted` that is missing, where that is clear.

    The only notebook stands for the only one that is missing. Of several each is taken for the missing one
    that its own name begins with or is most like; one that is claimed twice, or not clearly, is not taken.

    >>> meant(["ps1.ipynb"], ["homework.ipynb"]), meant(["ps1.ipynb"], ["a.ipynb", "b.ipynb"])
    ({'ps1.ipynb': 'homework.ipynb'}, {})
    >>> meant(["p1.ipynb", "p2.ipynb"], ["P2 (1).ipynb", "notes.ipynb"])
    {'p2.ipynb': 'P2 (1).ipynb'}
    """
    there = set(found)
    missing = [name for name in wanted if name not in there]
    others = sorted(there.difference(wanted))
    if len(missing) == len(others) == 1:
        return {missing[0]: others[0]}
    if len(wanted) == 1:
        return {}
    claims: dict[str, list[str]] = {}
    for other in others:
        claims.setdefault(_nearest(other, missing), []).append(other)
    return {name: claims[name][0] for name in missing if len(claims.get(name, ())) == 1}


def _nearest(other: str, missing: Sequence[str]) -> str:
    """The missing name that `other` is clearly most like; "" where there is none."""
    likeness = sorted(((_likeness(other, name), name) for name in missing), reverse=True)
    best, second = [*likeness, ((False, 0.0), ""), ((False, 0.0), "")][:2]
    (begins, share), name = best
    return name if best[0] > second[0] and (begins or share >= _LIKE) else ""


def _likeness(other: str, name: str) -> tuple[bool, float]:
    one, two = (text.rpartition("/")[2].casefold().removesuffix(".ipynb") for text in (other, name))
    return one.startswith(two), SequenceMatcher(None, one, two).ratio()
