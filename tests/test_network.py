"""The mathematics: a hand-worked example, gradients by central differences, accepted forms, messages."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from init_utils.checks import ParameterError
from init_utils.network import (
    backward_propagation,
    compute_loss,
    compute_stable_loss,
    forward_propagation,
    predict,
    predict_dec,
    relu,
    sigmoid,
    update_parameters,
)


def he_start(layers_dims, seed=3):
    rng = np.random.RandomState(seed)
    start = {}
    for layer, (below, above) in enumerate(itertools.pairwise(layers_dims), start=1):
        start[f"W{layer}"] = rng.randn(above, below) * np.sqrt(2 / below)
        start[f"b{layer}"] = 0.1 * rng.randn(above, 1)
    return start


# One input, one hidden ReLU unit, one output, one example x = 2, y = 1; W1 = 0.5, b1 = 0, W2 = 1, b2 = -1.
X, Y = np.array([[2.0]]), np.array([[1]])
TINY = {
    "W1": np.array([[0.5]]),
    "b1": np.array([[0.0]]),
    "W2": np.array([[1.0]]),
    "b2": np.array([[-1.0]]),
}


def test_hand_worked_example():
    a2, cache = forward_propagation(X, TINY)
    z1, a1, _, _, z2, _, _, _ = cache
    assert (z1, a1, z2, a2) == (1.0, 1.0, 0.0, 0.5)  # 0.5*2 + 0; max(0, 1); 1*1 - 1; 1/(1+e^0)
    assert compute_loss(a2, Y) == pytest.approx(np.log(2))  # -log(0.5)
    gradients = backward_propagation(X, Y, cache)
    worked = {"dz2": -0.5, "dW2": -0.5, "db2": -0.5, "da1": -0.5, "dz1": -0.5, "dW1": -1.0, "db1": -0.5}
    assert {name: value.item() for name, value in gradients.items()} == worked
    updated = update_parameters(TINY, gradients, 0.1)
    assert {name: value.item() for name, value in updated.items()} == {
        "W1": 0.6,
        "b1": 0.05,
        "W2": 1.05,
        "b2": -0.95,
    }


def test_update_leaves_its_input_alone():
    before = {name: value.copy() for name, value in TINY.items()}
    _, cache = forward_propagation(X, TINY)
    update_parameters(TINY, backward_propagation(X, Y, cache), 0.1)
    assert all(np.array_equal(before[name], TINY[name]) for name in TINY)


@pytest.mark.parametrize("hidden", ["relu", "tanh"])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_gradients_agree_with_central_differences(depth, hidden):
    layers_dims = [3, 5, 4, 2, 1][-depth - 1 :]
    rng = np.random.RandomState(7)
    X = rng.randn(layers_dims[0], 9)
    Y = (rng.rand(1, 9) > 0.5).astype(int)
    parameters = he_start(layers_dims)

    def loss():
        return compute_loss(forward_propagation(X, parameters, hidden)[0], Y)

    gradients = backward_propagation(X, Y, forward_propagation(X, parameters, hidden)[1], hidden)
    step = 1e-6
    for name, value in parameters.items():
        for place in np.ndindex(value.shape):
            kept = value[place]
            value[place] = kept + step
            above = loss()
            value[place] = kept - step
            below = loss()
            value[place] = kept
            assert gradients[f"d{name}"][place] == pytest.approx((above - below) / (2 * step), abs=2e-9)


def test_gradients_and_cache_have_the_published_names_and_shapes():
    rng = np.random.RandomState(0)
    X, Y = rng.randn(2, 7), np.ones((1, 7))
    a3, cache = forward_propagation(X, he_start([2, 10, 5, 1]))
    _z1, a1, W1, b1, _z2, _a2, _W2, _b2, _z3, last, _W3, _b3 = cache
    assert last is a3
    assert (a1.shape, W1.shape, b1.shape) == ((10, 7), (10, 2), (10, 1))
    shapes = {name: value.shape for name, value in backward_propagation(X, Y, cache).items()}
    assert shapes == {
        "dz3": (1, 7), "dW3": (1, 5), "db3": (1, 1),
        "da2": (5, 7), "dz2": (5, 7), "dW2": (5, 10), "db2": (5, 1),
        "da1": (10, 7), "dz1": (10, 7), "dW1": (10, 2), "db1": (10, 1),
    }  # fmt: skip


def test_zeros_are_a_stationary_point_of_every_weight():
    parameters = {name: 0 * value for name, value in he_start([2, 4, 3, 1]).items()}
    rng = np.random.RandomState(0)
    X, Y = rng.randn(2, 6), np.array([[0, 1, 0, 1, 1, 1]])
    gradients = backward_propagation(X, Y, forward_propagation(X, parameters)[1])
    assert [float(np.abs(gradients[f"dW{layer}"]).max()) for layer in (1, 2, 3)] == [0.0, 0.0, 0.0]


def test_saturation_is_silent_and_exact(recwarn, capfd):
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
    assert relu(np.array([-1.0, 0.0, 2.0])).tolist() == [0.0, 0.0, 2.0]
    assert compute_loss(np.array([[1.0]]), np.array([[0]])) == np.inf
    assert compute_loss(np.array([[1.0, 0.5]]), np.array([[1, 1]])) == pytest.approx(np.log(2) / 2)
    assert compute_stable_loss(np.array([[1e4, -2.0]]), np.array([[0, 0]])) == pytest.approx(
        (1e4 + np.log1p(np.exp(-2.0))) / 2
    )
    assert (len(recwarn), capfd.readouterr().err) == (0, "")


def test_both_losses_agree_where_nothing_is_saturated():
    z = np.random.RandomState(1).randn(1, 50) * 3
    Y = (z > 1).astype(int)
    assert compute_stable_loss(z, Y) == pytest.approx(compute_loss(sigmoid(z), Y), rel=1e-12)


def test_predict_prints_as_published_and_returns_integers(capsys):
    p = predict(
        np.array([[2.0, -5.0, 3.0]]), np.array([[1, 0, 0]]), {"W1": np.eye(1), "b1": np.zeros((1, 1))}
    )
    assert capsys.readouterr().out == "Accuracy: 0.6666666666666666\n"
    assert (p.tolist(), p.dtype) == ([[1, 0, 1]], np.int64)


def test_predict_dec_gives_booleans():
    parameters = {"W1": np.eye(1), "b1": np.zeros((1, 1))}
    assert predict_dec(parameters, np.array([[2.0, -5.0]])).tolist() == [[True, False]]


def matrices(parameters):
    with pytest.warns(PendingDeprecationWarning):
        return {name: np.matrix(value) for name, value in parameters.items()}


@pytest.mark.parametrize(
    "form",
    [
        matrices,
        lambda p: {name: np.asfortranarray(value) for name, value in p.items()},
        lambda p: p | {"note": "mine", "Wx": None, "layers": 2},
        lambda p: dict(reversed(p.items())),
    ],
    ids=["np.matrix", "column order", "extra keys", "other order"],
)
def test_accepted_forms_give_the_same_results(form):
    X, Y = np.random.RandomState(0).randn(2, 6), np.array([[0, 1, 0, 1, 1, 1]])
    plain = he_start([2, 3, 1])
    odd = form(plain)
    a, cache = forward_propagation(X, plain)
    b, odd_cache = forward_propagation(X, odd)
    assert np.allclose(a, b, rtol=1e-15)
    updated = update_parameters(plain, backward_propagation(X, Y, cache), 0.1)
    odd_updated = update_parameters(odd, backward_propagation(X, Y, odd_cache), 0.1)
    assert all(np.allclose(updated[name], odd_updated[name], rtol=1e-13) for name in plain)
    assert set(odd_updated) == set(odd)


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_zeros_of_other_types_are_accepted(dtype):
    parameters = {name: np.zeros(value.shape, dtype) for name, value in he_start([2, 3, 1]).items()}
    X, Y = np.ones((2, 4)), np.array([[1, 1, 1, 0]])
    a, cache = forward_propagation(X, parameters)
    assert a.tolist() == [[0.5] * 4]
    assert update_parameters(parameters, backward_propagation(X, Y, cache), 1.0)["b2"].tolist() == [[0.25]]


BAD = {
    "missing key": (lambda p: {k: v for k, v in p.items() if k != "b2"}, "parameters has no key b2; it has"),
    "missing layer": (
        lambda p: {k: v for k, v in p.items() if k != "W1"},
        "parameters has no key W1; it has",
    ),
    "no dict": (lambda p: None, "parameters is None; expected a dict"),
    "transposed": (
        lambda p: p | {"W1": p["W1"].T},
        "W1 has shape (2, 4); expected (n_1, 2)",
    ),
    "flat bias": (lambda p: p | {"b1": np.zeros(4)}, "b1 has shape (4,); expected (4, 1)"),
    "scalar bias": (lambda p: p | {"b2": 0.0}, "b2 is a float; expected a NumPy array"),
    "list": (lambda p: p | {"W2": [[1.0] * 4]}, "W2 is a list; expected a NumPy array"),
    "NaN": (lambda p: p | {"W2": np.full((1, 4), np.nan)}, "W2 holds NaN or infinity, first at W2[0, 0]"),
    "infinity": (lambda p: p | {"b1": np.full((4, 1), np.inf)}, "b1 holds NaN or infinity"),
    "other net": (lambda p: p | {"W2": np.ones((1, 3))}, "W2 has shape (1, 3)"),
    "numbers in objects": (lambda p: p | {"W2": p["W2"].astype(object)}, "W2 has dtype object"),
}


@pytest.mark.parametrize("name", BAD)
def test_unusable_parameters_are_explained(name):
    spoil, message = BAD[name]
    parameters = spoil(he_start([2, 4, 1]))
    data = np.ones((2, 5))
    with pytest.raises(ParameterError, match=re.escape(message)):
        forward_propagation(data, parameters)
    with pytest.raises(ParameterError, match=re.escape(message)):
        predict_dec(parameters, data)
    # Without X an update cannot tell W1 from its transpose: the bias is what does not fit.
    message = "b1 has shape (4, 1); expected (2, 1)" if name == "transposed" else message
    with pytest.raises(ParameterError, match=re.escape(message)):
        update_parameters(parameters, {}, 0.1)


IN_PLACE = {
    "NaN": (lambda p: p["W1"].__setitem__((0, 0), np.nan), "W1 holds NaN or infinity, first at W1[0, 0]"),
    "infinity": (lambda p: p["b2"].__setitem__((0, 0), -np.inf), "b2 holds NaN or infinity"),
    "shape": (lambda p: p["W1"].resize((2, 4), refcheck=False), "W1 has shape (2, 4); expected"),
    "other array": (lambda p: p.update(W1=p["W1"].T), "W1 has shape (2, 4); expected"),
    "dtype": (lambda p: p.update(W2=p["W2"] + 0j), "W2 has dtype complex128; expected real numbers"),
    "key": (lambda p: p.pop("b1"), "parameters has no key b1"),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_parameters_spoiled_in_place_are_refused_although_they_were_good_a_call_ago(name):
    spoil, message = IN_PLACE[name]
    parameters = he_start([2, 4, 1])
    X, Y = np.ones((2, 5)), np.ones((1, 5))
    grads = backward_propagation(X, Y, forward_propagation(X, parameters)[1])
    update_parameters(parameters, grads, 0.1)
    spoil(parameters)
    with pytest.raises(ParameterError, match=re.escape(message)):
        forward_propagation(X, parameters)
    # Without X an update cannot tell W1 from its transpose: the bias is what does not fit.
    message = "b1 has shape (4, 1); expected (2, 1)" if "(2, 4)" in message else message
    with pytest.raises(ParameterError, match=re.escape(message)):
        update_parameters(parameters, grads, 0.1)


def test_an_empty_layer_is_refused():
    parameters = {"W1": np.ones((0, 2)), "b1": np.ones((0, 1)), "W2": np.ones((1, 0)), "b2": np.ones((1, 1))}
    with pytest.raises(ParameterError, match="It is empty: a layer has at least one unit"):
        forward_propagation(np.ones((2, 5)), parameters)


def test_gradients_of_another_net_are_refused():
    with pytest.raises(ParameterError, match=r"grads has no key dW1; expected an array of shape \(1, 1\)"):
        update_parameters(TINY, {}, 0.1)
    with pytest.raises(ParameterError, match=r"dW1 has shape \(2, 2\); expected shape \(1, 1\)"):
        update_parameters(TINY, {"dW1": np.ones((2, 2))}, 0.1)


def test_unusable_data_are_explained():
    a, cache = forward_propagation(np.ones((1, 3)), TINY)
    with pytest.raises(ValueError, match=r"X has shape \(3,\); expected \(n_x, m\)"):
        forward_propagation(np.ones(3), TINY)
    with pytest.raises(ParameterError, match=r"W1 has shape \(1, 1\); expected \(n_1, 3\)"):
        forward_propagation(np.ones((3, 1)), TINY)
    with pytest.raises(ValueError, match=r"Y has shape \(3,\); expected \(1, 3\).*reshape"):
        compute_loss(a, np.ones(3))
    with pytest.raises(ValueError, match=r"Y has shape \(3, 1\); expected \(1, 3\).*transpose"):
        backward_propagation(np.ones((1, 3)), np.ones((3, 1)), cache)
    with pytest.raises(ValueError, match="X has 4 columns; expected 3"):
        backward_propagation(np.ones((1, 4)), np.ones((1, 3)), cache)
    with pytest.raises(ValueError, match="cache has 3 entries; expected 4 per layer"):
        backward_propagation(np.ones((1, 3)), np.ones((1, 3)), cache[:3])


def test_unknown_hidden_activation_is_named():
    for call in (
        lambda: forward_propagation(X, TINY, "sigmoid"),
        lambda: backward_propagation(X, Y, forward_propagation(X, TINY)[1], "sigmoid"),
    ):
        with pytest.raises(ValueError, match=r"hidden is 'sigmoid'; expected one of 'relu', 'tanh'\."):
            call()


def test_weights_too_large_to_square_are_no_error():
    a, _ = forward_propagation(X, TINY | {"W1": np.array([[1e200]])})
    assert a.tolist() == [[1.0]]
