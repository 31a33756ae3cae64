"""The published run, again: its data, its three starts, its costs and accuracies."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from init_utils import datasets
from init_utils.network import (
    backward_propagation,
    compute_loss,
    forward_propagation,
    predict,
    update_parameters,
)
from init_utils.training import train

PUBLISHED = json.loads((Path(__file__).parent / "data" / "published.json").read_text(encoding="utf-8"))
NETWORK = PUBLISHED["network"]
RTOL = {"zeros": 1e-12, "random": 0.05, "he": 1e-12}  # the random trace is chaotic: see README
SCALES = {"zeros": lambda below: 0.0, "random": lambda below: 10.0, "he": lambda below: np.sqrt(2.0 / below)}


def published_start(name, layers_dims):
    rng = np.random.RandomState(3)
    start = {}
    for layer, (below, above) in enumerate(itertools.pairwise(layers_dims), start=1):
        start[f"W{layer}"] = rng.randn(above, below) * SCALES[name](below)
        start[f"b{layer}"] = np.zeros((above, 1))
    return start


def loop_over_public_functions(X, Y, parameters):
    costs = []
    for _ in range(NETWORK["num_iterations"]):
        a3, cache = forward_propagation(X, parameters)
        costs.append(compute_loss(a3, Y))
        gradients = backward_propagation(X, Y, cache)
        parameters = update_parameters(parameters, gradients, NETWORK["learning_rate"])
    return parameters, costs


@pytest.fixture(scope="module")
def data():
    return datasets.load()


@pytest.fixture(scope="module")
def loops(data):
    """Costs at every iteration and final parameters of the three runs, by the four public functions."""
    return {
        name: loop_over_public_functions(
            data.train_X, data.train_Y, published_start(name, NETWORK["layers_dims"])
        )
        for name in SCALES
    }


def assert_published(name, iterations, costs, rtol):
    expected = {
        int(key): float(cost) for key, cost in PUBLISHED["training"][name]["cost_at_iteration"].items()
    }
    found = dict(zip(iterations, costs, strict=True))
    assert {key: found[key] for key in expected} == pytest.approx(expected, rel=rtol, abs=0)


@pytest.mark.parametrize("name", SCALES)
def test_initializers_give_the_published_numbers(name):
    expected = PUBLISHED["initializers"][name]
    start = published_start(name, expected["layers_dims"])
    for key in ("W1", "b1", "W2", "b2"):
        assert np.allclose(start[key], expected[key], rtol=0, atol=6e-9)  # printed to 8 decimals


@pytest.mark.parametrize("name", SCALES)
def test_loop_over_the_public_functions_gives_the_published_costs(name, loops):
    _, costs = loops[name]
    assert_published(name, range(len(costs)), costs, RTOL[name])


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("name", SCALES)
def test_train_gives_the_published_costs_and_accuracies(name, engine, data, capsys):
    if engine == "compiled":
        pytest.importorskip("numba", reason="the compiled engine needs numba")
    start = published_start(name, NETWORK["layers_dims"])
    parameters, history = train(data.train_X, data.train_Y, start, engine=engine, memo=False)
    assert_published(name, history.iterations, history.costs, RTOL[name])
    assert_accuracies(name, parameters, data, capsys)


@pytest.mark.parametrize("name", SCALES)
def test_loop_gives_the_published_accuracies(name, loops, data, capsys):
    assert_accuracies(name, loops[name][0], data, capsys)


def assert_accuracies(name, parameters, data, capsys):
    predict(data.train_X, data.train_Y, parameters)
    predict(data.test_X, data.test_Y, parameters)
    expected = PUBLISHED["training"][name]
    printed = [float(line.removeprefix("Accuracy: ")) for line in capsys.readouterr().out.splitlines()]
    assert printed == [expected["train_accuracy"], expected["test_accuracy"]]


@pytest.mark.parametrize("name", ["zeros", "he"])
def test_compiled_engine_follows_the_loop_at_every_iteration(name, loops, data):
    pytest.importorskip("numba", reason="the compiled engine needs numba")
    start = published_start(name, NETWORK["layers_dims"])
    _, history = train(data.train_X, data.train_Y, start, record_every=25, engine="compiled", memo=False)
    assert history.costs == pytest.approx(np.array(loops[name][1])[::25], rel=1e-9, abs=0)


def test_compiled_engine_follows_the_first_ten_random_steps(loops, data):
    pytest.importorskip("numba", reason="the compiled engine needs numba")
    start = published_start("random", NETWORK["layers_dims"])
    costs = train(
        data.train_X, data.train_Y, start, 0.01, 11, record_every=1, engine="compiled"
    ).history.costs
    assert costs == pytest.approx(np.array(loops["random"][1][:11]), rel=1e-9, abs=0)
    assert costs[0] == np.inf


def test_numpy_engine_has_the_loops_bits(loops, data):
    for name in SCALES:
        start = published_start(name, NETWORK["layers_dims"])
        parameters = train(data.train_X, data.train_Y, start, engine="numpy", memo=False).parameters
        expected = loops[name][0]
        assert all(np.array_equal(parameters[key], expected[key]) for key in expected)
