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
from init_utils.lab.layout import BINS, FIGURES, GRID, HIDDEN_FIGURES, LAYER_FIGURES, Frame, FrameLayout
from init_utils.lab.publishing import pack_frames

FIXTURE = Path(__file__).parent / "javascript" / "frames.json"
LAYOUT = FrameLayout((2, 3, 2, 1))


def numbered_frame(first: int) -> Frame:
    """A frame whose figures and bytes count upwards from `first`."""
    cells = ((np.arange(LAYOUT.bytes_per_run) + first) % 256).astype(np.uint8)
    return Frame(LAYOUT, np.arange(LAYOUT.floats_per_run) + first + 0.5, cells)


FRAMES = [[numbered_frame(0), None], [numbered_frame(100), numbered_frame(200)]]


def in_names(frame: Frame | None) -> dict[str, Any] | None:
    """Every named part of a frame; of the grid its first row and its last cell."""
    if frame is None:
        return None
    return {
        **{name: frame.figure(name) for name in FIGURES},
        **{name: frame.of_layers(name).tolist() for name in (*LAYER_FIGURES, *HIDDEN_FIGURES)},
        "grid_top": frame.grid[0].tolist(),
        "grid_last": int(frame.grid[-1, -1]),
        "histogram": frame.histogram.tolist(),
        "similarity": [matrix.ravel().tolist() for matrix in frame.similarity],
        "ranks": frame.ranks.tolist(),
    }


def fixture() -> dict[str, Any]:
    figures, cells = pack_frames(FRAMES, LAYOUT)
    return {
        "layers_dims": list(LAYOUT.layers_dims),
        "runs": 2,
        "figures": base64.b64encode(figures).decode(),
        "cells": base64.b64encode(cells).decode(),
        "bytes_per_run": LAYOUT.bytes_per_run,
        "floats_per_run": LAYOUT.floats_per_run,
        "frames": [in_names(frame) for row in FRAMES for frame in row],
    }


def test_the_fixture_that_javascript_reads_is_what_python_writes():
    stored = json.loads(FIXTURE.read_text(encoding="utf-8"))
    assert stored == fixture(), "run python -m tests.test_lab_layout, then make js-check"


def test_packed_frames_are_found_again_by_the_layout():
    figures, cells = pack_frames(FRAMES, LAYOUT)
    rows = np.frombuffer(figures, "<f8").reshape(4, LAYOUT.floats_per_run)
    bytes_of = np.frombuffer(cells, np.uint8).reshape(4, LAYOUT.bytes_per_run)
    assert np.isnan(rows[1]).all()  # no network
    found = [in_names(Frame(LAYOUT, rows[place], bytes_of[place])) for place in (0, 2, 3)]
    assert found == [one for one in fixture()["frames"] if one is not None]


def test_the_parts_of_a_frame_lie_one_after_another():
    frame = numbered_frame(0)
    assert frame.grid.shape == (GRID, GRID)
    assert frame.histogram[0] == GRID * GRID % 256
    assert [matrix.shape for matrix in frame.similarity] == [(3, 3), (2, 2)]
    assert frame.similarity[1][0, 0] == (GRID * GRID + BINS + 9) % 256
    assert frame.ranks.tolist() == frame.cells[-3:].tolist()
    assert frame.of_layers("gradient_norms").tolist() == [7.5, 8.5, 9.5]
    assert frame.of_layers("bias_gradient_norms").tolist() == [10.5, 11.5, 12.5]
    assert frame.hidden_layers == [
        LayerFacts(size=3, silent=16, unreached=18.5, unreached_wrong=20.5, alike=True),
        LayerFacts(size=2, silent=17, unreached=19.5, unreached_wrong=21.5, alike=True),
    ]


def test_the_layout_counts_every_hidden_layer():
    layout = FrameLayout((2, 10, 5, 1))
    assert layout.bytes_per_run == GRID * GRID + BINS + 100 + 25 + 3
    assert layout.floats_per_run == len(FIGURES) + 3 * len(LAYER_FIGURES) + 2 * len(HIDDEN_FIGURES)


def test_a_network_without_hidden_layers_has_no_similarity():
    assert [len(part) for part in FrameLayout((2, 1)).split(np.zeros(GRID * GRID + BINS + 1, np.uint8))] == [
        GRID,
        BINS,
        1,
    ]


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps(fixture()) + "\n", encoding="utf-8")
