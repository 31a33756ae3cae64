"""One test's own process: a fork of the notebook's state, which its calls share."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from autograder.sandbox import wire
from autograder.sandbox.clocks import TestTime
from autograder.sandbox.faults import regardless
from autograder.sandbox.policy import Limits
from autograder.sandbox.process import GRACE_S, Process
from autograder.sandbox.reports import Answer, CellRun, answer_of, failed_answer, failed_cell
from autograder.verdicts import Verdict

MOST_DEPTH = 16  # of calls in callbacks in calls


class HandedOver(Protocol):
    """Functions that a call hands over to the student's process."""

    def tree(self, value: Any) -> list[Any] | None:
        """How a function crosses; None where it does not."""

    def call(self, number: Any, args: Any, kwargs: Any) -> Any:
        """What the function with this number returns; it may raise anything."""

    def show(self, text: str) -> None:
        """Take what the student's code printed before a callback."""


_MOST_CALLS = 1_000_000  # where nobody says less


class StudentProcess:
    """Calls of one test cell to the student's functions; close it before the next is opened.

    Parameters
    ----------
    process : Process or Verdict
        The fork; or why there is none, which is then what every call gives.
    time_of_test : TestTime
        What its calls may take, and what they have taken.
    on_end : callable
        Called when the process is released; returns the limit of the box that ended it, or None.

    Attributes
    ----------
    most_calls : int
        The most that all tests of an honest kind need; more of them count as too slow.
    classes : KnownClasses
        Whose members of enums and named tuples may come back.
    objects : Objects or None
        What has crossed. Where it is set, an argument that a call changes is changed here, and what comes
        back twice is one object; where it is None, each call gets and gives copies.
    functions : HandedOver or None
        The functions that the next call hands over.
    handles : callable or None
        Makes a stand-in of what an object of the student's that stays in its process crosses as; None where
        no object may.
    """

    functions: HandedOver | None = None
    classes = wire.KnownClasses()
    objects: wire.Objects | None = None
    handles: Callable[[list[Any]], Any] | None = None

    def __init__(
        self,
        process: Process | Verdict,
        time_of_test: TestTime,
        on_end: Callable[[], Verdict | None],
    ) -> None:
        self._time, self._on_end = time_of_test, on_end
        self._calls = 0
        self.most_calls = _MOST_CALLS
        self._depth = 0  # of calls that callbacks make
        self._refused: wire.UnsupportedValueError | None = None  # what a callback returned does not cross
        self._process = process if isinstance(process, Process) else None
        self._broken = None if isinstance(process, Process) else process

    @property
    def calls(self) -> int:
        """How many requests were sent to it so far."""
        return self._calls

    @property
    def time_of_calls_s(self) -> float:
        """Processor time that all calls together may take, seconds."""
        return self._time.calls.limit_s

    @property
    def wall_left_s(self) -> float:
        """Seconds by the clock that its calls may still take."""
        return self._time.left_s()

    @property
    def is_open(self) -> bool:
        """Whether there is a process to call."""
        return self._process is not None

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
        *,
        explain: bool = False,
        replaced: Mapping[str, int] | None = None,
        names: Mapping[str, tuple[Any, bool]] | None = None,
    ) -> Answer:
        """What the student's function `name` does with these arguments.

        Parameters
        ----------
        name : str
            A name at the notebook's top level.
        args, kwargs : sequence, mapping
            Plain data and arrays.
        random_state : mapping, optional
            `numpy`: the tuple of `np.random.get_state()`; `random`: that of `random.getstate()`; what is
            missing or None is seeded from entropy.
        explain : bool
            Report the student's line that raised. Only for arguments that anyone may know, in a process that
            has seen nothing hidden.
        replaced : mapping, optional
            `input`, `print` or `stdin` -> the number of the function handed over that stands in its place.
        names : mapping, optional
            Names of the notebook -> what they are during this call, and whether only where they are there.

        Raises
        ------
        UnsupportedValueError
            An argument does not cross the wire: the test needs `### IN STUDENT PROCESS`.
        """
        values = (tuple(args), dict(kwargs or {}), dict(random_state or {}), dict(names or {}))
        return self._answer(
            {"op": "call", "name": name, "explain": explain, "replaced": dict(replaced or {})}, values
        )

    def operate(
        self,
        operation: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        random_state: Mapping[str, Any] | None = None,
        *,
        replaced: Mapping[str, int] | None = None,
        names: Mapping[str, tuple[Any, bool]] | None = None,
    ) -> Answer:
        """What an operation on an object that stayed in the student's process gives; parameters as in `call`.

        Raises
        ------
        UnsupportedValueError
            An argument does not cross the wire.
        """
        values = (tuple(args), dict(kwargs or {}), dict(random_state or {}), dict(names or {}))
        return self._answer(
            {"op": "operate", "name": operation, "explain": False, "replaced": dict(replaced or {})}, values
        )

    def fetch(self, name: str) -> Answer:
        """What the student's top-level name is, and its value where that is plain data."""
        return self._answer({"op": "fetch", "name": name}, ())

    def run_inside(self, source: str) -> CellRun:
        """Run a test cell's source in the student's process: for tests whose objects cannot cross."""
        try:
            return self._run_of_process(source)
        except Exception:  # noqa: BLE001 (as above)
            return failed_cell(self._give_up())

    def _run_of_process(self, source: str) -> CellRun:
        if self._process is None:
            return failed_cell(self._broken or Verdict.TIMEOUT)
        if not self._time.left_s():
            self._time.strike_for_all()
            return failed_cell(Verdict.TIMEOUT)
        run = self._process.run_cell(source, self._time, self._time.inside_s)
        if run.kept:
            return run
        ended_by = self._break(run.verdict or Verdict.CRASHED)
        return failed_cell(ended_by, run.seconds) if run.verdict is Verdict.CRASHED else run

    def struck_by_clock(self, took_s: float) -> None:
        """Note that the clock has ended this test after so long, all of which it may have waited."""
        self._time.strike(took_s, took_s)

    def lend(self) -> tuple[dict[str, Any], list[int]]:
        """What `borrowed` needs in another process, to talk to the student's process: data, descriptors."""
        fields = {
            "broken": None if self._broken is None else str(self._broken),
            "time": dataclasses.asdict(self._time),
            "most_calls": self.most_calls,
            "calls": self._calls,
        }
        if self._process is None:
            return fields, []
        process = {"pid": self._process.pid, "limits": self._process.limits.to_dict()}
        return fields | process, [self._process.channel.fileno()]

    @classmethod
    def borrowed(
        cls, fields: Mapping[str, Any], descriptors: Sequence[int], on_end: Callable[[], Verdict | None]
    ) -> Self:
        """The student's process that another process of ours has lent to this one."""
        process: Process | Verdict
        if descriptors:
            channel = wire.Channel(socket.socket(fileno=descriptors[0]))
            process = Process(channel, fields["pid"], Limits(**fields["limits"]))
        else:
            process = Verdict(fields["broken"])
        own = cls(process, TestTime.of_fields(fields["time"]), on_end)
        own.most_calls, own._calls = fields["most_calls"], fields["calls"]
        return own

    def told_the_time(self, fields: Mapping[str, Any]) -> None:
        """Go on counting from what the lender says now."""
        self._time = TestTime.of_fields(fields["time"])

    def report(self) -> dict[str, Any]:
        """What the borrower has used, for `take_back`."""
        broken = None if self._broken is None else str(self._broken)
        return {"broken": broken, "calls": self._calls, "used": self._time.used()}

    def take_back(self, report: Mapping[str, Any]) -> None:
        """Count what the borrower has used.

        Raises
        ------
        WireError
            The report has another form.
        """
        calls, used, broken = report.get("calls"), report.get("used"), report.get("broken")
        is_known = broken is None or (type(broken) is str and broken in list(Verdict))
        if type(calls) is not int or type(used) is not list or not is_known:
            raise wire.WireError("a report on a student's process of another form than one")
        self._calls = max(self._calls, calls)
        try:
            self._time.use_up_to(used)
        except ValueError as error:
            raise wire.WireError(f"a report on a student's process: {error}") from None
        if broken is not None:
            self.close()
            self._broken = Verdict(broken)

    def let_go(self) -> None:
        """Close this end of what was borrowed; the lender ends the process."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def end(self) -> Verdict | None:
        """End the process; the limit of the box that had ended it before, if it was one."""
        self.let_go()
        return self._on_end()

    def close(self) -> None:
        """End the process and what it started."""
        if self._process is not None:
            process, self._process = self._process, None
            regardless(process.close, self._on_end)

    def _answer(self, fields: dict[str, Any], values: Sequence[Any]) -> Answer:
        try:
            return self._answer_of_process(fields, values)
        except wire.UnsupportedValueError:
            raise
        except Exception:  # noqa: BLE001 (the answer is the likely cause: the call fails, the run goes on)
            return failed_answer(self._give_up())

    def _answer_of_process(self, fields: dict[str, Any], values: Sequence[Any]) -> Answer:
        if self._process is None:
            return failed_answer(self._broken or Verdict.CRASHED)
        call_s = self._time.call_s
        seconds = min(call_s, self._time.calls.left_s())
        wall_s = min(self._time.call_wall_s, self._time.left_s())
        self._calls += 1
        if not wall_s:
            self._time.strike_for_all()
            return self._slow_answer(by_clock=True)
        if self._calls > self.most_calls:
            return failed_answer(Verdict.TIMEOUT, self._time.calls.used_s, calls=self._calls)
        if not seconds:
            return self._slow_answer(by_clock=False)
        fields |= {
            "seconds": seconds,
            "wall_s": wall_s,
            "objects": self.objects is not None,
            "handles": self.handles is not None,
        }
        functions = self.functions
        request = wire.pack_all(fields, values, self.objects, functions.tree if functions else None)
        start = time.monotonic()
        try:
            message = self._converse(request, start + wall_s + GRACE_S, functions)
            answer = answer_of(message, self.classes, self.objects, self.handles)
        except wire.DeadlineError:
            answer = failed_answer(Verdict.TIMEOUT, processor_s=seconds, waited_s=wall_s)
        except wire.WireError:
            answer = failed_answer(Verdict.CRASHED)
        took_s = time.monotonic() - start
        if not self._depth:
            self._time.use(took_s, answer.waited_s)
            self._time.calls.use(answer.processor_s)
        if answer.verdict is Verdict.TIMEOUT and took_s >= wall_s:
            if wall_s == self._time.call_wall_s:
                self._time.strike(answer.waited_s, took_s)
            else:
                self._time.strike_for_all()
        if self._refused is not None:
            refused, self._refused = self._refused, None
            self._break(Verdict.CRASHED)
            raise refused
        if not answer.lost and answer.verdict is not Verdict.TIMEOUT:
            return answer
        if answer.verdict is Verdict.TIMEOUT:
            answer = self._stopped_answer(seconds, wall_s, answer.processor_s, took_s)
        ended_by = self._break(answer.verdict or Verdict.CRASHED)
        return failed_answer(ended_by) if answer.verdict is Verdict.CRASHED else answer

    def _converse(self, request: bytes, deadline: float, functions: HandedOver | None) -> wire.Message:
        """The answer to a request; meanwhile the functions that it handed over are called back."""
        self._depth += 1
        try:
            while True:
                if self._process is None or self._depth > MOST_DEPTH:
                    raise wire.ClosedError("the process ended in a callback, or callbacks nest too deep")
                message = self._process.ask(request, deadline - time.monotonic())
                if message.header.get("op") != "callback":
                    return message
                request = self._called_back(message, functions)
        finally:
            self._depth -= 1

    def _called_back(self, message: wire.Message, functions: HandedOver | None) -> bytes:
        """What a function that was handed over gives, as a message."""
        values = message.values(self.classes, self.objects, self.handles)
        printed = message.header.get("stdout")
        if functions is None or len(values) != 2 or type(printed) is not str:
            raise wire.WireError("a callback of another form than one")
        functions.show(wire.text_without_surrogates(printed))
        try:
            result = functions.call(message.header.get("number"), *values)
        except Exception as error:  # noqa: BLE001 (whatever the test's function raised goes on in the student's)
            built_in = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
            return wire.pack({"op": "failed", "error_type": built_in})
        try:
            args, kwargs = values  # which the function may have changed
            returned = [result, *args, *kwargs.values()]
            return wire.pack_all({"op": "returned"}, returned, self.objects, functions.tree)
        except wire.UnsupportedValueError as error:
            self._refused = error
            raise

    def _stopped_answer(self, seconds: float, wall_s: float, processor_s: float, took_s: float) -> Answer:
        """A call was stopped at so much processor time or wall time: its own limit, or that of all calls."""
        if took_s < wall_s:
            is_own, used_s = seconds == self._time.call_s, max(processor_s, seconds)
        else:
            is_own, used_s = wall_s == self._time.call_wall_s, took_s
        if is_own:
            return failed_answer(Verdict.TIMEOUT, used_s, seconds if took_s < wall_s else wall_s)
        return self._slow_answer(by_clock=took_s >= wall_s)

    def _slow_answer(self, *, by_clock: bool) -> Answer:
        """The calls so far took all the time that they have together."""
        if by_clock:  # they waited, and have had all that there was: another time in each run
            return failed_answer(Verdict.TIMEOUT, self._time.used_s)
        return failed_answer(Verdict.TIMEOUT, self._time.calls.used_s, self._time.calls.limit_s, self._calls)

    def _give_up(self) -> Verdict:
        """Crashed: something raised that nobody foresaw."""
        self._broken = Verdict.CRASHED
        self.close()
        return Verdict.CRASHED

    def _break(self, verdict: Verdict) -> Verdict:
        """End this process; after a crash the keeper may know which limit ended it."""
        ended_by = self.end()
        self._broken = (ended_by or verdict) if verdict is Verdict.CRASHED else verdict
        return self._broken
