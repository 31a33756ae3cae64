"""The checks of parameters: what they let pass, what they refuse, and the words they use."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import random
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from init_utils.checks import (
    Mistake,
    ParameterError,
    check_parameters,
    check_seed,
    check_shapes,
    check_values,
    count_layers,
    find_structural_mistake,
    structural_notes,
)
from init_utils.checks.cells import describe_difference
from init_utils.checks.shapes import bias_cause, shape_of, weights_cause
from tests.mistakes.reader import Case, Student, numpy_as_before, read_cases

DIMS = [4, 6, 3, 5]
CHECKS = (("check_shapes", ""), ("check_values", ", {}"), ("check_seed", ""))  # and what they need besides
Params = dict[str, Any]


def parameters(dims: list[int]) -> Params:
    made: Params = {}
    for i in range(1, len(dims)):
        made[f"W{i}"] = np.arange(1.0, dims[i] * dims[i - 1] + 1).reshape(dims[i], dims[i - 1])
        made[f"b{i}"] = np.zeros((dims[i], 1))
    return made


def expected(scheme: str, dims: list[int]) -> Params:
    """As the test cells of the notebook compute it."""
    numbers = np.random.RandomState(3)
    made: Params = {}
    for i in range(1, len(dims)):
        factor = {
            "zeros": 0,
            "random": 10,
            "he": np.sqrt(2 / dims[i - 1]),
            "xavier": np.sqrt(1 / dims[i - 1]),
        }
        made[f"W{i}"] = numbers.standard_normal((dims[i], dims[i - 1])) * factor[scheme]
        made[f"b{i}"] = np.zeros((dims[i], 1))
    return made


def refusal(check: Callable[..., None], *args: Any, **options: Any) -> str:
    """What the check says; "" when it lets pass."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            check(*args, **options)
        except AssertionError as error:
            return str(error)
    return ""


def test_an_error_in_the_students_function_is_shown_in_a_notebook_without_our_frames(tmp_path: Path) -> None:
    cell = "from init_utils.checks import *\ndef f(dims):\n    return [][1]\n{}(f, [3, 2, 1]{})"
    program = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell(colors='nocolor', history_manager=None)\n"
        f"for call in {[cell.format(name, more) for name, more in CHECKS]!r}:\n"
        "    shell.run_cell(call)\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", program]
    environment = os.environ | {"IPYTHONDIR": str(tmp_path)}
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    lines = (
        "An index goes past the end of layers_dims: where does the loop end, and what is its largest l?\n"
        "Line 3: return [][1] → IndexError (more: %tb)\n"
    )
    assert shown == len(CHECKS) * lines


# ---------------------------------------------------------------- check_parameters


def test_good_parameters_pass_with_and_without_layer_sizes() -> None:
    check_parameters(parameters(DIMS), DIMS)
    check_parameters(parameters(DIMS))
    check_parameters(parameters(DIMS) | {"L": 3, "note": "extra"}, n_x=4)
    check_parameters({key: value.astype(int) for key, value in parameters(DIMS).items()}, DIMS)


@pytest.mark.parametrize(
    ("change", "known", "message"),
    [
        (
            {"W1": np.zeros((5, 2))},
            {"layers_dims": [5, 2]},
            "W1 has shape (5, 2); expected (2, 5) = (layers_dims[1], layers_dims[0]). "
            "Did you swap the dimensions?",
        ),
        (
            {"W1": np.zeros((5, 2))},
            {"n_x": 5},
            "W1 has shape (5, 2); expected (n_1, 5) = one row for each unit of layer 1, as many columns "
            "as there "
            "are rows of X. Did you swap the dimensions?",
        ),
        (
            {"W1": np.zeros((2, 4))},
            {"n_x": 5},
            "W1 has shape (2, 4); expected (n_1, 5) = one row for each unit of layer 1, as many columns "
            "as there "
            "are rows of X. Do X and the parameters belong together, and is X of shape (n_x, m)?",
        ),
        (
            {"W2": np.zeros((1, 3)), "b2": np.zeros((1, 1))},
            {},
            "W2 has shape (1, 3); expected (n_2, 2) = one row for each unit of layer 2, as many columns "
            "as there "
            "are rows of W1. Do W1 and W2 come from the same network?",
        ),
        (
            {"W1": np.zeros((3, 5))},
            {"layers_dims": [5, 2]},
            "W1 has shape (3, 5); expected (2, 5) = (layers_dims[1], layers_dims[0]). "
            "Is the right entry of layers_dims used for each dimension?",
        ),
        (
            {"W1": np.zeros(5)},
            {"layers_dims": [5, 2]},
            "W1 has shape (5,); expected (2, 5) = (layers_dims[1], layers_dims[0]). "
            "Weights have two dimensions, rows and columns.",
        ),
        (
            {"W1": np.zeros((0, 5)), "b1": np.zeros((0, 1))},
            {},
            "W1 has shape (0, 5); expected (n_1, n_0) = one row for each unit of layer 1, as many columns as "
            "there are rows of X. It is empty: a layer has at least one unit.",
        ),
        (
            {"b1": np.zeros(2)},
            {"layers_dims": [5, 2]},
            "b1 has shape (2,); expected (2, 1) = (layers_dims[1], 1). "
            "A bias is a column: one row for each unit, one column.",
        ),
        (
            {"b1": np.zeros((5, 1))},
            {},
            "b1 has shape (5, 1); expected (2, 1) = (rows of W1, 1). Did you swap the dimensions of W1?",
        ),
        (
            {"b1": np.zeros((7, 1))},
            {},
            "b1 has shape (7, 1); expected (2, 1) = (rows of W1, 1). Layer 1 has one bias for each row "
            "of W1.",
        ),
        (
            {"b1": None},
            {},
            "b1 is None; expected a NumPy array of numbers. Make it with NumPy.",
        ),
        (
            {"W1": [[1, 2], [3, 4]]},
            {},
            "W1 is a list; expected a NumPy array of numbers. Wrap it in np.array(...).",
        ),
        (
            {"W1": np.full((2, 5), "a")},
            {},
            "W1 has dtype <U1; expected real numbers (float64).",
        ),
        (
            {"W1": np.array([[1, 2, 3, 4, 5], [1, 2, np.nan, 4, 5]])},
            {},
            "W1 holds NaN or infinity, first at W1[1, 2]; expected finite numbers. Did training diverge "
            "(try a smaller learning rate), or was there a division by 0?",
        ),
        (
            {"W2": np.zeros((1, 2))},
            {},
            "parameters has no key b2; it has the keys 'W1', 'b1', 'W2'. Keys are a capital W or a small "
            "b and the "
            "number of the layer, from 1: 'W1', 'b1', ...",
        ),
    ],
)
def test_unusable_parameters_are_refused_with_key_shape_and_cause(
    change: Params, known: dict[str, Any], message: str
) -> None:
    given = {"W1": np.ones((2, 5)), "b1": np.zeros((2, 1))} | change
    with pytest.raises(ParameterError) as refused:
        check_parameters(given, **known)
    assert str(refused.value) == message
    assert isinstance(refused.value, ValueError)


def test_parameters_that_are_no_dict_or_have_no_layers_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"^parameters is None; expected a dict with the keys W1, b1"):
        check_parameters(None)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=r"^parameters has no key W1; it has the keys 'w1', 'b1'\."):
        check_parameters({"w1": np.zeros((1, 1)), "b1": np.zeros((1, 1))})
    with pytest.raises(ParameterError, match=r"^parameters has no key W1; it has no keys\."):
        check_parameters({})


def test_infinite_parameters_pass_when_only_shapes_are_asked_for() -> None:
    given = {"W1": np.full((2, 5), np.inf), "b1": np.zeros((2, 1))}
    check_parameters(given, finite=False)
    with pytest.raises(ParameterError, match="W1 holds NaN or infinity"):
        check_parameters(given)


def test_layers_are_counted_by_weight_keys_not_by_half_the_keys() -> None:
    assert count_layers(parameters(DIMS) | {"L": 3, "Wide": 0, "W0": 0, 7: "seven"}) == 3
    assert count_layers({}) == 0


# ---------------------------------------------------------------- structure


@pytest.mark.parametrize("case", [case for case in read_cases("known") if case.scheme != "general"], ids=str)
def test_the_same_mistakes_are_found_in_the_notebook_as_by_the_grader(case: Case) -> None:
    outcome = Student(case).call([4, 11, 3, 2, 7, 9])
    if outcome.error_type:
        return
    found = find_structural_mistake(outcome.value, (4, 11, 3, 2, 7, 9))
    if found is not None and case.id not in ("answer-pasted", "layers-hard-coded", "global-for-argument"):
        told_apart_by_the_text = (found.id, case.id) in {
            ("dict-made-in-loop", "key-last-for-l"),
            ("keys-missing-all", "argument-starred"),
        }
        assert found.id == case.id or told_apart_by_the_text


@pytest.mark.parametrize(
    ("change", "reveal", "message"),
    [
        (
            {"W2": np.zeros((6, 3))},
            True,
            "W2 has shape (6, 3); expected (3, 6) = (layers_dims[2], layers_dims[1]). Did you swap the "
            "dimensions?",
        ),
        (
            {"W2": np.zeros((6, 3))},
            False,
            "W2 has the wrong shape; it must be (layers_dims[2], layers_dims[1]). Did you swap the "
            "dimensions?",
        ),
        (
            {"b2": np.zeros(3)},
            False,
            "b2 has the wrong shape; it must be (layers_dims[2], 1). One dimension is not a column: ask "
            "for two.",
        ),
        ({"b3": None}, True, "b3 is None: the template's None has still to be replaced."),
        (
            {"W1": np.ones((6, 4)).tolist()},
            True,
            "W1 is a list; expected a NumPy array. Lists have no matrix product.",
        ),
        (
            {"W1": np.ones((6, 4), dtype=complex)},
            True,
            "W1 is an array of complex128; expected real numbers (float64). Complex numbers come from the "
            "root of a negative number.",
        ),
        (
            {"W1": np.full((6, 4), np.nan)},
            True,
            "W1 is NaN in every entry: is the scale the root of a negative number? Look at signs, brackets "
            "and indices under the root.",
        ),
        (
            {"W1": np.full((6, 4), np.inf)},
            False,
            "W1 holds NaN or infinity; expected finite numbers. Is the memory of np.empty left as it is, or "
            "something divided by 0?",
        ),
        ({"W1": [[1, 2], [3]]}, False, "W1 is a list; expected a NumPy array. Lists have no matrix product."),
    ],
)
def test_a_structural_mistake_is_told_with_the_place_to_look(
    change: Params, reveal: bool, message: str
) -> None:
    found = find_structural_mistake(parameters(DIMS) | change, DIMS, reveal=reveal)
    assert found is not None
    assert found.message == message


def test_keys_are_told_before_shapes_that_follow_from_them() -> None:
    shifted = {f"{key[0]}{int(key[1:]) - 1}": value for key, value in parameters(DIMS).items()}
    found = find_structural_mistake(shifted, DIMS)
    assert found == Mistake(
        "keys-shifted",
        "The keys start at 0; layers are counted from 1: W1 joins the input to the first layer. Does the "
        "loop "
        "start at 1, or is the key made with the wrong number?",
    )


def test_weights_under_odd_names_are_not_called_missing() -> None:
    odd = {f"1{key}" if key[0] == "W" else key: value for key, value in parameters(DIMS).items()}
    found = find_structural_mistake(odd, DIMS)
    assert found == Mistake(
        "keys-spelled",
        "The dictionary has no W1; its other keys are '1W1', '1W2', '1W3'. "
        "A key is only the letter and the number, as 'W1'.",
    )


def test_shapes_are_told_before_missing_keys() -> None:
    given = parameters(DIMS) | {"b1": np.zeros(6)}
    del given["W3"]
    found = find_structural_mistake(given, DIMS)
    assert found is not None
    assert found.id == "bias-flat"


def test_a_dict_that_pretends_is_looked_through() -> None:
    class Pretender(dict[str, Any]):
        def __contains__(self, key: object) -> bool:
            return True

        def __getitem__(self, key: str) -> Any:
            return np.zeros((6, 4))

        def get(self, key: str, default: Any = None) -> Any:
            return np.zeros((6, 4))

        def keys(self) -> Any:
            return {"W1": 0, "b1": 0}.keys()

    found = find_structural_mistake(Pretender(), [4, 6])
    assert found is not None
    assert found.id == "keys-missing-all"
    assert refusal(check_values, lambda dims: Pretender(), [4, 6], {"W1": np.zeros((6, 4))})


def test_accepted_oddities_are_notes() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        given: Params = parameters([3, 2]) | {"W1": np.asmatrix(np.ones((2, 3))), "W9": 1, "b9": 2, 3: 4}
    given["b1"] = np.zeros((2, 1), dtype=np.int64)
    assert find_structural_mistake(given, [3, 2]) is None
    assert structural_notes(given, [3, 2]) == (
        "The dictionary has keys that nobody asked for: 'W9', 'b9', 3. They are ignored.",
        "W1 is an array of type matrix; np.ndarray is meant. It is accepted.",
        "b1 is an array of whole numbers (int64); float64 is usual. It is accepted.",
    )
    halves = {key: value.astype(np.float32) for key, value in parameters([3, 2]).items()}
    assert structural_notes(halves, [3, 2]) == (
        "W1 (like 1 more) is an array of float32; float64 is usual. It is accepted.",
    )
    assert structural_notes(None, [3, 2]) == ()


@pytest.mark.parametrize(
    ("layer", "other", "mistake"),
    [(3, 1, "index-one-for-l"), (1, 3, "index-off-by-one"), (4, 2, "index-off-by-one")],
)
def test_a_bias_with_the_size_of_another_layer_names_that_layer(layer: int, other: int, mistake: str) -> None:
    dims = [41, 61, 31, 51, 21]
    found, words = bias_cause((dims[other], 1), layer, dims)
    assert (found, f"b{other}" in words) == (mistake, True)


def test_causes_of_shapes_hold_no_layer_size() -> None:
    dims = [41, 61, 31, 51, 21]
    shapes = [(41,), (), (61, 61), (41, 61), (51, 31), (61, 1), (31, 41), (2, 2), (1, 1, 1), (51, 1), (1, 61)]
    for layer in (1, 2, 3):
        for shape in shapes:
            for cause in (weights_cause(shape, layer, dims, False), bias_cause(shape, layer, dims)):
                assert not re.search(r"\d\d", cause[1]), (layer, shape, cause)


def test_shape_of_odd_values_is_none() -> None:
    assert [shape_of(value) for value in (None, "W", {}, [[1], [2, 3]], np.float64(2), [1, 2])] == [
        None,
        None,
        None,
        None,
        (),
        (2,),
    ]


# ---------------------------------------------------------------- the checks of test cells

HIDDEN = ([2, 10, 5, 1], [7, 4, 6, 3, 2], [5, 1], [4, 4, 1])


@pytest.mark.parametrize("case", [c for c in read_cases("right") if c.scheme != "general"], ids=str)
def test_every_accepted_form_passes_all_checks(case: Case) -> None:
    with numpy_as_before(), contextlib.redirect_stdout(io.StringIO()):
        initialize = Student(case).function()
        assert initialize is not None
        for dims in ([3, 2, 1], [2, 4, 1], *HIDDEN):
            for reveal in (True, False):
                check_shapes(initialize, dims, reveal=reveal)
                check_values(initialize, dims, expected(case.scheme, dims), reveal=reveal)
                if case.scheme != "zeros":
                    check_seed(initialize, dims, reveal=reveal)


WRONG = [case for case in [*read_cases("known"), *read_cases("heldout")] if case.scheme != "general"]


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_every_known_wrong_function_fails_a_check_and_no_hidden_message_holds_a_number(case: Case) -> None:
    student = Student(case)
    visible = [3, 2, 1] if case.scheme != "he" else [2, 4, 1]
    messages = []

    def initialize(dims: list[int]) -> Any:
        outcome = student.call(dims)
        if outcome.error_type:
            raise LookupError
        return outcome.value

    if case.id == "state-between-calls":  # needs a process of its own that lives on
        function = student.function()
        assert function is not None
        initialize = function
    try:
        for dims, reveal in ((visible, True), *((dims, False) for dims in HIDDEN)):
            values = expected(case.scheme, dims)
            said = [
                refusal(check_shapes, initialize, dims, reveal=reveal),
                refusal(check_values, initialize, dims, values, reveal=reveal),
                refusal(check_seed, initialize, dims, reveal=reveal) if case.scheme != "zeros" else "",
            ]
            messages += said
            if not reveal:
                assert not any(
                    re.search(r"\d\.\d|\(\d+, \d|\d\d+", text.replace("float64", "")) for text in said
                )
    except LookupError:
        return
    assert any(messages)


def test_visible_messages_show_numbers_and_hidden_ones_relations() -> None:
    right = expected("he", [2, 4, 1])

    def xavier(dims: list[int]) -> Params:
        return {key: value / np.sqrt(2) for key, value in right.items()}

    assert refusal(check_values, xavier, [2, 4, 1], right) == (
        "W1[0, 0] is 1.2647513; expected 1.7886285. In W1, every entry is too small by the same factor: "
        "the draw is right, the scale is not. Against what they should be: W1 × 0.707, W2 × 0.707."
    )
    assert refusal(check_values, xavier, [2, 4, 1], right, reveal=False) == (
        "The values of W1 are not right: every entry is too small by the same factor: the draw is right, the "
        "scale is not."
    )


def test_the_notebooks_own_check_names_a_seed_in_the_loop_and_the_layers_that_are_right() -> None:
    right = expected("he", [2, 4, 3])

    def seed_in_loop(dims: list[int]) -> Params:
        found: Params = {}
        for layer, (p, n) in enumerate(itertools.pairwise(dims), 1):
            weights = np.random.RandomState(3).randn(n, p) * np.sqrt(2 / p)
            found |= {f"W{layer}": weights, f"b{layer}": np.zeros((n, 1))}
        return found

    assert refusal(check_values, seed_in_loop, [2, 4, 3], right) == (
        "W2[0, 0] is 1.2647513; expected -0.030984124. Every layer starts with the same random numbers: is "
        "the seed set inside the loop? Set it once, before."
    )
    second_odd = {**right, "W2": right["W2"] ** 2}
    assert refusal(check_values, lambda dims: second_odd, [2, 4, 3], right).endswith(" Right: W1.")
    second_wrong = {**right, "W2": right["W2"] * 2}
    assert refusal(check_values, lambda dims: second_wrong, [2, 4, 3], right).endswith(
        "Against what they should be: W1 × 1 (right), W2 × 2."
    )


def test_no_minus_stands_before_a_zero_and_exchanged_numbers_are_told() -> None:
    right = {"W1": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), "b1": np.zeros((2, 1))}
    zero = {**right, "W1": -0.0 * right["W1"]}
    assert refusal(check_values, lambda dims: zero, [3, 2], right).startswith("W1[0, 0] is 0; expected 1.")
    turned = {**right, "W1": np.array([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]])}
    assert refusal(check_values, lambda dims: turned, [3, 2], right) == (
        "W1[0, 1] is 3; expected 2. In W1, right numbers, rows and columns exchanged: turned by .T?"
    )
    shuffled = {**right, "W1": np.array([[6.0, 3.0, 5.0], [2.0, 4.0, 1.0]])}
    assert refusal(check_values, lambda dims: shuffled, [3, 2], right).endswith(
        "In W1, right numbers, in other places: are they drawn row by row?"
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (-1.0, "every entry has the wrong sign."),
        (
            -3.0,
            "every entry is too large by the same factor and has the wrong sign: the draw is right, the "
            "scale is not.",
        ),
        (0.0, "every entry is zero; they must be drawn at random and scaled."),
    ],
)
def test_a_difference_is_told_as_a_relation(found: float, words: str) -> None:
    wanted = np.array([[1.0, 2.0], [3.0, -4.0]])
    assert describe_difference(found * wanted, wanted) == words


def test_other_differences_are_told_too() -> None:
    wanted = np.array([[1.0, 2.0], [3.0, -4.0]])
    assert (
        describe_difference(wanted.T.copy(), wanted)
        == "right numbers, rows and columns exchanged: turned by .T?"
    )
    assert describe_difference(np.full((2, 2), 7.0), wanted).startswith("every entry is the same number")
    assert describe_difference(wanted + np.eye(2), wanted) == "some entries are right and some are not."
    assert describe_difference(wanted**2 + 0.5, wanted).startswith("the entries differ in no simple way")
    assert describe_difference(np.ones((2, 2)), np.zeros((2, 2))) == "every entry must be zero."


def test_a_single_number_has_no_common_factor() -> None:
    one = np.array([[1.0]])
    assert describe_difference(3 * one, one).startswith("the entries differ in no simple way")


def test_the_empty_dict_weights_alone_and_the_pasted_example_are_refused() -> None:
    pasted = expected("random", [3, 2, 1])
    only_weights = {key: value for key, value in pasted.items() if key[0] == "W"}
    assert refusal(check_shapes, lambda dims: {}, [3, 2, 1]).startswith("The dictionary is empty.")
    assert refusal(check_seed, lambda dims: {}, [3, 2, 1]).startswith("The dictionary is empty.")
    assert refusal(check_shapes, lambda dims: only_weights, [3, 2, 1]).endswith("a layer has both.")
    assert refusal(check_values, lambda dims: pasted, [3, 2, 1], pasted) == ""
    for check in (check_shapes, check_seed):
        assert refusal(check, lambda dims: pasted, [2, 10, 5, 1], reveal=False)


def test_a_seed_outside_the_function_is_refused_and_global_states_are_left_alone() -> None:
    def unseeded(dims: list[int]) -> Params:
        return {"W1": np.random.randn(dims[1], dims[0]), "b1": np.zeros((dims[1], 1))}

    def by_python(dims: list[int]) -> Params:
        weights = [[random.gauss(0, 1) for _ in range(dims[0])] for _ in range(dims[1])]
        return {"W1": np.array(weights), "b1": np.zeros((dims[1], 1))}

    np.random.seed(3)
    random.seed(3)
    before = np.random.get_state()[1].tolist(), random.getstate()
    for initialize in (unseeded, by_python):
        assert refusal(check_seed, initialize, [3, 2]) == (
            "Two calls with the same layers_dims gave a different W1. Random numbers must not depend on "
            "what ran "
            "before: is the seed set inside the function, before the loop?"
        )
    assert before == (np.random.get_state()[1].tolist(), random.getstate())


def test_seed_is_not_asked_of_what_is_not_random() -> None:
    message = refusal(check_seed, lambda dims: expected("zeros", dims), [3, 2, 1])
    assert message == "All entries of W1 are the same number: draw them at random, after the seed is set."


def test_transposed_weights_can_still_show_a_right_seed() -> None:
    def transposed(dims: list[int]) -> Params:
        return {key: value.T for key, value in expected("he", dims).items()}

    assert refusal(check_shapes, transposed, [3, 2, 1])
    for dims in ([3, 2, 1], [2, 10, 5, 1], [4, 1], [2, 3, 2]):
        assert refusal(check_seed, transposed, dims) == ""


@pytest.mark.parametrize(
    "change",
    [list.clear, list.reverse, lambda dims: dims.append(4), lambda dims: dims.__setitem__(0, 5)],
    ids=["emptied", "reversed", "extended", "one size replaced"],
)
def test_a_changed_list_is_pointed_out_and_the_callers_stays_as_it_was(
    change: Callable[[list[int]], object], capsys: pytest.CaptureFixture[str]
) -> None:
    def changing(dims: list[int]) -> Params:
        made = expected("zeros", dims)
        change(dims)
        return made

    given = [3, 2, 1]
    check_values(changing, given, expected("zeros", given))
    assert given == [3, 2, 1]
    assert capsys.readouterr().out == (
        "Note: The function changes the list layers_dims that it was given. Work on a copy: "
        "list(layers_dims).\n"
    )


def test_what_a_function_writes_to_stderr_comes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    def chatty(dims: list[int]) -> Params:
        sys.stderr.write("thinking\n")
        return expected("zeros", dims)

    check_shapes(chatty, [3, 2, 1])
    assert capsys.readouterr() == ("thinking\n", "")


def test_errors_of_the_function_come_through_and_what_is_no_function_is_told() -> None:
    def broken(dims: list[int]) -> Params:
        raise KeyError("W1")

    with pytest.raises(KeyError, match="W1"):
        check_shapes(broken, [3, 2, 1])
    assert refusal(check_shapes, {}, [3, 2, 1]) == (  # type: ignore[arg-type]
        "There is no function here but dict. Is the name used for something else?"
    )


def test_values_are_compared_within_a_relative_tolerance() -> None:
    right = expected("random", [3, 2, 1])
    near = {key: value * (1 + 5e-7) for key, value in right.items()}
    far = {key: value * (1 + 5e-6) for key, value in right.items()}
    assert refusal(check_values, lambda dims: near, [3, 2, 1], right) == ""
    assert refusal(check_values, lambda dims: far, [3, 2, 1], right)
    assert refusal(check_values, lambda dims: far, [3, 2, 1], right, rtol=1e-5) == ""


# ---------------------------------------------------------------- anything at all

ODD: tuple[Any, ...] = (
    None,
    True,
    3,
    -1.5,
    float("nan"),
    10**400,
    "W1",
    b"W1",
    "x" * 10_000,
    (),
    [],
    {},
    [[1, 2], [3]],
    [[["deep"]]],
    [[10**400]],
    {"W1": {}},
    {1, 2},
    len,
    np.float64(2),
    np.array("text"),
    np.array([]),
    np.zeros((0, 2)),
    np.zeros((2, 3, 4)),
    np.full((2, 3), 1e308),
    np.full((2, 3), -(2**63)),
    np.array([[1e308, -1e308, 0], [5e-324, 1, 2]]),
    np.full((2, 3), None),
    np.zeros((2, 3), dtype="datetime64[s]"),
    np.zeros((2, 3), dtype=[("a", int)]),
    np.zeros((2, 3), dtype=np.longdouble),
    np.zeros((2, 1), dtype=np.uint8),
    np.ma.masked_array(np.zeros((2, 3)), mask=True),
    np.random.RandomState(3).randn(2, 3) * 10,
    np.zeros((2, 1)),
    np.zeros((1, 2)),
    np.zeros((1, 1)),
)
KEYS: tuple[Any, ...] = (
    "W1",
    "b1",
    "W2",
    "b2",
    "w1",
    "W0",
    "b0",
    "W3",
    "W",
    "W_1",
    "",
    "é",
    1,
    None,
    ("W", 1),
    "W" * 99,
)


def test_no_value_whatever_gets_past_the_checks_or_breaks_them() -> None:
    numbers = random.Random(7)
    wanted = expected("random", [3, 2, 1])
    passed = 0
    for _ in range(4000):
        value: Any = {numbers.choice(KEYS): numbers.choice(ODD) for _ in range(numbers.randrange(7))}
        if numbers.random() < 0.1:
            value = numbers.choice(ODD)
        if isinstance(value, dict) and numbers.random() < 0.5:  # right but for one or two
            value = wanted | dict(list(value.items())[:2])
        told = find_structural_mistake(value, [3, 2, 1])
        structural_notes(value, [3, 2, 1])
        said = refusal(check_values, lambda dims, value=value: value, [3, 2, 1], wanted)
        refusal(check_seed, lambda dims, value=value: value, [3, 2, 1], reveal=False)
        assert (told is None) or said == told.message
        is_right = isinstance(value, dict) and all(
            isinstance(value.get(key), np.ndarray)
            and value[key].shape == array.shape
            and value[key].dtype.kind in "fiu"
            and np.allclose(np.asarray(value[key]), array, rtol=1e-6)
            for key, array in wanted.items()
        )
        assert (said == "") == is_right, (value, said)
        passed += is_right
        with contextlib.suppress(ParameterError):
            check_parameters(value, [3, 2, 1])
        with contextlib.suppress(ParameterError):
            check_parameters(value)
    assert 100 < passed < 2000
