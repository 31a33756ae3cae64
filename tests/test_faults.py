"""A fault of ours that nobody has foreseen, at each place in turn: it costs its own test and nothing else."""

from __future__ import annotations

import inspect
import os
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.examiner import cell_code, conversation, examiner, namespace, warm
from autograder.grading import diagnosing, marking, test_results, waiting, worker
from autograder.grading.faults import Faults
from autograder.grading.marked import Marking
from autograder.grading.protocol import Job, JobResult, Start
from autograder.intake import SubmittedFolder
from autograder.sandbox import Box, Limits, Preload, Sandbox, SandboxError
from autograder.verdicts import Status, Verdict
from tests.test_examiner import assignment
from tests.test_marking import HIDDEN, marked, solution, test_cell

# Where a fault concerns the submission as a whole, which then ends with its evidence.
OF_ALL = {
    "mark",
    "_Pass.__init__",
    "_Pass.run",
    "_Pass._result",
    "test_result",
    "_Pass._run_cells",
    "WaitingTest.__init__",
}
OF_ALL |= {"Examiner.__init__", "ExaminerNamespace.__init__", "Link.__init__", "Diagnoser.__init__"}
OF_ALL |= {"watch_seeds", "Exchange.__init__"}
# Asked while a stranger's report is read: there, whatever is raised is the box's failure.
OF_ALL |= {"Link._loaded_module"}
# The order of the parts; what they do is guarded in them.
OF_ALL |= {"_Pass._waiting", "_Pass._leave_names", "outside_and_inside"}
OF_ALL |= {"_Pass._each", "_Pass._in_order", "_Pass._left_open"}
# At the start of a worker, before any submission.
OF_ALL |= {
    "InstructorNames.with_tests",
    "InstructorNames._add",
    "InstructorNames._leave_out_changed_literals",
}
OF_ALL |= {"_names_provided", "_names_of_import", "_names_of_assignment"}
# What a cell would have made may be what the tests after it lack.
RUNNING_A_CELL = {"Box.run_cell", "_Pass._run_cell", "_Pass._outputs_that_fit", "_size_bytes"}
BOX = ("hold", "open_test", "prepare_test", "release", "run_cell", "show_files", "written_files")
EMPTY = SubmittedFolder(b"", "ps1.ipynb", {}, ())
EXERCISES = ("f", "g", "h")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=("numpy",))) as sandbox:
        yield sandbox


def places() -> list[tuple[Any, str, str]]:
    """Owner, attribute and name of each function of the examiner, of marking and of a box."""
    found: list[tuple[Any, str, str]] = [(Box, name, f"Box.{name}") for name in BOX]
    for module in (examiner, conversation, namespace, cell_code, marking, waiting, test_results, diagnosing):
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value):
                found.append((module, name, name))
            elif inspect.isclass(value):
                methods = [key for key, item in vars(value).items() if isinstance(item, types.FunctionType)]
                found += [(value, key, f"{value.__name__}.{key}") for key in methods if "__" not in key]
    return [place for place in found if place[2] not in OF_ALL]


def failing_once(original: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        calls.append("")
        if len(calls) == 1:
            raise RuntimeError("nobody has foreseen this")
        return original(*args, **kwargs)

    return function


def three_exercises(sandbox: Sandbox) -> Marking:
    """Three functions, each with a visible and a hidden test; the last one's answer is wrong."""
    source: list[dict[str, Any]] = []
    for number, name in enumerate(EXERCISES):
        check = f"import random\nrandom.seed(1)\nassert {name}(7) == 7 * x"
        hidden = f"x = {name}(1)\n" + HIDDEN.format(check)
        source += [
            solution(name),
            test_cell(2 * number, f"assert {name}(1) == 1"),
            test_cell(2 * number + 1, hidden),
        ]
    return marked(sandbox, source, {"h": "def h(x):\n    return [][x]"})


def test_a_fault_at_any_place_costs_at_most_the_test_it_stands_at(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = {test.grade_id: test.verdict for test in three_exercises(sandbox).tests}
    assert list(right.values()) == [*[Verdict.PASSED] * 4, *[Verdict.RAISED] * 2]
    counted: dict[str, list[str]] = {name: ["not this one"] for _, _, name in places()}
    with monkeypatch.context() as patch:
        for owner, attribute, name in places():
            patch.setattr(owner, attribute, failing_once(getattr(owner, attribute), counted[name]))
        three_exercises(sandbox)
    struck = [place for place in places() if len(counted[place[2]]) > 1]
    assert {"Examiner.run_visible", "Link.call", "Diagnoser.diagnose", "Box.hold"} <= {
        name for *_, name in struck
    }
    for owner, attribute, name in struck:
        with monkeypatch.context() as patch:
            patch.setattr(owner, attribute, failing_once(getattr(owner, attribute), []))
            result = three_exercises(sandbox)
        lost = [test for test in result.tests if test.verdict is not right[test.grade_id]]
        of = {int(test.grade_id[1:]) // 2 for test in lost if right[test.grade_id] is Verdict.PASSED}
        assert len(of) <= 1, (name, lost)
        assert len(lost) <= 1 or name in RUNNING_A_CELL, (name, lost)
        assert all(test.open and test.score == 0 for test in lost), name
        assert bool(lost) <= bool(result.flags), name


def test_a_fault_is_told_to_the_instructor_with_its_place_and_not_with_its_text(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examiner, "compile_cell", failing_once(cell_code.compile_cell, []))
    result = three_exercises(sandbox)
    first = result.tests[0]
    assert (first.verdict, first.open, first.score) == (Verdict.INTERNAL_ERROR, True, 0.0)
    assert first.message == "The grader failed on this test; a person will look at it."
    (flag,) = result.flags
    assert flag.startswith("The grader failed on t0: RuntimeError (test_faults.py, line ")


def test_a_fault_of_the_sandbox_is_tried_again_before_it_leaves_a_test_open() -> None:
    with pytest.raises(SandboxError), Faults(is_last_try=False).noted("t0"):
        raise SandboxError("the keeper is gone")
    last = Faults(is_last_try=True)
    with last.noted("t0"):
        raise SandboxError("the keeper is gone")
    (sentence,) = last.sentences
    assert sentence.startswith("The grader failed on t0: SandboxError: the keeper is gone (")


def test_a_fault_of_the_whole_submission_ends_it_and_not_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    start = Start(assignment("assert f(1) == 1"), "none", Limits(), ("numpy",))
    monkeypatch.setattr(worker, "plan_folder", failing_once(worker.plan_folder, []))
    monkeypatch.setattr(worker, "_bound_memory", lambda room: None)  # it would bound the memory of pytest
    with worker._Worker(start, sent.append) as one:
        one.grade(Job(EMPTY))
        one.grade(Job(EMPTY))
    first, second = [message for message in sent if isinstance(message, JobResult)]
    assert first.status is Status.INTERNAL_ERROR
    assert first.reason.startswith("The grader failed on this submission: RuntimeError (test_faults.py")
    assert second.status is Status.REJECTED


def test_a_reset_channel_ends_the_warm_process_before_it_runs_anything_of_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset(*_arguments: Any) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(warm, "serve", reset)
    monkeypatch.setattr(worker, "_bound_memory", lambda room: None)  # it would bound the memory of pytest
    try:
        with worker._Worker(Start(assignment("assert f(1) == 1"), "none", Limits(), ("numpy",)), [].append):
            pass
    finally:
        (tmp_path / str(os.getpid())).touch()
    assert [path.name for path in tmp_path.iterdir()] == [str(os.getpid())]
