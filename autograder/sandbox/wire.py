"""The trusted end of the wire: messages over a socket, with a deadline on every read and write.

The format itself is in `inside.message_format`, which the box loads too. What comes from a box is not
trusted: it is read up to a cap, checked, and built from plain types only.

WireError
├── UnsupportedValueError    a value has a type that does not cross
├── ClosedError              the other side is gone
└── DeadlineError            the other side did not answer (or did not read) in time
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from autograder.sandbox import passing
from autograder.sandbox.inside.crossing import (
    NOTHING_KNOWN,
    KnownClasses,
    Objects,
    decode_all,
    encode_all,
    is_numpy_state,
    is_python_state,
    load_libraries,
    no_class,
)
from autograder.sandbox.inside.message_format import (
    MAX_BODY_BYTES,
    PREFIX,
    UnsupportedValueError,
    WireError,
    decode,
    from_parts,
    pack,
    read_prefix,
    text_without_surrogates,
    to_bytes,
    unpack,
)

__all__ = [
    "Channel",
    "ClosedError",
    "DeadlineError",
    "KnownClasses",
    "Message",
    "Objects",
    "UnsupportedValueError",
    "WireError",
    "decode",
    "is_numpy_state",
    "is_python_state",
    "load_libraries",
    "no_class",
    "pack",
    "pack_all",
    "text_without_surrogates",
    "unpack",
]

CHUNK_BYTES = 1 << 20


class ClosedError(WireError):
    """The other side closed the channel, or its process is gone."""


class DeadlineError(WireError):
    """The deadline passed before a whole message had crossed."""


class Message(NamedTuple):
    """A message that was read: its header without the buffers' lengths, and the buffers."""

    header: dict[str, Any]
    buffers: list[memoryview]

    def tree(self, key: str, classes: KnownClasses = NOTHING_KNOWN) -> Any:
        """The decoded value of the header's field `key`; members of enums are of the classes known here.

        Raises
        ------
        UnsupportedValueError
            A part is of a library that is not loaded here, or of a class that is not known.
        WireError
            There is no such field, or it breaks a rule of the format.
        """
        if key not in self.header:
            raise WireError(f"a message without its field {key!r}")
        return decode(self.header[key], self.buffers, classes)

    def values(
        self,
        classes: KnownClasses,
        objects: Objects | None,
        functions: Callable[[list[Any]], Any] | None = None,
    ) -> list[Any]:
        """The values of the header's field `values`, which crossed together; `functions` as in `decode_all`.

        Raises
        ------
        UnsupportedValueError, WireError
            As in `tree`.
        """
        trees = self.header.get("values")
        if not isinstance(trees, list):
            raise WireError("a message without its values")
        return decode_all(trees, self.buffers, classes, objects, functions)


def pack_all(
    fields: Mapping[str, Any],
    values: Sequence[Any],
    objects: Objects | None,
    functions: Callable[[Any], list[Any] | None] | None = None,
) -> bytes:
    """One message with the given header fields, and under `values` the trees of values that cross together.

    `functions` says how something of no kind crosses: a function, or an object that stays.

    Raises
    ------
    UnsupportedValueError
        One of them does not cross.
    """
    buffers: list[bytes] = []
    trees = encode_all(values, buffers, {}, objects, functions)
    return to_bytes({**fields, "values": trees}, buffers)


class Channel:
    """One end of a socket that carries messages; deadlines are values of `time.monotonic()`.

    >>> ours, theirs = Channel.pair()
    >>> theirs.send(pack({"op": "hello"}, [1.5]), deadline=time.monotonic() + 5)
    >>> ours.receive(deadline=time.monotonic() + 5).tree("value")
    [1.5]
    >>> ours.close(), theirs.close()
    (None, None)
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        """Two channels that face each other."""
        ours, theirs = socket.socketpair()
        return cls(ours), cls(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """The descriptor, to be given to a child."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end; the other reads end of file."""
        self._socket.close()

    def finish(self, deadline: float) -> None:
        """Send no more, and wait until the other side closes its end.

        Raises
        ------
        DeadlineError
            It does not.
        """
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ClosedError):
            while self._read(1, deadline):
                pass

    def send(self, data: bytes, deadline: float, descriptors: Sequence[int] = ()) -> None:
        """Write one message, and pass open descriptors with its first bytes.

        Raises
        ------
        ClosedError, DeadlineError
            The other side is gone, or does not read.
        """
        rest = memoryview(data)
        while rest:
            try:
                self._wait_at_most(deadline)
                if descriptors and not passing.PASSES:
                    message, descriptors = passing.tickets_message(descriptors), ()
                    self._socket.sendall(message)
                if descriptors:
                    sent = socket.send_fds(self._socket, [rest[:CHUNK_BYTES]], list(descriptors))
                    descriptors = ()
                else:
                    sent = self._socket.send(rest[:CHUNK_BYTES])
            except TimeoutError:
                raise DeadlineError("the other side does not read") from None
            except OSError as error:
                raise ClosedError(f"cannot write: {error.strerror}") from None
            rest = rest[sent:]

    def receive(self, deadline: float, max_body_bytes: int = MAX_BODY_BYTES) -> Message:
        """Read one message.

        Raises
        ------
        ClosedError, DeadlineError
            No whole message came, for good or in time.
        WireError
            What came is not a message, or is over a cap.
        """
        prefix = self._read(PREFIX.size, deadline)
        header_length, body_length = read_prefix(bytes(prefix), max_body_bytes)
        header = self._read(header_length, deadline)
        body = self._read(body_length, deadline)
        return Message(*from_parts(memoryview(header), memoryview(body)))

    def _read(self, length: int, deadline: float) -> bytearray:
        # Grows with what arrives: an announced length alone costs no memory.
        data = bytearray()
        while len(data) < length:
            try:
                self._wait_at_most(deadline)
                chunk = self._socket.recv(min(length - len(data), CHUNK_BYTES))
            except TimeoutError:
                raise DeadlineError("no answer in time") from None
            except OSError as error:
                raise ClosedError(f"cannot read: {error.strerror}") from None
            if not chunk:
                raise ClosedError("the other side is gone")
            data += chunk
        return data

    def _wait_at_most(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError("no answer in time")
        self._socket.settimeout(left)
