"""Questions to another server, a few at a time: a slow one takes no threads from those who need it not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

_AT_ONCE = 8  # of the 40 threads of the web server
_MOST = 40  # those that wait for their turn, too
_RETRY_S = 10

T = TypeVar("T")


class Questions:
    """Asks in threads; used from the one thread of the web server."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._number = 0

    async def ask(self, question: Callable[[], T]) -> T:
        """What `question` returns.

        Raises
        ------
        HTTPException
            503 too many wait for an answer.
        """
        if self._number >= _MOST:
            sentence = "JupyterHub takes long to say who you are. Try again in a moment."
            raise HTTPException(503, sentence, {"Retry-After": str(_RETRY_S)})
        self._number += 1
        try:
            async with self._turns:
                answer: T = await run_in_threadpool(question)
                return answer
        finally:
            self._number -= 1
