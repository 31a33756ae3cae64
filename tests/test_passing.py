"""Ends of connections in other processes: passed where the system does so, else for a ticket."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import passing, wire

ROOT = Path(__file__).resolve().parents[1]
SOON_S = 60.0
ECHO = """import sys
from autograder.sandbox import passing
end = passing.taken(sys.argv[-1])
end.sendall(b"here: " + end.recv(100))"""


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends that face each other."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(SOON_S)
        yield ours, theirs


@pytest.mark.parametrize("passes", [True, False])
def test_a_process_gets_the_end_it_was_started_with(
    monkeypatch: pytest.MonkeyPatch, pair: tuple[socket.socket, socket.socket], passes: bool
) -> None:
    monkeypatch.setattr(passing, "PASSES", passes)
    ours, theirs = pair
    process = passing.popen([sys.executable, "-c", ECHO], theirs.fileno(), cwd=ROOT)
    theirs.close()
    ours.sendall(b"hello")
    assert ours.recv(100) == b"here: hello"
    assert process.wait(SOON_S) == 0
    assert ours.recv(100) == b""  # it has ended, and the end with it


def test_an_end_that_was_lent_is_the_lenders_again_when_the_borrower_has_hung_up(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, other = pair
    with passing.end_of(passing.ticket_for(ours.fileno())) as borrowed:
        borrowed.sendall(b"from the borrower")
        assert other.recv(100) == b"from the borrower"
        other.sendall(b"back")
        assert borrowed.recv(100) == b"back"
    other.settimeout(0.2)
    with pytest.raises(TimeoutError):
        other.recv(100)  # still open
    other.settimeout(SOON_S)
    ours.sendall(b"from the lender")
    assert other.recv(100) == b"from the lender"


def test_the_borrower_is_told_that_the_other_side_says_no_more_and_may_still_answer(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    with passing.end_of(passing.ticket_for(theirs.fileno())) as borrowed:
        theirs.close()
        ours.sendall(b"last words")
        ours.shutdown(socket.SHUT_WR)
        assert borrowed.recv(100) == b"last words"
        assert borrowed.recv(100) == b""
        borrowed.sendall(b"an answer")
        assert ours.recv(100) == b"an answer"


def test_who_does_not_show_the_secret_is_hung_up_on_and_the_ticket_stays_good(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ticket = passing.ticket_for(theirs.fileno())
    port, _, secret = ticket.partition(":")
    with socket.create_connection(("127.0.0.1", int(port)), timeout=SOON_S) as stranger:
        stranger.sendall(b"0" * len(secret))
        assert stranger.recv(1) == b""
    with passing.end_of(ticket) as end:
        end.sendall(b"the one meant")
        assert ours.recv(100) == b"the one meant"


def test_who_hangs_up_on_a_ticket_without_a_word_spoils_it_for_nobody(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ticket = passing.ticket_for(theirs.fileno())
    with socket.create_connection(("127.0.0.1", int(ticket.partition(":")[0])), timeout=SOON_S) as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
    with passing.end_of(ticket) as end:
        end.sendall(b"the one meant")
        assert ours.recv(100) == b"the one meant"


def test_a_message_brings_its_ends_as_tickets_where_none_are_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.examiner.spawned import receive

    monkeypatch.setattr(passing, "PASSES", False)
    near, far = socket.socketpair()
    lent, other = wire.Channel.pair()
    with wire.Channel(near) as channel, far, lent, other:
        channel.send(wire.pack({"op": "take"}), time.monotonic() + SOON_S, (lent.fileno(),))
        order, _, descriptors = receive(far)
        assert order["op"] == "take"
        (descriptor,) = descriptors
        with wire.Channel(socket.socket(fileno=descriptor)) as taken:
            taken.send(wire.pack({"op": "hello"}), time.monotonic() + SOON_S)
            assert other.receive(time.monotonic() + SOON_S).header["op"] == "hello"


def test_without_a_worker_an_examiner_ends() -> None:
    near, far = socket.socketpair()
    with far:
        command = [sys.executable, "-m", "autograder.grading.examiner_process"]
        process = passing.popen(command, far.fileno(), cwd=ROOT, stderr=subprocess.DEVNULL)
    near.close()
    assert process.wait(SOON_S) == 0
