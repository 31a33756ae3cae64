"""The lab as a Jupyter widget: one view, every control a synced trait, frames as bytes.

`LabSession` knows what is trained, `Driver` when, `view.js` how it looks; this module carries state between
them. Where there is no front end (nbconvert, the autograder, a script) no comm is opened and no thread is
started, and the lab shows itself as a still picture.

Two threads set traits: the notebook's and the driver's. ipywidgets keeps its own state in plain
attributes while it sends, so both sides take `_mutex`; the driver's gives up waiting as soon as it is
asked to stop, so that `halt`, called with the mutex held, cannot wait for ever. It is longer than most
modules: the traits are many.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets
from IPython.core.getipython import get_ipython

from init_utils.lab.candidates import Candidate, Initializer, built_in_candidates
from init_utils.lab.depth import DEPTH
from init_utils.lab.driver import Driver, training_job
from init_utils.lab.frames import Examples, pack_frames
from init_utils.lab.picture import describe, picture_html, picture_svg
from init_utils.lab.session import LabSession, RunSummary
from init_utils.lab.settings import FIELD_NAMES, LabSettings, SettingsError
from init_utils.lab.strip import SeedStrip

HERE = Path(__file__).parent
# Parts of one ES module: joined here, so that there is no build step and no request for a second file.
VIEW_PARTS = ("draw.js", "charts.js", "panels.js", "controls.js", "view.js")
TABLE_SECONDS = 0.2  # between two updates of the table while training


class Lab(anywidget.AnyWidget):
    """Retrain and compare initializers, live.

    Parameters
    ----------
    *functions, **named_functions : callable of layers_dims
        Initializers that return a dict of W1, b1, ... A keyword names the run: `lab(mine=my_function)`.
    compare : list of str, optional
        Names of the runs to show, at most 4: functions given, and `Xavier`, `constant 0.5`, `small 0.01`.
    live : bool, optional
        Whether there is a front end to talk to; found out when not given.
    **settings
        Fields of `LabSettings`: `dataset="moons"`, `learning_rate=0.1`, ...

    Raises
    ------
    SettingsError
        An argument is neither a function nor a setting, or a value is outside its range.
    """

    _esm = "\n".join((HERE / part).read_text(encoding="utf-8") for part in VIEW_PARTS)
    _css = (HERE / "view.css").read_text(encoding="utf-8")
    layout = ipywidgets.widgets.trait_types.InstanceDict(ipywidgets.Layout, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )

    # The controls.
    dataset = traitlets.Unicode("circles").tag(sync=True)
    noise = traitlets.Float(0.05).tag(sync=True)
    points = traitlets.Int(300).tag(sync=True)
    data_seed = traitlets.Int(1).tag(sync=True)
    hidden_layers = traitlets.List(traitlets.Int(), [10, 5]).tag(sync=True)
    hidden = traitlets.Unicode("relu").tag(sync=True)
    learning_rate = traitlets.Float(0.01).tag(sync=True)
    iterations = traitlets.Int(15_000).tag(sync=True)
    gain = traitlets.Float(1.0).tag(sync=True)
    seed = traitlets.Int(None, allow_none=True).tag(sync=True)
    pace = traitlets.Float(2.0).tag(sync=True)
    strip_seeds = traitlets.Int(10).tag(sync=True)
    compare = traitlets.List(traitlets.Unicode()).tag(sync=True)

    # What the view shows; set here only.
    status = traitlets.Unicode("ready").tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    candidates = traitlets.List(traitlets.Dict()).tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)
    setup = traitlets.Dict().tag(sync=True)
    train_points = traitlets.Bytes(b"").tag(sync=True)
    test_points = traitlets.Bytes(b"").tag(sync=True)
    depth_curves = traitlets.Bytes(b"").tag(sync=True)
    table = traitlets.List(traitlets.Dict()).tag(sync=True)
    strip = traitlets.Dict().tag(sync=True)
    frame_figures = traitlets.Bytes(b"").tag(sync=True)
    frame_cells = traitlets.Bytes(b"").tag(sync=True)
    frame_span = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *functions: Initializer,
        compare: Sequence[str] | None = None,
        live: bool | None = None,
        **named: Any,
    ) -> None:
        self._mutex = threading.RLock()
        self._live = has_front_end() if live is None else live
        settings = {name: named.pop(name) for name in FIELD_NAMES if name in named}
        candidates = _candidates(functions, named)
        self.session = LabSession(candidates, LabSettings().replace(**settings), compare)
        self._driver = Driver()
        self._strip: SeedStrip | None = None
        self._generation = 0
        self._sent = 0
        self._table_at = 0.0
        self._applying = True  # traits are being set from the session: nothing to apply to it
        super().__init__(**self._controls(), **({} if self._live else {"layout": None}))
        self._applying = False
        self.on_msg(self._on_message)

    # --------------------------------------------------------------- the buttons

    def train(self) -> None:
        """Start, or go on after a pause; returns at once. Without a front end it trains to the end first."""
        if not self._live:
            self.run()
            return
        self._driver.halt()
        with self._mutex:
            if self.session.finished or self.status == "stopped":
                self._restart()
            self.message = ""
            self.status = "running"
        self._driver.start(self._training())

    def pause(self) -> None:
        """Hold; `train` goes on from here."""
        self._end("paused")

    def stop(self) -> None:
        """End this training; the next `train` starts again from the same weights."""
        self._end("stopped")

    def step(self) -> None:
        """One step of gradient descent."""
        self._end("paused")
        with self._mutex:
            if self.session.finished:
                self._restart()
            self.session.step()
            self.status = "finished" if self.session.finished else "paused"
            self._publish(table=True)

    def reset(self) -> None:
        """Back to exactly the same starting weights."""
        self._driver.halt()
        with self._mutex:
            self._restart()
            self.status = "ready"
            self._publish(table=True)

    def new_seed(self) -> int:
        """Other starting weights: the seed in the students' functions is replaced.

        Returns
        -------
        int
        """
        self.seed = int(np.random.default_rng().integers(10_000))
        return int(self.seed)

    def compare_seeds(self) -> None:
        """Train every run from `strip_seeds` seeds in the background: the seed strip."""
        self._driver.halt()
        with self._mutex:
            self.session.settle()
            self._strip = SeedStrip(self.session)
            self.strip = self._strip.to_dict()
            self.status = "seeds"
        if self._live:
            self._driver.start(self._seeding(self._strip))
        else:
            for _ in self._seeding(self._strip):
                pass

    def run(self, block: bool = True) -> list[RunSummary]:
        """Train to the end.

        Parameters
        ----------
        block : bool
            Wait for the end, and train as fast as it goes. Otherwise the same as `train`.

        Returns
        -------
        list of RunSummary
            Costs, accuracies and diagnosis of every run, as they are on return.
        """
        if not block:
            self.train()
            return self.session.summaries()
        self._driver.halt()
        with self._mutex:
            if self.session.finished:
                self._restart()
            self.session.advance(self.session.settings.iterations)
            self.session.settle()
            self.status = "finished"
            self._publish(table=True)
        return self.session.summaries()

    # ------------------------------------------------------------------- showing

    def open(self) -> None:
        """Open the comm, where there is someone at its other end."""
        if self._live:
            super().open()

    def _repr_mimebundle_(self, **_named: Any) -> Any:
        summaries = self.session.summaries()
        alt = describe(self.session.settings, summaries)
        svg = picture_svg(self.session.scene, self.session.settings, summaries, self.session.code)
        still = {"text/plain": alt, "text/html": picture_html(svg, alt)}
        if not self._live:
            return still
        data, metadata = super()._repr_mimebundle_() or ({}, {})
        return {**data, **still}, metadata

    def notify_change(self, change: Any) -> None:
        """As in ipywidgets, one thread at a time."""
        with self._mutex:
            super().notify_change(change)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take state from the front end; what is refused is said there, and the old values sent back."""
        with self._mutex:
            try:
                super().set_state(sync_data)
            except traitlets.TraitError as refused:
                self.message = str(refused)
                for name in sync_data:
                    self.send_state(name)

    # -------------------------------------------------------------------- inside

    @traitlets.validate(*FIELD_NAMES, "compare")
    def _checked(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if self._applying:
            return value
        try:
            if name == "compare":
                return self.session.checked_names(value)
            self.session.settings.replace(**{name: value})
        except SettingsError as error:
            raise traitlets.TraitError(str(error)) from None
        return value

    @traitlets.observe(*FIELD_NAMES, "compare")
    def _on_control(self, change: Any) -> None:
        if self._applying:
            return
        if change["name"] in ("pace", "strip_seeds"):
            self.session.change(**{change["name"]: change["new"]})
            self.code = self.session.code
            return
        self._driver.halt()
        with self._mutex:
            self.session.change(**{change["name"]: change["new"]})
            self.status = "ready"
            self.message = ""
            self._begin()
            self._publish(table=True)
            if self._live:
                self.depth_curves = self._packed_depth()

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """What the view's buttons send: `{"do": "train"}`."""
        action = self._actions().get(str(content.get("do"))) if isinstance(content, dict) else None
        if action is not None:
            action()

    def _actions(self) -> dict[str, Callable[[], Any]]:
        return {
            "train": self.train,
            "pause": self.pause,
            "step": self.step,
            "stop": self.stop,
            "reset": self.reset,
            "new-seed": self.new_seed,
            "compare-seeds": self.compare_seeds,
            "history": self._send_history,
            "csv": self._send_csv,
        }

    def _training(self) -> Any:
        yield from training_job(self.session, self._publish_from_job, self._driver.stop)
        if self._driver.stop.is_set():
            return
        with self._mutex:
            self.session.settle()
            self.status = "finished"
            self._publish(table=True)

    def _seeding(self, strip: SeedStrip) -> Any:
        for _ in strip.train(self._driver.stop):
            if self._driver.stop.is_set():
                return
            with self._mutex:
                self.strip = strip.to_dict()
            yield 0.0
        with self._mutex:
            self.strip = strip.to_dict()
            self.status = self._resting_status()

    def _end(self, status: str) -> None:
        busy = self.status
        self._driver.halt()
        with self._mutex:
            self.session.settle()
            if busy == "seeds" and self._strip is not None:
                self.strip = self._strip.to_dict() | {"stopped": True}
                self.status = self._resting_status()
            elif self.session.finished:
                self.status = "finished"
            elif self.session.iteration or busy == "running":
                self.status = status
            self._publish(table=True)

    def _resting_status(self) -> str:
        if self.session.iteration == 0:
            return "ready"
        return "finished" if self.session.finished else "paused"

    def _restart(self) -> None:
        self.session.reset()
        self._begin()

    def _begin(self) -> None:
        """The view forgets its frames; the next ones are those of another training."""
        self._generation += 1
        self._sent = 0
        with self.hold_sync():
            for name, value in self._scenery().items():
                setattr(self, name, value)

    def _publish_from_job(self) -> None:
        while not self._mutex.acquire(timeout=0.005):
            if self._driver.stop.is_set():
                return
        try:
            self._publish(table=time.perf_counter() - self._table_at > TABLE_SECONDS)
        finally:
            self._mutex.release()

    def _publish(self, table: bool = False) -> None:
        with self.hold_sync():
            for name, value in self._news().items():
                setattr(self, name, value)
            if table:
                self.table = self._rows()
                self._table_at = time.perf_counter()

    def _send_history(self) -> None:
        with self._mutex:
            self._sent = 0
            self._publish(table=True)
            # Only once there is a view: calling the functions for 30 layers costs more than opening.
            self.depth_curves = self._packed_depth()

    def _send_csv(self) -> None:
        with self._mutex:
            self.send({"kind": "csv", "text": self.session.curves_csv()})

    def _controls(self) -> dict[str, Any]:
        """Every trait at the start."""
        settings = asdict(self.session.settings) | {
            "hidden_layers": list(self.session.settings.hidden_layers)
        }
        listed = [
            {"name": one.name, "built_in": one.built_in, "argument": one.argument}
            for one in self.session.candidates.values()
        ]
        return (
            settings
            | {"compare": list(self.session.compare), "candidates": listed, "table": self._rows()}
            | self._scenery()
            | self._news()
        )

    def _scenery(self) -> dict[str, Any]:
        """What stays while a training lasts."""
        scene = self.session.scene
        return {
            "setup": self.session.layout.to_dict()
            | {
                "generation": self._generation,
                "runs": [run.candidate.name for run in self.session.runs],
                "bounds": list(scene.bounds),
                "iterations": self.session.settings.iterations,
                "depth": DEPTH,
            },
            "code": self.session.code,
            "train_points": _packed_points(scene.train),
            "test_points": _packed_points(scene.test),
            "strip": {},
        }

    def _news(self) -> dict[str, Any]:
        """Frames since the last time."""
        first = self._sent
        frames = self.session.frames_since(first)
        if not frames:
            return {}
        self._sent = first + len(frames)
        figures, cells = pack_frames(frames, self.session.layout)
        span = {"generation": self._generation, "first": first, "count": len(frames)}
        return {"frame_figures": figures, "frame_cells": cells, "frame_span": span}

    def _rows(self) -> list[dict[str, Any]]:
        return [_plain(asdict(row)) for row in self.session.summaries()]

    def _packed_depth(self) -> bytes:
        """float32, (runs, 2, DEPTH): measured, theory; NaN where a function refuses these sizes."""
        curves = np.full((len(self.session.runs), 2, DEPTH), np.nan)
        for row, run in zip(curves, self.session.runs, strict=True):
            spread = self.session.depth_spread(run.candidate.name)
            if spread is not None:
                row[0], row[1] = spread.measured, spread.theory
        with np.errstate(over="ignore"):
            return curves.astype("<f4").tobytes()


def has_front_end() -> bool:
    """Whether someone can see a widget: a kernel whose client answers questions.

    nbclient (nbconvert, nbgrader, papermill) tells the kernel that it takes no input; JupyterLab,
    Notebook and VS Code say that they do. Colab and JupyterLite have kernels of their own and a person in
    front.
    """
    if sys.platform == "emscripten" or "google.colab" in sys.modules:
        return True
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))


def _candidates(functions: Sequence[Initializer], named: dict[str, Any]) -> list[Candidate]:
    """The functions as given, then the built-in ones; He only where nobody brought a function."""
    own = [Candidate(_short_name(function), function, _called(function)) for function in functions]
    for name, function in named.items():
        if not callable(function):
            raise SettingsError(f"the lab has no setting {name!r}; it has compare, {', '.join(FIELD_NAMES)}")
        own.append(Candidate(name, function, f"{name}={_called(function)}"))
    for candidate in own:
        if not callable(candidate.function):
            raise SettingsError(f"{candidate.function!r} is not a function of layers_dims")
    built_in = [candidate for candidate in built_in_candidates() if not own or candidate.name != "He"]
    taken = {candidate.name for candidate in own}
    return own + [candidate for candidate in built_in if candidate.name not in taken]


def _short_name(function: Initializer) -> str:
    """`he` for `initialize_parameters_he`."""
    name = _called(function)
    return name.removeprefix("initialize_parameters_") or name


def _called(function: Initializer) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _packed_points(examples: Examples) -> bytes:
    """float32, (m, 3): x, y, class."""
    return np.vstack([examples.X, examples.Y]).T.astype("<f4").tobytes()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN and no infinity: null in their place."""
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in row.items()
    }
