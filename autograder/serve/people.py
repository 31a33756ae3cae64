"""Who asks: by a personal link, by a login at JupyterHub, or by what a reverse proxy says.

A link's token comes in the header `Authorization: Bearer TOKEN` (programs) or in a cookie (the page). A
proxy's header counts only where the connection itself comes from a trusted address. After a login at the hub
the page has a cookie of ours; programs in the hub send the hub's own token.
"""

from __future__ import annotations

import contextlib
import ipaddress
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from autograder.course import CourseError, is_safe_name
from autograder.serve.hub import Hub, HubError
from autograder.serve.links import INSTRUCTOR, STUDENT, Links, Person
from autograder.serve.questions import Questions

COOKIE = "autograder-link"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Proxy:
    """A reverse proxy that logs people in.

    Attributes
    ----------
    header : str
        In which it names them; it must remove what a client put there.
    trusted : sequence of networks
        From where it connects.
    instructors : frozenset of str
        Which of its names are instructors.
    """

    header: str
    trusted: Sequence[Network]
    instructors: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Known:
    """Who asks, and whether the request itself proves that a person wants it.

    Attributes
    ----------
    person : Person
    by_program : bool
        By a token in a header, which no page of another site can send.
    """

    person: Person
    by_program: bool = False


class People:
    """Finds out who asks.

    Parameters
    ----------
    links : Links
    proxy : Proxy, optional
    hub : Hub, optional
    """

    def __init__(self, links: Links, proxy: Proxy | None = None, hub: Hub | None = None) -> None:
        self.links, self._proxy, self.hub = links, proxy, hub
        self._tokens, self._codes = Questions(), Questions()  # neither keeps the other waiting

    async def of(self, request: Request) -> Known | None:
        """Who asks; None where nobody known does.

        Raises
        ------
        HTTPException
            503 too many questions to the hub have no answer yet.
        """
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.casefold() == "bearer":
            person = await run_in_threadpool(self.links.person, token.strip())
            person = person or await self._known_to_hub(token.strip())
            return Known(person, by_program=True) if person else None
        known: Known | None = await run_in_threadpool(self._in_browser, request)
        return known

    async def of_code(self, hub: Hub, code: str) -> Person:
        """Who comes back from the hub's login.

        Raises
        ------
        HubError
            The code is none of the hub's, or the person may not use this service.
        HTTPException
            As for `of`.
        """
        return await self._codes.ask(lambda: hub.person_of_code(code))

    def _in_browser(self, request: Request) -> Known | None:
        if self._proxy is not None and (name := self._named_by_proxy(request, self._proxy)):
            role = INSTRUCTOR if name in map(_composed, self._proxy.instructors) else STUDENT
            return Known(Person(name, role)) if is_safe_name(name) else None
        if token := request.cookies.get(COOKIE, ""):
            person = self.links.person(token)
            return Known(person) if person else None
        return None

    async def _known_to_hub(self, token: str) -> Person | None:
        hub = self.hub
        if hub is None:
            return None
        try:
            return hub.remembered(token) or await self._tokens.ask(lambda: hub.person_of_token(token))
        except HubError:
            return None

    @staticmethod
    def _named_by_proxy(request: Request, proxy: Proxy) -> str:
        names = request.headers.getlist(proxy.header)
        peer = request.client.host if request.client else ""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return ""
        is_trusted = any(address in network for network in proxy.trusted)
        return _header_text(names[0]) if is_trusted and len(names) == 1 else ""


def _header_text(value: str) -> str:
    """A header's value as its sender meant it: UTF-8 where it is, else Latin-1, as Starlette reads it.

    >>> _header_text("M\u00c3\u00bcller "), _header_text("M\u00fcller"), _header_text("ada")
    ('Müller', 'Müller', 'ada')
    """
    with contextlib.suppress(UnicodeDecodeError):
        value = value.encode("latin-1").decode()
    return _composed(value.strip())


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def network(text: str) -> Network:
    """An address or a network as a proxy's place.

    >>> network("10.0.0.0/8"), network("127.0.0.1")
    (IPv4Network('10.0.0.0/8'), IPv4Network('127.0.0.1/32'))

    Raises
    ------
    CourseError
        It is neither.
    """
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise CourseError(
            f"--trust {text!r} is no address and no network ({error}). Name where the proxy connects from: "
            "--trust 127.0.0.1"
        ) from error
