"""What a test sets reaches the student's functions where the solution reads it; `__main__` in a test."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

import pytest

from autograder.examiner.main_module import main_module
from autograder.examiner.read_names import names_read_in_functions
from autograder.grading.test_plan import Place
from autograder.sandbox import Limits, Preload, Sandbox
from autograder.sandbox.inside.callbacks import names_of_test
from tests.test_marking import HIDDEN, test_cell
from tests.test_planning import answer, graded, planned


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=("numpy",))) as sandbox:
        yield sandbox


HELPER = "def helper():\n    return 1\ndef main():\n    return helper() + 1"
# The solution, a test, and answers with the points that they get.
CASES: dict[str, tuple[str, str, dict[str, int]]] = {
    "a value, set twice": (
        "def area():\n    return w * h",
        "w = 2\nh = 3\nassert area() == 6\nw = 5\nassert area() == 15",
        {
            "def area():\n    return 6": 0,
            "w = 2\nh = 3\ndef area():\n    return 6": 0,
            "area = lambda: h * w": 1,
            "": 0,
        },
    ),
    "a value in the hidden part": (
        "def look(key):\n    return TABLE.get(key, 0)",
        "TABLE = {'a': 1}\nassert look('a') == 1\n" + HIDDEN.format("TABLE = {'q': 9}\nassert look('q')"),
        {"def look(key):\n    return {'a': 1}.get(key, 0)": 0, "look = TABLE = {}": 0, "": 0},
    ),
    "a function in place of a helper": (
        HELPER,
        "helper = lambda: 10\nassert main() == 11",
        {
            "def main():\n    return helper() + 1": 0,  # the test's helper is no answer
            "def helper():\n    return 1\ndef main():\n    return 2": 0,
            "helper = lambda: 1\ndef main():\n    return 1 + helper()": 1,
            "": 0,
        },
    ),
    "a mock, and what was there before": (
        HELPER,
        "from unittest.mock import patch\nwith patch('__main__.helper', return_value=10) as m:\n"
        "    assert main() == 11\n    m.assert_called_once_with()\nassert main() == 2",
        {"def helper():\n    return 1\ndef main():\n    return 2": 0, "def main():\n    return 2": 0, "": 0},
    ),
    "the module of the notebook": (
        "x = 1",
        "import __main__\nassert __main__.x == 1 and not hasattr(__main__, 'nope')",
        {"x = 2": 0, "y = 1": 0, "": 0},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_test_sets_counts_outside_as_in_one_process(sandbox: Sandbox, name: str) -> None:
    solution, test, answers = CASES[name]
    cells = answer(solution), test_cell(0, test)
    plan = planned(sandbox, *cells, prove=True)
    assert (plan.tests[0].place, plan.tests[0].reason, plan.unearned) == (Place.OUTSIDE, "", ())
    got = {text: graded(sandbox, plan, text, *cells).tests[0] for text in (solution, *answers)}
    assert {text: result.score for text, result in got.items()} == {solution: 1, **answers}
    assert not any(result.inside for result in got.values())


def test_only_what_the_solution_reads_from_the_notebook_is_set_for_the_student(sandbox: Sandbox) -> None:
    cells = answer("def f(x):\n    return x"), test_cell(0, "x = 3\nassert f(3) == 3")
    plan = planned(sandbox, *cells)
    assert graded(sandbox, plan, "def f(y):\n    return x", *cells).tests[0].score == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a = b", []),
        ("def f(x, y=d):\n    z = x\n    return z + q", ["q"]),
        ("class A:\n    def m(self):\n        return lambda: top + self.x", ["top"]),
        ("def f():\n    global g\n    g += 1", ["g"]),
        ("f = lambda: w", ["w"]),
        ("def f():\n    x = 1\n    return [x * k for _ in r]", ["k", "r"]),
    ],
)
def test_names_are_read_where_functions_do_not_have_them(text: str, names: list[str]) -> None:
    assert sorted(names_read_in_functions(ast.parse(text).body)) == names


def test_names_are_as_before_after_a_call_unless_the_function_has_set_them() -> None:
    notebook = {"there": 1, "changed": 1}
    own: dict[str, int] = {}
    with names_of_test(
        notebook, {"there": (2, True), "absent": (2, True), "new": (2, False), "changed": (2, False)}, own
    ):
        assert notebook == {"there": 2, "new": 2, "changed": 2}
        assert own == {"there": 1, "changed": 1}
        notebook["changed"] = 3
    assert notebook == {"there": 1, "changed": 3}


def test_the_main_module_of_a_test_is_gone_after_it() -> None:
    before, names = sys.modules["__main__"], {"x": 1}
    with main_module(names):
        import __main__

        __main__.y = 2  # type: ignore[attr-defined]
        del __main__.x  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            del __main__.x  # type: ignore[attr-defined]
        assert not hasattr(__main__, "__path__")
    assert (sys.modules["__main__"], names) == (before, {"y": 2})
