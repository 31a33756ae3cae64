"""Runs trained side by side, the same number of steps each, in blocks short enough to be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from init_utils.lab.runs import Run

SHORTEST_BLOCK_S, LONGEST_BLOCK_S = 0.004, 0.010  # a block outside is doubled or halved for the next time
MOST_STEPS = 4_096  # in one block


class Lockstep:
    """The training of several runs.

    Parameters
    ----------
    runs : sequence of Run
        Those without a network are left out.

    Attributes
    ----------
    iteration : int
        Steps done; the same for every run.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self._moving = [(run, run.descent) for run in runs if run.descent is not None]
        self.iteration = 0
        self._block = 1

    @property
    def empty(self) -> bool:
        """Whether no run has a network."""
        return not self._moving

    def train_to(self, iteration: int, stop: threading.Event | None = None) -> bool:
        """Train all runs up to an iteration.

        Parameters
        ----------
        stop : threading.Event, optional
            Checked before each block of about 5 ms.

        Returns
        -------
        bool
            False when stopped; the runs are in step then as well.
        """
        while self.iteration < iteration:
            if stop is not None and stop.is_set():
                return False
            steps = min(self._block, iteration - self.iteration)
            began = time.perf_counter()
            for run, descent in self._moving:
                run_began = time.perf_counter()
                descent.advance(steps)
                run.seconds += time.perf_counter() - run_began
            self.iteration += steps
            taken = time.perf_counter() - began
            if taken < SHORTEST_BLOCK_S:
                self._block = min(self._block * 2, MOST_STEPS)
            elif taken > LONGEST_BLOCK_S:
                self._block = max(1, self._block // 2)
        return True
