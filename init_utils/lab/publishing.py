"""What a lab's front end is told: the session as values of the widget's traits, each frame once.

Frames, points and curves cross as bytes; everything else is JSON.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from init_utils.lab.depth import DEPTH
from init_utils.lab.frames import Examples
from init_utils.lab.layout import Frame, FrameLayout
from init_utils.lab.session import LabSession
from init_utils.schemes import identify

State = dict[str, Any]


class Publisher:
    """Values of the traits that show a session, and a count of the frames already given.

    Parameters
    ----------
    session : LabSession

    Attributes
    ----------
    generation : int
        Number of the training; frames of another one are not for the same curves.
    """

    def __init__(self, session: LabSession) -> None:
        self._session = session
        self.generation = 0
        self._published = 0  # moments

    def controls(self) -> State:
        """What the form shows."""
        session = self._session
        settings = asdict(session.settings)
        candidates = [
            {"name": one.name, "built_in": one.built_in, "argument": one.argument}
            for one in session.candidates.values()
        ]
        return settings | {
            "hidden_layers": list(session.settings.hidden_layers),
            "compare": list(session.compare),
            "candidates": candidates,
        }

    def begin(self) -> State:
        """Start another training: its `scenery`, and no frame of it is given yet."""
        self.generation += 1
        self.forget()
        return self.scenery()

    def forget(self) -> None:
        """Give every frame again the next time: a view has come late."""
        self._published = 0

    def scenery(self) -> State:
        """What stays the same while a training lasts."""
        session = self._session
        names = [run.candidate.name for run in session.runs]
        setup = {
            "generation": self.generation,
            "layers_dims": list(session.layout.layers_dims),
            "runs": names,
            "identities": [asdict(identity) for identity in identify(names)],
            "bounds": list(session.scene.bounds),
            "hidden": session.settings.hidden,
            "iterations": session.settings.iterations,
        }
        return {
            "setup": setup,
            "code": session.code,
            "train_points": pack_examples(session.scene.train),
            "test_points": pack_examples(session.scene.test),
            "strip": {},
            "scales": {},
        }

    def news(self) -> State:
        """Frames since the last call."""
        first = self._published
        frames = self._session.frames_since(first)
        if not frames:
            return {}
        self._published = first + len(frames)
        figures, parameters = pack_frames(frames, self._session.layout)
        span = {"generation": self.generation, "first": first, "count": len(frames)}
        return {"frame_figures": figures, "frame_parameters": parameters, "frame_span": span}

    def table(self) -> list[State]:
        """A row for every run."""
        return [_finite(asdict(row)) for row in self._session.summaries()]

    def depth_curves(self) -> bytes:
        """float32, (runs, 2, DEPTH): measured, theory; NaN where a function refuses these sizes."""
        curves = np.full((len(self._session.runs), 2, DEPTH), np.nan)
        for row, run in zip(curves, self._session.runs, strict=True):
            spread = self._session.depth_spread(run.candidate.name)
            if spread is not None:
                row[0], row[1] = spread.measured, spread.theory
        with np.errstate(over="ignore"):
            return curves.astype("<f4").tobytes()


def pack_frames(frames: Sequence[Sequence[Frame | None]], layout: FrameLayout) -> tuple[bytes, bytes]:
    """Frames of several moments as two blocks of bytes.

    Parameters
    ----------
    frames : sequence (moments) of sequence (runs) of Frame or None
        None for a run that has no network.

    Returns
    -------
    figures : bytes
        float64, (moments, runs, floats_per_run); NaN where there is no network.
    parameters : bytes
        float32, (moments, runs, parameters_per_run); 0 where there is no network.
    """
    moments, runs = len(frames), len(frames[0]) if frames else 0
    figures = np.full((moments, runs, layout.floats_per_run), np.nan, dtype="<f8")
    parameters = np.zeros((moments, runs, layout.parameters_per_run), dtype="<f4")
    for moment, row in enumerate(frames):
        for run, frame in enumerate(row):
            if frame is not None:
                figures[moment, run] = frame.figures
                parameters[moment, run] = frame.parameters
    return figures.tobytes(), parameters.tobytes()


def pack_examples(examples: Examples) -> bytes:
    """float32, (m, 3): x, y, class."""
    return np.vstack([examples.X, examples.Y]).T.astype("<f4").tobytes()


def _finite(row: State) -> State:
    """JSON has no NaN and no infinity: null in their place."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
