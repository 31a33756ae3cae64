"""One process of a student's in a box, and the clocks that count while it works. Used by `examinee`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder import wire
from autograder.sandbox.policy import Limits
from autograder.sandbox.reports import CellRun, cell_run_of, failed_cell
from autograder.verdicts import Verdict

# The worker stops itself at the limit, so that a report can say where it was; then it is killed.
GRACE_S = 1.0


@dataclass
class Clock:
    """Wall time of a submission's cells, of its tests, or of one test: counted while student code runs."""

    limit_s: float
    used_s: float = 0.0

    def left_s(self) -> float:
        """Seconds that remain, at least 0."""
        return max(0.0, self.limit_s - self.used_s)


@dataclass
class Process:
    """A channel to one of the box's processes, and its number inside the box."""

    channel: wire.Channel
    pid: int
    limits: Limits

    def ask(self, frame: bytes, seconds: float, descriptors: tuple[int, ...] = ()) -> wire.Message:
        """Its answer to one request.

        Raises
        ------
        WireError
            It gave none in time, or none that can be read.
        """
        deadline = time.monotonic() + seconds
        self.channel.send(frame, deadline, descriptors)
        return self.channel.receive(deadline, self.limits.value_bytes)

    def run_cell(self, source: str, *clocks: Clock) -> CellRun:
        """Run a cell, at most as long as each clock has left."""
        seconds = min(self.limits.cell_s, *(clock.left_s() for clock in clocks))
        frame = wire.pack({"op": "cell", "seconds": seconds}, source)
        start = time.monotonic()
        try:
            run = cell_run_of(self.ask(frame, seconds + GRACE_S), self.limits)
        except wire.DeadlineError:
            run = failed_cell(Verdict.TIMEOUT, time.monotonic() - start)
        except wire.WireError:
            run = failed_cell(Verdict.CRASHED, time.monotonic() - start)
        for clock in clocks:
            clock.used_s += time.monotonic() - start
        return run

    def close(self) -> None:
        """Hang up; it ends by itself then, or with the keeper's next order."""
        self.channel.close()
