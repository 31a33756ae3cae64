"""Programs of `packaging/anywhere/`, which are no modules of a package, as modules for their tests."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[1] / "packaging" / "anywhere"


def program(name: str) -> ModuleType:
    """The program `name`, imported without being run; it may import the others beside it."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))
