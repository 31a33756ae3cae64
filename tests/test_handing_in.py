"""`hand_in()`: what is sent, what is refused before anything is sent, and what the student reads."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

import init_utils
from autograder.assignment import parse_assignment
from autograder.intake import plan_submission
from autograder.sandbox import Preload, Sandbox, tier_parts
from init_utils import hand_in
from init_utils.handing_in import LINK_VARIABLE, NO_LINK, NOBODY, saved, what_differs, what_is_lacking
from init_utils.handing_in.credentials import HUB_TOKEN_VARIABLE, NO_LOGIN
from tests.answering import answering
from tests.notebook_cells import ROOT, Cell, read_cells, run_cell
from tests.opened_notebook import CELL, HE, in_shell, notebook

ASSIGNMENTS = ["initialization", "deeper"]
USES_SCALE = "def he(n):\n    return scale(n)"


class Server(HTTPServer):
    """A service that remembers what it was asked."""

    status = 201
    works: ClassVar[list[dict[str, str]]] = [{"assignment": "initialization", "notebook": "initialization"}]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[tuple[str, str | None, bytes]] = []
        self.link = f"http://127.0.0.1:{self.server_port}/#abc.def"


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer(200, {"name": "ada", "assignments": self.server.works})

    def do_POST(self) -> None:
        told = {"id": "1", "place": 2, "seconds_left": 7.3, "feedback": "feedback/1"}
        refused = {"error": "Your last submission was too soon."}
        self._answer(self.server.status, told if self.server.status == 201 else refused)

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, self.headers.get("Authorization"), body))
        content = json.dumps(told).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.link)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with answering(Server()) as made:
        yield made


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (LINK_VARIABLE, HUB_TOKEN_VARIABLE, "JPY_SESSION_NAME", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebook that is open in Jupyter."""
    path = home / "initialization.ipynb"
    path.write_bytes(notebook(HE, CELL))
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    return path


def test_the_saved_file_is_sent_and_the_link_to_the_feedback_is_shown(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL, link=server.link)
    given = hand_in()
    address = server.link.partition("#")[0]
    assert repr(given) == (
        "initialization.ipynb is handed in for ada. Place 2 in the queue, about 7 seconds. "
        f"{address}feedback/1"
    )
    assert f'<a href="{address}feedback/1" target="_blank" rel="noreferrer">' in given._repr_html_()
    assert server.asked == [
        ("/api/submissions", "Bearer abc.def", b""),
        (
            "/api/submissions?assignment=initialization&notebook=initialization",
            "Bearer abc.def",
            opened.read_bytes(),
        ),
    ]


def test_the_link_is_asked_for_once_and_kept_for_its_owner_alone(
    server: Server, opened: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = in_shell(monkeypatch, HE, CELL, link=server.link)
    hand_in()
    hand_in()
    kept = home / "config" / "init_utils" / "hand-in-link"
    assert shell.kernel.asked == 1
    assert (kept.read_text(encoding="utf-8"), stat.S_IMODE(kept.stat().st_mode)) == (server.link, 0o600)
    assert server.link.encode() not in opened.read_bytes()


def test_the_environment_knows_the_link_of_a_hub(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = in_shell(monkeypatch, HE, CELL)
    monkeypatch.setenv(LINK_VARIABLE, server.link)
    assert hand_in().feedback
    assert shell.kernel.asked == 0


def test_in_a_hub_the_login_there_says_who_hands_in(
    server: Server, opened: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = in_shell(monkeypatch, HE, CELL)
    monkeypatch.setenv(LINK_VARIABLE, server.link.partition("#")[0])
    monkeypatch.setenv(HUB_TOKEN_VARIABLE, "secret-of-the-hub")
    assert hand_in().feedback == f"{server.link.partition('#')[0]}feedback/1"
    assert {asked[1] for asked in server.asked} == {"Bearer secret-of-the-hub"}
    assert shell.kernel.asked == 0
    assert not (home / "config").exists()


@pytest.mark.parametrize("named", ["", "link"])
def test_the_hubs_token_goes_to_no_service_but_the_one_that_the_hub_names(
    named: str, server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL, link=server.link)
    monkeypatch.setenv(HUB_TOKEN_VARIABLE, "secret-of-the-hub")
    if named:
        monkeypatch.setenv(LINK_VARIABLE, server.link)
    assert hand_in().feedback
    assert {asked[1] for asked in server.asked} == {"Bearer abc.def"}


def test_an_address_without_a_link_that_somebody_types_gets_no_token(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL, link=server.link.partition("#")[0])
    monkeypatch.setenv(HUB_TOKEN_VARIABLE, "secret-of-the-hub")
    assert repr(hand_in()).startswith("Nothing was handed in: that is no personal link (it has no #).")
    assert server.asked == []


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (
            "http://hub.school.example/services/hand-in",
            f"Nothing was handed in: the address in {LINK_VARIABLE} to hub.school.example begins with "
            "http://, so others could read it on its way. Ask your instructor for one that begins with https://.",
        ),
        (
            "hub.school.example",
            f"Nothing was handed in: the address in {LINK_VARIABLE} is 'hub.school.example' (it does not "
            "begin with https://); an address with https:// is wanted. Tell your instructor.",
        ),
    ],
)
def test_the_hubs_token_goes_by_https_only(
    named: str, said: str, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL)
    monkeypatch.setenv(LINK_VARIABLE, named)
    monkeypatch.setenv(HUB_TOKEN_VARIABLE, "secret-of-the-hub")
    assert repr(hand_in()) == said


def test_a_login_that_the_service_does_not_know_says_what_to_do(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 401
    in_shell(monkeypatch, HE, CELL)
    monkeypatch.setenv(LINK_VARIABLE, server.link.partition("#")[0])
    monkeypatch.setenv(HUB_TOKEN_VARIABLE, "secret-of-the-hub")
    assert repr(hand_in()) == (
        "Nothing was handed in: the service does not know you by your login at the hub. Stop your server and "
        "start it again (*File*, *Hub Control Panel*), and run this cell again; if that does not help, ask "
        "your instructor."
    )


def test_a_services_address_without_a_hub_says_that_the_link_is_missing(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL)
    monkeypatch.setenv(LINK_VARIABLE, server.link.partition("#")[0])
    assert repr(hand_in()) == NO_LOGIN
    assert server.asked == []


def test_without_a_link_it_says_what_to_do(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, HE, CELL)
    assert repr(hand_in()) == NO_LINK
    monkeypatch.setattr(saved, "shell", lambda: None)
    assert repr(hand_in(opened)) == NO_LINK


def test_where_no_person_runs_the_notebook_one_sentence_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare:
        user_ns: ClassVar[dict[str, Any]] = {}

    monkeypatch.setattr(saved, "shell", Bare)
    assert repr(hand_in()) == NOBODY


@pytest.mark.parametrize(
    ("kept", "ran", "said"),
    [
        ([HE, CELL], [HE, CELL], ""),
        ([HE + "  # note", CELL], [HE, CELL], ""),
        ([HE, CELL], ["def he(n):\n    return 1", HE, CELL], ""),
        ([HE, CELL], ["def old(n):\n    return 1", HE, CELL], ""),
        ([HE, "%matplotlib inline\n" + CELL], [HE, "%matplotlib inline\n" + CELL], ""),
        (["p = 1", "p = 2", CELL], ["p = 2", "p = 1", CELL], ""),
        ([HE, CELL], [HE, "tried = 5", CELL], ""),
        (["(a, b), c.d, e[0] = f()", CELL], ["(a, b), c.d, e[0] = f()  # note", CELL], ""),
        (
            ["rate = 0.1", CELL],
            ["rate = 0.1", "rate = 0.5", CELL],
            "Nothing was handed in: rate in the saved file is not what you ran last. Run its cell, save the "
            "notebook (Ctrl-S), and run this cell again.",
        ),
        (
            ["def he(n):\n    return 0", CELL],
            [HE, CELL],
            "Nothing was handed in: he in the saved file is not what you ran last. Run its cell, save the "
            "notebook "
            "(Ctrl-S), and run this cell again.",
        ),
        (
            [HE],
            [HE, CELL],
            "Nothing was handed in: the saved file is older than what runs. Save the notebook (Ctrl-S), "
            "and run "
            "this cell again.",
        ),
        (
            [CELL],
            [HE, CELL],
            "Nothing was handed in: the saved file has no he. Save the notebook (Ctrl-S), and run this "
            "cell again.",
        ),
        (
            [USES_SCALE, CELL],
            ["def old(n):\n    return 1", "def scale(n):\n    return 1", USES_SCALE, CELL],
            "Nothing was handed in: the saved file has no scale. Save the notebook (Ctrl-S), and run this "
            "cell again.",
        ),
        (
            ["files = !ls\ndef he(n):\n    return 0", CELL],
            ["files = !ls\n" + HE, CELL],
            "Nothing was handed in: he in the saved file is not what you ran last. Run its cell, save the "
            "notebook (Ctrl-S), and run this cell again.",
        ),
    ],
)
def test_what_runs_is_compared_with_what_is_saved(kept: list[str], ran: list[str], said: str) -> None:
    assert what_differs(notebook(*kept), ran) == said


SCALE = "def scale(n):\n    return 1"


@pytest.mark.parametrize(
    "kept",
    [
        "from init_utils.checks import scale",
        "from somewhere import *",
        "for scale in range(3):\n    pass",
        "try:\n    f()\nexcept E as scale:\n    pass",
        "def f(scale):\n    return scale",
    ],
)
def test_a_function_that_was_tried_and_that_the_file_has_from_elsewhere_is_not_asked_for(kept: str) -> None:
    cells = [HE, kept, "print(scale)", CELL]
    assert what_differs(notebook(*cells), [SCALE, *cells]) == ""


def test_functions_that_ran_and_are_not_in_the_file_are_named_beside_the_success(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, "def he_deep(n):\n    return 2", "tried = 5", HE, CELL, link=server.link)
    given = hand_in()
    assert given.sentence == (
        "initialization.ipynb is handed in for ada. Place 2 in the queue, about 7 seconds. The saved file "
        "has no he_deep, which ran here: if your work needs that, save the notebook (Ctrl-S), and run "
        "this cell again."
    )
    assert given.feedback
    assert "he_deep" in hand_in(anyway=True).sentence


def test_nothing_is_named_where_the_file_has_all_that_ran() -> None:
    assert what_is_lacking(notebook(HE, SCALE, "class A:\n    pass"), [SCALE, HE, "tried = 5", "tried"]) == ""
    cell = "files = !ls\nhe?\nif files:\n    %matplotlib inline\n" + HE
    assert what_is_lacking(notebook(cell), [HE, cell]) == ""


REAL_SHELL = r"""
from IPython.core.interactiveshell import InteractiveShell
from init_utils.handing_in.saved import executed
shell = InteractiveShell()
shell.kernel = object()
for cell in ("%%time\ndef he(n):\n    return n", "%precision 3\nx = 1"):
    shell.run_cell(cell, store_history=True)
shell.user_ns["In"] = ["mine"]
print(executed(shell))
"""


def test_cells_are_compared_as_they_were_typed() -> None:
    run = subprocess.run([sys.executable, "-c", REAL_SHELL], capture_output=True, text=True, check=True)
    told = run.stdout.splitlines()[-1]
    assert told == str(["%%time\ndef he(n):\n    return n", "%precision 3\nx = 1"])


def test_in_a_box_of_the_grader_one_sentence_comes_back() -> None:
    tier = "none" if tier_parts.obstacle("full") else "full"
    preload = Preload(modules=(), packages=("init_utils",))
    with Sandbox(tier, preload=preload) as sandbox, sandbox.box() as box:
        done = box.run_cell("import init_utils\ninit_utils.hand_in()")
    assert done.verdict is None
    (shown,) = [one for one in done.outputs if one["output_type"] == "execute_result"]
    assert shown["data"]["text/plain"] == NOBODY


def test_nothing_is_sent_while_something_else_runs_unless_it_is_meant(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, "def he(n):\n    return 5", CELL, link=server.link)
    assert not hand_in().feedback
    assert server.asked == []
    assert hand_in(anyway=True).feedback


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (
            "abc.def",
            "Nothing was handed in: that is no personal link (it has no #). One looks like "
            "https://grader.school.example/#WyJzIiwiYWRhIl0.k3Jv and is longer; copy all of it, from "
            "https:// on.",
        ),
        (
            "http://grader.school.example/#abc.def",
            "Nothing was handed in: the link to grader.school.example begins with http://, so others could "
            "read it "
            "on its way. Ask your instructor for one that begins with https://.",
        ),
    ],
)
def test_a_link_that_is_none_is_neither_used_nor_kept(
    link: str, said: str, opened: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, HE, CELL, link=link)
    assert repr(hand_in()) == said
    assert not (home / "config").exists()


def test_the_service_says_why_it_refuses(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 429
    in_shell(monkeypatch, HE, CELL, link=server.link)
    assert repr(hand_in()) == "Nothing was handed in. Your last submission was too soon."


def test_a_link_that_has_ended_is_forgotten_and_the_next_is_asked_for(
    server: Server, opened: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 401
    shell = in_shell(monkeypatch, HE, CELL, link=server.link)
    assert repr(hand_in()) == (
        "Nothing was handed in. Your last submission was too soon. The link that was kept here is forgotten: "
        "run this cell again, and give the new one."
    )
    assert not (home / "config" / "init_utils" / "hand-in-link").exists()
    server.status = 201
    assert hand_in().feedback
    assert shell.kernel.asked == 2


def test_the_secret_follows_no_redirection(
    server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 302
    in_shell(monkeypatch, HE, CELL, link=server.link)
    assert not hand_in().feedback
    assert len(server.asked) == 2


def test_a_service_that_is_gone(server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, HE, CELL, link="http://127.0.0.1:9/#abc.def")
    said = repr(hand_in())
    assert said.startswith("Nothing was handed in: the service at 127.0.0.1:9 does not answer (")
    assert said.endswith("). Run this cell again later; your notebook is saved here.")


def test_a_notebook_of_another_name_is_named_with_what_can_be_handed_in(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Server, "works", [{"assignment": name, "notebook": name} for name in ("initialization", "deeper")]
    )
    path = home / "scratch.ipynb"
    path.write_bytes(notebook(CELL))
    monkeypatch.setenv(LINK_VARIABLE, server.link)
    assert repr(hand_in(path)) == (
        "Nothing was handed in: scratch.ipynb is none of what can be handed in (initialization.ipynb, "
        "deeper.ipynb). Save it under its own name."
    )


def test_it_imports_no_network_before_it_is_called() -> None:
    code = "import sys, init_utils; init_utils.hand_in; print({'http.client', 'numpy'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


# ---------------------------------------------------------------- the cell at the end of our notebooks


def own_cell(assignment: str, ready: str = "False") -> Cell:
    """The notebook's last cell, as it is released or with another word."""
    cell = [*read_cells("release", assignment).values()][-1]
    assert cell.text.count("ready = False") == 1
    return Cell(
        cell.id, cell.cell_type, cell.text.replace("ready = False", f"ready = {ready}"), cell.nbgrader
    )


def shown_by(cell: Cell) -> list[str]:
    shown: list[str] = []
    printed, error = run_cell(cell, {"display": lambda value: shown.append(repr(value))})
    assert error == ""
    return [*printed.splitlines(), *shown]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_run_all_hands_nothing_in(assignment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init_utils, "hand_in", lambda: pytest.fail("handed in"))
    assert shown_by(own_cell(assignment)) == ["Nothing is handed in: ready is False."]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_cell_hands_in_once_it_says_true_and_is_saved(
    assignment: str, server: Server, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "works", [{"assignment": assignment, "notebook": "initialization"}])
    released = [cell.text for cell in read_cells("release", assignment).values() if cell.cell_type == "code"]
    cell = own_cell(assignment, "True")
    in_shell(monkeypatch, *released, cell.text, link=server.link)
    opened.write_bytes(notebook(*released))
    assert shown_by(cell) == [
        "Nothing was handed in: the saved file is older than what runs. Save the notebook (Ctrl-S), and run "
        "this cell again."
    ]
    assert server.asked == []
    opened.write_bytes(notebook(*released[:-1], cell.text))
    (said,) = shown_by(cell)
    assert said.startswith("initialization.ipynb is handed in for ada.")
    assert server.asked[-1][2] == opened.read_bytes()


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_notebook_released_before_it_had_the_cell_is_graded_as_it_was(assignment: str) -> None:
    source = ROOT / "source" / assignment / f"{assignment}.ipynb"
    known = parse_assignment(assignment, source.read_text(encoding="utf-8"), {}, source.name)
    released = json.loads((ROOT / "release" / assignment / source.name).read_text(encoding="utf-8"))
    of_today = plan_submission(json.dumps(released).encode(), known)
    before = released | {"cells": [cell for cell in released["cells"] if "hand-in" not in cell["id"]]}
    assert len(released["cells"]) - len(before["cells"]) == 2
    planned = plan_submission(json.dumps(before).encode(), known)
    assert planned.flags == of_today.flags == ()
    assert [cell.source for cell in planned.cells] == [cell.source for cell in of_today.cells[:-2]]
    assert planned.by_grade_id.keys() == of_today.by_grade_id.keys()
