"""Gradient descent from a start to a result: `train`, `train_many`, and `descend`, the same as a stream.

A run is a stream of frozen `StepRecord`s that plots and the lab consume. Runs are deterministic: the same
start, data and engine give the same bits, however the run is cut, watched, or shared among threads.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from init_utils.descent import ActivationSpread, Descent, StepRecord
from init_utils.memo import MEMO, MemoError, export_memo, import_memo, make_key
from init_utils.network import Array, Hidden
from init_utils.progress import Progress, progress_reporter

__all__ = [
    "ActivationSpread",
    "Descent",
    "History",
    "MemoError",
    "StepRecord",
    "TrainingResult",
    "Watch",
    "descend",
    "export_memo",
    "import_memo",
    "train",
    "train_many",
]

Loss = Literal["published", "stable"]


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
    """Final parameters (float64 arrays W1, b1, ..., WL, bL) and the history of the run."""

    parameters: dict[str, Array]
    history: History


@dataclass(frozen=True)
class Watch:
    """Who watches a run, and may stop it.

    Attributes
    ----------
    progress : bool, callable or None
        See `progress.progress_reporter`. A callable gets (steps done, steps in all), of all runs together.
    callback : callable, optional
        Called with each `StepRecord`; a true answer stops that run there.
    stop : threading.Event, optional
        Stops the run within about 20 ms of being set. What has been recorded is returned.
    """

    progress: bool | Progress | None = None
    callback: Callable[[StepRecord], object] | None = None
    stop: threading.Event | None = None


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
    loss: Loss = "published",
    watch: Watch = Watch(),
    memo: bool = True,
    engine: str = "auto",
) -> TrainingResult:
    """Final parameters and history of full-batch gradient descent.

    Parameters
    ----------
    X : (n_x, m) float
    Y : (1, m), 0 or 1
    parameters : dict
        The start, in any accepted form; not changed.
    learning_rate : float
    num_iterations : int
        Steps, 0 or more.
    hidden : "relu" or "tanh"
    record_every : int
        Iterations between records, 1 or more.
    print_cost : bool
        Print each record: `Cost after iteration 0: inf`.
    loss : "published" or "stable"
        What the history holds: the published cost, which is inf where an output is saturated and wrong, or
        the same from the last pre-activation, always finite.
    watch : Watch
        Progress, a callback, and a signal that stops the run.
    memo : bool
        Return what an equal run returned before, and remember this one. Runs with a callback are never
        taken from the memo, runs that were stopped never remembered.
    engine : "auto", "compiled", "numpy" or "wide"
        See `engines`.

    Raises
    ------
    ParameterError
        The start cannot be used; the text names key, shape, wanted shape and likely cause.
    ValueError
        X, Y or an option cannot be used.

    >>> start = {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))}
    >>> X, Y = np.array([[-1.0, 1.0]]), np.array([[0, 1]])
    >>> parameters, history = train(X, Y, start, 1.0, 3, record_every=1)
    >>> history.iterations.tolist(), [round(float(cost), 3) for cost in history.costs]
    ([0, 1, 2], [0.693, 0.474, 0.348])
    """
    _check_options(num_iterations, record_every, loss)
    key = None
    if memo:
        settings = (learning_rate, num_iterations, hidden, record_every, loss, engine)
        key = _memo_key(X, Y, parameters, settings)
        known = MEMO.get(key) if key and watch.callback is None else None
        if known is not None:
            history = History(known.pop("iterations"), known.pop("costs"))
            for iteration, cost in zip(history.iterations, history.costs, strict=True):
                _print_cost(print_cost, int(iteration), float(cost))
            return TrainingResult(known, history)
    run = Descent(X, Y, parameters, learning_rate, hidden=hidden, engine=engine)
    report = progress_reporter(watch.progress)
    iterations: list[int] = []
    costs: list[float] = []
    for record in _records(run, num_iterations, record_every, watch.stop, report):
        iterations.append(record.iteration)
        costs.append(record.published_cost if loss == "published" else record.cost)
        _print_cost(print_cost, iterations[-1], costs[-1])
        if watch.callback is not None and watch.callback(record):
            break
    report(num_iterations, num_iterations)
    history = History(np.array(iterations, dtype=np.int64), np.array(costs, dtype=np.float64))
    result = TrainingResult(run.parameters, history)
    if key and run.iteration == num_iterations:
        MEMO.put(key, result.parameters | {"iterations": history.iterations, "costs": history.costs})
    return result


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
    """The run as a stream: a record every `record_every` steps, the first at 0, the last after the last step.

    Parameters as for `train`; `activations` asks for the spread of every layer's activations in each
    record. The start is checked at once, the work is done as records are asked for.

    >>> start = {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))}
    >>> [record.iteration for record in descend([[-1.0, 1.0]], [[0, 1]], start, 1.0, 5, record_every=2)]
    [0, 2, 4, 5]
    """
    _check_options(num_iterations, record_every)
    run = Descent(X, Y, parameters, learning_rate, hidden=hidden, engine=engine)

    def stream() -> Iterator[StepRecord]:
        yield from _records(run, num_iterations, record_every, stop, activations=activations)
        yield run.record(activations=activations)

    return stream()


def train_many(
    starts: Sequence[Mapping[str, Any]],
    X: Any,
    Y: Any,
    learning_rate: float | Sequence[float] = 0.01,
    num_iterations: int = 15000,
    *,
    hidden: Hidden = "relu",
    record_every: int = 1000,
    loss: Loss = "published",
    watch: Watch = Watch(),
    engine: str = "auto",
    threads: int | None = None,
) -> list[TrainingResult]:
    """Results of all starts, in their order, each the same as `train` gives, bit for bit.

    Runs share the threads in slices of some milliseconds, so three runs keep two cores busy to the end.
    Where no thread can be started, the calling one takes all runs. Parameters as for `train`, and:

    Parameters
    ----------
    starts : sequence of dict
        One start per run: initializers times seeds.
    learning_rate : float or sequence of float
        One for all, or one per run.
    watch : Watch
        The callback gets the records of all runs, from whichever thread took them.
    threads : int, optional
        At most that many; the processor's cores when left out.

    >>> start = {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))}
    >>> len(train_many([start, start], [[-1.0, 1.0]], [[0, 1]], [1.0, 0.1], 5))
    2
    """
    _check_options(num_iterations, record_every, loss)
    rates = np.atleast_1d(np.asarray(learning_rate, dtype=np.float64))
    if rates.size not in (1, len(starts)):
        raise ValueError(
            f"got {rates.size} learning rates for {len(starts)} starts; expected one, or one a start."
        )
    runs = [
        _Run(
            Descent(X, Y, start, float(rate), hidden=hidden, engine=engine),
            num_iterations,
            record_every,
            watch.callback,
        )
        for start, rate in zip(starts, np.broadcast_to(rates, len(starts)), strict=True)
    ]
    waiting: queue.SimpleQueue[_Run] = queue.SimpleQueue()
    for run in runs:
        waiting.put(run)
    failed = threading.Event()
    errors: list[BaseException] = []
    report, total = progress_reporter(watch.progress), num_iterations * len(runs)
    reporting = threading.Lock()

    def work() -> None:
        while not failed.is_set() and not (watch.stop is not None and watch.stop.is_set()):
            try:
                run = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                more = run.slice()
                with reporting:
                    report(sum(each.descent.iteration for each in runs), total)
            except BaseException as error:  # noqa: BLE001 - raised below, in the calling thread
                failed.set()  # the other threads end with their slice
                errors.append(error)
                return
            if more:
                waiting.put(run)

    helpers = _started_threads(min(len(runs), threads or _cores()) - 1, work)
    work()
    for helper in helpers:
        helper.join()
    if errors:
        raise errors[0]
    report(total, total)
    return [run.result(loss) for run in runs]


class _Run:
    """One of many runs, advanced a slice at a time by whichever thread has it."""

    def __init__(
        self,
        descent: Descent,
        num_iterations: int,
        record_every: int,
        callback: Callable[[StepRecord], object] | None,
    ) -> None:
        self.descent, self._num_iterations, self._record_every = descent, num_iterations, record_every
        self._callback = callback
        self._records: list[StepRecord] = []

    def slice(self) -> bool:
        """Record if it is time, take some milliseconds of steps; return whether there are more to take."""
        run, every = self.descent, self._record_every
        if run.iteration < self._num_iterations:
            if run.iteration % every == 0:
                self._records.append(run.record())
                if self._callback is not None and self._callback(self._records[-1]):
                    return False
            run.advance_within(min(self._num_iterations - run.iteration, every - run.iteration % every))
        return run.iteration < self._num_iterations

    def result(self, loss: Loss) -> TrainingResult:
        """Parameters and records so far."""
        costs = [record.published_cost if loss == "published" else record.cost for record in self._records]
        iterations = np.array([record.iteration for record in self._records], dtype=np.int64)
        return TrainingResult(self.descent.parameters, History(iterations, np.array(costs, dtype=np.float64)))


def _records(
    run: Descent,
    num_iterations: int,
    record_every: int,
    stop: threading.Event | None,
    report: Progress = lambda done, total: None,
    *,
    activations: bool = False,
) -> Iterator[StepRecord]:
    """Records before steps 0, record_every, ...; ends after the last step, or when stopped."""
    while run.iteration < num_iterations:
        if stop is not None and stop.is_set():
            return
        if run.iteration % record_every == 0:
            yield run.record(activations=activations)
        run.advance_within(min(num_iterations - run.iteration, record_every - run.iteration % record_every))
        report(run.iteration, num_iterations)


def _check_options(num_iterations: int, record_every: int, loss: str = "published") -> None:
    if num_iterations < 0 or record_every < 1 or loss not in ("published", "stable"):
        raise ValueError(
            f"num_iterations is {num_iterations}, record_every {record_every}, loss {loss!r}; "
            "expected 0 or more, 1 or more, and 'published' or 'stable'."
        )


def _print_cost(wanted: bool, iteration: int, cost: float) -> None:
    if wanted:
        print(f"Cost after iteration {iteration}: {cost}")  # noqa: T201 - what print_cost asks for


def _memo_key(X: Any, Y: Any, parameters: Any, settings: tuple[object, ...]) -> str | None:
    """The run's key, or None for what is no run: it has its error coming."""
    if not isinstance(parameters, Mapping):
        return None
    arrays = {"X": np.asarray(X), "Y": np.asarray(Y)}
    arrays |= {name: value for name, value in parameters.items() if isinstance(value, np.ndarray)}
    if any(array.dtype.kind not in "biuf" for array in arrays.values()):
        return None
    return make_key(arrays, {"settings": settings})


def _started_threads(count: int, work: Callable[[], None]) -> list[threading.Thread]:
    """Up to `count` threads that do the work; fewer, or none, where no more can be started."""
    started: list[threading.Thread] = []
    for number in range(count):
        thread = threading.Thread(target=work, name=f"train_many_{number}")
        try:
            thread.start()
        except RuntimeError:  # Emscripten has no threads, and a process may have too many
            break
        started.append(thread)
    return started


def _cores() -> int:
    """Cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
