"""`init_utils` without numba, without threads, and without JupyterLab: every public name works in each.

IPython is there: the students' wheel asks for it.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import init_utils
from tests.public_names import HIDE


@pytest.fixture(scope="module", params=HIDE)
def given(request):
    """What each public name gave without one of them; one process does all calls."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.public_names", request.param],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    return json.loads(finished.stdout.splitlines()[-1])


def test_every_public_name_is_called(given):
    assert sorted(given) == sorted(init_utils.__all__)


def test_the_mathematics_and_the_data_are_those_of_a_complete_installation(given):
    assert given["forward_propagation"] == given["predict"] == given["predict_dec"] == [1, 20]
    assert given["update_parameters"] == ["W1", "W2", "b1", "b2"]
    assert {"dW1", "db1", "dW2", "db2"} <= set(given["backward_propagation"])
    assert given["compute_stable_loss"] == pytest.approx(0.693147, abs=1e-6)
    assert given["load_dataset"] == [[2, 300], [1, 300], [2, 100], [1, 100]]
    assert given["load_image_dataset"] == [48, 4]
    assert given["ParameterError"].startswith("W1 has shape (1, 3); expected (n_1, 2)")


def test_training_gives_the_same_costs_alone_watched_and_in_company(given):
    assert given["train"] == pytest.approx([0.67765414, 0.66970389, 0.66537592], abs=1e-8)
    assert given["train"][0] == pytest.approx(given["compute_loss"])
    assert given["train_many"] == [True, True, True]
    assert given["Watch"] == [0, 10, 20]
    assert given["descend"] == [0, 2, 4, 5]


def test_the_lab_trains_compares_seeds_and_shows_itself(given):
    assert given["lab"] == {
        "step": 1,
        "train": [40, "finished"],
        "compare_seeds": [6, 6, "finished"],
        "costs": [3, 3],
        "run": [True, True],
        "shown": ["text/html", "text/plain"],
    }
