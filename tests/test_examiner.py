"""The examiner against a student's process that is played by plain Python functions in this one."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import random
import sys
import tempfile
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from autograder.assignment import Assignment, parse_assignment
from autograder.examiner import Examiner, PutAside, TestOutcome
from autograder.examiner.namespace import InstructorNames
from autograder.sandbox import Answer, CellRun, SandboxError
from autograder.sandbox.wire import UnsupportedValueError
from autograder.verdicts import Verdict

HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


class Student:
    """Plays `autograder.sandbox.StudentProcess`: the same answers, without a process."""

    functions: Any = None
    time_of_calls_s = wall_left_s = 0.0
    handles: Any = None

    def __init__(self, **names: Any) -> None:
        self.names = names
        self.calls: list[tuple[str, tuple[Any, ...], Mapping[str, Any] | None]] = []
        self.sources: list[str] = []

    def struck_by_clock(self, took_s: float) -> None:
        pass

    def fetch(self, name: str) -> Answer:
        if name not in self.names:
            return Answer(Verdict.NOT_FOUND, kind="absent")
        value = self.names[name]
        if isinstance(value, Answer):
            return value
        if isinstance(value, types.ModuleType):
            return Answer(None, value.__name__, kind="module")
        if callable(value):
            return Answer(None, kind="callable")
        return Answer(None, copy.deepcopy(value))

    def call(
        self,
        name: str,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        random_state: Mapping[str, Any] | None = None,
        replaced: Mapping[str, int] | None = None,
        names: Mapping[str, Any] | None = None,
    ) -> Answer:
        if any(callable(argument) for argument in args):
            raise UnsupportedValueError("a function does not cross", "[0]")
        self.calls.append((name, args, random_state))
        printed = io.StringIO()
        given = copy.deepcopy(args)
        try:
            with contextlib.redirect_stdout(printed):
                value = self.names[name](*given, **dict(kwargs or {}))
        except Exception as error:  # noqa: BLE001 -- as the student's process reports whatever is raised
            kind = type(error).__name__
            return Answer(Verdict.RAISED, None, kind, str(error), stdout=printed.getvalue())
        if isinstance(value, Answer):
            return value
        changed = tuple(
            place for place, pair in enumerate(zip(args, given, strict=True)) if pair[0] != pair[1]
        )
        return Answer(None, value, stdout=printed.getvalue(), changed_arguments=changed)

    def run_inside(self, source: str) -> CellRun:
        self.sources.append(source)
        try:
            with _own_folder():
                exec(source, self.names)  # noqa: S102 -- the test's own text
        except Exception as error:  # noqa: BLE001 -- as above
            text = f"{type(error).__name__}: {error}"
            return CellRun([], text, Verdict.RAISED, error_type=type(error).__name__)
        return CellRun([])


@contextlib.contextmanager
def _own_folder() -> Iterator[None]:
    """A working directory and temporary files for what runs in the student's process, as a box has them."""
    with tempfile.TemporaryDirectory() as folder:
        work, scratch = Path(folder, "work"), Path(folder, "scratch")
        work.mkdir()
        scratch.mkdir()
        with contextlib.chdir(work), mock.patch.object(tempfile, "tempdir", str(scratch)):
            yield


def assignment(*tests: str, locked: str = "", solution: str = "", points: float = 10) -> Assignment:
    def cell(source: str, **nbgrader: Any) -> dict[str, Any]:
        metadata = {"nbgrader": {"schema_version": 3} | nbgrader}
        return {"cell_type": "code", "metadata": metadata, "source": source}

    cells = [
        cell(locked, grade_id="given", locked=True),
        cell(solution or "def f(): ...", grade_id="f", solution=True),
        *(cell(text, grade_id=f"t{i}", grade=True, points=points) for i, text in enumerate(tests)),
    ]
    return parse_assignment("ps1", json.dumps({"nbformat": 4, "cells": cells, "metadata": {}}), {}, "ps1")


def run(test: str, *, locked: str = "", solution: str = "", cell_s: float = 20, **names: Any) -> TestOutcome:
    instructor = assignment(test, locked=locked, solution=solution)
    return run_cells(instructor, Student(**names), cell_s)[0]


def run_cells(instructor: Assignment, student: Student, cell_s: float = 20) -> list[TestOutcome]:
    """The outcome of each test cell: the visible parts of all, then the hidden ones."""
    examiner = Examiner(InstructorNames(instructor), cell_s)
    begun = [examiner.run_visible(cell, student) for cell in instructor.tests]  # type: ignore[arg-type]
    return [examiner.run_hidden(one) if isinstance(one, PutAside) else one for one in begun]


def raising(error: Exception) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        raise error

    return function


def test_a_test_without_failure_has_full_points() -> None:
    outcome = run("assert f(2) == 4", f=lambda x: 2 * x)
    assert (outcome.verdict, outcome.score, outcome.message) == (Verdict.PASSED, 10.0, "")


def test_a_failed_assertion_is_a_wrong_answer_in_the_tests_words() -> None:
    outcome = run("assert f(2) == 4, 'f must double'", f=lambda x: x)
    assert (outcome.verdict, outcome.score, outcome.message) == (Verdict.WRONG_ANSWER, 0.0, "f must double")


def test_a_visible_assertion_without_words_shows_its_line() -> None:
    assert run("x = 1\nassert f(2) == 4", f=lambda x: x).message == "This check failed: assert f(2) == 4"


@pytest.mark.parametrize(
    ("last", "score", "verdict"),
    [
        ("4.0", 4.0, Verdict.PARTIAL),
        ("0.0", 0.0, Verdict.PARTIAL),
        ("10", 10.0, Verdict.PASSED),
        ("__import__('numpy').float64(2.5)", 2.5, Verdict.PARTIAL),
        ("4.0;", 10.0, Verdict.PASSED),
        ("x = 4.0", 10.0, Verdict.PASSED),
        ("None", 10.0, Verdict.PASSED),
        ("True", 10.0, Verdict.PASSED),
        ("'4.0'", 10.0, Verdict.PASSED),
        ("11.0", 0.0, Verdict.INTERNAL_ERROR),
        ("-1.0", 0.0, Verdict.INTERNAL_ERROR),
        ("float('nan')", 0.0, Verdict.INTERNAL_ERROR),
    ],
)
def test_a_final_number_is_that_many_points(last: str, score: float, verdict: Verdict) -> None:
    outcome = run(f"f(1)\n{last}", f=lambda x: x)
    assert (outcome.verdict, outcome.score) == (verdict, score)


def test_printed_lines_are_the_message_and_notes_are_kept_apart() -> None:
    outcome = run("print('3 of 4 right')\nprint('Note: an np.matrix')\n7.5", f=lambda: 1)
    assert (outcome.message, outcome.notes) == ("3 of 4 right", ("an np.matrix",))


def test_what_the_students_code_prints_is_shown_but_is_not_the_message() -> None:
    outcome = run("f()\nprint('done')", f=lambda: print("all points, please"))  # noqa: T201
    assert outcome.message == "done"
    assert outcome.printed == "all points, please\ndone\n"


def test_an_error_of_the_students_code_is_raised_anew_and_can_be_expected() -> None:
    test = "try:\n    f(0)\nexcept ValueError as e:\n    assert 'positive' in str(e)\nelse:\n    assert False"
    assert run(test, f=raising(ValueError("must be positive"))).verdict is Verdict.PASSED


def test_an_error_nobody_expected_is_the_students() -> None:
    outcome = run("f()", f=raising(KeyError("W1")))
    assert (outcome.verdict, outcome.message) == (Verdict.RAISED, "`f` raised KeyError: 'W1'")


def test_an_assertion_error_raised_by_the_students_code_is_not_the_tests() -> None:
    assert run("f()", f=raising(AssertionError("mine"))).verdict is Verdict.RAISED


def test_an_error_type_that_builtins_do_not_know_is_raised_as_a_runtime_error() -> None:
    class MyOwnError(Exception):
        pass

    test = "try:\n    f()\nexcept RuntimeError:\n    pass"
    assert run(test, f=raising(MyOwnError("x"))).verdict is Verdict.PASSED


def test_a_type_error_on_the_result_is_a_wrong_answer() -> None:
    outcome = run("f()['W1']", f=lambda: None)
    assert outcome.verdict is Verdict.WRONG_ANSWER
    assert (
        outcome.message
        == "The test could not use the result: TypeError: 'NoneType' object is not subscriptable"
    )


def test_a_name_that_nobody_has_is_not_found() -> None:
    outcome = run("f(1)")
    assert (outcome.verdict, outcome.missing) == (Verdict.NOT_FOUND, True)
    assert outcome.message == "`f` is not defined. Was it renamed, or is its cell broken?"


def test_a_function_of_the_assignment_that_is_something_else_is_not_found() -> None:
    outcome = run("f(1)", f=[1, 2])
    assert (outcome.verdict, outcome.message) == (
        Verdict.NOT_FOUND,
        "`f` is not a function here: it is the list.",
    )


@pytest.mark.parametrize(
    "verdict", [Verdict.TIMEOUT, Verdict.MEMORY, Verdict.CRASHED, Verdict.TOO_MUCH_OUTPUT, Verdict.BAD_TYPE]
)
@pytest.mark.parametrize("catch", ["except Exception", "except BaseException", "except", "finally"])
def test_the_first_failure_of_the_machinery_fixes_the_verdict_whatever_the_test_catches(
    verdict: Verdict, catch: str
) -> None:
    test = f"try:\n    f()\n{catch}:\n    x = 1\n10.0"
    outcome = run(test, f=lambda: Answer(verdict))
    assert (outcome.verdict, outcome.score) == (verdict, 0.0)


def test_a_fault_of_the_sandbox_is_nobodys_zero_and_cannot_be_caught() -> None:
    def broken() -> Any:
        raise SandboxError("the box is gone")

    instructor = assignment("try:\n    f()\nexcept BaseException:\n    pass")
    student = Student(f=broken)
    student.call = lambda *args, **kwargs: broken()  # type: ignore[method-assign]
    with pytest.raises(SandboxError, match="the box is gone"):
        run_cells(instructor, student)


def test_a_students_builtins_shadow_nothing() -> None:
    names = {"all": lambda x: True, "isinstance": lambda *a: True, "abs": lambda x: 0, "f": lambda: {}}
    assert run("assert isinstance(f(), list)", **names).verdict is Verdict.WRONG_ANSWER
    assert run("assert all([False])", **names).verdict is Verdict.WRONG_ANSWER
    assert run("assert [abs(x) for x in [-1]] == [1]", **names).verdict is Verdict.PASSED


def test_the_instructors_imports_definitions_and_literals_come_before_the_students() -> None:
    locked = "%matplotlib inline\nimport math as m\nSIZES = [3, 2]\ndef helper(x): return f(x) + SIZES[1]"
    names = {"m": 5, "SIZES": [0, 0], "helper": lambda x: 99, "f": lambda x: 10 * x}
    assert (
        run("assert helper(1) == 12 and m.pi > 3 and SIZES == [3, 2]", locked=locked, **names).score == 10.0
    )


def test_statements_of_the_instructor_that_call_something_never_run_in_the_examiner() -> None:
    outcome = run("assert data == 7", locked="data = open('/nonexistent').read()", data=7)
    assert outcome.verdict is Verdict.PASSED


def test_names_of_an_earlier_test_cell_are_there_in_the_next() -> None:
    instructor = assignment("import math\nexpected = math.sqrt(4)", "assert f() == expected")
    outcomes = run_cells(instructor, Student(f=lambda: 2.0))
    assert [outcome.score for outcome in outcomes] == [10.0, 10.0]


def test_a_hidden_part_has_the_names_that_its_own_visible_part_bound_whatever_later_cells_bind() -> None:
    instructor = assignment(
        "expected = 1\ndef check(): return f() == expected\n" + HIDDEN.format("assert check()"),
        "expected = 2\n" + HIDDEN.format("assert expected == 2 and check() is False"),
    )
    outcomes = run_cells(instructor, Student(f=lambda: 1))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.PASSED, Verdict.PASSED]


def test_a_hidden_part_has_the_names_that_an_earlier_hidden_part_bound() -> None:
    instructor = assignment(HIDDEN.format("wanted = [3]"), HIDDEN.format("assert f() == wanted[0]"))
    assert [outcome.score for outcome in run_cells(instructor, Student(f=lambda: 3))] == [10.0, 10.0]


def test_the_random_state_of_a_test_goes_on_from_its_visible_into_its_hidden_part() -> None:
    draw = "import numpy as np\nnp.random.seed(5)\nfirst = np.random.rand()\n"
    wanted = "r = np.random.RandomState(5)\nr.rand()\nassert np.random.rand() == r.rand()"
    outcomes = run_cells(
        assignment(draw + HIDDEN.format(wanted), "import numpy as np\nnp.random.seed(1)"), Student()
    )
    assert outcomes[0].verdict is Verdict.PASSED


def test_a_module_of_the_students_is_imported_afresh_and_only_if_it_is_a_common_one() -> None:
    fake = types.ModuleType("numpy")
    fake.isclose = lambda *a: True  # type: ignore[attr-defined]
    assert run("assert np.isclose(1, 2)", np=fake).verdict is Verdict.WRONG_ANSWER
    assert run("sp.run('true')", sp=types.ModuleType("subprocess")).verdict is Verdict.BAD_TYPE


def test_deleting_a_name_takes_it_from_the_students_process_until_it_is_given_back() -> None:
    instructor = assignment("kept = f\ndel f\ntry:\n    f\nexcept NameError:\n    f = kept\nassert f() == 1")
    student = Student(f=lambda: 1)
    outcome = run_cells(instructor, student)[0]
    assert outcome.verdict is Verdict.PASSED
    assert student.sources == [
        "_kept_by_the_test_f = f\ndel f",
        "f = _kept_by_the_test_f\ndel _kept_by_the_test_f",
    ]


def test_a_state_that_the_test_sets_travels_with_each_call_from_then_on() -> None:
    locked = "import numpy as np, random"
    instructor = assignment("np.random.seed(5)\nf()\nf()\nrandom.seed(1)\nf()", locked=locked)
    student = Student(f=lambda: 1)
    run_cells(instructor, student)
    first, second, third = (state for _, _, state in student.calls)
    assert first is not None
    np.testing.assert_array_equal(first["numpy"][1], np.random.RandomState(5).get_state()[1])
    assert first["random"] is None
    assert second is not None
    assert second["random"] is None
    assert third is not None
    assert third["random"] == random.Random(1).getstate()


REDIRECTIONS = {
    "a stream in its place": (
        "old = sys.stdout\nsys.stdout = io.StringIO()\nf()\ns = sys.stdout\nsys.stdout = old"
    ),
    "a redirection": "s = io.StringIO()\nwith contextlib.redirect_stdout(s):\n    f()",
}


@pytest.mark.parametrize("redirect", REDIRECTIONS.values(), ids=REDIRECTIONS)
def test_what_a_call_prints_reaches_the_stream_of_the_test(redirect: str) -> None:
    test = f"import io, sys, contextlib\n{redirect}\nassert s.getvalue() == 'hi\\n'"
    outcome = run(test, f=lambda: sys.stdout.write("hi\n"))
    assert (outcome.verdict, outcome.printed) == (Verdict.PASSED, "")


def test_an_error_of_a_library_is_caught_as_what_it_is() -> None:
    answer = Answer(
        Verdict.RAISED,
        error_type="ValueError",
        error_message="LinAlgError: no",
        error_class=("numpy.linalg", "LinAlgError"),
        error_arguments=("no", 1),
        error_attributes={"more": 2},
    )
    test = "try:\n    f()\nexcept np.linalg.LinAlgError as e:\n    assert (e.args, e.more) == (('no', 1), 2)"
    outcome = run(test, locked="import numpy as np", f=lambda: answer)
    assert outcome.verdict is Verdict.PASSED
    outcome = run("f()", f=lambda: answer)
    assert outcome.message == "`f` raised ValueError: LinAlgError: no"


def test_a_changed_argument_is_noted_and_costs_nothing() -> None:
    outcome = run("f([3, 2])", f=lambda sizes: sizes.append(1))
    assert outcome.score == 10.0
    assert outcome.notes == ("`f` changes the list that it is given. Work on a copy.",)


HIDDEN_SAYS = (
    "A hidden check did not pass. Try the function with other arguments than the visible checks use."
)


@pytest.mark.parametrize(
    ("check", "function"),
    [
        ("f([7, 7, 7])", lambda sizes: [].pop(sizes)),
        ("assert f(77) == 78", lambda x: x),
        ("f(77)['secret']", lambda x: {}),
        ("import numpy as np\nnp.testing.assert_allclose(f(1), 123456)", lambda x: x),
        ("f(77)", lambda x: Answer(Verdict.BAD_TYPE, type_names={"": "Sizes_7_7_7"})),
        ("f(77)", lambda x: Answer(Verdict.TIMEOUT)),
        ("got = f(77)\nassert got == 1, f'got {got}'", lambda x: x),
        ("why = 'because of 77'\nassert f(77) == 1, why", lambda x: x),
        ("assert f(77) == 1, 'got ' + str(f(77))", lambda x: x),
    ],
)
def test_a_hidden_check_that_fails_says_one_sentence_however_it_failed(check: str, function: Any) -> None:
    outcome = run(HIDDEN.format(check), f=function)
    assert (outcome.message, outcome.hidden, outcome.score) == (HIDDEN_SAYS, True, 0.0)
    assert (outcome.printed, outcome.notes) == ("", ())


def test_a_plain_sentence_of_the_instructors_is_shown_where_a_hidden_check_fails() -> None:
    test = HIDDEN.format("assert f(1) == 2, 'W1 must have layers_dims[1] rows'")
    assert run(test, f=lambda x: x).message == "W1 must have layers_dims[1] rows"
    in_a_function = HIDDEN.format("def check(x):\n    raise AssertionError('not even')\ncheck(f(1))")
    assert run(in_a_function, f=lambda x: x).message == "not even"


def test_from_the_first_hidden_line_on_the_rest_of_the_cell_is_hidden() -> None:
    test = "assert f(1) == 1\n" + HIDDEN.format("f(7)") + "\nassert f(2) == 3, f'got {f(2)}'"
    outcome = run(test, f=lambda x: x)
    assert (outcome.message, outcome.hidden) == (HIDDEN_SAYS, True)


def test_a_statement_with_a_hidden_line_in_it_is_hidden_as_a_whole() -> None:
    test = "for x in (1, 2):\n    f(x)\n    ### BEGIN HIDDEN TESTS\n    f(7)\n    ### END HIDDEN TESTS"
    assert run(test, f=lambda x: [][x]).message == HIDDEN_SAYS


def test_notes_and_prints_of_the_visible_part_alone_are_told() -> None:
    def note(sizes: list[int]) -> None:
        print("called with", sizes)  # noqa: T201
        sizes.append(0)

    outcome = run("print('visible')\nf([1])\n" + HIDDEN.format("print('hidden')\nf([7])\nf((7,))"), f=note)
    assert outcome.notes == ("`f` changes the list that it is given. Work on a copy.",)
    assert outcome.printed == "visible\ncalled with [1]\n"
    assert outcome.message == f"visible\n{HIDDEN_SAYS}"


def test_what_is_printed_during_a_hidden_call_is_not_shown() -> None:
    outcome = run(HIDDEN.format("f([9, 9])"), f=lambda sizes: print(sizes))  # noqa: T201
    assert outcome.printed == ""


def test_a_type_that_cannot_be_checked_is_named_in_a_visible_check() -> None:
    answer = Answer(Verdict.BAD_TYPE, type_names={"": "Sizes"})
    assert run("f()", f=lambda: answer).message.startswith("`f` returned a Sizes, which")


def test_an_endless_loop_of_the_test_itself_ends_even_if_it_catches_everything() -> None:
    test = "while f():\n    try:\n        x = 1\n    except Exception:\n        pass"
    outcome = run("go = f()\nwhile go:\n    pass", f=lambda: True, cell_s=0.2)
    assert (outcome.verdict, outcome.score) == (Verdict.TIMEOUT, 0.0)
    assert run(test, f=lambda: True, cell_s=0.2).verdict is Verdict.TIMEOUT


def test_an_argument_that_cannot_cross_is_the_instructors_matter() -> None:
    outcome = run("f(lambda x: x)", f=lambda g: g(1))
    assert outcome.verdict is Verdict.INTERNAL_ERROR
    assert "cannot cross" in outcome.message


@pytest.mark.parametrize("test", ["import a_module_nobody_has", "def (", "raise SystemExit"])
def test_a_broken_test_cell_is_never_the_students_zero(test: str) -> None:
    assert run(test, f=lambda: 1).verdict is Verdict.INTERNAL_ERROR


def test_a_test_can_ask_to_run_inside() -> None:
    test = "### IN STUDENT PROCESS\nassert f() is f(), 'one object'"
    marker = object()
    right = run(test, f=lambda: marker)
    wrong = run(test, f=object)
    assert (right.verdict, right.score, right.inside) == (Verdict.PASSED, 10.0, True)
    assert (wrong.verdict, wrong.message, wrong.inside) == (Verdict.WRONG_ANSWER, "one object", True)


def test_globals_know_the_students_names() -> None:
    assert run("assert 'f' in globals() and 'g' not in globals()", f=lambda: 1).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    "test",
    [
        "assert 'f' in dir() and 'g' not in dir()",
        "names = dir()\nassert 'f' in names, 'no f'\nassert 'names' in dir() and sorted(dir()) == dir()",
        "assert globals().get('f') is not None and globals().get('g', 3) == 3",
        "assert 'f' in globals().keys() and 'g' not in globals().keys()",
        "assert 'f' in locals() and 'f' in vars() and 'g' not in locals()",
        "def inner(a):\n    b = 1\n    return dir()\nassert inner(1) == ['a', 'b']",
        "assert 'append' in dir([])",
    ],
)
def test_dir_and_its_kin_tell_the_truth_about_the_students_names(test: str) -> None:
    assert run(test, f=lambda: 1).verdict is Verdict.PASSED


@pytest.fixture(autouse=True)
def _states_kept() -> Iterator[None]:
    states = np.random.get_state(), random.getstate()
    yield
    np.random.set_state(states[0])
    random.setstate(states[1])
