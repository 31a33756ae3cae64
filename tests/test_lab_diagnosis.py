"""What the lab says of a run: every sentence, and 200 runs against a computation of the test's own."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from init_utils import datasets
from init_utils.descent import Descent
from init_utils.lab.candidates import Candidate, Start
from init_utils.lab.diagnosis import Evidence, diagnose
from init_utils.lab.facts import LayerFacts, confident_wrong_share, worst_class_accuracy
from init_utils.lab.frames import Examples, Scene
from init_utils.lab.runs import Run, summarise

FINE = LayerFacts(size=5, silent=3, unreached=0.61, unreached_wrong=0.23, alike=False)
LEARNED = Evidence(
    iteration=15_000,
    earlier=14_000,
    cost=0.05,
    earlier_cost=0.06,
    norms=(0.01, 0.01),
    bias_norms=(0.01, 0.01),
    train_accuracy=0.9933,
    test_accuracy=0.96,
    worst_class=0.98,
    confident_wrong=0.0,
    layers=(FINE, FINE),
    hidden="relu",
)
STILL = {"train_accuracy": 0.5, "test_accuracy": 0.5, "worst_class": 0.0, "cost": 0.6, "earlier_cost": 0.6}
STANDS_STILL = "stands still: the cost has not changed in 1,000 steps"
SILENT = dataclasses.replace(FINE, silent=5, unreached=1.0)
PASSED_BY = dataclasses.replace(FINE, unreached_wrong=0.5)


def test_learned_is_said_without_a_cause_though_neurons_are_silent():
    assert diagnose(LEARNED) == "learned: 99.3 % of the training points right"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"test_accuracy": 0.8},
            "learned: 99.3 % of training, 80.0 % of test points right",
        ),
        ({"train_accuracy": 1.0}, "learned: 100 % of the training points right"),
        ({"cost": float("nan")}, "diverged: numbers overflow"),
        ({"norms": (0.1, float("inf"))}, "diverged: numbers overflow"),
        (
            {"norms": (0.0, 0.0), "bias_norms": (0.0, 1e-17)},
            "cannot move: weight gradients exactly 0",
        ),
        (
            {"norms": (0.0, 0.0), "bias_norms": (0.0, 0.02), "layers": (FINE, SILENT)},
            "only b2 moves; layer 2 is silent",
        ),
        (STILL, STANDS_STILL),
        (STILL | {"cost": 0.595}, "stands still: cost down 0.8 % in 1,000 steps"),
        (STILL | {"cost": 0.468}, "moving: cost down 22 % in 1,000 steps"),
        (
            STILL | {"cost": 0.468, "layers": (SILENT, FINE)},
            "cost down 22 %; layer 1 is silent",
        ),
        ({"iteration": 0, "earlier": 0}, "not trained yet"),
        (
            {"norms": (0.0, 0.0), "bias_norms": (0.0, 0.0), "layers": (SILENT, FINE)},
            "cannot move; layer 1 is silent",
        ),
        (STILL | {"cost": 1.8}, "moving: cost up 200 % in 1,000 steps"),
        (STILL | {"cost": 0.6, "earlier_cost": 1774.0}, "moving: cost down 99 % in 1,000 steps"),
        (
            STILL | {"layers": (FINE, PASSED_BY)},
            "stands still; layer 2 is silent for 61 % of the points",
        ),
        (
            STILL | {"layers": (PASSED_BY, FINE), "hidden": "tanh"},
            "stands still; layer 1 is saturated for 61 % of the points",
        ),
        (
            STILL | {"layers": (SILENT, FINE), "hidden": "tanh"},
            "stands still; layer 1 is saturated",
        ),
        (
            STILL | {"layers": (dataclasses.replace(FINE, alike=True), FINE)},
            "stands still; all 5 neurons of layer 1 are alike",
        ),
        (
            STILL | {"confident_wrong": 0.47},
            "stands still; 47 % of the points are confident and wrong",
        ),
        (
            {"iteration": 0, "earlier": 0, "cost": 1774.2, "earlier_cost": 1774.2, "confident_wrong": 0.5},
            "not trained yet; 50 % of the points are confident and wrong",
        ),
    ],
)
def test_a_diagnosis_says_what_holds_now(changes, expected):
    assert diagnose(dataclasses.replace(LEARNED, **changes)) == expected


def test_answering_the_larger_class_alone_is_not_learning():
    everything_zero = dataclasses.replace(LEARNED, **STILL | {"train_accuracy": 0.97, "worst_class": 0.0})
    assert diagnose(everything_zero).startswith("stands still")
    assert worst_class_accuracy(np.full((1, 4), 0.1), np.array([[0, 0, 0, 1]])) == 0.0


def test_confident_and_wrong_counts_no_good_confidence():
    outputs = np.array([[0.999, 0.999, 0.9]])
    assert confident_wrong_share(outputs, np.array([[1, 1, 0]])) == 0.0
    assert confident_wrong_share(outputs, np.array([[0, 1, 0]])) == pytest.approx(1 / 3)


# ------------------------------------------------------------- 200 runs, and an independent computation

POINTS, MOMENTS = 40, (0, 1, 30, 300, 1_050, 1_200)
SCALES = {
    "zeros": lambda below: 0.0,
    "small": lambda below: 0.01,
    "he": lambda below: np.sqrt(2 / below),
    "xavier": lambda below: np.sqrt(1 / below),
    "random": lambda below: 10.0,
    "huge": lambda below: 1e120,
}
SCHEMES = (*SCALES, "constant", "dies at 30", "silent output")
DEPTHS = ((), (4,), (6, 3), (4, 4, 4))
DATA = ("circles", "moons", "xor", "spirals", "blobs", "unbalanced")
EVERY = list(itertools.product(SCHEMES, (0.01, 0.1, 1.0, 10.0, 100.0), DEPTHS, DATA, ("relu", "tanh")))
CASES = [EVERY[place] for place in np.random.RandomState(1).permutation(len(EVERY))[:200]]


def start_of(scheme, sizes):
    rng = np.random.RandomState(3)
    dims, start = [2, *sizes, 1], {}
    for layer, (below, above) in enumerate(itertools.pairwise(dims), start=1):
        if scheme == "constant":
            W = np.full((above, below), 0.5)
        else:
            W = rng.randn(above, below) * SCALES.get(scheme, SCALES["he"])(below)
        start[f"W{layer}"], start[f"b{layer}"] = W, np.zeros((above, 1))
    if scheme == "silent output" and sizes:
        start[f"b{len(sizes)}"] -= 1e3
    return start


def examples_of(data, seed, count):
    if data != "unbalanced":
        made = datasets.make(data, count, 0.05, seed, n_test=20)
        return Examples(made.train_X, made.train_Y)
    made = datasets.make("moons", 4 * count, 0.05, seed, n_test=20)
    few, many = (np.flatnonzero(made.train_Y[0] == label) for label in (1, 0))
    chosen = np.concatenate([few[: max(1, count // 30)], many[: count - count // 30]])
    return Examples(made.train_X[:, chosen], made.train_Y[:, chosen])


def forward(parameters, X, hidden):
    """Activations of every layer, written down once more."""
    a, layers = X, []
    depth = len(parameters) // 2
    for layer in range(1, depth + 1):
        z = parameters[f"W{layer}"] @ a + parameters[f"b{layer}"]
        activation = "sigmoid" if layer == depth else hidden
        a = {
            "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
            "relu": lambda z: np.where(z > 0, z, 0),
            "tanh": np.tanh,
        }[activation](z)
        layers.append((z, a))
    return layers


def cost_of(z, Y):
    return float(np.mean(np.where(Y > 0.5, np.logaddexp(0, -z), np.logaddexp(0, z))))


def gradients(parameters, X, Y, hidden):
    layers = forward(parameters, X, hidden)
    dz, found = (layers[-1][1] - Y) / X.shape[1], {}
    for layer in range(len(layers), 0, -1):
        below = layers[layer - 2][1] if layer > 1 else X
        found[f"W{layer}"], found[f"b{layer}"] = dz @ below.T, dz.sum(axis=1)
        if layer > 1:
            slope = (below > 0) * 1.0 if hidden == "relu" else 1 - below**2
            dz = (parameters[f"W{layer}"].T @ dz) * slope
    return found


def share(part, decimals):
    """A share in words by whole points of the percentage; cut, so that nothing becomes 0 or all."""
    if part in (0, 1):
        return f"{int(part * 100)} %"
    steps = round(part * 100 * 10**decimals)
    steps = max(1, min(steps, 100 * 10**decimals - 1) if part < 1 else steps)
    return f"{steps / 10**decimals:,.{decimals}f} %"


def expected_words(history, train, test, hidden):
    """The sentence of the last of `history` (iteration, parameters), from the manual's rules."""
    now, parameters = history[-1]
    before = [pair for pair in history if pair[0] <= now - 1000]
    then, earlier = before[-1] if before else history[0]
    X, Y = train.X, train.Y
    found = gradients(parameters, X, Y, hidden)
    layers = forward(parameters, X, hidden)
    cost = cost_of(layers[-1][0], Y)
    if not (np.isfinite(cost) and all(np.isfinite(g).all() for g in found.values())):
        return "diverged: numbers overflow"
    wrong = ((layers[-1][1] > 0.5) != (Y > 0.5))[0]
    right_of = [1 - wrong[Y[0] == label].mean() for label in (0, 1)]
    was = cost_of(forward(earlier, X, hidden)[-1][0], Y)
    if not any(g.any() for name, g in found.items() if name[0] == "W"):
        free = abs(found[f"b{len(layers)}"]).max() > 1e-12
        state = "cannot move but for the output bias" if free else "cannot move: weight gradients exactly 0"
        short = f"only b{len(layers)} moves" if free else "cannot move"
    elif now == 0:
        state = short = "not trained yet"
    elif wrong.mean() <= 0.05 and min(right_of) >= 0.9:
        wrong_new = ((forward(parameters, test.X, hidden)[-1][1] > 0.5) != (test.Y > 0.5)).mean()
        right = share(1 - wrong.mean(), 1)
        if wrong_new - wrong.mean() > 0.1:
            return f"learned: {right} of training, {share(1 - wrong_new, 1)} of test points right"
        return f"learned: {right} of the training points right"
    else:
        change = cost / was - 1 if was else 0.0
        name = "moving" if abs(change) >= 0.01 else "stands still"
        way = "down" if change < 0 else "up"
        size = share(abs(change), 0 if name == "moving" else 1)
        state = (
            f"{name}: cost {way} {size} in {now - then:,} steps"
            if change
            else f"{name}: the cost has not changed in {now - then:,} steps"
        )
        short = f"cost {way} {size}" if name == "moving" else name
    hidden_layers = [a for _, a in layers[:-1]]
    passes = [a > 0 if hidden == "relu" else abs(a) <= 0.99 for a in hidden_layers]
    for number, passed in enumerate(passes, start=1):
        if not passed.any():
            return f"{short}; layer {number} is {'silent' if hidden == 'relu' else 'saturated'}"
    for number, passed in enumerate(passes, start=1):
        lost = ~passed.any(axis=0)
        if lost.mean() >= 0.1 and wrong[lost].mean() >= 0.5:
            quality = "silent" if hidden == "relu" else "saturated"
            return f"{short}; layer {number} is {quality} for {share(lost.mean(), 0)} of the points"
    for number, a in enumerate(hidden_layers, start=1):
        if len(a) > 1 and np.ptp(a, axis=0).max() <= 1e-6 * abs(a).max():
            return f"{short}; all {len(a)} neurons of layer {number} are alike"
    sure = np.minimum(layers[-1][1], 1 - layers[-1][1])[0] < 0.01
    if (sure & wrong).mean() >= 0.1:
        return f"{short}; {share((sure & wrong).mean(), 0)} of the points are confident and wrong"
    return state


def train(scheme, rate, sizes, data, hidden):
    """The run, and iteration and parameters at each moment that it kept."""
    train_points, test_points = examples_of(data, 1, POINTS), examples_of(data, 2, 20)
    scene = Scene.around(train_points, test_points)
    start = start_of(scheme, sizes)

    def descent(parameters):
        return Descent(*train_points, parameters, rate, hidden=hidden, engine="numpy")

    run = Run(Candidate(scheme, lambda dims: start), Start(start), "", descent(start), hidden)
    for moment in MOMENTS:
        run.descent.advance(moment - run.descent.iteration)
        parameters = run.descent.parameters
        finite = all(np.isfinite(value).all() for value in parameters.values())
        if scheme == "dies at 30" and moment == 30 and finite and sizes:
            run.descent = descent(parameters | {"b1": parameters["b1"] - 1e3})
            run.descent.iteration = moment
            parameters = run.descent.parameters
        run.keep_frame(scene)
        yield run, moment, parameters, (train_points, test_points)


@pytest.fixture(scope="module")
def said():
    """Of every moment of 200 runs: where, the sentence, and the one that the other computation gives."""
    sentences = []
    with np.errstate(all="ignore"):
        for case in CASES:
            history = []
            for run, moment, parameters, examples in train(*case):
                history.append((moment, parameters))
                expected = expected_words(history, *examples, case[-1])
                sentences.append(((case, moment), summarise(run).diagnosis, expected))
    return sentences


def test_every_sentence_is_what_another_computation_gives(said):
    assert len(said) == 200 * len(MOMENTS)
    assert [one for one in said if one[1] != one[2]] == []


@pytest.mark.parametrize(
    "words",
    [
        "diverged: ",
        "cannot move: ",
        "cannot move; ",
        "cannot move but for the output bias",
        "not trained yet",
        "learned: ",
        "moving: cost down",
        "moving: cost up",
        "only b2 moves; ",
        "stands still: ",
        "stands still; ",
        "is silent",
        "is saturated",
        "is silent for",
        "are alike",
        "are confident and wrong",
    ],
)
def test_the_runs_reach_every_state_and_every_cause(words, said):
    assert any(words in sentence for _, sentence, _ in said)
