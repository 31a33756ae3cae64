"""The notebook that is open: its saved file, and whether that is what runs. Nothing is sent here."""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from init_utils.handing_in.answer import NothingSentError, shown

NOBODY = "Nothing is handed in here: no person runs this notebook in Jupyter."
_MOST_NAMED = 5
_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
_ANY_MAGIC = re.compile(r"^([ \t]*)(?:[%!].*|.*=[ \t]*[%!].*|.*\?)$", re.MULTILINE)  # files = !ls, f?


def what_differs(content: bytes, cells: Iterable[str]) -> str:
    """A sentence on what runs and is not saved (or the other way round); "" where nothing is.

    Of each function and class the last text that was run is compared with the last text in the file; the last
    assignment to a name must be one of those in the file, and the cell that runs now one of its cells. A
    function that the file has not is asked for where the file uses it, or has no other; else it may be one
    that was tried and deleted (`what_is_lacking`).

    Parameters
    ----------
    content : bytes
        The notebook's file.
    cells : iterable of str
        Texts of the cells in the order in which they were run, the one that runs now last.
    """
    ran = list(cells)
    written = _code_cells(content)
    if ran and ran[-1].strip() not in {text.strip() for text in written}:
        return (
            "Nothing was handed in: the saved file is older than what runs. Save the notebook (Ctrl-S), "
            "and run this cell again."
        )
    defined, kept = _definitions(ran), _definitions(written)
    other = [name for name, texts in defined.items() if name in kept and _is_other(texts[-1], kept[name])]
    if other:
        return (
            f"Nothing was handed in: {', '.join(other)} in the saved file is not what you ran last. Run "
            "its cell, save the notebook (Ctrl-S), and run this cell again."
        )
    unsaved = _unsaved(defined, kept)
    needed = _only_used(written)
    if asked := unsaved if not kept else [name for name in unsaved if name in needed]:
        return (
            f"Nothing was handed in: the saved file has no {_listed(asked)}. Save the notebook "
            "(Ctrl-S), and run this cell again."
        )
    return ""


def what_is_lacking(content: bytes, cells: Iterable[str]) -> str:
    """A sentence that names the functions and classes that ran and are not in the file; "" where none is.

    Parameters are those of `what_differs`.
    """
    if not (defined := _definitions(cells)):
        return ""
    if not (unsaved := _unsaved(defined, _definitions(_code_cells(content)))):
        return ""
    return (
        f"The saved file has no {_listed(unsaved)}, which ran here: if your work needs that, save the "
        "notebook (Ctrl-S), and run this cell again."
    )


def shell() -> Any:
    """IPython's shell where there is one; IPython is not imported for it."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def notebook_path(shell: Any, notebook: str | os.PathLike[str] | None) -> Path:
    """The file of the notebook that runs, unless another one is named.

    Raises
    ------
    NothingSentError
        No person runs a notebook here, or Jupyter does not say which it is.
    """
    if notebook is not None:
        if not isinstance(notebook, str | os.PathLike):
            raise NothingSentError(
                f"Nothing was handed in: {shown(repr(notebook), 80)} is no file's name. Name the file: "
                'hand_in("NAME.ipynb")'
            )
        return Path(notebook)
    if getattr(shell, "kernel", None) is None:
        raise NothingSentError(NOBODY)
    named = os.environ.get("JPY_SESSION_NAME") or shell.user_ns.get("__vsc_ipynb_file__")
    if not named or not str(named).endswith(".ipynb"):
        raise NothingSentError(
            "Nothing was handed in: Jupyter does not say which notebook this is. Name it: "
            'hand_in("NAME.ipynb")'
        )
    return Path(named)


def read_saved(path: Path) -> bytes:
    """The file's content.

    Raises
    ------
    NothingSentError
        It cannot be read.
    """
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise NothingSentError(
            f"Nothing was handed in: {shown(str(path.name or path))} cannot be read ({why}). Save the "
            'notebook, or name the file: hand_in("NAME.ipynb")'
        ) from error


def executed(shell: Any) -> list[str]:
    """Texts of the cells that a person has run, in their order, as they were typed."""
    if getattr(shell, "kernel", None) is None or shell.history_manager is None:
        return []
    return [str(text) for text in shell.history_manager.input_hist_raw[1:]]


def _code_cells(content: bytes) -> list[str]:
    try:
        cells = json.loads(content)["cells"]
        texts = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return [text if isinstance(text, str) else "".join(text) for text in texts]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NothingSentError(
            "Nothing was handed in: the saved file is no notebook. Save it in Jupyter, and run this cell "
            "again."
        ) from error


def _definitions(cells: Iterable[str]) -> dict[str, list[str]]:
    """Functions, classes, names -> what defines them, in this order, without comments and layout."""
    found: dict[str, list[str]] = {}
    for text in cells:
        for node in _parsed(text):
            for name in _names(node):
                found.setdefault(name, []).append(_dumped(node, text))
    return found


def _dumped(node: ast.stmt, text: str) -> str:
    """What a statement says, whatever its layout; the text of its cell where it is too deep for that."""
    try:
        return ast.dump(node)
    except RecursionError:
        return f"{type(node).__name__}({text}"


def _parsed(text: str) -> list[ast.stmt]:
    """The statements of a cell without its magics; none where it cannot be read."""
    for magic, instead in ((_MAGIC, ""), (_ANY_MAGIC, r"\1pass")):
        try:
            return ast.parse(magic.sub(instead, text)).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return []


def _unsaved(defined: Mapping[str, list[str]], kept: Collection[str]) -> list[str]:
    """Functions and classes among `defined` that are not kept, in the order of their definition."""
    return [name for name, texts in defined.items() if name not in kept and not _assigns(texts[-1])]


def _only_used(cells: Iterable[str]) -> set[str]:
    """Names that the cells read, and that nothing in them makes: no import, loop, parameter or definition.

    >>> sorted(_only_used(["import a.b as c", "def f(x):\\n    return c(x) + g(x) + abs(x)"]))
    ['g']
    """
    read, made = set(), set(dir(builtins))
    for node in (part for text in cells for statement in _parsed(text) for part in ast.walk(statement)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                made.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                made.add(name)
            case ast.alias(name=name, asname=other):
                made.add(other or name.partition(".")[0])
    return set() if "*" in made else read - made


def _listed(names: list[str]) -> str:
    """
    >>> _listed(["a", "b"]), _listed(list("abcdefg"))
    ('a, b', 'a, b, c, d, e and 2 others')
    """
    more = len(names) - _MOST_NAMED
    if more < 2:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {more} others"


def _is_other(last: str, kept: list[str]) -> bool:
    """Whether what was run last is not what the file says: its last definition, or one of its assignments."""
    return last not in (kept if _assigns(last) else kept[-1:])


def _assigns(definition: str) -> bool:
    return definition.startswith("Assign(")


def _names(node: ast.stmt) -> list[str]:
    """What a statement at the top of a cell defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        parts = [part for target in node.targets for part in ast.walk(target)]
        return [part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    return []
