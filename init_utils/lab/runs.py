"""One initializer in training, what the lab's table says of it, and its curves as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from init_utils.descent import Descent
from init_utils.lab.candidates import Candidate, Parameters, Start
from init_utils.lab.diagnosis import LOOKING_BACK, Evidence, diagnose
from init_utils.lab.frames import CHANGES_SINCE, Moment, Scene, frame_of, overflowed_frame
from init_utils.lab.layout import FIGURES, LAYER_FIGURES, Frame
from init_utils.network import Hidden


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
    hidden : str
        Activation of the hidden layers.
    frames : list of Frame
        One per kept moment; empty when there is no network.
    seconds : float
        Time in training, without drawing.
    reference : dict of float64 arrays, or None
        The parameters at iteration `CHANGES_SINCE`, once it is past.
    """

    candidate: Candidate
    start: Start
    note: str = ""
    descent: Descent | None = None
    hidden: Hidden = "relu"
    frames: list[Frame] = field(default_factory=list)
    seconds: float = 0.0
    reference: Parameters | None = None

    def keep_frame(self, scene: Scene) -> None:
        """Keep the present moment; nothing for a run without a network."""
        if self.descent is None:
            return
        parameters = self.descent.parameters
        if all(np.all(np.isfinite(array)) for array in parameters.values()):
            record = self.descent.record()
            if self.descent.iteration >= CHANGES_SINCE and self.reference is None:
                self.reference = parameters
            moment = Moment(
                self.descent.iteration,
                record.cost,
                record.gradient_norms,
                record.bias_gradient_norms,
                self.seconds,
                self.reference,
            )
            self.frames.append(frame_of(scene, parameters, self.hidden, moment))
        else:
            self.frames.append(overflowed_frame(self.descent.iteration, self.seconds, self.frames[-1]))


@dataclass(frozen=True)
class RunSummary:
    """A row of the lab's table.

    Attributes
    ----------
    name, argument, message, note, diagnosis : str
        `message` gives the reason when there is no network; the numbers are None then.
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


def summarise(run: Run) -> RunSummary:
    """The row of the table for a run, as it is now."""
    candidate = run.candidate
    if not run.frames:
        return RunSummary(candidate.name, candidate.argument, run.start.message, "", "")
    evidence = _evidence(run)
    return RunSummary(
        name=candidate.name,
        argument=candidate.argument,
        message="",
        note=run.note,
        diagnosis=diagnose(evidence),
        start_cost=run.frames[0].figure("cost"),
        cost=evidence.cost,
        train_accuracy=evidence.train_accuracy,
        test_accuracy=evidence.test_accuracy,
        seconds=run.frames[-1].figure("seconds"),
        iteration=evidence.iteration,
    )


def curves_csv(runs: Sequence[Run], depth: int) -> str:
    """Every kept moment of every run as CSV: iteration, cost, accuracies, norms.

    Parameters
    ----------
    depth : int
        Layers with weights.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [f"{name.removesuffix('s')}_{layer}" for name in LAYER_FIGURES for layer in range(1, depth + 1)]
    writer.writerow(["run", *FIGURES, *columns])
    for run in runs:
        for frame in run.frames:
            figures = map(repr, frame.figures[1 : len(FIGURES) + len(columns)].tolist())
            writer.writerow([run.candidate.name, frame.iteration, *figures])
    return text.getvalue()


def _evidence(run: Run) -> Evidence:
    now = run.frames[-1]
    earlier = next(
        (frame for frame in reversed(run.frames) if frame.iteration <= now.iteration - LOOKING_BACK),
        run.frames[0],
    )
    return Evidence(
        iteration=now.iteration,
        earlier=earlier.iteration,
        cost=now.figure("cost"),
        earlier_cost=earlier.figure("cost"),
        norms=now.of_layers("gradient_norms").tolist(),
        bias_norms=now.of_layers("bias_gradient_norms").tolist(),
        train_accuracy=now.figure("train_accuracy"),
        test_accuracy=now.figure("test_accuracy"),
        worst_class=now.figure("worst_class"),
        confident_wrong=now.figure("confident_wrong"),
        layers=now.hidden_layers,
        hidden=run.hidden,
    )
