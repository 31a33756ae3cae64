"""Who hands in, and where: by a personal link, or by the login at the JupyterHub in which the notebook runs.

A link is kept in the user's own folder, never in the notebook. The hub's token goes only to the service that
the hub itself names in its environment: an address that somebody types or sends gets none.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from init_utils.handing_in.answer import NothingSentError

if TYPE_CHECKING:
    from collections.abc import Callable

LINK_VARIABLE = "INIT_UTILS_HAND_IN"
HUB_TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

NO_LINK = (
    "Nothing was handed in: your personal link is not known here. Ask your instructor for it and run the "
    f"cell again, or set the environment variable {LINK_VARIABLE} to it. If your course has no such service, "
    "hand in on your course's page."
)
NO_LOGIN = (
    f"Nothing was handed in: {LINK_VARIABLE} names the service and no personal link, and no JupyterHub has "
    "logged you in here. Set it to your personal link; your instructor sends it to you."
)
NO_LINK_AT_ALL = (
    "Nothing was handed in: that is no personal link. It begins with https:// and has a # with many signs "
    "after it; copy all of it."
)


@dataclass(frozen=True)
class Credentials:
    """Where to hand in, and as whom.

    Attributes
    ----------
    server : str
        The service's address, with a slash at its end.
    token : str
        The secret: a link's, or the hub's.
    by_hub : bool
        It is the hub's.
    """

    server: str
    token: str
    by_hub: bool = False


def credentials(shell: Any) -> Credentials:
    """Those of the environment, or of the link that was kept, or that is asked for once and kept then.

    Raises
    ------
    NothingSentError
        There are none.
    """
    if named := os.environ.get(LINK_VARIABLE, "").strip():
        if "#" in named:
            return read_link(named)
        if token := os.environ.get(HUB_TOKEN_VARIABLE, ""):
            return Credentials(_server(named, f"the address in {LINK_VARIABLE}"), token, by_hub=True)
        raise NothingSentError(NO_LOGIN)
    try:
        return read_link(_link_file().read_text(encoding="utf-8"))
    except (OSError, RuntimeError):
        pass
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        raise NothingSentError(NO_LINK)
    ask: Callable[[str], str] = kernel.getpass
    try:
        link = ask("Your personal link: ")
    except Exception as error:  # the front end's own kind: it takes no input
        raise NothingSentError(NO_LINK) from error
    found = read_link(link)
    _keep_link(link)
    return found


def read_link(link: str) -> Credentials:
    """The service's address and the secret of a personal link.

    >>> read_link(" https://grader.school.example/#abc.def ")
    Credentials(server='https://grader.school.example/', token='abc.def', by_hub=False)
    """
    address, _, token = link.strip().partition("#")
    if not token.strip():
        raise NothingSentError(NO_LINK_AT_ALL)
    return Credentials(_server(address, "the link"), token.strip())


def _server(address: str, what: str) -> str:
    """The address with a slash at its end, if a secret may be sent there."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or parts.scheme not in ("http", "https"):
        raise NothingSentError(
            NO_LINK_AT_ALL
            if what == "the link"
            else f"Nothing was handed in: {what} is {address!r}; an address with https:// is wanted. Tell "
            "your instructor."
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise NothingSentError(
            f"Nothing was handed in: {what} to {host} begins with http://, so others could read it on its "
            "way. Ask your instructor for one that begins with https://."
        )
    return address.rstrip("/") + "/"


def _link_file() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "init_utils" / "hand-in-link"


def _keep_link(link: str) -> None:
    try:
        path = _link_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(link.strip())
    except (OSError, RuntimeError):
        return  # it is asked for again next time


def forget_link() -> str:
    """Keep a link no longer that is of no use; a sentence on what to do, after a space."""
    if os.environ.get(LINK_VARIABLE, ""):
        return ""
    try:
        _link_file().unlink()
    except (OSError, RuntimeError):
        return ""
    return " The link that was kept here is forgotten: run this cell again, and give the new one."
