"""The cells of our own notebooks, run in the process of a test without a kernel; used by several tests."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
HELPERS = "from init_utils.checks import check_refused, check_seed, check_shapes, check_values"


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook."""

    id: str
    cell_type: str
    text: str
    nbgrader: dict[str, Any]

    @property
    def hidden_text(self) -> str:
        """What stands between the marks of a hidden test."""
        return self.text.partition("### BEGIN HIDDEN TESTS\n")[2].partition("### END HIDDEN TESTS")[0]


def read_cells(kind: str, assignment: str) -> dict[str, Cell]:
    """The cells of `source` or `release`, by id."""
    path = ROOT / kind / assignment / f"{assignment}.ipynb"
    return {
        raw["id"]: Cell(
            raw["id"], raw["cell_type"], "".join(raw["source"]), raw["metadata"].get("nbgrader", {})
        )
        for raw in json.loads(path.read_text(encoding="utf-8"))["cells"]
    }


def graded(cells: dict[str, Cell]) -> dict[str, Cell]:
    """Those with points, by grade id."""
    return {cell.nbgrader["grade_id"]: cell for cell in cells.values() if cell.nbgrader.get("points")}


def solution_ids(cells: dict[str, Cell]) -> list[str]:
    """Grade ids of the cells in which a function is to be written, in their order."""
    return [
        cell.nbgrader["grade_id"]
        for cell in cells.values()
        if cell.nbgrader.get("solution") and not cell.nbgrader["grade"]
    ]


def run_all(cells: dict[str, Cell]) -> tuple[dict[str, str], dict[str, Any]]:
    """What each code cell prints, by id, run from top to bottom without a word on stderr; and all names."""
    mpl.use("Agg")
    namespace: dict[str, Any] = {}
    printed = {}
    for cell in cells.values():
        if cell.cell_type == "code":
            printed[cell.id], error = run_cell(cell, namespace)
            assert error == "", f"{cell.id} writes to stderr"
    return printed, namespace


def names_with(functions: str) -> dict[str, Any]:
    """The names that a test cell finds: these functions and the helpers of `init_utils.checks`."""
    namespace: dict[str, Any] = {"np": np}
    exec(f"{HELPERS}\n{functions}", namespace)  # noqa: S102 -- text of the tests
    return namespace


def run_cell(cell: Cell, namespace: dict[str, Any]) -> tuple[str, str]:
    """What the cell writes to stdout and to stderr; raises what it raises."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            exec(compile(cell.text, cell.id, "exec"), namespace)  # noqa: S102 -- cells of this repository
    finally:
        plt.close("all")  # as the notebook does after each cell
    return out.getvalue(), err.getvalue()
