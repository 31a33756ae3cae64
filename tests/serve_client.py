"""The hand-in service without a network and without grading: a queue on disk, and a client that asks it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx

from autograder.class_options import Options
from autograder.course import Course
from autograder.serve.app import Service, Told
from autograder.serve.bounds import Bounds
from autograder.serve.entries import Entry
from autograder.serve.grader import Grader
from autograder.serve.hub import Hub
from autograder.serve.links import Links, Person
from autograder.serve.people import People, Proxy
from autograder.serve.queue import Queue, serve_folder
from autograder.serve.spellings import Spellings
from autograder.serve.unwritten import Unwritten
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from tests.small_course import NAME

ADDRESS = "http://127.0.0.1:8765"
BOUNDS = Bounds(apart_s=0.0)
PASSED = TestResult("double_two", 10.0, 10.0, Verdict.PASSED)
PARTIAL = TestResult("double_more", 2.0, 5.0, Verdict.PARTIAL, "one of two", hidden=True)

T = TypeVar("T")


def graded(student: str, *tests: TestResult, status: Status = Status.GRADED) -> SubmissionResult:
    """A result with these tests."""
    score, most = sum(test.score for test in tests), sum(test.max_score for test in tests)
    return SubmissionResult(student, NAME, status, score=score, max_score=most, tests=tests)


def finished(begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine returns, in a thread of its own: a test's browser leaves a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(begin())).result()


class Client:
    """Asks an application, from `peer`; cookies are kept."""

    def __init__(self, app: Any, address: str, peer: str = "127.0.0.1") -> None:
        self._app, self._address, self._peer = app, address, peer
        self.cookies = httpx.Cookies()

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._answer("GET", path, more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self._answer("POST", path, more)

    def _answer(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        return finished(lambda: self._ask(method, path, more))

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False, client=(self._peer, 1))
        async with httpx.AsyncClient(
            transport=transport, base_url=self._address, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, **more)
            self.cookies = client.cookies
            return answer


class Served:
    """A course with a service whose grader is not started; `clock` is its time."""

    def __init__(
        self,
        course: Course,
        bounds: Bounds = BOUNDS,
        proxy: Proxy | None = None,
        hub: Hub | None = None,
        **told: Any,
    ) -> None:
        self.course, self.now = course, 1_000.0
        self.folder: Path = serve_folder(course)
        self.queue = Queue(self.folder, bounds, clock=lambda: self.now, steady=lambda: self.now)
        self.grader = Grader(course, self.queue, Options(), Unwritten(serve_folder(course)))
        self.links = Links(self.folder)
        hosts = frozenset({"127.0.0.1", "grader.school.example"})
        settings = dataclasses.replace(Told(address=ADDRESS, hosts=hosts), **told)
        spellings = Spellings(course, self.queue.students())
        service = Service(
            course, self.queue, self.grader, People(self.links, proxy, hub), spellings, settings
        )
        self.routes = {(method, route.path) for route in service.routes() for method in route.methods or ()}
        self.app = service.app()
        self.client = Client(self.app, settings.address)

    def bearer(self, name: str, role: str = "student") -> dict[str, str]:
        """The header of who holds a link."""
        return {"Authorization": f"Bearer {self.links.token(Person(name, role), 1)}"}

    def hand_in(self, student: str, content: bytes = b"{}", **query: str) -> Any:
        """The answer to a notebook of a student's."""
        asked = {"assignment": NAME} | query
        return self.client.post(
            "/api/submissions", params=asked, content=content, headers=self.bearer(student)
        )

    def get(self, path: str, name: str, role: str = "student") -> Any:
        """The answer to who holds a link."""
        return self.client.get(path, headers=self.bearer(name, role))

    def finish(self, result: SubmissionResult, page: str = "<p>the whole page</p>") -> Entry:
        """Let the oldest submission of the result's student have this outcome."""
        entry = next(one for one in self.queue.waiting() if one.student == result.student)
        self.queue.finish(entry, result, {"double_more"}, page)
        return entry
