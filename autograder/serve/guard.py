"""Around every answer: only for this service's names, with headers that keep other sites and caches out."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autograder.serve.requests import host_of

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
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

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if host_of(Request(scope).headers.get("host", "")) in self._hosts:
            await self._app(scope, receive, send_guarded)
        else:
            sentence = "This service does not have that name. Start it with --address URL."
            await JSONResponse({"error": sentence}, 400)(scope, receive, send_guarded)
