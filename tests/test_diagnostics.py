"""Measures of an initialization, against arithmetic by hand and the theory of wide layers."""

from __future__ import annotations

import numpy as np
import pytest

from init_utils.diagnostics import (
    SCHEMES,
    gradient_norms,
    neuron_similarity,
    propagate,
    ranks,
    saturated_share,
)


def constant(value):
    return {
        "W1": np.full((3, 2), value), "b1": np.zeros((3, 1)),
        "W2": np.full((1, 3), value), "b2": np.zeros((1, 1)),
    }  # fmt: skip


X, Y = np.array([[1.0, 2.0, -1.0], [0.5, 1.0, 2.0]]), np.array([[0, 1, 1]])


def test_zeros_cannot_move_and_a_constant_can():
    assert gradient_norms(X, Y, constant(0.0)) == (0.0, 0.0)
    assert all(norm > 0 for norm in gradient_norms(X, Y, constant(0.5)))
    assert gradient_norms(X, Y, constant(0.0), "tanh") == (0.0, 0.0)


def test_constant_start_keeps_rank_one_and_equal_neurons():
    from init_utils.training import train

    trained = train(X, Y, constant(0.5), 0.1, 50).parameters
    assert ranks(trained) == (1, 1)
    assert neuron_similarity(trained["W1"]) == pytest.approx(np.ones((3, 3)), abs=1e-12)
    assert ranks(constant(0.0)) == (0, 0)


def test_similarity_of_zero_rows():
    W = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    assert neuron_similarity(W).tolist() == [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]


@pytest.mark.parametrize(("activation", "share"), [("relu", 0.25), ("tanh", 0.5), ("sigmoid", 0.75)])
def test_saturated_share(activation, share):
    a = np.array([[0.0, 0.5, -0.995, 0.995]])
    assert saturated_share(a, activation) == share


def test_saturated_share_refuses_other_activations():
    with pytest.raises(ValueError, match="activation is 'elu'; expected one of 'relu', 'tanh', 'sigmoid'"):
        saturated_share(X, "elu")


@pytest.mark.parametrize("depth", [1, 2, 50])
@pytest.mark.parametrize("hidden", ["relu", "tanh"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_propagation_has_one_number_a_layer(scheme, hidden, depth):
    result = propagate(scheme, hidden, depth, width=20, examples=10)
    lines = (result.activations, result.gradients, result.expected_activations, result.expected_gradients)
    assert [line.shape for line in lines] == [(depth,)] * 4
    assert result.layers.tolist() == list(range(1, depth + 1))
    assert all(np.isfinite(line).all() and (line >= 0).all() for line in lines)


def test_theory_keeps_he_with_relu_exactly_and_halves_xavier():
    he, xavier = propagate("he", "relu", 30), propagate("xavier", "relu", 30)
    assert he.expected_activations == pytest.approx(np.ones(30), rel=1e-9)
    assert he.expected_gradients == pytest.approx(np.ones(30), rel=1e-9)
    halvings = np.arange(1, 31) / 2
    assert xavier.expected_activations == pytest.approx(0.5**halvings, rel=1e-9)


@pytest.mark.parametrize(
    ("scheme", "hidden"),
    [("he", "relu"), ("xavier", "relu"), ("xavier", "tanh"), ("he", "tanh"), ("x0.01", "tanh")],
)
def test_wide_layers_follow_the_theory(scheme, hidden):
    result = propagate(scheme, hidden, 12, width=800, examples=50, seed=2)
    assert result.activations == pytest.approx(result.expected_activations, rel=0.15)
    assert result.gradients == pytest.approx(result.expected_gradients, rel=0.25)


def test_depth_separates_the_schemes():
    spread = {name: propagate(name, "relu", 50).activations[-1] for name in SCHEMES}
    assert spread["zeros"] == 0.0
    assert spread["x0.01"] < 1e-40 < spread["xavier"] < 1e-6 < 0.1 < spread["he"] < 10 < 1e40 < spread["x10"]


def test_a_number_is_a_scheme_and_others_are_refused():
    assert propagate(0.1, "tanh", 3).activations == pytest.approx(propagate("xavier", "tanh", 3).activations)
    with pytest.raises(ValueError, match="scheme is 'lecun'; expected one of 'zeros', 'x0"):
        propagate("lecun")
    with pytest.raises(ValueError, match="hidden is 'sigmoid'; expected one of 'relu', 'tanh'"):
        propagate("he", "sigmoid")
    with pytest.raises(ValueError, match="depth is 0"):
        propagate("he", depth=0)
