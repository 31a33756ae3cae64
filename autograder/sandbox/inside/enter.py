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

NAMESPACE = "{namespace}"  # in a command: the descriptor of the user namespace


def main(
    user: int, needed: Sequence[str], command: Sequence[str], box_users: Sequence[Sequence[int]] = ()
) -> NoReturn:
    """Become `command` as `user`, who can reach every path of `needed`.

    Parameters
    ----------
    box_users : sequence of (int, int, int)
        Ranges of users that the boxes get, as in `uid_map`: the first inside, the first outside, how many.
        `NAMESPACE` among the words of the command becomes the number of a descriptor of a user namespace with
        this map; without it the command keeps the right to become one of these users, and no other right.
    """
    os.umask(0o022)
    reveal(needed)
    words = list(command)
    if NAMESPACE in words:
        words[words.index(NAMESPACE)] = str(make_user_namespace(user, box_users))
        become(user)
    elif box_users:
        lockdown.prctl(lockdown.PR_SET_KEEPCAPS, 1)
        become(user)
        lockdown.keep_capabilities(lockdown.CAP_SETGID, lockdown.CAP_SETUID)
    else:
        become(user)
    os.execv(words[0], words)


def become(user: int) -> None:
    """Give up root's ids."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def make_user_namespace(user: int, ranges: Sequence[Sequence[int]]) -> int:
    """A descriptor, to be inherited, of a new user namespace that belongs to `user` and has these ranges."""
    made, maker_side = os.pipe()
    mapped, root_side = os.pipe()
    pid = os.fork()
    if pid == 0:
        become(user)
        lockdown.unshare(lockdown.CLONE_NEWUSER)
        lockdown.prctl(lockdown.PR_SET_DUMPABLE, 1)  # its files in /proc are the user's, then
        os.write(maker_side, b".")
        os.read(mapped, 1)
        os._exit(0)
    os.read(made, 1)
    text = "".join(f"{inside} {outside} {count}\n" for inside, outside, count in ranges)
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{pid}/{name}", "w", encoding="ascii") as file:
            file.write(text)
    namespace = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
    os.set_inheritable(namespace, True)
    os.write(root_side, b".")
    os.waitpid(pid, 0)
    for descriptor in (made, maker_side, mapped, root_side):
        os.close(descriptor)
    return namespace


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
