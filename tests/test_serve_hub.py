"""The service behind JupyterHub: a login there, and who comes back; with a made-up hub and a real one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar, NoReturn
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from autograder.course import CourseError
from autograder.serve.hub import Hub, HubError
from init_utils.handing_in import LINK_VARIABLE, hand_in
from init_utils.handing_in.credentials import HUB_TOKEN_VARIABLE
from tests import small_course
from tests.answering import answering
from tests.small_course import NAME

pytest.importorskip("starlette", reason="the service's packages are not installed (the extra `serve`)")
uvicorn = pytest.importorskip("uvicorn", reason="the service's packages are not installed (extra `serve`)")

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = "http://127.0.0.1:8765/services/hand-in"
SCOPE = "access:services!service=hand-in"
PATIENCE_S = 300.0


class FakeHub(HTTPServer):
    """Answers as the hub's API does: a code is worth a token, a token a user."""

    users: ClassVar[dict[str, dict[str, Any]]] = {
        "ada": {"name": "ada", "scopes": [SCOPE]},
        "root": {"name": "root", "admin": True, "scopes": [SCOPE]},
        "ADA": {"name": "ADA", "scopes": [SCOPE]},
        "eve": {"name": "eve", "scopes": ["self"]},
        "../ada": {"name": "../ada", "scopes": [SCOPE]},
        "robot": {"name": "robot", "kind": "service", "scopes": [SCOPE]},
    }

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubAnswers)
        self.codes: list[dict[str, list[str]]] = []
        self.tokens: list[str] = []


class HubAnswers(BaseHTTPRequestHandler):
    server: FakeHub

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.codes.append(asked)
        self._answer({"access_token": asked["code"][0].removeprefix("code-of-")})

    def do_GET(self) -> None:
        self.server.tokens.append(token := self.headers["Authorization"].removeprefix("token "))
        self._answer(self.server.users.get(token))

    def _answer(self, told: Any) -> None:
        content = json.dumps(told).encode()
        self.send_response(200 if told else 403)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    with answering(FakeHub()) as made:
        yield made


def environment(api_url: str) -> dict[str, str]:
    return {
        "JUPYTERHUB_API_TOKEN": "service-secret",
        "JUPYTERHUB_API_URL": api_url,
        "JUPYTERHUB_CLIENT_ID": "service-hand-in",
        "JUPYTERHUB_SERVICE_NAME": "hand-in",
        "JUPYTERHUB_SERVICE_PREFIX": "/services/hand-in/",
        "JUPYTERHUB_BASE_URL": "/",
    }


@pytest.fixture
def served(fake: FakeHub, tmp_path: Path) -> Any:
    from tests.serve_client import Served

    hub = Hub.of_environment(
        environment(f"http://127.0.0.1:{fake.server_port}/hub/api"), frozenset({"grace"})
    )
    return Served(small_course.make_course(tmp_path), hub=hub, address=PUBLIC)


def log_in(served: Any, user: str, path: str = "/") -> Any:
    """The answer to who comes back from the hub's login, and the query the hub was asked with."""
    sent = served.client.get(PUBLIC + path)
    assert sent.status_code == 302
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    back = {"code": f"code-of-{user}", "state": asked["state"][0]}
    return served.client.get(f"{PUBLIC}/oauth_callback", params=back), asked


def test_who_logs_in_at_the_hub_is_that_student(served: Any, fake: FakeHub) -> None:
    answer, asked = log_in(served, "ada")
    assert (answer.status_code, answer.headers["location"]) == (302, "/services/hand-in/")
    assert {key: asked[key] for key in ("client_id", "redirect_uri", "response_type")} == {
        "client_id": ["service-hand-in"],
        "redirect_uri": ["/services/hand-in/oauth_callback"],
        "response_type": ["code"],
    }
    assert fake.codes[0]["client_secret"] == ["service-secret"]
    mine = served.client.get(f"{PUBLIC}/api/submissions").json()
    assert (mine["name"], mine["role"]) == ("ada", "student")


def test_an_administrator_of_the_hub_is_an_instructor(served: Any) -> None:
    log_in(served, "root", "/live")
    assert served.client.get(f"{PUBLIC}/api/live").status_code == 200


def test_a_login_leads_back_to_the_page_that_was_asked_for_and_to_no_other_site(served: Any) -> None:
    path = "/feedback/" + "0" * 24
    assert log_in(served, "ada", path)[0].headers["location"] == f"/services/hand-in{path}"
    served.client.cookies.clear()
    sent = served.client.get(f"{PUBLIC}/feedback/%2F%2Fevil.example")
    assert sent.status_code in (302, 404)
    if sent.status_code == 302:
        state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
        back = served.client.get(f"{PUBLIC}/oauth_callback", params={"code": "code-of-ada", "state": state})
        assert back.headers["location"] == "/services/hand-in/"


@pytest.mark.parametrize("user", ["eve", "../ada", "robot", "nobody"])
def test_whom_the_hub_gives_no_access_gets_none(served: Any, user: str) -> None:
    answer, _ = log_in(served, user)
    assert (answer.status_code, answer.json()) == (
        403,
        {"error": "JupyterHub does not let you use this service. Ask your instructor."},
    )
    assert served.client.get(f"{PUBLIC}/api/submissions").status_code == 401


def test_a_login_that_another_browser_began_is_refused(served: Any) -> None:
    sent = served.client.get(f"{PUBLIC}/")
    state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
    served.client.cookies.clear()
    for given in (state, "", secrets.token_urlsafe(8)):
        answer = served.client.get(f"{PUBLIC}/oauth_callback", params={"code": "code-of-ada", "state": given})
        assert answer.status_code == 403


def test_a_token_of_the_hub_hands_in_for_its_user(served: Any) -> None:
    answer = served.client.post(
        f"{PUBLIC}/api/submissions",
        params={"assignment": NAME},
        content=b"{}",
        headers={"Authorization": "Bearer ada"},
    )
    assert answer.status_code == 201
    assert [entry.student for entry in served.queue.waiting()] == ["ada"]


def test_a_user_of_the_hub_in_another_spelling_is_no_other_student(served: Any) -> None:
    served.hand_in("ada")
    for login in (served.client.get, served.client.post):
        answer = login(
            f"{PUBLIC}/api/submissions",
            params={"assignment": NAME},
            headers={"Authorization": "Bearer ADA"},
        )
        assert answer.status_code == 403
        assert answer.json()["error"].startswith("This course knows you as 'ada', not as 'ADA'. ")
    log_in(served, "ADA")
    assert served.client.get(f"{PUBLIC}/api/submissions").status_code == 403


def asked_with(served: Any, *tokens: str) -> list[int]:
    """The statuses for who shows these tokens."""
    headers = [{"Authorization": f"Bearer {token}"} for token in tokens]
    return [served.client.get(f"{PUBLIC}/api/submissions", headers=one).status_code for one in headers]


@pytest.mark.parametrize("token", ["x" * 257, "", "a b", "<script>"])
def test_what_can_be_no_token_costs_the_hub_no_question(served: Any, fake: FakeHub, token: str) -> None:
    assert asked_with(served, token) == [401]
    assert fake.tokens == []


def test_the_hub_is_asked_once_in_a_while_about_a_token(
    served: Any, fake: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked_with(served, "nobody", "ada", "nobody", "ada") == [401, 200, 401, 200]
    assert fake.tokens == ["nobody", "ada"]
    monkeypatch.setattr("autograder.serve.hub._REFUSED_S", 0.0)
    assert asked_with(served, "eve", "eve") == [401, 401]
    assert fake.tokens == ["nobody", "ada", "eve", "eve"]


def test_no_more_refusals_are_remembered_than_there_is_room_for(
    fake: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.serve.hub._MOST_REMEMBERED", 2)
    hub = Hub.of_environment(environment(f"http://127.0.0.1:{fake.server_port}/hub/api"))
    for number in range(5):
        with pytest.raises(HubError):
            hub.person_of_token(f"nobody-{number}")
    assert list(hub._refused) == ["nobody-4"]


def test_a_hub_that_hangs_holds_up_nobody_whom_it_need_not_be_asked_for(
    served: Any, fake: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.serve_client import finished

    assert asked_with(served, "ada") == [200]
    may_answer, lock, at_once = threading.Event(), threading.Lock(), [0, 0]

    def hanging(hub: Hub, path: str, *_rest: Any) -> NoReturn:
        with lock:
            at_once[0] += 1
            at_once[1] = max(at_once)
        may_answer.wait()
        with lock:
            at_once[0] -= 1
        raise HubError("too late")

    monkeypatch.setattr(Hub, "_ask", hanging)

    async def ask() -> None:
        transport = httpx.ASGITransport(served.app)
        async with httpx.AsyncClient(transport=transport) as client:

            async def get(token: str) -> httpx.Response:
                headers = {"Authorization": f"Bearer {token}"}
                return await client.get(f"{PUBLIC}/api/submissions", headers=headers)

            tasks = [asyncio.create_task(get(f"nobody-{number}")) for number in range(60)]
            try:
                while sum(task.done() for task in tasks) < 20:
                    await asyncio.sleep(0.01)
                link = served.bearer("bob")["Authorization"].partition(" ")[2]
                assert [(await get(token)).status_code for token in (link, "ada")] == [200, 200]
            finally:
                may_answer.set()
            answers = await asyncio.gather(*tasks)
        statuses = [answer.status_code for answer in answers]
        assert (statuses.count(503), statuses.count(401)) == (20, 40)
        refused = next(answer for answer in answers if answer.status_code == 503)
        assert refused.headers["Retry-After"] == "10"
        assert refused.json() == {"error": "JupyterHub takes long to say who you are. Try again in a moment."}

    finished(ask)
    assert at_once == [0, 8]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "ps1.ipynb"
    path.write_text(small_course.notebook(), encoding="utf-8")
    return path


def test_in_the_hub_a_notebook_is_handed_in_for_who_has_logged_in_there(
    served: Any, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(served.app, lifespan="off", log_level="critical", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            address = f"http://127.0.0.1:{listening.getsockname()[1]}/services/hand-in"
            monkeypatch.setenv(LINK_VARIABLE, address)
            monkeypatch.setenv(HUB_TOKEN_VARIABLE, "ada")
            given = hand_in(notebook)
            monkeypatch.setenv(HUB_TOKEN_VARIABLE, "eve")
            refused = hand_in(notebook)
        finally:
            server.should_exit = True
            thread.join()
    (entry,) = served.queue.waiting()
    assert (entry.student, served.queue.content(entry)) == ("ada", notebook.read_bytes())
    assert given.feedback == f"{address}/feedback/{entry.id}"
    assert refused.sentence.startswith("Nothing was handed in: the service does not know you by your login")


def test_a_hub_that_does_not_answer_lets_nobody_in(served: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    hub = Hub.of_environment(environment(f"http://127.0.0.1:{port}/hub/api"))
    with pytest.raises(HubError, match="the hub does not say who this is"):
        hub.person_of_token("ada")


def test_outside_of_a_hub_the_option_says_what_is_missing() -> None:
    with pytest.raises(CourseError) as caught:
        Hub.of_environment({"JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api"})
    assert str(caught.value) == (
        "--hub is for a service that JupyterHub starts or knows: JUPYTERHUB_API_TOKEN, JUPYTERHUB_CLIENT_ID, "
        "JUPYTERHUB_SERVICE_NAME, JUPYTERHUB_SERVICE_PREFIX is not set in the environment. docs/serve.md has "
        "the lines for jupyterhub_config.py."
    )


CONFIG = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.command = ["{program}"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "word"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.services = [
    {{"name": "hand-in", "url": "http://127.0.0.1:{service}", "api_token": "service-secret",
      "oauth_no_confirm": True}},
    {{"name": "teacher", "api_token": "teacher-secret"}},
]
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": ["self", "{scope}"]}},
    {{"name": "server", "scopes": ["inherit"]}},
    {{"name": "teacher", "scopes": ["tokens", "users"], "services": ["teacher"]}},
]
"""


def leave_out(why: str) -> NoReturn:
    """Skip the test; in CI everything it needs must be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{why}; in CI this is a failure", pytrace=False)
    pytest.skip(why)


def find_proxy() -> str:
    """The program of configurable-http-proxy, beside this clone's own JavaScript tools or on the path."""
    own = ROOT / "node_modules" / ".bin" / "configurable-http-proxy"
    return str(own) if own.is_file() else shutil.which("configurable-http-proxy") or ""


def free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def ask_until(client: httpx.Client, address: str) -> httpx.Response:
    """The first good answer: the proxy says 404 and 503 of what is not there yet."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = client.get(address)
            if answer.status_code == 200:
                return answer
        except httpx.TransportError as error:
            if time.monotonic() > deadline:
                raise AssertionError(f"{address} does not answer") from error
        assert time.monotonic() < deadline, f"{address} does not answer"
        time.sleep(0.2)


@pytest.mark.slow
def test_with_a_real_hub_one_logs_in_hands_in_and_sees_only_ones_own(
    tmp_path: Path, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path(sys.executable).with_name("jupyterhub").is_file():
        leave_out("JupyterHub is not installed: pip install jupyterhub")
    if not (program := find_proxy()):
        leave_out("configurable-http-proxy is not installed: npm ci")
    course = small_course.make_course(tmp_path / "course")
    public, hub, proxy, service = free_ports(4)
    values = {"public": public, "hub": hub, "proxy": proxy, "service": service, "program": program}
    config = tmp_path / "jupyterhub_config.py"
    config.write_text(CONFIG.format(folder=tmp_path, scope=SCOPE, **values), encoding="utf-8")
    address = f"http://127.0.0.1:{public}/services/hand-in"
    words = ["serve", "--course", str(course.root), "--port", str(service), "--isolation", "none", "--hub"]
    words += ["--root-in-container", "--address", address]
    told = os.environ | environment(f"http://127.0.0.1:{hub}/hub/api")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    started = [
        subprocess.Popen([sys.executable, "-m", "jupyterhub", "-f", str(config)], cwd=tmp_path, **quiet),
        subprocess.Popen([sys.executable, "-m", "autograder", *words], cwd=ROOT, env=told, **quiet),
    ]
    try:
        with browser(public, "ada") as ada, browser(public, "bob") as bob:
            assert ask_until(ada, f"{address}/health").status_code == 200
            for client, name in ((ada, "ada"), (bob, "bob")):
                assert client.get(f"{address}/").status_code == 200
                assert client.get(f"{address}/api/submissions").json()["name"] == name
            own = {"Origin": f"http://127.0.0.1:{public}"}
            asked = {"assignment": NAME}
            entry = ada.post(f"{address}/api/submissions", params=asked, content=b"{}", headers=own).json()
            assert ada.get(f"{address}/api/submissions/{entry['id']}").json()["id"] == entry["id"]
            assert bob.get(f"{address}/api/submissions/{entry['id']}").status_code == 404
            assert bob.get(f"{address}/api/submissions").json()["submissions"] == []
        given = httpx.post(
            f"http://127.0.0.1:{hub}/hub/api/users/bob/tokens",
            headers={"Authorization": "token teacher-secret"},
            json={"roles": ["server"]},
            trust_env=False,
        ).json()
        monkeypatch.setenv(HUB_TOKEN_VARIABLE, given["token"])
        monkeypatch.setenv(LINK_VARIABLE, address)
        assert hand_in(notebook).sentence.startswith("ps1.ipynb is handed in for bob.")
    finally:
        started[0].terminate()  # the hub ends its proxy, which is in no group of ours
        with contextlib.suppress(subprocess.TimeoutExpired):
            started[0].wait(PATIENCE_S)
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    with contextlib.suppress(httpx.TransportError):
        pytest.fail(f"the proxy is left: {httpx.get(f'http://127.0.0.1:{public}/', trust_env=False)}")


@contextlib.contextmanager
def browser(port: int, name: str) -> Iterator[httpx.Client]:
    """A browser that has logged in at the hub."""
    login = f"http://127.0.0.1:{port}/hub/login"
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=60.0) as client:
        ask_until(client, login)
        token = next(cookie.value for cookie in client.cookies.jar if cookie.name == "_xsrf")
        form = {"username": name, "password": "word", "_xsrf": token or ""}
        answer = client.post(login, params={"next": "/hub/home"}, data=form)
        assert answer.status_code == 200, answer.text
        yield client
