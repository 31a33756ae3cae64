"""Frames of the lab: hand-worked cells and the schedule; and the sentences of the diagnosis."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from init_utils.lab.diagnosis import Evidence, diagnose
from init_utils.lab.frames import (
    Examples,
    Moment,
    Scene,
    draw_frame,
    frame_schedule,
    overflowed_frame,
    similarity_cells,
)
from init_utils.lab.layout import FIGURES, GRID, Frame, FrameLayout

SCENE = Scene.around(
    Examples(np.array([[-1.0, 1.0, 1.0], [0.0, 0.0, 0.5]]), np.array([[0, 1, 1]])),
    Examples(np.array([[-0.5], [0.0]]), np.array([[1]])),
)
# Output = sigmoid(100 x): left of 0 class 0, right of it class 1, saturated everywhere but near 0.
STEEP = {"W1": np.array([[100.0, 0.0]]), "b1": np.zeros((1, 1))}


def steep_frame():
    return draw_frame(SCENE, STEEP, "relu", Moment(7, 0.5, (0.25,), 1.5))


def test_the_picture_is_a_square_around_all_points():
    left, right, bottom, top = SCENE.bounds
    assert right - left == pytest.approx(top - bottom)
    assert left < -1 < 1 < right


def test_a_network_that_looks_at_x_only_splits_the_picture_in_halves():
    grid = steep_frame().grid
    assert np.all(grid[:, : GRID // 2 - 2] == 0)
    assert np.all(grid[:, GRID // 2 + 2 :] == 255)


def test_rows_of_the_picture_begin_at_the_top():
    upwards = {"W1": np.array([[0.0, 100.0]]), "b1": np.zeros((1, 1))}
    grid = draw_frame(SCENE, upwards, "relu", Moment(0, 0.0, (0.0,), 0.0)).grid
    assert grid[0, 0] == 255
    assert grid[-1, 0] == 0


def test_figures_are_in_the_order_that_is_announced():
    named = dict(zip((*FIGURES, "norm"), steep_frame().figures, strict=True))
    # Three training points, all right and saturated; the test point is class 1 left of 0, so wrong.
    assert named == {
        "iteration": 7,
        "cost": 0.5,
        "train_accuracy": 1.0,
        "test_accuracy": 0.0,
        "saturated": 1.0,
        "seconds": 1.5,
        "norm": 0.25,
    }


def test_the_histogram_holds_shares_of_the_training_points():
    assert steep_frame().histogram.tolist() == [85] + [0] * 18 + [170]  # one of three points, two of three


def test_equal_neurons_are_the_same_in_every_cell():
    assert similarity_cells(np.full((3, 2), 0.5)).tolist() == [[254] * 3] * 3


def test_a_neuron_of_zeros_has_no_direction():
    W = np.array([[1e-9, 0.0], [1e9, 0.0], [0.0, 0.0]])
    assert similarity_cells(W).tolist() == [[254, 254, 255], [254, 254, 255], [255, 255, 255]]


def test_the_rank_of_every_layer_is_kept():
    assert steep_frame().ranks.tolist() == [1]


def test_an_overflowed_network_keeps_its_last_picture():
    last = Frame(FrameLayout((2, 1)), np.arange(7.0), np.arange(9, dtype=np.uint8))
    frame = overflowed_frame(50, 2.0, last)
    assert frame.iteration == 50
    assert np.isnan(frame.figure("cost"))
    assert frame.cells is last.cells


@pytest.mark.parametrize("iterations", [1, 2, 180, 181, 15_000, 1_000_000])
def test_the_schedule_begins_at_zero_ends_at_the_end_and_stays_short(iterations):
    schedule = frame_schedule(iterations)
    assert schedule[0] == 0
    assert schedule[-1] == iterations
    assert schedule == sorted(set(schedule))
    assert len(schedule) <= 210


LEARNED = Evidence(0.7, 0.05, (0.1, 0.2), (0.01, 0.01), (2, 1), False, 0.0, 0.99, 0.97, 15_000)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "learned: 99% of the training points right"),
        ({"test_accuracy": 0.8}, "fits the training points, less so new ones (80%)"),
        ({"cost": float("nan")}, "the weights overflowed: a smaller learning rate or gain is needed"),
        (
            {"norms": (0.0, 0.0), "start_norms": (0.0, 0.0)},
            "every gradient is exactly 0: the network cannot move",
        ),
        (
            {"norms": (0.0, 1e-17), "start_norms": (0.0, 0.0)},
            "every gradient is 0 but for rounding: the network cannot move",
        ),
        ({"ranks": (0, 0)}, "all weights stay 0: only the last bias can move"),
        ({"copies": True}, "neurons of a layer are copies of each other and stay so: rank 1"),
        (
            {"iteration": 0, "start_cost": 1386.3, "start_saturated": 0.97},
            "starts 2,000 times above chance: 97% of the outputs saturated",
        ),
        (
            {"iteration": 0, "start_norms": (1e-6, 0.1)},
            "gradients differ by a factor of 1e+05 between layers",
        ),
        ({"iteration": 0}, "ready: gradients of similar size in every layer"),
        (
            {"start_cost": 1774.0, "cost": 0.4, "train_accuracy": 0.8},
            "spent its steps coming down from a cost of 1,774",
        ),
        ({"cost": 0.6999, "train_accuracy": 0.5}, "hardly moves: the cost changed by 0.0%"),
        ({"cost": 0.9, "train_accuracy": 0.5}, "the cost rises: the learning rate is too high"),
        ({"cost": 0.35, "train_accuracy": 0.8}, "learning: the cost fell by 50%"),
    ],
)
def test_a_diagnosis_says_what_the_figures_show(changes, expected):
    assert diagnose(dataclasses.replace(LEARNED, **changes)) == expected
