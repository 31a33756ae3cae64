"""The processes of one box: which of them are kept, which are a way back, and what its keeper is told.

Forks are checkpoints. A fork costs as much as a small cell, so one checkpoint serves a few quick cells: when
one of them hangs or crashes, the state before it is made again from the checkpoint by running the others.
Files are not undone: a cell that changed some is never run again, and a new checkpoint follows it.
A state that is held for tests is a checkpoint too.
"""

from __future__ import annotations

import contextlib
import dataclasses

from autograder.sandbox import wire
from autograder.sandbox.cgroup import BoxCgroup
from autograder.sandbox.clocks import Clock
from autograder.sandbox.faults import regardless
from autograder.sandbox.keeper_client import KeeperClient
from autograder.sandbox.process import Process
from autograder.sandbox.states import BoxGone, Checkpoint, Prepared, State
from autograder.verdicts import Verdict

REPEATING_S = 20.0  # what running cells again may take on a busy machine, or with what the last cell left


class BoxProcesses:
    """The notebook's present process, its checkpoint, held states and open tests.

    Parameters
    ----------
    submission_s : float
        Wall time of all cells, and of all tests.

    Attributes
    ----------
    keeper : KeeperClient
    cgroup : BoxCgroup or None
    current : Process
        That of the notebook's present state.
    checkpoint : Checkpoint or None
    held : list of State
    tests : list of Process
        Opened and not yet closed.
    clock, test_clock : Clock
        Of the cells, and of the tests.
    waited_s : float or None
        As of the keeper's last `Report`.
    gone : Verdict or None
        Why no cell can run any more.
    passed : Verdict or None
        The limit at which the keeper ended something in this cell.
    is_exposed : bool
        Whether the keeper may end the present process at a limit.
    is_lost : bool
        Whether the keeper has ended, and the box with it.
    """

    keeper: KeeperClient
    current: Process

    def __init__(self, submission_s: float) -> None:
        self.cgroup: BoxCgroup | None = None
        self.checkpoint: Checkpoint | None = None
        self.held: list[State] = []
        self.tests: list[Process] = []
        self.clock, self.test_clock = Clock(submission_s), Clock(submission_s)
        self.waited_s: float | None = None
        self.gone: Verdict | None = None
        self.passed: Verdict | None = None
        self.is_exposed = False
        self.is_lost = False
        self._prepared: Prepared | None = None

    def close(self, *, wait: bool) -> None:
        """Close every channel; the keeper then ends the box.

        Parameters
        ----------
        wait : bool
            Whether to return only when it has.
        """
        processes = [*(state.process for state in self.held), *self.tests]
        processes += [self.current] if hasattr(self, "current") else []
        regardless(
            self.drop_checkpoint,
            self.drop_prepared,
            *(process.close for process in processes),
            lambda: self.keeper.close(wait=wait),
        )
        self.tests.clear()
        if self.cgroup is not None:
            self.cgroup.close()

    def new_checkpoint(self) -> Checkpoint:
        """The present state put aside; the next cells run in a copy of it."""
        child = self.fork(self.current, continues=True)
        self.checkpoint = Checkpoint(self.current)
        self.current = child
        return self.checkpoint

    def drop_checkpoint(self) -> None:
        """Do without a way back."""
        if self.checkpoint is None:
            return
        if all(state.process is not self.checkpoint.process for state in self.held):
            self.checkpoint.process.close()
        self.checkpoint = None

    def prepare(self, state: State) -> None:
        """Begin to fork the process that a test on this state will want, unless one is prepared."""
        if self._prepared is None:
            with contextlib.suppress(wire.WireError):
                self._prepared = Prepared(state, state.process.begin_fork())

    def forget(self, state: State) -> None:
        """Make no further use of a state that is not held any more."""
        if self._prepared is not None and self._prepared.state is state:
            self.drop_prepared()
        if self.checkpoint is not None and self.checkpoint.process is state.process:
            self.checkpoint = None

    def take_prepared(self, state: State) -> Process | None:
        """The fork of this state that was prepared; None where there is none."""
        prepared = self._await_prepared()
        if prepared is None or prepared.state is not state:
            return None
        self._prepared = None
        return prepared.process

    def drop_prepared(self) -> None:
        """Do without the fork that was prepared."""
        if self._prepared is not None:
            self._prepared.channel.close()
            self._prepared = None

    def go_back(self, checkpoint: Checkpoint) -> None:
        """The state before the last cell again, made from the checkpoint."""
        clock = Clock(REPEATING_S)  # they were quick, and do not count twice
        while True:
            self.current.close()
            self.current = checkpoint.process
            self.end_others()
            try:
                self.current = self.fork(checkpoint.process, continues=True)
            except BoxGone:
                self.lose_notebook()
                return
            runs = (self.current.run_cell(source, clock).kept for source in checkpoint.cells)
            failed = next((place for place, kept in enumerate(runs) if not kept), None)
            if failed is None:
                break
            # It ran before and does not now (the last cell changed a file): that one is lost, no other.
            del checkpoint.cells[failed]
        self.clock.take_over(clock)
        self.end_others()

    def lose_notebook(self) -> Verdict:
        """Nothing of the present state is left; why."""
        self.gone = self.reason_of_crash()
        return self.gone

    def reason_of_crash(self) -> Verdict:
        """What ended the present process: a limit that the keeper saw passed, or it ended by itself."""
        return self.gone or self.passed or Verdict.CRASHED

    def fork(self, parent: Process, clock: Clock | None = None, *, continues: bool = False) -> Process:
        """A copy of `parent`; its time is counted on `clock`, if not on that of the cells.

        Raises
        ------
        BoxGone
            It has ended, or cannot fork any more.
        """
        self.is_exposed = False  # the keeper does not know the new process yet
        try:
            return parent.end_fork(parent.begin_fork(continues=continues), clock or self.clock)
        except wire.WireError:
            self.end_others()
            raise BoxGone from None

    def end_others(self) -> Verdict | None:
        """End all but the present state, its checkpoint, held states and open tests; the limit passed."""
        return self.order(current_is_safe=True)

    def order(self, *, current_is_safe: bool) -> Verdict | None:
        """End every process that is not kept, and name those that the keeper may end at a limit from now on.

        The last named goes first, the states held for tests at the very last.
        """
        prepared = self._await_prepared()
        ready = [prepared.process] if prepared and prepared.process else []
        safe = [state.process for state in self.held]
        safe += [self.checkpoint.process] if self.checkpoint else []
        safe += self.tests
        kept = safe if self.gone else [*safe, self.current]
        safe = kept if current_is_safe else safe
        report = self.keeper.order([*kept, *ready], safe)
        self.is_exposed = not current_is_safe
        self.waited_s = self.waited_s if report.waited_s is None else report.waited_s
        if self.cgroup is not None and self.cgroup.memory_was_short():
            report = dataclasses.replace(report, reason=report.reason or Verdict.MEMORY)
        self.passed = report.reason or self.passed
        for state in self.held:
            if state.process.pid in report.ended:
                state.ended_by = report.reason
        if report.reason is not None:
            self.drop_prepared()  # it was not safe
        if report.is_lost:
            self.is_lost = True
            return report.reason or self.lose_notebook()
        return report.reason

    def _await_prepared(self) -> Prepared | None:
        """What is prepared, after its process has answered; None when there is nothing, or it cannot fork."""
        prepared = self._prepared
        if prepared is not None and prepared.process is None:
            self._prepared = None
            with contextlib.suppress(wire.WireError):
                prepared.process = prepared.state.process.end_fork(prepared.channel, self.test_clock)
                self._prepared = prepared
        return self._prepared
