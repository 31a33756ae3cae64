"""The private folders of runs in the temporary folder: their names, and removing what a killed run left."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path

from autograder.sandbox.inside.files import remove_folder

FOLDER_PREFIX = "autograder-run-"
_LEFT_S = 2 * 86_400.0


def sweep_old_folders() -> None:
    """Remove folders of runs that were killed before they could; what resists stays, and stops nothing.

    Where a process cannot be asked whether it runs (`os.kill` of Windows ends it), they go after two days.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        number = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        with contextlib.suppress(OSError):
            if number.isdigit() and _is_left(folder, int(number)):
                remove_folder(str(folder))


def _is_left(folder: Path, pid: int) -> bool:
    if not hasattr(os, "geteuid"):
        return folder.lstat().st_mtime < time.time() - _LEFT_S
    return folder.lstat().st_uid == os.geteuid() and not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _has_ended(pid)


def _has_ended(pid: int) -> bool:
    """Whether all that is left of a process is that nobody has waited for it yet, where Linux tells."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[:1] == ["Z"]
