"""Classes of the student's exceptions: a test names one behind `except`, outside the student's process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from autograder.examiner.error_classes import ErrorClasses
from autograder.grading.test_plan import Place
from autograder.sandbox import Limits, Preload, Sandbox
from tests.test_marking import test_cell
from tests.test_planning import answer, graded, planned


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=("numpy",))) as sandbox:
        yield sandbox


MINE = "class TooLow(ValueError):\n    pass\ndef f(x):\n    if x < 0:\n        raise TooLow('too low')\n"
TEST = (
    "try:\n    f(-1)\n    assert False, 'no error'\nexcept TooLow as e:\n    assert 'low' in str(e)\n"
    "assert issubclass(TooLow, ValueError) and f(1) is None"
)


def test_an_exception_class_of_the_students_is_caught_outside(sandbox: Sandbox) -> None:
    cells = answer(MINE), test_cell(0, TEST)
    plan = planned(sandbox, *cells, prove=True)
    assert (plan.tests[0].place, plan.tests[0].reason, plan.unearned) == (Place.OUTSIDE, "", ())
    answers = {
        MINE: 1,
        MINE.replace("raise TooLow", "raise Lower").replace(
            "def f", "class Lower(TooLow):\n    def __str__(self): return 'very low'\ndef f"
        ): 1,
        MINE.replace("raise TooLow", "raise ValueError"): 0,
        MINE.replace("ValueError", "Exception"): 0,
        MINE.replace("too low", ""): 0,
        MINE.replace("x < 0", "False"): 0,
        "class TooLow(ValueError): pass\ndef f(x): pass": 0,
        "TooLow = ValueError\ndef f(x):\n    raise TooLow": 0,
        "": 0,
    }
    assert {text: graded(sandbox, plan, text, *cells).tests[0].score for text in answers} == answers


def test_a_test_that_makes_an_exception_of_the_students_runs_inside(sandbox: Sandbox) -> None:
    plan = planned(sandbox, answer(MINE), test_cell(0, "assert str(TooLow('x')) == 'x'"))
    assert plan.tests[0].place is Place.INSIDE


def refused(name: str) -> NoReturn:
    raise PermissionError(name)


def test_a_class_here_has_the_names_and_the_built_in_base_of_the_students() -> None:
    classes = ErrorClasses(refused)
    made: Any = classes.of([["__main__", "B"], ["__main__", "A"], ["builtins", "KeyError"]])
    assert (made.__name__, made.__base__.__name__, made.__base__.__base__) == ("B", "A", KeyError)
    assert classes.of([["__main__", "A"], ["builtins", "KeyError"]]) is made.__base__
    assert classes.of([["__main__", "B"], ["__main__", "A"], ["builtins", "KeyError"]]) is made
    with pytest.raises(PermissionError, match="B"):
        made("x")


NO_CLASSES = [
    *(None, [], [["builtins", "ValueError"]], [["a", "b"], ["builtins", "list"]], "ab", [[1, 2], [3, 4]]),
    *([["a", "b"], ["os", "error"]], [["a", "b"], ["builtins", "SystemExit"]]),
    [["a"], ["builtins", "ValueError"]],
]


@pytest.mark.parametrize("odd", NO_CLASSES)
def test_what_is_no_exception_class_is_none_here(odd: Any) -> None:
    assert ErrorClasses(refused).of(odd) is None
