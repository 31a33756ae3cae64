"""One submission in its box: run cells, open a process a test, fetch what was written.

The box's answers are a stranger's words. Their form is checked here; what they claim costs or gains only the
submission itself. No answer in time, no answer at all or a garbled one are verdicts, not errors; only the
box's own keeper failing before any student code ran is our fault (`SandboxError`).

Forks are checkpoints. A fork costs as much as a small cell, so one checkpoint serves a few quick cells: when
one of them hangs or crashes, the state before it is made again from the checkpoint by running the others.
Files are not undone: a cell that changed some is never run again, and a new checkpoint follows it.

A test runs on the state at its place, but nothing that it makes a function of the student do (write a file,
fill a pipe) may reach a later cell, whose outputs the student sees. So states are held, all cells run, and
the tests come last.

Longer than most: box, checkpoint and test process share one protocol with one worker and one keeper.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from autograder import wire
from autograder.sandbox.policy import Limits, SandboxError, is_safe_file_name
from autograder.sandbox.reports import Answer, CellRun, answer_of, cell_run_of, failed_answer, failed_cell
from autograder.verdicts import Verdict

# The worker stops itself at the limit, so that a report can say where it was; then it is killed.
GRACE_S = 1.0
KEEPER_S = 10.0
# What may have to be run again after a cell that hangs: so many cells, so much of their wall time.
CELLS_A_CHECKPOINT = 8
REPEATED_S = 0.5
MOST_HELD = 8  # they count as processes of the submission, and each has a copy of what it changes
MOST_WRITTEN_FILES = 200  # each is flushed to the disk by the one process that serves the whole class
REASONS = {
    "memory": Verdict.MEMORY,
    "cpu": Verdict.TIMEOUT,
    "processes": Verdict.CRASHED,
    "disk": Verdict.CRASHED,
}


class BoxGone(Exception):  # noqa: N818 (caught here; a state, not an error for callers)
    """The box has ended: every further answer is `crashed`, or what ended it."""


@dataclass
class Checkpoint:
    """A process whose state is that before some cells, and these cells.

    Attributes
    ----------
    process : _Process
    cells : list of str
        Sources that were run since and are in the present state.
    seconds : float
        Wall time they took.
    """

    process: _Process
    cells: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def is_used_up(self) -> bool:
        """Whether running its cells again would cost more than a new checkpoint saves."""
        return len(self.cells) >= CELLS_A_CHECKPOINT or self.seconds > REPEATED_S


@dataclass(eq=False)
class State:
    """A process that waits with the notebook's state at some place, for tests to fork."""

    process: _Process


@dataclass
class Clock:
    """Wall time of a submission's cells, of its tests, or of one test: counted while student code runs."""

    limit_s: float
    used_s: float = 0.0

    def left_s(self) -> float:
        """Seconds that remain, at least 0."""
        return max(0.0, self.limit_s - self.used_s)


class Examinee:
    """A box with one submission's state. Made by `Sandbox.examinee`.

    Parameters
    ----------
    control, channel : Channel
        To the box's keeper, and to its first student process.
    limits : Limits
    files : mapping of str to bytes
        What the working directory holds at the start.
    box : Path or None
        The folder on this machine that is the working directory, to be removed at the end.
    owner : object
        What must live as long as the box: its sandbox.
    """

    _current: _Process

    def __init__(
        self,
        control: wire.Channel,
        channel: wire.Channel,
        limits: Limits,
        files: Mapping[str, bytes],
        box: Path | None,
        owner: object,
    ) -> None:
        self._control, self._limits, self._box, self._owner = control, limits, box, owner
        self._clock = Clock(limits.submission_s)
        self._gone: Verdict | None = None
        self._test_clock = Clock(limits.submission_s)
        self._checkpoint: Checkpoint | None = None
        self._held: list[State] = []
        try:
            self._place_files(channel, files)
        except BaseException:
            self.close()
            channel.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run_cell(self, source: str) -> CellRun:
        """Run one cell; when it hangs or crashes the state stays as before it (`kept` is False)."""
        if self._gone or not self._clock.left_s():
            return failed_cell(self._gone or Verdict.TIMEOUT)
        try:
            checkpoint = self._checkpoint or self._new_checkpoint()
        except BoxGone:
            return failed_cell(self._gone or Verdict.CRASHED)
        held = [state.process for state in self._held]
        self._order(kept=[*held, checkpoint.process, self._current], safe=[*held, checkpoint.process])
        run = self._current.run_cell(source, self._clock)
        reason = None
        if run.kept:
            checkpoint.cells.append(source)
            checkpoint.seconds += run.seconds
            if checkpoint.is_used_up() or not run.repeatable:
                self._drop_checkpoint()
            self._keep()
        else:
            reason = self._go_back(checkpoint)
        if self._gone:
            return failed_cell(self._gone, run.seconds)
        if not run.kept and reason is not None and run.verdict is Verdict.CRASHED:
            return failed_cell(reason, run.seconds)
        return run

    def hold(self) -> State | None:
        """The state at this place of the notebook, for tests after all cells; None when too many are held."""
        if self._gone or len(self._held) >= MOST_HELD:
            return None
        try:
            self._held.append(State(self._fork()))
        except BoxGone:
            return None
        return self._held[-1]

    def release(self, state: State) -> None:
        """Let go of a held state; its process ends with the next order to the keeper."""
        if state in self._held:
            state.process.channel.close()
            self._held.remove(state)

    def open_test(self, state: State | None = None) -> StudentProcess:
        """A process of its own with the state held, else with the present one; close it before the next."""
        return StudentProcess(self, state)

    def written_files(self, max_bytes: int = 8 << 20) -> dict[str, bytes]:
        """Regular files that the notebook made or changed; {} when it cannot say.

        At most `max_bytes` together, and the first `MOST_WRITTEN_FILES` of them.
        """
        if self._gone:
            return {}
        try:
            child = self._fork()
        except BoxGone:
            return {}
        try:
            found = child.ask(wire.pack({"op": "files", "bytes": max_bytes}), KEEPER_S).tree("value")
        except wire.WireError:
            found = {}
        finally:
            child.channel.close()
            self._keep()
        if not isinstance(found, dict):
            return {}
        result: dict[str, bytes] = {}
        for name, data in found.items():
            if len(result) == MOST_WRITTEN_FILES:
                break
            if isinstance(name, str) and is_safe_file_name(name) and isinstance(data, np.ndarray):
                result[name] = data.tobytes()
        return result if sum(map(len, result.values())) <= max_bytes else {}

    def close(self) -> None:
        """End the box with everything in it."""
        self._gone = self._gone or Verdict.CRASHED
        self._drop_checkpoint()
        for state in list(self._held):
            self.release(state)
        if hasattr(self, "_current"):
            self._current.channel.close()
        self._control.close()
        if self._box is not None:
            _remove(self._box)

    def _place_files(self, channel: wire.Channel, files: Mapping[str, bytes]) -> None:
        unsafe = [name for name in files if not is_safe_file_name(name)]
        if unsafe:
            raise SandboxError(f"not a name below the working directory: {unsafe[0]!r}")
        deadline = time.monotonic() + KEEPER_S
        try:
            hello = self._control.receive(deadline).header
            if not hello.get("ready"):
                raise SandboxError(f"the box could not be made: {hello.get('error', 'no reason given')}")
            self._current = _Process(channel, int(hello["pid"]), self._limits)
            contents = {name: np.frombuffer(data, dtype=np.uint8) for name, data in files.items()}
            self._current.ask(wire.pack({"op": "setup"}, contents), KEEPER_S)
        except wire.WireError as error:
            raise SandboxError(f"the box could not be made: {error}") from error

    def _new_checkpoint(self) -> Checkpoint:
        """The present state put aside; a copy of it goes on."""
        child = self._fork(goes_on=True)
        self._checkpoint = Checkpoint(self._current)
        self._current = child
        return self._checkpoint

    def _drop_checkpoint(self) -> None:
        if self._checkpoint is not None:
            self._checkpoint.process.channel.close()
            self._checkpoint = None

    def _go_back(self, checkpoint: Checkpoint) -> Verdict | None:
        """The state before the last cell again; why the keeper had ended that cell, if it had."""
        self._current.channel.close()
        self._current = checkpoint.process
        self._checkpoint = None
        reason = self._keep()
        if self._gone:
            return reason
        try:
            self._new_checkpoint().cells.extend(checkpoint.cells)
        except BoxGone:
            return reason
        for source in checkpoint.cells:
            if not self._current.run_cell(source, self._clock).kept:
                # It ran before and does not now: from here on the state is that of the checkpoint.
                self._current.channel.close()
                self._current = checkpoint.process
                self._checkpoint = None
                break
        self._keep()
        return reason

    def _fork(
        self, state: State | None = None, clock: Clock | None = None, *, goes_on: bool = False
    ) -> _Process:
        """A new process with the present state, or a held one.

        Parameters
        ----------
        state : State, optional
        clock : Clock, optional
            What the time it takes is counted on, if not that of the cells.
        goes_on : bool
            Whether the notebook goes on in it: then it keeps the state of the global random generators, as in
            a Jupyter kernel; other forks draw numbers of their own.

        Raises
        ------
        BoxGone
            The process cannot fork any more: student code has broken it, or the state was released.
        """
        if state is not None and state not in self._held:
            raise BoxGone
        ours, theirs = wire.Channel.pair()
        start = time.monotonic()
        try:
            with theirs:
                process = state.process if state else self._current
                order = wire.pack({"op": "fork", "goes_on": goes_on})
                reply = process.ask(order, KEEPER_S, (theirs.fileno(),))
            if not reply.header.get("ok"):
                raise wire.ClosedError("it cannot fork")
            pid = ours.receive(time.monotonic() + KEEPER_S).header.get("pid")
            if type(pid) is not int:
                raise wire.WireError("no process number")
        except wire.WireError:
            ours.close()
            self._keep()
            if state is None:
                self._gone = self._gone or Verdict.CRASHED
            raise BoxGone from None
        finally:
            # Student code can make a fork slow (`os.register_at_fork`).
            (clock or self._clock).used_s += time.monotonic() - start
        return _Process(ours, pid, self._limits)

    def _keep(self) -> Verdict | None:
        """End all but the present state and its checkpoint; why the keeper had ended some, if it had."""
        kept = [self._current, *([self._checkpoint.process] if self._checkpoint else [])]
        kept += [state.process for state in self._held]
        return self._order(kept, kept)

    def _order(self, kept: Sequence[_Process], safe: Sequence[_Process]) -> Verdict | None:
        """End every other process now, and from now on at a limit all that are not `safe`."""
        order = {"op": "keep", "keep": [one.pid for one in kept], "safe": [one.pid for one in safe]}
        try:
            self._control.send(wire.pack(order), time.monotonic() + KEEPER_S)
            reply = self._control.receive(time.monotonic() + KEEPER_S).header
        except wire.WireError:
            self._gone = self._gone or Verdict.CRASHED
            return None
        reason = REASONS.get(str(reply.get("reason")))
        if reply.get("left"):
            self._gone = reason or Verdict.CRASHED
        return reason


class StudentProcess:
    """A fork of the notebook's state, for one test cell: calls share it, and end with it."""

    def __init__(self, examinee: Examinee, state: State | None = None) -> None:
        self._examinee = examinee
        self._clock = Clock(min(examinee._limits.cell_s, examinee._test_clock.left_s()))
        self._broken: Verdict | None = examinee._gone
        self._process: _Process | None = None
        if self._broken is None:
            try:
                self._process = examinee._fork(state, examinee._test_clock)
            except BoxGone:
                self._broken = examinee._gone or Verdict.CRASHED

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        random_state: Mapping[str, Any] | None = None,
    ) -> Answer:
        """What the student's function `name` does with fresh copies of these arguments.

        Parameters
        ----------
        name : str
            A name at the notebook's top level.
        args, kwargs : sequence, mapping
            Plain data and arrays.
        random_state : mapping, optional
            `numpy`: the tuple of `np.random.get_state()`; `random`: that of `random.getstate()`; what is
            missing or None is seeded from entropy.

        Raises
        ------
        UnsupportedValueError
            An argument does not cross the wire: the test needs `### IN STUDENT PROCESS`.
        """
        values = {"args": tuple(args), "kwargs": dict(kwargs or {}), "random_state": dict(random_state or {})}
        return self._answer({"op": "call", "name": name}, values)

    def fetch(self, name: str) -> Answer:
        """What the student's top-level name is, and its value where that is plain data."""
        return self._answer({"op": "fetch", "name": name}, None)

    def run_inside(self, source: str) -> CellRun:
        """Run a test cell's source in the student's process: for tests whose objects cannot cross."""
        if self._broken or self._process is None or not self._clock.left_s():
            return failed_cell(self._broken or Verdict.TIMEOUT)
        run = self._process.run_cell(source, self._clock, self._examinee._test_clock)
        if not run.kept:
            self._break(run.verdict or Verdict.CRASHED)
            if self._broken and run.verdict is Verdict.CRASHED:
                return failed_cell(self._broken, run.seconds)
        return run

    def close(self) -> None:
        """End the process and what it started."""
        if self._process is not None:
            self._process.channel.close()
            self._process = None
            if self._examinee._gone is None:
                self._examinee._keep()

    def _answer(self, fields: dict[str, Any], values: Any) -> Answer:
        if self._broken or self._process is None:
            return failed_answer(self._broken or Verdict.CRASHED)
        if not self._clock.left_s() or not self._examinee._test_clock.left_s():
            return failed_answer(Verdict.TIMEOUT)
        seconds = min(self._clock.left_s(), self._examinee._test_clock.left_s())
        frame = wire.pack(fields | {"seconds": seconds}, values)
        start = time.monotonic()
        try:
            message = self._process.ask(frame, seconds + GRACE_S)
            answer = answer_of(message)
        except wire.DeadlineError:
            answer = failed_answer(Verdict.TIMEOUT)
        except wire.WireError:
            answer = failed_answer(Verdict.CRASHED)
        for clock in (self._clock, self._examinee._test_clock):
            clock.used_s += time.monotonic() - start
        if answer.lost or answer.verdict is Verdict.TIMEOUT:
            self._break(answer.verdict or Verdict.CRASHED)
            if answer.verdict is Verdict.CRASHED and self._broken is not Verdict.CRASHED:
                return failed_answer(self._broken or Verdict.CRASHED)
        return answer

    def _break(self, verdict: Verdict) -> None:
        """End this process; the keeper may know better why it went."""
        if self._process is not None:
            self._process.channel.close()
            self._process = None
        reason = self._examinee._keep() if self._examinee._gone is None else None
        self._broken = (reason or verdict) if verdict is Verdict.CRASHED else verdict


@dataclass
class _Process:
    """One student process: its channel and its number inside the box."""

    channel: wire.Channel
    pid: int
    limits: Limits

    def ask(self, frame: bytes, seconds: float, descriptors: tuple[int, ...] = ()) -> wire.Message:
        deadline = time.monotonic() + seconds
        self.channel.send(frame, deadline, descriptors)
        return self.channel.receive(deadline, self.limits.value_bytes)

    def run_cell(self, source: str, *clocks: Clock) -> CellRun:
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


def _remove(folder: Path) -> None:
    """Remove a folder that a stranger filled; what resists stays for the sandbox's own end."""
    shutil.rmtree(folder, ignore_errors=True)
