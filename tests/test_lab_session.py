"""The lab without widgets: lockstep, exact resets, the figures of plain training, words that fit."""

from __future__ import annotations

import csv
import io
import threading
import time

import numpy as np
import pytest

from init_utils import datasets
from init_utils.descent import Descent
from init_utils.lab.candidates import Candidate, built_in_candidates
from init_utils.lab.layout import FIGURES
from init_utils.lab.session import LabSession
from init_utils.lab.settings import LabSettings, SettingsError

SHORT = LabSettings(iterations=400)


def zeros(dims):
    return scaled(dims, lambda before: 0.0)


def random(dims):
    return scaled(dims, lambda before: 10.0)


def he(dims):
    return scaled(dims, lambda before: np.sqrt(2 / before))


def scaled(dims, scale):
    np.random.seed(3)
    return {
        key: value
        for layer in range(1, len(dims))
        for key, value in (
            (f"W{layer}", np.random.randn(dims[layer], dims[layer - 1]) * scale(dims[layer - 1])),
            (f"b{layer}", np.zeros((dims[layer], 1))),
        )
    }


def broken(dims):
    raise ZeroDivisionError("division by zero")


OWN = [Candidate(function.__name__, function, function.__name__) for function in (zeros, random, he)]


def session(settings=SHORT, candidates=OWN, compare=None):
    return LabSession([*candidates, *built_in_candidates()], settings, compare)


def figures(one):
    """Everything a view would draw, but for the clock's figure."""
    seconds = FIGURES.index("seconds")
    return [
        np.nan_to_num(np.delete(frame.figures, seconds), nan=-1.0).tolist() + frame.parameters.tolist()
        for run in one.runs
        for frame in run.frames
    ]


def test_the_students_functions_are_compared_first():
    assert [run.candidate.name for run in session().runs] == ["zeros", "random", "he"]


def test_a_new_session_has_trained_nothing_and_shows_the_start():
    one = session()
    assert one.iteration == 0
    assert one.moments == [0]


def test_costs_are_those_of_plain_training():
    one = session()
    one.advance(400)
    data = datasets.load()
    run = Descent(data.train_X, data.train_Y, he([2, 10, 5, 1]), 0.01)
    run.advance(400)
    assert one.runs[2].frames[-1].figure("cost") == run.record().cost


@pytest.mark.slow
def test_the_published_experiment_comes_out_of_the_lab():
    one = session(LabSettings())
    one.advance(15_000)
    accuracies = [(row.train_accuracy, row.test_accuracy) for row in one.summaries()]
    assert accuracies == [(0.5, 0.5), (0.83, 0.86), (pytest.approx(0.99333, abs=1e-5), 0.96)]
    assert [row.diagnosis for row in one.summaries()] == [
        "cannot move; layer 1 is silent",
        "stands still: cost down 0.4 % in 1,000 steps",
        "learned: 99.3 % of the training points right",
    ]


def test_reset_gives_exactly_the_same_weights_and_a_rerun_the_same_bits():
    one = session()
    one.advance(400)
    first = figures(one)
    one.reset()
    assert one.moments == [0]
    one.advance(400)
    assert figures(one) == first


def test_a_run_cut_into_pieces_is_the_run_in_one():
    whole, pieces = session(), session()
    whole.advance(400)
    for steps in (1, 7, 130, 400):
        pieces.advance(steps)
    assert figures(pieces) == figures(whole)


def test_reset_does_not_call_the_functions_again():
    calls = []

    def counted(dims):
        calls.append(tuple(dims))
        return he(dims)

    one = session(candidates=[Candidate("counted", counted, "counted")])
    one.reset()
    one.advance(10)
    one.reset()
    assert calls == [(2, 10, 5, 1)]


def test_another_seed_starts_elsewhere_and_none_goes_back():
    one = session()
    first = one.runs[2].descent.parameters["W1"]
    one.change(seed=17)
    assert np.array_equal(one.runs[2].descent.parameters["W1"].ravel(), np.random.RandomState(17).randn(20))
    assert [run.note for run in one.runs] == ["draws nothing: the same for every seed", "", ""]
    one.change(seed=None)
    assert np.array_equal(one.runs[2].descent.parameters["W1"], first)


def test_the_functions_own_seed_chosen_in_the_lab_is_not_ignored():
    one = session(LabSettings(iterations=400, seed=3))  # the seed that is written in the functions
    assert [run.note for run in one.runs] == ["draws nothing: the same for every seed", "", ""]


def test_step_takes_one_step_and_keeps_it():
    one = session()
    one.step()
    one.step()
    assert one.iteration == 2
    assert one.moments == [0, 1, 2]


def test_forgotten_moments_leave_the_first_and_the_last():
    one = session()
    one.advance(400)
    rows = one.summaries()
    one.forget_moments()
    assert one.moments == [0, 400]
    assert [(row.start_cost, row.cost) for row in one.summaries()] == [
        (row.start_cost, row.cost) for row in rows
    ]


def test_a_set_stop_ends_training_in_lockstep():
    one = session(LabSettings(iterations=100_000))
    stop = threading.Event()
    stop.set()
    one.advance(100_000, stop)
    assert one.iteration == 0
    assert {run.descent.iteration for run in one.runs} == {0}


def test_a_stop_from_another_thread_is_seen_between_blocks_of_a_large_network():
    settings = LabSettings(iterations=1_000_000, points=2_000, hidden_layers=(64,) * 6)
    one = session(settings, compare=["he"])
    stop = threading.Event()
    worker = threading.Thread(target=one.advance, args=(1_000_000, stop))
    worker.start()
    while one.iteration == 0:
        time.sleep(0.001)
    stop.set()
    worker.join(10)
    assert not worker.is_alive()
    assert 0 < one.iteration < 1_000_000
    one.settle()
    assert one.moments[-1] == one.iteration == one.runs[0].descent.iteration


def test_a_broken_function_gets_its_column_and_the_others_go_on():
    one = session(candidates=[Candidate("broken", broken, "broken"), *OWN])
    one.advance(400)
    rows = one.summaries()
    assert rows[0].message == "ZeroDivisionError: division by zero"
    assert rows[0].cost is None
    assert [row.iteration for row in rows[1:]] == [400, 400, 400]
    assert one.frames_since(0)[0][0] is None


def test_a_session_of_broken_functions_only_is_finished_at_once():
    one = session(candidates=[Candidate("broken", broken, "broken")])
    assert one.finished
    one.advance(10)
    one.step()
    assert one.iteration == 0


def test_weights_that_overflow_are_said_and_stop_nobody():
    one = session(
        LabSettings(iterations=300, learning_rate=100.0, gain=1_000.0), compare=["zeros", "random", "he"]
    )
    with np.errstate(all="ignore"):
        one.advance(300)
    assert one.iteration == 300
    words = [row.diagnosis for row in one.summaries()]
    assert words == [
        "cannot move; layer 1 is silent",
        "only b3 moves; layer 2 is silent",
        "only b3 moves; layer 2 is silent",
    ]


def test_the_constant_start_keeps_rank_one_and_says_so():
    one = session(compare=["constant 0.5"])
    one.advance(400)
    assert one.runs[0].frames[-1].of_layers("ranks").tolist() == [1, 1, 1]
    assert one.summaries()[0].diagnosis == ("cost down 61 %; layer 1 is silent for 58 % of the points")


def test_a_frame_carries_the_parameters_that_trained():
    one = session(compare=["he"])
    one.advance(400)
    trained = one.runs[0].descent.parameters
    assert (
        one.runs[0].frames[-1].parameters[:20].tolist() == trained["W1"].astype(np.float32).ravel().tolist()
    )


def test_new_settings_start_again_and_pace_does_not():
    one = session()
    one.advance(100)
    one.change(pace=5.0)
    assert one.iteration == 100
    one.change(dataset="moons")
    assert one.iteration == 0


def test_a_gain_by_names_moves_those_runs_alone():
    one, plain = session(LabSettings(iterations=400, gain={"random": 0.25})), session()
    for run, other, factor in zip(one.runs, plain.runs, (1.0, 0.25, 1.0), strict=True):
        W, before = run.descent.parameters["W1"], other.descent.parameters["W1"]
        assert np.array_equal(W, factor * before)
    assert one.code == "lab(zeros, random, he, iterations=400, gain={'random': 0.25})"


def test_a_gain_for_a_run_that_is_not_there_is_refused():
    text = "gain names 'nobody'; the lab has zeros, random, he, He, Xavier, constant 0.5, small 0.01"
    with pytest.raises(SettingsError, match=f"^{text}$"):
        session(LabSettings(gain={"nobody": 2.0}))
    one = session()
    with pytest.raises(SettingsError, match=f"^{text}$"):
        one.change(gain={"nobody": 2.0})
    assert one.settings == SHORT


def test_a_refused_setting_changes_nothing():
    one = session()
    with pytest.raises(SettingsError, match=r"^learning_rate is -1; expected a number from 1e-06 to 100$"):
        one.change(learning_rate=-1)
    assert one.settings == SHORT


@pytest.mark.parametrize(
    ("compare", "text"),
    [
        (
            ["nobody"],
            "compare names 'nobody'; the lab has zeros, random, he, He, Xavier, constant 0.5, small 0.01",
        ),
        ([], r"compare is \[\]; expected 1 to 4 different names"),
        (["he", "he"], r"compare is \['he', 'he'\]; expected 1 to 4 different names"),
    ],
)
def test_a_choice_that_cannot_be_shown_is_refused(compare, text):
    with pytest.raises(SettingsError, match=text):
        session(compare=compare)


@pytest.mark.parametrize("dataset", ["circles", "moons", "xor", "spirals", "blobs"])
@pytest.mark.parametrize("hidden", ["relu", "tanh"])
def test_every_dataset_trains_with_every_activation(dataset, hidden):
    one = session(
        LabSettings(dataset=dataset, hidden=hidden, iterations=50, hidden_layers=(4,)), compare=["he"]
    )
    one.advance(50)
    row = one.summaries()[0]
    assert row.cost < row.start_cost


def test_a_network_without_hidden_layers_trains():
    one = session(LabSettings(dataset="blobs", hidden_layers=(), iterations=50), compare=["he"])
    one.advance(50)
    assert one.summaries()[0].train_accuracy > 0.9


def test_the_code_line_rebuilds_the_state():
    one = session()
    assert one.code == "lab(zeros, random, he, iterations=400)"
    one.change(dataset="moons", learning_rate=0.1, hidden_layers=[3], seed=4, compare=["he", "Xavier"])
    assert one.code == (
        "lab(zeros, random, he, dataset='moons', hidden_layers=(3,), learning_rate=0.1, iterations=400, "
        "seed=4, compare=['he', 'Xavier'])"
    )


def test_the_curves_come_out_as_csv_with_every_digit():
    one = session(LabSettings(iterations=2), compare=["zeros", "he"])
    one.advance(2)
    rows = list(csv.DictReader(io.StringIO(one.curves_csv())))
    assert [(row["run"], row["iteration"]) for row in rows] == [
        (n, str(i)) for n in ("zeros", "he") for i in range(3)
    ]
    assert float(rows[3]["cost"]) == one.runs[1].frames[0].figure("cost")
    assert rows[0]["gradient_norm_2"] == "0.0"
    assert rows[3]["bias_gradient_norm_3"] != "0.0"


def test_depth_keeps_he_and_shrinks_xavier_as_the_theory_says():
    one = session()
    kept, shrunk = one.depth_spread("he"), one.depth_spread("Xavier")
    assert 0.1 < kept.measured[-1] < 10
    assert kept.theory[-1] == pytest.approx(1.0, abs=0.2)
    assert shrunk.theory[-1] == pytest.approx(2**-15, rel=0.3)
    assert shrunk.measured[-1] == pytest.approx(shrunk.theory[-1], rel=2)
    assert not one.depth_spread("zeros").measured.any()
    assert np.isnan(one.depth_spread("constant 0.5").theory).all()


def test_depth_of_tanh_does_not_explode():
    one = session(LabSettings(hidden="tanh"))
    assert one.depth_spread("random").measured[-1] == pytest.approx(
        one.depth_spread("random").theory[-1], abs=0.02
    )
    assert one.depth_spread("random").theory[-1] == pytest.approx(1.0, abs=0.02)


def test_depth_of_a_function_for_two_layers_only_is_left_out():
    def two_layers(dims):
        if len(dims) != 4:
            raise ValueError("three layers only")
        return he(dims)

    assert session(candidates=[Candidate("f", two_layers, "f")]).depth_spread("f") is None
