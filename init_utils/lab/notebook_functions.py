"""The initializers that a notebook defines, by running those parts of its code that they need.

Imports, definitions, and assignments of names that a function reads are run, with the rights of the caller
and no sandbox: for one's own notebooks. Nothing is trained, drawn or printed.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from init_utils.lab.arguments import PREFIX

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


class NotebookError(ValueError):
    """A file is no notebook, or defines no initializer; the text says which."""


def functions_in(path: Path) -> list[Callable[[list[int]], Any]]:
    """The functions named `initialize_parameters_...`, in the order of their definition.

    Parameters
    ----------
    path : Path
        A notebook of format 4. Its code is run.

    Raises
    ------
    NotebookError
        The file is no notebook, cannot be run so far, or defines none.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for number, tree in _trees(path):
            for statement in tree:
                _run(statement, namespace, f"{path.name}, code cell {number}")
    found = [value for name, value in namespace.items() if name.startswith(PREFIX) and callable(value)]
    if not found:
        raise NotebookError(f"{path.name} defines no function whose name begins with {PREFIX}")
    return found


def _run(statement: ast.stmt, namespace: dict[str, Any], place: str) -> None:
    code = compile(ast.Module([statement], []), place, "exec")
    try:
        exec(code, namespace)  # noqa: S102 -- one's own notebook, as the command's help says
    except Exception as error:
        raise NotebookError(f"{place}, line {statement.lineno}: {type(error).__name__}: {error}") from error


def _trees(path: Path) -> Iterator[tuple[int, list[ast.stmt]]]:
    """Of each code cell the statements to run."""
    cells = [ast.parse(source) for source in _sources(path)]
    functions = [node for cell in cells for node in ast.walk(cell) if isinstance(node, ast.FunctionDef)]
    read = {name for one in functions for name in _names(one)}
    for number, cell in enumerate(cells, start=1):
        yield number, [statement for statement in cell.body if _is_needed(statement, read)]


def _is_needed(statement: ast.stmt, read: set[str]) -> bool:
    if isinstance(statement, ast.Assign):
        names = {name for target in statement.targets for name in _names(target)}
        # What calls something trains or draws: no initializer needs its result.
        calls = any(isinstance(node, ast.Call) for node in ast.walk(statement.value))
        return bool(names & read) and not calls
    return isinstance(statement, DEFINITIONS)


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _sources(path: Path) -> Iterator[str]:
    """The code cells as plain Python."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotebookError(f"{path.name} is no notebook of format 4") from error
    transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
    for number, source in enumerate(sources, start=1):
        code = transform(source)
        try:
            ast.parse(code)
        except SyntaxError as error:
            raise NotebookError(
                f"{path.name}, code cell {number}, line {error.lineno}: {error.msg}"
            ) from error
        yield code
