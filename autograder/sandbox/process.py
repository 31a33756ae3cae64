"""One process of a student's in a box: what it is asked, and how long it may take."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.sandbox import wire
from autograder.sandbox.clocks import Clock, TestTime
from autograder.sandbox.policy import Limits
from autograder.sandbox.reports import CellRun, cell_run_of, failed_cell
from autograder.verdicts import Verdict

# The process stops itself at the limit, so that a report can name the line; after that it is killed.
GRACE_S = 1.0
PATIENCE_S = 10.0  # with what runs no student code, or hardly any: the keeper, a fork


@dataclass
class Process:
    """A channel to one of the box's processes, and its number inside the box."""

    channel: wire.Channel
    pid: int
    limits: Limits

    def ask(self, request: bytes, seconds: float) -> wire.Message:
        """Its answer to one request.

        Raises
        ------
        WireError
            It gave none in time, or none that can be read.
        """
        deadline = time.monotonic() + seconds
        self.channel.send(request, deadline)
        return self.channel.receive(deadline, self.limits.value_bytes)

    def run_cell(self, source: str, clock: Clock | TestTime, cell_s: float | None = None) -> CellRun:
        """Run a cell, at most as long as the clock has left.

        Parameters
        ----------
        cell_s : float, optional
            Processor time that it may take, where that is not what the limits say of a cell.
        """
        most_s, left_s = cell_s or self.limits.cell_s, clock.left_s()
        seconds, wall_s = min(most_s, left_s), min(self.limits.patience * most_s, left_s)
        request = wire.pack({"op": "cell", "seconds": seconds, "wall_s": wall_s}, source)
        start = time.monotonic()
        try:
            run = cell_run_of(self.ask(request, wall_s + GRACE_S), self.limits)
        except wire.DeadlineError:
            run = failed_cell(Verdict.TIMEOUT, time.monotonic() - start, waited_s=wall_s)
        except wire.WireError:
            run = failed_cell(Verdict.CRASHED, time.monotonic() - start)
        took_s = time.monotonic() - start
        clock.use(took_s, run.waited_s)
        if run.verdict is Verdict.TIMEOUT and took_s >= wall_s:
            if wall_s == left_s:
                clock.strike_for_all()
            else:
                clock.strike(run.waited_s, took_s)
        return run

    def begin_fork(self, *, continues: bool = False) -> wire.Channel:
        """Ask for a copy of this process; the channel to it, for `end_fork`.

        Parameters
        ----------
        continues : bool
            Whether the notebook's next cells run in it: then it keeps the state of the global random
            generators, as in a Jupyter kernel; other forks draw numbers of their own.

        Raises
        ------
        WireError
            The process has ended.
        """
        ours, theirs = wire.Channel.pair()
        order = wire.pack({"op": "fork", "continues": continues})
        try:
            with theirs:
                self.channel.send(order, time.monotonic() + PATIENCE_S, (theirs.fileno(),))
        except BaseException:
            ours.close()
            raise
        return ours

    def end_fork(self, ours: wire.Channel, clock: Clock) -> Process:
        """Wait for the copy that `begin_fork` asked for.

        Raises
        ------
        WireError
            The process has ended, or cannot fork any more: student code has broken it.
        """
        start = time.monotonic()
        try:
            deadline = start + PATIENCE_S
            if not self.channel.receive(deadline).header.get("ok"):
                raise wire.ClosedError("it cannot fork")
            pid = ours.receive(deadline).header.get("pid")
            if type(pid) is not int:
                raise wire.WireError("no process number")
        except BaseException:
            ours.close()
            raise
        finally:
            # Student code can make a fork slow (`os.register_at_fork`).
            clock.use(time.monotonic() - start)
        return Process(ours, pid, self.limits)

    def close(self) -> None:
        """Close the channel; the process then ends by itself, or with the keeper's next order."""
        self.channel.close()
