"""What is measured starts as an installed program does: its modules are compiled, and stay so.

A checkout has no bytecode, `uv pip install` writes none, and some machines set `PYTHONDONTWRITEBYTECODE`:
then each start of Python compiles all that it imports, and a benchmark measures mostly that.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def compile_all() -> None:
    """Compile what is installed, and this repository, as installing with pip does."""
    places = [sysconfig.get_path("purelib"), *(str(ROOT / name) for name in ("autograder", "init_utils"))]
    # What does not compile (templates, other versions' code) is no matter.
    command = [sys.executable, "-m", "compileall", "-q", *places]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)


def environment() -> dict[str, str]:
    """This process's environment for a program of this installation: found first, and read from bytecode."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PATH": path, "PYTHONPATH": str(ROOT)}
