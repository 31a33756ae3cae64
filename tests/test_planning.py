"""The plan of an assignment, from the instructor's own run in a box of the tier `none`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from autograder.assignment import Assignment, parse_assignment
from autograder.examiner.messages import HIDDEN_FAILED, INSIDE_FAILED
from autograder.examiner.namespace import InstructorNames
from autograder.grading.marked import Marking
from autograder.grading.marking import mark
from autograder.grading.planning import handed_in, make_plan, needed_tests
from autograder.grading.test_plan import Place, Plan, TestPlan, plan_lines, plan_summary
from autograder.sandbox import Limits, Preload, Sandbox
from autograder.verdicts import Verdict
from tests.small_course import cell, notebook
from tests.test_marking import HIDDEN, test_cell


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=("numpy",))) as sandbox:
        yield sandbox


def answer(text: str, grade_id: str = "answer") -> dict[str, Any]:
    return cell(f"### BEGIN SOLUTION\n{text}\n### END SOLUTION", grade_id=grade_id, solution=True)


def locked(text: str) -> dict[str, Any]:
    return cell(text, grade_id="given", locked=True)


def assignment(*cells: dict[str, Any]) -> Assignment:
    return parse_assignment("ps1", notebook(*cells), {}, "ps1")


def planned(sandbox: Sandbox, *cells: dict[str, Any], prove: bool = False) -> Plan:
    of = assignment(*cells)
    return make_plan(of, InstructorNames(of), lambda: sandbox.box({}), 20.0, prove=prove)


def graded(sandbox: Sandbox, plan: Plan, text: str, *cells: dict[str, Any]) -> Marking:
    """The notebook with `text` as its answer, marked by the plan."""
    of = assignment(*cells)
    submission = handed_in(of, {"answer": text})
    return mark(submission, of, InstructorNames(of), lambda: sandbox.box({}), 20.0, plan=plan)


# A copy of an object is made only where the object is.
COPY = "import copy\nassert copy.copy(f({})).x == {}"
CLASS = (
    answer("class P:\n    def __init__(self, x):\n        self.x = x\ndef f(x):\n    return P(x)"),
    test_cell(0, COPY.format(1, "1, 'f must keep x'")),
    test_cell(1, COPY.format(1, 1) + "\n" + HIDDEN.format(COPY.format(7, "7, 'f must keep any x'"))),
    test_cell(2, "assert callable(f)"),
)


def test_a_test_that_ended_a_worker_is_not_run_again_and_is_named(sandbox: Sandbox) -> None:
    of = assignment(*CLASS)
    begun: list[str] = []
    plan = make_plan(
        of,
        InstructorNames(of),
        lambda: sandbox.box({}),
        20.0,
        prove=False,
        given_up={"t2": Verdict.TIMEOUT},
        observe=begun.append,
    )
    assert (plan.tests[2].place, plan.tests[2].reason) == (
        Place.NEITHER,
        "timeout: the grader's process that ran it had to be ended",
    )
    assert [test.place for test in plan.tests[:2]] == [Place.INSIDE, Place.INSIDE]
    assert "t2" not in begun


def test_a_test_runs_outside_where_that_gives_full_points_and_else_inside_with_the_reason(
    sandbox: Sandbox,
) -> None:
    plan = planned(sandbox, *CLASS)
    assert [(test.place, test.after) for test in plan.tests] == [
        (Place.INSIDE, ()),
        (Place.INSIDE, ()),
        (Place.OUTSIDE, ()),
    ]
    assert plan.tests[0].reason
    assert plan.tests[2].reason == ""
    full = graded(
        sandbox, plan, "class P:\n    x = 0\ndef f(x):\n    p = P()\n    p.x = x\n    return p", *CLASS
    )
    assert [(test.score, test.inside) for test in full.tests] == [(1, True), (1, True), (1, False)]


def test_an_inside_test_tells_passed_or_not_and_a_plain_sentence_of_its_visible_part(
    sandbox: Sandbox,
) -> None:
    plan = planned(sandbox, *CLASS)
    wrong = graded(sandbox, plan, "class P:\n    x = 1\ndef f(x):\n    print(x)\n    return P", *CLASS).tests
    assert [(test.told_verdict, test.told_message) for test in wrong] == [
        ("passed", ""),
        ("not-passed", HIDDEN_FAILED),
        ("passed", ""),
    ]
    raising = graded(sandbox, plan, "def f(x):\n    raise KeyError('secret')", *CLASS).tests
    assert [(test.told_verdict, test.told_message) for test in raising[:2]] == [
        ("not-passed", INSIDE_FAILED)
    ] * 2
    plain = graded(sandbox, plan, "def f(x):\n    return 1j", *CLASS).tests
    assert {test.told_message for test in plain[:2]} == {INSIDE_FAILED}
    two = graded(sandbox, plan, "class P:\n    x = 2\ndef f(x):\n    return P", *CLASS).tests
    assert [test.told_message for test in two] == ["f must keep x", INSIDE_FAILED, ""]
    assert two[0].verdict is Verdict.WRONG_ANSWER


def test_a_test_that_needs_earlier_ones_runs_after_them_in_one_process(sandbox: Sandbox) -> None:
    cells = (
        answer("log = []\ndef rec(x):\n    log.append(x)"),
        test_cell(0, "other = 1"),
        test_cell(1, "rec(1)\nassert log == [1]"),
        test_cell(2, "assert log == [1]"),
    )
    plan = planned(sandbox, *cells)
    assert [test.place for test in plan.tests] == [Place.OUTSIDE, Place.OUTSIDE, Place.INSIDE]
    assert plan.tests[2].after == ("t1",)
    of = assignment(*cells)
    assert needed_tests(of, of.tests[2]) == ("t1",)
    assert [
        test.score for test in graded(sandbox, plan, "log = []\ndef rec(x):\n    log.append(x)", *cells).tests
    ] == [1, 1, 1]


def test_an_import_of_the_instructors_that_no_test_asks_for_is_not_run(sandbox: Sandbox) -> None:
    cells = (
        locked("import a_module_nobody_has"),
        answer("def f(x):\n    return x"),
        test_cell(0, "y = f(1)"),
    )
    plan = planned(sandbox, *cells)
    assert (plan.tests[0].place, plan.tests[0].reason) == (Place.OUTSIDE, "")


def test_a_reason_that_ends_as_a_sentence_gets_no_second_full_stop() -> None:
    plan = Plan((TestPlan("t0", Place.NEITHER, "not-found: `f` is not defined. Was it renamed?"),))
    assert plan_summary(plan) == [
        "t0 does not give your own solution full points: not-found: `f` is not defined. Was it renamed? "
        "Correct the test, or the solution; no student can pass it."
    ]


def test_an_inside_test_finds_the_answers_text_in_the_notebooks_history(sandbox: Sandbox) -> None:
    again = (
        "import io, sys\nold, sys.stdout = sys.stdout, io.StringIO()\nexec(In[-2])\n"
        "printed, sys.stdout = sys.stdout.getvalue(), old\nassert printed == 'Hello\\n'"
    )
    cells = (answer("print('Hello')"), test_cell(0, again))
    plan = planned(sandbox, *cells)
    assert plan.tests[0].place is Place.INSIDE
    assert [
        graded(sandbox, plan, text, *cells).tests[0].score for text in ("print('Hello')", "print('Hi')")
    ] == [
        1,
        0,
    ]


def test_a_test_that_its_own_solution_does_not_pass_is_named_as_the_tests_fault(sandbox: Sandbox) -> None:
    plan = planned(sandbox, answer("def f(x):\n    return x"), test_cell(0, "assert f(1) == 2, 'two wanted'"))
    assert plan.tests[0].place is Place.NEITHER
    assert plan_summary(plan) == [
        "t0 does not give your own solution full points: wrong-answer: two wanted. Correct the test, or the "
        "solution; no student can pass it."
    ]


def test_what_an_inside_test_writes_is_gone_after_it(sandbox: Sandbox) -> None:
    cells = (
        answer("open('a.txt', 'w').write('a')\nclass P: pass\ndef f():\n    return P"),
        test_cell(0, "assert f().__mro__[0].__name__ == 'P'\nimport os\nos.remove('a.txt')"),
        test_cell(1, "assert f().__mro__[0].__name__ == 'P'\nassert open('a.txt').read() == 'a'"),
    )
    plan = Plan(tuple(TestPlan(f"t{number}", Place.INSIDE) for number in range(2)))
    result = graded(sandbox, plan, cells[0]["source"], *cells)
    assert [(test.score, test.inside) for test in result.tests] == [(1, True)] * 2
    assert result.files == {"a.txt": b"a"}


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            (answer("def f(x):\n    return x"), test_cell(0, "assert True")),
            "t0 gives 1 of 1 points to the untouched release: it does not need an answer. Let it ask for "
            "something that only an answer has.",
        ),
        (
            (
                locked("d = {'k': 1}\ne = d"),
                answer("def fill(into):\n    into['k'] = 1\nfill(e)"),
                test_cell(0, "assert d['k'] == 1"),
            ),
            "t0 gives 1 of 1 points to the untouched release: it does not need an answer. Let it ask for "
            "something that only an answer has.",
        ),
        (
            (
                answer("def f(x):\n    return x", "answer"),
                answer("def g(x):\n    return f(x)", "second"),
                test_cell(0, "try:\n    x = g(1)\nexcept NameError:\n    x = f(1)\nassert x == 1"),
            ),
            "t0 gives 1 of 1 points when the answer second is empty: something else stands in for it. Let "
            "the test need it.",
        ),
    ],
)  # fmt: skip
def test_points_without_an_answer_are_found_by_running(
    sandbox: Sandbox, cells: tuple[dict[str, Any], ...], sentence: str
) -> None:
    plan = planned(sandbox, *cells, prove=True)
    assert plan.is_proved
    assert plan.unearned == (sentence,)


def test_a_plan_reads_well() -> None:
    inside = TestPlan("t2", Place.INSIDE, "`f` is a class", after=("t1",), seconds=0.5)
    plan = Plan((TestPlan("t1", Place.OUTSIDE, calls=3, seconds=0.25), inside))
    assert plan_lines(plan) == [
        "t1  outside  0.25 s  3 calls",
        "t2  inside  after t1  0.50 s  `f` is a class",
        "1 of 2 tests runs in the student's process, where a result can be forged: t2 (`f` is a class).",
    ]
    assert plan_summary(Plan((TestPlan("t1", Place.OUTSIDE),))) == [
        "Your own solution gets full points, and the test runs outside the student's process."
    ]
    assert plan_summary(Plan()) == []


def test_a_later_cell_has_what_an_earlier_tests_visible_part_imported_or_set(sandbox: Sandbox) -> None:
    cells = (
        test_cell(0, "import math\nlist_of_test = [1, 2, 3]\nx = sum([1])\n" + HIDDEN.format("secret = 4")),
        answer("total = sum(list_of_test) + math.floor(0.5)"),
        test_cell(1, "assert total == 6"),
        cell("print('secret' in globals(), 'x' in globals())"),
    )
    result = graded(sandbox, Plan(), "total = sum(list_of_test) + math.floor(0.5)", *cells)
    assert [test.score for test in result.tests] == [1, 1]
    assert [output["text"] for outputs in result.outputs.values() for output in outputs] == ["False False\n"]


def test_a_test_that_pays_for_nothing_outside_runs_inside_where_it_does_not(sandbox: Sandbox) -> None:
    cells = (
        locked("def inv(n):\n    return [n]"),
        answer("import sys\nsetattr(sys.modules['__main__'], 'inv', lambda n: [n] * 2)\ninv2 = inv"),
        cell("if inv(1) != [1, 1]:\n    inv = None"),
        test_cell(0, "assert inv(1)[0] == 1"),
    )
    (test,) = planned(sandbox, *cells, prove=True).tests
    assert (test.place, test.reason) == (
        Place.INSIDE,
        "outside it gives points without an answer that it does not give inside",
    )


def test_a_test_may_ask_ten_times_what_the_instructors_run_asked_and_a_thousand(sandbox: Sandbox) -> None:
    cells = (answer("def f(x):\n    return x < 3"), test_cell(0, "x = 0\nwhile f(x):\n    x += 1"))
    plan = planned(sandbox, *cells)
    (test,) = graded(sandbox, plan, "def f(x):\n    return True", *cells).tests
    assert test.verdict is Verdict.TIMEOUT
    assert test.message == (
        f"`f` was called {plan.tests[0].most_calls + 1:,} times and the test was stopped: "
        "the test calls it until it returns what ends the test. Check what it returns."
    )


TELLING = (
    answer("def f(x):\n    return [x]"),
    test_cell(0, "def last(xs):\n    for x in xs:\n        y = x\n    return y\nassert last(f(3)) == 3"),
    test_cell(1, "f(1)\n" + HIDDEN.format("sum(f(1))")),
)


def test_a_test_that_fails_by_itself_on_a_students_result_is_that_result_being_wrong(
    sandbox: Sandbox,
) -> None:
    plan = planned(sandbox, *TELLING)
    assert [test.place for test in plan.tests] == [Place.OUTSIDE] * 2
    visible, hidden = graded(sandbox, plan, "def f(x):\n    return [] if x == 3 else [77705]", *TELLING).tests
    assert (visible.verdict, hidden.verdict) == (Verdict.WRONG_ANSWER, Verdict.WRONG_ANSWER)
    assert visible.message.startswith("The test could not use the result: UnboundLocalError: ")
    assert hidden.message == HIDDEN_FAILED


def test_what_a_hidden_part_says_of_its_own_failure_is_not_told_even_without_a_plan(sandbox: Sandbox) -> None:
    _, hidden = graded(sandbox, Plan(), "def f(x):\n    return [77705]", *TELLING).tests
    assert (hidden.verdict, hidden.open) == (Verdict.INTERNAL_ERROR, True)
    assert hidden.message == "The grader failed on this test; a person will look at it."
