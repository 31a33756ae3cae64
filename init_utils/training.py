"""Gradient descent from a start to a result: `train`, `train_many`, and `descend`, the same as a stream.

A run is a stream of frozen `StepRecord`s that plots and the lab consume. Runs are deterministic: the same
start, data and engine give the same bits, however the run is cut, watched or shared among threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from init_utils.descent import ActivationSpread, Descent, StepRecord
from init_utils.network import Array, Hidden

__all__ = [
    "ActivationSpread",
    "Descent",
    "History",
    "StepRecord",
    "TrainingResult",
    "descend",
    "train",
    "train_many",
]


@dataclass(frozen=True, eq=False)
class History:
    """What a run recorded.

    Attributes
    ----------
    iterations : (k,) int64
        Steps taken before each record: 0, record_every, 2 record_every, ...
    costs : (k,) float64
        Costs at those iterations, before their step, in nats.
    """

    iterations: NDArray[np.int64]
    costs: Array


class TrainingResult(NamedTuple):
    """Final parameters (float64 arrays, W1, b1, ...) and the history of the run."""

    parameters: dict[str, Array]
    history: History


def train(
    X: Any,
    Y: Any,
    parameters: Mapping[str, Any],
    learning_rate: float = 0.01,
    num_iterations: int = 15000,
    *,
    hidden: Hidden = "relu",
    record_every: int = 1000,
    print_cost: bool = False,
    loss: Literal["published", "stable"] = "published",
    progress: bool | Callable[[int, int], None] | None = None,
    callback: Callable[[StepRecord], object] | None = None,
    stop: threading.Event | None = None,
    memo: bool = True,
    engine: str = "auto",
) -> TrainingResult:
    """Final parameters and history of full-batch gradient descent."""
    run = Descent(X, Y, parameters, learning_rate, hidden=hidden, engine=engine)
    iterations: list[int] = []
    costs: list[float] = []
    for record in _records(run, num_iterations, record_every, stop):
        iterations.append(record.iteration)
        costs.append(record.published_cost if loss == "published" else record.cost)
        if print_cost:
            print(f"Cost after iteration {record.iteration}: {costs[-1]}")  # noqa: T201 - what was asked for
        if callback is not None and callback(record):
            break
    return TrainingResult(run.parameters, History(np.array(iterations, dtype=np.int64), np.array(costs)))


def descend(
    X: Any,
    Y: Any,
    parameters: Mapping[str, Any],
    learning_rate: float = 0.01,
    num_iterations: int = 15000,
    *,
    hidden: Hidden = "relu",
    record_every: int = 100,
    activations: bool = False,
    stop: threading.Event | None = None,
    engine: str = "auto",
) -> Iterator[StepRecord]:
    """The run as a stream: a record every `record_every` steps, the first at 0, the last at the end."""
    run = Descent(X, Y, parameters, learning_rate, hidden=hidden, engine=engine)
    yield from _records(run, num_iterations, record_every, stop)
    yield run.record(activations=activations)


def train_many(
    starts: Sequence[Mapping[str, Any]],
    X: Any,
    Y: Any,
    learning_rate: float = 0.01,
    num_iterations: int = 15000,
    **options: Any,
) -> list[TrainingResult]:
    """Results of all starts, in their order."""
    return [train(X, Y, start, learning_rate, num_iterations, **options) for start in starts]


def _records(
    run: Descent, num_iterations: int, record_every: int, stop: threading.Event | None
) -> Iterator[StepRecord]:
    while run.iteration < num_iterations:
        if run.iteration % record_every == 0:
            yield run.record()
        goal = min(num_iterations, run.iteration + record_every - run.iteration % record_every)
        while run.iteration < goal:
            if stop is not None and stop.is_set():
                return
            run.advance_within(goal - run.iteration)
