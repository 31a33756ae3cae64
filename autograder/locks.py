"""A lock on a file: one process holds it, and the system lets go of it however that process ends."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout


class Lock:
    """A lock, not taken yet; leaving its `with` block lets go of it.

    Who holds it stands in a file beside it: on Windows a file that is locked cannot be read.

    Parameters
    ----------
    path : Path
        The file; it is made, and its folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path, blocking=False, thread_local=False)
        self._holder = path.with_name(f"{path.name}.holder")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._lock.release()

    def take(self) -> bool:
        """Whether it is ours from now on; again is allowed.

        Raises
        ------
        OSError
            The file cannot be made or written.
        """
        if not self._lock.is_locked:
            try:
                self._lock.acquire()
            except Timeout:
                return False
        return True

    def sign(self, kind: str = "") -> None:
        """Write who holds it, and as what."""
        self._holder.write_text(f"{os.getpid()} {kind}".rstrip(), encoding="ascii")

    def holder(self) -> tuple[str, str]:
        """The process that signed last, and as what; "" where nobody did."""
        text = ""
        with contextlib.suppress(OSError):
            text = self._holder.read_text(encoding="ascii", errors="replace")[:40]
        process, _, kind = text.strip().partition(" ")
        return process, kind
