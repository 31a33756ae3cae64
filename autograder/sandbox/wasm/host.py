"""The process that runs the instances of a sandbox of tier `wasm`: what the zygote is in the other tiers.

It takes the zygote's orders (`inside.zygote`) and the keeper's (`inside.keeper`), so that the launcher and
the boxes are the same in every tier. Each process of a box is a thread here, and an instance or its image.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import itertools
import json
import os
import platform
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from .. import passing
from ..inside import message_format
from ..inside.files import walk
from . import runtime
from .base_memory import KeptMemories
from .guest_process import GuestProcess, read_message
from .images import Image
from .instance import Instance, Turn, nobody

_START_S = 300.0
_CHANGED_BYTES = 32 << 20  # of each image; so much the interpreter changes whatever a notebook does
_MOST_BYTES = 4 << 30  # of an instance's address space


def main(word: str, folder: str) -> NoReturn:
    """Load what the first order names, then serve; `word` is where `passing` finds the orders' end."""
    control = passing.taken(word)
    raw, order, _ = read_message(control)
    start = time.perf_counter()
    _, buffers = message_format.unpack(raw)
    setup = message_format.decode(order["value"], buffers)
    host = Host(Path(folder), setup)
    missing = host.warm_up()
    control.sendall(
        message_format.pack(
            {"ready": True, "threads": 1, "missing": missing, "seconds": time.perf_counter() - start}
        )
    )
    while True:
        try:
            raw, order, descriptors = read_message(control)
        except OSError:
            host.close()
            os._exit(0)
        if order["op"] == "memo":
            _, buffers = message_format.unpack(raw)
            reply = {"entries": host.take_memo(message_format.decode(order["value"], buffers).tobytes())}
        else:
            reply = {"pid": host.open_box(order, descriptors)}
        control.sendall(message_format.pack(reply))


class Host:
    """The instances of one sandbox.

    Parameters
    ----------
    folder : Path
        A private folder of this run.
    setup : mapping
        `folders`, `modules_in` and `environment` of an instance; `modules`, `warm`, `memo_module` as of a
        `Preload`.
    """

    def __init__(self, folder: Path, setup: Mapping[str, Any]) -> None:
        self.folder, self._setup = folder, setup
        self._readable = {place: Path(path) for place, path in setup["folders"].items()}
        self._folders = (folder / f"instance-{number}" for number in itertools.count())
        self._lock = threading.Lock()

    def warm_up(self) -> list[str]:
        """Load what a first cell would into the memory that all begin with; the modules not there.

        Nothing of a student's has run by then, so the memory is kept for later runs.
        """
        memories = KeptMemories(Path(self._setup["memories"]))
        found = memories.find(self._key())
        if found is not None:
            self.base, missing = found
        else:
            with self._instance() as first:
                _run(first, "import inside.guest; inside.guest.take_over()")
                missing = _asked(first, f"warm_up({self._setup['modules']!r}, {self._setup['warm']!r})")
                before = first.memory().copy()
                late = _asked(first, f"learn({self._setup['modules']!r})")
                first.memory()[: before.size] = before
                _run(first, f"settle({late!r})")
                self.base = memories.keep(self._key(), first.memory(), missing)
        self.start = Image.same_as(self.base)
        return [str(name) for name in missing]

    def _key(self) -> str:
        """Of all that decides what the memory holds; folders of code are named by their contents."""
        names = ("folders", "modules_in", "environment", "modules", "warm")
        parts = [runtime.KNOWN_SUMS, importlib.metadata.version("wasmtime"), platform.machine()]
        told = json.dumps([parts, [self._setup[name] for name in names]], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def take_memo(self, memo: bytes) -> int:
        """Take results of long calculations into the memory that all others begin with."""
        entries: list[int] = []

        def answer(message: bytes) -> bytes:
            if message:
                entries.append(int(message))
                return b""
            return memo

        with self._instance() as first:
            first.begin_with(self.start, self.base)
            _run(first, f"take_memo({self._setup['memo_module']!r})", answer=answer)
            self.start = first.image(first.differing(self.base), self.folder)
        return entries[0]

    @contextlib.contextmanager
    def _instance(self) -> Iterator[Instance]:
        """One of ours, not a box's."""
        folder = self.new_folder()
        instance = self.new_instance(folder, _MOST_BYTES)
        try:
            yield instance
        finally:
            instance.close()
            shutil.rmtree(folder, ignore_errors=True)

    def new_folder(self) -> Path:
        """A folder that is not there yet."""
        with self._lock:
            return next(self._folders)

    def new_instance(self, folder: Path, memory_bytes: int) -> Instance:
        """A fresh instance."""
        setup = self._setup
        return Instance(folder, self._readable, setup["modules_in"], setup["environment"], memory_bytes)

    def open_box(self, order: Mapping[str, Any], descriptors: list[int]) -> int:
        """Make a box; a number.

        Where that fails, the box is lost, and its keeper's client learns why: the host has others to serve.
        """
        control, channel = (socket.socket(fileno=descriptor) for descriptor in descriptors[:2])
        try:
            box = GuestBox(self, control, channel, order["limits"])
            threading.Thread(target=box.run, daemon=True).start()
        except Exception as error:  # noqa: BLE001 (no thread, no memory: this box's end, not the host's)
            with contextlib.suppress(OSError):
                control.sendall(message_format.pack({"error": f"{type(error).__name__}: {error}"}))
            control.close()
            channel.close()
            return 0
        return 1

    def close(self) -> None:
        """End what runs."""
        shutil.rmtree(self.folder, ignore_errors=True)


class GuestBox:
    """The box of one submission: its processes, and what they have used.

    Parameters
    ----------
    host : Host
    control, channel : socket
        Where the keeper's orders come from, and the first process's requests.
    limits : mapping
    """

    def __init__(
        self, host: Host, control: socket.socket, channel: socket.socket, limits: Mapping[str, Any]
    ) -> None:
        self._host, self._control, self.limits = host, control, limits
        self.base, self._start, self.images_in = host.base, host.start, host.folder
        self._numbers = itertools.count(2)
        self._guests: dict[int, GuestProcess] = {}
        self._reason: str | None = None
        self._cpu_s = 0.0
        self._lock = threading.Lock()
        folder = host.new_folder()
        few = {
            name: limits[name] for name in ("output_bytes", "output_hard_bytes", "value_bytes", "absolute")
        }
        self._first = GuestProcess(self, channel, folder, self._start, f"become_box({few!r})")

    def run(self) -> None:
        """Serve the keeper's orders until the trusted side closes the channel."""
        try:
            self._first.start()
            self._control.sendall(message_format.pack({"ready": True, "pid": self._first.number}))
            while True:
                _, order, _ = read_message(self._control)
                self._end_all_but(order["keep"])
                for guest in list(self._guests.values()):
                    guest.await_rest()
                reason, self._reason = self._reason, None
                self._control.sendall(message_format.pack({"left": 0, "reason": reason, "ended": []}))
        except (OSError, message_format.WireError):
            pass
        finally:
            self._end_all_but([])
            self._control.close()

    def _end_all_but(self, keep: list[int]) -> None:
        with self._lock:
            going = [self._guests.pop(number) for number in list(self._guests) if number not in keep]
        for guest in going:
            guest.end()
        for guest in going:
            guest.join()

    def new_instance(self, folder: Path) -> Instance:
        """An instance for one of its processes."""
        return self._host.new_instance(folder, self.base.bytes.size + self.limits["memory_bytes"])

    def new_folder(self) -> Path:
        """A folder for one."""
        return self._host.new_folder()

    def add(self, guest: GuestProcess) -> int:
        """Take up a process; its number."""
        with self._lock:
            number = next(self._numbers)
            self._guests[number] = guest
            return number

    def used(self, turn: Turn) -> None:
        """Count what a turn took, and note the limit that ended it."""
        with self._lock:
            self._cpu_s += turn.seconds
            if turn.reason not in (None, "fault"):
                self._reason = self._reason or turn.reason

    def has_room(self, nbytes: int) -> bool:
        """Whether the box may keep one more image; where not, that is the limit that it has passed."""
        with self._lock:
            kept = {id(one): one.nbytes for guest in self._guests.values() if (one := guest.image)}
            given = self._start.nbytes + _CHANGED_BYTES
            used = nbytes + sum(kept.values()) - given * (len(kept) + 1)
            if used > self.limits["memory_bytes"]:
                self._reason = self._reason or "memory"
                return False
            return True

    def over(self, folder: Path) -> str | None:
        """The limit that the box has passed."""
        if self._cpu_s > self.limits["cpu_s"]:
            return "cpu"
        entries, is_all = walk(str(folder), self.limits["files"])
        total = sum(entry.status.st_size for entry in entries)
        return "disk" if total > self.limits["disk_bytes"] or not is_all else None


def _run(instance: Instance, source: str, answer: Callable[[bytes], bytes] = nobody) -> None:
    turn = instance.run(source, answer, wall_s=_START_S, processor_s=_START_S)
    if turn.reason is not None:
        raise RuntimeError(f"the first instance ended ({turn.reason}): {turn.printed}")


def _asked(instance: Instance, call: str) -> list[str]:
    told: list[bytes] = []

    def take(message: bytes) -> bytes:
        told.append(message)
        return b""

    _run(instance, call, answer=take)
    return list(json.loads(told[0]))
