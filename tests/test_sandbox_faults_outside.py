"""The trusted side of a box raises at each of its places in turn: no mark of another exercise is lost by it.

Keeper client, launcher, box, its processes, the reports and the wire: every function and method, at its first
call in a submission and at a later one. The submission is graded all the same, the next one is as if nothing
had been, and no process and no folder is left.
"""

from __future__ import annotations

import inspect
import tempfile
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.assignment import Assignment, parse_assignment
from autograder.grading import worker
from autograder.grading.protocol import Job, JobResult, Message, Start
from autograder.intake import SubmittedFolder
from autograder.sandbox import (
    Limits,
    Preload,
    Sandbox,
    box,
    box_processes,
    file_names,
    held_files,
    keeper_client,
    launcher,
    process,
    reports,
    run_folders,
    states,
    student_process,
    wire,
    working_directory,
    written_files,
)
from autograder.verdicts import Status, Verdict
from tests.small_course import cell, notebook

MODULES = (
    box, box_processes, file_names, held_files, keeper_client, launcher, process, reports, states,
    student_process, wire, working_directory, written_files,
)  # fmt: skip
EXERCISES = 3
CODE = "def f{0}(x):\n    print(x)\n    open('out{0}.csv', 'w').write('1')\n    return [x, {0}]\nf{0}(0)"
TEST = "assert f{0}(2) == [2, {0}]\n### BEGIN HIDDEN TESTS\nassert f{0}(3) == [3, {0}]\n### END HIDDEN TESTS"
# Reached only where a test differs: an answer that is text only, an output of another kind.
SHOW = "from IPython.display import display\ndisplay({'a': [1, None, 0.5]})\n1 / 0"


def places() -> dict[str, tuple[Any, str]]:
    """Every function and method of the modules: its name in words -> its owner and its name there."""
    found: dict[str, tuple[Any, str]] = {}
    for module in MODULES:
        own = {name: item for name, item in vars(module).items() if _is_own(item, module)}
        short = module.__name__.rpartition(".")[2]
        found |= {f"{short}.{name}": (module, name) for name, item in own.items() if inspect.isfunction(item)}
        for kind in (item for item in own.values() if inspect.isclass(item)):
            for name, item in vars(kind).items():
                if inspect.isfunction(item) and not (name.startswith("__") and name != "__init__"):
                    found[f"{short}.{kind.__name__}.{name}"] = (kind, name)
    return found


def _is_own(item: object, module: types.ModuleType) -> bool:
    return getattr(item, "__module__", "") == module.__name__


# Where the guards begin: what raises there is the worker's to handle.
ENTRANCES = {
    "box.Box": "__init__ __exit__ _guarded run_cell hold release prepare_test open_test show_files"
    " written_files",
    "box_processes.BoxProcesses": "__init__",
    "launcher.Sandbox": "__init__ __enter__ __exit__ _working box prepare add_memo await_zygote close",
    "student_process.StudentProcess": "__init__ __enter__ __exit__ call fetch run_inside _answer close",
}
PLACES = {
    place: found
    for place, found in places().items()
    if place.rpartition(".")[2] not in ENTRANCES.get(place.rpartition(".")[0], "").split()
}
FAST = (
    "box.Box._run_cell", "box.Box._revive", "keeper_client.KeeperClient.order", "launcher.Sandbox._begin_box",
    "process.Process.begin_fork", "reports._answer", "student_process.StudentProcess._break",
    "wire.Channel.receive",
)  # fmt: skip


class Fault:
    """Raises once, at the call of that number from `arm` on."""

    def __init__(self, original: Callable[..., Any]) -> None:
        self._original, self.left, self.is_raised = original, 0, False

    def arm(self, number: int) -> None:
        """Let the call of that number raise."""
        self.left, self.is_raised = number, False

    def __get__(self, instance: object, owner: object = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self.left:
            self.left -= 1
            if not self.left:
                self.is_raised = True
                raise RuntimeError("injected")
        return self._original(*arguments, **options)


_others: list[psutil.Process] = []


@pytest.fixture(scope="module", autouse=True)
def _note_others() -> None:
    """Processes that other tests of this run keep, such as a browser, are none of these tests'."""
    _others[:] = psutil.Process().children(recursive=True)


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    cells = [cell(SHOW, grade_id="show", locked=True)]
    for number in range(EXERCISES):
        cells.append(cell(CODE.format(number), grade_id=f"f{number}", solution=True))
        cells.append(cell(TEST.format(number), grade_id=f"t{number}", grade=True, locked=True, points=1))
    return parse_assignment("ps1", notebook(*cells), {}, "ps1")


@pytest.fixture(scope="module")
def grader(assignment: Assignment) -> Iterator[Callable[[], JobResult]]:
    """Grades the instructor's own notebook in one worker, as the program does."""
    sent: list[Message] = []
    handed_in = notebook(
        *(
            cell(item.source, **({"grade_id": item.grade_id} if item.grade_id else {}))
            for item in assignment.cells
        )
    )
    job = Job(SubmittedFolder(handed_in.encode(), "ps1.ipynb", {"given.csv": b"1"}, ()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "_bound_memory", lambda room: None)  # it would bound the memory of pytest
        limits = Limits(cell_s=20.0)
        start = Start(assignment=assignment, tier="none", limits=limits, modules=("numpy",))
        with worker._Worker(start, sent.append) as one:

            def grade() -> JobResult:
                one.grade(job)
                one.prepare()
                result = sent.pop()
                assert isinstance(result, JobResult)
                return result

            yield grade
    assert leftovers() == []


def leftovers() -> list[str]:
    """Processes and folders of sandboxes that this process has made and not removed."""
    mine = f"{run_folders.FOLDER_PREFIX}{psutil.Process().pid}-*"
    folders = [path.name for path in Path(tempfile.gettempdir()).glob(mine)]
    return [*folders, *map(str, children())]


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if child not in _others]


# A socket whose `close` raised is closed when it is forgotten, and Python warns of that.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    "place", [pytest.param(p, marks=() if p in FAST else pytest.mark.slow) for p in PLACES]
)
@pytest.mark.parametrize("number", [1, pytest.param(4, marks=pytest.mark.slow)], ids=["1st call", "4th call"])
def test_a_fault_costs_one_exercise_at_most(
    place: str, number: int, grader: Callable[[], JobResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = PLACES[place]
    original = vars(owner)[name]
    fault = Fault(original)
    # Where other modules of the sandbox have it by its name, too.
    for module in (*MODULES, owner):
        if vars(module).get(name) is original:
            monkeypatch.setattr(module, name, fault)
    fault.arm(number)
    result = grader()
    is_raised = fault.is_raised
    fault.arm(0)
    assert (result.status, result.reason) == (Status.GRADED, "")
    lost = [test.grade_id for test in result.tests if test.verdict is not Verdict.PASSED]
    assert len(lost) <= 1, place
    # What failed is either the box's end, which is a verdict, or ours: then the test is open, never a zero.
    judged = {test.verdict for test in result.tests if not test.open}
    assert judged <= {Verdict.PASSED, Verdict.CRASHED, Verdict.NOT_FOUND}
    assert {test.verdict for test in result.tests if test.open} <= {Verdict.INTERNAL_ERROR}
    # Where no such call was made, this was as if nothing had been.
    after = grader() if is_raised else result
    assert [test.verdict for test in after.tests] == [Verdict.PASSED] * EXERCISES
    assert after.files == {"given.csv": b"1", **{f"out{number}.csv": b"1" for number in range(EXERCISES)}}
    boxes = [child for child in children() if child.status() != "zombie"]
    assert len(boxes) <= 12


def test_a_fault_while_the_box_is_made_anew_loses_no_held_state(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=())) as sandbox, sandbox.box() as made:
        made.run_cell("def f(): return 1")
        first = made.hold()
        made.run_cell("def f(): return 2")
        second = made.hold()
        fault = Fault(box.Box._hold)
        fault.arm(2)
        monkeypatch.setattr(box.Box, "_hold", fault)
        made._processes.is_lost = True  # as when its keeper has ended
        assert made.run_cell("x = 1").verdict is Verdict.CRASHED
        assert fault.is_raised
        for state, value in ((first, 1), (second, 2), (None, 2)):
            with made.open_test(state) as process:
                assert process.call("f").value == value
