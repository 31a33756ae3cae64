"""JupyterHub as who knows people: OAuth for the page, and the hub's own tokens for programs.

The service is one of the hub's services; the hub tells it by its environment (`JUPYTERHUB_...`) where it is.
A person logs in at the hub, which sends the browser back with a code; the code is worth a token, and the
token a name. The hub also says whether the person may use this service at all (the scope `access:services`).

HubError: the hub cannot be asked, or does not know the person.
"""

from __future__ import annotations

import json
import re
import secrets
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from autograder.course import CourseError, is_safe_name
from autograder.serve.links import INSTRUCTOR, STUDENT, Person

CALLBACK = "/oauth_callback"
STATE_COOKIE = "autograder-state"
_NEEDED = (
    "JUPYTERHUB_API_TOKEN",
    "JUPYTERHUB_API_URL",
    "JUPYTERHUB_CLIENT_ID",
    "JUPYTERHUB_SERVICE_NAME",
    "JUPYTERHUB_SERVICE_PREFIX",
)
_TIMEOUT_S = 10.0
_MOST_ANSWER = 1_000_000
_REMEMBERED_S = 60.0
_REFUSED_S = 10.0  # for which a refusal is remembered
_MOST_REMEMBERED = 10_000
_POSSIBLE = re.compile(r"[A-Za-z0-9._~+/=-]{1,256}")  # a token of RFC 6750, or a code

T = TypeVar("T")


class HubError(Exception):
    """The hub cannot be asked, or does not know the person."""


@dataclass
class Hub:
    """The hub this service belongs to.

    Attributes
    ----------
    api_url : str
        Of its API, without a slash at its end.
    api_token : str
        The service's own.
    client_id, name : str
        The service's.
    authorize_url : str
        Where people log in.
    redirect_uri : str
        To where the hub sends them back.
    instructors : frozenset of str
        Who teaches, beside the hub's administrators.
    """

    api_url: str
    api_token: str
    client_id: str
    name: str
    authorize_url: str
    redirect_uri: str
    instructors: frozenset[str] = frozenset()
    _remembered: dict[str, tuple[float, Person]] = field(default_factory=dict, repr=False)
    _refused: dict[str, tuple[float, str]] = field(default_factory=dict, repr=False)

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], instructors: frozenset[str] = frozenset()) -> Hub:
        """The hub that started this service.

        Raises
        ------
        CourseError
            The environment is not that of a hub's service.
        """
        missing = [name for name in _NEEDED if not environment.get(name)]
        if missing:
            raise CourseError(
                f"--hub is for a service that JupyterHub starts or knows: {', '.join(missing)} is not set in "
                "the environment. docs/serve.md has the lines for jupyterhub_config.py."
            )
        prefix = environment["JUPYTERHUB_SERVICE_PREFIX"].rstrip("/")
        base = environment.get("JUPYTERHUB_BASE_URL", "/")
        host = environment.get("JUPYTERHUB_HOST", "")
        return cls(
            api_url=environment["JUPYTERHUB_API_URL"].rstrip("/"),
            api_token=environment["JUPYTERHUB_API_TOKEN"],
            client_id=environment["JUPYTERHUB_CLIENT_ID"],
            name=environment["JUPYTERHUB_SERVICE_NAME"],
            authorize_url=f"{host}{base.rstrip('/')}/hub/api/oauth2/authorize",
            redirect_uri=environment.get("JUPYTERHUB_OAUTH_CALLBACK_URL") or prefix + CALLBACK,
            instructors=instructors,
        )

    def new_state(self, path: str) -> str:
        """A state that nobody can guess, with the path to which the person wants to come back."""
        return f"{secrets.token_urlsafe(24)}:{path}"

    def login_url(self, state: str) -> str:
        """Where the browser goes to log in."""
        asked = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "state": state,
        }
        return f"{self.authorize_url}?{urlencode(asked)}"

    def person_of_code(self, code: str) -> Person:
        """Who came back with this code.

        Raises
        ------
        HubError
            The code is none of the hub's, or the person may not use this service.
        """
        if not _POSSIBLE.fullmatch(code):
            raise HubError("that is no code of the hub's.")
        asked = {
            "client_id": self.client_id,
            "client_secret": self.api_token,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
        }
        told = self._ask("/oauth2/token", {}, urlencode(asked).encode())
        return self.person_of_token(str(told.get("access_token", "")))

    def remembered(self, token: str) -> Person | None:
        """Whose token this is, where that was asked a moment ago; None where the hub must be asked.

        Raises
        ------
        HubError
            It was refused a moment ago, or cannot be a token.
        """
        if not _POSSIBLE.fullmatch(token):
            raise HubError("that is no token of the hub's.")
        now = time.monotonic()
        until, reason = self._refused.get(token, (0.0, ""))
        if until > now:
            raise HubError(reason)
        until, person = self._remembered.get(token, (0.0, None))
        return person if until > now else None

    def person_of_token(self, token: str) -> Person:
        """Whose token of the hub's this is; remembered for a minute, a refusal for some seconds.

        Raises
        ------
        HubError
            It is none of the hub's, or the person may not use this service.
        """
        person = self.remembered(token)
        if person is not None:
            return person
        try:
            person = self._asked(token)
        except HubError as error:
            _remember(self._refused, token, _REFUSED_S, str(error))
            raise
        _remember(self._remembered, token, _REMEMBERED_S, person)
        return person

    def _asked(self, token: str) -> Person:
        user = self._ask("/user", {"Authorization": f"token {token}"})
        name, scopes = unicodedata.normalize("NFC", str(user.get("name", ""))), user.get("scopes", [])
        may = {"access:services", f"access:services!service={self.name}"}
        if user.get("kind", "user") != "user" or not is_safe_name(name) or not may & set(scopes):
            raise HubError(f"{name!r} may not use this service: the hub gives no scope access:services.")
        teaches = bool(user.get("admin")) or name in self.instructors
        return Person(name, INSTRUCTOR if teaches else STUDENT)

    def _ask(self, path: str, headers: Mapping[str, str], body: bytes | None = None) -> dict[str, Any]:
        request = Request(self.api_url + path, data=body, headers=dict(headers))
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=_TIMEOUT_S) as answer:
                told = json.loads(answer.read(_MOST_ANSWER))
        except HTTPError as error:
            with error:
                raise HubError(f"the hub does not know this person: it answers {error.code}.") from error
        except (URLError, OSError, ValueError) as error:
            raise HubError(f"the hub does not say who this is: {error}") from error
        if not isinstance(told, dict):
            raise HubError("the hub's answer is not as JupyterHub's are.")
        return told


def _remember(memory: dict[str, tuple[float, T]], token: str, seconds: float, answer: T) -> None:
    if len(memory) >= _MOST_REMEMBERED:
        memory.clear()
    memory[token] = time.monotonic() + seconds, answer
