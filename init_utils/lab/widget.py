"""The lab as a Jupyter widget: every control a synced trait, frames as bytes, buttons as messages.

Where there is no front end (nbconvert, the autograder, a script) no comm is opened and no thread is
started, and the lab shows itself as a still picture.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import traitlets

from init_utils.lab.arguments import read_arguments
from init_utils.lab.candidates import Initializer
from init_utils.lab.dial import DIAL, pack_profiles
from init_utils.lab.driver import Driver, training_job
from init_utils.lab.experiment import json_in_html
from init_utils.lab.front_end import has_front_end, retire_replaced
from init_utils.lab.page import page_of
from init_utils.lab.publishing import Publisher
from init_utils.lab.questions import QUESTIONS, changes_for
from init_utils.lab.runs import RunSummary
from init_utils.lab.scales import scale_sweep
from init_utils.lab.session import LabSession
from init_utils.lab.settings import LIMITS, SettingsError
from init_utils.lab.state import LabState
from init_utils.lab.status import Action, Status, next_status
from init_utils.lab.still import Still, is_graded
from init_utils.lab.strip import seed_strip
from init_utils.lab.sweep import Sweep
from init_utils.lab.turns import Turns

STATIC = Path(__file__).parent / "static"  # built from src/ by `make js`
HELD = (Status.PAUSED, Status.STOPPED, Status.FINISHED)  # there is something new to keep
SWEEPS = {Status.SEEDS: "strip", Status.SCALES: "scales"}  # the trait that shows each
TABLE_INTERVAL_S = 0.2  # between two updates of the table while training
NOTHING_TO_TRAIN = "No function can be trained yet: finish one, then run its cell and this one again."
TRAINING_IS_OVER = "The training is over. Reset starts again from iteration 0."


class Lab(LabState):
    """Retrain and compare initializers, live.

    Parameters
    ----------
    *functions, **named_functions : callable of layers_dims
        Initializers that return a dict of W1, b1, ... A keyword names the run: `lab(mine=my_function)`.
    compare : list of str, optional
        Names of the runs to show, at most 4: functions given, and `Xavier`, `constant 0.5`, `small 0.01`.
    live : bool, optional
        Whether there is a front end to talk to; found out when not given.
    train : bool
        Train at once, without waiting for the button; never in a grader.
    question : int, optional
        One of the notebook's questions, 1 to 3, set up; settings that are given go before.
    **settings
        Fields of `LabSettings`: `dataset="moons"`, `learning_rate=0.1`, ...

    Raises
    ------
    SettingsError
        An argument is neither a function nor a setting, or a value is outside its range.
    """

    _esm = (STATIC / "widget.js").read_text(encoding="utf-8")
    _css = (STATIC / "widget.css").read_text(encoding="utf-8")

    def __init__(
        self,
        *functions: Initializer,
        compare: Sequence[str] | None = None,
        live: bool | None = None,
        train: bool = False,
        question: int | None = None,
        **named: Any,
    ) -> None:
        self._driver = Driver()  # first: a lab that is refused below is closed as well, by its finalizer
        self.turns = Turns(self._driver)
        self._live = has_front_end() if live is None else live
        self.session = LabSession(*read_arguments(functions, named), compare)
        if question is not None:
            changes = changes_for(question, self.session.candidates)
            given = {*named, *(("compare",) if compare is not None else ())}
            self.session.change(**{name: value for name, value in changes.items() if name not in given})
        self._publisher = Publisher(self.session)
        self._still = Still(self.session)
        self._sweep: Sweep | None = None
        self._table_at = 0.0
        self._applying = True  # traits are being set from the session: nothing to apply to it
        super().__init__(
            **self._publisher.controls(),
            **self._publisher.scenery(),
            **self._publisher.news(),
            table=self._publisher.table(),
            still=self._still.display_id,
            question=question,
            **({} if self._live else {"layout": None}),
        )
        self._applying = False
        self.on_msg(self._on_message)
        if self._live:
            retire_replaced(self._retire)
        if train and not is_graded():
            self.train()

    # --------------------------------------------------------------- the buttons

    def train(self) -> None:
        """Start, or go on after a pause; returns at once. Without a front end it trains to the end first."""
        if not self._live:
            self.run()
            return
        with self.turns.command():
            self.pause()
            if self._cannot_train():
                return
            with self.turns:
                if self.session.finished or self.status == Status.STOPPED:
                    self._restart()
                self.message = ""
                self._act(Action.TRAIN)
            self._driver.start(self._training())

    def pause(self) -> None:
        """Hold; `train` goes on from here."""
        self._end(Action.PAUSE)

    def stop(self) -> None:
        """End this training; the next `train` starts again from the same weights."""
        self._end(Action.STOP)

    def step(self) -> None:
        """One step of gradient descent; after the end of a training it takes none and says so."""
        with self.turns.command():
            self.pause()
            if self._cannot_train():
                return
            with self.turns:
                if self.session.finished:
                    self.message = TRAINING_IS_OVER
                    return
                self.message = ""
                self.session.step()
                self._act(Action.STEP)
                self._publish(table=True)

    def reset(self) -> None:
        """Back to exactly the same starting weights."""
        with self.turns.command():
            self._driver.halt()
            with self.turns:
                self._restart()
                self._act(Action.RESET)
                self._publish(table=True)

    def new_seed(self) -> int:
        """Other starting weights: the seed in the students' functions is replaced.

        Returns
        -------
        int
            The seed, drawn from entropy, 0 to 9,999: short enough to be told to a neighbour.
        """
        self.seed = int(np.random.default_rng().integers(10_000))
        return int(self.seed)

    def compare_seeds(self) -> None:
        """Train every run from `strip_seeds` seeds: the seed strip.

        Returns at once and trains in the background; without a front end it trains to the end first.
        """
        self._compare(Action.COMPARE_SEEDS, seed_strip)

    def compare_scales(self) -> None:
        """Train He's start at 12 scales from 5 seeds, and starts of 10 and of 0.01 beside it.

        Returns at once and trains in the background; without a front end it trains to the end first.
        """
        self._compare(Action.COMPARE_SCALES, scale_sweep)

    def ask(self, question: int) -> None:
        """Set up one of the notebook's questions, 1 to 3: the published experiment, its runs, its tab.

        Raises
        ------
        SettingsError
            There is no question of this number.
        """
        changes = changes_for(question, self.session.candidates)
        with self.turns:
            self._change(changes)
            self._applying = True
            self._show({**self._publisher.controls(), "question": question})
            self._applying = False

    def run(self, block: bool = True) -> list[RunSummary]:
        """Train to the end.

        Parameters
        ----------
        block : bool
            Wait for the end, and train as fast as possible. Otherwise the same as `train`.

        Returns
        -------
        list of RunSummary
            Costs, accuracies and diagnosis of every run, as they are on return.
        """
        if not block:
            self.train()
            return self.session.summaries()
        with self.turns.command():
            self.pause()
            if self._cannot_train():
                return self.session.summaries()
            with self.turns:
                if self.session.finished:
                    self._restart()
                self._act(Action.TRAIN)
                self.session.advance(self.session.settings.iterations)
                self.session.settle()
                self._act(Action.FINISH)
                self._publish(table=True)
            return self.session.summaries()

    def save(self, path: str | Path) -> None:
        """Write this lab as an HTML file that needs no Python.

        Parameters
        ----------
        path : str or Path
            `page.html`: settings, an engine, and each function's starting weights for ten seeds.
        """
        text = page_of(json_in_html(self.session.experiment()))
        Path(path).write_text(text, encoding="utf-8")

    def close(self) -> None:
        """Stop what runs, and close the comm; the results can still be read."""
        with self.turns.command():
            self._driver.halt()
            super().close()

    # ------------------------------------------------------------------- showing

    def open(self) -> None:
        """Open the comm, if there is a front end at its other end."""
        if self._live:
            super().open()

    def _ipython_display_(self, **_named: Any) -> None:
        """The widget, and below it a still picture, hidden while the widget lives; the picture alone where
        there is no front end.
        """
        if self._live:
            data, _ = super()._repr_mimebundle_() or ({}, {})
            self._still.show({**data, "text/plain": "Initialization lab"})
        else:
            self._still.show_alone()

    def _repr_mimebundle_(self, **_named: Any) -> Any:
        return super()._repr_mimebundle_() if self._live else self._still.alone()

    # -------------------------------------------------------------- from the view

    @traitlets.validate(*LIMITS, "compare")
    def _checked(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if self._applying:
            return value
        try:
            if name == "compare":
                return self.session.checked_names(value)
            self.session.checked_setting(name, value)
        except SettingsError as error:
            raise traitlets.TraitError(str(error)) from None
        return value

    @traitlets.observe(*LIMITS, "compare")
    def _on_control(self, change: Any) -> None:
        if self._applying:
            return
        if change["name"] in ("pace", "strip_seeds"):
            self.session.change(**{change["name"]: change["new"]})
            self.code = self.session.code
            return
        self._change({change["name"]: change["new"]})

    @traitlets.validate("dial")
    def _checked_dial(self, proposal: Any) -> Any:
        try:
            for name, limit in DIAL.items():
                limit.check(name, proposal["value"].get(name))
        except SettingsError as error:
            raise traitlets.TraitError(str(error)) from None
        return proposal["value"]

    @traitlets.observe("dial")
    def _send_profiles(self, _change: Any = None) -> None:
        """Only once the tab is opened, or the dial turned."""
        with self.turns:
            self.profiles = pack_profiles(self.dial["hidden"], self.dial["depth"])

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """What the view's buttons send: `{"do": "train", "id": 7}`; the id comes back first."""
        if not isinstance(content, dict):
            return
        if isinstance(content.get("id"), int):
            self.send({"kind": "answer", "id": content["id"]})
        action = self._actions().get(str(content.get("do")))
        with self.turns.command():
            is_closed = self._live and self.comm is None  # while the message waited
            if action is not None and not is_closed:
                action()

    def _actions(self) -> dict[str, Callable[[], Any]]:
        return {
            Action.TRAIN: self.train,
            Action.PAUSE: self.pause,
            Action.STEP: self.step,
            Action.STOP: self.stop,
            Action.RESET: self.reset,
            Action.COMPARE_SEEDS: self.compare_seeds,
            Action.COMPARE_SCALES: self.compare_scales,
            **{f"question-{number}": functools.partial(self.ask, number) for number in QUESTIONS},
            "new-seed": self.new_seed,
            "profiles": self._send_profiles,
            "history": self._send_history,
            "csv": self._send_csv,
        }

    # ----------------------------------------------------------------- the driver

    def _training(self) -> Iterator[float]:
        yield from training_job(self.session, self._publish_from_job, self._driver.stop)
        self.turns.from_job(self._finish)

    def _finish(self) -> None:
        self.session.settle()
        self._act(Action.FINISH)
        self._publish(table=True)

    def _compare(self, action: Action, begin: Callable[[LabSession], Sweep]) -> None:
        with self.turns.command():
            self.pause()
            if self._cannot_train():
                return
            with self.turns:
                self._sweep = begin(self.session)
                self._act(action)
                trait = SWEEPS[self.status]
                self._show({trait: self._sweep.to_dict()})
            job = self._sweeping(self._sweep, trait)
            if self._live:
                self._driver.start(job)
            else:
                self._driver.run(job)

    def _sweeping(self, sweep: Sweep, trait: str) -> Iterator[float]:
        def show() -> None:
            self._show({trait: sweep.to_dict()})

        def finish() -> None:
            show()
            self._act(Action.FINISH)

        for _ in sweep.train(self._driver.stop):
            self.turns.from_job(show)
            yield 0.0
        self.turns.from_job(finish)

    # -------------------------------------------------------------------- inside

    def _act(self, action: Action) -> None:
        self.status = next_status(self.status, action, self.session.iteration, self.session.finished)
        if self.status in HELD:
            self._still.update()

    def _end(self, action: Action) -> None:
        """End what is running, as a pause or as a stop; what has just finished is finished."""
        with self.turns.command():
            trait = SWEEPS.get(self.status)
            self._driver.halt()
            with self.turns:
                self.session.settle()
                if trait is not None and self._sweep is not None:
                    self._show({trait: self._sweep.to_dict() | {"stopped": True}})
                self._act(Action.FINISH if self.session.finished else action)
                self._publish(table=True)

    def _cannot_train(self) -> bool:
        """Whether no function gives a network; said then."""
        nothing = all(run.descent is None for run in self.session.runs)
        if nothing:
            self.message = NOTHING_TO_TRAIN
        return nothing

    def _retire(self) -> None:
        """The cell that opened this lab has been run again, or deleted: stop, and keep the results only."""
        self.close()
        self.session.forget_moments()
        self._publisher.forget()
        self.frame_figures = self.frame_parameters = b""

    def _change(self, changes: dict[str, Any]) -> None:
        """Use other settings, from the start."""
        with self.turns:
            self._driver.halt()
            self.session.change(**changes)
            self._act(Action.RESET)
            self.message = ""
            self._begin()
            self._publish(table=True)
            if self._live:
                self.depth_curves = self._publisher.depth_curves()

    def _show(self, values: dict[str, Any]) -> None:
        with self.hold_sync():
            for name, value in values.items():
                setattr(self, name, value)

    def _restart(self) -> None:
        self.session.reset()
        self._begin()

    def _begin(self) -> None:
        """The view forgets its frames; the next ones are those of another training."""
        self._show(self._publisher.begin())

    def _publish_from_job(self) -> None:
        is_due = time.perf_counter() - self._table_at > TABLE_INTERVAL_S
        self.turns.from_job(functools.partial(self._publish, table=is_due))

    def _publish(self, table: bool = False) -> None:
        with self.hold_sync():
            self._show(self._publisher.news())
            if table:
                self.table = self._publisher.table()
                self._table_at = time.perf_counter()

    def _send_history(self) -> None:
        with self.turns:
            self._publisher.forget()
            self._publish(table=True)
            # Only once there is a view: calling the functions for 30 layers costs more than opening.
            self.depth_curves = self._publisher.depth_curves()

    def _send_csv(self) -> None:
        with self.turns:
            self.send({"kind": "csv", "text": self.session.curves_csv()})
