"""The second assignment: its cells, what its tests accept and refuse, and the pattern of the four starts.

The pattern's tolerances: zeros within 1e-12 of ln 2 and at 50 %; ×10 above a cost of 0.9 or below 65 % after
1,000 iterations; He and Xavier at 95 % or more, with the cost at least halved. All four share one learning
rate, 0.002.
"""

from __future__ import annotations

import ast
import math
import re
from typing import Any

import numpy as np
import pytest

from init_utils import load_image_dataset, predict_dec, train
from init_utils.datasets import Dataset
from tests.notebook_cells import graded, names_with, read_cells, run_all, run_cell, solution_ids

SOURCE = read_cells("source", "deeper")
RELEASE = read_cells("release", "deeper")
TESTS = graded(SOURCE)
POINTS = {
    "xavier_shapes": 5,
    "xavier_values": 15,
    "xavier_seed": 10,
    "general_shapes": 5,
    "general_values": 25,
    "general_seed": 10,
    "observations_depth": 30,
}
LEARNING_RATE = 0.002
LAYERS_DIMS = [67500, 5, 5, 1]
VALUES = ["general_values"]
RIGHT_GENERAL = SOURCE["initialize-parameters"].text


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    """What each code cell of the instructor's notebook prints, run from top to bottom."""
    printed, namespace = run_all(SOURCE)
    printed["four-table"] = "\n".join(namespace["rows"])
    return printed


@pytest.fixture(scope="module")
def images() -> Dataset:
    """The photographs of the notebook."""
    return load_image_dataset()


def _refused(functions: str) -> list[str]:
    """The tests that give no points to these functions."""
    namespace = names_with(functions)
    refused = []
    for grade_id, cell in TESTS.items():
        if cell.cell_type == "code":
            try:
                run_cell(cell, namespace)
            except Exception:  # noqa: BLE001 -- whatever a student's function raises
                refused.append(grade_id)
    return refused


def _xavier(weights: str, bias: str = "np.zeros((n, 1))", seed: str = "np.random.seed(3)") -> str:
    return (
        "def initialize_parameters_xavier(sizes):\n"
        f"    {seed}\n"
        "    parameters = {}\n"
        "    for l in range(1, len(sizes)):\n"
        "        n, p = sizes[l], sizes[l - 1]\n"
        f"        parameters[f'W{{l}}'] = {weights}\n"
        f"        parameters[f'b{{l}}'] = {bias}\n"
        "    return parameters\n"
        f"\n\n{RIGHT_GENERAL}"
    )


def test_points_and_grade_ids_are_those_that_everything_else_relies_on() -> None:
    assert {name: cell.nbgrader["points"] for name, cell in TESTS.items()} == POINTS
    assert sum(POINTS.values()) == 100
    assert solution_ids(SOURCE) == ["initialize_parameters_xavier", "initialize_parameters"]


@pytest.mark.parametrize("name", ["xavier", "general"])
def test_the_expected_output_shown_is_what_the_example_prints(name: str, outputs: dict[str, str]) -> None:
    shown = SOURCE[f"{name}-expected"].text.partition("```\n")[2].partition("```")[0]
    assert outputs[f"{name}-example"] == shown


def test_zeros_never_reach_any_layer_and_he_reaches_the_fiftieth(outputs: dict[str, str]) -> None:
    sizes = {
        tuple(re.findall(r"\w+", line)[:2]): float(line.split()[-1])
        for line in outputs["depth-measure"].splitlines()
    }
    assert sizes["tanh", "zeros"] == sizes["relu", "zeros"] == 0
    assert 0.1 < sizes["relu", "he"] < 10
    assert 1e-9 < sizes["relu", "xavier"] < 1e-6, "about 2 ** -25"
    assert sizes["relu", "random"] > 1e80
    assert sizes["tanh", "random"] == 1


def test_the_table_of_the_notebook_shows_the_pattern(outputs: dict[str, str]) -> None:
    rows = {line.split("**")[1]: line for line in outputs["four-table"].splitlines()[2:]}
    assert list(rows) == ["zeros", "random", "xavier", "he"]
    assert rows["zeros"] == "| **zeros** | 0.693147 | 0.693147 | 50.0 % | 50.0 % |"
    assert "| 100.0 % |" in rows["he"]
    assert "| 100.0 % |" in rows["xavier"]


def test_the_checks_name_the_method_and_a_seed_in_the_loop() -> None:
    in_loop = RIGHT_GENERAL.replace(
        "    for l in range(1, L):\n", "    for l in range(1, L):\n        np.random.seed(3)\n"
    )
    with pytest.raises(
        AssertionError, match=r'^method "he", hidden "relu": W2\[0, 0\] is .* Every layer starts '
    ):
        run_cell(TESTS["general_values"], names_with(in_loop))
    bare = RIGHT_GENERAL.replace('if method == "auto"', 'if method == "none"')
    with pytest.raises(ValueError, match="method is 'auto'") as raised:
        run_cell(TESTS["general_shapes"], names_with(bare))
    assert (
        raised.value.lines[0]
        == "method \"auto\": ValueError: method is 'auto'; choose zeros, random, xavier, he or auto"
    )


@pytest.mark.parametrize("grade_id", [name for name in POINTS if not name.startswith("observations")])
def test_hidden_tests_use_sizes_that_students_have_not_seen(grade_id: str) -> None:
    literals = ast.literal_eval(re.search(r"in (\(\[.*\]\)):", TESTS[grade_id].hidden_text)[1])
    visible = TESTS[grade_id].text.partition("### BEGIN")[0]
    assert all(str(sizes) not in visible for sizes in literals)
    assert any(len(sizes) == 2 for sizes in literals), "a net of one layer"
    assert any(len(sizes) >= 4 for sizes in literals), "a net of three layers or more"
    assert any(len(set(sizes)) == len(sizes) > 2 for sizes in literals), "no dimension twice"


def test_the_instructors_solution_gets_every_point() -> None:
    assert _refused(SOURCE["initialize-parameters-xavier"].text + "\n\n\n" + RIGHT_GENERAL) == []


@pytest.mark.parametrize(
    ("what", "functions", "refused"),
    [
        ("right, normal", _xavier("np.random.normal(0, (1 / p) ** 0.5, (n, p))"), []),
        ("right, matrix", _xavier("np.asmatrix(np.random.randn(n, p) / np.sqrt(p))"), []),
        ("He", _xavier("np.random.randn(n, p) * np.sqrt(2 / p)"), ["xavier_values"]),
        ("no root", _xavier("np.random.randn(n, p) / p"), ["xavier_values"]),
        ("Glorot", _xavier("np.random.randn(n, p) * np.sqrt(2 / (n + p))"), ["xavier_values"]),
        ("next layer", _xavier("np.random.randn(n, p) * np.sqrt(1 / n)"), ["xavier_values"]),
        (
            "transposed",
            _xavier("np.random.randn(p, n) * np.sqrt(1 / p)"),
            ["xavier_shapes", "xavier_values"],
        ),
        (
            "flat bias",
            _xavier("np.random.randn(n, p) / np.sqrt(p)", bias="np.zeros(n)"),
            ["xavier_shapes", "xavier_values"],
        ),
        (
            "no seed",
            _xavier("np.random.randn(n, p) / np.sqrt(p)", seed="pass"),
            ["xavier_values", "xavier_seed"],
        ),
        (
            "another seed",
            _xavier("np.random.randn(n, p) / np.sqrt(p)", seed="np.random.seed(1)"),
            ["xavier_values"],
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_xavier_as_students_write_it(what: str, functions: str, refused: list[str]) -> None:
    assert _refused(functions) == refused, what


@pytest.mark.parametrize(
    ("what", "change", "to", "refused"),
    [
        ("auto reversed", '"relu": "he", "tanh": "xavier"', '"tanh": "he", "relu": "xavier"', VALUES),
        ("auto ignores hidden", '{"relu": "he", "tanh": "xavier"}[hidden]', '"he"', VALUES),
        ("small for random", '"random": 10.0', '"random": 0.01', VALUES),
        ("an unknown method gives zeros", "raise ValueError(", "factors[method] = 0  # (", VALUES),
        ("he without a root", "np.sqrt(2 / n_prev)", "2 / n_prev", VALUES),
        ("flat bias", "(layers_dims[l], 1)", "layers_dims[l]", ["general_shapes", *VALUES]),
        ("no seed", "np.random.seed(3)", "pass", [*VALUES, "general_seed"]),
    ],
)
def test_the_general_function_as_students_write_it(
    what: str, change: str, to: str, refused: list[str]
) -> None:
    assert change in RIGHT_GENERAL
    functions = SOURCE["initialize-parameters-xavier"].text + "\n\n\n" + RIGHT_GENERAL.replace(change, to)
    assert _refused(functions) == refused, what


def test_untouched_stubs_fail_every_test() -> None:
    stubs = RELEASE["initialize-parameters-xavier"].text + "\n\n\n" + RELEASE["initialize-parameters"].text
    assert _refused(stubs) == [name for name in POINTS if not name.startswith("observations")]


def test_a_lab_stands_after_each_exercise_and_names_only_functions_already_defined() -> None:
    namespace: dict[str, Any] = {}
    names = []
    for cell_id, cell in RELEASE.items():
        if cell_id == "setup" or cell_id.startswith("initialize-parameters"):
            run_cell(cell, namespace)
        if cell_id.endswith("lab"):
            _out, error = run_cell(cell, namespace)
            assert error == ""
            names.append(cell_id)
    assert names == ["xavier-lab", "small-lab", "lab"]


def test_the_mark_scheme_adds_up_to_the_points_of_the_question() -> None:
    scheme = TESTS["observations_depth"].text.partition("### BEGIN MARK SCHEME")[2]
    assert sum(int(points) for points in re.findall(r"^- (\d+):", scheme, re.M)) == 30


def _start(method: str, seed: int) -> dict[str, np.ndarray]:
    """The instructor's own start, with another seed in its text."""
    namespace: dict[str, Any] = {"np": np}
    text = RIGHT_GENERAL.replace("np.random.seed(3)", f"np.random.seed({seed})")
    exec(text, namespace)  # noqa: S102 -- the repository's own notebook
    parameters: dict[str, np.ndarray] = namespace["initialize_parameters"](LAYERS_DIMS, method, "tanh")
    return parameters


def _assert_pattern(images: Dataset, seed: int) -> None:
    for method in ("zeros", "random", "xavier", "he"):
        parameters, history = train(
            images.train_X,
            images.train_Y,
            _start(method, seed),
            LEARNING_RATE,
            1001,
            hidden="tanh",
            record_every=100,
            memo=False,
        )
        accuracy = float(np.mean(predict_dec(parameters, images.train_X, hidden="tanh") == images.train_Y))
        costs = history.costs
        if method == "zeros":
            np.testing.assert_allclose(costs, math.log(2), rtol=0, atol=1e-12)
            assert accuracy == 0.5
        elif method == "random":
            assert costs[-1] > 0.9 or accuracy < 0.65, (seed, costs[-1], accuracy)
        else:
            assert accuracy >= 0.95, (method, seed, accuracy)
            assert costs[-1] < costs[0] / 2, (method, seed, costs)


def test_the_published_pattern_appears_with_the_notebooks_seed(images: Dataset) -> None:
    _assert_pattern(images, 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_the_published_pattern_appears_in_each_of_ten_seeds(images: Dataset, seed: int) -> None:
    _assert_pattern(images, seed)
