"""Failures in any assignment, told with line and cause: cells that stopped above a definition, errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.misconceptions.anything import explain_failure
from autograder.misconceptions.failures import ANY
from autograder.sandbox import Limits, Preload, Sandbox
from autograder.verdicts import TestResult, Verdict
from tests.small_course import SOURCE, VISIBLE, cell
from tests.test_marking import marked


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=("numpy",))) as sandbox:
        yield sandbox


def result(sandbox: Sandbox, solution: str) -> TestResult:
    """What the visible test says of this solution."""
    source = [
        cell(SOURCE, grade_id="double", solution=True),
        cell(VISIBLE, grade_id="double_two", grade=True, locked=True, points=10),
    ]
    return marked(sandbox, source, {"double": solution}).tests[0]


DEFINITION = "def double(x):\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("above", "mistake", "hint"),
    [
        (
            'k = input("How many? ")\n',
            "cell-asks-input",
            'The cell that defines the function stopped before it, in line 1 (`k = input("How many? ")`), '
            "with EOFError: input() has nobody to answer it while the notebook is graded. Use a value "
            "instead, such as n = 3. `input()` waits for somebody to type, and nobody is there while the "
            "notebook is graded.",
        ),
        (
            "x = 1\nfrom google.colab import drive\n",
            "cell-imports-elsewhere",
            "The cell that defines the function stopped before it, in line 2 (`from google.colab import "
            "drive`), with ModuleNotFoundError: No module named 'google'. That module is not on the machine "
            "that grades, as those of Colab are not: leave its line out, or put it into a cell of its own.",
        ),
        (
            "def part(a):\n    return a / 0\npart(1)\n",
            "cell-stopped",
            "The cell that defines the function stopped before it, in line 3 (`part(1)`), with "
            "ZeroDivisionError: division by zero.",
        ),
    ],
)
def test_a_cell_that_stops_above_the_definition_is_told_with_its_line(
    sandbox: Sandbox, above: str, mistake: str, hint: str
) -> None:
    told = result(sandbox, above + DEFINITION)
    assert (told.verdict, told.misconception, told.hint) == (Verdict.NOT_FOUND, mistake, hint)
    assert told.why == (
        "What stands below a line that stops is never run, so the function does not exist and no check of it "
        "can pass."
    )


def test_a_cell_that_stops_below_the_definition_has_nothing_to_do_with_it(sandbox: Sandbox) -> None:
    assert result(sandbox, DEFINITION + "input()\n").verdict is Verdict.PASSED
    assert result(sandbox, "del double\n" + DEFINITION.replace("double", "dubble")).misconception == (
        "any-not-found"
    )


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        ("return y", "any-name"),
        ("return x.shape", "any-attribute"),
        ("return x + 'a'", "any-type"),
        ("return [][x]", "any-index"),
        ("import numpy as np\n    return np.ones(2) + np.ones(3)", "any-shape"),
        ("return int('x')", "any-value"),
        ("return x / 0", "any-zero-division"),
        ("return double(x)", "any-recursion"),
        ("import no_such_module", "any-import"),
        ("raise SystemExit", "any-process-ended"),
        ("return iter([x])", "any-bad-type"),
        ("raise LookupError('no')", "any-error"),
    ],
)
def test_an_error_in_any_assignment_has_a_hint_of_three_parts(
    sandbox: Sandbox, body: str, mistake: str
) -> None:
    told = result(sandbox, f"def double(x):\n    {body}\n")
    assert told.misconception == mistake
    assert told.hint
    assert told.why
    assert told.experiment
    assert told.unnamed is (mistake == "any-error")


def test_a_wrong_answer_of_an_unknown_assignment_is_not_explained(sandbox: Sandbox) -> None:
    assert result(sandbox, "def double(x):\n    return x\n").misconception is None


def test_every_entry_for_any_assignment_can_be_told() -> None:
    verdicts = ("timeout", "memory", "crashed", "too-much-output", "bad-type", "not-found")
    told = {found.id for verdict in verdicts if (found := explain_failure(verdict, ""))}
    assert told <= {entry.id for entry in ANY}
    assert len(told) == len(verdicts)


def test_what_a_mistake_that_stops_the_function_hides_is_found_in_the_box(sandbox: Sandbox) -> None:
    name = "initialize_parameters_he"
    body = (
        f"import numpy as np\ndef {name}(layers_dims):\n    parameters = {{}}\n"
        "    for l in range(1, len(layers_dims)):\n"
        "        shape = (layers_dims[l], layers_dims[l-1])\n"
        "        parameters['W' + str(l)] = np.random.randn(shape) * np.sqrt(1 / layers_dims[l-1])\n"
        "        parameters['b' + str(l)] = np.zeros(layers_dims[l])\n"
        "    return parameters\n"
    )
    source = [
        cell(f"def {name}(layers_dims):\n    return {{}}", grade_id=name, solution=True),
        cell(
            f"assert {name}([3, 2])['W1'].shape == (2, 3)", grade_id="he_x", grade=True, locked=True, points=1
        ),
    ]
    assert marked(sandbox, source, {name: body}).tests[0].misconception == "any-type"
    told = marked(sandbox, source, {name: body}, diagnosis="initializers").tests[0]
    assert told.misconception == "randn-tuple"
    assert [other.misconception for other in told.further] == ["bias-flat", "seed-missing", "factor-xavier"]
