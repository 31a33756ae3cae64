"""How many jobs still wait, shown to a cluster that adapts to them.

The cluster is given only as many jobs as it has threads, and would take what it has for enough. So the
scheduler gets a task for each job that waits, one that no worker can take: an adaptive cluster counts them,
at the time that a job takes on average, since all have the prefix of the jobs' keys.
"""

from __future__ import annotations

import uuid
from typing import Any

PREFIX = "grade"  # of the keys of jobs and of these tasks
MOST = 1_000
_NO_WORKERS = {"autograder-job-that-waits": 1}  # a resource that no worker has


class Demand:
    """Tasks that no worker can take.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._shown: list[Any] = []

    def show(self, waiting: int) -> None:
        """Have the scheduler see that so many jobs wait, `MOST` at most; fewer than none are none."""
        wanted = max(0, min(waiting, MOST))
        while len(self._shown) > wanted:
            self._shown.pop().release()
        if missing := wanted - len(self._shown):
            name = new_key()
            keys = [(name, number) for number in range(missing)]
            self._shown += self._client.map(_never, range(missing), key=keys, resources=_NO_WORKERS)


def new_key() -> str:
    """A key of which Dask knows how long its task takes."""
    return f"{PREFIX}-{uuid.uuid4().hex}"


def _never(number: int) -> None:
    raise AssertionError(number)
