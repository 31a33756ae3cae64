"""The seed strip: every run trained again from many seeds, because one seed shows no winner.

The starting weights are drawn in the calling thread; the training is a job for the driver.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from init_utils.descent import Descent
from init_utils.lab.candidates import Parameters
from init_utils.lab.frames import Scene, accuracy
from init_utils.lab.session import LabSession
from init_utils.network import Hidden, forward_propagation
from init_utils.training import Watch, train_many

Result = tuple[float | None, float | None]

THREADS = 2  # the compiled engine releases the interpreter's lock


@dataclass
class StripRow:
    """One scheme.

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


class SeedStrip:
    """All runs of a session from seeds 1, 2, ..., n.

    Parameters
    ----------
    session : LabSession
        Its functions are called here and now, once for each seed.
    """

    def __init__(self, session: LabSession) -> None:
        self._settings = session.settings
        self._scene = session.scene
        self.seeds = list(range(1, session.settings.strip_seeds + 1))
        self.rows = [StripRow(run.candidate.name) for run in session.runs]
        self._starts: list[tuple[int, StripRow, Parameters]] = []
        for row in self.rows:
            first = session.start_for(row.name, self.seeds[0])
            row.note = first.message or session.seed_note(row.name, self.seeds[0])
            # One training shows everything about a function that ignores the seed.
            for place, seed in enumerate(self.seeds[:1] if row.note else self.seeds):
                start = session.start_for(row.name, seed)
                if start.parameters is not None:
                    self._starts.append((place, row, start.parameters))
        self._starts.sort(key=lambda start: start[0])  # all schemes grow together
        self.done = 0

    @property
    def total(self) -> int:
        """Trainings in all."""
        return len(self._starts)

    def train(self, stop: threading.Event) -> Iterator[None]:
        """Train one start after another, two at a time; yields after each pair.

        Parameters
        ----------
        stop : threading.Event
            Ends a training within a few milliseconds; what was begun is dropped.
        """
        examples, settings = self._scene.train, self._settings
        for first in range(0, self.total, THREADS):
            batch = self._starts[first : first + THREADS]
            results = train_many(
                [parameters for *_, parameters in batch],
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
            for (_, row, _), result in zip(batch, results, strict=True):
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
            "seeds": len(self.seeds),
            "rows": [
                {
                    "name": row.name,
                    "note": row.note,
                    "costs": list(row.costs),
                    "accuracies": list(row.accuracies),
                }
                for row in self.rows
            ],
        }


def _measure(parameters: Parameters, scene: Scene, hidden: Hidden) -> Result:
    """Cost on the training examples and accuracy on the test examples."""
    if not all(np.all(np.isfinite(array)) for array in parameters.values()):
        return None, None
    outputs, _ = forward_propagation(scene.test.X, parameters, hidden=hidden)
    trained = Descent(scene.train.X, scene.train.Y, parameters, hidden=hidden, engine="numpy")
    return trained.record().cost, accuracy(outputs, scene.test.Y)
