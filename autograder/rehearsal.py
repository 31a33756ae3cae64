"""What is known before the first submission runs: modules to import, training runs of a right solution.

The instructor's own notebook is run once, in a process of its own that ends with it; only the memo of `train`
(hash of the inputs -> parameters and costs, no text) is kept, on disk, by the content of the notebook and of
the engine. So a right submission repeats no training, and the warm process that students' code is forked from
never holds a solution, a hidden test or a mark scheme. Called by `grading`.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.metadata
import io
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment, Role
from autograder.course import Course
from autograder.namespace import parse_leniently
from autograder.sandbox import Warmth
from autograder.sandbox.surroundings import cache_root
from autograder.storage import write_whole
from autograder.worker_client import environment

COMPILED = "init_utils.compiled"  # asked for as a module, it makes the warm process load the compiled loop
_VERSIONED = ("numpy", "matplotlib", "ipython")
_TIMEOUT_S = 60.0
_KEPT_MEMOS = 20


@cache
def engine_fingerprint() -> str:
    """SHA-256 (hex) over what of ours can change a grade: our two packages and what they stand on."""
    digest = hashlib.sha256(sys.version.encode())
    for name in _VERSIONED:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            digest.update(f"{name}=={importlib.metadata.version(name)}\n".encode())
    root = Path(__file__).parent.parent
    for package in ("autograder", "init_utils"):
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def modules_to_warm(assignment: Assignment) -> tuple[str, ...]:
    """Modules that the instructor's cells import, as dotted names; students' imports are mostly these."""
    names = dict.fromkeys(Warmth().modules)
    for cell in assignment.cells:
        if cell.cell_type != "code" or cell.role is Role.TEST:
            continue
        for statement in parse_leniently(cell.source):
            if isinstance(statement, ast.Import):
                names.update(dict.fromkeys(alias.name for alias in statement.names))
            elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                names[statement.module] = None
                # `from package import module`: what is no module is left out by the warm process.
                names.update(dict.fromkeys(f"{statement.module}.{alias.name}" for alias in statement.names))
    if "init_utils.lab" in names:
        names["init_utils.lab.widget"] = None  # what opening the lab loads late
    return tuple(name for name in names if name != "__future__")


def memo_path(assignment: Assignment) -> Path:
    """Where the memo of this assignment, engine and start of the machine lies, made or not."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    started = boot.read_text().strip() if boot.is_file() else ""
    key = hashlib.sha256(f"{assignment.fingerprint} {engine_fingerprint()} {started}".encode()).hexdigest()
    return cache_root() / "memo" / f"{key[:32]}.bin"


def trains(assignment: Assignment) -> bool:
    """Whether a rehearsal is worth its time: the instructor's cells use `init_utils`."""
    return any("init_utils" in cell.source for cell in assignment.cells if cell.cell_type == "code")


def start_rehearsal(course: Course, assignment: Assignment) -> subprocess.Popen[bytes]:
    """A process that runs the instructor's notebook and stores its memo at `memo_path`."""
    cells = [
        cell.source for cell in assignment.cells if cell.cell_type == "code" and cell.role is not Role.TEST
    ]
    task = {
        "cells": cells,
        "memo": str(memo_path(assignment).resolve()),
        "files": str(course.source(assignment.name).resolve()),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder.rehearsal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd="/",
        start_new_session=True,
    )
    assert process.stdin is not None
    with process.stdin as stdin, contextlib.suppress(BrokenPipeError):
        stdin.write(json.dumps(task).encode())
    return process


def finish_rehearsal(process: subprocess.Popen[bytes], assignment: Assignment) -> Path | None:
    """The memo's file once the rehearsal has ended; None when it failed (training is then repeated)."""
    try:
        process.wait(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    path = memo_path(assignment)
    if not path.is_file():
        return None
    by_age = sorted(path.parent.glob("*.bin"), key=lambda file: file.stat().st_mtime)
    for old in by_age[:-_KEPT_MEMOS]:
        old.unlink(missing_ok=True)
    return path


def rehearse(task: dict[str, Any]) -> None:
    """Run the instructor's cells in this process and store the memo; a cell that fails does not matter."""
    from init_utils.training import export_memo

    namespace: dict[str, Any] = {"__name__": "__main__"}
    with tempfile.TemporaryDirectory() as folder:
        _copy_files(Path(task["files"]), Path(folder))
        os.chdir(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            for source in task["cells"]:
                module = ast.Module(body=parse_leniently(source), type_ignores=[])
                with contextlib.suppress(Exception):  # the next cells may still be worth running
                    exec(compile(module, "<instructor's cell>", "exec"), namespace)  # noqa: S102 -- his own text
        os.chdir("/")
    write_whole(Path(task["memo"]), export_memo())


def _copy_files(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file() and path.suffix != ".ipynb":
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


if __name__ == "__main__":
    rehearse(json.load(sys.stdin))
