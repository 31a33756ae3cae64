"""What a request must be before anything is done: from this service's own pages, small, in time."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

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


async def read_body(request: Request, most_bytes: int, seconds: float) -> bytes:
    """The body, whole.

    Raises
    ------
    HTTPException
        413 it is larger, 408 it did not come in time.
    """
    too_large = HTTPException(413, f"That is larger than {most_bytes:,} bytes. Clear the outputs and save.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise too_large
    parts, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > most_bytes:
                    raise too_large
                parts.append(part)
    except TimeoutError as error:
        raise HTTPException(
            408, f"The notebook did not arrive within {seconds:g} seconds. Hand in again."
        ) from error
    return b"".join(parts)


async def read_notebook(request: Request, bounds: Bounds) -> bytes:
    """The notebook that was sent.

    Raises
    ------
    HTTPException
        As for `read_body`; 400 where nothing was sent.
    """
    content = await read_body(request, bounds.notebook_bytes, bounds.upload_s)
    if not content:
        raise HTTPException(400, "The file is empty. Save the notebook, and hand it in again.")
    return content
