"""The lab without widgets: runs side by side, trained in lockstep, every kept moment a frame.

Called by `widget` (through `driver`) and by scripts. Pure Python and NumPy: no threads, no clock but for
the time a run took, no prints. One thread at a time may call `advance`; `change`, `reset` and the rest
are for when nothing trains. It is longer than most modules because runs and what is read off them have
one owner.

>>> session = LabSession(built_in_candidates(), LabSettings(iterations=20), compare=["He"])
>>> session.advance(20)
>>> session.iteration, session.finished
(20, True)
"""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from init_utils import datasets
from init_utils.descent import Descent
from init_utils.lab.candidates import Candidate, Parameters, Start, built_in_candidates, draw_start, seed_note
from init_utils.lab.depth import DEEP_DIMS, DepthSpread, depth_spread
from init_utils.lab.diagnosis import Evidence, diagnose
from init_utils.lab.frames import (
    BINS,
    FIGURES,
    GRID,
    Examples,
    Frame,
    Layout,
    Scene,
    draw_frame,
    frame_schedule,
    overflowed_frame,
)
from init_utils.lab.settings import LabSettings, SettingsError, code_line

__all__ = ["LabSession", "Run", "RunSummary", "built_in_candidates"]

MOST_RUNS = 4


@dataclass
class Run:
    """One initializer in training.

    Attributes
    ----------
    candidate : Candidate
    start : Start
        Its weights before the first step, or why it has none.
    note : str
        `ignores the seed` and the like.
    descent : Descent or None
        None when the function is not usable.
    frames : list of Frame
        As many as the session has moments; empty when there is no network.
    seconds : float
        Time in training, without drawing.
    """

    candidate: Candidate
    start: Start
    note: str = ""
    descent: Descent | None = None
    frames: list[Frame] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class RunSummary:
    """A row of the lab's table.

    Attributes
    ----------
    name, argument, message, note, diagnosis : str
        `message` says why there is no network; the numbers are None then.
    start_cost, cost, train_accuracy, test_accuracy, seconds : float or None
    iteration : int
    """

    name: str
    argument: str
    message: str
    note: str
    diagnosis: str
    start_cost: float | None = None
    cost: float | None = None
    train_accuracy: float | None = None
    test_accuracy: float | None = None
    seconds: float | None = None
    iteration: int = 0


class LabSession:
    """Up to four initializers trained on the same data, one lockstep.

    Parameters
    ----------
    candidates : sequence of Candidate
        Those that may be compared; names must differ.
    settings : LabSettings
    compare : sequence of str, optional
        Names of those that are; the first `MOST_RUNS` by default.

    Raises
    ------
    SettingsError
        A name is unknown, given twice, or there are too many.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        settings: LabSettings | None = None,
        compare: Sequence[str] | None = None,
    ) -> None:
        self.candidates = {candidate.name: candidate for candidate in candidates}
        if len(self.candidates) < len(candidates):
            raise SettingsError("two initializers have the same name; give one as name=function")
        own = [name for name, candidate in self.candidates.items() if not candidate.built_in]
        self._default_compare = (own or list(self.candidates))[:MOST_RUNS]
        self.settings = settings or LabSettings()
        self.compare = self.checked_names(self._default_compare if compare is None else compare)
        self._drawn: dict[tuple[str, tuple[int, ...], int | None], Start] = {}
        self._depths: dict[tuple[str, int | None, float, str], DepthSpread | None] = {}
        self._prepare()

    # ------------------------------------------------------------------ state

    @property
    def iteration(self) -> int:
        """Steps done; the same for every run."""
        return self._iteration

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return self._iteration >= self.settings.iterations or not self._moving()

    @property
    def code(self) -> str:
        """The line of Python that opens a lab in this state."""
        arguments = [candidate.argument for candidate in self.candidates.values() if not candidate.built_in]
        compare = None if self.compare == self._default_compare else self.compare
        return code_line(arguments, self.settings, compare)

    def change(self, compare: Sequence[str] | None = None, **settings: object) -> None:
        """Take other settings; what they touch starts again from the first weights.

        Raises
        ------
        SettingsError
            Nothing has changed then.
        """
        changed = self.settings.replace(**settings)
        names = self.compare if compare is None else self.checked_names(compare)
        silent = changed.replace(pace=0.0, strip_seeds=2) == self.settings.replace(pace=0.0, strip_seeds=2)
        same = silent and names == self.compare
        self.settings, self.compare = changed, names
        if not same:
            self._prepare()

    def reset(self) -> None:
        """Back to the first weights, exactly: functions are not called again."""
        self._begin()

    def new_seed(self) -> int:
        """Another seed for the weights, drawn from entropy; the global random state is not touched.

        Returns
        -------
        int
            The seed, 0 to 9,999: short enough to be told to a neighbour.
        """
        seed = int(np.random.default_rng().integers(10_000))
        self.change(seed=seed)
        return seed

    # --------------------------------------------------------------- training

    def advance(
        self, steps: int, stop: threading.Event | None = None, deadline: float = float("inf")
    ) -> None:
        """Train every run by up to `steps` steps, keeping the frames of the schedule on the way.

        Parameters
        ----------
        stop : threading.Event, optional
            Looked at after every few milliseconds of training.
        deadline : float
            `time.perf_counter()` after which no further moment is begun.
        """
        target = min(self._iteration + steps, self.settings.iterations)
        while self._iteration < target and self._moving():
            if (stop is not None and stop.is_set()) or time.perf_counter() > deadline:
                return
            scheduled = self._next_moment()
            if not self._train_to(min(target, scheduled), stop):
                return
            if self._iteration == scheduled:
                self._keep_frames()

    def step(self) -> None:
        """One step of gradient descent for every run, kept as a frame."""
        if self.finished:
            return
        self._train_to(self._iteration + 1, None)
        self._keep_frames()

    def settle(self) -> None:
        """Keep a frame of the present moment, if there is none yet: after a pause or a stop."""
        if self.moments[-1] != self._iteration:
            self._keep_frames()

    # ------------------------------------------------------------- what to see

    def frames_since(self, count: int) -> list[list[Frame | None]]:
        """Rows (moments) of frames (runs, in the order of `runs`) after the first `count` moments."""
        last = len(self.moments)
        return [
            [run.frames[index] if run.frames else None for run in self.runs] for index in range(count, last)
        ]

    def summaries(self) -> list[RunSummary]:
        """A row of the table for every run."""
        return [self._summary(run) for run in self.runs]

    def curves_csv(self) -> str:
        """Every kept moment of every run as CSV: iteration, cost, accuracies, saturation, gradient norms."""
        names = list(FIGURES[1:])
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        norms = [f"gradient_norm_{layer}" for layer in range(1, self.layout.depth + 1)]
        writer.writerow(["run", "iteration", *names, *norms])
        for run in self.runs:
            for frame in run.frames:
                writer.writerow(
                    [run.candidate.name, int(frame.figures[0]), *map(repr, frame.figures[1:].tolist())]
                )
        return text.getvalue()

    def start_for(self, name: str, seed: int | None, layers_dims: Sequence[int] | None = None) -> Start:
        """Starting weights of one candidate: the function is called once for each seed and layer sizes.

        Parameters
        ----------
        layers_dims : sequence of int, optional
            Of the session's network by default.
        """
        dims = tuple(self.settings.layers_dims if layers_dims is None else layers_dims)
        key = (name, dims, seed)
        if key not in self._drawn:
            self._drawn[key] = draw_start(self.candidates[name], list(dims), seed)
        return self._drawn[key].scaled(self.settings.gain)

    def depth_spread(self, name: str) -> DepthSpread | None:
        """What this initializer does in 30 layers; None when it does not take such sizes.

        The function is called here, once for each seed.
        """
        settings = self.settings
        key = (name, settings.seed, settings.gain, settings.hidden)
        if key not in self._depths:
            usable = self.start_for(name, settings.seed).parameters is not None
            deep = self.start_for(name, settings.seed, DEEP_DIMS).parameters if usable else None
            self._depths[key] = None if deep is None else depth_spread(deep, settings.hidden)
        return self._depths[key]

    # ------------------------------------------------------------------ inside

    def checked_names(self, names: Sequence[str]) -> list[str]:
        unknown = [name for name in names if name not in self.candidates]
        if unknown:
            raise SettingsError(f"compare names {unknown[0]!r}; the lab has {', '.join(self.candidates)}")
        if len(set(names)) < len(names) or not 1 <= len(names) <= MOST_RUNS:
            raise SettingsError(f"compare is {list(names)!r}; expected 1 to {MOST_RUNS} different names")
        return [name for name in self.candidates if name in names]

    def _prepare(self) -> None:
        settings = self.settings
        data = datasets.make(
            settings.dataset,
            settings.points,
            settings.noise,
            settings.data_seed,
            n_test=max(20, settings.points // 3),
        )
        self.scene = Scene.around(Examples(data.train_X, data.train_Y), Examples(data.test_X, data.test_Y))
        self.layout = Layout(tuple(settings.layers_dims))
        self._engine = "auto"
        self._starts = {name: self.start_for(name, settings.seed) for name in self.compare}
        self._notes = {name: self._seed_note(name) for name in self.compare}
        self._begin()

    def _seed_note(self, name: str) -> str:
        if self.settings.seed is None:
            return ""
        return seed_note(self.start_for(name, None), self._starts[name])

    def _begin(self) -> None:
        settings = self.settings
        self.runs = [
            Run(
                self.candidates[name],
                self._starts[name],
                self._notes[name],
                None if start.parameters is None else self._descent(start.parameters),
            )
            for name, start in self._starts.items()
        ]
        self._iteration = 0
        self._block = 1
        self.moments: list[int] = []
        self._schedule = frame_schedule(settings.iterations)
        self._keep_frames()

    def _descent(self, parameters: Parameters) -> Descent:
        train, settings = self.scene.train, self.settings
        descent = Descent(
            train.X,
            train.Y,
            parameters,
            settings.learning_rate,
            hidden=settings.hidden,
            engine=self._engine,
        )
        # Engines differ in the last bits, and another may be ready by the time of a rerun: keep the first.
        self._engine = descent.engine
        return descent

    def _moving(self) -> list[Run]:
        return [run for run in self.runs if run.descent is not None]

    def _next_moment(self) -> int:
        while self._schedule and self._schedule[0] <= self._iteration:
            self._schedule.pop(0)
        return self._schedule[0] if self._schedule else self.settings.iterations

    def _train_to(self, moment: int, stop: threading.Event | None) -> bool:
        """Train all runs to one iteration in blocks of about 5 ms; False when stopped, still in lockstep."""
        while self._iteration < moment:
            if stop is not None and stop.is_set():
                return False
            steps = min(self._block, moment - self._iteration)
            began = time.perf_counter()
            for run in self._moving():
                run_began = time.perf_counter()
                assert run.descent is not None
                run.descent.advance(steps)
                run.seconds += time.perf_counter() - run_began
            self._iteration += steps
            taken = time.perf_counter() - began
            if taken < 0.004:
                self._block = min(self._block * 2, 4_096)
            elif taken > 0.010:
                self._block = max(1, self._block // 2)
        return True

    def _keep_frames(self) -> None:
        for run in self._moving():
            run.frames.append(self._look(run))
        self.moments.append(self._iteration)

    def _look(self, run: Run) -> Frame:
        assert run.descent is not None
        parameters = run.descent.parameters
        if not all(np.all(np.isfinite(array)) for array in parameters.values()):
            return overflowed_frame(self._iteration, run.seconds, run.frames[-1])
        record = run.descent.record()
        return draw_frame(
            self.scene,
            parameters,
            self.settings.hidden,
            self._iteration,
            record.cost,
            record.gradient_norms,
            run.seconds,
        )

    def _summary(self, run: Run) -> RunSummary:
        candidate = run.candidate
        if not run.frames:
            return RunSummary(candidate.name, candidate.argument, run.start.message, "", "")
        first, last = run.frames[0].figures, run.frames[-1].figures
        named = dict(zip(FIGURES, (float(value) for value in last), strict=False))
        evidence = Evidence(
            start_cost=float(first[1]),
            cost=named["cost"],
            start_norms=first[len(FIGURES) :].tolist(),
            norms=last[len(FIGURES) :].tolist(),
            ranks=run.frames[-1].cells[-self.layout.depth :].tolist(),
            copies=self._has_copies(run.frames[-1]),
            start_saturated=float(first[FIGURES.index("saturated")]),
            train_accuracy=named["train_accuracy"],
            test_accuracy=named["test_accuracy"],
            iteration=int(named["iteration"]),
        )
        return RunSummary(
            name=candidate.name,
            argument=candidate.argument,
            message="",
            note=run.note,
            diagnosis=diagnose(evidence),
            start_cost=evidence.start_cost,
            cost=evidence.cost,
            train_accuracy=evidence.train_accuracy,
            test_accuracy=evidence.test_accuracy,
            seconds=named["seconds"],
            iteration=evidence.iteration,
        )

    def _has_copies(self, frame: Frame) -> bool:
        """Whether in some hidden layer of several neurons every neuron points the same way and rank is 1."""
        place = GRID * GRID + BINS
        ranks = frame.cells[-self.layout.depth :]
        for layer, size in enumerate(self.layout.similarity_sizes):
            matrix = frame.cells[place : place + size * size]
            place += size * size
            if size > 1 and ranks[layer] == 1 and np.all(matrix == 254):
                return True
        return False
