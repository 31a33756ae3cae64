"""The lab without widgets: runs side by side, trained in lockstep, and the frames of every kept moment.

Pure Python and NumPy: no threads, no clock but for the time a run took, no prints. One thread at a time may
call `advance`; `change`, `reset` and the others are for when nothing trains.

>>> session = LabSession(built_in_candidates(), LabSettings(iterations=20), compare=["He"])
>>> session.advance(20)
>>> session.iteration, session.finished
(20, True)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from init_utils import datasets
from init_utils.descent import Descent
from init_utils.lab.candidates import Candidate, Parameters, Start, built_in_candidates
from init_utils.lab.depth import DepthSpread
from init_utils.lab.experiment import SEEDS, experiment
from init_utils.lab.frames import Examples, Scene, frame_schedule
from init_utils.lab.layout import Frame, FrameLayout
from init_utils.lab.lockstep import Lockstep
from init_utils.lab.runs import Run, RunSummary, curves_csv, summarise
from init_utils.lab.settings import MOST_RUNS, LabSettings, SettingsError, code_line
from init_utils.lab.starts import Starts

__all__ = ["LabSession", "built_in_candidates"]


class LabSession:
    """Up to `MOST_RUNS` initializers trained on the same data, in lockstep.

    Parameters
    ----------
    candidates : sequence of Candidate
        Those that may be compared; names must differ.
    settings : LabSettings
    compare : sequence of str, optional
        Names of those that are; the first `MOST_RUNS` by default.

    Attributes
    ----------
    settings : LabSettings
    compare : list of str
    runs : list of Run
        In the order of `compare`.
    moments : list of int
        Iterations whose frames are kept.
    scene : Scene
    layout : FrameLayout

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
        self.settings = self._checked_gains(settings or LabSettings())
        self.compare = self.checked_names(self._default_compare if compare is None else compare)
        self._starts = Starts(self.candidates)
        self._prepare()

    # ------------------------------------------------------------------ state

    @property
    def iteration(self) -> int:
        """Steps done; the same for every run."""
        return self._lockstep.iteration

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return self.iteration >= self.settings.iterations or self._lockstep.empty

    @property
    def code(self) -> str:
        """The line of Python that opens a lab in this state."""
        arguments = [candidate.argument for candidate in self.candidates.values() if not candidate.built_in]
        compare = None if self.compare == self._default_compare else self.compare
        return code_line(arguments, self.settings, compare)

    def experiment(self, seeds: Sequence[int] = SEEDS) -> dict[str, Any]:
        """The lab's state as data, with the starting weights of its functions for some seeds."""

        def draw(candidate: Candidate, layers_dims: list[int], seed: int | None) -> Start:
            return self._starts.draw(candidate.name, layers_dims, seed)

        return experiment(list(self.candidates.values()), self.settings, self.compare, seeds, draw)

    def change(self, compare: Sequence[str] | None = None, **settings: object) -> None:
        """Use other settings; runs start again from the first weights, unless only the pace or the seed strip
        is affected.

        Raises
        ------
        SettingsError
            Nothing has changed then.
        """
        before = self.settings, self.compare
        changed = self._checked_gains(self.settings.replace(**settings))
        self.compare = self.compare if compare is None else self.checked_names(compare)
        self.settings = changed
        if (_training_settings(changed), self.compare) != (_training_settings(before[0]), before[1]):
            self._prepare()

    def reset(self) -> None:
        """Back to exactly the first weights: functions are not called again."""
        self._begin()

    def checked_names(self, names: Sequence[str]) -> list[str]:
        """Names of candidates in the lab's order.

        Raises
        ------
        SettingsError
            A name is unknown, given twice, or there are too many or none.
        """
        unknown = [name for name in names if name not in self.candidates]
        if unknown:
            raise SettingsError(f"compare names {unknown[0]!r}; the lab has {', '.join(self.candidates)}")
        if len(set(names)) < len(names) or not 1 <= len(names) <= MOST_RUNS:
            raise SettingsError(f"compare is {list(names)!r}; expected 1 to {MOST_RUNS} different names")
        return [name for name in self.candidates if name in names]

    def checked_setting(self, name: str, value: object) -> None:
        """Raise `SettingsError` for a value that the setting cannot have here."""
        self._checked_gains(self.settings.replace(**{name: value}))

    def _checked_gains(self, settings: LabSettings) -> LabSettings:
        gains = settings.gain if isinstance(settings.gain, Mapping) else {}
        unknown = [name for name in gains if name not in self.candidates]
        if unknown:
            raise SettingsError(f"gain names {unknown[0]!r}; the lab has {', '.join(self.candidates)}")
        return settings

    # --------------------------------------------------------------- training

    def advance(
        self, steps: int, stop: threading.Event | None = None, deadline: float = float("inf")
    ) -> None:
        """Train every run by up to `steps` steps, keeping the frames of the schedule on the way.

        Parameters
        ----------
        stop : threading.Event, optional
            Checked after every few milliseconds of training.
        deadline : float
            `time.perf_counter()` after which no further moment is begun.
        """
        target = min(self.iteration + steps, self.settings.iterations)
        while self.iteration < target and not self._lockstep.empty:
            if (stop is not None and stop.is_set()) or time.perf_counter() > deadline:
                return
            scheduled = self._next_moment()
            if not self._lockstep.train_to(min(target, scheduled), stop):
                return
            if self.iteration == scheduled:
                self._keep_frames()

    def step(self) -> None:
        """One step of gradient descent for every run, kept as a frame."""
        if self.finished:
            return
        self._lockstep.train_to(self.iteration + 1)
        self._keep_frames()

    def settle(self) -> None:
        """Keep a frame of the present moment, if there is none yet: after a pause or a stop."""
        if self.moments[-1] != self.iteration:
            self._keep_frames()

    def forget_moments(self) -> None:
        """Keep the first and the last moment only: the memory of the others is free again."""
        if len(self.moments) > 2:
            del self.moments[1:-1]
            for run in self.runs:
                run.frames = run.frames[:1] + run.frames[-1:]

    # ------------------------------------------------------------- what to see

    def frames_since(self, count: int) -> list[list[Frame | None]]:
        """Rows (moments) of frames (runs, in the order of `runs`) after the first `count` moments."""
        return [
            [run.frames[index] if run.frames else None for run in self.runs]
            for index in range(count, len(self.moments))
        ]

    def summaries(self) -> list[RunSummary]:
        """A row of the table for every run."""
        return [summarise(run) for run in self.runs]

    def curves_csv(self) -> str:
        """Every kept moment of every run as CSV."""
        return curves_csv(self.runs, self.layout.depth)

    def start_for(self, name: str, seed: int | None) -> Start:
        """Starting weights of one candidate for the session's network and gain."""
        return self._starts.draw(name, self.settings.layers_dims, seed).scaled(self.settings.gain_of(name))

    def seed_note(self, name: str, seed: int | None) -> str:
        """`ignores the seed` and the like; "" for a candidate that follows the seed."""
        return self._starts.seed_note(name, self.settings.layers_dims, seed)

    def depth_spread(self, name: str) -> DepthSpread | None:
        """What a candidate does in a deep network; None when it does not take such sizes."""
        return self._starts.depth_spread(name, self.settings)

    # ------------------------------------------------------------------ inside

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
        self.layout = FrameLayout(tuple(settings.layers_dims))
        self._engine = "auto"
        self._begin()

    def _begin(self) -> None:
        self.runs = [self._new_run(name) for name in self.compare]
        self._lockstep = Lockstep(self.runs)
        self.moments: list[int] = []
        self._schedule = frame_schedule(self.settings.iterations)
        self._keep_frames()

    def _new_run(self, name: str) -> Run:
        seed = self.settings.seed
        start = self.start_for(name, seed)
        descent = None if start.parameters is None else self._descent(start.parameters)
        return Run(self.candidates[name], start, self.seed_note(name, seed), descent, self.settings.hidden)

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

    def _next_moment(self) -> int:
        while self._schedule and self._schedule[0] <= self.iteration:
            self._schedule.pop(0)
        return self._schedule[0] if self._schedule else self.settings.iterations

    def _keep_frames(self) -> None:
        for run in self.runs:
            run.keep_frame(self.scene)
        self.moments.append(self.iteration)


def _training_settings(settings: LabSettings) -> LabSettings:
    """The settings without those that no run depends on."""
    return settings.replace(pace=LabSettings.pace, strip_seeds=LabSettings.strip_seeds)
