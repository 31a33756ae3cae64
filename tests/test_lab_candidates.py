"""Initializers in the lab: seeds put in their place, mistakes said, the global random state left alone."""

from __future__ import annotations

import numpy as np
import pytest

from init_utils.lab.candidates import Candidate, built_in_candidates, draw_start, seed_note, seeded

DIMS = [2, 4, 1]


def seeded_function(layers_dims):
    np.random.seed(3)
    return weights(layers_dims, np.random.randn)


def state_function(layers_dims):
    return weights(layers_dims, np.random.RandomState(3).randn)


def generator_function(layers_dims):
    return weights(layers_dims, lambda *shape: np.random.default_rng(3).standard_normal(shape))


def unseeded_function(layers_dims):
    return weights(layers_dims, np.random.randn)


def zeros_function(layers_dims):
    return weights(layers_dims, lambda *shape: np.zeros(shape))


def weights(dims, draw):
    parameters = {}
    for layer in range(1, len(dims)):
        parameters[f"W{layer}"] = draw(dims[layer], dims[layer - 1])
        parameters[f"b{layer}"] = np.zeros((dims[layer], 1))
    return parameters


def start(function, seed=None):
    return draw_start(Candidate("f", function, "f"), DIMS, seed)


def test_without_a_seed_the_function_keeps_its_own():
    expected = seeded_function(DIMS)
    for key, value in start(seeded_function).parameters.items():
        assert np.array_equal(value, expected[key])


@pytest.mark.parametrize("function", [seeded_function, state_function])
def test_another_seed_is_put_in_the_place_of_the_constant(function):
    expected = np.random.RandomState(41).randn(4, 2)
    assert np.array_equal(start(function, 41).parameters["W1"], expected)


def test_two_seeds_give_two_starts_and_the_same_seed_the_same():
    first, second, again = (start(seeded_function, seed).parameters["W2"] for seed in (1, 2, 1))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, again)


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize("function", [seeded_function, unseeded_function])
def test_the_global_random_state_is_as_it_was(function, seed):
    np.random.seed(99)
    expected = np.random.get_state()[1].copy()
    start(function, seed)
    assert np.array_equal(np.random.get_state()[1], expected)


def test_numpy_gets_its_own_functions_back_even_when_the_function_raises():
    before = np.random.seed, np.random.RandomState
    with pytest.raises(KeyError), seeded(7):
        raise KeyError
    assert (np.random.seed, np.random.RandomState) == before


def test_a_function_that_forgets_to_seed_repeats_in_the_lab_and_follows_the_seed():
    assert np.array_equal(
        start(unseeded_function).parameters["W1"], start(unseeded_function).parameters["W1"]
    )
    assert seed_note(start(unseeded_function), start(unseeded_function, 5)) == ""


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (seeded_function, ""),
        (generator_function, "ignores the seed"),
        (zeros_function, "draws nothing: the same for every seed"),
    ],
)
def test_a_function_deaf_to_the_seed_is_labelled(function, expected):
    assert seed_note(start(function), start(function, 12)) == expected


def test_the_seed_of_default_rng_is_not_touched():
    assert np.array_equal(start(generator_function, 8).parameters["W1"], generator_function(DIMS)["W1"])


def test_what_a_function_raises_becomes_its_message():
    def unfinished(layers_dims):
        raise NotImplementedError("write me")

    assert start(unfinished).parameters is None
    assert start(unfinished).message == "NotImplementedError: write me"


def test_leaving_the_program_is_a_message_too():
    assert start(lambda dims: exit()).message.startswith("SystemExit")


def test_a_wrong_shape_is_said_as_the_parameter_check_says_it():
    def transposed(layers_dims):
        return {key: value.T for key, value in seeded_function(layers_dims).items()}

    found = start(transposed)
    assert found.parameters is None
    assert found.message.startswith("W1 has shape (2, 4)")


def test_an_untouched_template_is_said():
    found = start(lambda dims: dict.fromkeys(("W1", "b1", "W2", "b2")))
    assert found.parameters is None
    assert "None" in found.message


def test_changing_the_argument_changes_nothing_here():
    def greedy(layers_dims):
        parameters = seeded_function(layers_dims)
        layers_dims.clear()
        return parameters

    dims = [2, 4, 1]
    assert draw_start(Candidate("f", greedy, "f"), dims, None).parameters is not None
    assert dims == [2, 4, 1]


def test_prints_of_a_function_are_dropped(capsys):
    def chatty(layers_dims):
        print("hello")  # noqa: T201 - what is tested
        return seeded_function(layers_dims)

    assert start(chatty).parameters is not None
    assert capsys.readouterr().out == ""


def test_gain_multiplies_weights_and_not_biases():
    one = start(lambda dims: {"W1": np.full((1, 2), 3.0), "b1": np.full((1, 1), 5.0)} if dims else None)
    assert one.parameters is None  # the sizes asked for have two layers
    one = draw_start(
        Candidate("f", lambda dims: {"W1": np.full((1, 2), 3.0), "b1": np.ones((1, 1))}, "f"), [2, 1], None
    )
    twice = one.scaled(2.0)
    assert twice.parameters["W1"].tolist() == [[6.0, 6.0]]
    assert twice.parameters["b1"].tolist() == [[1.0]]


@pytest.mark.parametrize("candidate", built_in_candidates(), ids=lambda candidate: candidate.name)
def test_built_in_initializers_pass_the_check_and_name_themselves(candidate):
    assert candidate.built_in
    assert draw_start(candidate, [2, 10, 5, 1], None).parameters["W3"].shape == (1, 5)


def test_built_in_scales_are_those_of_the_papers():
    deep = {one.name: draw_start(one, [400, 300, 1], None).parameters["W1"] for one in built_in_candidates()}
    assert deep["He"].std() == pytest.approx((2 / 400) ** 0.5, rel=0.02)
    assert deep["Xavier"].std() == pytest.approx((1 / 400) ** 0.5, rel=0.02)
    assert deep["small 0.01"].std() == pytest.approx(0.01, rel=0.02)
    assert np.all(deep["constant 0.5"] == 0.5)


@pytest.mark.parametrize("name", ["He", "Xavier", "small 0.01"])
def test_built_in_draws_follow_the_seed_of_the_lab(name):
    candidate = next(one for one in built_in_candidates() if one.name == name)
    own, first, again, other = (draw_start(candidate, DIMS, seed) for seed in (None, 3, 3, 4))
    assert np.array_equal(first.parameters["W1"], again.parameters["W1"])
    assert not np.array_equal(first.parameters["W1"], other.parameters["W1"])
    assert seed_note(own, first) == ""


@pytest.mark.parametrize("seed", [None, 3])
def test_built_in_draws_are_never_those_of_the_exercises(seed):
    exercise = np.random.RandomState(3).randn(4, 2)
    for candidate in built_in_candidates():
        ratios = draw_start(candidate, DIMS, seed).parameters["W1"] / exercise
        assert np.ptp(ratios) > 0.1, candidate.name
