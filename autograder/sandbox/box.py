"""One submission in its box: run cells, open a process per test, fetch what was written.

The box's answers are not trusted. Their form is checked here; what they claim costs or gains only the
submission itself. No answer in time, no answer at all or a garbled one are verdicts, not errors; only the
box's own keeper failing before any student code ran is our fault (`SandboxError`).

A test runs on the state at its place, but nothing that it makes a function of the student do (write a file,
fill a pipe) may reach a later cell, whose outputs the student sees. So states are held, all cells run, and
the tests come last. A notebook that outgrows the box's memory ends; the states held before do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self, TypeVar

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.box_processes import BoxProcesses
from autograder.sandbox.clocks import Clock, TestTime
from autograder.sandbox.faults import regardless
from autograder.sandbox.file_names import is_safe_file_name
from autograder.sandbox.held_files import HeldFiles
from autograder.sandbox.inside.files import remove_folder
from autograder.sandbox.keeper_client import KeeperClient
from autograder.sandbox.policy import Limits, SandboxError
from autograder.sandbox.pressure import BUSY_SHARE
from autograder.sandbox.process import PATIENCE_S, Process
from autograder.sandbox.reports import CellRun, failed_cell
from autograder.sandbox.states import BoxGone, BoxParts, Checkpoint, State
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.working_directory import WorkingDirectory
from autograder.sandbox.written_files import WrittenFiles
from autograder.verdicts import Verdict

T = TypeVar("T")

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

    def __init__(
        self,
        open_box: Callable[[], BoxParts],
        limits: Limits,
        files: Mapping[str, bytes],
    ) -> None:
        self._open_box, self._limits, self._files = open_box, limits, files
        self._processes = BoxProcesses(limits.submission_s)
        self._directory = WorkingDirectory(self._processes, HeldFiles(files))
        self._done: list[str | State] = []  # cells that are in the state, and where states were held
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
        return self._processes.gone is not None

    @property
    def lacked_s(self) -> float:
        """How long what a clock has ended may have waited for a processor; 0 where none ended anything.

        The student's process says it, and can say what it likes: it counts where the keeper saw that the box
        waited for a processor.
        """
        cells, tests, waited_s = self._processes.clock, self._processes.test_clock, self._processes.waited_s
        if waited_s is not None and waited_s <= BUSY_SHARE * (cells.struck_s + tests.struck_s):
            return 0.0
        return cells.lacked_s + tests.lacked_s

    def run_cell(self, source: str) -> CellRun:
        """Run one cell; when it hangs or crashes the state stays as before it (`kept` is False)."""
        return self._guarded(lambda: self._run_cell(source), lambda: failed_cell(Verdict.CRASHED))

    def _run_cell(self, source: str) -> CellRun:
        self._revive()
        if self._processes.gone:
            return failed_cell(self._processes.gone)
        if not self._processes.clock.left_s():
            self._processes.clock.strike_for_all()
            return failed_cell(Verdict.TIMEOUT)
        self._processes.passed = None
        self._directory.begin_cell()
        try:
            if self._processes.checkpoint is None or self._processes.checkpoint.is_used_up():
                self._processes.drop_checkpoint()
                checkpoint = self._processes.new_checkpoint()
            else:
                checkpoint = self._processes.checkpoint
        except BoxGone:
            return failed_cell(self._processes.lose_notebook())
        if not self._processes.is_exposed:
            self._processes.order(current_is_safe=False)
        run = self._processes.current.run_cell(source, self._processes.clock)
        self._directory.end_cell(run)
        if run.kept and self._processes.order(current_is_safe=False) is None:
            self._done.append(source)
            checkpoint.cells.append(source)
            checkpoint.seconds += run.seconds
            if not run.repeatable:
                self._processes.drop_checkpoint()
            return run
        # Over a limit after its answer is over it all the same.
        verdict = Verdict.CRASHED if run.kept else run.verdict
        if not self._processes.is_lost:
            self._processes.go_back(checkpoint)
        if verdict is Verdict.CRASHED:
            return failed_cell(self._processes.reason_of_crash(), run.seconds)
        return run

    def hold(self) -> State | None:
        """The state at this place of the notebook, for tests after all cells; None when too many are held."""
        return self._guarded(self._held_now, lambda: None)

    def _held_now(self) -> State | None:
        self._revive()
        if self._processes.gone or len(self._processes.held) >= MOST_HELD:
            return None
        state = State(self._processes.current)
        if not self._hold(state):
            return None
        self._directory.hold(state)
        return state

    def _hold(self, state: State) -> bool:
        """Give `state` a process with the present state; whether there is one."""
        try:
            state.process = self._processes.fork(self._processes.current, continues=True)
            state.ended_by = None
        except BoxGone:
            self._processes.lose_notebook()
            return False
        self._processes.held.append(state)
        self._done.append(state)
        # Without a checkpoint the present process is to be left: a thread of it may still run.
        if self._processes.checkpoint is not None:
            self._processes.drop_checkpoint()
            self._processes.checkpoint = Checkpoint(state.process)
        self._processes.end_others()  # tells the keeper of it
        return True

    def release(self, state: State) -> None:
        """Let go of a held state; its process ends with the next order to the keeper."""
        self._guarded(lambda: self._release(state), lambda: None)

    def _release(self, state: State) -> None:
        if state not in self._processes.held:
            return
        self._processes.held.remove(state)
        self._processes.forget(state)
        state.process.close()

    def prepare_test(self, state: State) -> None:
        """Begin to fork the process that `open_test` of this state will want, while another test runs."""
        self._guarded(lambda: self._prepare_test(state), lambda: None)

    def _prepare_test(self, state: State) -> None:
        if state in self._processes.held:
            self._processes.prepare(state)

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
        time_of_test = TestTime.of(self._limits, self._processes.test_clock, calls=calls, seconds=seconds)
        return StudentProcess(process, time_of_test, lambda: self._end_test(process))

    def _test_process(self, state: State | None) -> Process | Verdict:
        """A fork for a test; or why there is none."""
        self._revive()
        self._directory.show(state)
        if self._processes.is_exposed:
            self._processes.end_others()
        box = self._processes
        try:
            if state is None:
                process = box.gone or box.fork(box.current, box.test_clock)
            elif state not in box.held:
                process = Verdict.CRASHED
            else:
                process = box.take_prepared(state) or box.fork(state.process, box.test_clock)
        except BoxGone:
            return box.lose_notebook() if state is None else state.ended_by or Verdict.CRASHED
        if isinstance(process, Process):
            self._processes.tests.append(process)
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
        return WrittenFiles() if self._processes.gone else self._directory.written(self._files, max_bytes)

    def show_files(self, state: State | None) -> list[str]:
        """Let the working directory hold what it held at the state's place, for a process opened before.

        Returns
        -------
        list of str
            Names under which there is something else all the same: too large, too many, or no file.
        """
        return self._guarded(lambda: self._directory.show(state), list)

    def close(self) -> None:
        """End the box with everything in it."""
        self._processes.gone, self._processes.is_lost = self._processes.gone or Verdict.CRASHED, False
        regardless(self._end, self._processes.keeper.close)
        self._processes.held.clear()

    def _guarded(self, step: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """What `step` returns. Where it raises what nobody foresaw, the box is lost, and `otherwise` told."""
        try:
            return step()
        except SandboxError:
            raise
        except Exception:  # noqa: BLE001 (the submission is the likely cause, and pays; the run goes on)
            self._processes.gone, self._processes.is_lost = self._processes.gone or Verdict.CRASHED, True
            return otherwise()

    def _begin(self) -> None:
        """Make the box, with the given files."""
        control, channel, self._folder, self._processes.cgroup, is_shared = self._open_box()
        self._processes.keeper = KeeperClient(control)
        try:
            self._directory.begin(is_shared=is_shared)
            self._place_files(channel, self._files)
        except BaseException:
            self.close()
            channel.close()
            raise

    def _end(self) -> None:
        folder = self._folder
        self._processes.close(wait=folder is not None)
        if folder is not None:
            remove_folder(str(folder))

    def _revive(self) -> None:
        """Where the keeper has ended: make the box anew, run the cells again, hold states at their places.

        The cell or test in which that happened is not run again; no other is lost by it.
        """
        if not self._processes.is_lost or self._rebuilt == MOST_REBUILT:
            return
        box = self._processes
        box.is_lost, box.gone, box.passed, box.is_exposed = False, None, None, False
        self._rebuilt += 1
        self._end()
        held, done, clock = self._processes.held, self._done, self._processes.clock
        self._processes.held, self._done, self._processes.clock = [], [], Clock(self._limits.submission_s)
        try:
            self._begin()
            for step in done:
                if isinstance(step, str):
                    self._run_cell(step)
                elif step in held and not self._processes.gone:
                    self._hold(step)
        except BaseException:
            self._processes.held, self._done = held, done  # for the next attempt
            raise
        finally:
            self._processes.clock = clock

    def _place_files(self, channel: wire.Channel, files: Mapping[str, bytes]) -> None:
        unsafe = [name for name in files if not is_safe_file_name(name)]
        if unsafe:
            raise SandboxError(f"not a name below the working directory: {unsafe[0]!r}")
        self._processes.current = Process(channel, self._processes.keeper.await_ready(), self._limits)
        contents = {name: np.frombuffer(data, dtype=np.uint8) for name, data in files.items()}
        try:
            self._processes.current.ask(wire.pack({"op": "setup"}, contents), PATIENCE_S)
        except wire.WireError as error:
            raise SandboxError(f"the box could not be made: {error}") from error
        self._processes.end_others()  # from the first order on the keeper watches

    def _end_test(self, process: Process | Verdict) -> Verdict | None:
        """Let go of a test's process; the limit of the box that ended it, or None."""
        if isinstance(process, Process) and process in self._processes.tests:
            self._processes.tests.remove(process)
        return self._guarded(self._processes.end_others, lambda: None)
