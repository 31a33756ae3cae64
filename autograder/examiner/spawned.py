"""Examiners where a system has no `fork`: a new process a submission, started while the one before runs.

The worker's side is `SpawnedExaminers`, the process's is `serve`. No walls stand around these processes: they
are others than the worker's, with working directories of their own. So it is in the tier `none` elsewhere.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograder.assignment import Assignment
from autograder.examiner.confined import Examiners
from autograder.examiner.conversation import STUDENT_MODULES
from autograder.examiner.examiner import Examiner
from autograder.examiner.namespace import InstructorNames
from autograder.examiner.places import Handled
from autograder.examiner.server import ExaminerServer
from autograder.examiner.shown_files import ShownFiles
from autograder.sandbox import Limits, is_safe_file_name, passing, wire
from autograder.sandbox.faults import as_sandbox_error, regardless
from autograder.sandbox.inside import message_format
from autograder.sandbox.inside.files import remove_folder
from autograder.sandbox.run_folders import FOLDER_PREFIX

_START_S = 120.0
_ENDING_S = 5.0


class _Started(NamedTuple):
    """A process, the channel to it, and the folder in which it works."""

    process: subprocess.Popen[bytes]
    channel: wire.Channel
    work: str

    def end(self) -> None:
        """End the process, and remove what it has written."""
        self.process.kill()
        self.process.wait(timeout=_ENDING_S)
        remove_folder(self.work)


class SpawnedExaminers(Examiners):
    """The examiners of one assignment; a context manager.

    Parameters
    ----------
    assignment, instructor, limits, packages
        As for `Examiners`.
    program : str
        The module that a process runs: it makes the assignment of its first message, and calls `serve`.
    described : bytes
        What that message holds.
    """

    def __init__(
        self,
        assignment: Assignment,
        instructor: InstructorNames,
        limits: Limits,
        packages: Sequence[str],
        program: str,
        described: bytes,
    ) -> None:
        self._know(assignment, instructor, limits)
        self._program, self._described, self._packages = program, described, list(packages)
        self._ready = True  # there are no walls to wait for
        self._running: _Started | None = None
        with as_sandbox_error("the examiner"):
            self._folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
            for name, data in assignment.files.items():
                if is_safe_file_name(name):
                    path = self._folder / "modules" / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
            self._next: _Started | None = self._begin()

    def close(self) -> None:
        """End all of them."""
        if self._next is not None:
            regardless(self._next.channel.close, self._next.end)
            self._next = None
        regardless(self.end)
        remove_folder(str(self._folder))

    def spawn(self, with_tests: bool, handles: Mapping[str, Handled] | None) -> wire.Channel:
        """The channel to a new examiner.

        Raises
        ------
        autograder.sandbox.SandboxError
            There is none to be had.
        """
        plain = None if handles is None else {grade_id: dict(places) for grade_id, places in handles.items()}
        order = {"op": "become", "with_tests": with_tests, "handles": plain, "load": self._load}
        with as_sandbox_error("the examiner"):
            self._running, self._next = self._next or self._begin(), None
            ours = self._running.channel
            ours.send(wire.pack(order), time.monotonic() + _START_S)
            ours.receive(time.monotonic() + _START_S)
            self._next = self._begin()
        return ours

    def end(self, loaded: Any = ()) -> bool:
        """End the examiner; its processor time is not counted here.

        Parameters
        ----------
        loaded : list of str
            Modules that it has imported, in its own words.
        """
        self._load_next(loaded)
        if self._running is not None:
            self._running.end()
            self._running = None
        return False

    def _begin(self) -> _Started:
        """Start a process, and tell it what it is for."""
        ours, theirs = wire.Channel.pair()
        with theirs:
            command = [sys.executable, "-P", "-m", self._program]  # no module of the current folder
            process = passing.popen(command, theirs.fileno(), stdout=subprocess.DEVNULL, cwd="/")
        work = tempfile.mkdtemp(dir=self._folder)
        start = {
            "op": "start",
            "modules": str(self._folder / "modules"),
            "work": work,
            "packages": self._packages,
        }
        described = np.frombuffer(self._described, dtype=np.uint8)
        ours.send(wire.pack(start, described), time.monotonic() + _START_S)
        return _Started(process, ours, work)


def first_message(end: socket.socket) -> tuple[dict[str, Any], bytes]:
    """What the worker says first: where the process works, and what it is for."""
    order, buffers, _ = receive(end)
    described: bytes = message_format.decode(order["value"], buffers).tobytes()
    return order, described


def serve(
    end: socket.socket,
    order: Mapping[str, Any],
    assignment: Assignment,
    instructor: InstructorNames,
    test_s: float,
) -> NoReturn:
    """Be the examiner of one submission, once there is one."""
    for name in order["packages"]:
        importlib.import_module(name)
    os.chdir(order["work"])
    sys.path.insert(0, order["modules"])
    for name in assignment.files:
        source = Path(order["modules"], name)
        if source.is_file():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(source.read_bytes())
    become, _, _ = receive(end)
    for name in become["load"]:
        with contextlib.suppress(Exception):  # then it is the test that fails to import it
            importlib.import_module(name)
    tests = [(cell.index, cell.source) for cell in assignment.tests] if become["with_tests"] else []
    shown = ShownFiles(Path.cwd(), tuple(assignment.files))
    examiner = Examiner(instructor.with_tests(tests), test_s, become["handles"], shown)
    cells = {cell.index: cell for cell in assignment.cells}
    end.sendall(message_format.pack({"op": "ready"}))
    ExaminerServer(end, examiner, cells, instructor.modules | STUDENT_MODULES, receive).serve()


def receive(end: socket.socket) -> tuple[dict[str, Any], list[memoryview], list[int]]:
    """One message of the worker's, and the ends that came with it; without a worker this process ends."""
    prefix, descriptors = passing.receive_first(end, message_format.PREFIX.size)
    prefix += message_format.read_exactly(end, message_format.PREFIX.size - len(prefix))
    header_length, body_length = message_format.read_prefix(prefix)
    header, body = (
        message_format.read_exactly(end, header_length),
        message_format.read_exactly(end, body_length),
    )
    order, buffers = message_format.from_parts(memoryview(header), memoryview(body))
    if order["op"] == passing.TICKETS:
        ends = passing.ends_in(order)
        order, buffers, _ = receive(end)
        return order, buffers, ends
    return order, buffers, descriptors
