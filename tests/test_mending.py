"""One mistake taken out of a student's text: what stands there then, and where the other lines are."""

from __future__ import annotations

import pytest

from autograder.misconceptions import Diagnosis, diagnose
from autograder.misconceptions.mending import mend
from autograder.raised_line import RaisedLine, Value
from tests.mistakes.reader import Case, Student

CELL = """def f(dims):
    out = {}
    for l in range(1, len(dims)):
        out['W' + str(l)] = VALUE
        out['b' + str(l)] = np.zeros((dims[l], 1))
    return out"""


def value_after(mistake: str, value: str, expression: str, **kinds: str) -> str:
    """What stands to the right of the first equals sign with a key, after the mend."""
    values = {name: Value(kind) for name, kind in kinds.items()}
    raised = RaisedLine(4, f"out['W' + str(l)] = {value}", expression, values)
    mended = mend(CELL.replace("VALUE", value), "f", mistake, raised)
    assert mended is not None
    assert mended.text.count("\n") == CELL.count("\n")
    return mended.text.split("\n")[3].partition(" = ")[2]


@pytest.mark.parametrize(
    ("mistake", "value", "expression", "wanted"),
    [
        ("randn-tuple", "randn((a, b)) * 2", "randn((a, b))", "randn(a, b) * 2"),
        ("randn-tuple", "randn(a)", "randn(a)", "randn(*a)"),
        ("randn-size", "randn(size=(a, b))", "randn(size=(a, b))", "randn(a, b)"),
        ("zeros-two-arguments", "np.zeros(a, b)", "np.zeros(a, b)", "np.zeros((a, b))"),
        ("call-arguments", "normal(0, 1, a, b)", "normal(0, 1, a, b)", "normal(0, 1, (a, b))"),
        ("zeros-nested-shape", "np.zeros(((a, b), 1))", "np.zeros(((a, b), 1))", "np.zeros((a, 1))"),
        ("sqrt-two-arguments", "np.sqrt(2, a)", "np.sqrt(2, a)", "np.sqrt((2) / (a))"),
        ("error-square-brackets", "np.zeros[a, b]", "np.zeros[a, b]", "np.zeros((a, b))"),
        ("error-round-brackets", "dims(l)", "dims(l)", "dims[l]"),
        ("power-by-caret", "2 ^ 0.5", "2 ^ 0.5", "2 ** 0.5"),
        ("key-multiplied", "'W' * str(l)", "'W' * str(l)", "'W' + str(str(l))"),
        ("list-attribute", "dims.shape[0]", "dims.shape", "(len(dims),)[0]"),
        ("function-elsewhere", "np.randn(a)", "np.randn", "np.random.randn(a)"),
        ("error-attribute", "np.zeroes(a)", "np.zeroes", "np.zeros(a)"),
        ("size-not-whole", "np.zeros((a / 1, 1))", "np.zeros((a / 1, 1))", "np.zeros((int(a / 1), 1))"),
    ],
)
def test_the_failing_part_is_written_as_it_should_be(
    mistake: str, value: str, expression: str, wanted: str
) -> None:
    assert value_after(mistake, value, expression) == wanted


def test_a_factor_that_stops_is_left_out_of_its_product_and_nothing_is_said_of_it() -> None:
    raised = RaisedLine(4, "", "2 / dims", {"dims": Value("list")})
    mended = mend(
        CELL.replace("VALUE", "randn(2, 3) * np.sqrt(2 / dims)"), "f", "error-list-arithmetic", raised
    )
    assert mended is not None
    assert "out['W' + str(l)] = randn(2, 3)\n" in mended.text
    assert mended.silent == {"factor-"}


def test_a_value_that_cannot_be_mended_is_left_open() -> None:
    assert value_after("error-other", "g(1) + 2", "g(1)") == "'left open by the grader'"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("for l in x\n    y = 1", "for l in x:\n    y = 1"),
        ("x = f(1\ny = 2", "x = f(1)\ny = 2"),
        ("x = \u2018W\u2019", "x = 'W'"),
        ("p('W') = 1", "p['W'] = 1"),
        ("for l in x:\ny = 1", "for l in x:\n    y = 1"),
        ("p['W1'] =\ny = 2", "p['W1'] = 'left open by the grader'\ny = 2"),
        ("p['W1'] = f(2) 10\ny = 2", "p['W1'] = 'left open by the grader'\ny = 2"),
        ("def f():\n    x = 1\n\nreturn x", "def f():\n    x = 1\n\n    return x"),
        ("def g(x):\n    return x", "def g(x):\n    return x\nf = g\n"),
    ],
)
def test_a_text_that_python_cannot_read_is_mended_in_its_line(source: str, wanted: str) -> None:
    mended = mend(source, "f", "syntax-error")
    assert mended is not None
    assert mended.text == wanted


@pytest.mark.parametrize(
    ("mistake", "header", "wanted"),
    [
        ("self-parameter", "def f(self, dims):", "def f(dims, self=1):"),
        ("error-signature", "def f():", "def f(dims):"),
        ("error-signature", "def f(dims, scale):", "def f(dims, scale=1):"),
        ("argument-starred", "def f(*dims):", "def f(dims):"),
        ("error-name", "def f(sizes_of_layers):", "def f(dims, sizes_of_layers=1):"),
    ],
)
def test_the_arguments_become_the_one_that_the_body_uses(mistake: str, header: str, wanted: str) -> None:
    mended = mend(CELL.replace("def f(dims):", header), "f", mistake)
    assert mended is not None
    assert mended.text.split("\n")[0] == wanted


def behind(source: str, scheme: str = "zeros") -> list[Diagnosis]:
    student = Student(Case("", scheme, source, 0))
    found = diagnose(scheme, student.call, source, rewritten=student.rewritten)
    assert found is not None
    return list(found.further)


def test_a_mistake_behind_is_told_with_the_students_own_line_and_number() -> None:
    source = """def initialize_parameters_zeros(dims):
    for l in range(1, len(dims)):
        out['W' + str(l)] = np.zeros(dims[l], dims[l-1]) + unit
        out['b' + str(l)] = np.zero((dims[l], 1))
    return out"""
    assert [other.hint.partition(". ")[0] for other in behind(source)] == [
        "NameError: name 'unit' is not defined, in line 3 of the cell "
        "(`out['W' + str(l)] = np.zeros(dims[l], dims[l-1]) + unit`)",
        "NameError: name 'out' is not defined, in line 3 of the cell "
        "(`out['W' + str(l)] = np.zeros(dims[l], dims[l-1]) + unit`)",
        "AttributeError: module 'numpy' has no attribute 'zero', in line 4 of the cell "
        "(`out['b' + str(l)] = np.zero((dims[l], 1))`)",
    ]


def test_a_right_function_but_for_one_mistake_that_stops_it_has_no_other() -> None:
    source = """def initialize_parameters_zeros(dims):
    out = {}
    for l in range(1, len(dims)):
        out['W' + str(l)] = np.zeros(dims[l], dims[l-1])
        out['b' + str(l)] = np.zeros((dims[l], 1))
    return out"""
    assert behind(source) == []


def test_a_text_of_thousands_of_operations_ends_in_no_error() -> None:
    long = " + ".join(["g"] * 3000)
    raised = RaisedLine(4, "", "g", {"g": Value("int", "1")})
    mended = mend(CELL.replace("VALUE", long), "f", "error-name", raised)
    assert mended is None or mended.text.count("\n") == CELL.count("\n")


def test_a_text_longer_than_any_solution_is_left_alone() -> None:
    assert mend(CELL + "\n# " + "x" * 10_000, "f", "returns-none") is None
