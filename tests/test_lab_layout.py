"""The layout of a frame: each part found by its name, the same in Python and in JavaScript.

`python -m tests.test_lab_layout` writes `tests/javascript/frames.json`, which `node --test` reads as well.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

from init_utils.lab.facts import LayerFacts
from init_utils.lab.layout import FIGURES, HIDDEN_FIGURES, LAYER_FIGURES, Frame, FrameLayout, flat
from init_utils.lab.publishing import pack_frames

FIXTURE = Path(__file__).parent / "javascript" / "frames.json"
LAYOUT = FrameLayout((2, 3, 2, 1))


def numbered_frame(first: int) -> Frame:
    """A frame whose figures and parameters count upwards from `first`."""
    parameters = (np.arange(LAYOUT.parameters_per_run) + first).astype(np.float32)
    return Frame(LAYOUT, np.arange(LAYOUT.floats_per_run) + first + 0.5, parameters)


FRAMES = [[numbered_frame(0), None], [numbered_frame(100), numbered_frame(200)]]


def in_names(frame: Frame | None) -> dict[str, Any] | None:
    """Every named part of a frame."""
    if frame is None:
        return None
    return {
        **{name: frame.figure(name) for name in FIGURES},
        **{name: frame.of_layers(name).tolist() for name in (*LAYER_FIGURES, *HIDDEN_FIGURES)},
        "parameters": frame.parameters.tolist(),
    }


def fixture() -> dict[str, Any]:
    figures, parameters = pack_frames(FRAMES, LAYOUT)
    return {
        "layers_dims": list(LAYOUT.layers_dims),
        "runs": 2,
        "figures": base64.b64encode(figures).decode(),
        "parameters": base64.b64encode(parameters).decode(),
        "parameters_per_run": LAYOUT.parameters_per_run,
        "floats_per_run": LAYOUT.floats_per_run,
        "frames": [in_names(frame) for row in FRAMES for frame in row],
    }


def test_the_fixture_that_javascript_reads_is_what_python_writes():
    stored = json.loads(FIXTURE.read_text(encoding="utf-8"))
    assert stored == fixture(), "run python -m tests.test_lab_layout, then make js-check"


def test_packed_frames_are_found_again_by_the_layout():
    figures, parameters = pack_frames(FRAMES, LAYOUT)
    rows = np.frombuffer(figures, "<f8").reshape(4, LAYOUT.floats_per_run)
    weights = np.frombuffer(parameters, "<f4").reshape(4, LAYOUT.parameters_per_run)
    assert np.isnan(rows[1]).all()  # no network
    found = [in_names(Frame(LAYOUT, rows[place], weights[place])) for place in (0, 2, 3)]
    assert found == [one for one in fixture()["frames"] if one is not None]


def test_the_parts_of_a_frame_lie_one_after_another():
    frame = numbered_frame(0)
    assert frame.of_layers("gradient_norms").tolist() == [7.5, 8.5, 9.5]
    assert frame.of_layers("bias_gradient_norms").tolist() == [10.5, 11.5, 12.5]
    assert frame.of_layers("ranks").tolist() == [16.5, 17.5, 18.5]
    assert frame.hidden_layers == [
        LayerFacts(size=3, silent=19, unreached=21.5, unreached_wrong=23.5, alike=True),
        LayerFacts(size=2, silent=20, unreached=22.5, unreached_wrong=24.5, alike=True),
    ]


def test_the_layout_counts_every_layer():
    layout = FrameLayout((2, 10, 5, 1))
    assert layout.parameters_per_run == 10 * 2 + 10 + 5 * 10 + 5 + 5 + 1
    assert layout.floats_per_run == len(FIGURES) + 3 * len(LAYER_FIGURES) + 2 * len(HIDDEN_FIGURES)


def test_a_frame_of_four_runs_of_the_exercise_is_smaller_than_8_kb():
    layout = FrameLayout((2, 10, 5, 1))
    assert 4 * (8 * layout.floats_per_run + 4 * layout.parameters_per_run) < 8_000


def test_parameters_lie_row_by_row_with_each_bias_behind_its_weights():
    parameters = {
        "W1": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "b1": np.array([[5.0], [6.0]]),
        "W2": np.array([[7.0, 1e300]]),
        "b2": np.array([[9.0]]),
    }
    assert flat(parameters).tolist() == [1, 2, 3, 4, 5, 6, 7, np.inf, 9]


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps(fixture()) + "\n", encoding="utf-8")
