"""Ends of connections handed to other processes.

Where the system passes open sockets between processes (`socket.send_fds`, `pass_fds`), it does. Elsewhere the
other process gets a *ticket* in its place: a port of this machine's loopback and a secret. It connects, shows
the secret, and a thread of ours carries the bytes between that connection and the end, both ways, until
either is closed. The end itself stays usable by us once the other process has hung up.
"""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

PASSES = hasattr(socket, "send_fds")
TICKETS = "tickets"  # the order of the message that goes before the one with the ends
_FOR_TICKET = "-"  # in a command's place of the descriptor: the ticket is the first line of standard input
_SECRET_BYTES = 16
_CALL_S = 60.0
_SHOW_S = 10.0  # for the secret, once somebody has connected
_CHUNK_BYTES = 1 << 16


def popen(command: Sequence[str], end: int, **how: Any) -> subprocess.Popen[bytes]:
    """Start a process that gets the socket `end`: the last word of its command tells `taken` how.

    Parameters
    ----------
    command : sequence of str
        Without that word.
    how
        As for `subprocess.Popen`; not standard input.
    """
    if PASSES:
        words = [*command, str(end)]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=(end,), **how)
    process = subprocess.Popen([*command, _FOR_TICKET], stdin=subprocess.PIPE, **how)
    assert process.stdin is not None
    with contextlib.suppress(OSError), process.stdin as stdin:  # where it has ended, that is found out later
        stdin.write(f"{ticket_for(end)}\n".encode())
    return process


def taken(word: str) -> socket.socket:
    """The end that `popen` gave this process.

    Raises
    ------
    OSError
        The process that started this one is gone.
    """
    if word != _FOR_TICKET:
        return socket.socket(fileno=int(word))
    return end_of(sys.stdin.readline().strip())


def receive_first(end: socket.socket, length: int) -> tuple[bytes, list[int]]:
    """The first bytes of a message, at most `length`, and the descriptors that came with them."""
    if not PASSES:
        return end.recv(length), []
    data, descriptors, _, _ = socket.recv_fds(end, length, 3)
    return data, list(descriptors)


def ticket_for(descriptor: int) -> str:
    """A ticket for a socket; whoever shows it first is connected to a copy of the socket."""
    borrowed = socket.socket(fileno=descriptor)
    try:
        kept = borrowed.dup()
    finally:
        borrowed.detach()
    listener = socket.create_server(("127.0.0.1", 0))
    secret = secrets.token_hex(_SECRET_BYTES)
    threading.Thread(target=_await_caller, args=(listener, secret.encode(), kept), daemon=True).start()
    return f"{listener.getsockname()[1]}:{secret}"


def end_of(ticket: str) -> socket.socket:
    """The end that a ticket is for.

    Raises
    ------
    OSError
        The process that gave it is gone.
    """
    port, _, secret = ticket.partition(":")
    end = socket.create_connection(("127.0.0.1", int(port)), timeout=_CALL_S)
    end.sendall(secret.encode())
    end.settimeout(None)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return end


def tickets_message(descriptors: Sequence[int]) -> bytes:
    """What is sent before a message in place of the descriptors that would go with it."""
    from autograder.sandbox.inside import (
        message_format,
    )  # it loads NumPy, which who starts workers does without

    return message_format.pack({"op": TICKETS, TICKETS: [ticket_for(one) for one in descriptors]})


def ends_in(header: Mapping[str, Any]) -> list[int]:
    """Descriptors of the ends whose tickets a message brought."""
    return [end_of(ticket).detach() for ticket in header[TICKETS]]


def _await_caller(listener: socket.socket, secret: bytes, kept: socket.socket) -> None:
    with kept, contextlib.suppress(OSError):
        with listener:
            caller = _caller(listener, secret)
        with caller:
            caller.settimeout(None)
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _carry(caller, kept)


def _caller(listener: socket.socket, secret: bytes) -> socket.socket:
    """The connection that shows the secret; others of this machine are hung up on, whatever they do."""
    listener.settimeout(_CALL_S)
    while True:
        caller, _ = listener.accept()
        with contextlib.suppress(OSError):
            caller.settimeout(_SHOW_S)
            if secrets.compare_digest(_read(caller, len(secret)), secret):
                return caller
        caller.close()


def _read(end: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length and (chunk := end.recv(length - len(data))):
        data += chunk
    return data


def _carry(caller: socket.socket, kept: socket.socket) -> None:
    """Carry bytes both ways until the caller hangs up; the end of what is kept is passed on to it."""
    waiting = [caller, kept]
    while True:
        ready, _, _ = select.select(waiting, (), ())
        if caller in ready:
            data = caller.recv(_CHUNK_BYTES)
            if not data:
                return
            kept.sendall(data)
        if kept in ready:
            data = kept.recv(_CHUNK_BYTES)
            if data:
                caller.sendall(data)
            else:
                caller.shutdown(socket.SHUT_WR)
                waiting.remove(kept)
