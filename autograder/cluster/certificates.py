"""Dask's own setting of certificates, refused in words where it cannot serve.

A wrong setting shows late and in many ways: as a type error where there is none, as a file that is not found,
and, where the scheduler's certificate is another authority's, as a connection that nobody answers.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

from autograder.course import CourseError

_NONE = "Dask's configuration has no certificates for the client"
_UNUSABLE = "the certificates of Dask's configuration cannot be used ({})"
_OTHERS = (
    "scheduler and coordinator do not accept each other's certificates, or the scheduler has just ended ({})"
)
_OPEN = "Dask's configuration requires encryption, and this address has none. Name tls://HOST:PORT"


def require_usable(address: str, security: Any) -> None:
    """Refuse to go to this address with a setting that cannot be used.

    Parameters
    ----------
    address : str
        Of a scheduler, with or without its protocol.
    security : distributed.Security

    Raises
    ------
    CourseError
        There are no certificates, a file is not there or is no certificate, or a connection without
        encryption is not allowed.
    """
    try:
        context = security.get_connection_args("client")["ssl_context"]
    except (OSError, ValueError) as error:  # `ssl.SSLError` is one of the former
        raise _refused(address, security, _UNUSABLE.format(error)) from error
    if address.startswith("tls://"):
        if context is None:
            raise _refused(address, security, _NONE)
    elif security.require_encryption:
        raise CourseError(f"--dask {address}: {_OPEN}.")


def require_accepted(address: str, security: Any, error: BaseException) -> None:
    """Refuse the certificates if it is for them that no connection came about.

    Parameters
    ----------
    address, security
        As above.
    error : BaseException
        What the attempt raised.

    Raises
    ------
    CourseError
        One side has not accepted the other's certificate, or the scheduler has none.
    """
    from distributed.comm.core import CommClosedError

    # A scheduler that refuses the certificate closes the connection, and its reason may be lost with it.
    refusals = (ssl.SSLError, CommClosedError) if isinstance(error, CommClosedError) else (ssl.SSLError,)
    for one in _with_causes(error):
        if address.startswith("tls://") and isinstance(one, refusals):
            raise _refused(address, security, _OTHERS.format(one)) from error


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _refused(address: str, security: Any, what: str) -> CourseError:
    names = {
        "ca-file": security.tls_ca_file,
        "client.cert": security.tls_client_cert,
        "client.key": security.tls_client_key,
    }
    got = ", ".join(f"{name} {_shown(value)}" for name, value in names.items())
    return CourseError(
        f"--dask {address}: {what}. Set in distributed.comm.tls: {got}. Wanted: three files, from the "
        "authority that the scheduler's are from. docs/cluster.md has the commands "
        "(Who may reach the scheduler)."
    )


def _shown(value: str | None) -> str:
    if value is None:
        return "not set"
    return "(its text)" if "\n" in value else repr(value)  # the text of a key is not for a terminal
