"""The instructor's own initializers, read from `source/`: what the programs of this folder run.

So the pictures and figures in the documentation come from the coursework itself, not from a second copy of
its formulas.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def instructor_functions(assignment: str) -> dict[str, Any]:
    """The functions that the solution cells of `source/<assignment>` define, by name."""
    import numpy as np

    notebook = json.loads((ROOT / "source" / assignment / f"{assignment}.ipynb").read_text(encoding="utf-8"))
    namespace: dict[str, Any] = {"np": np}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution"):
            exec("".join(cell["source"]), namespace)  # noqa: S102 -- the repository's own notebook
    return {name: value for name, value in namespace.items() if name.startswith("initialize_parameters")}
