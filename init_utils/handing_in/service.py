"""One question to the service over HTTP, with bounds on how long its answer may take and be.

What answers at an address is a stranger's until it has the service's form. Redirections are not followed;
what stays on this machine goes by no proxy.

NoAnswerError: there is no answer of the service.
RefusalError: the service refuses, with a sentence.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
    InvalidURL,
    RemoteDisconnected,
)
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
    getproxies,
    proxy_bypass,
)

from init_utils.handing_in.addresses import host_of, is_this_machine
from init_utils.handing_in.answer import shown
from init_utils.handing_in.forms import FormError

T = TypeVar("T")

_TIMEOUT_S = 60.0
_MOST_ANSWER = 1_000_000
_MOST_HEAD = 200_000
_LEAST_SECRET = 8


class NoAnswerError(Exception):
    """There is no answer of the service; the text completes "Nothing was handed in: ".

    Attributes
    ----------
    is_silent : bool
        The service may answer later; else something else answers there.
    may_be_taken : bool
        What was sent may have arrived.
    """

    def __init__(self, text: str, *, is_silent: bool = False, may_be_taken: bool = False) -> None:
        super().__init__(text)
        self.is_silent, self.may_be_taken = is_silent, may_be_taken


class RefusalError(Exception):
    """The service refuses; the text is its sentence."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class _TooLongError(Exception):
    """An answer has no end."""


def ask(address: str, token: str, read: Callable[[dict[str, Any]], T], content: bytes | None = None) -> T:
    """What `read` makes of the service's answer, an object of JSON; `content` is sent where there is any.

    Raises
    ------
    NoAnswerError, RefusalError
    """
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ipynb+json"}
    request = Request(address, data=content, headers=headers)
    proxy = _proxy(address)
    is_sent = content is not None
    try:
        with _opener(proxy).open(request, timeout=_TIMEOUT_S) as answer:
            body = answer.read(_MOST_ANSWER + 1)
            is_cut_off = bool(answer.length)
    except HTTPError as error:
        raise _refusal(error, address, token, proxy, is_sent) from error
    except (OSError, ValueError, OverflowError, HTTPException, _TooLongError) as error:
        may_be_taken = is_sent and not isinstance(error, URLError)
        raise _no_answer(error, address, proxy, may_be_taken) from error
    if len(body) > _MOST_ANSWER:
        raise _no_answer(_TooLongError(), address, proxy, is_sent)
    if is_cut_off:
        raise _no_answer(IncompleteRead(body), address, proxy, is_sent)
    told = _object(body, token)
    if told is None:
        raise _stranger(address, "its answer is no JSON object", is_sent, proxy)
    try:
        return read(told)
    except FormError as error:
        raise _stranger(address, str(error), is_sent, proxy) from error


def _stranger(address: str, why: str, may_be_taken: bool, proxy: str | None) -> NoAnswerError:
    """The error where something else answers than the service."""
    text = f"what answers at {_asked(address, proxy)} is not the hand-in service ({why})"
    return NoAnswerError(text, may_be_taken=may_be_taken)


def _silent(address: str, why: str, may_be_taken: bool, proxy: str | None) -> NoAnswerError:
    text = f"the service at {_asked(address, proxy)} does not answer ({why})"
    return NoAnswerError(text, is_silent=True, may_be_taken=may_be_taken)


def _refusal(error: HTTPError, address: str, token: str, proxy: str | None, is_sent: bool) -> Exception:
    """What an answer with another status than 200 means."""
    status = error.code
    if status in (301, 302, 303, 307, 308):
        error.close()
        return NoAnswerError(
            f"{host_of(address)} sends on to {_next_host(error)} (status {status}), and what says who you "
            "are goes to no other address"
        )
    try:
        with error:
            told = _object(error.read(_MOST_ANSWER), token) or {}
    except (OSError, ValueError, HTTPException, _TooLongError):
        told = {}
    sentence = told.get("error")
    if isinstance(sentence, str) and sentence.strip():
        return RefusalError(shown(sentence), status)
    if status >= 500:
        return _silent(address, f"status {status}", is_sent, proxy)
    return NoAnswerError(
        f"{_asked(address, proxy)} answers with status {status} and no sentence of the hand-in service"
    )


def _no_answer(error: Exception, address: str, proxy: str | None, may_be_taken: bool) -> NoAnswerError:
    cause = error.reason if isinstance(error, URLError) else error
    match cause:
        case _TooLongError():
            return _stranger(
                address, f"its answer is longer than {_MOST_ANSWER:,} bytes", may_be_taken, proxy
            )
        case TimeoutError():
            why = f"no whole answer within {_TIMEOUT_S:g} seconds"
        case IncompleteRead():
            why = "the answer was cut off"
        case RemoteDisconnected():
            why = "the connection was closed without an answer"
        case HTTPException() if not isinstance(cause, InvalidURL):
            return _stranger(address, "its answer is not readable as HTTP", may_be_taken, proxy)
        case _:
            why = shown((cause.strerror if isinstance(cause, OSError) else None) or str(cause))
    return _silent(address, why, may_be_taken, proxy)


def _object(content: bytes, token: str) -> dict[str, Any] | None:
    """The object that an answer holds, without the secret: what is shown is saved with the notebook."""
    if len(token) >= _LEAST_SECRET:
        content = content.replace(token.encode(), "…".encode())
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _next_host(error: HTTPError) -> str:
    try:
        parts = urlsplit(error.headers.get("Location", ""))
        host = parts.hostname if parts.scheme in ("http", "https") else ""
    except ValueError:
        host = ""
    return shown(host or "", 80) or "another address"


def _asked(address: str, proxy: str | None) -> str:
    if proxy is None:
        return host_of(address)
    named = shown(proxy.rpartition("//")[2].rpartition("@")[2].rstrip("/"), 80)
    return f"{host_of(address)}, asked through the proxy {named or repr('')},"


def _proxy(address: str) -> str | None:
    """The proxy that the environment names for an address; None where it is asked without one."""
    if is_this_machine(address) or proxy_bypass(host_of(address)):
        return None
    return getproxies().get("https")


def _opener(proxy: str | None) -> OpenerDirector:
    opener = OpenerDirector()
    handlers = (
        ProxyHandler({} if proxy is None else {"https": proxy}),
        _Http(),
        _Https(),
        UnknownHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    )
    for handler in handlers:
        opener.add_handler(handler)
    return opener


class _Bounded(io.RawIOBase):
    """What comes from a socket, until it is too long or takes too long."""

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self._raw, self._sock = raw, sock
        self._ends_at = time.monotonic() + _TIMEOUT_S
        self._left = _MOST_ANSWER + _MOST_HEAD

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds = self._ends_at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        if self._left <= 0:
            raise _TooLongError
        self._sock.settimeout(seconds)
        count = self._raw.readinto(buffer)
        self._left -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    """An answer that ends."""

    def __init__(self, sock: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp = io.BufferedReader(_Bounded(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Answer


class _SafeConnection(HTTPSConnection):
    response_class = _Answer


class _Http(HTTPHandler):
    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_Connection, request)


class _Https(HTTPSHandler):
    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_SafeConnection, request)
