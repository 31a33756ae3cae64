"""What a student sees of a failed check: two lines, the message first; the rest when they ask."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.misconceptions.catalogue.errors import ERRORS
from init_utils.checks import ParameterError, check_refused, check_seed, check_shapes, check_values
from init_utils.checks.raised import _MEANINGS, explain

TEMPLATE = """import math
import numpy as np
def initialize(layers_dims):
    np.random.seed(3)
    parameters = {{}}
    L = len(layers_dims)
    for l in range(1, L):
        {}
        parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))
    return parameters
"""
NOT_WRITTEN = "initialize is not written yet: put your code in place of `raise NotImplementedError()`."


def function(statement: str, file: Path | None = None) -> Any:
    """The function with this line in its loop; in a file its lines can be read when it fails."""
    text = TEMPLATE.format(statement)
    if file is not None:
        file.write_text(text)
    namespace: dict[str, Any] = {}
    exec(compile(text, str(file), "exec"), namespace)  # noqa: S102 -- text of this file
    return namespace["initialize"]


def first_line(statement: str, check: Any = check_shapes, **options: Any) -> str:
    """The first line that is shown for a function with this line in its loop."""
    initialize = function(statement)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            check(initialize, [3, 2, 1], **options)
        except Exception as error:  # noqa: BLE001 -- whatever a student's function raises
            return str(error.lines[0])  # type: ignore[attr-defined]
    return ""


def explained(statement: str, folder: Path) -> str:
    try:
        function(statement, folder / "answer.py")([3, 2, 1])
    except Exception as error:  # noqa: BLE001 -- whatever a student's function raises
        return explain(error)[0]
    return ""


PAIR = "(layers_dims[l], layers_dims[l - 1])"
SIZES = "layers_dims[l], layers_dims[l - 1]"


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        *(
            (
                f"np.{name}({SIZES})",
                f"np.{name} takes the shape as one argument: both sizes in a pair of brackets of their own.",
            )
            for name in ("zeros", "ones", "empty")
        ),
        *(
            (
                f"np.random.{name}({SIZES})",
                f"np.random.{name} takes the shape as one argument: both sizes in a pair of brackets of "
                "their own.",
            )
            for name in ("standard_normal", "random")
        ),
        *(
            (
                f"np.random.{name}({argument}) * 10",
                f"{name} takes its sizes one by one, {name}(a, b), without inner brackets.",
            )
            for name in ("randn", "rand")
            for argument in (PAIR, "[2, 3]")
        ),
        (
            f"np.random.randn(size={PAIR})",
            "randn knows no such argument: it takes its sizes one by one, without a name.",
        ),
        (
            "np.zeros((layers_dims, 1))",
            "range and sizes want a number: len(layers_dims), or one entry of it.",
        ),
        (
            "np.zeros((layers_dims[l] / 2, 1))",
            "A size of an array must be a whole number: is / used where a size is made?",
        ),
        (
            "np.random.randn(2, 3) * math.sqrt(2 / layers_dims[l - 1] - 1)",
            "There is no real root of a negative number: look at signs and indices under the root.",
        ),
        (
            "np.random.randn(2, 3) * np.random.randn(3, 2)",
            "Two arrays are multiplied or added whose shapes do not fit: only a number must be multiplied "
            "here.",
        ),
        ("layers_dims(l)", "An index stands in square brackets: layers_dims[l]."),
        ("np.random.randn[2, 3]", "A function is called with round brackets."),
        ("randn(2, 3)", "That is a function of NumPy's, which must be called by its full name."),
        ("None", ""),
        ("np.zeroes((2, 3))", "There is no function of that name there: look at its spelling."),
        (
            "np.randn(2, 3)",
            "NumPy has a function of that name in another of its parts: random numbers in np.random, the "
            "rest in np.",
        ),
    ],
)
def test_errors_of_numpy_and_python_are_explained(value: str, meaning: str, tmp_path: Path) -> None:
    assert explained(f"parameters['W' + str(l)] = {value}", tmp_path) == meaning


def test_what_an_error_means_is_said_as_the_grader_says_it() -> None:
    hints = {entry.hint.removeprefix("{error}. ").replace("{{}}", "{}") for entry in ERRORS}
    for _kind, _in_text, _in_expression, meaning in _MEANINGS:
        assert {meaning.format(name, name) for name in ("np.zeros", "randn")} & hints


def test_an_exercise_that_is_not_written_yet_says_so() -> None:
    for check, more in ((check_shapes, {}), (check_values, {"expected": {}}), (check_seed, {})):
        line = first_line("raise NotImplementedError()", check, **more)
        assert line.endswith("is not written yet: put your code in place of `raise NotImplementedError()`.")


def test_the_root_of_a_negative_number_is_named() -> None:
    weights = "parameters['W' + str(l)] = np.random.randn(layers_dims[l], layers_dims[l - 1])"
    for root, line in (
        (
            "np.sqrt(2 / layers_dims[l - 1] - 1)",
            "W1 is NaN in every entry: is the scale the root of a negative ",
        ),
        ("(2 / layers_dims[l - 1] - 1) ** 0.5", "Complex numbers come from the root of a negative number."),
        (
            "math.sqrt(2 / layers_dims[l - 1] - 1)",
            "There is no real root of a negative number: look at signs ",
        ),
    ):
        with np.errstate(all="ignore"), pytest.raises((AssertionError, ValueError)) as refused:
            check_shapes(function(f"{weights} * {root}"), [3, 2, 1])
        assert line in " ".join(refused.value.lines)


def test_messages_begin_with_what_was_tested() -> None:
    assert first_line("pass", case='method "he"') == (
        'method "he": The dictionary has b for every layer but no W: a layer has both.'
    )
    assert first_line("1 / 0", check_seed, case='method "he"').startswith('method "he": ')


def run(command: list[str], folder: Path) -> str:
    environment = os.environ | {"IPYTHONDIR": str(folder), "PYTHONIOENCODING": "utf-8"}
    ended = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    return ended.stdout + ended.stderr


def test_plain_python_shows_two_lines_and_the_rest_on_request(tmp_path: Path) -> None:
    text = TEMPLATE.format("raise NotImplementedError()")
    (tmp_path / "answer.py").write_text(
        f"{text}\nfrom init_utils.checks import check_shapes\ncheck_shapes(initialize, [3, 2, 1])\n"
    )
    assert run(["answer.py"], tmp_path) == (
        f"{NOT_WRITTEN}\nLine 8: raise NotImplementedError() (more: python -X dev)\n"
    )
    everything = run(["-X", "dev", "answer.py"], tmp_path)
    assert everything.startswith("Traceback (most recent call last):")
    assert everything.endswith(f"NotImplementedError: {NOT_WRITTEN}\n")


def test_other_errors_of_a_script_are_shown_as_always(tmp_path: Path) -> None:
    script = (
        "from init_utils.checks import check_shapes\n"
        "try:\n    check_shapes(None, [1])\nexcept AssertionError:\n    pass\nint('x')\n"
    )
    assert run(["-c", script], tmp_path).startswith("Traceback (most recent call last):")


def test_a_later_cell_shows_the_whole_traceback(tmp_path: Path) -> None:
    program = (
        f"{SHELL}shell.run_cell('from init_utils.checks import check_shapes', store_history=True)\n"
        "shell.run_cell('check_shapes(lambda dims: None, [3, 2])', store_history=True)\n"
        "print('asked')\n"
        "shell.run_cell('%tb', store_history=True)\n"
    )
    shown, asked = run(["-W", "ignore", "-c", program], tmp_path).split("asked\n")
    assert shown == (
        "The function returned None; it must return the dictionary `parameters` with the keys W1, b1, W2, "
        "b2, ...\nIs there a `return parameters` at its end? (more: %tb)\n"
    )
    assert "check_shapes(lambda dims: None, [3, 2])" in asked
    assert "AssertionError" in asked


def test_an_error_class_that_refuses_everything_comes_through() -> None:
    class StubbornError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

        def __setattr__(self, name: str, value: object) -> None:
            raise RuntimeError

    def initialize(dims: list[int]) -> Any:
        raise StubbornError

    with pytest.raises(StubbornError):
        check_shapes(initialize, [3, 2])


def test_a_method_that_must_be_refused_is_named_and_what_came_instead(tmp_path: Path) -> None:
    def missing(methods: dict[str, int]) -> int:
        return methods["best"]

    due = 'method "best", which must be refused with a ValueError'
    check_refused(lambda: int("best"), case='method "best"')
    for call, line in (
        (lambda: {}, f"{due}: the function raised none."),
        (lambda: missing({}), f"{due}: the function raised KeyError: 'best'."),
    ):
        with pytest.raises((AssertionError, KeyError)) as refused:
            check_refused(call, case='method "best"')
        assert refused.value.lines[0] == line  # type: ignore[union-attr]
    unfinished = function("raise NotImplementedError()", tmp_path / "answer.py")
    with pytest.raises(NotImplementedError) as unwritten:
        check_refused(lambda: unfinished([2, 1]), case='method "best"')
    assert unwritten.value.lines[0].startswith(f"{due}: initialize is not written yet: ")  # type: ignore[attr-defined]


SHELL = (
    "from IPython.core.interactiveshell import InteractiveShell\n"
    "shell = InteractiveShell.instance(colors='nocolor', history_manager=None)\n"
)


def shown_by(cell: str, folder: Path) -> str:
    """What a notebook shows of a cell."""
    (folder / "answer.py").write_text(TEMPLATE.format("raise NotImplementedError()"))
    cells = f"shell.run_cell('from answer import initialize')\nshell.run_cell({cell!r}, store_history=True)\n"
    program = f"{SHELL}{cells}"
    return run(["-W", "ignore", "-c", program], folder)


def test_training_from_a_function_that_is_not_written_shows_two_lines(tmp_path: Path) -> None:
    cell = "from init_utils.checks import call_initializer\ncall_initializer(initialize, [3, 2, 1])"
    assert shown_by(cell, tmp_path) == f"{NOT_WRITTEN}\nLine 8: raise NotImplementedError() (more: %tb)\n"


def test_parameters_that_the_network_cannot_use_are_shown_in_two_lines(tmp_path: Path) -> None:
    cell = "import init_utils\ninit_utils.train([[1.0], [2.0]], [[1]], {})"
    assert shown_by(cell, tmp_path) == (
        "parameters has no key W1; it has no keys.\n"
        "Keys are a capital W or a small b and the number of the layer, from 1: 'W1', 'b1', ... (more: %tb)\n"
    )


def test_parameters_that_the_network_cannot_use_keep_their_error_in_another_process() -> None:
    error = pickle.loads(pickle.dumps(ParameterError("W1 is None. Replace it.")))  # noqa: S301 -- our own bytes
    assert (type(error), str(error), error.lines) == (
        ParameterError,
        "W1 is None. Replace it.",
        ("W1 is None.", "Replace it."),
    )
