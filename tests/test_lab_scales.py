"""Sweeps: many trainings of the same data; cost against scale, seeds in pairs."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from init_utils.lab.candidates import built_in_candidates, draw_start
from init_utils.lab.scales import MULTIPLES, SEEDS, places, scale_sweep
from init_utils.lab.session import LabSession
from init_utils.lab.settings import LabSettings
from init_utils.lab.strip import seed_strip
from init_utils.lab.sweep import Sweep, SweepRow
from init_utils.lab.widget import Lab
from tests.test_lab_widget import OWN, initialize_parameters_he


def session(**settings):
    return LabSession(built_in_candidates(), LabSettings(iterations=20, **settings), ["He", "Xavier"])


def test_twelve_multiples_from_an_eighth_to_32_hold_he_and_xavier():
    assert len(MULTIPLES) == 12
    assert (MULTIPLES[0], MULTIPLES[-1]) == (1 / 8, 32)
    assert 1.0 in MULTIPLES
    assert any(abs(multiple - 2**-0.5) < 1e-12 for multiple in MULTIPLES)
    assert len(SEEDS) == 5


def test_ten_and_a_hundredth_stand_at_the_geometric_mean_of_their_ratios():
    ratios = [10 / np.sqrt(2 / n) for n in (2, 10, 5)]
    *_, ten, hundredth = places([2, 10, 5, 1])
    assert ten.multiple == pytest.approx(np.prod(ratios) ** (1 / 3))
    assert round(ten.multiple, 1) == 15.2
    assert round(hundredth.multiple, 3) == 0.015


def test_each_place_starts_from_hes_weights_times_its_multiple():
    started = {}
    sweep = scale_sweep(session())
    for row, parameters in sweep._starts:
        started.setdefault(row.name, parameters)  # of the first seed
    he = next(one for one in built_in_candidates() if one.name == "He")
    expected = draw_start(he, [2, 10, 5, 1], 1).parameters
    assert np.array_equal(started["He × 4"]["W2"], 4 * expected["W2"])
    ten = started["×10"]
    for layer, before in ((1, 2), (2, 10), (3, 5)):
        drawn = expected[f"W{layer}"] / np.sqrt(2 / before)
        assert np.allclose(ten[f"W{layer}"], 10 * drawn)
        assert not np.any(ten[f"b{layer}"])


def test_a_sweep_trains_every_start_and_tells_how_far_it_is():
    now = iter(range(1000))
    done = scale_sweep(session())
    sweep = Sweep(done._settings, done._scene, done.rows, done._starts[:4], clock=lambda: next(now))
    assert sweep.remaining_s is None
    steps = sweep.train(threading.Event())
    next(steps)
    assert sweep.to_dict()["done"] == 2
    assert sweep.to_dict()["remaining_s"] == pytest.approx(2.0)  # two ticks of the clock for two trainings
    assert list(steps) == [None]
    assert [len(row.costs) for row in sweep.rows[:5]] == [1, 1, 1, 1, 0]


def test_the_scale_panel_of_a_lab_fills_and_leaves_the_training_as_it_is():
    one = Lab(*OWN, live=False, iterations=10)
    one.step()
    one.compare_scales()
    assert one.scales["done"] == one.scales["total"] == 14 * 5
    assert [len(row["costs"]) for row in one.scales["rows"]] == [5] * 14
    assert (one.status, one.session.iteration) == ("paused", 1)
    one.reset()
    assert one.scales == {}


def test_a_cost_that_is_not_finite_is_no_result():
    row = SweepRow("huge")
    start = {"W1": np.full((1, 2), 1e308), "b1": np.zeros((1, 1))}
    one = session(hidden_layers=(), learning_rate=100.0)
    sweep = Sweep(one.settings, one.scene, [row], [(row, start)])
    with np.errstate(all="ignore"):
        list(sweep.train(threading.Event()))
    assert row.costs == [None]


def random_x10(layers_dims):
    parameters = {}
    np.random.seed(3)
    for layer in range(1, len(layers_dims)):
        parameters[f"W{layer}"] = np.random.randn(layers_dims[layer], layers_dims[layer - 1]) * 10
        parameters[f"b{layer}"] = np.zeros((layers_dims[layer], 1))
    return parameters


def test_he_ends_ahead_of_x10_in_8_of_10_seeds():
    one = Lab(random_x10, initialize_parameters_he, live=False)
    sweep = seed_strip(one.session)
    list(sweep.train(threading.Event()))
    ten, he = (row.costs for row in sweep.rows)
    assert [seed for seed in range(1, 11) if ten[seed - 1] < he[seed - 1]] == [4, 7]
