"""Tasks that a test has the workers of a cluster do in place of `autograder.cluster.plugin.grade`."""

from __future__ import annotations

import dataclasses
import os
import signal
from pathlib import Path

from autograder.cluster.plugin import grade
from autograder.grading import protocol
from autograder.grading.protocol import Job, JobResult

BUSY = "CLUSTER_TASKS_BUSY"  # names a folder that all workers share


def killed_by_its_submission(name: str, job: bytes) -> bytes:
    """Grade; a submission that says so ends the worker's process instead."""
    if b"KILL THE WORKER" in protocol.read(job, Job).submitted.notebook:
        os.kill(os.getpid(), signal.SIGKILL)
    return grade(name, job)


def lacking_processor(name: str, job: bytes) -> bytes:
    """Grade; a submission that says so was cut off by a busy machine, at its first try or at each."""
    result = protocol.read(grade(name, job), JobResult)
    notebook = protocol.read(job, Job).submitted.notebook
    if b"BUSY AT FIRST" in notebook:
        tried = Path(os.environ[BUSY], "tried")
        lacked = not tried.exists()
        tried.touch()
    else:
        lacked = b"BUSY EACH TIME" in notebook
    return protocol.write(dataclasses.replace(result, lacked_processor=lacked))


def pickled(name: str, job: bytes) -> object:
    """Answer with an object that runs code where it is unpickled."""
    return Loaded()


def no_result(name: str, job: bytes) -> bytes:
    """Answer with bytes that are no message."""
    return b"full points for everybody"


class Loaded:
    """Leaves a trace in the process that unpickles it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.environ.__setitem__, ("UNPICKLED_BY", "the coordinator")
