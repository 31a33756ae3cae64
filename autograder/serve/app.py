"""The addresses of the service, and what each answers."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from autograder.course import Course
from autograder.pages import own_hash, render
from autograder.pages.feedback import assignment_title
from autograder.pages.told import message_page, told_page
from autograder.serve.description import description
from autograder.serve.entries import Entry, Outcome
from autograder.serve.grader import Grader
from autograder.serve.guard import FEEDBACK_POLICY, Guard, page_policy
from autograder.serve.hub import CALLBACK
from autograder.serve.links import Person
from autograder.serve.live import live_view
from autograder.serve.logins import Logins
from autograder.serve.metrics import Metrics
from autograder.serve.people import Known, People
from autograder.serve.queue import Queue
from autograder.serve.requests import announced_bytes, read_body, read_notebook, require_own_page
from autograder.serve.room import RefusedError
from autograder.serve.spellings import Spellings
from autograder.serve.told import told_result
from autograder.serve.uploads import Uploads
from autograder.storage import StorageError

_MOST_LISTED = 50
_DISK_RETRY_S = 60
_NO_LINK = (
    "Open the personal link that your instructor sent you; this one is missing, has ended or was revoked."
)
_NOT_THERE = "There is no such submission of yours."


@dataclass(frozen=True)
class Told:
    """What the course tells, and where the service is.

    Attributes
    ----------
    assignments : tuple of str
        What can be handed in; empty for all that are released (all, where none is).
    everything : bool
        Hidden checks are told before the deadline, too.
    address : str
        Under which students reach the service, without a slash at its end.
    hosts : frozenset of str
        Names under which it may be asked.
    version : str
        Of the program.
    """

    assignments: tuple[str, ...] = ()
    everything: bool = False
    address: str = ""
    hosts: frozenset[str] = field(default_factory=frozenset)
    version: str = ""


class Service:
    """Answers requests.

    Parameters
    ----------
    course : Course
    queue : Queue
    grader : Grader
    people : People
    spellings : Spellings
    told : Told
    """

    def __init__(
        self, course: Course, queue: Queue, grader: Grader, people: People, spellings: Spellings, told: Told
    ) -> None:
        self._course, self._queue, self._grader = course, queue, grader
        self._people, self._spellings, self._told = people, spellings, told
        self._metrics, self._uploads = Metrics(queue, grader), Uploads(queue.bounds)
        self._prefix = "/" + "/".join(told.address.split("/")[3:]) if told.address.count("/") > 2 else ""
        self._logins = Logins(people, self._prefix, is_https=self._is_https)

    def app(self) -> ASGIApp:
        """The whole service behind its checks."""
        routes = self.routes()
        app = Starlette(
            routes=[Mount(self._prefix, routes=routes)] if self._prefix else routes,
            exception_handlers={HTTPException: self._explain},
        )
        return Guard(app, self._told.hosts, is_https=self._is_https)

    def routes(self) -> Sequence[Route]:
        """Its addresses."""
        return [
            Route("/", self._hand_in_page),
            Route("/live", self._live_page),
            Route(CALLBACK, self._logins.come_back),
            Route("/health", self._health),
            Route("/metrics", self._show_metrics),
            Route("/api/openapi.json", self._describe),
            Route("/api/session", self._open_session, methods=["POST"]),
            Route("/api/submissions", self._mine),
            Route("/api/submissions", self._hand_in, methods=["POST"]),
            Route("/api/submissions/{id}", self._submission),
            Route("/api/submissions/{id}/result", self._result),
            Route("/api/live", self._live),
            Route("/feedback/{id}", self._feedback),
        ]

    @property
    def _is_https(self) -> bool:
        return self._told.address.startswith("https://")

    async def _hand_in_page(self, request: Request) -> Response:
        if login := await self._logins.wanted(request, "/"):
            return login
        page = render("hand_in.html.j2")
        return HTMLResponse(page, headers={"Content-Security-Policy": page_policy(own_hash("hand_in.js"))})

    async def _live_page(self, request: Request) -> Response:
        if login := await self._logins.wanted(request, "/live"):
            return login
        page = render("live.html.j2")
        return HTMLResponse(page, headers={"Content-Security-Policy": page_policy(own_hash("live.js"))})

    async def _health(self, request: Request) -> Response:
        fault = self._grader.fault
        good = self._grader.is_alive and not fault
        status = "ok" if good else "standing still"
        # The text of a fault may hold paths: instructors read it on their page.
        told = "" if good else "Nothing is graded at the moment; what was accepted is kept."
        content = {"status": status, "waiting": len(self._queue.waiting()), "fault": told}
        return JSONResponse(content, 200 if good else 503)

    async def _show_metrics(self, request: Request) -> Response:
        return Response(self._metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _describe(self, request: Request) -> Response:
        return JSONResponse(description(self._told.version, self._prefix))

    async def _open_session(self, request: Request) -> Response:
        """Take a link's token from the page, once, and give it back as a cookie that no script can read."""
        require_own_page(request)
        token = (await read_body(request, 2_000, 10.0)).decode("utf-8", "replace").strip()
        if self._people.links.person(token) is None:
            raise HTTPException(401, _NO_LINK)
        return self._logins.keep(token)

    async def _mine(self, request: Request) -> Response:
        person = (await self._known(request)).person
        works = [
            {
                "assignment": assignment,
                "notebook": notebook,
                "tries_left": self._queue.tries_left(person.name, assignment, notebook),
                "due": due and due.isoformat(timespec="seconds"),
                "is_past_due": self._grader.is_past_due(person.name, assignment),
            }
            for assignment in self._assignments()
            for due in [self._grader.due(person.name, assignment)]
            for notebook in self._course.notebook_names(assignment)
        ]
        entries = self._queue.of_student(person.name)[:_MOST_LISTED]
        return JSONResponse(
            {
                "name": person.name,
                "role": person.role,
                "assignments": works,
                "submissions": [self._shown(entry) for entry in entries],
            }
        )

    async def _hand_in(self, request: Request) -> Response:
        known = await self._known(request)
        if not known.by_program:
            require_own_page(request)
        assignment, notebook = self._wanted(request)
        work = known.person.name, assignment, notebook
        announced = announced_bytes(request, self._queue.bounds.notebook_bytes)
        try:
            if announced is not None:
                self._queue.require_room(*work, announced)
            with self._uploads.begin(known.person.name, announced) as count:
                content = await read_notebook(request, self._queue.bounds, count)
                self._require_spelling(known.person)
                self._spellings.add(known.person.name)
                started = time.monotonic()
                entry, is_new = await run_in_threadpool(self._queue.accept, *work, content)
        except RefusedError as refused:
            self._metrics.refused.labels(refused.status).inc()
            raise HTTPException(refused.status, str(refused), _retry_after(refused.retry_s)) from refused
        except StorageError as error:
            self._metrics.refused.labels(503).inc()
            sentence = "The service cannot write at the moment, so your notebook was not accepted. Try later."
            raise HTTPException(503, sentence, _retry_after(_DISK_RETRY_S)) from error
        self._metrics.acknowledged.observe(time.monotonic() - started)
        if is_new:
            self._metrics.accepted.inc()
        return JSONResponse(self._shown(entry), 201 if is_new else 200)

    async def _submission(self, request: Request) -> Response:
        return JSONResponse(self._shown(await self._own_entry(request)))

    async def _result(self, request: Request) -> Response:
        entry = await self._own_entry(request)
        outcome = self._queue.outcome(entry)
        if outcome is None:
            return JSONResponse(self._shown(entry), 202)
        about = {"id": entry.id, "assignment": entry.assignment}
        return JSONResponse(about | await self._told_of(request, entry, outcome))

    async def _feedback(self, request: Request) -> Response:
        if login := await self._logins.wanted(request, request.url.path.removeprefix(self._prefix)):
            return login
        entry = await self._own_entry(request)
        outcome = self._queue.outcome(entry)
        title = assignment_title(entry.assignment)
        if outcome is None:
            sentence = "Your notebook waits to be graded. Load this page again in a moment."
            return HTMLResponse(
                message_page(title, sentence), 202, {"Content-Security-Policy": page_policy()}
            )
        told = await self._told_of(request, entry, outcome)
        page = self._queue.page(entry) if told["told"] == "all" else None
        if page is None:
            page = told_page(title, entry.student, told)
        return HTMLResponse(page, headers={"Content-Security-Policy": FEEDBACK_POLICY})

    async def _live(self, request: Request) -> Response:
        if not (await self._known(request)).person.teaches:
            raise HTTPException(403, "This page is for instructors: autograder serve links --instructor NAME")
        return JSONResponse(live_view(self._queue, self._grader, time.time()))

    async def _explain(self, request: Request, error: Exception) -> Response:
        """An error as a sentence: JSON for programs, a page where people look."""
        assert isinstance(error, HTTPException)
        path = request.url.path.removeprefix(self._prefix)
        if path.startswith("/feedback/"):
            page = message_page("Feedback", error.detail)
            headers = {**(error.headers or {}), "Content-Security-Policy": page_policy()}
            return HTMLResponse(page, error.status_code, headers)
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    async def _known(self, request: Request) -> Known:
        known = await self._people.of(request)
        if known is None:
            raise HTTPException(401, _NO_LINK, {"WWW-Authenticate": "Bearer"})
        if not known.person.teaches:
            self._require_spelling(known.person)
        return known

    def _require_spelling(self, person: Person) -> None:
        if fault := self._spellings.fault(person.name):
            raise HTTPException(403, fault)

    async def _own_entry(self, request: Request) -> Entry:
        """The entry that the address names, if it is the student's own; instructors see all."""
        person = (await self._known(request)).person
        entry = self._queue.find(request.path_params["id"])
        if entry is None or not (person.teaches or entry.student == person.name):
            raise HTTPException(404, _NOT_THERE)
        return entry

    def _wanted(self, request: Request) -> tuple[str, str]:
        """The assignment and the notebook that are handed in."""
        assignment = request.query_params.get("assignment", "")
        open_ones = self._assignments()
        if assignment not in open_ones:
            raise HTTPException(
                404,
                f"There is no such assignment. Name one: ?assignment={' or '.join(open_ones) or '(none)'}",
            )
        names = self._course.notebook_names(assignment)
        notebook = request.query_params.get("notebook") or (names[0] if len(names) == 1 else "")
        if notebook not in names:
            raise HTTPException(400, f"Name the notebook: ?notebook={' or '.join(names)}")
        return assignment, notebook

    def _assignments(self) -> Sequence[str]:
        if self._told.assignments:
            return self._told.assignments
        known = self._course.assignments()
        return [name for name in known if self._course.release(name).is_dir()] or known

    async def _told_of(self, request: Request, entry: Entry, outcome: Outcome) -> dict[str, Any]:
        everything = (
            self._told.everything
            or (await self._known(request)).person.teaches
            or self._grader.is_past_due(entry.student, entry.assignment)
        )
        return told_result(outcome.result, outcome.hidden, everything=everything)

    def _shown(self, entry: Entry) -> dict[str, Any]:
        place = self._queue.place(entry)
        state = "done" if not place else "running" if self._queue.is_running(entry) else "waiting"
        return {
            "id": entry.id,
            "assignment": entry.assignment,
            "notebook": entry.notebook,
            "accepted_at": moment_text(entry.accepted_at),
            "state": state,
            "place": place,
            "again": self._queue.runs_again(entry),
            "seconds_left": round(place * self._queue.seconds_each, 1),
            "tries_left": self._queue.tries_left(*entry.work),
            "result": f"api/submissions/{entry.id}/result",
            "feedback": f"feedback/{entry.id}",
        }


def moment_text(seconds: float) -> str:
    """A moment as ISO 8601 in UTC.

    >>> moment_text(0.0)
    '1970-01-01T00:00:00+00:00'
    """
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds")


def _retry_after(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(max(1, round(seconds + 0.5)))}
