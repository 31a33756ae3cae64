"""Why a function fails: in any assignment (`anything`), and what assignments register (`registered`).

The catalogue of initializers and its diagnosis have public names here; they are loaded on first use, because
only the assignments that register them need them.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "CATALOGUE": "catalogue",
    "NOT_FOUND": "catalogue",
    "Misconception": "entry",
    "DIAGNOSED": "diagnosis",
    "diagnose": "diagnosis",
    "SEED": "formulas",
    "Outcome": "calls",
    "Diagnosis": "diagnosed",
}

__all__ = ["CATALOGUE", "DIAGNOSED", "NOT_FOUND", "SEED", "Diagnosis", "Misconception", "Outcome", "diagnose"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
