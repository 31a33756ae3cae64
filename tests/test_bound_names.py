"""What runs beside a notebook takes names from libraries at import: later ones may be written over.

A notebook can write `np.asarray = None`. Code of ours that looks the name up when a test calls a function
then fails, and the notebook's other exercises pay for it.
"""

from __future__ import annotations

import ast
import importlib
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

INSIDE = Path(__file__).parents[1] / "autograder" / "sandbox" / "inside"
# Before the student's process there is the zygote, and beside it the keeper: no notebook reaches them.
NOT_BESIDE = {"guest", "keeper", "zygote", "lockdown", "seccomp", "proc", "enter", "signals", "warming"}
# Looked up for the report of every cell: a cell that writes over one ends its process, and is undone.
OF_EVERY_CELL = {
    *("builtins", "codecs", "contextlib", "getpass", "json", "os", "os.path", "signal", "socket", "struct"),
    *("subprocess", "sys", "threading"),
}
MODULES = sorted(path for path in INSIDE.rglob("*.py") if path.stem not in NOT_BESIDE)


def late_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of each look-up in a module that happens when a function runs."""
    known = dict(_modules_of(tree))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        body = function.body if isinstance(function.body, list) else [function.body]
        for node in (node for part in body for node in ast.walk(part)):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in known
            ):
                yield known[node.value.id], node.attr


def _modules_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each name at the top of a file that is a module of others', and the module's."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            for alias in node.names:
                if isinstance(getattr(importlib.import_module(node.module), alias.name), types.ModuleType):
                    yield alias.asname or alias.name, f"{node.module}.{alias.name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(INSIDE)))
def test_code_beside_a_notebook_has_taken_its_names_from_libraries_at_import(path: Path) -> None:
    found = set(late_names(ast.parse(path.read_text(encoding="utf-8"))))
    late = sorted(f"{module}.{name}" for module, name in found if module not in OF_EVERY_CELL)
    assert late == [], "write `from MODULE import NAME`: a notebook may write over MODULE.NAME"


def test_the_reading_of_late_names_sees_every_form() -> None:
    text = (
        "import numpy as np\nimport os.path\nfrom numpy import ma, zeros\nTOP = np.pi\n"
        "def f():\n    x = np.ones(1) + zeros(1)\n    return lambda: ma.getmask(x)\n"
        "class C:\n    async def g(self):\n        return os.getcwd()\n"
    )
    assert set(late_names(ast.parse(text))) == {
        ("numpy", "ones"),
        ("numpy.ma", "getmask"),
        ("os.path", "getcwd"),
    }
