"""The parent's side of one `worker`: starting it, giving it work, noticing when it hangs or dies.

Called by `grading` (a class) and `nbgrader_plugin` (one notebook at a time).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from autograder.grading import rehearsal
from autograder.sandbox import Limits, SandboxError
from autograder.verdicts import Verdict

_GRACE_S = 10.0  # beyond a test cell's own deadline, before the worker is taken for lost
_START_S = 120.0


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker must know to start.

    Attributes
    ----------
    course : str
        The course's folder; "" where the assignment is sent.
    assignment, assignment_fingerprint : str
    tier : str
    limits : Limits
    modules : tuple of str
        Imported in the zygote before it forks.
    show_hidden : bool
        Whether autograded notebooks hold the text of hidden tests.
    assignment_json : str
        The assignment where it is not the course's file, as `assignment_to_json` writes it; "" otherwise.
    """

    course: str
    assignment: str
    assignment_fingerprint: str
    tier: str
    limits: Limits
    modules: tuple[str, ...] = ()
    show_hidden: bool = False
    assignment_json: str = ""


@dataclass(frozen=True)
class Graded:
    """What a worker sends for one submission.

    Attributes
    ----------
    header : mapping
        Fields of `SubmissionResult`, and `untouched`.
    seconds : float
        Wall time it took.
    parts : mapping of str to float
        The same by part: intake, fork, cells, tests, diagnosis, rendering.
    isolation : str
        The tier in force.
    notebook : bytes
        The autograded notebook; b"" when rejected.
    files : mapping of str to bytes
        What stands beside it.
    """

    header: Mapping[str, Any]
    seconds: float
    parts: Mapping[str, float]
    isolation: str
    notebook: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Rehearsed:
    """What a worker sends after the instructor's notebook has run: the memo of its training."""

    memo: bytes


class LostWorkerError(Exception):
    """The worker's process ended or hung; `test` is the grade id it was at, "" between tests."""

    def __init__(self, test: str, verdict: Verdict) -> None:
        super().__init__(f"the worker was lost at {test or 'no test'}")
        self.test = test
        self.verdict = verdict


class WorkerClient:
    """One worker process; a context manager.

    Parameters
    ----------
    settings : WorkerSettings
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._test = ""
        self.ready = False
        self._deadline = time.monotonic() + _START_S
        ours, theirs = socket.socketpair()
        with theirs:
            os.set_inheritable(theirs.fileno(), True)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "autograder.grading.worker", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment(),
                cwd="/",
                start_new_session=True,
            )
        self.connection: Connection[Any, Any] = Connection(ours.detach())
        self._send(
            {
                "course": settings.course,
                "assignment": settings.assignment,
                "assignment_fingerprint": settings.assignment_fingerprint,
                "assignment_sent": bool(settings.assignment_json),
                "tier": settings.tier,
                "limits": settings.limits.to_dict(),
                "modules": settings.modules,
                "show_hidden": settings.show_hidden,
            }
        )
        if settings.assignment_json:
            self.connection.send_bytes(settings.assignment_json.encode())

    def __enter__(self) -> WorkerClient:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    ready: bool  # the sandbox is up, and the assignment read

    @property
    def deadline(self) -> float:
        """The moment (of `time.monotonic`) after which the worker counts as hung."""
        return self._deadline

    @property
    def process_id(self) -> int:
        """The worker's process."""
        return self._process.pid

    def rehearse(self, source: Path) -> None:
        """Let the worker run the instructor's notebook in the folder `source`, and send a memo of it."""
        self._send({"rehearse": str(source.absolute())})

    def give(self, folder: Path, given_up: Mapping[str, Verdict], memo: str = "") -> None:
        """Let the worker grade the submission in `folder`.

        Parameters
        ----------
        given_up : mapping of str to Verdict
            Tests that lost a worker before, and the verdict they get.
        memo : str
            File of remembered training runs; "" for none.
        """
        limits = self._settings.limits
        self._test = ""
        self._deadline = time.monotonic() + limits.submission_s + 60 + _GRACE_S
        self._deadline += 0.0 if self.ready else _START_S + rehearsal.LIMITS.submission_s
        self._send({"folder": str(folder.absolute()), "given_up": dict(given_up), "memo": memo})

    def receive(self) -> Graded | Rehearsed | None:
        """The next message: a result, a memo, or None for a sign of life.

        Raises
        ------
        LostWorkerError
            The process is gone.
        SandboxError
            The worker refuses to start: the tier is not to be had, or the assignment is unusable.
        """
        try:
            message = json.loads(self.connection.recv_bytes())
            if "done" in message:
                return self._receive_result(message["done"])
            if "rehearsed" in message:
                return Rehearsed(self.connection.recv_bytes())
        except (EOFError, OSError) as error:
            raise LostWorkerError(self._test, Verdict.INTERNAL_ERROR) from error
        if "refused" in message:
            raise SandboxError(message["refused"])
        if "ready" in message:
            self.ready = True
            return None
        self._test = str(message["at"])
        if self._test:
            self._deadline = time.monotonic() + self._settings.limits.cell_s + _GRACE_S
        else:
            self._deadline = time.monotonic() + self._settings.limits.submission_s + 60 + _GRACE_S
        return None

    def check(self) -> None:
        """Raise `LostWorkerError` when the worker's time is over: a test loops where no signal reaches it."""
        if time.monotonic() > self._deadline:
            raise LostWorkerError(self._test, Verdict.TIMEOUT if self._test else Verdict.INTERNAL_ERROR)

    def close(self) -> None:
        """End the worker: it hangs up by itself when idle, and is killed otherwise."""
        self.connection.close()
        try:
            self._process.wait(timeout=0.5 if self._test else 3.0)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the worker at once; its sandbox ends with it."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        if not self.connection.closed:
            self.connection.close()

    def _receive_result(self, done: Mapping[str, Any]) -> Graded:
        notebook = self.connection.recv_bytes()
        files = {name: self.connection.recv_bytes() for name in done["files"]}
        return Graded(done["header"], done["seconds"], done["parts"], done["isolation"], notebook, files)

    def _send(self, message: Mapping[str, Any]) -> None:
        self.connection.send_bytes(json.dumps(message).encode())


def environment() -> dict[str, str]:
    """The parent's environment for a process of ours: our packages found, numeric libraries on one thread."""
    ours = str(Path(__file__).resolve().parents[2])
    paths = [ours, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return dict(os.environ) | single | {"MPLBACKEND": "Agg", "PYTHONPATH": os.pathsep.join(paths)}
