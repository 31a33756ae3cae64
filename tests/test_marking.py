"""One submission marked in a box of the tier `none`: the order of its parts, and what is told of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.assignment import Assignment, parse_assignment
from autograder.examiner.messages import HIDDEN_FAILED
from autograder.examiner.namespace import InstructorNames
from autograder.grading import marking
from autograder.grading.marked import Marking
from autograder.grading.marking import DEFINED_LATE, mark
from autograder.intake import plan_submission
from autograder.own_mistakes import OwnMistake
from autograder.sandbox import Box, Limits, Preload, Sandbox
from autograder.sandbox.box import MOST_HELD
from autograder.verdicts import TestResult, Verdict
from tests.small_course import cell, notebook

HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
# Writes what it is called with into a file, and raises what it finds there in a visible call.
TELLING = """
def f(x):
    import os
    if x == 1 and os.path.exists("seen.txt"):
        raise ValueError(open("seen.txt").read())
    if x > 1:
        open("seen.txt", "a").write(str(x))
    return x
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=("numpy",))) as sandbox:
        yield sandbox


def marked(
    sandbox: Sandbox,
    source: list[dict[str, Any]],
    texts: dict[str, str],
    *more: dict[str, Any],
    diagnosis: str = "",
    mistakes: tuple[OwnMistake, ...] = (),
) -> Marking:
    """The instructor's notebook handed in with other texts of some cells, and more cells at its end."""
    read: Assignment = parse_assignment("ps1", notebook(*source), {}, "ps1")
    assignment = dataclasses.replace(read, mistakes=mistakes)
    if diagnosis:
        named = {**assignment.notebook_metadata, "autograder": {"diagnosis": diagnosis}}
        assignment = dataclasses.replace(assignment, notebook_metadata=named)
    answered = [
        item | {"source": texts.get(item["metadata"].get("nbgrader", {}).get("grade_id", ""), item["source"])}
        for item in source
    ]
    submission = plan_submission(notebook(*answered, *more).encode(), assignment)
    names = InstructorNames(assignment)
    return mark(submission, assignment, names, lambda: sandbox.box(submission.files), test_s=20.0)


def test_cell(number: int, text: str) -> dict[str, Any]:
    return cell(text, grade_id=f"t{number}", grade=True, locked=True, points=1)


test_cell.__test__ = False  # type: ignore[attr-defined]  # not a test, for all its name


def solution(name: str = "f") -> dict[str, Any]:
    return cell(f"def {name}(x):\n    return x", grade_id=name, solution=True)


def messages(result: Marking) -> list[tuple[Verdict, str]]:
    return [(test.verdict, test.message) for test in result.tests]


def test_a_visible_check_sees_nothing_of_what_any_hidden_call_left_behind(sandbox: Sandbox) -> None:
    both = "assert f(1) == 1\n" + HIDDEN.format("assert f(7) == 7")
    source = [solution(), *(test_cell(number, both) for number in range(3))]
    result = marked(sandbox, source, {"f": TELLING})
    assert messages(result) == [(Verdict.PASSED, "")] * 3


def test_what_the_cells_wrote_is_kept_as_it_was_before_any_test_called_the_function(sandbox: Sandbox) -> None:
    both = "assert f(1) == 1\n" + HIDDEN.format("assert f(7) == 7")
    wrote = cell("for name in ('seen.txt', 'gone.csv'):\n    open(name, 'w').write('0')")
    removing = TELLING.replace(
        "return x", "os.path.exists('gone.csv') and os.remove('gone.csv')\n    return x"
    )
    result = marked(sandbox, [wrote, solution(), test_cell(0, both)], {"f": removing})
    assert result.files == {"seen.txt": b"0", "gone.csv": b"0"}


@pytest.mark.parametrize("places", [MOST_HELD, MOST_HELD + 4])
def test_however_many_places_of_tests_there_are_no_later_cell_sees_a_hidden_call(
    sandbox: Sandbox, places: int
) -> None:
    both = "assert f(1) == 1\n" + HIDDEN.format("assert f(7) == 7")
    source = [solution()]
    for number in range(places):
        source += [test_cell(number, both), cell("import os\nprint(os.path.exists('seen.txt'))")]
    result = marked(sandbox, source, {"f": TELLING})
    assert {test.told_message for test in result.tests} <= {"", HIDDEN_FAILED}
    printed = [output["text"] for outputs in result.outputs.values() for output in outputs]
    assert printed == ["False\n"] * places
    assert result.files == {}


def test_more_tests_than_processes_may_wait_are_run_again_as_a_whole(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking, "MOST_OPEN", 1)
    both = "first = f(1)\n" + HIDDEN.format("assert f(7) == 7 and first == 1")
    source = [solution(), *(test_cell(number, both) for number in range(3))]
    result = marked(sandbox, source, {})
    assert messages(result) == [(Verdict.PASSED, "")] * 3


def test_a_name_that_comes_late_is_noted_where_the_visible_part_lacked_it(sandbox: Sandbox) -> None:
    source = [
        solution(),
        test_cell(0, "assert f(1) == 1"),
        test_cell(1, HIDDEN.format("assert f(7) == 7")),
    ]
    result = marked(sandbox, source, {"f": "pass"}, cell("def f(x):\n    return x"))
    assert messages(result) == [(Verdict.PASSED, "")] * 2
    assert [test.notes for test in result.tests] == [(DEFINED_LATE,), ()]
    assert result.flags == ("t0: what it tests is defined only after it; graded all the same.",)


def test_a_hidden_part_is_diagnosed_in_a_box_that_has_seen_nothing_hidden(sandbox: Sandbox) -> None:
    def he(body: str) -> TestResult:
        text = HIDDEN.format("assert initialize_parameters_he([3, 2])['W1'].shape == (9, 9)")
        cells = [solution("initialize_parameters_he"), cell(text, grade_id="he_x", grade=True, points=1)]
        (test,) = marked(sandbox, cells, {"initialize_parameters_he": body}, diagnosis="initializers").tests
        return test

    stub = "def initialize_parameters_he(layers_dims):\n    {}\n"
    plain = he(stub.format("return None"))
    assert (plain.misconception, plain.hidden) == ("returns-none", True)
    telling = "import os\n    if os.path.exists('seen'): raise ValueError(open('seen').read())\n    "
    telling += "open('seen', 'w').write(str(layers_dims)) if len(layers_dims) == 2 else None"
    assert he(stub.format(telling)) == plain


def test_what_a_cell_writes_over_in_numpy_or_the_library_costs_no_test_that_does_not_use_it(
    sandbox: Sandbox,
) -> None:
    both = "assert f(1) == 1\n" + HIDDEN.format("assert f(7) == 7")
    for typed in ("import numpy as np\nnp.random.seed = 3", "import random\nrandom.seed = 3"):
        result = marked(sandbox, [cell(typed), solution(), test_cell(0, both)], {})
        assert messages(result) == [(Verdict.PASSED, "")]


def test_arrays_and_texts_cross_whatever_a_cell_writes_over_in_numpy(sandbox: Sandbox) -> None:
    typed = "import numpy as np\nnp.zeros = np.empty = np.array = np.asarray = np.uint8 = np.uint32 = None"
    test = "import numpy as np\nassert list(f(np.array(['a', 'b']))) == ['a', 'b']\n"
    test += "assert f(np.ma.array([1])) == 1"
    result = marked(sandbox, [cell(typed), solution(), test_cell(0, test)], {})
    assert messages(result) == [(Verdict.PASSED, "")]


def test_what_the_notebook_wrote_is_looked_for_in_its_folder_wherever_it_has_gone(sandbox: Sandbox) -> None:
    gone = cell("import os\nopen('own.csv', 'w').write('1')\nos.mkdir('a')\nos.chdir('a')")
    result = marked(sandbox, [gone, solution(), test_cell(0, "assert f(1) == 1")], {})
    assert (list(result.files), result.flags) == (["own.csv"], ())


def test_only_a_function_that_was_not_asked_yet_costs_a_further_box_and_only_the_cells_before_its_test(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    run_cell = Box.run_cell
    monkeypatch.setattr(Box, "run_cell", lambda box, text: (ran.append(text), run_cell(box, text))[1])
    name = "initialize_parameters_he"
    wrong = f"def {name}(layers_dims):\n    return {{}}"
    visible = f"assert {name}([3, 2])['W1'].shape == (2, 3)"

    def cells_run(*tests: str) -> list[str]:
        ran.clear()
        graded = [
            cell(text, grade_id=f"he_{place}", grade=True, locked=True, points=1)
            for place, text in enumerate(tests)
        ]
        source = [solution(name), *graded, cell("a_later_cell = 1")]
        result = marked(sandbox, source, {name: wrong}, diagnosis="initializers")
        assert {test.misconception for test in result.tests} == {"keys-missing-all"}
        return ran

    assert cells_run(visible, HIDDEN.format(visible)) == [wrong, "a_later_cell = 1"]
    assert cells_run(*[HIDDEN.format(visible)] * 2) == [wrong, "a_later_cell = 1", wrong]


def test_however_a_hidden_part_ends_the_student_reads_one_sentence_and_one_hint(sandbox: Sandbox) -> None:
    endings = ("return None", "raise KeyError(layers_dims)", "import os; os._exit(3)", "return object()")
    told = set()
    for ending in endings:
        body = f"if layers_dims == [3, 2]: {ending}"
        text = HIDDEN.format("assert initialize_parameters_he([3, 2])['W1'].shape == (9, 9)")
        cells = [solution("initialize_parameters_he"), cell(text, grade_id="he_x", grade=True, points=1)]
        answer = f"def initialize_parameters_he(layers_dims):\n    {body}\n    return {{}}\n"
        (test,) = marked(sandbox, cells, {"initialize_parameters_he": answer}, diagnosis="initializers").tests
        told.add((test.told_verdict, test.told_message, test.hint, test.notes))
    assert len(told) == 1
