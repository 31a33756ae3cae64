"""What may be on its way to the service at once, and what is refused before it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from autograder.serve.bounds import Bounds
from tests import small_course
from tests.small_course import NAME

pytest.importorskip("starlette", reason="the service's packages are not installed (the extra `serve`)")
pytest.importorskip("uvicorn", reason="the service's packages are not installed (the extra `serve`)")

from autograder.serve import app, guard
from tests.serve_client import ADDRESS, Served, finished
from tests.test_serve_log import answer_to, listening, request

HAND_IN = f"/api/submissions?assignment={NAME}"
USED = "All 1 tries of ps1 are used; the last submission counts. Ask your instructor."
TOO_MANY = "Too many notebooks are being sent at the moment. Hand in again in a moment."
SENT_ALREADY = "2 of your notebooks are being sent already. Hand in again when one has arrived."
Make = Callable[..., Served]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(**bounds: Any) -> Served:
        return Served(small_course.make_course(tmp_path), Bounds(**{"apart_s": 0.0} | bounds))

    return made


def bearer(served: Served, name: str) -> str:
    return f"Authorization: {served.bearer(name)['Authorization']}"


def test_what_the_queue_would_refuse_is_refused_before_it_is_read(make: Make) -> None:
    served = make(tries=1)
    served.hand_in("ada", b"{}")
    asked = request("POST", HAND_IN, b"", bearer(served, "ada"), "Expect: 100-continue")
    asked = asked.replace(b"Content-Length: 0", b"Content-Length: 19900000")

    async def ask() -> bytes:
        async with listening(served.app) as port:
            return await answer_to(port, asked)

    answer = finished(ask)
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n"), "no `100 Continue` before it"
    assert USED.encode() in answer


def test_whoever_sends_all_of_what_is_refused_reads_the_sentence_and_none_of_it_is_kept(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = make(tries=1)
    served.hand_in("ada", b"{}")
    monkeypatch.setattr(app, "read_notebook", None)
    asked = request("POST", HAND_IN, b" " * 5_000_000, bearer(served, "ada"))

    async def ask() -> list[bytes]:
        async with listening(served.app) as port:
            return [await answer_to(port, one) for one in (asked, asked.replace(b"Bearer ", b"Bearer x"))]

    used, unknown = finished(ask)
    assert used.startswith(b"HTTP/1.1 403 ")
    assert USED.encode() in used
    assert unknown.startswith(b"HTTP/1.1 401 ")


def test_a_refusal_waits_a_moment_for_the_rest_and_then_closes_the_connection(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_REST_S", 0.05)
    served = make(tries=1)
    served.hand_in("ada", b"{}")
    asked = request("POST", HAND_IN, b"{", bearer(served, "ada")).replace(b"Connection: close\r\n", b"")
    asked = asked.replace(b"Content-Length: 1", b"Content-Length: 100")

    async def ask() -> bytes:
        async with listening(served.app) as port:
            return await answer_to(port, asked)

    answer = finished(ask)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"connection: close\r\n" in answer.lower()


def test_the_last_notebook_sent_again_is_read_whatever_the_bounds_say(make: Make) -> None:
    served = make(tries=1, apart_s=60.0)
    assert [served.hand_in("ada", b"{}").status_code for _ in range(2)] == [201, 200]
    assert [served.hand_in("ada", content).status_code for content in (b"[]", b"[ ]")] == [403, 403]


def test_a_notebook_that_is_too_large_is_told_so_whatever_waits(make: Make) -> None:
    served = make(notebook_bytes=10, bytes_each=20, uploads_bytes=10)
    assert served.hand_in("ada", b"x" * 30).status_code == 413


class Sending:
    """Notebooks that arrive as far as a test wants."""

    def __init__(self, served: Served) -> None:
        self._served, self._may_end = served, asyncio.Event()
        transport = httpx.ASGITransport(served.app)
        self._client = httpx.AsyncClient(transport=transport, base_url=ADDRESS)

    async def begin(self, student: str, content: bytes) -> asyncio.Task[httpx.Response]:
        """All but the last byte has arrived when this returns, or it was refused."""
        arrived = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield content[:-1]
            arrived.set()
            await self._may_end.wait()
            yield content[-1:]

        sent = self._client.post(HAND_IN, content=body(), headers=self._served.bearer(student))
        task = asyncio.create_task(sent)
        waiting = asyncio.create_task(arrived.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return task

    async def end(self, *tasks: asyncio.Task[httpx.Response]) -> list[int]:
        """The statuses, when all has arrived."""
        self._may_end.set()
        return [answer.status_code for answer in await asyncio.gather(*tasks)]

    async def refused(self, student: str, content: bytes) -> tuple[int, str, str]:
        """Status, sentence and time to come again."""
        answer = await self._client.post(HAND_IN, content=content, headers=self._served.bearer(student))
        return answer.status_code, answer.json()["error"], answer.headers["Retry-After"]


def test_two_notebooks_of_one_person_may_be_on_their_way(make: Make) -> None:
    served = make()

    async def ask() -> None:
        sending = Sending(served)
        both = [await sending.begin("ada", content) for content in (b"{}", b"[]")]
        assert await sending.refused("ada", b"{ }") == (429, SENT_ALREADY, "6")
        other = await sending.begin("bob", b"{}")
        assert await sending.end(*both, other) == [201, 201, 201]
        assert await sending.end(await sending.begin("ada", b"{ }")) == [201]

    finished(ask)
    assert 'autograder_submissions_refused_total{status="429"} 1.0' in served.client.get("/metrics").text


def test_all_that_is_on_its_way_is_counted_as_it_arrives(make: Make) -> None:
    served = make(notebook_bytes=100, uploads_bytes=100)

    async def ask() -> None:
        sending = Sending(served)
        first = await sending.begin("ada", b"x" * 61)
        assert await sending.refused("bob", b"x" * 41) == (503, TOO_MANY, "6"), "it says how large it is"
        second = await sending.begin("bob", b"x" * 41)
        refused = await sending.begin("eve", b"x" * 2)
        assert await sending.end(first, second, refused) == [503, 201, 503], "one makes room for another"
        assert await sending.end(await sending.begin("ada", b"x" * 100)) == [201], "nothing counts any more"

    finished(ask)


def test_of_two_spellings_on_their_way_the_first_that_has_arrived_is_the_student(make: Make) -> None:
    served = make()

    async def ask() -> None:
        sending = Sending(served)
        both = [await sending.begin(name, b"{}") for name in ("ada", "Ada")]
        assert sorted(await sending.end(*both)) == [201, 403]

    finished(ask)
