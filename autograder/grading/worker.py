"""One worker of a run: a process that takes submissions one after another and sends back what to store.

Holds one sandbox and the examiner. Started by `worker_client` as `python -m autograder.grading.worker FD`;
talks over the inherited socket FD, JSON headers and raw files, nothing pickled. It writes no result itself:
the parent is the only writer. When the parent dies, the system ends this process too.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment, assignment_from_json, load_assignment
from autograder.course import Course, CourseError
from autograder.examiner.namespace import InstructorNames
from autograder.grading.marking import Marking, mark, untouched_cells
from autograder.grading.rehearsal import rehearse
from autograder.grading.rendering import render_notebook
from autograder.intake import Rejection, Submission, read_submission
from autograder.sandbox import Limits, Preload, Sandbox, SandboxError
from autograder.verdicts import HandGrade, Status, SubmissionResult, Verdict

_EXAMINER_BYTES = 384_000_000  # what a test cell may take beyond what the worker has when it is ready
_PR_SET_PDEATHSIG = 1
_RETRIES = 1  # of a submission on which the sandbox failed, in a new sandbox


def main(descriptor: int) -> int:
    """Serve the parent until it hangs up; the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _die_with_parent()
    with Connection(descriptor) as connection:
        settings = json.loads(connection.recv_bytes())
        try:
            with _Worker(settings, connection) as worker:
                connection.send_bytes(json.dumps({"ready": worker.tier}).encode())
                while True:
                    order = json.loads(connection.recv_bytes())
                    if "rehearse" in order:
                        worker.rehearse(Path(order["rehearse"]))
                    else:
                        worker.serve(order)
                        worker.prepare()
        except EOFError:
            return 0
        except BrokenPipeError:
            return 1
        except (SandboxError, CourseError) as error:
            with contextlib.suppress(OSError):
                connection.send_bytes(json.dumps({"refused": str(error)}).encode())
            return 2


class _Worker:
    """The sandbox, the assignment, and the conversation with the parent."""

    def __init__(self, settings: Mapping[str, Any], connection: Connection[Any, Any]) -> None:
        self._settings, self._connection = settings, connection
        self._course = Course(Path(settings["course"]))
        self._limits = Limits(**settings["limits"])
        self._assignment = self._load()
        self._instructor = InstructorNames(self._assignment)
        self._modules = tuple(settings["modules"])
        self._memo = b""
        self._sandbox = self._open()

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *exception: object) -> None:
        self._sandbox.close()

    @property
    def tier(self) -> str:
        """The tier in force."""
        return str(self._sandbox.tier)

    def rehearse(self, source: Path) -> None:
        """Run the instructor's notebook; keep the memo of its training for the submissions, and send it."""
        memo = rehearse(self._sandbox, self._assignment, source)
        if memo:
            self._memo = memo
            self._sandbox.add_memo(memo)
            self._connection.send_bytes(json.dumps({"rehearsed": True}).encode())
            self._connection.send_bytes(memo)

    def serve(self, job: Mapping[str, Any]) -> None:
        """Grade one submission and send what to store."""
        started = time.perf_counter()
        given_up = {grade_id: Verdict(name) for grade_id, name in job["given_up"].items()}
        parts: dict[str, float] = {}
        if job["memo"] and not self._memo:
            self._memo = Path(job["memo"]).read_bytes()
            self._sandbox.add_memo(self._memo)
        try:
            submission = self._plan(job)
        except Rejection as rejection:
            self._send({"status": str(Status.REJECTED), "reason": str(rejection)}, started, parts)
            return
        parts["intake"] = time.perf_counter() - started
        for attempt in range(_RETRIES + 1):
            try:
                marking = self._mark(submission, given_up, parts)
                break
            except SandboxError as error:
                self._sandbox.close()
                self._sandbox = self._open()
                if attempt == _RETRIES:
                    self._send({"status": str(Status.INTERNAL_ERROR), "reason": str(error)}, started, parts)
                    return
        rendering = time.perf_counter()
        results = {test.grade_id: test for test in marking.tests}
        show = bool(self._settings["show_hidden"])
        notebook = render_notebook(self._assignment, submission, marking.outputs, results, show_hidden=show)
        content = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        parts["rendering"] = time.perf_counter() - rendering
        written = {_inside(path): data for path, data in marking.files.items()}
        files = dict(submission.files) | {path: data for path, data in written.items() if not _is_ours(path)}
        self._send(self._header(submission, marking), started, parts, files, content)

    def prepare(self) -> None:
        """Have a box ready when the next submission comes; one that cannot be made is reported with it."""
        with contextlib.suppress(SandboxError):
            self._sandbox.prepare()

    def _plan(self, job: Mapping[str, Any]) -> Submission:
        return read_submission(Path(job["folder"]), self._assignment)

    def _mark(
        self, submission: Submission, given_up: Mapping[str, Verdict], parts: dict[str, float]
    ) -> Marking:
        opening = time.perf_counter()
        with self._sandbox.box(submission.files) as box:
            parts["fork"] = time.perf_counter() - opening
            marking = mark(
                submission,
                self._assignment,
                self._instructor,
                box,
                self._limits.cell_s,
                given_up=given_up,
                observe=lambda grade_id: self._connection.send_bytes(json.dumps({"at": grade_id}).encode()),
            )
            parts.update(marking.seconds)
            return marking

    def _header(self, submission: Submission, marking: Marking) -> dict[str, Any]:
        untouched = untouched_cells(submission, self._assignment)
        graded = not marking.failed
        score = sum(test.score for test in marking.tests)
        hand_grades = [
            HandGrade(cell.grade_id or "", None, cell.points, answered=cell.grade_id not in untouched)
            for cell in self._assignment.by_hand
        ]
        result = SubmissionResult(
            student="",
            assignment=self._assignment.name,
            status=Status.GRADED if graded else Status.INTERNAL_ERROR,
            reason=marking.failed,
            score=score if graded else None,
            max_score=self._assignment.max_score if graded else None,
            tests=marking.tests,
            hand_grades=tuple(
                hand if hand.answered else dataclasses.replace(hand, score=0.0) for hand in hand_grades
            ),
            flags=(*submission.flags, *marking.flags),
            limits_hit=marking.limits_hit,
        )
        return result.to_dict() | {"untouched": sorted(untouched)}

    def _send(
        self,
        header: Mapping[str, Any],
        started: float,
        parts: Mapping[str, float],
        files: Mapping[str, bytes] | None = None,
        notebook: bytes = b"",
    ) -> None:
        names = sorted(files or {})
        seconds = time.perf_counter() - started
        done = {"header": header, "seconds": seconds, "parts": parts, "files": names, "isolation": self.tier}
        self._connection.send_bytes(json.dumps({"done": done}).encode())
        self._connection.send_bytes(notebook)
        for name in names:
            self._connection.send_bytes((files or {})[name])

    def _load(self) -> Assignment:
        """The assignment: sent along by the nbgrader plugin, else read from the course."""
        if self._settings["assignment_sent"]:
            return assignment_from_json(self._connection.recv_bytes().decode())
        assignment = load_assignment(self._course, self._settings["assignment"])
        if assignment.fingerprint != self._settings["assignment_fingerprint"]:
            raise CourseError("the instructor's notebook changed while the run was starting; start again.")
        return assignment

    def _open(self) -> Sandbox:
        _bound_memory(None)  # the sandbox has limits of its own, and inherits these
        preload = Preload(modules=self._modules, memo=self._memo)
        sandbox = Sandbox(self._settings["tier"], self._limits, workers=1, preload=preload)
        _bound_memory(_EXAMINER_BYTES)
        return sandbox


def _inside(path: str) -> str:
    """A relative path without any way up, as written files are stored."""
    return "/".join(part for part in path.split("/") if part not in ("", ".", ".."))


def _is_ours(path: str) -> bool:
    """Whether nbgrader reads it in a graded submission: a notebook as graded, the time it was handed in."""
    return path.lower().endswith(".ipynb") or path.lower() == "timestamp.txt"


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends, however that happens."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _bound_memory(more_bytes: int | None) -> None:
    """Let this process grow by so much and no further: a test on huge data fails, not the machine."""
    try:
        import resource
    except ImportError:  # Windows
        return
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = hard
        if more_bytes is not None:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * os.sysconf("SC_PAGE_SIZE") + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
