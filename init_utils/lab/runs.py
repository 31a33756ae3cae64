"""One initializer in training, what the lab's table says of it, and its curves as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from init_utils.descent import Descent
from init_utils.lab.candidates import Candidate, Start
from init_utils.lab.diagnosis import Evidence, diagnose
from init_utils.lab.frames import Moment, Scene, draw_frame, overflowed_frame
from init_utils.lab.layout import FIGURES, Frame
from init_utils.network import Hidden

SAME_DIRECTION = 254  # in a similarity matrix


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
        One per kept moment; empty when there is no network.
    seconds : float
        Time in training, without drawing.
    """

    candidate: Candidate
    start: Start
    note: str = ""
    descent: Descent | None = None
    frames: list[Frame] = field(default_factory=list)
    seconds: float = 0.0

    def keep_frame(self, scene: Scene, hidden: Hidden) -> None:
        """Draw the present moment; nothing for a run without a network."""
        if self.descent is None:
            return
        parameters = self.descent.parameters
        if all(np.all(np.isfinite(array)) for array in parameters.values()):
            record = self.descent.record()
            moment = Moment(self.descent.iteration, record.cost, record.gradient_norms, self.seconds)
            self.frames.append(draw_frame(scene, parameters, hidden, moment))
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
    evidence = _evidence(run.frames[0], run.frames[-1])
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
        seconds=run.frames[-1].figure("seconds"),
        iteration=evidence.iteration,
    )


def curves_csv(runs: Sequence[Run], depth: int) -> str:
    """Every kept moment of every run as CSV: iteration, cost, accuracies, saturation, gradient norms.

    Parameters
    ----------
    depth : int
        Layers with weights.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    norms = [f"gradient_norm_{layer}" for layer in range(1, depth + 1)]
    writer.writerow(["run", *FIGURES, *norms])
    for run in runs:
        for frame in run.frames:
            figures = map(repr, frame.figures[1:].tolist())
            writer.writerow([run.candidate.name, frame.iteration, *figures])
    return text.getvalue()


def _evidence(first: Frame, last: Frame) -> Evidence:
    return Evidence(
        start_cost=first.figure("cost"),
        cost=last.figure("cost"),
        start_norms=first.gradient_norms.tolist(),
        norms=last.gradient_norms.tolist(),
        ranks=last.ranks.tolist(),
        copies=_has_copies(last),
        start_saturated=first.figure("saturated"),
        train_accuracy=last.figure("train_accuracy"),
        test_accuracy=last.figure("test_accuracy"),
        iteration=last.iteration,
    )


def _has_copies(frame: Frame) -> bool:
    """Whether in some hidden layer of several neurons every neuron points the same way and rank is 1."""
    return any(
        len(matrix) > 1 and rank == 1 and bool(np.all(matrix == SAME_DIRECTION))
        for matrix, rank in zip(frame.similarity, frame.ranks[:-1], strict=True)
    )
