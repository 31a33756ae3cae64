"""Whether this machine had too few processors for a while: then a limit by the clock proves nothing.

Linux counts how long some process was ready to run and had no processor (`/proc/pressure/cpu`). Elsewhere the
load average says whether more wanted to run than there are processors; a system that tells neither counts as
busy.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

BUSY_SHARE = 0.05  # of a time in which something waited for a processor; less can make no verdict another
_PRESSURE = Path("/proc/pressure/cpu")
_US = 1e6


class Pressure:
    """What was missing of processors since this was made."""

    def __init__(self) -> None:
        self._start, self._waited_s = time.monotonic(), _waited_s()

    def was_busy(self) -> bool:
        """Whether something waited for a processor for more than `BUSY_SHARE` of the time."""
        waited_s = _waited_s()
        if self._waited_s is None or waited_s is None:
            return _is_loaded()
        return waited_s - self._waited_s > BUSY_SHARE * (time.monotonic() - self._start)


def _waited_s() -> float | None:
    """How long some process has waited for a processor, since the system started; None if untold."""
    try:
        told = re.search(r"^some .*total=(\d+)", _PRESSURE.read_text(), re.MULTILINE)
    except (OSError, ValueError):
        return None
    return None if told is None else int(told[1]) / _US


def _is_loaded() -> bool:
    try:
        return os.getloadavg()[0] > (os.cpu_count() or 1)
    except (OSError, AttributeError):
        return True
