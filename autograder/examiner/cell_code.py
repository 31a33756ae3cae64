"""A test cell as Python: its statements and last expression, and which of its lines are hidden."""

from __future__ import annotations

import ast
import sys
import types

from autograder.assignment import HIDDEN_TEST_MARKS, AssignmentCell
from autograder.code_cell import ends_with_semicolon, parse


def compile_cell(cell: AssignmentCell) -> tuple[types.CodeType, types.CodeType | None]:
    """The cell's statements, and its last expression where its value counts as in a notebook."""
    name = filename(cell)
    tree = parse(cell.source, name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not ends_with_semicolon(cell.source):
        last = compile(ast.Expression(tree.body.pop().value), name, "eval", dont_inherit=True)  # type: ignore[attr-defined]
    return compile(tree, name, "exec", dont_inherit=True), last


def filename(cell: AssignmentCell) -> str:
    return f"<test {cell.grade_id}>"


def is_hidden(cell: AssignmentCell, line: int) -> bool:
    """Whether the 1-based line lies between the marks of hidden tests; a place outside the cell is hidden."""
    hidden = False
    for number, text in enumerate(cell.source.split("\n"), start=1):
        if HIDDEN_TEST_MARKS[0] in text:
            hidden = True
        if number == line:
            return hidden
        if HIDDEN_TEST_MARKS[1] in text:
            hidden = False
    return any(mark in cell.source for mark in HIDDEN_TEST_MARKS)


def calling_line(cell: AssignmentCell) -> int:
    """The line of the test cell's top level that is being executed."""
    frame: types.FrameType | None = sys._getframe(1)
    line = 0
    while frame is not None:
        if frame.f_code.co_filename == filename(cell):
            line = frame.f_lineno
        frame = frame.f_back
    return line


def line_of(error: BaseException, cell: AssignmentCell) -> int:
    """The line of the test cell's top level where `error` came through."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename(cell):
            return trace.tb_lineno
        trace = trace.tb_next
    return 0
