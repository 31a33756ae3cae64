"""What the supervisor makes of what a worker sends, or does not send; no process is started."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import load_assignment
from autograder.grading import worker_process
from autograder.grading.defaults import LIMITS
from autograder.grading.protocol import AtTest, Job, JobResult, Ready, Refused, Start, read, write
from autograder.grading.test_plan import Place, Plan, TestPlan
from autograder.grading.worker_process import LostWorkerError, RefusedError, WorkerProcess
from autograder.intake import SubmittedFolder
from autograder.verdicts import Status, Verdict
from tests.small_course import NAME, make_course

JOB = Job(SubmittedFolder(b"", f"{NAME}.ipynb", {}, ()))


class NoProcess:
    """Stands in for the worker's process; `far_end` is the worker's end of the socket."""

    far_end: Connection[Any, Any]

    def __init__(self, words: list[str], *, pass_fds: list[int], **options: Any) -> None:
        type(self).far_end = Connection(os.dup(pass_fds[0]))

    def wait(self, timeout: float | None = None) -> int:
        return 0

    def kill(self) -> None:
        pass


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerProcess]:
    """A worker that has been started and is ready."""
    monkeypatch.setattr(subprocess, "Popen", NoProcess)
    start = Start(load_assignment(make_course(tmp_path), NAME), "none", LIMITS)
    worker = WorkerProcess(start)
    assert read(NoProcess.far_end.recv_bytes(), Start) == start
    assert not worker.is_free
    NoProcess.far_end.send_bytes(write(Ready()))
    assert worker.receive() is None
    yield worker
    worker.end()
    NoProcess.far_end.close()


def test_a_job_goes_out_and_its_result_comes_back(worker: WorkerProcess) -> None:
    assert (worker.ready, worker.is_free) == (True, True)
    worker.give(JOB)
    assert read(NoProcess.far_end.recv_bytes(), Job) == JOB
    assert (worker.is_free, worker.receive()) == (False, None)
    NoProcess.far_end.send_bytes(write(JobResult(Status.REJECTED, "torn")))
    assert worker.receive() == JobResult(Status.REJECTED, "torn")
    assert worker.is_free


@pytest.mark.parametrize("data", [b"", b"not a message", write(JOB), write(Ready())[:-1]])
def test_a_worker_that_sends_no_message_is_lost(worker: WorkerProcess, data: bytes) -> None:
    worker.give(JOB)
    NoProcess.far_end.send_bytes(data)
    with pytest.raises(LostWorkerError) as caught:
        worker.receive()
    assert (caught.value.test, caught.value.verdict) == ("", Verdict.INTERNAL_ERROR)


def test_a_worker_that_is_gone_is_lost_at_the_test_it_was_at(worker: WorkerProcess) -> None:
    worker.give(JOB)
    NoProcess.far_end.send_bytes(write(AtTest("double_two")))
    assert worker.receive() is None
    NoProcess.far_end.close()
    with pytest.raises(LostWorkerError) as caught:
        worker.receive()
    assert (caught.value.test, caught.value.verdict) == ("double_two", Verdict.INTERNAL_ERROR)


def test_a_job_for_a_worker_that_is_gone_is_lost_when_its_answer_is_looked_for(worker: WorkerProcess) -> None:
    NoProcess.far_end.close()
    worker.give(JOB)
    with pytest.raises(LostWorkerError):
        worker.receive()


def test_a_test_that_outlives_its_deadline_has_timed_out(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.give(JOB)
    NoProcess.far_end.send_bytes(write(AtTest("double_two")))
    worker.receive()
    later = time.monotonic() + LIMITS.test_s + LIMITS.submission_s + worker_process.GRACE_S + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(LostWorkerError) as caught:
        worker.receive()
    assert (caught.value.test, caught.value.verdict) == ("double_two", Verdict.TIMEOUT)


def test_a_test_has_the_time_that_the_plan_gives_it(worker: WorkerProcess) -> None:
    worker.take_plan(Plan((TestPlan("double_two", Place.OUTSIDE, calls=6, seconds=LIMITS.test_s),)))
    worker.give(JOB)
    NoProcess.far_end.send_bytes(write(AtTest("double_two")))
    worker.receive()
    assert worker.deadline - time.monotonic() > 9 * LIMITS.test_s


def test_a_worker_that_refuses_says_why(worker: WorkerProcess) -> None:
    worker.give(JOB)
    NoProcess.far_end.send_bytes(write(Refused("no namespaces")))
    with pytest.raises(RefusedError, match="no namespaces"):
        worker.receive()


def test_what_a_worker_that_was_killed_left_is_removed(
    worker: WorkerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, running = (tmp_path / f"autograder-run-{pid}-x" for pid in (999_999_999, os.getpid()))
    (left / "works").mkdir(parents=True)
    running.mkdir()
    worker.kill()
    assert (left.exists(), running.exists()) == (False, True)
