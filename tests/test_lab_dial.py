"""The depth dial: sizes in deep networks, measured and in theory."""

from __future__ import annotations

import time

import numpy as np
import pytest
import traitlets

from init_utils.diagnostics import product, propagate, send
from init_utils.lab.dial import BINS, DRAWN, pack_profiles, profile_of
from init_utils.lab.widget import Lab
from tests.test_lab_widget import OWN


@pytest.mark.parametrize("hidden", ["relu", "tanh"])
@pytest.mark.parametrize("scheme", DRAWN)
def test_what_is_measured_lies_near_the_theory_of_wide_layers(scheme, hidden):
    one = profile_of(scheme, hidden, 12)
    assert one.activations == pytest.approx(one.expected_activations, rel=0.35)
    assert one.gradients == pytest.approx(one.expected_gradients, rel=0.35)


def test_with_relu_he_keeps_its_size_and_xavier_loses_a_factor_of_root_2_a_layer():
    he, xavier = (profile_of(scheme, "relu", 50) for scheme in ("He", "Xavier"))
    assert he.expected_activations[-1] == pytest.approx(1)
    assert xavier.expected_activations[-1] == pytest.approx(2**-25)
    assert xavier.activations[-1] == pytest.approx(2**-25, rel=0.9)


def test_orthogonal_layers_keep_every_length():
    draw = DRAWN["orthogonal"][1]
    Q = draw(np.random.default_rng(4))
    assert np.allclose(Q @ Q.T, np.eye(len(Q)))
    assert not np.allclose(Q, draw(np.random.default_rng(5)))


def test_shares_count_every_unit_once_and_zeros_apart():
    one = profile_of("He", "relu", 3)
    for shares in (one.activation_shares, one.gradient_shares):
        assert shares.shape == (3, 1 + BINS)
        assert shares.sum(axis=1) == pytest.approx(1)
    assert one.activation_shares[0, 0] == pytest.approx(0.5, abs=0.05)  # what ReLU cuts off
    assert one.gradient_shares[-1, 0] == 0  # the errors themselves


def test_one_layer_is_a_network_too():
    assert len(pack_profiles("tanh", 1)) == 4 * len(DRAWN) * (2 * (BINS + 1) + 4)


def test_turning_the_dial_sends_other_profiles_and_a_wrong_depth_is_named():
    one = Lab(*OWN, live=False)
    assert one.profiles == b""
    one._on_message(one, {"do": "profiles"}, [])
    before = one.profiles
    one.dial = {"depth": 5, "hidden": "tanh"}
    assert len(one.profiles) < len(before)
    with pytest.raises(traitlets.TraitError, match="depth is 51; expected a whole number from 1 to 50"):
        one.dial = {"depth": 51, "hidden": "tanh"}


def test_a_product_in_pieces_is_the_product():
    rng = np.random.default_rng(1)
    W, a = rng.standard_normal((100, 100)), rng.standard_normal((100, 203))
    assert np.allclose(product(W, a), W @ a, rtol=1e-13, atol=1e-12)


def test_a_signal_sent_up_and_down_agrees_with_a_loop():
    rng = np.random.default_rng(2)
    weights = [rng.standard_normal((3, 3)) for _ in range(3)]
    inputs, errors = rng.standard_normal((2, 3, 4))
    activations, gradients = send(weights, "tanh", inputs, errors)
    a = inputs
    for W, found in zip(weights, activations, strict=True):
        a = np.tanh(W @ a)
        assert np.allclose(found, a)
    dz2 = weights[2].T @ errors * (1 - np.tanh(weights[1] @ activations[0]) ** 2)
    assert np.allclose(gradients[1], dz2)


def test_fifty_layers_take_no_longer_than_a_blink():
    propagate("he", depth=50)
    began = time.process_time()
    propagate("he", depth=50)
    assert time.process_time() - began < 1.0  # of all threads: those that wait for each other count
