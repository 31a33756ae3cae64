"""The first assignment: its cells, its figures, what its tests accept and refuse, what it tells students."""

from __future__ import annotations

import ast
import base64
import itertools
import re
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from tests.notebook_cells import ROOT, Cell, graded, names_with, read_cells, run_all, run_cell, solution_ids

SOURCE = read_cells("source", "initialization")
RELEASE = read_cells("release", "initialization")
TESTS = graded(SOURCE)
POINTS = {
    "zeros_shapes": 5,
    "zeros_values": 10,
    "random_shapes": 5,
    "random_values": 15,
    "random_seed": 10,
    "observations_random": 10,
    "he_shapes": 5,
    "he_values": 20,
    "he_seed": 10,
    "observations_he": 10,
}


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    """What each code cell of the instructor's notebook prints, run from top to bottom."""
    printed, namespace = run_all(SOURCE)
    printed["table"] = "\n".join(namespace["rows"])
    return printed


def _accepts(grade_id: str, functions: str) -> bool:
    namespace = names_with(functions)
    try:
        run_cell(TESTS[grade_id], namespace)
    except AssertionError:
        return False
    return True


def test_points_and_grade_ids_are_those_that_everything_else_relies_on() -> None:
    assert {name: cell.nbgrader["points"] for name, cell in TESTS.items()} == POINTS
    assert sum(POINTS.values()) == 100
    assert solution_ids(SOURCE) == [f"initialize_parameters_{name}" for name in ("zeros", "random", "he")]


def test_every_marked_cell_has_metadata_of_schema_3() -> None:
    for cell in SOURCE.values():
        if cell.nbgrader:
            assert cell.nbgrader["schema_version"] == 3
            assert cell.nbgrader["task"] is False
            assert cell.nbgrader["locked"] is (not cell.nbgrader["solution"])


def test_the_three_runs_give_the_published_accuracies_without_a_warning(outputs: dict[str, str]) -> None:
    accuracies = {
        name: re.findall(r"Accuracy: (\S+)", outputs[f"{name}-run"]) for name in ("zeros", "random", "he")
    }
    assert accuracies == {
        "zeros": ["0.5", "0.5"],
        "random": ["0.83", "0.86"],
        "he": ["0.9933333333333333", "0.96"],
    }


def test_the_cost_is_printed_every_1000_iterations(outputs: dict[str, str]) -> None:
    lines = re.findall(r"Cost after iteration (\d+): (\S+)", outputs["he-run"])
    assert [int(iteration) for iteration, _ in lines] == list(range(0, 15000, 1000))
    assert lines[0] == ("0", "0.8830537463419761")
    assert float(lines[-1][1]) == pytest.approx(0.07357895962677366, rel=1e-9)


def test_the_closing_table_is_filled_from_the_runs(outputs: dict[str, str]) -> None:
    rows = outputs["table"].splitlines()
    assert rows[2] == "| **zeros** | 0.693147 | 0.693147 | 50.0 % | 50.0 % |"
    assert rows[3].startswith("| **random** | inf | 0.38")
    assert rows[3].endswith("| 83.0 % | 86.0 % |")
    assert rows[4] == "| **he** | 0.883054 | 0.064810 | 99.3 % | 96.0 % |"


def test_with_zeros_every_weight_gradient_is_exactly_zero(outputs: dict[str, str]) -> None:
    lines = outputs["zeros-gradients"].splitlines()
    assert [line for line in lines if "dW" in line] == [
        f"largest entry of dW{layer}: 0.0e+00" for layer in (1, 2, 3)
    ]


def test_a_constant_start_leaves_all_neurons_of_a_layer_the_same(outputs: dict[str, str]) -> None:
    assert outputs["symmetry"].splitlines()[-1] == "different rows in W1: 1"


def test_one_step_of_gradient_descent_lowers_the_cost(outputs: dict[str, str]) -> None:
    before, after = re.findall(r"step: +(\S+)", outputs["one-step"])
    assert float(after) < float(before)


@pytest.mark.parametrize("name", ["zeros", "random", "he"])
def test_the_expected_output_shown_is_what_the_example_prints(name: str, outputs: dict[str, str]) -> None:
    shown = SOURCE[f"{name}-expected"].text.partition("```\n")[2].partition("```")[0]
    assert outputs[f"{name}-example"] == shown


@pytest.mark.parametrize("grade_id", [name for name in POINTS if not name.startswith("observations")])
def test_hidden_tests_use_sizes_that_students_have_not_seen(grade_id: str) -> None:
    literals = ast.literal_eval(re.search(r"in (\(\[.*\]\)):", TESTS[grade_id].hidden_text)[1])
    visible = TESTS[grade_id].text.partition("### BEGIN")[0]
    assert all(str(sizes) not in visible for sizes in literals)
    assert any(len(sizes) == 2 for sizes in literals), "a net of one layer"
    assert any(len(sizes) >= 4 for sizes in literals), "a net of three layers or more"
    assert any(len(set(sizes)) == len(sizes) > 2 for sizes in literals), "no dimension twice"


def test_the_three_answers_that_once_passed_elsewhere_fail_here() -> None:
    empty = "def {name}(layers_dims):\n    return {{}}"
    weights_only = (
        "def {name}(layers_dims):\n    np.random.seed(3)\n    return {{f'W{{l}}': "
        "np.random.randn(layers_dims[l], layers_dims[l - 1]) * {scale} for l in range(1, len(layers_dims))}}"
    )
    pasted = (
        "def {name}(layers_dims):\n    return {{'W1': np.zeros((2, 3)), 'b1': np.zeros((2, 1)), "
        "'W2': np.zeros((1, 2)), 'b2': np.zeros((1, 1))}}"
    )
    scales = {"zeros": "0", "random": "10", "he": "np.sqrt(2 / layers_dims[l - 1])"}
    for (scheme, scale), text in itertools.product(scales.items(), (empty, weights_only, pasted)):
        functions = text.format(name=f"initialize_parameters_{scheme}", scale=scale)
        for grade_id in (name for name in TESTS if name.startswith(f"{scheme}_")):
            assert not _accepts(grade_id, functions), (grade_id, functions)


@pytest.mark.parametrize(
    ("scheme", "weights", "bias"),
    [
        ("zeros", "np.zeros((n, p), dtype=np.float32)", "np.zeros((n, 1), dtype=np.float32)"),
        ("zeros", "np.zeros((n, p), dtype=int)", "np.zeros((n, 1), dtype=int)"),
        ("zeros", "np.matrix(np.zeros((n, p)))", "np.matrix(np.zeros((n, 1)))"),
        ("zeros", "np.full((n, p), 0.0)", "0 * np.ones((n, 1))"),
        ("random", "np.random.normal(0, 10, (n, p))", "np.zeros([n, 1])"),
        ("random", "np.random.standard_normal((n, p)) * 10", "np.zeros((n, 1)).astype(float)"),
        ("he", "np.random.randn(n, p) * (2 / p) ** 0.5", "np.zeros((n, 1))"),
        ("he", "np.matrix(np.random.randn(n, p)) * np.sqrt(2 / p)", "np.zeros((n, 1))"),
        ("he", "np.random.normal(loc=0, scale=np.sqrt(2.0 / p), size=(n, p))", "np.zeros((n, 1))"),
    ],
)
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_unusual_right_answers_get_every_point(scheme: str, weights: str, bias: str) -> None:
    function = (
        f"def initialize_parameters_{scheme}(sizes):\n"
        "    np.random.seed(3)\n"
        "    parameters = {'note': 'an extra key'}\n"
        "    p = sizes.pop(0)\n"
        "    for l, n in enumerate(list(sizes), start=1):\n"
        f"        parameters[f'W{{l}}'] = {weights}\n"
        f"        parameters[f'b{{l}}'] = {bias}\n"
        "        p = n\n"
        "    return parameters\n"
    )
    for grade_id in (name for name in TESTS if name.startswith(f"{scheme}_")):
        assert _accepts(grade_id, function), grade_id


def test_hidden_tests_print_no_expected_value_and_no_layer_size() -> None:
    wrong = (
        "def initialize_parameters_he(layers_dims):\n"
        "    if layers_dims == [2, 4, 1]:\n        return right(layers_dims)\n"
        "    return {k: 1.01 * v for k, v in right(layers_dims).items()}\n"
    )
    right = SOURCE["initialize-parameters-he"].text.replace("initialize_parameters_he", "right")
    namespace = names_with(f"{right}\n{wrong}")
    with pytest.raises(AssertionError) as refused:
        run_cell(TESTS["he_values"], namespace)
    assert re.findall(r"(?<![Wb])\d", str(refused.value)) == []
    assert "by the same factor" in str(refused.value)


def test_model_names_the_choices_for_an_unknown_start(outputs: dict[str, str]) -> None:
    namespace: dict[str, Any] = {}
    run_cell(SOURCE["setup"], namespace)
    run_cell(SOURCE["model"], namespace)
    with pytest.raises(ValueError, match='initialization is \'xavier\'; choose "zeros", "random" or "he"'):
        namespace["model"](np.zeros((2, 4)), np.zeros((1, 4)), initialization="xavier")


def test_table_and_lab_are_safe_when_nothing_is_written_yet() -> None:
    mpl.use("Agg")
    namespace: dict[str, Any] = {}
    for cell_id in ("setup", "data", "model", "initialize-parameters-zeros"):
        run_cell(RELEASE[cell_id], namespace)
    for cell_id in ("initialize-parameters-random", "initialize-parameters-he", "table", "lab"):
        _out, error = run_cell(RELEASE[cell_id], namespace)
        assert error == ""
    assert namespace["rows"][2] == "| **zeros** | not trained yet | | | |"


def test_a_failed_exercise_leaves_no_picture_of_another_run() -> None:
    mpl.use("Agg")
    namespace: dict[str, Any] = {}
    for cell_id in ("setup", "data", "model", "initialize-parameters-zeros"):
        run_cell(SOURCE[cell_id], namespace)
    namespace["model"](namespace["train_X"], namespace["train_Y"], num_iterations=2, initialization="zeros")
    run_cell(RELEASE["initialize-parameters-he"], namespace)  # not written yet
    with pytest.raises(NotImplementedError):
        run_cell(SOURCE["he-run"], namespace)
    assert run_cell(SOURCE["he-boundary"], namespace)[0] == (
        'No picture: there is no finished run from "he". Run the cell with model(...) above.\n'
    )
    assert run_cell(SOURCE["zeros-boundary"], namespace)[0] == ""
    run_cell(RELEASE["initialize-parameters-zeros"], namespace)  # the run that is there is no longer its own
    with pytest.raises(NotImplementedError):
        run_cell(SOURCE["zeros-run"], namespace)
    assert run_cell(SOURCE["zeros-boundary"], namespace)[0].startswith("No picture: ")


def test_a_drawing_of_the_network_stands_in_section_2_with_words_for_who_cannot_see_it() -> None:
    for cells in (SOURCE, RELEASE):
        ((alt, data),) = [
            found
            for cell in cells.values()
            for found in re.findall(
                r"!\[([^]]+(?:\[2\])[^]]+)\]\(data:image/svg\+xml;base64,(\S+)\)", cell.text
            )
            if "## 2. The network" in cell.text
        ]
        assert base64.b64decode(data) == (ROOT / "docs" / "network.svg").read_bytes()
        assert "2 inputs, 10 neurons, 5 neurons, 1 output" in alt


def test_a_lab_stands_after_each_exercise_and_names_only_functions_already_defined() -> None:
    mpl.use("Agg")
    namespace: dict[str, Any] = {}
    names = []
    for cell_id, cell in RELEASE.items():
        if cell_id == "setup" or cell_id.startswith("initialize-parameters"):
            run_cell(cell, namespace)
        if cell_id.endswith("lab"):
            _out, error = run_cell(cell, namespace)
            assert error == ""
            names.append(cell_id)
    assert names == ["zeros-lab", "random-lab", "he-lab", "lab"]


def test_the_notebook_says_why_its_first_cost_is_inf_and_the_labs_is_not(outputs: dict[str, str]) -> None:
    assert "Cost after iteration 0: inf\n" in outputs["random-run"]
    said = "where `model` printed `inf`, it shows the finite number behind it."
    assert [cell.id for cell in RELEASE.values() if said in cell.text] == ["closing"]


def test_an_untouched_stub_fails_with_nbgraders_error() -> None:
    namespace: dict[str, Any] = {"np": np}
    run_cell(RELEASE["initialize-parameters-he"], namespace)
    with pytest.raises(NotImplementedError):
        namespace["initialize_parameters_he"]([2, 4, 1])


def test_prompts_ask_for_curve_improvement_time_and_another_seed() -> None:
    for cell_id in ("random-prompt", "he-prompt"):
        text = RELEASE[cell_id].text
        assert all(word in text for word in ("cost curve", "improved", "training time", "another seed"))
        assert RELEASE[cell_id].nbgrader["locked"] is True


def test_mark_schemes_add_up_to_the_points_of_their_question() -> None:
    for name in ("observations_random", "observations_he"):
        scheme = TESTS[name].text.partition("### BEGIN MARK SCHEME")[2]
        assert sum(int(points) for points in re.findall(r"^- (\d+):", scheme, re.M)) == POINTS[name]


def _ids(cells: dict[str, Cell]) -> list[str]:
    return list(cells)


def test_source_and_release_have_the_same_cells_in_the_same_order() -> None:
    assert _ids(SOURCE) == _ids(RELEASE)
