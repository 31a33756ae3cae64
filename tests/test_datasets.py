"""Seeded data: the published points bit for bit, and nothing done to the global random state."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import make_circles

from init_utils import datasets, published_points


def test_load_gives_the_published_points_bit_for_bit():
    state = np.random.get_state()
    try:
        np.random.seed(1)
        train_X, train_Y = make_circles(n_samples=300, noise=0.05)
        np.random.seed(2)
        test_X, test_Y = make_circles(n_samples=100, noise=0.05)
    finally:
        np.random.set_state(state)
    data = datasets.load()
    assert np.array_equal(data.train_X, train_X.T)
    assert np.array_equal(data.test_X, test_X.T)
    assert np.array_equal(data.train_Y, train_Y.reshape(1, 300))
    assert np.array_equal(data.test_Y, test_Y.reshape(1, 100))


@pytest.mark.parametrize("name", datasets.GENERATORS)
def test_global_random_states_stay_as_they_were(name):
    np.random.seed(99)
    random.seed(99)
    before, plain = np.random.get_state(), random.getstate()
    datasets.make(name, seed=5)
    datasets.load()
    after = np.random.get_state()
    assert random.getstate() == plain
    assert np.array_equal(before[1], after[1])
    assert before[2:] == after[2:]


def test_default_of_make_is_the_published_data():
    for made, loaded in zip(datasets.make(), datasets.load(), strict=True):
        assert np.array_equal(made, loaded)


@pytest.mark.parametrize("name", datasets.GENERATORS)
def test_every_dataset_has_two_classes_in_the_plane(name):
    data = datasets.make(name, n_samples=61, noise=0.02, seed=4, n_test=20)
    assert [array.shape for array in data] == [(2, 61), (1, 61), (2, 20), (1, 20)]
    assert np.isfinite(data.train_X).all()
    assert np.abs(data.train_X).max() < 2
    assert sorted(np.unique(data.train_Y)) == [0, 1]
    assert abs(int(data.train_Y.sum()) - 30.5) <= 0.5


@pytest.mark.parametrize("name", datasets.GENERATORS)
def test_seed_decides_everything(name):
    first, again, other = (datasets.make(name, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.train_X, again.train_X)
    assert not np.array_equal(first.train_X, other.train_X)
    assert not np.array_equal(first.train_X[:, :100], first.test_X)


def test_xor_without_noise_has_one_class_a_diagonal():
    data = datasets.make("xor", n_samples=100, noise=0.0)
    opposite = (data.train_X[0] * data.train_X[1] < 0).astype(int)
    assert np.array_equal(opposite, data.train_Y[0])


def test_unknown_names_and_impossible_numbers_are_refused():
    with pytest.raises(
        ValueError, match=r"no dataset 'rings'; expected one of circles, moons, xor, spirals, blobs\."
    ):
        datasets.make("rings")
    with pytest.raises(
        ValueError, match=r"n_samples is 1, n_test 100, noise 0\.05; expected at least 2 points"
    ):
        datasets.make("moons", n_samples=1)
    with pytest.raises(ValueError, match="noise nan"):
        datasets.make("moons", noise=float("nan"))


def test_moons_without_noise_lie_on_two_arcs_the_upper_one_of_class_0():
    moons = datasets.make("moons", n_samples=100, noise=0.0)
    first, second = (moons.train_X[:, moons.train_Y[0] == label] * 1.25 for label in (0, 1))
    assert np.hypot(first[0] + 0.5, first[1] + 0.25) == pytest.approx(1)
    assert first[1].min() >= -0.25
    assert np.hypot(second[0] - 0.5, second[1] - 0.25) == pytest.approx(1)
    assert second[1].max() <= 0.25


@pytest.mark.parametrize(
    ("count", "noise", "seed"), [(300, 0.05, 7), (51, 0.2, 1), (2, 0.0, 0), (301, 1.0, 999)]
)
def test_circles_are_those_of_scikit_learn_bit_for_bit(count, noise, seed):
    data = datasets.make("circles", n_samples=count, noise=noise, seed=seed, n_test=2)
    X, y = make_circles(n_samples=count, noise=noise, random_state=seed)
    assert data.train_X.tobytes() == X.T.tobytes()
    assert data.train_Y[0].tolist() == y.tolist()


def test_no_data_set_needs_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)  # whoever imports it now, fails
    for name in datasets.GENERATORS:
        datasets.make(name, seed=5)


def test_changing_the_published_points_changes_only_the_copy_that_was_handed_out():
    datasets.load().train_X[:] = 0.0
    assert datasets.load().train_X.any()


def test_the_file_of_published_points_is_what_its_script_writes(tmp_path):
    published_points.write(tmp_path / "points.csv")
    assert (tmp_path / "points.csv").read_bytes() == published_points.FILE.read_bytes()


def test_the_published_points_lie_in_memory_as_scikit_learn_gives_them():
    # The order in memory decides the last bits of matrix products.
    for (count, seed), (X, y) in published_points.read().items():
        drawn_X, drawn_y = make_circles(n_samples=count, noise=published_points.NOISE, random_state=seed)
        assert (X.tobytes(), y.tobytes()) == (drawn_X.tobytes(), drawn_y.tobytes())
        assert (X.strides, y.dtype) == (drawn_X.strides, drawn_y.dtype)


@pytest.mark.parametrize(
    "use",
    [
        "init_utils.load_dataset()",
        "init_utils.datasets.make()",
        "init_utils.datasets.make('moons', seed=9)",
        "init_utils.datasets.make('circles', noise=0.2)",
        "init_utils.lab()",
        "init_utils.train([[1, 2]], [[0, 1]], {'W1': np.ones((1, 1)), 'b1': np.ones((1, 1))})",
    ],
)
def test_scikit_learn_is_not_imported_before_it_is_needed(use):
    code = (
        "import sys, matplotlib; matplotlib.use('Agg')\n"
        f"import numpy as np, init_utils, init_utils.datasets\n{use}\n"
        "assert 'sklearn' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
