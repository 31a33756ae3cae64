"""A test cell as Python: its visible part, its hidden part, and the value it ends with.

From the first hidden line on, the whole rest of the cell is hidden: what follows a hidden check has seen
what the check saw. A statement that holds a hidden line belongs to the hidden part as a whole.
"""

from __future__ import annotations

import ast
import types
from dataclasses import dataclass

from autograder.assignment import AssignmentCell
from autograder.code_cell import ends_with_semicolon, parse


@dataclass(frozen=True)
class CellCode:
    """A compiled test cell.

    Attributes
    ----------
    visible, hidden : code or None
        Statements before the first hidden line, and from there on; None where there are none.
    last : code or None
        The last expression, where its value counts as in a notebook.
    """

    visible: types.CodeType | None
    hidden: types.CodeType | None
    last: types.CodeType | None

    @property
    def has_hidden_part(self) -> bool:
        """Whether anything of the cell is hidden."""
        return self.hidden is not None


def compile_cell(cell: AssignmentCell) -> CellCode:
    """The cell's parts.

    Raises
    ------
    SyntaxError, ValueError
        The cell is not Python.
    """
    name = filename(cell)
    tree = parse(cell.source, name)
    last = None
    hidden_from = first_hidden_line(cell)
    statements = tree.body
    is_valued = bool(statements) and isinstance(statements[-1], ast.Expr)
    if is_valued and not ends_with_semicolon(cell.source):
        expression = ast.Expression(statements[-1].value)  # type: ignore[attr-defined]
        last = compile(expression, name, "eval", dont_inherit=True)
    whole = statements[:-1] if last is not None else statements
    if hidden_from is None:
        return CellCode(_compiled(whole, name), None, last)
    visible = [statement for statement in whole if (statement.end_lineno or 0) < hidden_from]
    hidden = whole[len(visible) :]
    return CellCode(_compiled(visible, name) if visible else None, _compiled(hidden, name), last)


def first_hidden_line(cell: AssignmentCell) -> int | None:
    """The 1-based line at which the hidden part begins; None when nothing is hidden."""
    lines = cell.source.split("\n")
    begin = cell.marks.begin_hidden
    return next((number for number, text in enumerate(lines, start=1) if begin in text), None)


def filename(cell: AssignmentCell) -> str:
    """What the cell's code is called in tracebacks."""
    return f"<test {cell.grade_id}>"


def line_of(error: BaseException, cell: AssignmentCell) -> int:
    """The line of the test cell's top level where `error` came through; 0 when it did not."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename(cell):
            return trace.tb_lineno
        trace = trace.tb_next
    return 0


def literal_message(error: BaseException, cell: AssignmentCell) -> str:
    """The instructor's sentence with which the cell itself raised `error`, where it is a plain string.

    An f-string, a name or a call is computed, perhaps from what is hidden: then "".
    """
    trace, line = error.__traceback__, 0
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == filename(cell) else 0
        trace = trace.tb_next
    return next((text for first, end, text in literal_sentences(cell) if first <= line <= end), "")


def literal_sentences(cell: AssignmentCell) -> list[tuple[int, int, str]]:
    """First line, last line and text of each `assert` and `raise` whose message is a plain string."""
    messages = [(statement, message) for statement, message in _messages(cell) if message is not None]
    return [
        (statement.lineno, statement.end_lineno or statement.lineno, message.value.strip())
        for statement, message in messages
        if isinstance(message, ast.Constant) and isinstance(message.value, str)
    ]


def computed_hidden_messages(cell: AssignmentCell) -> list[int]:
    """Lines of hidden checks whose message is computed, and is therefore not shown to students."""
    hidden_from = first_hidden_line(cell)
    if hidden_from is None:
        return []
    return [
        statement.lineno
        for statement, message in _messages(cell)
        if statement.lineno >= hidden_from and message is not None and not isinstance(message, ast.Constant)
    ]


def _messages(cell: AssignmentCell) -> list[tuple[ast.stmt, ast.expr | None]]:
    """Each statement of the cell that fails with a message, and the message, in order of lines."""
    try:
        tree = parse(cell.source)
    except (SyntaxError, ValueError):
        return []
    found: list[tuple[ast.stmt, ast.expr | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            found.append((node, node.msg))
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            found.append((node, node.exc.args[0]))
    return sorted(found, key=lambda item: item[0].lineno)


def _compiled(statements: list[ast.stmt], name: str) -> types.CodeType:
    return compile(ast.Module(statements, type_ignores=[]), name, "exec", dont_inherit=True)
