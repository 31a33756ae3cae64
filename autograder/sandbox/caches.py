"""Where the grader keeps what can be made again: fonts, compiled kernels, memos, self-check reports."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import stat
import sys
import tempfile
from pathlib import Path

from autograder.sandbox.policy import SandboxError
from autograder.sandbox.tier_parts import give_to_unprivileged


def cache_root() -> Path:
    """Where the grader keeps what can be made again: the user's cache folder, or one of his below `/tmp`.

    Raises
    ------
    SandboxError
        Neither can be written by this user, or not by this user alone.
    """
    usual = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "autograder"
    if usual.is_absolute():  # else there is no home, and `~` would be a folder beside the course
        with contextlib.suppress(OSError):
            usual.mkdir(parents=True, exist_ok=True)
            if os.access(usual, os.W_OK):
                return usual
    # No home to write to, as a service's account has none.
    user = os.geteuid() if hasattr(os, "geteuid") else ""
    own = Path(tempfile.gettempdir()) / f"autograder-caches-{user}"
    with contextlib.suppress(FileExistsError):
        own.mkdir(mode=0o700)
    status = own.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o022 or user not in ("", status.st_uid):
        raise SandboxError(
            f"no folder for what is kept between runs: {usual} cannot be written, and {own} is not yours "
            "alone. Set XDG_CACHE_HOME to a folder of yours."
        )
    return own


def zygote_caches(tier: str) -> Path:
    """A folder that lasts, for fonts and compiled kernels; written by the zygote only."""
    folder = cache_root() / f"{tier}-{sys.implementation.cache_tag}-{platform.machine()}" / "caches"
    folder.mkdir(parents=True, exist_ok=True)
    give_to_unprivileged(folder)
    return folder


def digest(data: bytes) -> str:
    """A short name for `data`."""
    return hashlib.sha256(data).hexdigest()[:16]
