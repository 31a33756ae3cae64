"""One of a box's processes in the tier `wasm`: an instance, or the image of one, that serves one socket.

| request | who answers |
| --- | --- |
| `fork` and a socket | this side: the instance's memory and its folder are copied |
| any other | the instance, in one turn (`inside.guest`) |
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from .. import passing
from ..inside import message_format
from .base_memory import BaseMemory
from .images import BLOCK_BYTES, Image
from .instance import Instance, Turn, nobody
from .rest import Rest

_START_S = 60.0
_REST_S = 10.0


class BoxOfGuests(Protocol):
    """What a process of a box needs of the box."""

    base: BaseMemory
    limits: Mapping[str, Any]
    images_in: Path

    def new_instance(self, folder: Path) -> Instance:
        """An instance with this folder."""

    def new_folder(self) -> Path:
        """A folder for an instance; it is not there yet."""

    def add(self, guest: GuestProcess) -> int:
        """Take up a process; its number."""

    def used(self, turn: Turn) -> None:
        """Count what a turn took, and note the limit that ended it."""

    def has_room(self, nbytes: int) -> bool:
        """Whether the box may keep one more image, in which so much differs.

        Where not, that is the limit that it has passed.
        """

    def over(self, folder: Path) -> str | None:
        """The limit that the box has passed."""


class GuestProcess:
    """A process of the box: live while it is asked something, an image while it waits.

    Parameters
    ----------
    box : BoxOfGuests
    end : socket
        Where requests come from.
    folder : Path
        Its folder; of no meaning where the state is a `Rest`.
    state : Image or Rest
        What it goes on from.
    first : str
        What it runs before its first request; "" for nothing.
    """

    def __init__(
        self, box: BoxOfGuests, end: socket.socket, folder: Path, state: Image | Rest, first: str
    ) -> None:
        self._box, self._end, self._folder = box, end, folder
        self._state: Image | Rest | Instance | None = state
        self._first = first
        self._busy = threading.Lock()
        self._ended = threading.Event()
        self.number = box.add(self)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def image(self) -> Image | None:
        """What is kept of its memory while it waits."""
        state = self._state
        return state.image if isinstance(state, Rest) else state if isinstance(state, Image) else None

    def start(self) -> None:
        """Serve the socket, in a thread of its own.

        Raises
        ------
        RuntimeError
            There is no thread to be had; the process has ended.
        """
        try:
            self._thread.start()
        except BaseException:
            self._close()
            raise

    def end(self) -> None:
        """Hang up; a turn that runs is ended."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)

    def await_rest(self) -> None:
        """Wait until what it has answered is counted, too."""
        if self._busy.acquire(timeout=_REST_S):
            self._busy.release()

    def join(self) -> None:
        """Wait until it has ended, and its folder is gone."""
        if self._thread.ident is not None:
            self._thread.join()

    def _serve(self) -> None:
        try:
            while not self._ended.is_set():
                raw, header, descriptors = read_message(self._end)
                with self._busy:
                    if header["op"] == "fork":
                        self._fork(header, descriptors)
                    elif not self._turn(raw, header):
                        break
        except (OSError, message_format.WireError):
            pass
        finally:
            self._close()

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            self._end.close()
        state, self._state = self._state, None  # the box may hold us for longer
        if isinstance(state, Rest):
            state.drop()
            return
        if isinstance(state, Instance):
            state.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _turn(self, raw: bytes, header: Mapping[str, Any]) -> bool:
        """Let the instance answer one request; whether it can go on."""
        instance = self._awake()
        exchange = Exchange(self._end, raw)
        turn = instance.run(
            "turn()",
            exchange.answer,
            wall_s=float(header.get("wall_s", _START_S)) + 1.0,
            processor_s=float(header.get("seconds", _START_S)),
            counts_waiting=bool(self._box.limits["absolute"]),
            is_over=lambda: "fault" if self._ended.is_set() else self._box.over(self._folder),
        )
        if turn.reason is None and not exchange.is_over:
            turn = dataclasses.replace(turn, reason="fault")
        if turn.reason is None and (passed := self._box.over(self._folder)):
            turn = dataclasses.replace(turn, reason=passed)
        self._box.used(turn)
        if turn.reason == "cpu" and header["op"] != "cell" and exchange.owes_one:
            with contextlib.suppress(OSError):
                self._end.sendall(_out_of_time(turn.seconds))
        return turn.reason is None

    def _awake(self) -> Instance:
        """The instance, made from the image where it is one."""
        state = self._live_state()
        if isinstance(state, Rest):
            taken = state.take()
            self._folder = state.spare if taken is None else taken.folder
            state = self._state = state.image if taken is None else taken
        if isinstance(state, Image):
            instance = self._box.new_instance(self._folder)
            try:
                instance.begin_with(state, self._box.base)
            except BaseException:
                instance.close()
                raise
            state = self._state = instance
        if self._first:
            first, self._first = self._first, ""
            state.run(first, nobody, wall_s=_START_S, processor_s=_START_S)
        return state

    def _live_state(self) -> Image | Rest | Instance:
        if self._state is None:
            raise OSError("this process has ended")
        return self._state

    def _fork(self, header: Mapping[str, Any], descriptors: list[int]) -> None:
        end, folder = socket.socket(fileno=descriptors[0]), self._box.new_folder()
        try:
            state = self._shared(folder)
        except BaseException:
            end.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if state is None:
            end.close()
            self._end.sendall(message_format.pack({"ok": False}))
            return
        child = GuestProcess(self._box, end, folder, state, f"forked(continues={bool(header['continues'])})")
        child.start()
        self._end.sendall(message_format.pack({"ok": True}))
        end.sendall(message_format.pack({"ok": True, "pid": child.number}))

    def _shared(self, folder: Path) -> Image | Rest | None:
        """What a child goes on from, with a copy of our folder; None where the box has no room for it."""
        if self._first:
            self._awake()
        state = self._live_state()
        if isinstance(state, Instance):
            places = state.differing(self._box.base)
            if not self._box.has_room(places.size * BLOCK_BYTES):
                return None
            image = state.image(places, self._box.images_in)
            shutil.copytree(state.folder, folder, symlinks=True)
            self._state = Rest(image, state, folder)
            return self._state
        shutil.copytree(state.spare if isinstance(state, Rest) else self._folder, folder, symlinks=True)
        return state.image if isinstance(state, Rest) else state


class Exchange:
    """What an instance may say to one request: callbacks, answers to what is asked meanwhile, its answer."""

    def __init__(self, end: socket.socket, request: bytes) -> None:
        self._end, self._request = end, request
        self._owed = 1

    @property
    def owes_one(self) -> bool:
        """Whether only the request itself has no answer yet."""
        return self._owed == 1

    @property
    def is_over(self) -> bool:
        """Whether every request has its answer."""
        return self._owed == 0

    def answer(self, message: bytes) -> bytes:
        """The next request for no message; else pass the message on.

        Raises
        ------
        OSError
            The request has been answered, or the other side is gone.
        """
        if not self._owed:
            raise OSError("this request was answered")
        if message:
            header, _ = message_format.unpack(message)
            self._owed -= header.get("op") != "callback"
            self._end.sendall(message)
            return b""
        if self._request:
            request, self._request = self._request, b""
            return request
        request, header, _ = read_message(self._end)
        self._owed += header["op"] not in ("returned", "failed")
        return request


def _out_of_time(seconds: float) -> bytes:
    """The answer for an instance that was ended at a call's limit of time."""
    used = {"seconds": seconds, "processor_s": seconds}
    buffers: list[bytes] = []
    tree = message_format.encode(message_format.plain_report() | used | {"verdict": "timeout"}, buffers)
    return message_format.to_bytes({"report": tree, "values": []}, buffers)


def read_message(end: socket.socket) -> tuple[bytes, dict[str, Any], list[int]]:
    """One message as it came, its header, and the descriptors that came with it.

    Raises
    ------
    OSError
        The other side has hung up.
    """
    prefix, descriptors = passing.receive_first(end, message_format.PREFIX.size)
    prefix += _read(end, message_format.PREFIX.size - len(prefix))
    header_length, body_length = message_format.read_prefix(prefix)
    rest = _read(end, header_length + body_length)
    view = memoryview(rest)
    header, _ = message_format.from_parts(view[:header_length], view[header_length:])
    if header.get("op") == passing.TICKETS:
        raw, order, _ = read_message(end)
        return raw, order, passing.ends_in(header)
    return prefix + rest, header, descriptors


def _read(end: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        chunk = end.recv(min(length - len(data), 1 << 20))
        if not chunk:
            raise OSError("the other side is gone")
        data += chunk
    return bytes(data)
