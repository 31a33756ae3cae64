"""Functions of a test that a call hands over: by name, or called back over the socket while the call runs."""

from __future__ import annotations

import builtins
import contextlib
import io
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from . import crossing, message_format
from .deadline import left_out
from .handles import Handles

# This module's own: a student may replace the shared ones.
globals()["__builtins__"] = vars(builtins).copy()


class Callbacks:
    """The functions of one call.

    Parameters
    ----------
    names : mapping
        The notebook's own values by name.
    answers : mapping of str to callable
        What answers a request that comes while a callback runs.
    objects : Objects or None
        What has crossed.
    printed : callable
        Gives what was printed since it was asked last.
    handles : Handles
        Objects that crossed as handles.
    gives_handles : bool
        Whether functions of the test may be given more of them.
    """

    def __init__(
        self,
        names: Mapping[str, Any],
        answers: Mapping[str, Callable[..., bytes]],
        objects: crossing.Objects | None,
        printed: Callable[[], dict[str, str]],
        handles: Handles,
        gives_handles: bool,
    ) -> None:
        self._names, self._answers, self._objects, self._printed = names, answers, objects, printed
        self._handles = handles
        self._stays = handles.tree if gives_handles else None
        self._socket: socket.socket | None = None
        self.raised: BaseException | None = None  # the last error that came out of one

    @contextlib.contextmanager
    def open(self, end: socket.socket) -> Iterator[None]:
        """Let them be called back over `end` in the block."""
        self._socket = end
        try:
            yield
        finally:
            self._socket = None

    def function(self, parts: list[Any]) -> Any:
        """What a tree stands for: the notebook's function, a library's, a callback, an object that stayed."""
        how, *rest = parts
        if how == "handle":
            return self._handles.of_number(rest[0])
        if how == "own":
            return self._names[rest[0]]
        if how == "library":
            holder: Any = builtins if rest[0] == "builtins" else import_module(rest[0])
            for part in rest[1].split("."):
                holder = getattr(holder, part)
            return holder
        return self.callback(rest[0])

    def callback(self, number: int) -> Callable[..., Any]:
        """A function that calls the test's function with this number."""

        def function_of_test(*args: Any, **kwargs: Any) -> Any:
            return self._call(number, args, kwargs)

        return function_of_test

    def _call(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._socket is None:
            raise RuntimeError("a function of a test can be called only during the call that it came with")
        buffers: list[bytes] = []
        try:
            trees = crossing.encode_all((args, kwargs), buffers, {}, self._objects, self._stays)
        except crossing.UnsupportedValueError as error:
            raise TypeError(f"a function of a test takes plain data only: {error}") from None
        end = self._socket
        fields = {"op": "callback", "number": number, "stdout": self._printed()["stdout"], "values": trees}
        end.sendall(message_format.to_bytes(fields, buffers))
        while True:
            with left_out():
                header, parts, descriptors = receive(end)
            if header["op"] == "returned":
                value, *_ = crossing.decode_all(
                    header["values"], parts, crossing.KnownClasses(), self._objects, self.function
                )
                return value
            if header["op"] == "failed":
                self.raised = getattr(builtins, header["error_type"])()
                raise self.raised
            end.sendall(self._answers[header["op"]](header, parts, descriptors))


class _Lines(io.TextIOBase):
    """`sys.stdin` where a test has put a stream of its own in its place."""

    def __init__(self, line: Callable[[], str]) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        return self._line()

    def read(self, size: int | None = -1, /) -> str:
        return "".join(iter(self._line, ""))


@contextlib.contextmanager
def in_place(shell: Any, replaced: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Put functions of a test in place of the notebook's `input`, `print` and `sys.stdin`, in the block."""
    if not replaced:
        yield
        return
    own = shell.user_module.__dict__["__builtins__"]
    names = [name for name in replaced if name != "stdin"]
    before, stdin = {name: getattr(own, name) for name in names}, sys.stdin
    for name in names:
        setattr(own, name, replaced[name])
    if "stdin" in replaced:
        sys.stdin = _Lines(replaced["stdin"])
    try:
        yield
    finally:
        for name in names:
            setattr(own, name, before[name])
        sys.stdin = stdin


@contextlib.contextmanager
def names_of_test(
    notebook: dict[str, Any], names: Mapping[str, tuple[Any, bool]], own: dict[str, Any]
) -> Iterator[None]:
    """Set names of the notebook to what a test has set, in the block; some only where they are there.

    What the notebook has under these names itself is in `own` meanwhile.
    """
    nothing = object()
    before = {
        name: notebook.get(name, nothing)
        for name, (_, only_if_there) in names.items()
        if not only_if_there or name in notebook
    }
    notebook.update({name: names[name][0] for name in before})
    kept = {name: value for name, value in before.items() if value is not nothing and name not in own}
    own.update(kept)
    try:
        yield
    finally:
        for name in kept:
            del own[name]
        for name, value in before.items():
            if notebook.get(name, nothing) is names[name][0]:
                notebook.pop(name)
                notebook.update({} if value is nothing else {name: value})


def receive(end: socket.socket) -> tuple[dict[str, Any], list[memoryview], list[int]]:
    """One message of the trusted side, and the descriptors that came with it."""
    if not isinstance(end, socket.socket):
        return end.receive()  # an instance's way to its host
    prefix, descriptors, _, _ = socket.recv_fds(end, message_format.PREFIX.size, 3)
    prefix += message_format.read_exactly(end, message_format.PREFIX.size - len(prefix))
    header_length, body_length = message_format.read_prefix(prefix)
    header = message_format.read_exactly(end, header_length)
    body = message_format.read_exactly(end, body_length)
    return *message_format.from_parts(memoryview(header), memoryview(body)), descriptors
