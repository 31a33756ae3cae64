"""One submission in its box: run cells, open a process per test, fetch what was written.

The box's answers are not trusted. Their form is checked here; what they claim costs or gains only the
submission itself. No answer in time, no answer at all or a garbled one are verdicts, not errors; only the
box's own keeper failing before any student code ran is our fault (`SandboxError`).

Forks are checkpoints. A fork costs as much as a small cell, so one checkpoint serves a few quick cells: when
one of them hangs or crashes, the state before it is made again from the checkpoint by running the others.
Files are not undone: a cell that changed some is never run again, and a new checkpoint follows it.
A state that is held for tests is a checkpoint too.

A test runs on the state at its place, but nothing that it makes a function of the student do (write a file,
fill a pipe) may reach a later cell, whose outputs the student sees. So states are held, all cells run, and
the tests come last. A notebook that outgrows the box's memory ends; the states held before do not.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self, TypeVar

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.clocks import Clock, TestTime
from autograder.sandbox.faults import regardless
from autograder.sandbox.file_names import is_safe_file_name
from autograder.sandbox.inside.files import remove_folder
from autograder.sandbox.keeper_client import KeeperClient
from autograder.sandbox.policy import Limits, SandboxError
from autograder.sandbox.process import PATIENCE_S, Process
from autograder.sandbox.reports import CellRun, failed_cell
from autograder.sandbox.states import BoxGone, BoxParts, Checkpoint, Prepared, State
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.written_files import WrittenFiles, written_files_of
from autograder.verdicts import Verdict

T = TypeVar("T")

REPEATING_S = 20.0  # what that may take on a busy machine, or with what the last cell left behind
MOST_HELD = 8  # they count as processes of the submission, and each has a copy of what it changes
MOST_REBUILT = 3  # times that a box is made anew whose keeper has ended


class Box:
    """A box with one submission's state. `Sandbox.box` makes it.

    Parameters
    ----------
    open_box : callable
        Makes a box.
    limits : Limits
    files : mapping of str to bytes
        What the working directory holds at the start.
    """

    _current: Process

    def __init__(
        self,
        open_box: Callable[[], BoxParts],
        limits: Limits,
        files: Mapping[str, bytes],
    ) -> None:
        self._open_box, self._limits, self._files = open_box, limits, files
        self._clock = Clock(limits.submission_s)
        self._test_clock = Clock(limits.submission_s)
        self._checkpoint: Checkpoint | None = None
        self._held: list[State] = []
        self._tests: list[Process] = []  # opened and not yet closed
        self._prepared: Prepared | None = None
        self._may_have_written = False
        self._gone: Verdict | None = None  # why no cell can run any more
        self._passed: Verdict | None = None  # the limit at which the keeper ended something in this cell
        self._is_exposed = False  # whether the keeper may end the present process at a limit
        self._done: list[str | State] = []  # cells that are in the state, and where states were held
        self._is_lost = False  # whether the keeper has ended, and the box with it
        self._rebuilt = 0
        self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        regardless(self.close)

    @property
    def is_gone(self) -> bool:
        """Whether nothing of the notebook's present state is left; states that are held may be."""
        return self._gone is not None

    def run_cell(self, source: str) -> CellRun:
        """Run one cell; when it hangs or crashes the state stays as before it (`kept` is False)."""
        return self._guarded(lambda: self._run_cell(source), lambda: failed_cell(Verdict.CRASHED))

    def _run_cell(self, source: str) -> CellRun:
        self._revive()
        if self._gone or not self._clock.left_s():
            return failed_cell(self._gone or Verdict.TIMEOUT)
        self._passed = None
        try:
            if self._checkpoint is None or self._checkpoint.is_used_up():
                self._drop_checkpoint()
                checkpoint = self._new_checkpoint()
            else:
                checkpoint = self._checkpoint
        except BoxGone:
            return failed_cell(self._lose_notebook())
        if not self._is_exposed:
            self._order(current_is_safe=False)
        run = self._current.run_cell(source, self._clock)
        self._may_have_written |= not (run.kept and run.repeatable)
        if run.kept and self._order(current_is_safe=False) is None:
            self._done.append(source)
            checkpoint.cells.append(source)
            checkpoint.seconds += run.seconds
            if not run.repeatable:
                self._drop_checkpoint()
            return run
        # Over a limit after its answer is over it all the same.
        verdict = Verdict.CRASHED if run.kept else run.verdict
        if not self._is_lost:
            self._go_back(checkpoint)
        if verdict is Verdict.CRASHED:
            return failed_cell(self._reason_of_crash(), run.seconds)
        return run

    def hold(self) -> State | None:
        """The state at this place of the notebook, for tests after all cells; None when too many are held."""
        return self._guarded(self._held_now, lambda: None)

    def _held_now(self) -> State | None:
        self._revive()
        if self._gone or len(self._held) >= MOST_HELD:
            return None
        state = State(self._current)
        return state if self._hold(state) else None

    def _hold(self, state: State) -> bool:
        """Give `state` a process with the present state; whether there is one."""
        try:
            state.process, state.ended_by = self._fork(self._current, continues=True), None
        except BoxGone:
            self._lose_notebook()
            return False
        self._held.append(state)
        self._done.append(state)
        # Without a checkpoint the present process is to be left: a thread of it may still run.
        if self._checkpoint is not None:
            self._drop_checkpoint()
            self._checkpoint = Checkpoint(state.process)
        self._end_others()  # tells the keeper of it
        return True

    def release(self, state: State) -> None:
        """Let go of a held state; its process ends with the next order to the keeper."""
        self._guarded(lambda: self._release(state), lambda: None)

    def _release(self, state: State) -> None:
        if state not in self._held:
            return
        self._held.remove(state)
        if self._prepared is not None and self._prepared.state is state:
            self._drop_prepared()
        if self._checkpoint is not None and self._checkpoint.process is state.process:
            self._checkpoint = None
        state.process.close()

    def prepare_test(self, state: State) -> None:
        """Begin to fork the process that `open_test` of this state will want, while another test runs."""
        self._guarded(lambda: self._prepare_test(state), lambda: None)

    def _prepare_test(self, state: State) -> None:
        if self._prepared is None and state in self._held:
            with contextlib.suppress(wire.WireError):
                self._prepared = Prepared(state, state.process.begin_fork())

    def open_test(
        self, state: State | None = None, *, calls: int = 0, seconds: float = 0.0
    ) -> StudentProcess:
        """A process of its own with the state held, else with the present one; it is kept until closed.

        Parameters
        ----------
        calls, seconds : int, float
            What the instructor's own solution took for the test: the limits are multiples of it.
        """
        process = self._guarded(lambda: self._test_process(state), lambda: Verdict.CRASHED)
        time_of_test = TestTime.of(self._limits, self._test_clock, calls=calls, seconds=seconds)
        return StudentProcess(process, time_of_test, lambda: self._end_test(process))

    def _test_process(self, state: State | None) -> Process | Verdict:
        """A fork for a test; or why there is none."""
        self._revive()
        if self._is_exposed:
            self._end_others()
        try:
            if state is None:
                process = self._gone or self._fork(self._current, self._test_clock)
            elif state not in self._held:
                process = Verdict.CRASHED
            else:
                process = self._take_prepared(state) or self._fork(state.process, self._test_clock)
        except BoxGone:
            return self._lose_notebook() if state is None else state.ended_by or Verdict.CRASHED
        if isinstance(process, Process):
            self._tests.append(process)
        return process

    def written_files(self, max_bytes: int = 8 << 20) -> WrittenFiles:
        """What the notebook wrote, as far as it may be kept; nothing when that cannot be found out.

        Parameters
        ----------
        max_bytes : int
            The most that is kept, all files together.
        """
        return self._guarded(lambda: self._written_files(max_bytes), WrittenFiles)

    def _written_files(self, max_bytes: int) -> WrittenFiles:
        self._revive()
        if self._gone or not self._may_have_written:
            return WrittenFiles()
        try:
            child = self._fork(self._current)
        except BoxGone:
            self._lose_notebook()
            return WrittenFiles()
        try:
            report = child.ask(wire.pack({"op": "files", "bytes": max_bytes}), PATIENCE_S)
            return written_files_of(report, self._files, max_bytes)
        except wire.WireError:
            return WrittenFiles()
        finally:
            child.close()
            self._end_others()

    def close(self) -> None:
        """End the box with everything in it."""
        self._gone, self._is_lost = self._gone or Verdict.CRASHED, False
        regardless(self._end, self._keeper.close)
        self._held.clear()

    def _guarded(self, step: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """What `step` returns. Where it raises what nobody foresaw, the box is lost, and `otherwise` told."""
        try:
            return step()
        except SandboxError:
            raise
        except Exception:  # noqa: BLE001 (the submission is the likely cause, and pays; the run goes on)
            self._gone, self._is_lost = self._gone or Verdict.CRASHED, True
            return otherwise()

    def _begin(self) -> None:
        """Make the box, with the given files."""
        control, channel, self._folder, self._cgroup = self._open_box()
        self._keeper = KeeperClient(control)
        try:
            self._place_files(channel, self._files)
        except BaseException:
            self.close()
            channel.close()
            raise

    def _end(self) -> None:
        folder = self._folder
        processes = [*(state.process for state in self._held), *self._tests]
        processes += [self._current] if hasattr(self, "_current") else []
        regardless(
            self._drop_checkpoint,
            self._drop_prepared,
            *(process.close for process in processes),
            lambda: self._keeper.close(wait=folder is not None),
        )
        self._tests.clear()
        if self._cgroup is not None:
            self._cgroup.close()
        if folder is not None:
            remove_folder(str(folder))

    def _revive(self) -> None:
        """Where the keeper has ended: make the box anew, run the cells again, hold states at their places.

        The cell or test in which that happened is not run again; no other is lost by it.
        """
        if not self._is_lost or self._rebuilt == MOST_REBUILT:
            return
        self._is_lost, self._gone, self._passed, self._is_exposed = False, None, None, False
        self._rebuilt += 1
        self._end()
        held, done, clock = self._held, self._done, self._clock
        self._held, self._done, self._clock = [], [], Clock(self._limits.submission_s)
        try:
            self._begin()
            for step in done:
                if isinstance(step, str):
                    self._run_cell(step)
                elif step in held and not self._gone:
                    self._hold(step)
        except BaseException:
            self._held, self._done = held, done  # for the next attempt
            raise
        finally:
            self._clock = clock

    def _place_files(self, channel: wire.Channel, files: Mapping[str, bytes]) -> None:
        unsafe = [name for name in files if not is_safe_file_name(name)]
        if unsafe:
            raise SandboxError(f"not a name below the working directory: {unsafe[0]!r}")
        self._current = Process(channel, self._keeper.await_ready(), self._limits)
        contents = {name: np.frombuffer(data, dtype=np.uint8) for name, data in files.items()}
        try:
            self._current.ask(wire.pack({"op": "setup"}, contents), PATIENCE_S)
        except wire.WireError as error:
            raise SandboxError(f"the box could not be made: {error}") from error
        self._end_others()  # from the first order on the keeper watches

    def _new_checkpoint(self) -> Checkpoint:
        """The present state put aside; the next cells run in a copy of it."""
        child = self._fork(self._current, continues=True)
        self._checkpoint = Checkpoint(self._current)
        self._current = child
        return self._checkpoint

    def _drop_checkpoint(self) -> None:
        if self._checkpoint is None:
            return
        if all(state.process is not self._checkpoint.process for state in self._held):
            self._checkpoint.process.close()
        self._checkpoint = None

    def _await_prepared(self) -> Prepared | None:
        """What is prepared, after its process has answered; None when there is nothing, or it cannot fork."""
        prepared = self._prepared
        if prepared is not None and prepared.process is None:
            self._prepared = None
            with contextlib.suppress(wire.WireError):
                prepared.process = prepared.state.process.end_fork(prepared.channel, self._test_clock)
                self._prepared = prepared
        return self._prepared

    def _take_prepared(self, state: State) -> Process | None:
        prepared = self._await_prepared()
        if prepared is None or prepared.state is not state:
            return None
        self._prepared = None
        return prepared.process

    def _drop_prepared(self) -> None:
        if self._prepared is not None:
            self._prepared.channel.close()
            self._prepared = None

    def _go_back(self, checkpoint: Checkpoint) -> None:
        """The state before the last cell again, made from the checkpoint."""
        clock = Clock(REPEATING_S)  # they were quick, and do not count twice
        while True:
            self._current.close()
            self._current = checkpoint.process
            self._end_others()
            try:
                self._current = self._fork(checkpoint.process, continues=True)
            except BoxGone:
                self._lose_notebook()
                return
            runs = (self._current.run_cell(source, clock).kept for source in checkpoint.cells)
            failed = next((place for place, kept in enumerate(runs) if not kept), None)
            if failed is None:
                break
            # It ran before and does not now (the last cell changed a file): that one is lost, no other.
            del checkpoint.cells[failed]
        self._end_others()

    def _lose_notebook(self) -> Verdict:
        """Nothing of the present state is left; why."""
        self._gone = self._reason_of_crash()
        return self._gone

    def _reason_of_crash(self) -> Verdict:
        """What ended the present process: a limit that the keeper saw passed, or it ended by itself."""
        return self._gone or self._passed or Verdict.CRASHED

    def _fork(self, parent: Process, clock: Clock | None = None, *, continues: bool = False) -> Process:
        """A copy of `parent`; its time is counted on `clock`, if not on that of the cells.

        Raises
        ------
        BoxGone
            It has ended, or cannot fork any more.
        """
        self._is_exposed = False  # the keeper does not know the new process yet
        try:
            return parent.end_fork(parent.begin_fork(continues=continues), clock or self._clock)
        except wire.WireError:
            self._end_others()
            raise BoxGone from None

    def _end_test(self, process: Process | Verdict) -> Verdict | None:
        """Let go of a test's process; the limit of the box that ended it, or None."""
        if isinstance(process, Process) and process in self._tests:
            self._tests.remove(process)
        return self._guarded(self._end_others, lambda: None)

    def _end_others(self) -> Verdict | None:
        """End all but the present state, its checkpoint, held states and open tests; the limit passed."""
        return self._order(current_is_safe=True)

    def _order(self, *, current_is_safe: bool) -> Verdict | None:
        """End every process that is not kept, and name those that the keeper may end at a limit from now on.

        The last named goes first, the states held for tests at the very last.
        """
        prepared = self._await_prepared()
        ready = [prepared.process] if prepared and prepared.process else []
        safe = [state.process for state in self._held]
        safe += [self._checkpoint.process] if self._checkpoint else []
        safe += self._tests
        kept = safe if self._gone else [*safe, self._current]
        safe = kept if current_is_safe else safe
        report = self._keeper.order([*kept, *ready], safe)
        self._is_exposed = not current_is_safe
        if self._cgroup is not None and self._cgroup.memory_was_short():
            report = dataclasses.replace(report, reason=report.reason or Verdict.MEMORY)
        self._passed = report.reason or self._passed
        for state in self._held:
            if state.process.pid in report.ended:
                state.ended_by = report.reason
        if report.reason is not None:
            self._drop_prepared()  # it was not safe
        if report.is_lost:
            self._is_lost = True
            return report.reason or self._lose_notebook()
        return report.reason
