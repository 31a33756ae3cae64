"""How the warm process is started in each tier: its command, its environment, what it can see.

Nothing here judges whether a tier holds; `selfcheck` tries that. Called by `launcher`.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.policy import ENVIRONMENT, SandboxError

PROGRAM = "import sys; sys.path[:0] = {paths!r}; from inside.zygote import main; main({descriptor})"


@dataclass(frozen=True)
class Plan:
    """One way to start the warm process.

    Attributes
    ----------
    command : tuple of str
    environment : mapping
        The whole environment, not an addition.
    setup : mapping
        What `inside.zygote` is told in its first order.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    setup: Mapping[str, Any]


def plan(tier: str, folder: Path, descriptor: int) -> Plan:
    """How to start the warm process of `tier`, with its orders coming through `descriptor`."""
    engine = _copy_packages(folder)
    python = (sys.executable, "-I", "-B", "-c")
    program = PROGRAM.format(paths=[str(engine)], descriptor=descriptor)
    caches = {name: str(folder / "caches") for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR", "IPYTHONDIR", "HOME")}
    return Plan(
        (*python, program),
        {**ENVIRONMENT, **caches},
        {"engine": str(engine), "readable": [], "devices": []},
    )


def obstacle(tier: str) -> str | None:
    """Why `tier` cannot even be tried here; None when its parts are present."""
    return None if tier == "none" else "not yet"


def _copy_packages(folder: Path) -> Path:
    """The few files that the inside needs, at a place of their own."""
    engine = folder / "engine"
    shutil.copytree(Path(__file__).parent / "inside", engine / "inside", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(_package_folder("init_utils"), engine / "init_utils", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "caches").mkdir()
    return engine


def _package_folder(name: str) -> Path:
    specification = importlib.util.find_spec(name)
    if specification is None or not specification.submodule_search_locations:
        raise SandboxError(f"the package {name} is not installed beside the grader")
    return Path(specification.submodule_search_locations[0])
