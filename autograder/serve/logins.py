"""The page's cookie, and the login at JupyterHub that leads to one."""

from __future__ import annotations

import re
import secrets

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from autograder.serve.hub import STATE_COOKIE, Hub, HubError
from autograder.serve.people import COOKIE, People

_COOKIE_S = 30 * 86_400
_HUB_COOKIE_DAYS = 0.5
_STATE_S = 600
_PAGES = re.compile(r"/|/live|/feedback/[0-9a-f]{24}")  # to which a login leads back


class Logins:
    """Gives cookies, and takes to the hub and back whoever has none.

    Parameters
    ----------
    people : People
    prefix : str
        Of all addresses; "" or a path without a slash at its end.
    is_https : bool
        Cookies go by https only.
    """

    def __init__(self, people: People, prefix: str, *, is_https: bool) -> None:
        self._people, self._prefix, self._is_https = people, prefix, is_https

    def keep(self, token: str) -> Response:
        """Give a link's token back as a cookie that no script can read."""
        response = Response(status_code=204)
        self._set_cookie(response, COOKIE, token, _COOKIE_S, "strict")
        return response

    async def wanted(self, request: Request, path: str) -> Response | None:
        """To the hub's login, and back to `path` then; None where there is no hub, or who asks is known."""
        hub = self._people.hub
        if hub is None or await self._people.of(request) is not None:
            return None
        return self._to(hub, path)

    async def come_back(self, request: Request) -> Response:
        """From the hub's login: what it sent is worth a name, once, in the browser that asked for it.

        Raises
        ------
        HTTPException
            403: another browser began it, or the hub does not let the person use the service.
        """
        hub = self._people.hub
        state, kept = request.query_params.get("state", ""), request.cookies.get(STATE_COOKIE, "")
        if hub is None or not state or not secrets.compare_digest(state.encode(), kept.encode()):
            raise HTTPException(403, "This login was begun in another browser, or too long ago. Begin again.")
        try:
            person = await self._people.of_code(hub, request.query_params.get("code", ""))
        except HubError as error:
            raise HTTPException(
                403, "JupyterHub does not let you use this service. Ask your instructor."
            ) from error
        path = state.partition(":")[2]
        response = RedirectResponse(self._prefix + (path if _PAGES.fullmatch(path) else "/"), 302)
        token = self._people.links.token(person, _HUB_COOKIE_DAYS)
        self._set_cookie(response, COOKIE, token, int(_HUB_COOKIE_DAYS * 86_400), "strict")
        response.delete_cookie(STATE_COOKIE, path=self._prefix or "/")
        return response

    def _to(self, hub: Hub, path: str) -> Response:
        state = hub.new_state(path)
        response = RedirectResponse(hub.login_url(state), 302)
        self._set_cookie(response, STATE_COOKIE, state, _STATE_S, "lax")
        return response

    def _set_cookie(self, response: Response, name: str, value: str, seconds: int, same_site: str) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self._prefix or "/",
            httponly=True,
            samesite=same_site,
            secure=self._is_https,
        )
