"""The first process of a box: it starts the student's, watches them all, and ends what must end.

It runs no student code, and is the box's process 1 where there is a pid namespace: when it ends, everything
in the box ends. The trusted side tells it which processes to keep (checkpoints); all others are ended, so a
cell leaves no process behind. Between orders it adds up memory and processor time of the box; when a limit is
still passed after all but the safe processes are ended, it ends these too, the last named first.

| order | answer |
| --- | --- |
| `keep`, `safe` pids | ends all but the former now, all but the latter at a limit; reports why it ended any |
| end of file | ends the box |
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import stat
import time
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from . import message_format

POLL_S = 0.05
PATIENCE_S = 2.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Keeper:
    """The watch over one box.

    Parameters
    ----------
    control : socket
        Where orders come from.
    limits : mapping
        `memory_bytes`, `cpu_s`, `processes`, `disk_bytes`, `files`.
    own_namespace : bool
        Whether `/proc` shows this box and nothing else.
    watch_disk : bool
        Whether the working directory has no quota of its own.
    """

    def __init__(
        self, control: socket.socket, limits: Mapping[str, Any], *, own_namespace: bool, watch_disk: bool
    ) -> None:
        self._control, self._limits = control, limits
        self._own_namespace, self._watch_disk = own_namespace, watch_disk
        self._kept: list[int] = []
        self._reason: str | None = None
        self._ended: list[int] = []  # of the safe ones, since the last order
        # What the zygote had already is shared, and not counted against the student.
        self._shared_bytes = _status_bytes(os.getpid())

    def run(self, student: int) -> NoReturn:
        """Serve orders until the trusted side closes the channel."""
        self._kept = [student]
        self._send({"ready": True, "pid": student})
        watcher = select.poll()
        watcher.register(self._control, select.POLLIN)
        watcher.poll()  # before the first order no student code runs; the box may lie ready for hours
        while True:
            ready = watcher.poll(POLL_S * 1000)
            _reap()
            if ready:
                order = self._receive()
                # A cell is judged by what it holds at its own end, however short it was.
                if self._holds_too_much(self._processes(), 0 if self._watch_disk else _tmpfs_bytes()):
                    self._enforce_limits()
                self._kept = [int(pid) for pid in order["keep"]]
                left = self._end_others()
                self._kept = [int(pid) for pid in order["safe"]]
                self._send({"left": left, "reason": self._reason, "ended": self._ended})
                self._reason, self._ended = None, []
            else:
                self._enforce_limits()

    def _enforce_limits(self) -> None:
        """End what is not kept when the box is over a limit; if it still is, the kept too, the last first."""
        reason = self._over_limit(self._processes())
        if reason is None:
            return
        self._reason = self._reason or reason
        self._end_others()
        while reason != "cpu" and self._kept and self._over_limit(self._processes()) is not None:
            self._ended.append(self._kept.pop())
            self._end_others()

    def _over_limit(self, pids: list[int]) -> str | None:
        # Zombies that their parent has not reaped are not counted: the keeper itself ends processes.
        most = self._limits["processes"]
        if len(pids) > most and sum(not _is_zombie(pid) for pid in pids) > most:
            return "processes"
        if self._cpu_s(pids) > self._limits["cpu_s"]:
            return "cpu"
        disk_bytes, files = self._disk() if self._watch_disk else (_tmpfs_bytes(), 0)
        if self._watch_disk and (disk_bytes > self._limits["disk_bytes"] or files > self._limits["files"]):
            return "disk"
        return "memory" if self._holds_too_much(pids, disk_bytes) else None

    def _holds_too_much(self, pids: list[int], disk_bytes: int) -> bool:
        most: int = self._limits["memory_bytes"]
        return self._memory_bytes(pids) + disk_bytes > most

    def _memory_bytes(self, pids: list[int]) -> int:
        """What the student's processes hold, in bytes; exact only when the quick sum is too large."""
        quick = sum(max(0, _status_bytes(pid) - self._shared_bytes) for pid in pids)
        if quick <= self._limits["memory_bytes"]:
            return quick
        exact = [_proportional_bytes(pid) for pid in pids]
        return quick if None in exact else sum(size for size in exact if size is not None)

    def _cpu_s(self, pids: Iterable[int]) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        running = sum(_cpu_ticks(pid) for pid in pids) / TICKS_PER_S
        return ended.ru_utime + ended.ru_stime + running

    def _disk(self) -> tuple[int, int]:
        total = count = 0
        for folder, folders, names in os.walk("."):
            count += len(folders) + len(names)
            if count > self._limits["files"]:
                break
            for name in names:
                with contextlib.suppress(OSError):
                    total += os.lstat(os.path.join(folder, name)).st_blocks * 512
        return total + sum(_nameless_bytes(pid) for pid in self._processes()), count

    def _processes(self) -> list[int]:
        """Every process of the box but this one."""
        if self._own_namespace:
            own = os.getpid()
            return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own]
        return _descendants(os.getpid())

    def _end_others(self) -> int:
        """Kill all that is not kept; the number that could not be ended."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            alive = [pid for pid in self._processes() if pid not in self._kept and not _is_zombie(pid)]
            if not alive or time.monotonic() > deadline:
                _reap()  # orphans of the ended too: they count as processes until then
                return len(alive)
            # Stopped first, so that none can fork while the others die.
            for order in (signal.SIGSTOP, signal.SIGKILL):
                for pid in alive:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, order)
            _reap()
            time.sleep(0.0005)

    def _receive(self) -> dict[str, Any]:
        prefix = self._read(message_format.PREFIX.size)
        header_length, body_length = message_format.read_prefix(prefix)
        header = self._read(header_length)
        return message_format.from_parts(memoryview(header), memoryview(self._read(body_length)))[0]

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            chunk = self._control.recv(length - len(data))
            if not chunk:
                self._end()
            data += chunk
        return data

    def _send(self, fields: Mapping[str, Any]) -> None:
        try:
            self._control.sendall(message_format.pack(fields))
        except OSError:
            self._end()

    def _end(self) -> NoReturn:
        self._kept = []
        self._end_others()
        os._exit(0)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _read_proc(pid: int, name: str) -> str:
    try:
        with open(f"/proc/{pid}/{name}", encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _fields_after_name(pid: int) -> list[str]:
    # The name in parentheses is the process's own choice, and may hold spaces and parentheses.
    return _read_proc(pid, "stat").rpartition(")")[2].split()


def _is_zombie(pid: int) -> bool:
    fields = _fields_after_name(pid)
    return not fields or fields[0] in "ZX"


def _cpu_ticks(pid: int) -> int:
    fields = _fields_after_name(pid)
    return sum(int(field) for field in fields[11:15]) if len(fields) > 15 else 0


def _status_bytes(pid: int) -> int:
    """Private and shared memory of one process, without what is mapped from files."""
    lines = _read_proc(pid, "status").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:"))) * 1024


def _proportional_bytes(pid: int) -> int | None:
    """The process's memory, each shared page counted by its share; None where that cannot be read."""
    for line in _read_proc(pid, "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return None if _exists(pid) and not _is_zombie(pid) else 0


def _nameless_bytes(pid: int) -> int:
    """Room of files that have no name any more but are open or mapped."""
    sizes: dict[tuple[int, int], int] = {}
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                status = os.stat(f"/proc/{pid}/fd/{name}")
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                    sizes[status.st_dev, status.st_ino] = status.st_blocks * 512
    mapped = 0
    for line in _read_proc(pid, "maps").splitlines():
        if line.endswith("(deleted)"):
            low, high = (int(word, 16) for word in line.split(maxsplit=1)[0].split("-"))
            mapped += high - low
    return sum(sizes.values()) + mapped


def _tmpfs_bytes() -> int:
    disk = os.statvfs(".")
    return (disk.f_blocks - disk.f_bfree) * disk.f_frsize


def _descendants(root: int) -> list[int]:
    """Children, their children and so on; orphans come back to the keeper, which is their subreaper."""
    found: list[int] = []
    queue = [root]
    while queue:
        pid = queue.pop()
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for task in tasks:
            children = [int(word) for word in _read_proc(pid, f"task/{task}/children").split()]
            found += children
            queue += children
    return found
