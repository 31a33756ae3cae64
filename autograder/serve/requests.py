"""What a request must be before anything is done: from this service's own pages, small, in time."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from autograder.serve.bounds import Bounds

_SAME_SITE = ("same-origin", "none")


def host_of(authority: str) -> str:
    """The name in `NAME:PORT`, in small letters.

    >>> host_of("School.example:8080"), host_of("[::1]:80"), host_of("school.example")
    ('school.example', '::1', 'school.example')
    """
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def require_own_page(request: Request) -> None:
    """Refuse what a page of another site sends with a student's cookie.

    Raises
    ------
    HTTPException
        403.
    """
    origin = request.headers.get("origin", "")
    try:
        is_own = urlsplit(origin).netloc.casefold() == request.headers.get("host", "").casefold()
    except ValueError:
        is_own = False
    if not is_own or request.headers.get("sec-fetch-site", "same-origin") not in _SAME_SITE:
        raise HTTPException(403, "This was sent by a page of another site. Use the page of this service.")


def announced_bytes(request: Request, most_bytes: int) -> int | None:
    """How large the body is to be; None where that is not said.

    Raises
    ------
    HTTPException
        413 it is larger than `most_bytes`.
    """
    text = request.headers.get("content-length", "")
    size = int(text) if text.isdecimal() and len(text) < 20 else None
    if size is not None and size > most_bytes:
        raise _too_large(most_bytes)
    return size


async def read_body(
    request: Request, most_bytes: int, seconds: float, count: Callable[[int], None] = lambda size: None
) -> bytes:
    """The body, whole; `count` is told of its bytes as they arrive.

    Raises
    ------
    HTTPException
        413 it is larger, 408 it did not come in time, 400 the connection ended before.
    """
    announced_bytes(request, most_bytes)
    body = io.BytesIO()  # gives what was written without a copy
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                if body.tell() + len(part) > most_bytes:
                    raise _too_large(most_bytes)
                count(len(part))
                body.write(part)
    except TimeoutError as error:
        raise HTTPException(
            408, f"The notebook did not arrive within {seconds:g} seconds. Hand in again."
        ) from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The connection ended before all had arrived. Hand in again.") from error
    return body.getvalue()


async def read_notebook(request: Request, bounds: Bounds, count: Callable[[int], None]) -> bytes:
    """The notebook that was sent; `count` is told of its bytes as they arrive.

    Raises
    ------
    HTTPException
        As for `read_body`; 400 where nothing was sent.
    """
    content = await read_body(request, bounds.notebook_bytes, bounds.upload_s, count)
    if not content:
        raise HTTPException(400, "The file is empty. Save the notebook, and hand it in again.")
    return content


def _too_large(most_bytes: int) -> HTTPException:
    return HTTPException(413, f"That is larger than {most_bytes:,} bytes. Clear the outputs and save.")
