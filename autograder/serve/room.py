"""Whether there is room in the queue for another submission of a student's. Pure.

RefusedError: a submission is not accepted, with the status and the time after which to try again.
"""

from __future__ import annotations

from collections.abc import Collection

from autograder.serve.bounds import Bounds
from autograder.serve.entries import Entry


class RefusedError(Exception):
    """The submission is not accepted; the text says why, and what to do.

    Parameters
    ----------
    status : int
        Of HTTP: 403 all tries are used, 429 too soon or too many of the student's, 503 the queue is full.
    sentence : str
    retry_s : float or None
        After how many seconds to try again.
    """

    def __init__(self, status: int, sentence: str, retry_s: float | None = None) -> None:
        super().__init__(sentence)
        self.status, self.retry_s = status, retry_s


def require_room(
    entry: Entry,
    bounds: Bounds,
    in_queue: Collection[Entry],
    tries: int,
    since_last_s: float,
    seconds_each: float,
) -> None:
    """Refuse an entry that is beyond one of the bounds.

    Parameters
    ----------
    entry : Entry
    bounds : Bounds
    in_queue : collection of Entry
        What waits, of all students.
    tries : int
        Earlier submissions of this notebook by the student that count.
    since_last_s : float
        How long ago the last one of these was accepted; infinity for none.
    seconds_each : float
        What a submission takes.

    Raises
    ------
    RefusedError
    """
    own = [one for one in in_queue if one.student == entry.student]
    apart = bounds.apart_s - since_last_s
    if tries >= bounds.tries:
        raise RefusedError(
            403,
            f"All {bounds.tries} tries of {entry.notebook} are used; the last submission counts. Ask your "
            "instructor.",
        )
    if apart > 0:
        raise RefusedError(
            429,
            f"Your last submission of {entry.notebook} was less than {bounds.apart_s:g} seconds ago. Look at "
            f"its feedback, and hand in again in {apart:.0f} seconds.",
            apart,
        )
    if len(own) >= bounds.waiting_each or sum(one.size for one in own) + entry.size > bounds.bytes_each:
        raise RefusedError(
            429,
            f"{len(own)} of your submissions wait to be graded; more are taken when these are done.",
            seconds_each * len(in_queue),
        )
    if len(in_queue) >= bounds.waiting:
        raise RefusedError(
            503,
            f"The queue is full: {len(in_queue)} submissions wait. Nothing is lost on your side; hand in "
            "again later.",
            seconds_each * bounds.waiting / 10,
        )
