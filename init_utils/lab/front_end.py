"""Whether there is a front end that can show a widget, and which of its cells is running."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable

from IPython.core.getipython import get_ipython


def has_front_end() -> bool:
    """Whether someone can see a widget: a kernel whose client answers questions.

    nbclient (nbconvert, nbgrader, papermill) tells the kernel that it takes no input; JupyterLab,
    Notebook and VS Code do take it. Colab and JupyterLite have kernels of their own and a person in front.
    """
    if sys.platform == "emscripten" or "google.colab" in sys.modules:
        return True
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))


# Of each cell: the execution that opened labs there last, and how to retire each of these labs.
_opened: dict[str, tuple[str, list[weakref.WeakMethod[Callable[[], None]]]]] = {}


def retire_replaced(retire: Callable[[], None]) -> None:
    """Note that the running cell opened a lab, and retire those that it replaces.

    Parameters
    ----------
    retire : bound method
        Of the new lab; called when its cell has been run again or deleted. Cells are known where the front
        end sends their ids (JupyterLab, Notebook 7); elsewhere nothing is replaced.
    """
    cell, execution, deleted = _running_cell()
    for gone in deleted:
        _retire(_opened.pop(gone, ("", []))[1])
    if not cell:
        return
    before, labs = _opened.get(cell, ("", []))
    if before != execution:
        _retire(labs)
        labs = []
    _opened[cell] = execution, [*labs, weakref.WeakMethod(retire)]


def _retire(labs: list[weakref.WeakMethod[Callable[[], None]]]) -> None:
    for reference in labs:
        retire = reference()
        if retire is not None:
            retire()


def _running_cell() -> tuple[str, str, list[str]]:
    """Id of the cell, id of its execution, ids of the cells deleted since the one before; "" if unknown."""
    get_parent = getattr(get_ipython(), "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    if not isinstance(parent, dict):
        return "", "", []
    metadata = parent.get("metadata") or {}
    header = parent.get("header") or {}
    deleted = [str(cell) for cell in metadata.get("deletedCells") or []]
    return str(metadata.get("cellId") or ""), str(header.get("msg_id") or ""), deleted
