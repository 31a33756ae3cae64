"""Give up root's rights, then become the command: bubblewrap started as root would be no sandbox.

An interpreter or cache below a folder that others may not enter (`/root`, mode 0700) is shown to the
unprivileged user by a bind mount in a mount namespace of its own; the rest of that folder disappears there.
Run as a program, only as root; loads nothing but the standard library.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NoReturn

from . import lockdown


def main(user: int, needed: Sequence[str], command: Sequence[str]) -> NoReturn:
    """Become `command` as `user`, who can reach every path of `needed`."""
    os.umask(0o022)
    reveal(needed)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    os.execv(command[0], list(command))


def reveal(needed: Sequence[str]) -> None:
    """Make each path reachable for everybody, in this process's own view of the file system only.

    Raises
    ------
    OSError
        Some path is closed to others and the kernel lets us mount nothing.
    """
    closed = {path: gate for path in needed if (gate := closed_ancestor(path)) is not None}
    if not closed:
        return
    lockdown.unshare(lockdown.CLONE_NEWNS)
    lockdown.mount(None, "/", None, lockdown.MS_REC | lockdown.MS_PRIVATE)
    opened = {path: os.open(path, os.O_PATH) for path in closed}
    for gate in sorted(set(closed.values())):
        lockdown.mount("tmpfs", gate, "tmpfs", lockdown.MS_NOSUID | lockdown.MS_NODEV, "mode=755,size=1m")
    for path, descriptor in sorted(opened.items()):
        if os.path.exists(path):  # below one that was just shown
            continue
        is_folder = os.path.isdir(f"/proc/self/fd/{descriptor}")
        os.makedirs(path if is_folder else os.path.dirname(path), mode=0o755, exist_ok=True)
        if not is_folder:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
        lockdown.mount(f"/proc/self/fd/{descriptor}", path, None, lockdown.MS_BIND | lockdown.MS_REC)
        os.close(descriptor)


def closed_ancestor(path: str) -> str | None:
    """The topmost folder above `path` that others may not enter; None when the way is open.

    >>> closed_ancestor("/usr/bin") is None
    True
    """
    parts = os.path.abspath(path).split("/")[1:-1]
    for i in range(1, len(parts) + 1):
        folder = "/" + "/".join(parts[:i])
        if not os.stat(folder).st_mode & 0o001:
            return folder
    return None
