"""The engine without Python gives Python's numbers: one fixture tests both.

`python -m tests.test_lab_engine` writes `tests/javascript/engine.json`, which `node --test` reads as well.
"""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from docs.solutions import instructor_functions
from init_utils.lab.candidates import Candidate
from init_utils.lab.layout import LAYER_FIGURES
from init_utils.lab.session import LabSession
from init_utils.lab.settings import LabSettings

FIXTURE = Path(__file__).parent / "javascript" / "engine.json"
Parameters = dict[str, Any]
# Costs that a change of the start by one ulp leaves as they are to 1e-9 at every iteration.
STEADY = ("zeros", "he")


def packed(values: ArrayLike) -> str:
    """float64 as base64."""
    return base64.b64encode(np.asarray(values, "<f8").tobytes()).decode()


def joined(parameters: Parameters) -> np.ndarray:
    """W1 row by row, b1, ..., WL, bL."""
    layers = range(1, len(parameters) // 2 + 1)
    return np.concatenate([parameters[f"{kind}{layer}"].ravel() for layer in layers for kind in "Wb"])


def drawn(scale: float) -> Any:
    """An initializer that no exercise asks for."""

    def initialize(layers_dims: list[int]) -> Parameters:
        rng = np.random.RandomState(11)
        parameters: Parameters = {}
        for layer, (before, here) in enumerate(itertools.pairwise(layers_dims), start=1):
            parameters[f"W{layer}"] = rng.standard_normal((here, before)) * scale
            parameters[f"b{layer}"] = rng.standard_normal((here, 1)) * 0.1
        return parameters

    return initialize


def equal(layers_dims: list[int]) -> Parameters:
    """Layer 1 of ones: its neurons are alike, of rank 1."""
    parameters = drawn(0.5)(layers_dims)
    return parameters | {"W1": np.ones_like(parameters["W1"]), "b1": np.zeros_like(parameters["b1"])}


def silent(layers_dims: list[int]) -> Parameters:
    """No point reaches layer 1; with tanh all its neurons are saturated."""
    parameters = drawn(0.5)(layers_dims)
    return parameters | {"b1": np.full_like(parameters["b1"], -50.0)}


def session_of(runs: dict[str, Any], settings: LabSettings) -> LabSession:
    return LabSession([Candidate(name, function, name) for name, function in runs.items()], settings)


def published() -> LabSession:
    """The runs of the notebook."""
    functions = instructor_functions("initialization")
    names = {name.removeprefix("initialize_parameters_"): function for name, function in functions.items()}
    return session_of(names, LabSettings())


OTHERS: dict[str, tuple[dict[str, Any], LabSettings]] = {
    "deep tanh": (
        {"drawn": drawn(0.6), "one row": equal, "saturated": silent},
        LabSettings(hidden_layers=(7, 6, 5, 4), hidden="tanh", iterations=120, learning_rate=0.1),
    ),
    "no hidden layer": (
        {"drawn": drawn(1.0)},
        LabSettings(hidden_layers=(), iterations=120, learning_rate=0.5, dataset="blobs", points=81),
    ),
    "one layer": (
        {"drawn": drawn(1.0), "same": equal, "silent": silent},
        LabSettings(hidden_layers=(9,), iterations=260, learning_rate=0.3, dataset="xor"),
    ),
    "overflowing": (
        {"too large": drawn(1e110), "at once": drawn(1e170)},
        LabSettings(hidden_layers=(4, 3), iterations=20, learning_rate=100.0),
    ),
}


def case(session: LabSession, every_figure: bool) -> dict[str, Any]:
    """A session trained to its end, as the fixture holds it."""
    starts = {run.candidate.name: joined(run.start.parameters or {}) for run in session.runs}
    session.advance(session.settings.iterations)
    scene = session.scene
    runs = [
        {
            "name": run.candidate.name,
            "start": packed(starts[run.candidate.name]),
            "costs": packed([frame.figure("cost") for frame in run.frames]),
            "first_costs": packed(first_costs(session, run.candidate.name)),
            "accuracies": packed([run.frames[-1].figure(f"{part}_accuracy") for part in ("train", "test")]),
            "diagnosis": summary.diagnosis,
            **({"figures": packed([frame.figures for frame in run.frames])} if every_figure else {}),
        }
        for run, summary in zip(session.runs, session.summaries(), strict=True)
    ]
    return {
        "settings": {
            "dims": session.settings.layers_dims,
            "hidden": session.settings.hidden,
            "learningRate": session.settings.learning_rate,
            "iterations": session.settings.iterations,
        },
        "moments": session.moments,
        "train": {"X": packed(scene.train.X), "Y": packed(scene.train.Y)},
        "test": {"X": packed(scene.test.X), "Y": packed(scene.test.Y)},
        "runs": runs,
    }


def first_costs(session: LabSession, name: str) -> list[float]:
    """After 0, 1, ..., 10 steps."""
    short = LabSession(
        list(session.candidates.values()), session.settings.replace(iterations=10), compare=[name]
    )
    short.advance(10)
    return [frame.figure("cost") for frame in short.runs[0].frames]


def written() -> dict[str, Any]:
    """The fixture."""
    cases = {
        name: case(session_of(runs, settings), name != "overflowing")
        for name, (runs, settings) in OTHERS.items()
    }
    return {"published": case(published(), False), **cases}


def stored() -> dict[str, Any]:
    fixture: dict[str, Any] = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return fixture


def unpacked(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f8")


def test_the_published_costs_are_those_that_javascript_is_tested_against():
    now, then = case(published(), False), stored()["published"]
    assert now["moments"] == then["moments"]
    for run, known in zip(now["runs"], then["runs"], strict=True):
        assert (run["name"], run["start"], run["accuracies"]) == (
            known["name"],
            known["start"],
            known["accuracies"],
        )
        np.testing.assert_allclose(unpacked(run["first_costs"]), unpacked(known["first_costs"]), atol=1e-9)
        if run["name"] in STEADY:
            np.testing.assert_allclose(unpacked(run["costs"]), unpacked(known["costs"]), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in OTHERS if name != "overflowing"])
def test_every_figure_is_the_one_that_javascript_is_tested_against(name: str):
    runs, settings = OTHERS[name]
    now, then = case(session_of(runs, settings), True), stored()[name]
    figures_of_time = 6
    for run, known in zip(now["runs"], then["runs"], strict=True):
        assert run["diagnosis"] == known["diagnosis"]
        rows = [
            np.delete(unpacked(one["figures"]).reshape(len(then["moments"]), -1), figures_of_time, axis=1)
            for one in (run, known)
        ]
        np.testing.assert_allclose(*rows, rtol=1e-9, atol=1e-9)


def test_the_fixture_has_runs_of_every_kind():
    words = " ".join(run["diagnosis"] for one in stored().values() for run in one["runs"])
    for kind in ("diverged", "cannot move", "learned", "moving", "silent", "saturated"):
        assert kind in words, kind
    assert len(LAYER_FIGURES) == 4


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps(written()) + "\n", encoding="utf-8")
