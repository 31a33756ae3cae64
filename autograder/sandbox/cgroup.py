"""Limits of the kernel's own for each box: control groups (cgroup v2), where the grader has one of its own.

A cgroup is used only if it is the grader's by delegation (systemd's `Delegate=yes`) or if someone names it.
Children are made in it, and nothing above it is written. No process is moved into a child but this one and
those that it starts. What was made is recorded before it is made, and only what is recorded is removed.
Without such a cgroup the keeper's sums are the limit; with one they are still the first.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.sandbox.caches import cache_root
from autograder.sandbox.policy import SandboxError

CONTROLLERS = ("memory", "pids")
# Beyond what the keeper counts: its own memory, page tables, buffers; its processes and those that start.
SPARE_BYTES, SPARE_PROCESSES = 64 << 20, 16
PREFIX = "autograder-"
REMOVING_S = 2.0


class CgroupError(Exception):
    """There is no cgroup that could be used; the text says why."""


class BoxCgroup:
    """The cgroup of one box; the box moves itself into it, before a student's code runs.

    Parameters
    ----------
    parent : Path
    limits : mapping
        `memory_bytes` and `processes`.

    Raises
    ------
    OSError
        It cannot be made.
    """

    def __init__(self, parent: Path, limits: Mapping[str, Any]) -> None:
        self._folder = parent / f"{PREFIX}{os.getpid()}-{secrets.token_hex(6)}"
        self._seen = 0
        self.entrance = -1
        _make(self._folder)
        try:
            _write(self._folder / "memory.max", limits["memory_bytes"] + SPARE_BYTES)
            _write(self._folder / "pids.max", limits["processes"] + SPARE_PROCESSES)
            with contextlib.suppress(FileNotFoundError):  # a kernel without swap has none
                _write(self._folder / "memory.swap.max", 0)
            self.entrance = os.open(self._folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
        except BaseException:
            remove(self._folder)
            raise

    def close_entrance(self) -> None:
        """Let go of the descriptor through which the box moved itself."""
        if self.entrance >= 0:
            os.close(self.entrance)
        self.entrance = -1

    def memory_was_short(self) -> bool:
        """Whether the kernel has ended a process of the box for its memory, since this was asked last."""
        before, self._seen = self._seen, self._ended_for_memory()
        return self._seen > before

    def _ended_for_memory(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            words = _words(self._folder / "memory.events")
            return int(words[words.index("oom_kill") + 1])
        return self._seen

    def close(self) -> None:
        """End every process in it, and remove it."""
        self.close_entrance()
        remove(self._folder)


class Claim:
    """The cgroup that this process may use: its own, where that was delegated, or a named one.

    Where it is the own one, this process moves into a child of it first, because a cgroup with processes
    cannot limit its children; `close` takes that back.

    Parameters
    ----------
    named : str, optional
        A folder of the hierarchy.

    Raises
    ------
    CgroupError
        It cannot be used.
    """

    def __init__(self, named: str = "") -> None:
        self.folder = folder = Path(named) if named else delegated()
        self._own_child: Path | None = None
        try:
            missing = set(CONTROLLERS) - set(_words(folder / "cgroup.controllers"))
            if missing:
                raise CgroupError(f"{folder} has not the controllers {', '.join(sorted(missing))}")
            if not set(CONTROLLERS) <= set(_words(folder / "cgroup.subtree_control")):
                self._step_aside()
                _write(folder / "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS))
            BoxCgroup(folder, {"memory_bytes": SPARE_BYTES, "processes": 1}).close()
        except OSError as error:
            self.close()
            raise CgroupError(f"{folder} cannot be used: {error.strerror or error}") from error
        except CgroupError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Move back, and remove the child."""
        if self._own_child is None:
            return
        folder = self.folder
        with contextlib.suppress(OSError):
            _write(folder / "cgroup.subtree_control", " ".join(f"-{name}" for name in CONTROLLERS))
            _write(folder / "cgroup.procs", os.getpid())
        with contextlib.suppress(OSError):
            self._own_child.rmdir()
        self._own_child = None

    def _step_aside(self) -> None:
        """Move this process into a child, if no other is in the cgroup."""
        folder = self.folder
        inside = _words(folder / "cgroup.procs")
        if not inside:
            return
        if inside != [str(os.getpid())]:
            raise CgroupError(f"{folder} holds processes that are not the grader's; name an empty one")
        self._own_child = child = folder / f"{PREFIX}{os.getpid()}-grader"
        _make(child)
        _write(child / "cgroup.procs", os.getpid())


@contextlib.contextmanager
def claimed(named: str = "") -> Iterator[str]:
    """A cgroup that boxes may get children of, while the block runs; "" where there is none.

    Raises
    ------
    SandboxError
        The one that was named cannot be used.
    """
    try:
        claim = Claim(named)
    except CgroupError as error:
        if named:
            raise SandboxError(f"--cgroup {named}: {error}") from error
        yield ""
        return
    with claim:
        yield str(claim.folder)


def what_limits(named: str = "") -> str:
    """One sentence for `doctor`: which limits hold the boxes of this machine, and why no others."""
    try:
        with Claim(named) as claim:
            return f"Memory and processes: limits of the kernel in {claim.folder}, and the keeper's sums."
    except CgroupError as error:
        return f"Memory and processes: the keeper's sums. No cgroup is used: {error}."


def delegated() -> Path:
    """This process's own cgroup, if systemd delegated it.

    Raises
    ------
    CgroupError
        It is not, or there is no hierarchy of version 2.
    """
    folder = own_folder()
    for name in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError, AttributeError):
            if os.getxattr(folder, name) == b"1" and os.access(folder / "cgroup.procs", os.W_OK):
                return folder
    raise CgroupError(
        f"{folder} is not delegated to the grader; "
        "`systemd-run --user --scope -p Delegate=yes autograder grade ...` starts it in one that is"
    )


def own_folder(processes: str = "/proc/self") -> Path:
    """Where this process's cgroup of version 2 lies.

    Raises
    ------
    CgroupError
        There is no such hierarchy.
    """
    try:
        lines = Path(processes, "cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
        mounts = Path(processes, "mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        raise CgroupError("this system has no cgroups") from None
    own = next((line[3:] for line in lines if line.startswith("0::")), None)
    for mount in mounts:
        fields = mount.split()
        if own is not None and "cgroup2" in fields[fields.index("-") + 1 :][:1]:
            root, place = fields[3], fields[4]
            return Path(os.path.normpath(Path(place) / os.path.relpath(own, root)))
    raise CgroupError("no hierarchy of cgroup version 2 is mounted")


def remove(folder: Path) -> bool:
    """End what runs in a cgroup, and remove it; whether it is gone."""
    deadline = time.monotonic() + REMOVING_S
    while folder.is_dir():
        with contextlib.suppress(OSError):
            _write(folder / "cgroup.kill", 1)
        with contextlib.suppress(OSError):
            folder.rmdir()
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def sweep() -> None:
    """Remove the cgroups that runs which have ended recorded and left, and no others."""
    with contextlib.suppress(OSError, SandboxError):
        for record in _records().glob("*.txt"):
            if record.stem.isdigit() and not Path("/proc", record.stem).exists():
                folders = [Path(line) for line in record.read_text(encoding="utf-8").splitlines()]
                recorded = [path for path in folders if path.name.startswith(f"{PREFIX}{record.stem}-")]
                if all(list(map(remove, recorded))):
                    record.unlink()


def _records() -> Path:
    return cache_root() / "cgroups"


def _make(folder: Path) -> None:
    """Make a cgroup; recorded first, so that a later run finds what this one leaves when it is killed."""
    record = _records() / f"{os.getpid()}.txt"
    record.parent.mkdir(mode=0o700, exist_ok=True)
    with record.open("a", encoding="utf-8") as file:
        file.write(f"{folder}\n")
    folder.mkdir()


def _words(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").split()


def _write(path: Path, value: object) -> None:
    """Write a control file; the kernel takes it whole or refuses it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, str(value).encode())
    finally:
        os.close(descriptor)
