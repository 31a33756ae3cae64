"""`hand_in()` and what answers it: whatever that is becomes one sentence, and nothing is raised."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from init_utils import hand_in
from init_utils.handing_in import LINK_VARIABLE, service
from init_utils.handing_in.credentials import HUB_TOKEN_VARIABLE
from tests.answering import answering
from tests.opened_notebook import CELL, HE, in_shell, notebook

TOKEN = "abc.defghijkl"
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
LATER = "Run this cell again later; your notebook is saved here."
TELL = "Tell your instructor; your notebook is saved here."
AGAIN = "Run this cell again: the same saved file is not taken twice."
UNKNOWN = "It is not known whether initialization.ipynb is handed in"

Raw = bytes | Callable[[BinaryIO], None]


def answer(status: int, told: object, *headers: str) -> bytes:
    """An answer as bytes; `told` is the body, or becomes JSON."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


WORKS = [{"assignment": "initialization", "notebook": "initialization"}]
MINE = {"name": "ada", "assignments": WORKS}
ENTRY = {"id": "1", "place": 2, "seconds_left": 7.3, "feedback": "feedback/1"}


class Stranger(ThreadingHTTPServer):
    """Answers with the bytes that it was given; the first request is a GET, the second a POST."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Said)
        self.first: Raw = answer(200, MINE)
        self.second: Raw = answer(201, ENTRY)
        self.connect: Raw = answer(407, b"")
        self.asked: list[str] = []
        self.ends = threading.Event()
        self.host = f"127.0.0.1:{self.server_port}"
        self.link = f"http://{self.host}/#{TOKEN}"


class Said(BaseHTTPRequestHandler):
    server: Stranger

    def do_GET(self) -> None:
        self._say(self.server.first)

    def do_POST(self) -> None:
        self._say(self.server.second)

    def do_CONNECT(self) -> None:
        self._say(self.server.connect)

    def _say(self, raw: Raw) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(f"{self.command} {self.path}")
        self.close_connection = True
        with contextlib.suppress(OSError):  # nobody listens any longer
            if isinstance(raw, bytes):
                self.wfile.write(raw)
            else:
                raw(self.wfile)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with answering(Stranger()) as made:
        yield made
        made.ends.set()


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the link is kept; nothing of this machine's environment is seen."""
    for name in (LINK_VARIABLE, HUB_TOKEN_VARIABLE, *PROXIES, *(proxy.upper() for proxy in PROXIES)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "initialization.ipynb"
    path.write_bytes(notebook(HE, CELL))
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    return tmp_path / "config" / "init_utils" / "hand-in-link"


def endless(part: bytes, out: BinaryIO, head: bytes = b"") -> None:
    """Writes until nobody reads."""
    out.write(head)
    while True:
        out.write(part)


SILENT = "the service at {host} does not answer ({why})"
STRANGE = "what answers at {host} is not the hand-in service ({why})"
UNREADABLE = (STRANGE, "its answer is not readable as HTTP")
NO_OBJECT = (STRANGE, "its answer is no JSON object")
TOO_LONG = (STRANGE, "its answer is longer than 1,000,000 bytes")
CUT_OFF = (SILENT, "the answer was cut off")
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

WRONG: dict[str, tuple[Raw, tuple[str, str]]] = {
    "of another protocol": (b"SSH-2.0-OpenSSH_9.6\r\n", UNREADABLE),
    "a status that is no number": (b"HTTP/1.1 fine OK\r\n\r\n", UNREADABLE),
    "nothing": (b"", (SILENT, "the connection was closed without an answer")),
    "a line of the head without end": (HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n{}", UNREADABLE),
    "a head of too many lines": (HEAD + b"X: x\r\n" * 101 + b"\r\n{}", UNREADABLE),
    "a head that is cut off": (HEAD + b"Content-", NO_OBJECT),
    "a body that is cut off": (HEAD + b"Content-Length: 500\r\n\r\n{", CUT_OFF),
    "a body that is cut off in a chunk": (CHUNKED + b"20\r\n{", CUT_OFF),
    "a chunk of no size": (CHUNKED + b"many\r\n{}", CUT_OFF),
    "a page": (answer(200, b"<html>Log in</html>", "Content-Type: text/html"), NO_OBJECT),
    "an empty body": (answer(200, b""), NO_OBJECT),
    "no content": (HEAD.replace(b"200", b"204") + b"\r\n", NO_OBJECT),
    "no UTF-8": (answer(200, b'{"name": "\xff"}'), NO_OBJECT),
    "lists in lists": (answer(200, b"[" * 200_000), NO_OBJECT),
    "a long number": (answer(200, b"1" * 20_000), NO_OBJECT),
    "a list": (answer(200, [MINE]), NO_OBJECT),
    "null": (answer(200, None), NO_OBJECT),
    "a long body": (answer(200, b" " * 1_000_001), TOO_LONG),
    "a body without end": (partial(endless, b" " * 9_000, head=HEAD + b"\r\n"), TOO_LONG),
    "a trailer without end": (
        partial(endless, b"X: x\r\n" * 999, head=CHUNKED + b"2\r\n{}\r\n0\r\n"),
        TOO_LONG,
    ),
    "a head without end": (partial(endless, b"HTTP/1.1 100 Continue\r\n\r\n" * 99), TOO_LONG),
    "a fault": (answer(500, b"<html>"), (SILENT, "status 500")),
    "a fault that is cut off": (
        b"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n<",
        (SILENT, "status 502"),
    ),
    "a fault of another form": (answer(503, ["busy"]), (SILENT, "status 503")),
}


@pytest.mark.parametrize("name", WRONG)
def test_whatever_answers_first_nothing_is_sent_and_no_link_is_kept(
    name: str, stranger: Stranger, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.first, (what, why) = WRONG[name]
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    told = what.format(host=stranger.host, why=why)
    assert repr(hand_in()) == f"Nothing was handed in: {told}. {LATER if what == SILENT else TELL}"
    assert stranger.asked == ["GET /api/submissions"]
    assert not kept.exists()


@pytest.mark.parametrize("name", WRONG)
def test_whatever_answers_the_notebook_it_is_not_said_that_nothing_was_handed_in(
    name: str, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.second, (what, why) = WRONG[name]
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    assert repr(hand_in()) == f"{UNKNOWN}: {what.format(host=stranger.host, why=why)}. {AGAIN}"
    assert len(stranger.asked) == 2


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", HEAD + b"\r\n", HEAD + b"X: x\r\n"])
def test_an_answer_that_comes_too_slowly_is_not_waited_for(
    part: bytes, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(out: BinaryIO) -> None:
        out.write(part)
        out.flush()
        while not stranger.ends.wait(0.02):
            out.write(b"HTTP/1.1 100 Continue\r\n\r\n"[: len(part)] if part[9:10] == b"1" else b"X")

    stranger.first = slowly
    monkeypatch.setattr(service, "_TIMEOUT_S", 0.25)
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    assert repr(hand_in()) == (
        f"Nothing was handed in: the service at {stranger.host} does not answer (no whole answer within "
        f"0.25 seconds). {LATER}"
    )


OTHER_FORMS: list[tuple[object, str]] = [
    ({}, "it has no 'name'"),
    (MINE | {"name": None}, "its 'name' is None; a text is wanted"),
    (MINE | {"name": ["ada"]}, "its 'name' is ['ada']; a text is wanted"),
    (MINE | {"name": "\ud800"}, r"its 'name' is '\ud800'; a text is wanted"),
    ({"name": "ada"}, "it has no 'assignments'"),
    (MINE | {"assignments": None}, "its 'assignments' is None; a list is wanted"),
    (
        MINE | {"assignments": {"initialization": 1}},
        "its 'assignments' is {'initialization': 1}; a list is wanted",
    ),
    (MINE | {"assignments": "initialization"}, "its 'assignments' is 'initialization'; a list is wanted"),
    (MINE | {"assignments": [WORKS]}, "one of its 'assignments' is no object"),
    (MINE | {"assignments": ["initialization"]}, "one of its 'assignments' is no object"),
    (MINE | {"assignments": [{"assignment": "a"}]}, "it has no 'notebook'"),
    (MINE | {"assignments": [{"notebook": "a"}]}, "it has no 'assignment'"),
    (MINE | {"assignments": [{"assignment": "a", "notebook": 3}]}, "its 'notebook' is 3; a text is wanted"),
    (
        MINE | {"assignments": [{"assignment": "\ud800", "notebook": "initialization"}]},
        r"its 'assignment' is '\ud800'; a text is wanted",
    ),
    (MINE | {"name": ["x" * 900]}, "its 'name' is ['" + "x" * 37 + "…; a text is wanted"),
]


@pytest.mark.parametrize(("told", "why"), OTHER_FORMS)
def test_a_first_answer_of_another_form_says_what_is_wanted(
    told: object, why: str, stranger: Stranger, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.first = answer(200, told)
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    assert repr(hand_in()) == f"Nothing was handed in: {STRANGE.format(host=stranger.host, why=why)}. {TELL}"
    assert len(stranger.asked) == 1
    assert not kept.exists()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "it has no 'feedback'"),
        (ENTRY | {"feedback": 1}, "its 'feedback' is 1; a text is wanted"),
        (ENTRY | {"feedback": "a b"}, "its 'feedback' is 'a b'; an address is wanted"),
        (ENTRY | {"feedback": ""}, "its 'feedback' is ''; an address is wanted"),
        ({"feedback": "feedback/1"}, "it has no 'place'"),
        (ENTRY | {"place": "two"}, "its 'place' is 'two'; a number from 0 on is wanted"),
        (ENTRY | {"place": True}, "its 'place' is True; a number from 0 on is wanted"),
        (ENTRY | {"place": -1}, "its 'place' is -1; a number from 0 on is wanted"),
        (ENTRY | {"place": [2]}, "its 'place' is [2]; a number from 0 on is wanted"),
        ({"feedback": "feedback/1", "place": 2}, "it has no 'seconds_left'"),
        (ENTRY | {"seconds_left": "7"}, "its 'seconds_left' is '7'; a number from 0 on is wanted"),
        (ENTRY | {"seconds_left": None}, "its 'seconds_left' is None; a number from 0 on is wanted"),
        (ENTRY | {"seconds_left": float("nan")}, "its 'seconds_left' is nan; a number from 0 on is wanted"),
        (ENTRY | {"seconds_left": float("inf")}, "its 'seconds_left' is inf; a number from 0 on is wanted"),
        (
            ENTRY | {"seconds_left": 10**400},
            f"its 'seconds_left' is 1{'0' * 38}…; a number from 0 on is wanted",
        ),
    ],
)
def test_a_second_answer_of_another_form_leaves_open_whether_it_was_taken(
    told: object, why: str, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.second = answer(201, told)
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    assert repr(hand_in()) == f"{UNKNOWN}: {STRANGE.format(host=stranger.host, why=why)}. {AGAIN}"


@pytest.mark.parametrize("place", [0, 1.0])
def test_a_place_is_told_where_there_is_one(
    place: float, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.second = answer(200, ENTRY | {"place": place})
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    waits = " Place 1 in the queue, about 7 seconds." if place else ""
    assert (
        repr(hand_in())
        == f"initialization.ipynb is handed in for ada.{waits} http://{stranger.host}/feedback/1"
    )


@pytest.mark.parametrize("told", [b"<html>", b"", ["no"], {"error": ""}, {"error": 5}, {"detail": "no"}])
@pytest.mark.parametrize("status", [304, 401, 404])
def test_a_refusal_in_which_the_service_does_not_speak_names_its_status(
    told: object, status: int, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = answer(status, told)
    said = (
        f"Nothing was handed in: {stranger.host} answers with status {status} and no sentence of the hand-in "
        f"service. {TELL}"
    )
    stranger.first, taken = refusal, stranger.first
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    assert repr(hand_in()) == said
    stranger.first, stranger.second = taken, refusal
    assert repr(hand_in()) == said


def test_what_the_service_says_is_one_line_without_the_secret(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.first = answer(403, {"error": f"No\n\x1b[31m  \u202e{TOKEN}. " + "x" * 999})
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    said = repr(hand_in())
    assert said.startswith("Nothing was handed in. No [31m …. xxx")
    assert said.endswith("x…")
    assert len(said) < 350


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("Location: https://new.school.example/#x", "new.school.example"),
        ("Location: /login", "another address"),
        ("Location: http://[", "another address"),
        ("Location: javascript:alert(1)", "another address"),
        ("X-Other: none", "another address"),
    ],
)
def test_nothing_is_sent_on_to_another_address(
    location: str, named: str, status: int, stranger: Stranger, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.first = answer(status, b"", location)
    in_shell(monkeypatch, HE, CELL, link=stranger.link)
    assert repr(hand_in()) == (
        f"Nothing was handed in: {stranger.host} sends on to {named} (status {status}), and what says who "
        f"you are goes to no other address. {TELL}"
    )
    assert len(stranger.asked) == 1
    assert not kept.exists()


def test_a_kept_link_to_what_is_not_the_service_can_be_replaced(
    stranger: Stranger, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = in_shell(monkeypatch, HE, CELL, link=stranger.link)
    assert hand_in().feedback
    stranger.first = answer(404, b"<html>")
    assert repr(hand_in()) == (
        f"Nothing was handed in: {stranger.host} answers with status 404 and no sentence of the hand-in "
        f"service. {TELL} Your link is kept in ~/config/init_utils/hand-in-link; remove that file to "
        "give another one."
    )
    assert shell.kernel.asked == 1
    kept.unlink()
    stranger.first = answer(200, MINE)
    assert hand_in().feedback
    assert shell.kernel.asked == 2


def test_https_to_a_service_that_speaks_http(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, HE, CELL, link=stranger.link.replace("http://", "https://"))
    said = repr(hand_in())
    assert said.startswith(f"Nothing was handed in: the service at {stranger.host} does not answer (")
    assert said.endswith(f"). {LATER}")
    assert stranger.asked == []


# ---------------------------------------------------------------- a proxy in the environment


def test_a_link_to_this_machine_goes_by_no_proxy(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:  # accepts nothing
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        in_shell(monkeypatch, HE, CELL, link=stranger.link)
        assert hand_in().feedback
        proxy.settimeout(0)
        with pytest.raises(BlockingIOError):
            proxy.accept()


@pytest.mark.parametrize(
    ("proxy", "named", "why"),
    [
        ("http://ada:secret@{host}", "{host}", "Tunnel connection failed: 407 Said"),
        ("http://127.0.0.1:port", "127.0.0.1:port", "nonnumeric port: 'port'"),
        ("http://", "''", "no host given"),
        ("{host}", "{host}", "Tunnel connection failed: 407 Said"),
    ],
)
def test_a_proxy_that_lets_nothing_through_is_named_without_its_password(
    proxy: str, named: str, why: str, stranger: Stranger, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy.format(host=stranger.host))
    in_shell(monkeypatch, HE, CELL, link=f"https://grader.school.example/#{TOKEN}")
    assert repr(hand_in()) == (
        "Nothing was handed in: the service at grader.school.example, asked through the proxy "
        f"{named.format(host=stranger.host)}, does not answer ({why}). {LATER}"
    )
    assert not kept.exists()
    assert not any(TOKEN in asked for asked in stranger.asked)


@pytest.mark.parametrize("connect", [b"SSH-2.0\r\n", partial(endless, b"X: x\r\n" * 999, head=HEAD)])
def test_a_proxy_that_is_none(connect: Raw, stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger.connect = connect
    monkeypatch.setenv("https_proxy", f"http://{stranger.host}")
    in_shell(monkeypatch, HE, CELL, link=f"https://grader.school.example/#{TOKEN}")
    why = UNREADABLE[1] if isinstance(connect, bytes) else TOO_LONG[1]
    assert repr(hand_in()) == (
        f"Nothing was handed in: what answers at grader.school.example, asked through the proxy "
        f"{stranger.host}, is not the hand-in service ({why}). {TELL}"
    )


def test_a_port_of_the_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:99999999")
    in_shell(monkeypatch, HE, CELL, link=f"https://grader.school.example/#{TOKEN}")
    said = repr(hand_in())
    assert said.startswith(
        "Nothing was handed in: the service at grader.school.example, asked through the proxy "
    )
    assert said.endswith(f"). {LATER}")
