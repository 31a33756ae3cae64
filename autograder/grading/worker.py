"""One worker: a process that takes submissions one after another and sends back what became of them.

Holds one sandbox and the process that examiners are forked from. The supervisor starts it as
`python -m autograder.grading.worker`; it talks over the socket that it is given, in messages of `protocol`.
It knows no course and stores nothing. When the supervisor's process dies, the system ends this one too.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from autograder.examiner.confined import EXAMINER_BYTES, Examiners
from autograder.examiner.namespace import InstructorNames
from autograder.grading import protocol
from autograder.grading.faults import evidence
from autograder.grading.instructor_run import memo_of, run_instructors_notebook
from autograder.grading.marked import Marking
from autograder.grading.marking import mark
from autograder.grading.planning import make_plan
from autograder.grading.protocol import (
    AtTest,
    InstructorRun,
    Job,
    JobResult,
    MakePlan,
    Memo,
    Message,
    Ready,
    Refused,
    Start,
)
from autograder.grading.registration import support_of
from autograder.grading.rendering import render_notebook
from autograder.grading.test_plan import Plan
from autograder.grading.untouched import untouched_cells
from autograder.intake import Rejection, Submission, plan_folder
from autograder.intake.texts import answer_digests
from autograder.sandbox import Box, Preload, Sandbox, SandboxError, is_safe_file_name, passing
from autograder.sandbox.faults import regardless
from autograder.sandbox.pressure import Pressure
from autograder.sandbox.tier_parts import native_tier
from autograder.sandbox.wire import load_libraries
from autograder.untrusted.typesetting import Typesetting
from autograder.verdicts import Status, Verdict

EXAMINER = "autograder.grading.examiner_process"  # where examiners cannot be forked
_PR_SET_PDEATHSIG = 1
_RETRIES = 1  # of a submission on which the sandbox failed, in a new sandbox


def main(word: str) -> int:
    """Serve the supervisor until it hangs up; `word` is where `passing` finds its end. The exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    _die_with_parent()
    with Connection(passing.taken(word).detach()) as connection:

        def send(message: Message) -> None:
            connection.send_bytes(protocol.write(message))

        def receive(*awaited: type[protocol.M]) -> protocol.M:
            return protocol.read(connection.recv_bytes(protocol.MOST_MESSAGE_BYTES), *awaited)

        try:
            with _Worker(receive(Start), send) as worker:
                send(Ready())
                gc.freeze()  # what stays needs no looking through after each submission
                while True:
                    order = receive(InstructorRun, MakePlan, Plan, Memo, Job)
                    if isinstance(order, InstructorRun):
                        worker.run_instructors_notebook(order)
                    elif isinstance(order, MakePlan):
                        send(worker.make_plan(order))
                        worker.prepare()
                    elif isinstance(order, Plan):
                        worker.use_plan(order)
                    elif isinstance(order, Memo):
                        worker.use_memo(order)
                    elif isinstance(order, Job):
                        worker.grade(order)
                        worker.prepare()
                        _give_memory_back()
        except (EOFError, ConnectionResetError):  # reset: it hung up before it read our last message
            return 0
        except BrokenPipeError:
            return 1
        except SandboxError as error:
            with contextlib.suppress(OSError):
                send(Refused(str(error)))
            return 2


def _give_memory_back() -> None:
    """Let the system have what a large submission took; the C library keeps it, where it is glibc."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


class _Worker:
    """The sandbox, the assignment, and what is sent to the supervisor."""

    def __init__(self, start: Start, send: Callable[[Message], None]) -> None:
        self._start, self._send = start, send
        self._assignment = start.assignment
        self._instructor = InstructorNames(self._assignment)
        load_libraries(self._instructor.modules)
        self._memo, self._plan = b"", Plan()
        # First: what is forked from here on has seen neither a submission nor a socket of the sandbox.
        self._support = support_of(self._assignment)
        self._examiners = self._open_examiners()
        try:
            self._sandbox = self._open()
        except BaseException:
            self._examiners.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        regardless(self._sandbox.close, self._examiners.close)

    def run_instructors_notebook(self, order: InstructorRun) -> None:
        """Run the instructor's notebook; keep the memo of its training for the submissions, and send it."""
        memo = Memo(run_instructors_notebook(self._sandbox, self._assignment, order.files))
        if memo.content:
            self.use_memo(memo)
        self._send(memo)

    def make_plan(self, order: MakePlan) -> Plan:
        """The plan of the assignment, which submissions are marked by from now on; empty where it fails.

        The memo that is wanted is that of the same run; where a cell of it hit a limit, that of a run with
        more time, and the plan is made again: what is remembered takes none.
        """
        self._examiners.require_walls()
        files = self._assignment.files
        safe = {name: data for name, data in files.items() if is_safe_file_name(name)}
        self._make_plan(order, safe)
        if order.remembers and not self._memo:
            self.run_instructors_notebook(InstructorRun(safe))
            self._make_plan(replace(order, remembers=False), safe)
        return self._plan

    def _make_plan(self, order: MakePlan, files: Mapping[str, bytes]) -> None:
        def remember(box: Box) -> None:
            memo = Memo(memo_of(box, self._assignment)) if order.remembers and not self._memo else Memo(b"")
            if memo.content:
                self.use_memo(memo)
                self._send(memo)

        try:
            self._plan = make_plan(
                self._assignment,
                self._instructor,
                lambda: self._sandbox.box(files, remembers=order.remembers),
                self._start.limits.test_s,
                prove=order.prove,
                given_up=order.given_up,
                observe=lambda grade_id: self._send(AtTest(grade_id)),
                open_examiner=self._examiners.open,
                after_cells=remember,
            )
        except SandboxError:
            self._sandbox.close()
            self._sandbox = self._open()

    def use_plan(self, plan: Plan) -> None:
        """Mark submissions by this plan."""
        self._plan = plan

    def use_memo(self, memo: Memo) -> None:
        """Let submissions find training runs of a right solution."""
        self._memo = memo.content
        self._sandbox.add_memo(self._memo)

    def grade(self, job: Job) -> None:
        """Grade one submission and send what became of it."""
        started = time.perf_counter()
        parts: dict[str, float] = {}
        try:
            result = self._result(job, parts)
        except (EOFError, BrokenPipeError, SandboxError):
            raise  # the supervisor is gone, or no sandbox can be had
        except Exception as error:  # noqa: BLE001 -- nobody has foreseen it: it ends this submission, not the run
            result = JobResult(Status.INTERNAL_ERROR, evidence("this submission", error))
        self._send(replace(result, seconds=time.perf_counter() - started, parts=parts))

    def prepare(self) -> None:
        """Have a box ready when the next submission comes; one that cannot be made is reported with it."""
        with contextlib.suppress(SandboxError):
            self._sandbox.prepare()

    def _result(self, job: Job, parts: dict[str, float]) -> JobResult:
        """What became of the submission; the time of each part goes to `parts`."""
        try:
            with _timed(parts, "intake"):
                submission = plan_folder(job.submitted, self._assignment)
        except Rejection as rejection:
            return JobResult(Status.REJECTED, str(rejection))
        self._examiners.require_walls()  # no fault of this submission's
        pressure, boxes = Pressure(), list[Box]()
        for attempt in range(_RETRIES + 1):
            try:
                marking = self._mark(submission, job.given_up, parts, boxes, is_last_try=attempt == _RETRIES)
                break
            except SandboxError as error:
                self._sandbox.close()
                self._sandbox = self._open()
                if attempt == _RETRIES:
                    return JobResult(Status.INTERNAL_ERROR, str(error))
        lacked_processor = any(box.lacked_s for box in boxes) and pressure.was_busy()
        with _timed(parts, "rendering"):
            typesetting = Typesetting()
            notebook, unrendered = self._rendered(submission, marking, typesetting)
        return JobResult(
            status=Status.INTERNAL_ERROR if marking.failed else Status.GRADED,
            reason=marking.failed,
            tests=marking.tests,
            untouched=tuple(sorted(untouched_cells(submission, self._assignment))),
            texts=answer_digests(submission, self._assignment),
            flags=(
                *submission.flags,
                *marking.flags,
                *unrendered,
                *_not_as_written(typesetting),
            ),
            limits_hit=marking.limits_hit,
            notebook=notebook,
            files={**submission.files, **marking.files, **self._assignment.files},
            lacked_processor=lacked_processor,
        )

    def _mark(
        self,
        submission: Submission,
        given_up: Mapping[str, Verdict],
        parts: dict[str, float],
        boxes: list[Box],
        *,
        is_last_try: bool,
    ) -> Marking:
        """The submission's marks; the boxes in which it ran are added to `boxes`."""

        def open_box() -> Box:
            opening = time.perf_counter()
            box = self._sandbox.box(submission.files)
            boxes.append(box)
            parts["fork"] = parts.get("fork", 0.0) + time.perf_counter() - opening
            return box

        marking = mark(
            submission,
            self._assignment,
            self._instructor,
            open_box,
            self._start.limits.test_s,
            given_up=given_up,
            observe=lambda grade_id: self._send(AtTest(grade_id)),
            is_last_try=is_last_try,
            plan=self._plan,
            open_examiner=self._examiners.open,
        )
        parts.update(marking.seconds)
        return marking

    def _rendered(
        self, submission: Submission, marking: Marking, typesetting: Typesetting
    ) -> tuple[bytes, list[str]]:
        """The autograded notebook as bytes of its file, and flags; without outputs where these fail."""

        def render(outputs: Mapping[int, list[dict[str, Any]]]) -> bytes:
            notebook = render_notebook(
                self._assignment,
                submission,
                outputs,
                {test.grade_id: test for test in marking.tests},
                show_hidden=self._start.show_hidden,
                typesetting=typesetting,
            )
            return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"

        try:
            return render(marking.outputs), []
        except Exception as error:  # noqa: BLE001 -- of whatever the outputs hold: the marks stand all the same
            return render({}), [evidence("the outputs of the notebook, which are left out", error)]

    def _open_examiners(self) -> Examiners:
        start, packages = self._start, self._support.packages
        if hasattr(os, "fork"):
            tier = native_tier(start.tier)
            return Examiners(self._assignment, self._instructor, tier, start.limits, packages)
        from autograder.examiner.spawned import SpawnedExaminers

        return SpawnedExaminers(
            self._assignment, self._instructor, start.limits, packages, EXAMINER, protocol.write(start)
        )

    def _open(self) -> Sandbox:
        _bound_memory(None)  # the sandbox has limits of its own, and inherits these
        start, support = self._start, self._support
        preload = Preload(
            modules=start.modules,
            packages=support.packages,
            warm=tuple(name for name in support.warm if name in start.modules),
            memo_module=support.memo_module,
            memo=self._memo,
        )
        sandbox = Sandbox(start.tier, start.limits, workers=1, preload=preload, cgroup=start.cgroup)
        _bound_memory(EXAMINER_BYTES)
        return sandbox


@contextlib.contextmanager
def _timed(parts: dict[str, float], part: str) -> Iterator[None]:
    """Note the wall time of the block."""
    started = time.perf_counter()
    yield
    parts[part] = time.perf_counter() - started


def _not_as_written(typesetting: Typesetting) -> Iterator[str]:
    """What of the notebook a person does not see as the student left it."""
    if typesetting.plain:
        count = typesetting.plain
        yield f"{count} text{'s' * (count > 1)} could not be typeset in time or at all; shown plain or cut."
    for number in typesetting.imitations[:5]:
        yield f"Cell {number} of the graded notebook imitates a mark scheme; the real one has a blue frame."
    for kind, count in sorted(typesetting.allowance.left_out.items()):
        name = kind if count > 1 else kind.removesuffix("s")
        yield f"{count} {name} could not be shown: too large, from elsewhere, not handed in, or no picture."


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends, however that happens."""
    if not sys.platform.startswith("linux"):
        return
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
    atexit.register(gc.freeze)  # what ends with the process needs no looking through
    sys.exit(main(sys.argv[1]))
