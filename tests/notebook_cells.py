"""The cells of our own notebooks, run in the process of a test without a kernel; used by several tests."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

ROOT = Path(__file__).resolve().parents[1]


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


def run_cell(cell: Cell, namespace: dict[str, Any]) -> tuple[str, str]:
    """What the cell writes to stdout and to stderr; raises what it raises."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            exec(compile(cell.text, cell.id, "exec"), namespace)  # noqa: S102 -- cells of this repository
    finally:
        plt.close("all")  # as the notebook does after each cell
    return out.getvalue(), err.getvalue()
