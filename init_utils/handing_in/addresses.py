"""The service's address, in the form in which it can be asked; it refuses what no secret may be sent to.

AddressError: it is no address of a service; its text says why.
PlainAddressError (an `AddressError`): others could read on the way what is sent there.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

MOST_CHARACTERS = 2_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,19})://", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9_.-]+")
_IPV6 = re.compile(r"[0-9a-f:.]+")
_IN_A_PATH = "/%!$&'()*+,;=:@~"


class AddressError(Exception):
    """It is no address of a service; the text says why."""


class PlainAddressError(AddressError):
    """It begins with http:// and names another machine; `host` is that."""

    def __init__(self, host: str) -> None:
        super().__init__("it begins with http://")
        self.host = host


def require_one_line(text: str) -> None:
    """Raise an AddressError where a text has characters that stand in no address, or too many."""
    if len(text) > MOST_CHARACTERS:
        raise AddressError(f"it is longer than {MOST_CHARACTERS:,} characters")
    if any(sign.isspace() or not sign.isprintable() for sign in text):
        raise AddressError("it has a space, a line break or an invisible character in it")


def service_address(address: str) -> str:
    """The address in ASCII, with a slash at its end.

    >>> service_address("https://Grader.school.example/prüfung")
    'https://grader.school.example/pr%C3%BCfung/'

    Raises
    ------
    AddressError
    """
    require_one_line(address)
    scheme = _SCHEME.match(address)
    if not scheme:
        raise AddressError("it does not begin with https://")
    if scheme[1].lower() not in ("http", "https"):
        raise AddressError(f"it begins with {scheme[0]}")
    try:
        parts = urlsplit(address)
        name = parts.hostname or ""
    except ValueError as error:
        raise AddressError("its host is none") from error
    if parts.username is not None:
        raise AddressError("a user's name stands in its address")
    if not name:
        raise AddressError("it names no host")
    if "?" in address:
        raise AddressError("a ? stands in its address")
    host = _host(name)
    port = _port(parts.netloc.rpartition("]")[2])
    if parts.scheme == "http" and name not in _LOOPBACK:
        raise PlainAddressError(host)
    return f"{parts.scheme}://{host}{port}{quote(parts.path.rstrip('/'), safe=_IN_A_PATH)}/"


def is_this_machine(address: str) -> bool:
    """Whether what is sent to an address stays on this machine."""
    return urlsplit(address).hostname in _LOOPBACK


def host_of(address: str) -> str:
    """The host and its port, as people read it.

    >>> host_of("https://grader.school.example:8443/course/")
    'grader.school.example:8443'
    """
    return urlsplit(address).netloc


def _host(name: str) -> str:
    if ":" in name and _IPV6.fullmatch(name):
        return f"[{name}]"
    try:
        host = name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise AddressError("its host is none") from error
    if not _NAME.fullmatch(host):
        raise AddressError("its host is none")
    return host


def _port(after: str) -> str:
    """`:8443` of what stands after a host, "" where nothing does."""
    port = after.partition(":")[2]
    if not port:
        return ""
    if not (re.fullmatch("[0-9]{1,5}", port) and 1 <= int(port) <= 65_535):
        raise AddressError("its port is no number from 1 to 65535")
    return f":{int(port)}"
