"""Who hands in, and where: by a personal link, or by the login at the JupyterHub in which the notebook runs.

A link is kept in the user's own folder, never in the notebook, once the service has answered to it. The hub's
token goes only to the service that the hub itself names in its environment: an address that somebody types or
sends gets none.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from init_utils.handing_in.addresses import (
    AddressError,
    PlainAddressError,
    require_one_line,
    service_address,
)
from init_utils.handing_in.answer import NothingSentError
from init_utils.handing_in.kept_link import KeptLinkError, kept_link, kept_where

if TYPE_CHECKING:
    from collections.abc import Callable

LINK_VARIABLE = "INIT_UTILS_HAND_IN"
HUB_TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"
_LINK_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_ANY_TOKEN = re.compile(r"[!-~]+")
_PROMPT = "Your personal link: "

NO_LINK = (
    "Nothing was handed in: your personal link is not known here. Ask your instructor for it and run the "
    f"cell again, or set the environment variable {LINK_VARIABLE} to it. If your course has no such service, "
    "hand in on your course's page."
)
NO_LOGIN = (
    f"Nothing was handed in: {LINK_VARIABLE} names the service and no personal link, and no JupyterHub has "
    "logged you in here. Set it to your personal link; your instructor sends it to you."
)
_LOOKS = (
    "One looks like https://grader.school.example/#WyJzIiwiYWRhIl0.k3Jv and is longer; copy all of it, from "
    "https:// on."
)
NEW_LOGIN = (
    "Stop your server and start it again (*File*, *Hub Control Panel*), and run this cell again; if that "
    "does not help, ask your instructor."
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
    is_kept : bool
        It is that of the link that is kept.
    typed : str
        The link that was typed now, "" where none was.
    """

    server: str
    token: str
    by_hub: bool = False
    is_kept: bool = field(default=False, repr=False)
    typed: str = field(default="", repr=False)


def credentials(shell: Any) -> Credentials:
    """Those of the environment, or of the link that is kept, or of one that is asked for.

    Raises
    ------
    NothingSentError
        There are none.
    """
    if named := os.environ.get(LINK_VARIABLE, "").strip():
        if "#" in named:
            return _link(named, f"{LINK_VARIABLE} holds no personal link")
        return _of_the_hub(named)
    try:
        if kept := kept_link():
            return replace(_parts(kept), is_kept=True)
        damage = ""
    except (AddressError, KeptLinkError) as error:
        damage = str(error)
    return _asked_for(shell, damage)


def read_link(link: str) -> Credentials:
    """The service's address and the secret of a personal link.

    >>> read_link(" https://grader.school.example/#abc.def ")
    Credentials(server='https://grader.school.example/', token='abc.def', by_hub=False)

    Raises
    ------
    NothingSentError
        It is none.
    """
    return _link(link, "that is no personal link")


def _link(link: str, none: str) -> Credentials:
    try:
        return _parts(link)
    except PlainAddressError as error:
        raise NothingSentError(_plain("the link", error.host)) from error
    except AddressError as error:
        raise NothingSentError(f"Nothing was handed in: {none} ({error}). {_LOOKS}") from error


def _parts(link: str) -> Credentials:
    link = link.strip()
    require_one_line(link)
    address, sign, token = link.partition("#")
    if not token:
        raise AddressError("nothing stands after its #" if sign else "it has no #")
    server = service_address(address)
    if not _LINK_TOKEN.fullmatch(token):
        raise AddressError("it has characters after its # that no link has")
    return Credentials(server, token)


def _of_the_hub(address: str) -> Credentials:
    token = os.environ.get(HUB_TOKEN_VARIABLE, "")
    if not token:
        raise NothingSentError(NO_LOGIN)
    if not _ANY_TOKEN.fullmatch(token):
        raise NothingSentError(f"Nothing was handed in: {HUB_TOKEN_VARIABLE} holds no token. {NEW_LOGIN}")
    what = f"the address in {LINK_VARIABLE}"
    try:
        return Credentials(service_address(address), token, by_hub=True)
    except PlainAddressError as error:
        raise NothingSentError(_plain(what, error.host)) from error
    except AddressError as error:
        raise NothingSentError(
            f"Nothing was handed in: {what} is {address!r} ({error}); an address with https:// is wanted. "
            "Tell your instructor."
        ) from error


def _asked_for(shell: Any, damage: str) -> Credentials:
    """Those of the link that a person types; `damage` says why the one that is kept cannot be used."""
    nothing = NO_LINK
    if damage:
        nothing = (
            f"Nothing was handed in: the link that is kept in {kept_where()} cannot be used ({damage}). "
            f"Remove it and run the cell again, or set the environment variable {LINK_VARIABLE} to your "
            "personal link."
        )
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        raise NothingSentError(nothing)
    ask: Callable[[str], str] = kernel.getpass
    before = f"The link that was kept here cannot be used ({damage}). " if damage else ""
    try:
        link = ask(before + _PROMPT)
    except Exception as error:  # the front end's own kind: it takes no input
        raise NothingSentError(nothing) from error
    return replace(read_link(link), typed=link.strip())


def _plain(what: str, host: str) -> str:
    return (
        f"Nothing was handed in: {what} to {host} begins with http://, so others could read it on its way. "
        "Ask your instructor for one that begins with https://."
    )
