"""`hand_in()` and what is typed, set or kept as the personal link: one sentence, before anything is kept."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from init_utils import hand_in
from init_utils.handing_in import LINK_VARIABLE
from init_utils.handing_in.credentials import HUB_TOKEN_VARIABLE, NO_LINK, read_link
from tests.opened_notebook import CELL, HE, in_shell, notebook

LOOKS = (
    "One looks like https://grader.school.example/#WyJzIiwiYWRhIl0.k3Jv and is longer; copy all of it, from "
    "https:// on."
)
PROMPT = "Your personal link: "
HIDDEN = "it has a space, a line break or an invisible character in it"


class Answers(BaseHTTPRequestHandler):
    """The service, which knows one link."""

    def do_GET(self) -> None:
        self._say(
            200,
            b'{"name": "ada", "assignments": ['
            b'{"assignment": "initialization", "notebook": "initialization"}]}',
        )

    def do_POST(self) -> None:
        self._say(201, b'{"place": 0, "seconds_left": 0.0, "feedback": "feedback/1"}')

    def _say(self, status: int, content: bytes) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers["Authorization"] != "Bearer abc.def":
            status, content = 401, b'{"error": "This link has ended."}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def link() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}/#abc.def"
        made.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the link is kept."""
    for name in (LINK_VARIABLE, HUB_TOKEN_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    path = tmp_path / "initialization.ipynb"
    path.write_bytes(notebook(HE, CELL))
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    return tmp_path / ".config" / "init_utils" / "hand-in-link"


NO_LINKS = [
    ("", "it has no #"),
    ("abc.def", "it has no #"),
    ("https://grader.school.example/", "it has no #"),
    ("https://grader.school.example/#", "nothing stands after its #"),
    ("https://grader.school.example/# ", "nothing stands after its #"),
    ("https://grader.school.example/#abc def", HIDDEN),
    ("https://gra der.school.example/#abc.def", HIDDEN),
    ("https://grader.school.example/\n#abc.def", HIDDEN),
    ("https://grader.school\t.example/#abc.def", HIDDEN),
    ("https://grader.school.example/\x00#abc.def", HIDDEN),
    ("https://grader.school.example/#abc\u200b.def", HIDDEN),
    ("https://grader.school.example/#abc\ud800", HIDDEN),
    ("https://grader.school.example/#abc…", "it has characters after its # that no link has"),
    ("https://grader.school.example/#abc#def", "it has characters after its # that no link has"),
    ("https://grader.school.example/#<abc>", "it has characters after its # that no link has"),
    ("#abc.def", "it does not begin with https://"),
    ("grader.school.example/#abc.def", "it does not begin with https://"),
    ("<https://grader.school.example/#abc.def>", "it does not begin with https://"),
    ("https:/grader.school.example/#abc.def", "it does not begin with https://"),
    ("ftp://grader.school.example/#abc.def", "it begins with ftp://"),
    ("file:///etc/passwd#abc.def", "it begins with file://"),
    ("javascript://grader.school.example/#abc.def", "it begins with javascript://"),
    ("https://#abc.def", "it names no host"),
    ("https:///api#abc.def", "it names no host"),
    ("https://:443/#abc.def", "it names no host"),
    ("https://[::1/#abc.def", "its host is none"),
    ("https://gra%64er.school.example/#abc.def", "its host is none"),
    ("https://grader..example/#abc.def", "its host is none"),
    (f"https://{'g' * 64}.example/#abc.def", "its host is none"),
    ("https://grader\\.school.example/#abc.def", "its host is none"),
    ("https://*/#abc.def", "its host is none"),
    ("https://grader.school.example:port/#abc.def", "its port is no number from 1 to 65535"),
    ("https://grader.school.example:99999/#abc.def", "its port is no number from 1 to 65535"),
    ("https://grader.school.example:-1/#abc.def", "its port is no number from 1 to 65535"),
    ("https://grader.school.example:0/#abc.def", "its port is no number from 1 to 65535"),
    ("https://ada@grader.school.example/#abc.def", "a user's name stands in its address"),
    ("https://ada:pass@grader.school.example/#abc.def", "a user's name stands in its address"),
    ("https://grader.school.example/?from=mail#abc.def", "a ? stands in its address"),
    ("https://grader.school.example/#" + "a" * 3_000, "it is longer than 2,000 characters"),
]


@pytest.mark.parametrize(("text", "why"), NO_LINKS)
def test_what_cannot_be_a_link_is_refused_before_it_is_kept(
    text: str, why: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL, link=text or " ")
    assert repr(hand_in()) == f"Nothing was handed in: that is no personal link ({why}). {LOOKS}"
    assert not kept.parent.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [(text, why) for text, why in NO_LINKS if "#" in text and "\x00" not in text and "\ud800" not in text],
)
def test_a_variable_that_holds_no_link_is_named(text: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, HE, CELL)
    monkeypatch.setenv(LINK_VARIABLE, text)
    assert (
        repr(hand_in()) == f"Nothing was handed in: {LINK_VARIABLE} holds no personal link ({why}). {LOOKS}"
    )


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("hub.school.example", "it does not begin with https://"),
        ("https://hub.school.example:port/services", "its port is no number from 1 to 65535"),
        ("https://hub.school.example/services x", HIDDEN),
        ("https://hub.school.example/?next=/", "a ? stands in its address"),
    ],
)
def test_an_address_of_the_hubs_service_that_is_none(
    address: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL)
    monkeypatch.setenv(LINK_VARIABLE, address)
    monkeypatch.setenv(HUB_TOKEN_VARIABLE, "secret-of-the-hub")
    assert repr(hand_in()) == (
        f"Nothing was handed in: the address in {LINK_VARIABLE} is {address!r} ({why}); an address with "
        "https:// is wanted. Tell your instructor."
    )


@pytest.mark.parametrize("token", ["two words", "tökén", "a\nb"])
def test_a_token_of_the_hub_that_is_none(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, HE, CELL)
    monkeypatch.setenv(LINK_VARIABLE, "https://hub.school.example/services/hand-in")
    monkeypatch.setenv(HUB_TOKEN_VARIABLE, token)
    assert repr(hand_in()) == (
        f"Nothing was handed in: {HUB_TOKEN_VARIABLE} holds no token. Stop your server and start it again "
        "(*File*, *Hub Control Panel*), and run this cell again; if that does not help, ask your instructor."
    )


@pytest.mark.parametrize(
    ("text", "server"),
    [
        (" https://grader.school.example#abc.def\n", "https://grader.school.example/"),
        ("HTTPS://Grader.School.Example/#abc.def", "https://grader.school.example/"),
        ("https://grader.school.example:8443/course/#abc.def", "https://grader.school.example:8443/course/"),
        ("https://grader.school.example:/#abc.def", "https://grader.school.example/"),
        ("https://prüfung.example/kurs-ä/#abc.def", "https://xn--prfung-4ya.example/kurs-%C3%A4/"),
        ("https://grader.school.example/kurs-%C3%A4/#abc.def", "https://grader.school.example/kurs-%C3%A4/"),
        ("http://localhost:8765/#abc.def", "http://localhost:8765/"),
        ("http://[::1]:8765/#abc.def", "http://[::1]:8765/"),
        ("https://[2001:db8::1]/#abc.def", "https://[2001:db8::1]/"),
    ],
)
def test_a_link_is_read_as_a_browser_reads_it(text: str, server: str) -> None:
    known = read_link(text)
    assert (known.server, known.token) == (server, "abc.def")


# ---------------------------------------------------------------- what is kept on the disk


def no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00#")


def folder(path: Path) -> None:
    path.mkdir()


def half_a_link(path: Path) -> None:
    path.write_text("https://grader.sch", encoding="utf-8")


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def too_much(path: Path) -> None:
    path.write_bytes(b"x" * 5_000)


def bad_port(path: Path) -> None:
    path.write_text("https://grader.school.example:port/#abc.def", encoding="utf-8")


def plain_http(path: Path) -> None:
    path.write_text("http://grader.school.example/#abc.def", encoding="utf-8")


def link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "gone")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def pipe(path: Path) -> None:
    os.mkfifo(path)


DAMAGED: list[tuple[Callable[[Path], None], str]] = [
    (no_text, "it is not text"),
    (folder, "it is no file"),
    (half_a_link, "it has no #"),
    (nothing, "it has no #"),
    (too_much, "it is longer than 2,000 characters"),
    (bad_port, "its port is no number from 1 to 65535"),
    (plain_http, "it begins with http://"),
    (link_to_nothing, "it is no file"),
    (link_to_itself, "it is no file"),
    (pipe, "it is no file"),
]


@pytest.mark.parametrize(("damage", "why"), DAMAGED)
def test_a_damaged_link_is_asked_for_again_and_replaced(
    damage: Callable[[Path], None], why: str, link: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.parent.mkdir(parents=True)
    damage(kept)
    shell = in_shell(monkeypatch, HE, CELL, link=link)
    given = hand_in()
    assert given.feedback
    assert shell.kernel.prompts == [f"The link that was kept here cannot be used ({why}). {PROMPT}"]
    if damage is folder:
        assert given.sentence == (
            "initialization.ipynb is handed in for ada. Your link could not be kept in "
            "~/.config/init_utils/hand-in-link (Is a directory), so it is asked for again next time."
        )
        return
    assert given.sentence == "initialization.ipynb is handed in for ada."
    assert (kept.read_text(encoding="utf-8"), stat.S_IMODE(kept.lstat().st_mode)) == (link, 0o600)
    assert hand_in().feedback
    assert shell.kernel.asked == 1


@pytest.mark.parametrize(("damage", "why"), DAMAGED)
def test_a_damaged_link_that_cannot_be_asked_for_is_named(
    damage: Callable[[Path], None], why: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.parent.mkdir(parents=True)
    damage(kept)
    in_shell(monkeypatch, HE, CELL)
    assert repr(hand_in()) == (
        f"Nothing was handed in: the link that is kept in ~/.config/init_utils/hand-in-link cannot be used "
        f"({why}). Remove it and run the cell again, or set the environment variable {LINK_VARIABLE} to your "
        "personal link."
    )


def test_a_link_that_cannot_be_read_is_asked_for_again(
    link: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_text(link, encoding="utf-8")

    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    shell = in_shell(monkeypatch, HE, CELL, link=link)
    assert hand_in().feedback
    assert shell.kernel.prompts == [
        f"The link that was kept here cannot be used (Permission denied). {PROMPT}"
    ]


def test_a_link_that_was_kept_by_notepad_is_read(
    link: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"\xef\xbb\xbf" + link.encode() + b"\r\n")
    in_shell(monkeypatch, HE, CELL)
    assert hand_in().feedback


def test_a_file_where_the_folder_of_the_link_should_be(
    link: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.parent.parent.mkdir()
    kept.parent.write_text("x", encoding="utf-8")
    shell = in_shell(monkeypatch, HE, CELL, link=link)
    assert hand_in().sentence == (
        "initialization.ipynb is handed in for ada. Your link could not be kept in "
        "~/.config/init_utils/hand-in-link (File exists), so it is asked for again next time."
    )
    assert shell.kernel.prompts == [PROMPT]


def test_without_a_home_folder_the_link_is_asked_for(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    in_shell(monkeypatch, HE, CELL, link=link)
    assert hand_in().sentence == (
        "initialization.ipynb is handed in for ada. Your link could not be kept (you have no home folder "
        "here), so it is asked for again next time."
    )
    in_shell(monkeypatch, HE, CELL)
    assert repr(hand_in()) == NO_LINK


def test_a_link_that_the_service_does_not_know_is_not_kept(
    link: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL, link=link + "x")
    assert repr(hand_in()) == (
        "Nothing was handed in. This link has ended. That link is not kept: run this cell again, and give "
        "the new one."
    )
    assert not kept.exists()


def test_a_kept_link_that_has_ended_and_cannot_be_removed_is_named(
    link: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_text(link + "x", encoding="utf-8")

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    in_shell(monkeypatch, HE, CELL)
    assert repr(hand_in()) == (
        "Nothing was handed in. This link has ended. It is kept in ~/.config/init_utils/hand-in-link, which "
        "cannot be removed (Permission denied): remove that file, run this cell again, and give the new one."
    )


# ---------------------------------------------------------------- which file


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("no\x00file.ipynb", "embedded null byte"),
        ("gone.ipynb", "No such file or directory"),
        (".", "Is a directory"),
    ],
)
def test_a_file_that_cannot_be_read(
    named: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    in_shell(monkeypatch, HE, CELL)
    shown = named.replace("\x00", " ")
    assert repr(hand_in(named)) == (
        f"Nothing was handed in: {shown} cannot be read ({why}). Save the notebook, or name the file: "
        'hand_in("NAME.ipynb")'
    )


@pytest.mark.parametrize("named", [5, b"a.ipynb", ["a.ipynb"]])
def test_what_is_no_name_of_a_file(named: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, HE, CELL)
    assert repr(hand_in(named)) == (
        f'Nothing was handed in: {named!r} is no file\'s name. Name the file: hand_in("NAME.ipynb")'
    )


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b"[]",
        b"5",
        b"\xff",
        b"{}",
        b'{"cells": 5}',
        b'{"cells": [5]}',
        b'{"cells": [{"cell_type": "code"}]}',
    ],
)
def test_a_file_that_is_no_notebook(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "initialization.ipynb").write_bytes(content)
    in_shell(monkeypatch, HE, CELL)
    assert repr(hand_in()) == (
        "Nothing was handed in: the saved file is no notebook. Save it in Jupyter, and run this cell again."
    )


@pytest.mark.parametrize(
    "cell", ["x = " + "1 + " * 5_000 + "1", "x = " + "-" * 200_000 + "1", "x = '\ud800'"]
)
def test_a_cell_that_is_too_deep_to_be_read_stops_nothing(
    cell: str, link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "initialization.ipynb").write_bytes(notebook(HE, cell, CELL))
    in_shell(monkeypatch, HE, cell, CELL, link=link)
    assert hand_in().feedback
