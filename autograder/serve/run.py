"""The service started: refused where it would be unsafe, then queue, grader and web server in one process."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from autograder.class_options import Options
from autograder.course import Course, CourseError
from autograder.sandbox import SandboxError, selfcheck
from autograder.serve.app import Service, Told
from autograder.serve.bounds import Bounds
from autograder.serve.grader import Grader
from autograder.serve.hub import Hub
from autograder.serve.links import Links
from autograder.serve.people import People, Proxy
from autograder.serve.queue import Queue, serve_folder
from autograder.serve.spellings import Spellings, listed_students
from autograder.serve.unwritten import Unwritten
from autograder.storage import only_service

_HEAD_S = 20.0  # in which a request's head must have come
_MOST_CONNECTIONS = 1_000
_BACKLOG = 2_048
_GOODBYE_S = 10
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Settings:
    """How the service runs.

    Attributes
    ----------
    host, port : str, int
        Where it listens; port 0 for any that is free.
    address : str
        Under which students reach it; "" for where it listens.
    bounds : Bounds
    options : Options
        How to grade.
    assignments : tuple of str
    everything : bool
        As of `Told`.
    proxy : Proxy or None
    hub : Hub or None
    root_in_container : bool
        Root may run it.
    version : str
        Of the program, for the description.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    address: str = ""
    bounds: Bounds = field(default_factory=Bounds)
    options: Options = field(default_factory=Options)
    assignments: tuple[str, ...] = ()
    everything: bool = False
    proxy: Proxy | None = None
    hub: Hub | None = None
    root_in_container: bool = False
    version: str = ""


class PatientProtocol(H11Protocol):  # type: ignore[misc]  # optional, so mypy does not look into it
    """A connection that is closed when the head of its next request does not come in time."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        super().connection_made(transport)
        self._late = self.loop.call_later(_HEAD_S, self._give_up)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._late.cancel()
        self._late = self.loop.call_later(_HEAD_S, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._late.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and not self.transport.is_closing():
            self.transport.close()


def require_safe(settings: Settings) -> None:
    """Refuse what would be unsafe.

    Raises
    ------
    CourseError
        Root, an address that others reach without https, a tier that this machine does not have.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not settings.root_in_container:
        raise CourseError(
            "the service does not run as root: a fault in it would be one in everything. Start it as a user "
            "who owns the course, or say --root-in-container where root is a container's own."
        )
    if not _is_loopback(settings.host) and not settings.address.startswith("https://"):
        raise CourseError(
            f"--host {settings.host} can be reached from other machines, and without https anybody on the "
            "way reads links and notebooks. Put a proxy with https before it and name its address: "
            "--address https://grader.school.example"
        )
    try:
        selfcheck.require(settings.options.isolation)
    except SandboxError as error:
        raise CourseError(str(error)) from error


def serve(course: Course, settings: Settings, tell: Callable[[str], object]) -> None:
    """Serve until a signal ends it; `tell` is told the address when it listens.

    Raises
    ------
    CourseError
        It would be unsafe, another service holds the course, the port is taken, an assignment is unknown.
    """
    require_safe(settings)
    for name in settings.assignments:
        course.require_assignment(name)
    folder = serve_folder(course)
    with only_service(course, folder):
        queue = Queue(folder, settings.bounds)
        grader = Grader(course, queue, settings.options, Unwritten(folder))
        people = People(Links(folder), settings.proxy, settings.hub)
        spellings = Spellings(course, queue.students() | _listed(course))
        with _listening(settings) as server:
            address = settings.address or f"http://{_shown_host(settings.host)}:{server.port}"
            told = Told(
                assignments=settings.assignments,
                everything=settings.everything,
                address=address.rstrip("/"),
                hosts=_hosts(settings, address),
                version=settings.version,
            )
            app = Service(course, queue, grader, people, spellings, told).app()
            grader.start()
            try:
                tell(address)
                server.run(app)
            finally:
                grader.stop(_GOODBYE_S)


def _listed(course: Course) -> set[str]:
    """Who is listed in the course; nobody where that cannot be read, which the grader will say."""
    try:
        return listed_students(course)
    except CourseError:
        return set()


class _Server:
    """A socket that listens, and the web server on it."""

    def __init__(self, listening: socket.socket) -> None:
        self._socket = listening
        self.port: int = listening.getsockname()[1]

    def config(self, app: Any) -> uvicorn.Config:
        """How it answers. It logs faults alone: no address, no header, no body of a request."""
        return uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            backlog=_BACKLOG,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_GOODBYE_S,
        )

    def run(self, app: Any) -> None:
        """Answer until a signal ends it: SIGTERM, or Ctrl-C, which is raised again then."""
        server = uvicorn.Server(self.config(app))
        with _ended_by_sigterm(server):
            asyncio.run(server.serve(sockets=[self._socket]))


@contextlib.contextmanager
def _ended_by_sigterm(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGTERM end the server and not the process, to which uvicorn sends it once more in the end."""

    def end(number: int, frame: object) -> None:
        server.should_exit = True

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[_Server]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.host, settings.port))
        except OSError as error:
            raise CourseError(
                f"{settings.host}:{settings.port} cannot be used: {error.strerror}. Name another port: "
                "--port 8766"
            ) from error
        listening.listen(_BACKLOG)
        yield _Server(listening)


def _hosts(settings: Settings, address: str) -> frozenset[str]:
    names = {settings.host, urlsplit(address).hostname or ""}
    return frozenset({*names, *_LOOPBACK} - {"0.0.0.0", "::", ""})


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
