"""Around every answer: only for this service's names, with headers that keep other sites and caches out.

A refusal waits for the rest of what is being sent, and keeps none of it: a connection that is closed while
its client still sends is reset, and the client reads no sentence.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autograder.serve.requests import host_of

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_REST_S = 5.0  # in which a body that is refused may come to its end
_PAGE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# A feedback page shows what a stranger's notebook drew: it has no origin, and so no cookie.
FEEDBACK_POLICY = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox; {_PAGE}"

_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": DATA_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def page_policy(script_hash: str = "") -> str:
    """The policy of a page of ours: its own style, and one script that asks this service alone."""
    script = f" script-src '{script_hash}'; connect-src 'self';" if script_hash else ""
    return f"default-src 'none'; style-src 'unsafe-inline';{script} {_PAGE}"


class _Body:
    """What a request sends, and whether all of it has come."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        headers = Request(scope).headers
        self._is_whole = not {"content-length", "transfer-encoding"} & set(headers)
        self._waits = headers.get("expect", "").casefold() == "100-continue"  # it sends when it is told to

    async def receive(self) -> Message:
        """The next part."""
        self._waits = False
        message = await self._receive()
        self._is_whole = self._is_whole or not message.get("more_body", False)
        return message

    async def has_ended(self) -> bool:
        """Whether its end has come, at once or in a moment."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REST_S):
                while not (self._is_whole or self._waits):
                    await self.receive()
        return self._is_whole


class Guard:
    """The service behind its checks.

    Parameters
    ----------
    app : ASGIApp
    hosts : frozenset of str
        The names under which it may be asked.
    is_https : bool
        Browsers are told to come by https only.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], *, is_https: bool = False) -> None:
        self._app, self._hosts = app, hosts
        https = {"Strict-Transport-Security": "max-age=31536000"} if is_https else {}
        self._headers = {**_HEADERS, **https}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        body = _Body(scope, receive)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if message["status"] >= 400 and not await body.has_ended():
                    headers["Connection"] = "close"
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if host_of(Request(scope).headers.get("host", "")) in self._hosts:
            await self._app(scope, body.receive, send_guarded)
        else:
            sentence = "This service does not have that name. Start it with --address URL."
            await JSONResponse({"error": sentence}, 400)(scope, body.receive, send_guarded)
