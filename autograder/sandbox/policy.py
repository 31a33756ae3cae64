"""What a sandbox allows, as data: tiers, limits, what is loaded ahead, the student's environment.

The numbers reach the inside with every box.

SandboxError    our fault or the machine's: never a student's zero
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Strongest first.
TIERS = ("full", "wasm", "landlock", "none")
UNASKED = TIERS[:2]  # the others are taken only where they are named

MEBIBYTE = 1 << 20


class SandboxError(Exception):
    """The sandbox cannot be made or has broken; the text says what to do. Never a student's zero."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use; the tier `none` enforces only the first three and the output.

    Attributes
    ----------
    cell_s : float
        Processor time of one cell, and of one call that a test makes, in seconds.
    absolute : bool
        Whether the course has set `cell_s`: then it counts too what a cell or call waits (a `sleep`; not for
        a processor), all calls of a test share it, and what the instructor's solution takes extends nothing.
    patience : float
        How many times that a cell or call may take by the clock, which ends what sleeps or waits.
    calls_per_test : int
        How many times `cell_s` all calls of one test may take together. The number of calls is the test's:
        a right solution that needs most of `cell_s` for each passes.
    submission_s : float
        Wall time of all cells of a submission together, and again of all calls of its tests.
    cpu_s : float
        Processor time of all its processes together.
    memory_bytes : int
        Memory of all its processes together, on top of what the zygote had.
    processes : int
        Processes and threads at a time, checkpoints included.
    output_bytes : int
        What is kept of one cell's outputs; more is cut.
    output_hard_bytes : int
        A cell that writes more is stopped.
    value_bytes : int
        The largest answer that is read.
    disk_bytes, files : int
        Space for the working directory, `/tmp` and `/dev/shm` together.
    file_bytes, descriptors : int
        Largest single file; open descriptors of a process.
    """

    cell_s: float = 60.0
    absolute: bool = False
    patience: float = 10.0
    calls_per_test: int = 16
    submission_s: float = 600.0
    cpu_s: float = 900.0
    memory_bytes: int = 2048 * MEBIBYTE
    processes: int = 32
    output_bytes: int = 4 * MEBIBYTE
    output_hard_bytes: int = 64 * MEBIBYTE
    value_bytes: int = 48 * MEBIBYTE
    disk_bytes: int = 128 * MEBIBYTE
    files: int = 4096
    file_bytes: int = 64 * MEBIBYTE
    descriptors: int = 64

    @property
    def test_s(self) -> float:
        """Processor time of all calls of one test together, in seconds."""
        return self.cell_s * self.calls_per_test

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data for the wire."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Preload:
    """What the zygote has before the first submission; nothing of it may be a secret.

    Attributes
    ----------
    modules : tuple of str
        Modules to import, and names of modules that are loaded when asked for (`package.function`); what is
        not installed is left out.
    packages : tuple of str
        Packages that lie beside the engine in every box, also where they are installed from a clone.
    warm : tuple of str
        Those of `modules` whose function `warm` is called once all are imported.
    memo_module : str
        The module whose `import_memo` takes results of long calculations; "" without one.
    memo : bytes
        What its `export_memo` returned: results that need no repeating.
    """

    modules: tuple[str, ...] = ("numpy", "matplotlib.pyplot", "matplotlib_inline.backend_inline")
    packages: tuple[str, ...] = ()
    warm: tuple[str, ...] = ()
    memo_module: str = ""
    memo: bytes = b""


# In place of `Preload.modules` where nothing is drawn; pyplot takes as long to load as all the rest.
WITHOUT_FIGURES = ("numpy", "matplotlib")

# One thread a process: forks and thread pools do not mix, and two submissions share two cores.
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "USER": "student",
    "LOGNAME": "student",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "NBGRADER_EXECUTION": "autograde",  # nbgrader sets it, and tests ask for it
}


def require_tier(tier: str) -> str:
    """`tier` itself.

    Raises
    ------
    SandboxError
        There is no such tier, or not on this system.
    """
    if tier not in TIERS:
        raise SandboxError(f"no tier {tier!r}; there are {', '.join(TIERS)}")
    if tier not in ("wasm", "none") and sys.platform != "linux":
        raise SandboxError(f"the tier {tier!r} needs Linux; this is {sys.platform}: name 'wasm' or 'none'")
    return tier
