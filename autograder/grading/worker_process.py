"""The supervisor's side of one worker: its process, its deadline, and the messages to and from it.

LostWorkerError: the process ended, hung, or sent what is no message.
RefusedError: it cannot work here; the text is its reason.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from autograder.grading import protocol
from autograder.grading.instructor_run import INSTRUCTOR_LIMITS
from autograder.grading.protocol import (
    AtTest,
    InstructorRun,
    Job,
    JobResult,
    MakePlan,
    Memo,
    Message,
    ProtocolError,
    Ready,
    Refused,
    Start,
)
from autograder.grading.test_plan import Plan
from autograder.sandbox import passing
from autograder.sandbox.clocks import time_of_calls_s
from autograder.sandbox.run_folders import sweep_old_folders
from autograder.verdicts import Verdict

GRACE_S = 10.0  # beyond the worker's own deadlines, before it is taken for lost
_START_S = 120.0
_OTHER_S = 60.0  # of one submission, beside its cells: intake, forks, diagnosis, rendering
_CLOSING_S = 3.0


class LostWorkerError(Exception):
    """The worker is gone or of no use; `test` is the grade id it was at, "" between tests."""

    def __init__(self, test: str, verdict: Verdict) -> None:
        super().__init__(f"the worker was lost at {test or 'no test'}")
        self.test = test
        self.verdict = verdict


class RefusedError(Exception):
    """The worker will not work: the tier is not to be had, for one."""


class WorkerProcess:
    """One worker, started and warming up.

    Each of `Start`, `InstructorRun`, `MakePlan` and `Job` has one answer (`MakePlan` two, where it asks for
    the memo, too); until it has come, the worker does not read, and must not be sent anything large.

    Parameters
    ----------
    start : Start

    Attributes
    ----------
    ready : bool
        Its sandbox is up.
    start_s : float
        Seconds that its start took; 0 before it is ready.
    has_memo : bool
        It has been sent the memo of the instructor's run, or made it.
    has_plan : bool
        It has been sent the plan, or made it.
    """

    def __init__(self, start: Start) -> None:
        self._limits, self._test_s = start.limits, start.limits.test_s
        self._test, self._end_of_plan = "", 0.0
        self._begun, self.start_s = time.monotonic(), 0.0
        self._deadline = self._begun + _START_S
        self._answers_due = 1
        self.ready = False
        self.has_memo = self.has_plan = False
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = passing.popen(
                [sys.executable, "-P", "-m", "autograder.grading.worker"],
                theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
                cwd="/",
                start_new_session=True,
            )
        self.connection: Connection[Any, Any] = Connection(ours.detach())
        self._send(start)

    @property
    def deadline(self) -> float:
        """The moment (of `time.monotonic`) after which the worker counts as hung."""
        return self._deadline

    @property
    def is_free(self) -> bool:
        """Whether it has answered everything, and waits for the next job."""
        return self._answers_due == 0

    def run_instructors_notebook(self, order: InstructorRun) -> None:
        """Let the worker run the instructor's notebook and answer with the memo."""
        self._deadline += INSTRUCTOR_LIMITS.submission_s + GRACE_S
        self._answers_due += 1
        self.has_memo = True
        self._send(order)

    def make_plan(self, order: MakePlan, runs: int) -> None:
        """Let the worker make the plan, for which the notebook may run so many times; the memo if wanted."""
        self._deadline += runs * (INSTRUCTOR_LIMITS.submission_s + GRACE_S)
        self._end_of_plan = self._deadline
        self._answers_due += 1 + order.remembers
        self.has_memo |= order.remembers
        self.has_plan = True
        self._send(order)

    def take_plan(self, plan: Plan) -> None:
        """Let the worker mark by a plan."""
        self._follow(plan)
        self._send(plan)

    def take_memo(self, memo: Memo) -> None:
        """Let the worker use what another one remembers."""
        self.has_memo = True
        self._send(memo)

    def give(self, job: Job) -> None:
        """Let the worker, which is free, grade a submission."""
        self._test, self._end_of_plan = "", 0.0
        self._deadline = self._end_of_submission()
        self._answers_due += 1
        self._send(job)

    def receive(self) -> Memo | Plan | JobResult | None:
        """The memo, plan or result that the worker has sent; None while there is neither.

        Raises
        ------
        LostWorkerError
            The process is gone, its time is over, or it sends what is no message.
        RefusedError
            It will not work.
        """
        if time.monotonic() > self._deadline:  # a test loops where no signal reaches it
            raise LostWorkerError(self._test, Verdict.TIMEOUT if self._test else Verdict.INTERNAL_ERROR)
        try:
            if not self.connection.poll():
                return None
            data = self.connection.recv_bytes(protocol.MOST_MESSAGE_BYTES)
            message = protocol.read(data, Ready, Refused, AtTest, Memo, Plan, JobResult)
        except (EOFError, OSError, ProtocolError) as error:
            raise LostWorkerError(self._test, Verdict.INTERNAL_ERROR) from error
        if isinstance(message, Refused):
            raise RefusedError(message.reason)
        if isinstance(message, AtTest):
            self._test = message.grade_id
            in_test = time.monotonic() + self._test_s + self._limits.submission_s + GRACE_S
            self._deadline = in_test if self._test else self._end_of_plan or self._end_of_submission()
            return None
        self._answers_due -= 1
        if isinstance(message, Plan):
            self._follow(message)
        if isinstance(message, Memo | Plan | JobResult):
            return message
        self.ready, self.start_s = True, time.monotonic() - self._begun
        return None

    def hang_up(self) -> None:
        """Let an idle worker end by itself; `end` waits for it."""
        self.connection.close()

    def end(self) -> None:
        """End the worker, at once where it is at work; its sandbox ends with it."""
        if not self.connection.closed:
            self.connection.close()
        try:
            self._process.wait(timeout=0.5 if self._test else _CLOSING_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the worker at once, and remove the folders that it cannot remove any more."""
        self._process.kill()
        self._process.wait()
        sweep_old_folders()
        if not self.connection.closed:
            self.connection.close()

    def _follow(self, plan: Plan) -> None:
        """Know how long its tests may take: multiples of what the instructor's own solution took."""
        self.has_plan = True
        times = [time_of_calls_s(self._limits, test.calls, test.seconds) for test in plan.tests]
        self._test_s = max(self._limits.test_s, *times) if times else self._limits.test_s

    def _end_of_submission(self) -> float:
        return time.monotonic() + self._limits.submission_s + _OTHER_S + GRACE_S

    def _send(self, message: Message) -> None:
        with contextlib.suppress(OSError):  # it is gone: `receive` tells
            self.connection.send_bytes(protocol.write(message))


def _environment() -> dict[str, str]:
    """This process's environment for a worker: our packages found, numeric libraries on one thread."""
    ours = str(Path(__file__).resolve().parents[2])
    paths = [ours, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    set_here = {"MPLBACKEND": "Agg", "NBGRADER_EXECUTION": "autograde", "PYTHONPATH": os.pathsep.join(paths)}
    return dict(os.environ) | single | set_here
