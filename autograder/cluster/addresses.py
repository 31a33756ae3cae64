"""Which schedulers may be used: this machine's own, and those that prove who they are.

Whoever reaches an open scheduler runs code on all of its workers, and reads what it carries.
"""

from __future__ import annotations

import ipaddress
import urllib.parse

from autograder.course import CourseError

LOCAL = "local"  # a cluster on this machine, for this run


def require_closed(address: str) -> None:
    """Refuse the address of a scheduler that others can reach.

    Raises
    ------
    CourseError
        It is neither `local`, nor a loopback address, nor one that begins with `tls://`.

    >>> require_closed("tls://scheduler.school.example:8786")
    >>> require_closed("tcp://127.0.0.1:8786")
    """
    if address == LOCAL:
        return
    parts = urllib.parse.urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.hostname and (parts.scheme == "tls" or (parts.scheme == "tcp" and _is_here(parts.hostname))):
        return
    raise CourseError(
        f"--dask {address!r} is refused: whoever reaches an open scheduler runs code on all of its workers. "
        "Start it with certificates and name tls://HOST:PORT (docs/cluster.md has the commands), or one on "
        "this machine: tcp://127.0.0.1:PORT, or `local`."
    )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
