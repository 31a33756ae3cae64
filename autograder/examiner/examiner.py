"""Runs the instructor's test cells outside the student's process; what each ends with.

The test's text, hidden part included, is executed here, in a trusted process. A student's function is a
stand-in whose call crosses to the student's process and comes back as plain data; no object, no code and no
exception of a student ever arrives. The first failure of the machinery in a cell (no answer, a crash, a value
that does not cross) ends the cell and fixes its verdict, whatever the test catches.
"""

from __future__ import annotations

import contextlib
import io
import math
import numbers
import signal
import threading
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.assignment import AssignmentCell
from autograder.examiner.cell_code import compile_cell, filename, is_hidden, line_of
from autograder.examiner.conversation import (
    PRINTED_CHARACTERS,
    Link,
    Stop,
    raised_by_student,
    watch_seeds,
)
from autograder.examiner.messages import FAILURES, HIDDEN_FAILED, HIDDEN_UNUSABLE
from autograder.examiner.namespace import ExaminerNamespace, InstructorNames
from autograder.sandbox import StudentProcess
from autograder.verdicts import Verdict

_TRUSTED_WORDS = ("init_utils.checks", "init_utils.checks.cells", "init_utils.checks.structure")
_MESSAGE_CHARACTERS = 2_000
_NOT_THE_STUDENTS = (ImportError, UnboundLocalError, SystemExit, GeneratorExit)


@dataclass(frozen=True)
class TestOutcome:
    """How one test cell ended.

    Attributes
    ----------
    verdict : Verdict
    score : float
        Points, from 0 to the cell's.
    message : str
        What the student may read.
    printed : str
        Everything that the cell and, in visible checks, the student's code printed.
    notes : tuple of str
        Oddities that cost nothing.
    functions : tuple of str
        The student's names that the cell asked for, in that order.
    missing : bool
        A name was not there at this place of the notebook; it may be after the last cell.
    inside : bool
        The cell ran in the student's process.
    """

    __test__ = False

    verdict: Verdict
    score: float
    message: str = ""
    printed: str = ""
    notes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    missing: bool = False
    inside: bool = False


class Examiner:
    """The examiner of one submission: test cells one after another, names kept between them.

    Parameters
    ----------
    instructor : InstructorNames
    cell_s : float
        Wall time of one test cell, the student's calls included, seconds.
    """

    def __init__(self, instructor: InstructorNames, cell_s: float) -> None:
        self._link = Link(instructor.solution_functions)
        self._namespace = ExaminerNamespace(instructor, self._link)
        self._cell_s = cell_s
        watch_seeds()

    def run(self, cell: AssignmentCell, process: StudentProcess) -> TestOutcome:
        """Run the test cell `cell` against the student's process.

        Raises
        ------
        autograder.sandbox.SandboxError
            The machinery failed before anything could be said about the student's code.
        """
        link = self._link
        link.begin(cell, process)
        self._namespace.move_to(cell.index)
        if cell.runs_inside:
            return _run_inside(cell, process)
        try:
            body, last = compile_cell(cell)
        except (SyntaxError, ValueError) as wrong:
            return self._outcome(Verdict.INTERNAL_ERROR, 0.0, f"The test cell itself is not Python: {wrong}.")
        value: Any = None
        problem: BaseException | None = None
        try:
            with _deadline(self._cell_s), contextlib.redirect_stdout(link.transcript), _no_stderr():
                exec(body, self._namespace)  # noqa: S102 -- the instructor's test, in the trusted process
                if last is not None:
                    value = eval(last, self._namespace)  # noqa: S307 -- as above
        except Stop:
            pass
        except _OutOfTime:
            link.fail(Verdict.TIMEOUT, FAILURES[Verdict.TIMEOUT]("the test"))
        except KeyboardInterrupt:
            raise
        except BaseException as caught:  # noqa: BLE001 -- whatever a test raises is its outcome
            problem = caught
        finally:
            link.end()
        if link.machinery is not None:
            raise link.machinery
        if link.failure is not None:
            return self._outcome(link.failure[0], 0.0, link.failure[1])
        if problem is not None:
            return self._failed(cell, problem)
        return self._scored(cell, value)

    def _failed(self, cell: AssignmentCell, error: BaseException) -> TestOutcome:
        hidden = is_hidden(cell, line_of(error, cell))
        if isinstance(error, NameError) and error.name in self._link.missing:
            return self._outcome(Verdict.NOT_FOUND, 0.0, FAILURES[Verdict.NOT_FOUND](f"`{error.name}`"), True)
        raised = raised_by_student(error)
        if raised is not None:
            return self._outcome(Verdict.RAISED, 0.0, raised.message)
        if isinstance(error, AssertionError):
            return self._outcome(Verdict.WRONG_ANSWER, 0.0, _assertion_message(cell, error, hidden))
        if isinstance(error, MemoryError):
            return self._outcome(Verdict.MEMORY, 0.0, FAILURES[Verdict.MEMORY]("the test"))
        what = f"{type(error).__name__}: {error}"
        if isinstance(error, _NOT_THE_STUDENTS):
            return self._outcome(Verdict.INTERNAL_ERROR, 0.0, f"The test cell itself failed: {what}")
        message = HIDDEN_UNUSABLE if hidden else f"The test could not use the result: {what}"
        return self._outcome(Verdict.WRONG_ANSWER, 0.0, message)

    def _scored(self, cell: AssignmentCell, value: Any) -> TestOutcome:
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
        score = float(value) if is_number else cell.points
        if not (math.isfinite(score) and 0 <= score <= cell.points):
            message = f"The test cell ended with {score:g} points; 0 to {cell.points:g} are possible."
            return self._outcome(Verdict.INTERNAL_ERROR, 0.0, message)
        return self._outcome(Verdict.PASSED if score == cell.points else Verdict.PARTIAL, score, "")

    def _outcome(self, verdict: Verdict, score: float, message: str, missing: bool = False) -> TestOutcome:
        link = self._link
        lines = link.transcript.of_test.strip().splitlines()
        notes = [line.removeprefix("Note: ") for line in lines if line.startswith("Note: ")]
        said = "\n".join([*(line for line in lines if not line.startswith("Note: ")), message]).strip()
        return TestOutcome(
            verdict,
            score,
            said[:_MESSAGE_CHARACTERS],
            link.transcript.everything,
            tuple(dict.fromkeys([*notes, *link.notes])),
            tuple(link.asked),
            missing,
        )


class _OutOfTime(BaseException):
    """Ends a test cell that takes too long by itself."""


def _run_inside(cell: AssignmentCell, process: StudentProcess) -> TestOutcome:
    """The cell in the student's process, as the instructor asked for; its result can be forged there."""
    run = process.run_inside(cell.source)
    printed = "".join(_texts(run.outputs))[:PRINTED_CHARACTERS]
    if run.verdict is Verdict.RAISED:
        wrong = run.error_type == "AssertionError"
        said = (run.error or "")[:_MESSAGE_CHARACTERS]
        verdict = Verdict.WRONG_ANSWER if wrong else Verdict.RAISED
        return TestOutcome(verdict, 0.0, said.removeprefix("AssertionError: "), printed, inside=True)
    if run.verdict is not None:
        message = FAILURES[run.verdict]("the test")
        return TestOutcome(run.verdict, 0.0, message, printed, inside=True)
    score = _printed_score(run.outputs, cell.points)
    verdict = Verdict.PASSED if score == cell.points else Verdict.PARTIAL
    return TestOutcome(verdict, score, "", printed, inside=True)


def _texts(outputs: Any) -> Iterator[str]:
    for output in outputs:
        if output.get("output_type") == "stream":
            text = output.get("text", "")
            yield text if isinstance(text, str) else "".join(text)


def _printed_score(outputs: Any, points: float) -> float:
    for output in outputs:
        if output.get("output_type") == "execute_result":
            shown = output.get("data", {}).get("text/plain", "")
            shown = shown if isinstance(shown, str) else "".join(shown)
            with contextlib.suppress(ValueError):
                score = float(shown.removeprefix("np.float64(").removesuffix(")"))
                return score if 0 <= score <= points else 0.0
    return points


def _assertion_message(cell: AssignmentCell, error: AssertionError, hidden: bool) -> str:
    """The assertion's words; for a hidden one only words that were written to be read by students."""
    if hidden and not _words_are_the_instructors(cell, error):
        return HIDDEN_FAILED
    said = str(error).strip()
    if said:
        return said
    if hidden:
        return HIDDEN_FAILED
    lines = cell.source.split("\n")
    line = line_of(error, cell)
    return f"This check failed: {lines[line - 1].strip()}" if 0 < line <= len(lines) else "A check failed."


def _words_are_the_instructors(cell: AssignmentCell, error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    frame = trace.tb_frame
    return frame.f_code.co_filename == filename(cell) or frame.f_globals.get("__name__") in _TRUSTED_WORDS


@contextlib.contextmanager
def _no_stderr() -> Iterator[None]:
    with contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raise `_OutOfTime` in the block after `seconds`, and every second from then on.

    Only in the main thread of a system with interval timers; elsewhere the worker's parent ends the process.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def ring(number: int, frame: types.FrameType | None) -> None:
        if armed:
            raise _OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
