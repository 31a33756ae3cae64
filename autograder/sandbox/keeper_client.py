"""The trusted end of the channel to a box's keeper: which processes to keep, which it ended."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.sandbox import wire
from autograder.sandbox.policy import SandboxError
from autograder.sandbox.process import PATIENCE_S, Process
from autograder.verdicts import Verdict

REASONS = {
    "memory": Verdict.MEMORY,
    "cpu": Verdict.TIMEOUT,
    "processes": Verdict.CRASHED,
    "disk": Verdict.CRASHED,
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
    """

    reason: Verdict | None = None
    ended: frozenset[int] = frozenset()
    is_lost: bool = False


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
        if not hello.get("ready"):
            raise SandboxError(f"the box could not be made: {hello.get('error', 'no reason given')}")
        return int(hello["pid"])

    def order(self, keep: Iterable[Process], safe: Iterable[Process]) -> Report:
        """End all but `keep` now; at a limit, from now on, all but `safe`, then these, the last first."""
        if self._is_gone:
            return Report(is_lost=True)
        order = {"op": "keep", "keep": _numbers(keep), "safe": _numbers(safe)}
        try:
            self._control.send(wire.pack(order), time.monotonic() + PATIENCE_S)
            reply = self._control.receive(time.monotonic() + PATIENCE_S).header
        except wire.WireError:
            self._is_gone = True
            return Report(is_lost=True)
        reason = REASONS.get(str(reply.get("reason")))
        return Report(reason, frozenset(reply["ended"]), bool(reply["left"]))

    def close(self) -> None:
        """Close the channel: the keeper then ends the box."""
        self._is_gone = True
        self._control.close()


def _numbers(processes: Iterable[Process]) -> list[int]:
    """Their numbers, each once: a held state may be the checkpoint, and the checkpoint the present state."""
    return list(dict.fromkeys(process.pid for process in processes))
