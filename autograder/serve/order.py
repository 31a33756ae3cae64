"""The order in which submissions are graded: students take turns, each one's own in the order of acceptance.

Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from autograder.serve.entries import Entry


def fair_order(waiting: Iterable[Entry], running: Collection[str], taken: Mapping[str, int]) -> list[Entry]:
    """The submissions in the order of their turns; those that are being graded come first.

    A student whose submission was just taken goes to the end of the queue with the next one.

    Parameters
    ----------
    waiting : iterable of Entry
        What is in the queue, in the order of acceptance.
    running : collection of str
        Ids of those that are being graded.
    taken : mapping of str to int
        Student -> the number that was next when a submission of the student's was last taken.
    """
    ranks: Counter[str] = Counter()
    keyed: list[tuple[bool, int, int, int, Entry]] = []
    for entry in waiting:
        ready = max(entry.number, taken.get(entry.student, entry.number))
        keyed.append((entry.id not in running, ranks[entry.student], ready, len(keyed), entry))
        ranks[entry.student] += 1
    return [entry for *_, entry in sorted(keyed, key=lambda one: one[:4])]


def ready_ones(order: Iterable[Entry], running: Collection[str]) -> list[Entry]:
    """Of these, what can be taken now: one of each student's, and none of a student who is being graded."""
    found: dict[str, Entry] = {}
    busy = set()
    for entry in order:
        if entry.id in running:
            busy.add(entry.student)
        elif entry.student not in busy:
            found.setdefault(entry.student, entry)
    return list(found.values())
