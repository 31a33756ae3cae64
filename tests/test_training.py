"""Training: engines agree, runs are bit-identical however cut, stop acts, the memo is free and safe."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
import threading

import numpy as np
import pytest

from init_utils import engines, kernel, memo, progress, training
from init_utils.checks import ParameterError
from init_utils.training import (
    Descent,
    MemoError,
    Watch,
    descend,
    export_memo,
    import_memo,
    train,
    train_many,
)

needs_numba = pytest.mark.skipif(not kernel.available(), reason="the compiled engine needs numba")
ENGINES = ["numpy", pytest.param("compiled", marks=needs_numba)]


def start(layers_dims, seed=3, scale=None):
    rng = np.random.RandomState(seed)
    parameters = {}
    for layer, (below, above) in enumerate(itertools.pairwise(layers_dims), start=1):
        parameters[f"W{layer}"] = rng.randn(above, below) * (np.sqrt(2 / below) if scale is None else scale)
        parameters[f"b{layer}"] = np.zeros((above, 1))
    return parameters


def points(n_x=2, m=37, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.randn(n_x, m)
    return X, (X[:1] * X[-1:] + 0.1 * rng.randn(1, m) > 0).astype(int)


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)


@pytest.fixture(autouse=True)
def empty_memo():
    memo.MEMO.clear()
    yield
    memo.MEMO.clear()


@needs_numba
@pytest.mark.parametrize("hidden", ["relu", "tanh"])
@pytest.mark.parametrize("m", [1, 8, 37, 153, 400])
@pytest.mark.parametrize("layers_dims", [[2, 1], [2, 7, 1], [3, 10, 5, 1], [4, 6, 3, 11, 2, 1]])
def test_compiled_and_numpy_engines_agree(layers_dims, m, hidden):
    X, Y = points(layers_dims[0], m)
    results = [
        train(X, Y, start(layers_dims), 0.05, 200, hidden=hidden, record_every=20, engine=engine)
        for engine in ("numpy", "compiled")
    ]
    assert results[1].history.costs == pytest.approx(results[0].history.costs, rel=1e-10)
    for key, value in results[0].parameters.items():
        assert results[1].parameters[key] == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_steps_are_those_of_the_public_functions(engine):
    from init_utils.network import backward_propagation, forward_propagation, update_parameters

    X, Y = points()
    parameters = start([2, 4, 1])
    result = train(X, Y, parameters, 0.1, 3, engine=engine)
    for _ in range(3):
        _, cache = forward_propagation(X, parameters)
        parameters = update_parameters(parameters, backward_propagation(X, Y, cache), 0.1)
    assert all(result.parameters[key] == pytest.approx(parameters[key], rel=1e-13) for key in parameters)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_has_the_same_bits_however_it_is_cut(engine):
    X, Y = points()
    whole, cut = (Descent(X, Y, start([2, 5, 3, 1], scale=10.0), 0.1, engine=engine) for _ in range(2))
    whole.advance(60)
    for steps in (1, 2, 7, 50):
        cut.record(activations=True)
        cut.advance(steps)
    assert same(whole.parameters, cut.parameters)
    assert whole.iteration == cut.iteration == 60


def test_input_is_left_alone_and_results_are_copies():
    X, Y = points()
    parameters = start([2, 3, 1])
    before = {key: value.copy() for key, value in parameters.items()}
    first = train(X, Y, parameters, 0.1, 5)
    first.parameters["W1"][:] = 0
    assert same(parameters, before)
    assert not np.array_equal(train(X, Y, parameters, 0.1, 5).parameters["W1"], first.parameters["W1"])


@pytest.mark.parametrize("engine", ENGINES)
def test_zeros_stay_at_the_stationary_point(engine):
    X, Y = points()
    Y[0, : Y.size // 2] = 0
    result = train(X, Y, start([2, 4, 1], scale=0.0), 0.1, 50, engine=engine)
    assert not result.parameters["W1"].any()
    assert not result.parameters["W2"].any()
    assert result.parameters["b2"].any()


@pytest.mark.parametrize("engine", ENGINES)
def test_random_start_has_infinite_published_and_finite_stable_cost(engine):
    X, Y = points()
    far = start([2, 10, 5, 1], scale=30.0)
    assert train(X, Y, far, 0.01, 1, engine=engine).history.costs.tolist() == [np.inf]
    stable = train(X, Y, far, 0.01, 1, loss="stable", engine=engine).history.costs
    assert np.isfinite(stable).all()
    assert stable[0] > 100


@pytest.mark.parametrize("engine", ENGINES)
def test_divergence_is_silent_and_shows_as_nan(engine, recwarn, capfd):
    X, Y = points()
    result = train(X, 5000 * Y, start([2, 4, 3, 1]), 1e200, 20, record_every=1, engine=engine)
    assert np.isnan(result.history.costs[-1]) or not np.isfinite(result.parameters["W3"]).all()
    assert (len(recwarn), capfd.readouterr().err) == (0, "")


def test_history_holds_the_costs_before_each_recorded_step():
    X, Y = points()
    history = train(X, Y, start([2, 3, 1]), 0.1, 25, record_every=10).history
    assert history.iterations.tolist() == [0, 10, 20]
    assert (history.iterations.dtype, history.costs.dtype) == (np.int64, np.float64)
    assert history.costs[0] > history.costs[-1]
    assert train(X, Y, start([2, 3, 1]), 0.1, 0).history.iterations.size == 0


def test_print_cost_prints_on_stdout_only(capsys):
    X, Y = points()
    costs = train(X, Y, start([2, 3, 1]), 0.1, 11, record_every=5, print_cost=True).history.costs
    expected = "".join(f"Cost after iteration {5 * at}: {float(cost)!r}\n" for at, cost in enumerate(costs))
    assert capsys.readouterr() == (expected, "")
    train(X, Y, start([2, 3, 1]), 0.1, 11, record_every=5, print_cost=True)  # from the memo
    assert capsys.readouterr() == (expected, "")


def test_callback_sees_every_record_and_can_stop():
    X, Y = points()
    seen = []

    def callback(record):
        seen.append(record.iteration)
        return record.iteration >= 20

    result = train(X, Y, start([2, 3, 1]), 0.1, 100, record_every=10, watch=Watch(callback=callback))
    assert seen == result.history.iterations.tolist() == [0, 10, 20]


def test_event_stops_a_run_that_would_take_days():
    X, Y = points()
    stop = threading.Event()
    records = []

    def callback(record):
        records.append(record.iteration)
        stop.set()

    train(X, Y, start([2, 3, 1]), 0.1, 10**12, record_every=10**12, watch=Watch(callback=callback, stop=stop))
    assert records == [0]


def test_slices_of_a_run_are_short_work():
    X, Y = points()
    run = Descent(X, Y, start([2, 3, 1]), 0.1, engine="numpy")
    assert run.advance_within(5) == 5
    assert run.advance_within(1000, seconds=0.0) == 1
    taken = run.advance_within(10**9, seconds=0.001)
    assert run.iteration == 6 + taken < 10**6


def test_stream_gives_records_with_norms_and_spreads():
    X, Y = points()
    records = list(descend(X, Y, start([2, 4, 1]), 0.1, 25, record_every=10, activations=True))
    assert [record.iteration for record in records] == [0, 10, 20, 25]
    first = records[0]
    assert len(first.gradient_norms) == len(first.activations) == 2
    assert first.cost == pytest.approx(first.published_cost, rel=1e-12)
    assert all(0 <= spread.saturated <= 1 and spread.std > 0 for spread in first.activations)
    assert next(descend(X, Y, start([2, 4, 1]), 0.1, 5)).activations is None
    with pytest.raises(AttributeError):
        first.cost = 0.0


def test_gradient_norms_are_those_of_the_public_gradients():
    from init_utils.diagnostics import gradient_norms

    X, Y = points()
    parameters = start([2, 4, 3, 1])
    record = Descent(X, Y, parameters).record()
    assert record.gradient_norms == pytest.approx(gradient_norms(X, Y, parameters), rel=1e-12)


def test_constant_start_saturates_nothing_and_zero_start_everything():
    X, Y = points()
    spreads = Descent(X, Y, start([2, 4, 1], scale=0.0)).record(activations=True).activations
    assert [(spread.mean, spread.std, spread.saturated) for spread in spreads] == [(0, 0, 1.0), (0.5, 0, 0.0)]


@pytest.mark.parametrize("engine", ENGINES)
def test_many_runs_give_what_single_runs_give(engine):
    X, Y = points()
    starts = [start([2, 4, 1], seed) for seed in range(5)]
    rates = [0.1, 0.2, 0.3, 0.4, 0.5]
    many = train_many(starts, X, Y, rates, 120, record_every=50, engine=engine, threads=3)
    for each, rate, result in zip(starts, rates, many, strict=True):
        alone = train(X, Y, each, rate, 120, record_every=50, engine=engine, memo=False)
        assert same(alone.parameters, result.parameters)
        assert np.array_equal(alone.history.costs, result.history.costs)
        assert result.history.iterations.tolist() == [0, 50, 100]


def test_many_runs_report_progress_and_stop():
    X, Y = points()
    calls = []
    train_many(
        [start([2, 3, 1])] * 3,
        X,
        Y,
        0.1,
        40,
        watch=Watch(progress=lambda done, total: calls.append((done, total))),
    )
    assert calls[-1] == (120, 120)
    assert calls == sorted(calls)
    stop = threading.Event()

    def stop_early(done, total):
        stop.set()

    results = train_many(
        [start([2, 3, 1])] * 3, X, Y, 0.1, 10**12, watch=Watch(progress=stop_early, stop=stop)
    )
    assert results[0].history.iterations.tolist() == [0]


def test_a_callback_stops_its_own_run_among_many():
    X, Y = points()
    starts = [start([2, 3, 1]), start([2, 3, 1], scale=0.0)]

    def cannot_move(record):
        return record.gradient_norms[0] == 0.0

    first, second = train_many(starts, X, Y, 0.1, 30, record_every=10, watch=Watch(callback=cannot_move))
    assert first.history.iterations.tolist() == [0, 10, 20]
    assert second.history.iterations.tolist() == [0]


def test_where_no_thread_can_be_started_the_calling_one_takes_all_runs(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    X, Y = points()
    starts = [start([2, 3, 1], seed) for seed in range(3)]
    expected = train_many(starts, X, Y, 0.1, 30, threads=2)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    alone = train_many(starts, X, Y, 0.1, 30, threads=2)
    assert all(same(one.parameters, other.parameters) for one, other in zip(alone, expected, strict=True))


def test_an_error_in_one_of_many_runs_is_raised():
    X, Y = points()
    with pytest.raises(ParameterError, match="W1 has shape"):
        train_many([start([2, 3, 1]), start([5, 3, 1])], X, Y)
    with pytest.raises(ValueError, match="got 2 learning rates for 3 starts; expected one, or one a start"):
        train_many([start([2, 3, 1])] * 3, X, Y, [0.1, 0.2])

    def broken(done, total):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        train_many([start([2, 3, 1])] * 3, X, Y, 0.1, 10**12, watch=Watch(progress=broken))
    assert train_many([], X, Y) == []


def test_memo_returns_equal_results_without_training(monkeypatch):
    X, Y = points()
    first = train(X, Y, start([2, 3, 1]), 0.1, 30, record_every=10)
    monkeypatch.setattr(training, "Descent", None)  # whoever trains now, fails
    again = train(X.copy(), Y.copy(), start([2, 3, 1]), 0.1, 30, record_every=10)
    assert same(first.parameters, again.parameters)
    assert np.array_equal(first.history.costs, again.history.costs)


@pytest.mark.parametrize(
    "other",
    [
        {"learning_rate": 0.2},
        {"num_iterations": 31},
        {"record_every": 11},
        {"hidden": "tanh"},
        {"loss": "stable"},
        {"engine": "numpy"},
        {"memo": False},
    ],
    ids=lambda other: next(iter(other)),
)
def test_memo_tells_different_runs_apart(other, monkeypatch):
    X, Y = points()
    options = {"learning_rate": 0.1, "num_iterations": 30, "record_every": 10}
    train(X, Y, start([2, 3, 1]), **options)
    monkeypatch.setattr(training, "Descent", None)
    with pytest.raises(TypeError):
        train(X, Y, start([2, 3, 1]), **options | other)


def test_memo_travels_as_bytes_without_pickle(monkeypatch):
    X, Y = points()
    first = train(X, Y, start([2, 3, 1]), 0.1, 30, record_every=10)
    data = export_memo()
    memo.MEMO.clear()
    assert import_memo(data) == 1
    monkeypatch.setattr(training, "Descent", None)
    again = train(X, Y, start([2, 3, 1]), 0.1, 30, record_every=10)
    assert same(first.parameters, again.parameters)
    assert np.array_equal(first.history.costs, again.history.costs)


def test_stopped_runs_are_not_remembered():
    X, Y = points()
    stop = threading.Event()
    stop.set()
    assert train(X, Y, start([2, 3, 1]), 0.1, 30, watch=Watch(stop=stop)).history.costs.size == 0
    assert train(X, Y, start([2, 3, 1]), 0.1, 30).history.costs.size == 1


class Boom:
    def __reduce__(self):
        return (print, ("unpickled",))


def test_memo_refuses_pickles_and_rubbish(capsys):
    buffer = io.BytesIO()
    np.savez(buffer, format=np.array(memo.FORMAT), **{"k/costs": np.array([Boom()], dtype=object)})
    for data in (b"", b"rubbish", buffer.getvalue(), export_memo()[:-30]):
        with pytest.raises(MemoError, match=r"bytes are no memo: expected what export_memo\(\) returned\."):
            import_memo(data)
    assert capsys.readouterr().out == ""


def test_memo_drops_what_was_used_least():
    small = memo.Memo(largest_bytes=2500)
    result = {"W1": np.zeros(100), "iterations": np.zeros(1, dtype=np.int64)}  # 808 bytes
    for key in "abc":
        small.put(key, result)
    assert small.get("a") is not None
    small.put("d", result)
    assert [key for key in "abcd" if small.get(key)] == ["a", "c", "d"]


def test_memo_keeps_what_fills_it_exactly_and_drops_what_is_too_large_alone():
    result = {"W1": np.zeros(100), "iterations": np.zeros(1, dtype=np.int64)}  # 808 bytes
    exact, short = memo.Memo(largest_bytes=808), memo.Memo(largest_bytes=807)
    exact.put("a", result)
    short.put("a", result)
    assert (len(exact), len(short)) == (1, 0)


def test_accepted_forms_train():
    X, Y = points()
    plain = start([2, 3, 1])
    with pytest.warns(PendingDeprecationWarning):
        odd = {key: np.matrix(value) for key, value in plain.items()} | {"note": "extra"}
    results = [train(X, Y, parameters, 0.1, 20) for parameters in (plain, odd)]
    assert same(results[0].parameters, results[1].parameters)
    whole = {key: np.zeros(value.shape, dtype=np.int64) for key, value in plain.items()}
    assert train(X, Y, whole, 0.1, 5).parameters["b2"].dtype == np.float64


def test_bad_starts_and_options_are_explained():
    X, Y = points()
    with pytest.raises(ParameterError, match=r"W1 has shape \(2, 3\); expected \(n_1, 2\)"):
        train(X, Y, start([2, 3, 1]) | {"W1": np.ones((2, 3))})
    with pytest.raises(ParameterError, match="parameters is None; expected a dict"):
        train(X, Y, None)
    with pytest.raises(ParameterError, match="W1 has 3 rows; expected 1: the output layer has one unit"):
        train(X, Y, start([2, 3]))
    with pytest.raises(ValueError, match=r"Y has shape \(37,\); expected \(1, 37\)"):
        train(X, Y[0], start([2, 3, 1]))
    with pytest.raises(ValueError, match="hidden is 'sigmoid'; expected one of 'relu', 'tanh'"):
        train(X, Y, start([2, 3, 1]), hidden="sigmoid")
    with pytest.raises(ValueError, match="engine is 'gpu'; expected 'auto', 'compiled', 'numpy', 'wide'"):
        train(X, Y, start([2, 3, 1]), engine="gpu")
    with pytest.raises(
        ValueError, match="num_iterations is -1, record_every 1000, loss 'published'; expected 0"
    ):
        train(X, Y, start([2, 3, 1]), 0.1, -1)
    with pytest.raises(ValueError, match="record_every 0"):
        descend(X, Y, start([2, 3, 1]), record_every=0)


@pytest.mark.parametrize("hidden", ["relu", "tanh"])
def test_wide_engine_trains_as_the_others_do(hidden):
    rng = np.random.RandomState(1)
    X = rng.rand(900, 40)
    X[:, 7] = X[:, 3]  # two equal examples: XᵀX has no inverse
    Y = (np.arange(40) % 2).reshape(1, 40)
    options = {"hidden": hidden, "record_every": 10, "memo": False}
    plain, wide = (
        train(X, Y, start([900, 6, 4, 1]), 0.01, 150, engine=engine, **options)
        for engine in ("numpy", "wide")
    )
    assert wide.history.costs == pytest.approx(plain.history.costs, rel=1e-9)
    assert all(
        wide.parameters[key] == pytest.approx(plain.parameters[key], abs=1e-8) for key in plain.parameters
    )
    norms = [
        Descent(X, Y, start([900, 6, 4, 1]), hidden=hidden, engine=name).record()
        for name in ("numpy", "wide")
    ]
    assert norms[1].gradient_norms == pytest.approx(norms[0].gradient_norms, rel=1e-8)


def test_auto_picks_the_engine_by_the_sizes():
    X, Y = points(30_000, 10)
    assert Descent(X, Y, start([30_000, 2, 1])).engine == "wide"
    X, Y = points(150, 200)
    assert Descent(X, Y, start([150, 150, 1])).engine == "numpy"
    X, Y = points()
    expected = "compiled" if kernel.usable() else "numpy"
    assert Descent(X, Y, start([2, 3, 1])).engine == expected


def test_without_numba_numpy_trains(monkeypatch):
    X, Y = points()
    monkeypatch.setattr(engines.kernel, "available", lambda: False)
    assert Descent(X, Y, start([2, 3, 1])).engine == "numpy"
    with pytest.raises(ValueError, match="engine is 'compiled', but numba is not installed"):
        Descent(X, Y, start([2, 3, 1]), engine="compiled")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_a_line_on_stdout_for_who_watches(monkeypatch, capsys):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    report = progress.progress_reporter(True)
    report(15, 100)
    report(100, 100)
    line = "[####..........................] 15 of 100 iterations"
    assert screen.getvalue() == f"\r{line}\r{' ' * len(line)}\r"


@pytest.mark.parametrize("wish", [None, True, False])
def test_progress_is_absent_without_a_person(wish, capfd):
    report = progress.progress_reporter(wish)
    report(1, 100)
    report(100, 100)
    assert capfd.readouterr() == ("", "")


def test_progress_callable_is_called_with_steps():
    calls = []
    X, Y = points()
    train(
        X,
        Y,
        start([2, 3, 1]),
        0.1,
        25,
        record_every=10,
        watch=Watch(progress=lambda *done: calls.append(done)),
    )
    assert calls[-1] == (25, 25)


def test_training_imports_no_widget_and_no_pyplot():
    code = (
        "import sys, init_utils.training as t, init_utils.diagnostics\n"
        "heavy = {'matplotlib', 'ipywidgets', 'IPython', 'sklearn', 'anywidget', 'numba'}\n"
        "loaded = heavy & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
