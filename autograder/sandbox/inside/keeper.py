"""The first process of a box: it starts the student's, watches them all, and ends what must end.

It runs no student code, and is the box's process 1 where there is a pid namespace: when it ends, everything
in the box ends. The trusted side tells it which processes to keep (checkpoints); all others are ended, so a
cell leaves no process behind. Between orders it adds up memory and processor time of the box; when a limit
is still passed after all but the safe processes are ended, it ends these too, the last named first.

| order | answer |
| --- | --- |
| `keep`, `safe` pids | ends all but the former now, all but the latter at a limit; reports why it ended any |
| end of file | ends the box |

Student code causes most of what can go wrong here. Where a step raises, the keeper ends what is not safe,
as at a limit, and works on; where that does not help either, it ends the box.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from . import files, message_format, proc
from .signals import SignalGate

POLL_S = 0.05
WAITED_S = 0.5  # between two looks at how long threads have waited for a processor
PATIENCE_S = 2.0
MOST_FAULTS = 20
MOST_CROWDED = 10
MOST_DEAD_A_PROCESS = 8
SPARE_THREADS = SPARE_PROCESSES = 4  # of the grader's own in a box


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
        self._folder = -1
        self._kept: list[int] = []
        self._reason: str | None = None
        self._ended: list[int] = []  # of the safe ones, since the last order
        self._known_files: frozenset[str] = frozenset()
        self._faults = 0
        self._crowded = 0  # looks in a row at which there were too many processes
        self._cpu_s: dict[int, float] = {}  # of each living process when it was seen last
        self._gone_cpu_s = 0.0  # of those that were seen and are gone
        self._waited_s: dict[int, float] = {}  # of each living thread when it was seen last
        self._gone_waited_s = 0.0
        # What the zygote had already is shared, and not counted against the student.
        self._shared_bytes = proc.status_bytes(os.getpid())

    def run(self, student: int, listener: int | None) -> NoReturn:
        """Serve orders until the trusted side closes the channel.

        Parameters
        ----------
        student : int
            The first student process.
        listener : int or None
            Where the filter of system calls asks for signals.
        """
        try:
            self._serve(student, listener)
        except BaseException:  # noqa: BLE001 (a keeper that does not work is no keeper: the box ends)
            self._end()

    def _serve(self, student: int, listener: int | None) -> NoReturn:
        # Opened before student code runs, which may take every right from the folder.
        self._folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._kept = [student]
        self._send({"ready": True, "pid": student})
        watcher = select.poll()
        watcher.register(self._control, select.POLLIN)
        watcher.poll()  # before the first order no student code runs; the box may lie ready for hours
        gate = None if listener is None else SignalGate(listener, self._processes)
        if gate is not None:
            watcher.register(gate, select.POLLIN)
        due = waited_due = 0.0
        while True:
            ready = dict(watcher.poll(POLL_S * 1000))
            _reap()
            if gate is not None and (asked := ready.get(gate.fileno(), 0)):
                if asked & select.POLLIN:
                    self._guarded(gate.answer)
                else:
                    watcher.unregister(gate)  # no process is left that could ask
            if self._control.fileno() in ready:
                order = self._receive()
                keep, safe = ([int(pid) for pid in order[name]] for name in ("keep", "safe"))
                if gate is not None:
                    gate.set_states(keep)
                self._obey(keep, safe)
            elif time.monotonic() >= due:
                self._guarded(self._enforce_limits)
                due = time.monotonic() + POLL_S
            if time.monotonic() >= waited_due:
                self._guarded(self._note_waiting)
                waited_due = time.monotonic() + WAITED_S

    def _obey(self, keep: list[int], safe: list[int]) -> None:
        """End all but `keep`, and report; from now on the limits' victims are all but `safe`."""
        # A cell is judged by what it holds at its own end, however short it was.
        self._guarded(self._enforce_memory)
        self._guarded(self._note_waiting)
        self._kept = keep
        left = self._end_others()
        self._kept = safe
        if self._watch_disk:
            self._known_files = frozenset(entry.path for entry in files.walk(self._folder)[0])
        is_told = bool(proc.waited_s(os.getpid()))  # not on every system
        waited_s = self._gone_waited_s + sum(self._waited_s.values()) if is_told else None
        self._send({"left": left, "reason": self._reason, "ended": self._ended, "waited_s": waited_s})
        self._reason, self._ended = None, []

    def _note_waiting(self) -> None:
        """Look how long each thread was ready and had no processor: a student's process may make it up."""
        seen: dict[int, float] = {}
        for pid in self._processes():
            seen |= proc.waited_s(pid)
        self._gone_waited_s += sum(
            waited_s for thread, waited_s in self._waited_s.items() if thread not in seen
        )
        self._waited_s = seen

    def _guarded(self, step: Any) -> None:
        """Run a step; where it raises, end what is not safe, because student code is the likely cause."""
        try:
            step()
        except Exception:
            self._faults += 1
            if self._faults > MOST_FAULTS:
                raise
            self._reason = self._reason or "fault"
            self._end_others()

    def _enforce_memory(self) -> None:
        disk_bytes = 0 if self._watch_disk else self._file_system_bytes()
        if self._holds_too_much(self._processes(), disk_bytes):
            self._enforce_limits()

    def _enforce_limits(self) -> None:
        """End what is not safe when the box is over a limit; if it still is, the safe too, the last first."""
        reason = self._over_limit(self._processes())
        if reason is None:
            return
        self._reason = self._reason or reason
        self._end_others()
        if reason == "disk":
            self._make_room()
        while reason != "cpu" and self._kept and self._over_limit(self._processes()) is not None:
            self._ended.append(self._kept.pop())
            self._end_others()

    def _over_limit(self, pids: list[int]) -> str | None:
        usages = [proc.usage(pid) for pid in pids]
        # Some are dead and not reaped, because the keeper itself ends processes; they are no crowd, though.
        if len(pids) > self._limits["processes"] * MOST_DEAD_A_PROCESS:
            return "processes"
        if sum(usage.threads for usage in usages) > self._limits["processes"] + SPARE_THREADS:
            return "processes"
        alive = sum(usage.threads > 0 for usage in usages)
        # On a busy machine children that end at once are there for a while; the kernel refuses more.
        self._crowded = self._crowded + 1 if alive > self._limits["processes"] else 0
        if alive > self._limits["processes"] + SPARE_PROCESSES or self._crowded > MOST_CROWDED:
            return "processes"
        if self._used_cpu_s(pids, usages) > self._limits["cpu_s"]:
            return "cpu"
        disk_bytes = 0 if self._watch_disk else self._file_system_bytes()
        if self._watch_disk:
            disk_bytes, is_within = self._disk()
            if not is_within or disk_bytes > self._limits["disk_bytes"]:
                return "disk"
        return "memory" if self._holds_too_much(pids, disk_bytes) else None

    def _used_cpu_s(self, pids: list[int], usages: list[proc.Usage]) -> float:
        """Processor time of all processes of the box, in seconds.

        A parent that ignores the end of its children lets their time vanish from the kernel's sum: then what
        was seen of them counts.
        """
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        seen = {pid: usage.own_cpu_s for pid, usage in zip(pids, usages, strict=True)}
        self._gone_cpu_s += sum(cpu_s for pid, cpu_s in self._cpu_s.items() if pid not in seen)
        self._cpu_s = seen
        by_kernel = ended.ru_utime + ended.ru_stime + sum(usage.cpu_s for usage in usages)
        return max(by_kernel, self._gone_cpu_s + sum(seen.values()))

    def _holds_too_much(self, pids: list[int], disk_bytes: int) -> bool:
        room: int = self._limits["memory_bytes"] - disk_bytes
        quick = sum(max(0, proc.status_bytes(pid) - self._shared_bytes) for pid in pids)
        return quick > room and self._exact_bytes(pids, quick) > room

    def _exact_bytes(self, pids: list[int], quick: int) -> int:
        """What the student's processes hold, in bytes: what they share with each other counts once.

        Of a held state and its fork for a test the quick sum counts all of it twice. What they share with
        the zygote is taken off as the keeper's own share of it.
        """
        own = proc.proportional_bytes(os.getpid()) or 0
        exact = [proc.proportional_bytes(pid) for pid in pids]
        return quick if None in exact else sum(max(0, size - own) for size in exact if size is not None)

    def _disk(self) -> tuple[int, bool]:
        """Bytes of all files, nameless ones too, and whether their number and depth are allowed."""
        entries, is_all = files.walk(self._folder, most=self._limits["files"])
        named = sum(entry.status.st_blocks * 512 for entry in entries)
        return named + sum(proc.nameless_bytes(pid) for pid in self._processes()), is_all

    def _file_system_bytes(self) -> int:
        disk = os.fstatvfs(self._folder)
        return (disk.f_blocks - disk.f_bfree) * disk.f_frsize

    def _make_room(self) -> None:
        """Remove what is new since the last order, else everything, so that later cells have room."""
        files.remove_unknown(self._folder, self._known_files)
        if self._over_limit(self._processes()) == "disk":
            files.remove_unknown(self._folder, frozenset({".tmp"}))

    def _processes(self) -> list[int]:
        """Every process of the box but this one."""
        if self._own_namespace:
            own = os.getpid()
            return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own]
        return proc.descendants(os.getpid())

    def _end_others(self) -> int:
        """Kill all that is not kept; the number that could not be ended."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            others = [pid for pid in self._processes() if pid not in self._kept]
            alive = [pid for pid in others if not proc.is_dead(pid)]
            # Stopped first, so that none can fork while the others die. The dead get the order too: what
            # is told of them may be wrong.
            for order in (signal.SIGSTOP, signal.SIGKILL):
                for pid in others:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, order)
            _reap()  # orphans of the ended too: they count as processes until then
            if not alive or time.monotonic() > deadline:
                return len(alive)
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
