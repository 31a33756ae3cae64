"""What the lab's page draws is what NumPy draws: one fixture tests both.

`python -m tests.test_lab_random` writes `tests/javascript/random.json`, which `node --test` reads as well.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np

from docs.solutions import instructor_functions
from init_utils import datasets

FIXTURE = Path(__file__).parent / "javascript" / "random.json"
SEEDS: tuple[Any, ...] = (0, 1, 3, 2**32 - 1, [3, 0x1AB], [2**32 - 1, 0x1AB], list(range(700)))
OWN_KEY, NO_SEED = 0x1AB, 2**32 - 1
DIMS = [2, 10, 5, 1]


def draws(seed: Any) -> dict[str, Any]:
    """Numbers of each kind, each from a generator that was just seeded."""
    return {
        "seed": seed,
        "integers": np.random.RandomState(seed).randint(0, 2**32, 1500, dtype=np.uint32).tolist(),
        "uniforms": np.random.RandomState(seed).random_sample(20).tolist(),
        "normals": np.random.RandomState(seed).standard_normal(1001).tolist(),
        "permutation": np.random.RandomState(seed).permutation(300).tolist(),
    }


def points(name: str, count: int, noise: float, seed: int) -> dict[str, Any]:
    """A data set that Python and the page share."""
    data = datasets.make(name, count, noise, seed, n_test=max(20, count // 3))
    return {
        "settings": {"dataset": name, "points": count, "noise": noise, "data_seed": seed},
        "train": {"X": data.train_X.ravel().tolist(), "Y": data.train_Y.ravel().tolist()},
        "test": {"X": data.test_X.ravel().tolist(), "Y": data.test_Y.ravel().tolist()},
    }


def he(seed: int | None) -> dict[str, Any]:
    """The page's built-in He, drawn by NumPy."""
    random = np.random.RandomState([NO_SEED if seed is None else seed, OWN_KEY])
    parameters: list[float] = []
    for before, here in itertools.pairwise(DIMS):
        parameters += (random.standard_normal((here, before)) * (2 / before) ** 0.5).ravel().tolist()
        parameters += [0.0] * here
    return {"seed": seed, "parameters": parameters}


def written() -> dict[str, Any]:
    """The fixture."""
    return {
        "draws": [draws(seed) for seed in SEEDS],
        "datasets": [
            points("circles", 300, 0.05, 1),
            *(points(name, 51, 0.2, 12) for name in datasets.GENERATORS),
        ],
        "he": [he(seed) for seed in (None, 0, 3)],
    }


def test_the_fixture_that_javascript_reads_is_what_numpy_draws():
    now, then = written(), json.loads(FIXTURE.read_text(encoding="utf-8"))
    assert now["draws"] == then["draws"]
    assert now["he"] == then["he"]
    for one, known in zip(now["datasets"], then["datasets"], strict=True):
        for part in ("train", "test"):
            np.testing.assert_allclose(one[part]["X"], known[part]["X"], atol=1e-15)
            assert one[part]["Y"] == known[part]["Y"]


def test_the_built_in_he_of_the_page_is_no_answer_to_the_exercise():
    answer = instructor_functions("initialization")["initialize_parameters_he"](DIMS)
    for seed in (None, *range(100)):
        first = np.reshape(he(seed)["parameters"][:20], (10, 2))
        assert not np.isclose(first, answer["W1"]).any(), seed


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps(written()) + "\n", encoding="utf-8")
