"""Processes of a box of the tier `wasm` whose start, fork or end fails: each gives back what it took."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.wasm.base_memory import BaseMemory
from autograder.sandbox.wasm.guest_process import GuestProcess, read_message
from autograder.sandbox.wasm.host import Host
from autograder.sandbox.wasm.images import PAGE_BYTES, Image
from autograder.sandbox.wasm.instance import Instance

BASE = BaseMemory(np.zeros(PAGE_BYTES, np.uint8))
FEW = {"output_bytes": 1, "output_hard_bytes": 1, "value_bytes": 1, "absolute": False}


class FakeInstance(Instance):
    """An instance as far as a process uses one; `failure` is raised where it begins."""

    def __init__(self, folder: Path, failure: BaseException | None = None) -> None:
        self.folder, self._failure = folder, failure
        self.is_closed, self.images = False, 0
        folder.mkdir()

    def begin_with(self, image: Image, base: BaseMemory) -> None:
        if self._failure is not None:
            raise self._failure

    def differing(self, base: BaseMemory) -> np.ndarray:
        return np.zeros(1, np.int64)

    def image(self, places: np.ndarray, folder: Path) -> Image:
        self.images += 1
        return Image.holding(BASE.bytes, places)

    def close(self) -> None:
        self.is_closed = True


class FakeBox:
    """A box that makes such instances."""

    base = BASE

    def __init__(self, folder: Path, failure: BaseException | None = None, has_room: bool = True) -> None:
        self.images_in, self._failure, self._has_room = folder, failure, has_room
        self.limits: dict[str, Any] = FEW
        self.instances: list[FakeInstance] = []
        self.guests: list[GuestProcess] = []

    def new_instance(self, folder: Path) -> Any:
        self.instances.append(FakeInstance(folder, self._failure))
        return self.instances[-1]

    def new_folder(self) -> Path:
        return self.images_in / "child"

    def add(self, guest: GuestProcess) -> int:
        self.guests.append(guest)
        return len(self.guests)

    def has_room(self, nbytes: int) -> bool:
        return self._has_room


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def guest_in(box: FakeBox, end: socket.socket, state: Image | None = None) -> GuestProcess:
    return GuestProcess(box, end, box.images_in / "parent", state or Image.same_as(BASE), "")


def a_descriptor() -> tuple[int, socket.socket]:
    ours, theirs = socket.socketpair()
    return theirs.detach(), ours


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def no_thread(self: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def closed_without_a_thread(self: GuestProcess) -> None:
    self._close()
    raise RuntimeError("can't start new thread")


FORK = {"op": "fork", "continues": True}


@pytest.mark.parametrize("failure", [OSError(12, "no mapping"), MemoryError(), KeyError("memory")])
def test_an_instance_that_cannot_begin_is_closed(tmp_path: Path, ends, failure: BaseException):
    box = FakeBox(tmp_path, failure)
    guest = guest_in(box, ends[1])
    with pytest.raises(type(failure)):
        guest._awake()
    assert [one.is_closed for one in box.instances] == [True]
    guest._close()
    assert not list(tmp_path.iterdir())


def test_a_fork_whose_folder_cannot_be_copied_leaves_no_folder_and_no_descriptor(
    tmp_path: Path, ends, monkeypatch: pytest.MonkeyPatch
):
    def half(source: Path, target: Path, **how: Any) -> None:
        target.mkdir()
        raise OSError(28, "no space")

    monkeypatch.setattr(shutil, "copytree", half)
    guest = guest_in(FakeBox(tmp_path), ends[1])
    guest._awake()
    descriptor, other = a_descriptor()
    with other, pytest.raises(OSError, match="no space"):
        guest._fork(FORK, [descriptor])
    assert not is_open(descriptor)
    assert [path.name for path in tmp_path.iterdir()] == ["parent"]


def test_a_fork_that_gets_no_thread_gives_the_instance_back(
    tmp_path: Path, ends, monkeypatch: pytest.MonkeyPatch
):
    box = FakeBox(tmp_path)
    guest = guest_in(box, ends[1])
    guest._awake()
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    descriptor, other = a_descriptor()
    with other, pytest.raises(RuntimeError, match="can't start new thread"):
        guest._fork(FORK, [descriptor])
    assert not is_open(descriptor)
    guest._close()
    assert box.instances[0].is_closed
    assert not list(tmp_path.iterdir())


def test_whether_there_is_room_is_asked_before_an_image_is_written(tmp_path: Path, ends):
    box = FakeBox(tmp_path, has_room=False)
    guest = guest_in(box, ends[1])
    guest._awake()
    descriptor, other = a_descriptor()
    with other:
        guest._fork(FORK, [descriptor])
    assert read_message(ends[0])[1] == {"ok": False}
    assert not is_open(descriptor)
    assert box.instances[0].images == 0


def test_a_process_that_has_ended_holds_no_state_though_its_box_holds_it(tmp_path: Path, ends):
    image = Image.holding(BASE.bytes, np.zeros(1, np.int64))
    state, guest = weakref.ref(image), guest_in(FakeBox(tmp_path), ends[1], image)
    del image
    gc.disable()
    try:
        assert state() is not None
        guest._close()
        assert state() is None
    finally:
        gc.enable()
    assert guest.image is None


def test_a_box_that_gets_no_thread_is_lost_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    host = Host(tmp_path, {"folders": {}})
    host.base, host.start = BASE, Image.same_as(BASE)
    controls, channels = [socket.socketpair() for _ in range(2)], [socket.socketpair() for _ in range(2)]
    descriptors = [
        (control[1].detach(), channel[1].detach())
        for control, channel in zip(controls, channels, strict=True)
    ]
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        assert host.open_box({"limits": FEW}, list(descriptors[0])) == 0
    assert read_message(controls[0][0])[1] == {"error": "RuntimeError: can't start new thread"}
    assert (controls[0][0].recv(1), channels[0][0].recv(1)) == (b"", b"")
    assert host.open_box({"limits": FEW}, list(descriptors[1])) == 1
    assert read_message(controls[1][0])[1]["ready"]
    for ours, _ in (*channels, *controls):
        ours.close()


def test_a_box_whose_first_process_gets_no_thread_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    host = Host(tmp_path, {"folders": {}})
    host.base, host.start = BASE, Image.same_as(BASE)
    (control, its_control), (channel, its_channel) = socket.socketpair(), socket.socketpair()
    monkeypatch.setattr(GuestProcess, "start", closed_without_a_thread)
    has_ended = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda told: has_ended.set())
    host.open_box({"limits": FEW}, [its_control.detach(), its_channel.detach()])
    with control, channel:
        assert control.recv(1) == b""
        assert has_ended.wait(60)
