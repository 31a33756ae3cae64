"""How much may be on its way to the service at once: of one person, and of all together."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from autograder.serve.bounds import Bounds
from autograder.serve.room import RefusedError

_RETRY_S = 5.0


class Uploads:
    """The notebooks that are being sent; used from the one thread of the web server.

    Parameters
    ----------
    bounds : Bounds
    """

    def __init__(self, bounds: Bounds) -> None:
        self._each = bounds.uploads_each
        self._most_bytes = max(bounds.uploads_bytes, bounds.notebook_bytes)
        self._of: Counter[str] = Counter()
        self._bytes = 0

    @contextlib.contextmanager
    def begin(self, name: str, announced: int | None) -> Iterator[Callable[[int], None]]:
        """Let a notebook of this person come; what is yielded is told of the bytes as they arrive.

        They count until the block ends: until then the notebook is in memory.

        Raises
        ------
        RefusedError
            429 as many of the person's are being sent already, 503 those of all are too large together; also
            from what is yielded.
        """
        if self._of[name] >= self._each:
            raise RefusedError(
                429,
                f"{self._each} of your notebooks are being sent already. Hand in again when one has arrived.",
                _RETRY_S,
            )
        self._require_room(announced or 0)
        arrived = 0

        def count(size: int) -> None:
            nonlocal arrived
            self._require_room(size)
            arrived += size
            self._bytes += size

        self._of[name] += 1
        try:
            yield count
        finally:
            self._bytes -= arrived
            self._of[name] -= 1
            if not self._of[name]:
                del self._of[name]

    def _require_room(self, size: int) -> None:
        if self._bytes + size > self._most_bytes:
            raise RefusedError(
                503, "Too many notebooks are being sent at the moment. Hand in again in a moment.", _RETRY_S
            )
