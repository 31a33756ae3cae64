"""Wrong answers without a name, told apart by behaviour: equal signatures are one cluster.

A signature does not depend on who else is in the class: it is made of the test, the verdict, the type of
the error, the line that raised with its names taken out, and what came back for the grader's own public
inputs: kinds, shapes, and values to 4 digits. A sentence of the teacher's for a cluster therefore also
meets those who fall into it later.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import json
import re
from typing import Any

import numpy as np

from autograder import code_cell
from autograder.misconceptions.calls import Outcome

_DIGITS = 8
_MOST_NUMBERS = 2_000
_MOST_EXAMPLE = 800
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def cluster_of(grade_id: str, verdict: str, message: str, first: Outcome | None) -> str:
    """The signature of a failure, 8 hexadecimal digits.

    Parameters
    ----------
    verdict, message : str
        As the student is told them.
    first : Outcome or None
        What the function gave for the first public input; None where none was tried.

    >>> one = cluster_of("t", "raised", "`f` raised KeyError: 'a'", None)
    >>> one == cluster_of("t", "raised", "`g` raised KeyError: 'b'", None)
    True
    """
    parts: list[Any] = [grade_id, verdict, _NUMBER.sub("0", _QUOTED.sub("''", message))]
    if first is not None:
        line = first.raised_line.line if first.raised_line is not None else ""
        parts = [grade_id, verdict, first.error_type, anonymous(line), _behaviour(first.value)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_DIGITS]


def example_of(source: str, function: str) -> str:
    """The function as its tree has it: without comments, texts and the student's names; "" without one."""
    for node in code_cell.statements(source):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return anonymous(ast.unparse(node))[:_MOST_EXAMPLE]
    return ""


def anonymous(source: str) -> str:
    """Python without comments, with texts and the student's own names replaced; "" for what is not Python.

    >>> anonymous("W = scale * np.ones(2)  # Ada's")
    'a = b * np.ones(2)'
    """
    try:
        tree = code_cell.parse(source)
        return ast.unparse(_Anonymous().visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


class _Anonymous(ast.NodeTransformer):
    """Replaces names by a, b, c in the order of their appearance; modules and Python's own names stay."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def _name(self, name: str) -> str:
        if name in _KEPT:
            return name
        count = len(self._names)
        letter = "abcdefghijklmnopqrstuvwxyz"[count % 26] + (str(count // 26) if count >= 26 else "")
        return self._names.setdefault(name, letter)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._name(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg, node.annotation = self._name(node.arg), None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name, node.returns = self._name(node.name), None
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("...") if isinstance(node.value, (str, bytes)) else node


_KEPT = frozenset({"np", "numpy", "math", "random", "plt", "scipy", *dir(builtins)})


def _behaviour(value: Any) -> Any:
    """Kinds, shapes and values to 4 digits of what came back, as plain data."""
    if isinstance(value, dict):
        items = sorted(((str(key), item) for key, item in value.items()), key=lambda pair: pair[0])
        return {key[:40]: _behaviour(item) for key, item in items[:100]}
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *(_behaviour(item) for item in value[:100])]
    if isinstance(value, np.ndarray):
        numbers = value.ravel()[:_MOST_NUMBERS].tolist() if value.dtype.kind in "fiub" else []
        return [value.dtype.kind, list(value.shape), *(_behaviour(number) for number in numbers)]
    if isinstance(value, float):
        return f"{value:.4g}"
    return repr(value)[:40] if isinstance(value, (int, str, type(None))) else type(value).__name__
