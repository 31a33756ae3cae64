"""How a test cell ended outside the student's process: with a score, an error, a failure of the machinery."""

from __future__ import annotations

import math
import numbers
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment import AssignmentCell
from autograder.examiner.cell_code import line_of, literal_message
from autograder.examiner.exchange import Exchange
from autograder.examiner.messages import FAILURES, HIDDEN_FAILED
from autograder.examiner.outcomes import TestOutcome
from autograder.examiner.student_errors import raised_by_student
from autograder.verdicts import Verdict

_MESSAGE_CHARACTERS = 2_000
_PACKAGE = str(Path(__file__).parents[1])
_NOT_THE_STUDENTS = (ImportError, UnboundLocalError, SystemExit, GeneratorExit)


def told(outcome: TestOutcome, visible: TestOutcome) -> TestOutcome:
    """The outcome of a hidden part, with what the visible part said: all that a student may be told."""
    if outcome.verdict is Verdict.PASSED:
        return replace(visible, functions=outcome.functions, handles=outcome.handles, kinds=outcome.kinds)
    own = "" if outcome.verdict is Verdict.PARTIAL else outcome.message
    message = "\n".join(filter(None, [visible.message, own]))
    return replace(outcome, message=message, printed=visible.printed, notes=visible.notes, hidden=True)


def is_ours(error: BaseException, exchange: Exchange) -> bool:
    """Whether the grader's own code raised it: no word about the student's code, or the test."""
    if raised_by_student(error) is not None or isinstance(error, MemoryError):
        return False
    if isinstance(error, KeyError) and error.args and error.args[0] in exchange.missing:
        return False  # `globals()["f"]`
    ours, trace = False, error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(_PACKAGE):
            ours = True
        elif name.startswith(("<test ", "<instructor's cell>")):
            ours = False
        trace = trace.tb_next
    return ours


def failed_cell(exchange: Exchange, cell: AssignmentCell, error: BaseException) -> TestOutcome:
    """The outcome of a cell that raised."""
    if isinstance(error, NameError) and error.name in exchange.missing:
        message = FAILURES[Verdict.NOT_FOUND](f"`{error.name}`")
        return replace(ended(exchange, Verdict.NOT_FOUND, 0.0, message), missing=True)
    raised = raised_by_student(error)
    if raised is not None:
        return ended(exchange, Verdict.RAISED, 0.0, raised.message)
    if isinstance(error, AssertionError):
        literal = literal_message(error, cell)
        message = literal if exchange.hidden else _assertion_message(cell, error)
        return ended(exchange, Verdict.WRONG_ANSWER, 0.0, message, literal)
    if isinstance(error, MemoryError):
        return ended(exchange, Verdict.MEMORY, 0.0, FAILURES[Verdict.MEMORY]("the test"))
    what = f"{type(error).__name__}: {error}"
    if isinstance(error, _NOT_THE_STUDENTS):
        return ended(exchange, Verdict.INTERNAL_ERROR, 0.0, f"The test cell itself failed: {what}")
    return ended(exchange, Verdict.WRONG_ANSWER, 0.0, f"The test could not use the result: {what}")


def scored_cell(exchange: Exchange, cell: AssignmentCell, value: Any) -> TestOutcome:
    """The outcome of a cell that ran to its end, and the value of its last line."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    score = float(value) if is_number else cell.points
    if not (math.isfinite(score) and 0 <= score <= cell.points):
        message = f"The test cell ended with {score:g} points; 0 to {cell.points:g} are possible."
        return ended(exchange, Verdict.INTERNAL_ERROR, 0.0, message)
    return ended(exchange, Verdict.PASSED if score == cell.points else Verdict.PARTIAL, score, "")


def ended(exchange: Exchange, verdict: Verdict, score: float, message: str, literal: str = "") -> TestOutcome:
    """An outcome with what the exchange holds; in a hidden part with `literal` or a fixed sentence alone."""
    if exchange.hidden and verdict is Verdict.INTERNAL_ERROR:
        message = FAILURES[verdict]("this test")  # what the test says of itself may hold what it was given
    elif exchange.hidden and verdict not in (Verdict.PASSED, Verdict.PARTIAL):
        asked = tuple(exchange.asked)
        return TestOutcome(
            verdict, score, literal or HIDDEN_FAILED, functions=asked, unknown=exchange.unknown
        )
    lines = exchange.transcript.of_test.strip().splitlines()
    notes = [line.removeprefix("Note: ") for line in lines if line.startswith("Note: ")]
    said = "\n".join([*(line for line in lines if not line.startswith("Note: ")), message]).strip()
    return TestOutcome(
        verdict,
        score,
        said[:_MESSAGE_CHARACTERS],
        exchange.transcript.everything,
        tuple(dict.fromkeys([*notes, *exchange.notes])),
        tuple(exchange.asked),
        handles=exchange.places.noted,
        kinds=exchange.places.kinds,
        unknown=exchange.unknown,
    )


def _assertion_message(cell: AssignmentCell, error: AssertionError) -> str:
    """The words of a visible assertion; where it has none, its line."""
    said = str(error).strip()
    if said:
        return said
    lines = cell.source.split("\n")
    line = line_of(error, cell)
    return f"This check failed: {lines[line - 1].strip()}" if 0 < line <= len(lines) else "A check failed."
