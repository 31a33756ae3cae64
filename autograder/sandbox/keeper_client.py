"""The trusted end of the channel to a box's keeper: which processes to keep, which it ended."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.sandbox import wire
from autograder.sandbox.policy import SandboxError
from autograder.sandbox.process import PATIENCE_S, Process
from autograder.sandbox.reports import read_report
from autograder.verdicts import Verdict

REASONS = {
    "memory": Verdict.MEMORY,
    "cpu": Verdict.TIMEOUT,
    "processes": Verdict.CRASHED,
    "disk": Verdict.CRASHED,
    "fault": Verdict.CRASHED,
}


@dataclass(frozen=True)
class Report:
    """What the keeper did since the last order.

    Attributes
    ----------
    reason : Verdict or None
        The limit of the box that was passed, and at which it ended what was not safe.
    ended : frozenset of int
        Safe processes that it had to end too, by number.
    is_lost : bool
        Some process could not be ended, or the keeper itself has ended: the box cannot be used any more.
    waited_s : float or None
        For how long all threads of the box were ready to run and had no processor, as the keeper saw it; None
        where it has not been told.
    """

    reason: Verdict | None = None
    ended: frozenset[int] = frozenset()
    is_lost: bool = False
    waited_s: float | None = None


class KeeperClient:
    """Orders to one keeper; once it has ended, every report is that of a lost box.

    Parameters
    ----------
    control : Channel
    """

    def __init__(self, control: wire.Channel) -> None:
        self._control = control
        self._is_gone = False

    def await_ready(self) -> int:
        """Wait until the box is made; the number of its first student process.

        Raises
        ------
        SandboxError
            It is not as it must be.
        """
        try:
            hello = self._control.receive(time.monotonic() + PATIENCE_S).header
        except wire.WireError as error:
            raise SandboxError(f"the box could not be made: {error}") from error
        pid = hello.get("pid")
        if not hello.get("ready") or type(pid) is not int:
            raise SandboxError(f"the box could not be made: {hello.get('error', 'no reason given')}")
        return pid

    def order(self, keep: Iterable[Process], safe: Iterable[Process]) -> Report:
        """End all but `keep` now; at a limit, from now on, all but `safe`, then these, the last first."""
        if self._is_gone:
            return Report(is_lost=True)
        order = {"op": "keep", "keep": _numbers(keep), "safe": _numbers(safe)}
        try:
            self._control.send(wire.pack(order), time.monotonic() + PATIENCE_S)
            reply = self._control.receive(time.monotonic() + PATIENCE_S).header
            return read_report(lambda: _report(reply))
        except wire.WireError:
            self._is_gone = True
            return Report(is_lost=True)

    def close(self, *, wait: bool = False) -> None:
        """Close the channel: the keeper then ends the box.

        Parameters
        ----------
        wait : bool
            Whether to return only when it has (or does not in time): its files can be removed then.
        """
        if wait and not self._is_gone:
            with contextlib.suppress(wire.WireError):
                self._control.finish(time.monotonic() + PATIENCE_S)
        self._is_gone = True
        self._control.close()


def _report(reply: Mapping[str, Any]) -> Report:
    ended, left, reason = reply["ended"], reply["left"], reply["reason"]
    if type(ended) is not list or type(left) is not int or any(type(pid) is not int for pid in ended):
        raise wire.WireError("a report of the keeper that is none")
    waited_s = reply.get("waited_s")
    if waited_s is not None and (type(waited_s) not in (int, float) or not math.isfinite(waited_s)):
        raise wire.WireError("a report of the keeper with a time that is none")
    return Report(None if reason is None else REASONS[reason], frozenset(ended), left > 0, waited_s)


def _numbers(processes: Iterable[Process]) -> list[int]:
    """Their numbers, each once: a held state may be the checkpoint, and the checkpoint the present state."""
    return list(dict.fromkeys(process.pid for process in processes))
