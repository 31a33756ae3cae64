"""Many trainings on the same data, two at a time, and what each ended with.

The starting weights are drawn in the calling thread; the training is a job for the driver.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from init_utils.descent import Descent
from init_utils.lab.candidates import Parameters
from init_utils.lab.frames import Scene, accuracy
from init_utils.lab.settings import LabSettings
from init_utils.network import Hidden, forward_propagation
from init_utils.training import Watch, train_many

Result = tuple[float | None, float | None]

THREADS = 2  # the compiled engine releases the interpreter's lock


@dataclass
class SweepRow:
    """One start from several seeds.

    Attributes
    ----------
    name : str
    note : str
        Why more seeds show nothing, or why there is no network.
    costs, accuracies : list of float or None
        Final cost and test accuracy, one per seed trained so far; None where the weights overflowed.
    """

    name: str
    note: str = ""
    costs: list[float | None] = field(default_factory=list)
    accuracies: list[float | None] = field(default_factory=list)


class Sweep:
    """Trains starts and appends their results to rows.

    Parameters
    ----------
    settings : LabSettings
    scene : Scene
    starts : sequence of (SweepRow, dict)
        In the order of training: each row's by ascending seed.
    clock : callable
        Seconds.

    Attributes
    ----------
    rows : list of SweepRow
    done : int
        Trainings that have ended.
    """

    def __init__(
        self,
        settings: LabSettings,
        scene: Scene,
        rows: Sequence[SweepRow],
        starts: Sequence[tuple[SweepRow, Parameters]],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settings, self._scene, self._starts, self._clock = settings, scene, starts, clock
        self.rows = list(rows)
        self.done = 0
        self._began: float | None = None

    @property
    def total(self) -> int:
        """Trainings in all."""
        return len(self._starts)

    @property
    def remaining_s(self) -> float | None:
        """Seconds to the end at the pace so far; None before there is one."""
        if self._began is None or not self.done:
            return None
        return (self._clock() - self._began) / self.done * (self.total - self.done)

    def train(self, stop: threading.Event) -> Iterator[None]:
        """Train one start after another, two at a time; yields after each pair.

        Parameters
        ----------
        stop : threading.Event
            Ends a training within a few milliseconds; what was begun is dropped.
        """
        self._began = self._clock()
        examples, settings = self._scene.train, self._settings
        for first in range(0, self.total, THREADS):
            batch = self._starts[first : first + THREADS]
            results = train_many(
                [parameters for _, parameters in batch],
                examples.X,
                examples.Y,
                settings.learning_rate,
                settings.iterations,
                hidden=settings.hidden,
                record_every=settings.iterations,
                watch=Watch(progress=False, stop=stop),
                threads=THREADS,
            )
            if stop.is_set():
                return
            for (row, _), result in zip(batch, results, strict=True):
                cost, right = _measure(result.parameters, self._scene, settings.hidden)
                row.costs.append(cost)
                row.accuracies.append(right)
            self.done += len(batch)
            yield None

    def to_dict(self) -> dict[str, Any]:
        """What the view draws."""
        return {
            "done": self.done,
            "total": self.total,
            "remaining_s": self.remaining_s,
            "rows": [asdict(row) for row in self.rows],
        }


def _measure(parameters: Parameters, scene: Scene, hidden: Hidden) -> Result:
    """Cost on the training examples, None where it is not finite, and accuracy on the test examples."""
    if not all(np.all(np.isfinite(array)) for array in parameters.values()):
        return None, None
    outputs, _ = forward_propagation(scene.test.X, parameters, hidden=hidden)
    trained = Descent(scene.train.X, scene.train.Y, parameters, hidden=hidden, engine="numpy")
    cost = trained.record().cost
    return cost if math.isfinite(cost) else None, accuracy(outputs, scene.test.Y)
