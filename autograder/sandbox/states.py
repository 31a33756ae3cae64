"""What a box consists of, and what waits in it: checkpoints, held states, a fork that was asked for ahead."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from autograder.sandbox import wire
from autograder.sandbox.cgroup import BoxCgroup
from autograder.sandbox.faults import regardless
from autograder.sandbox.process import Process
from autograder.verdicts import Verdict

# What may have to be run again after a cell that hangs: so many cells, so much of their wall time.
CELLS_A_CHECKPOINT = 8
REPEATED_S = 0.5


class BoxParts(NamedTuple):
    """What the launcher made for a box.

    Attributes
    ----------
    control, channel : Channel
        To its keeper and to its first student process.
    folder : Path or None
        The folder of this machine that is its working directory, if it is to be removed at the end.
    cgroup : BoxCgroup or None
    shares_files : bool
        Whether all processes have one working directory; False where a fork has a copy of it.
    """

    control: wire.Channel
    channel: wire.Channel
    folder: Path | None
    cgroup: BoxCgroup | None
    shares_files: bool = True

    def close(self) -> None:
        """Hang up; the box ends by itself then."""
        regardless(self.control.close, self.channel.close)
        if self.cgroup is not None:
            self.cgroup.close()


class BoxGone(Exception):  # noqa: N818 (caught here; a state, not an error for callers)
    """A process has ended, or cannot fork: what it was for gives `crashed`, or the limit that ended it."""


@dataclass
class Checkpoint:
    """A process whose state is that before some cells, and these cells.

    Attributes
    ----------
    process : Process
    cells : list of str
        Sources that were run since and are in the present state.
    seconds : float
        Wall time they took.
    """

    process: Process
    cells: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def is_used_up(self) -> bool:
        """Whether running its cells again would cost more than a new checkpoint saves."""
        return len(self.cells) >= CELLS_A_CHECKPOINT or self.seconds > REPEATED_S


@dataclass(eq=False)
class State:
    """A process that waits with the notebook's state at some place, for tests to fork.

    Attributes
    ----------
    process : Process
    ended_by : Verdict or None
        The limit of the box that ended it before its tests came.
    """

    process: Process
    ended_by: Verdict | None = None


@dataclass
class Prepared:
    """A fork of a held state that was asked for before its test is opened; `process` once it has answered."""

    state: State
    channel: wire.Channel
    process: Process | None = None
