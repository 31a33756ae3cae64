"""Frames of the lab: hand-worked cells and the schedule."""

from __future__ import annotations

import numpy as np
import pytest

from init_utils.lab.frames import (
    CHANGES_SINCE,
    Examples,
    Moment,
    Scene,
    frame_of,
    frame_schedule,
    overflowed_frame,
)
from init_utils.lab.layout import FIGURES, LAYER_FIGURES, Frame, FrameLayout

SCENE = Scene.around(
    Examples(np.array([[-1.0, 1.0, 1.0], [0.0, 0.0, 0.5]]), np.array([[0, 1, 1]])),
    Examples(np.array([[-0.5], [0.0]]), np.array([[1]])),
)
# Output = sigmoid(100 x): left of 0 class 0, right of it class 1, saturated everywhere but near 0.
STEEP = {"W1": np.array([[100.0, 0.0]]), "b1": np.zeros((1, 1))}


def steep_frame():
    return frame_of(SCENE, STEEP, "relu", Moment(7, 0.5, (0.25,), (0.125,), 1.5))


def test_the_picture_is_a_square_around_all_points():
    left, right, bottom, top = SCENE.bounds
    assert right - left == pytest.approx(top - bottom)
    assert left < -1 < 1 < right


def test_figures_are_in_the_order_that_is_announced():
    named = dict(zip((*FIGURES, *LAYER_FIGURES), steep_frame().figures.tolist(), strict=True))
    assert np.isnan(named.pop("changes"))  # there is no reference yet
    # Three training points, all right; the test point is class 1 left of 0, so wrong.
    assert named == {
        "iteration": 7,
        "cost": 0.5,
        "train_accuracy": 1.0,
        "test_accuracy": 0.0,
        "worst_class": 1.0,
        "confident_wrong": 0.0,
        "seconds": 1.5,
        "gradient_norms": 0.25,
        "bias_gradient_norms": 0.125,
        "ranks": 1,
    }


def test_the_rank_of_every_layer_is_kept():
    assert steep_frame().of_layers("ranks").tolist() == [1]


def test_an_overflowed_network_keeps_its_last_picture():
    last = Frame(FrameLayout((2, 1)), np.arange(11.0), np.arange(3, dtype=np.float32))
    frame = overflowed_frame(50, 2.0, last)
    assert frame.iteration == 50
    assert np.isnan(frame.figure("cost"))
    assert frame.parameters is last.parameters


def test_all_moments_of_four_runs_of_the_largest_network_stay_under_80_megabytes():
    layout = FrameLayout((2, *(64,) * 6, 1))  # the limits of `hidden_layers`
    bytes_each = 8 * layout.floats_per_run + 4 * layout.parameters_per_run
    most = max(len(frame_schedule(iterations)) for iterations in range(1, 20_001))
    assert 4 * most * bytes_each < 80_000_000


@pytest.mark.parametrize("iterations", [1, 2, 180, 181, 15_000, 1_000_000])
def test_the_schedule_begins_at_zero_ends_at_the_end_and_stays_short(iterations):
    schedule = frame_schedule(iterations)
    assert schedule[0] == 0
    assert schedule[-1] == iterations
    assert schedule == sorted(set(schedule))
    assert len(schedule) <= 210


def test_the_change_of_each_w_is_relative_to_its_size_at_the_reference():
    moved = {"W1": np.array([[103.0, 4.0]]), "b1": np.zeros((1, 1))}
    frame = frame_of(SCENE, moved, "relu", Moment(101, 0.5, (0.25,), (0.125,), 1.5, STEEP))
    assert frame.of_layers("changes").tolist() == [0.05]  # (3, 4) of length 5 against 100


def test_the_moment_that_changes_are_counted_from_is_kept():
    assert CHANGES_SINCE == 100
    assert 100 in frame_schedule(15_000)
