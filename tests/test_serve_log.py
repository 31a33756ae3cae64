"""What the service logs: faults, and nothing of who asks or of what was handed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import small_course
from tests.small_course import NAME

uvicorn = pytest.importorskip("uvicorn", reason="the service's packages are not installed (extra `serve`)")

SOLUTION = "def double(x):\n    return 'of-a-students-notebook'"


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[int]:
    """The port of the web server as `autograder serve` configures it."""
    from autograder.serve import run as running

    with running._listening(running.Settings(port=0)) as made:
        server = uvicorn.Server(made.config(app))
        serving = asyncio.create_task(server.serve(sockets=[made._socket]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield made.port
        server.should_exit = True
        await serving


async def answer_to(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


def request(method: str, target: str, body: bytes = b"", *headers: str) -> bytes:
    head = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def break_off(port: int, request: bytes) -> None:
    """Send a part of a body, and close the connection."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    writer.transport.abort()


def test_an_upload_that_breaks_off_is_no_fault_of_the_service(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.serve import app, requests
    from tests.serve_client import Served, finished

    served = Served(small_course.make_course(tmp_path))
    broken, all_broken = [], asyncio.Event()
    read_body = requests.read_body

    async def watched(*arguments: Any) -> bytes:
        try:
            return await read_body(*arguments)
        except BaseException as error:
            broken.append((error.status_code, error.detail))
            raise
        finally:
            if len(broken) == len(asked):
                all_broken.set()

    for module in (requests, app):
        monkeypatch.setattr(module, "read_body", watched)
    bearer = f"Authorization: {served.bearer('ada')['Authorization']}"
    asked = [
        request("POST", "/api/session", b"token", "Origin: http://127.0.0.1"),
        request("POST", f"/api/submissions?assignment={NAME}", b"{", bearer),
    ]

    async def ask() -> None:
        async with listening(served.app) as port:
            for one in asked:
                await break_off(port, one.replace(b"Content-Length: ", b"Content-Length: 9"))
            await all_broken.wait()

    finished(ask)
    assert broken == [(400, "The connection ended before all had arrived. Hand in again.")] * 2
    assert capfd.readouterr().err == ""


def test_no_link_no_key_and_nothing_of_a_notebook_is_logged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.serve_client import Served, finished

    served = Served(small_course.make_course(tmp_path))
    token = served.bearer("zq7-student")["Authorization"].partition(" ")[2]
    link, bearer = f"http://127.0.0.1/#{token}", f"Authorization: Bearer {token}"
    notebook = small_course.notebook(*small_course.submitted_cells(SOLUTION)).encode()
    hand_in = f"/api/submissions?assignment={NAME}"
    page = ["Referer: " + link, "Origin: http://127.0.0.1", f"Cookie: autograder-link={token}"]
    asked = [
        request("GET", "/", b"", "Referer: " + link),
        request("GET", f"/?token={token}", b"", bearer),
        request("GET", f"/{token}.ipynb", b"", bearer),
        request("POST", "/api/session", token.encode(), *page),
        request("POST", hand_in, notebook, bearer),
        request("POST", hand_in, notebook, *page),
        request("POST", f"{hand_in}&notebook={token}", notebook, bearer),
        request("POST", "/api/submissions", notebook, "Authorization: Bearer " + token[:-1]),
        f"GET /{token}\r\n\r\n{link}\r\n".encode(),  # no HTTP: that is logged
        notebook + b"\r\n\r\n",
    ]

    async def ask() -> list[bytes]:
        async with listening(served.app) as port:
            answers = [await answer_to(port, one) for one in asked]
            monkeypatch.setattr(served.queue, "accept", broken)
            return [*answers, await answer_to(port, request("POST", hand_in, notebook + b" ", bearer))]

    def broken(student: str, assignment: str, notebook: str, content: bytes) -> None:
        raise RuntimeError("a fault of ours")

    answers = finished(ask)
    statuses = [int(answer.split(b" ", 2)[1]) for answer in answers]
    assert statuses == [200, 200, 404, 204, 201, 200, 400, 401, 400, 400, 500]
    assert all(b"referrer-policy: no-referrer" in answer.lower() for answer in answers[:8])
    logged = "".join(capfd.readouterr())
    assert "RuntimeError: a fault of ours" in logged
    assert "Invalid HTTP request received." in logged
    secrets = [token, token.partition(".")[2], "of-a-students-notebook", "zq7-student", "Referer", ".ipynb"]
    secrets += [(served.folder / "key").read_text(encoding="latin-1").strip(), served.queue.waiting()[0].id]
    assert [secret for secret in secrets if secret in logged] == []
