"""What is known before the first submission: modules to warm, and the memo of the instructor's training."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment import Assignment, load_assignment, parse_assignment
from autograder.course import Course
from autograder.examiner.namespace import InstructorNames
from autograder.grading.instructor_run import (
    has_memo,
    instructors_files,
    keep_memo,
    may_draw,
    memo_of,
    memo_path,
    modules_to_preload,
    read_memo,
    run_instructors_notebook,
)
from autograder.grading.planning import make_plan
from autograder.grading.test_plan import Place, Plan
from autograder.misconceptions.initializers import REGISTERED
from autograder.sandbox import Box, Preload, Sandbox
from init_utils import memo
from init_utils.datasets import make
from init_utils.training import train
from tests.small_course import cell, notebook

NAME = "ps1"
START = "{'W1': np.full((1, 2), 0.5), 'b1': np.zeros((1, 1))}"
CELLS = (
    cell("%matplotlib inline\nimport numpy as np\nfrom init_utils import lab\nimport colorsys"),
    cell("1 / 0"),
    cell("from init_utils.datasets import make\nfrom init_utils.training import train"),
    cell("rate = float(open('rate.txt').read())"),
    cell(f"data = make(n_samples=10)\ntrain(data.train_X, data.train_Y, {START}, rate, 50)"),
    cell("train(data.train_X, data.train_Y, {}, 0.5)", grade_id="test", grade=True, points=1),
)


@pytest.fixture
def assignment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assignment:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "source" / NAME
    folder.mkdir(parents=True)
    document = json.loads(notebook(*CELLS))
    document["metadata"]["autograder"] = {"diagnosis": "initializers"}
    (folder / f"{NAME}.ipynb").write_text(json.dumps(document), encoding="utf-8")
    (folder / "rate.txt").write_text("0.25", encoding="utf-8")
    return load_assignment(Course(tmp_path), NAME)


@pytest.fixture
def empty_memo() -> Iterator[None]:
    memo.MEMO.clear()
    yield
    memo.MEMO.clear()


def test_the_modules_of_the_instructors_cells_are_warmed_and_slow_ones_for_a_class(
    assignment: Assignment,
) -> None:
    few = modules_to_preload(assignment, with_slow_ones=False)
    assert {"colorsys", "init_utils", "init_utils.lab.widget", *Preload().modules} <= set(few)
    many = modules_to_preload(assignment, with_slow_ones=True)
    assert set(many) - set(few) == set(REGISTERED.support.slow_modules)


@pytest.mark.parametrize(
    ("code", "draws"),
    [
        ("import math\ndef mean(x):\n    return sum(x) / len(x)", False),
        ("import pandas as pd\ntable = pd.DataFrame().pivot_table()", False),
        ("import pandas as pd\npd.Series([1]).plot()", True),
        ("%matplotlib inline", True),
        ("import seaborn", True),
        ("figure = make()", True),
    ],
)
def test_what_figures_need_is_warmed_only_where_the_code_hints_at_figures(code: str, draws: bool) -> None:
    made = parse_assignment(NAME, notebook(cell(code), cell("We plot nothing.", "markdown")), {}, NAME)
    assert may_draw(made) is draws
    assert ("matplotlib.pyplot" in modules_to_preload(made, with_slow_ones=True)) is draws


def test_a_module_beside_the_notebook_that_draws_is_a_hint_at_figures() -> None:
    files = {"shown.py": b"import matplotlib.pyplot as plt", "data.csv": b"plot,1"}
    made = parse_assignment(NAME, notebook(cell("import shown")), files, NAME)
    assert may_draw(made)


def test_the_instructors_run_remembers_training_whatever_else_fails(
    assignment: Assignment, tmp_path: Path, empty_memo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    preload = Preload(modules=("numpy",), packages=REGISTERED.support.packages)
    with Sandbox("none", preload=preload) as sandbox:
        data = run_instructors_notebook(sandbox, assignment, instructors_files(tmp_path / "source" / NAME))
        with sandbox.box() as box, box.open_test() as process:
            assert process.fetch("cells").kind == "absent"  # the run ended with its box
    points = make(n_samples=10)
    start = {"W1": np.full((1, 2), 0.5), "b1": np.zeros((1, 1))}
    expected = train(points.train_X, points.train_Y, start, 0.25, 50)
    memo.MEMO.clear()
    assert memo.import_memo(data) == 1  # one run; its points are drawn anew in no time
    monkeypatch.setattr("init_utils.training.Descent", None)  # whoever trains now, fails
    again = train(points.train_X, points.train_Y, start, 0.25, 50)
    assert np.allclose(again.parameters["W1"], expected.parameters["W1"], rtol=1e-12)


def test_the_run_that_makes_the_plan_gives_the_same_memo_and_the_plan_is_the_same(
    assignment: Assignment, tmp_path: Path, empty_memo: None
) -> None:
    files = instructors_files(tmp_path / "source" / NAME)
    found: list[bytes] = []

    def planned(after_cells: Callable[[Box], None]) -> list[tuple[str, Place, str, int]]:
        plan: Plan = make_plan(
            assignment,
            InstructorNames(assignment),
            lambda: sandbox.box(files),
            20.0,
            prove=False,
            after_cells=after_cells,
        )
        return [(test.grade_id, test.place, test.reason, test.calls) for test in plan.tests]

    preload = Preload(modules=("numpy",), packages=REGISTERED.support.packages)
    with Sandbox("none", preload=preload) as sandbox:
        apart = run_instructors_notebook(sandbox, assignment, files)
        plain = planned(lambda box: None)
        remembering = planned(lambda box: found.append(memo_of(box, assignment)))
    assert remembering == plain
    assert found == [apart]
    assert memo.import_memo(apart) == 1


def test_a_run_in_which_a_cell_hits_a_limit_gives_no_memo(assignment: Assignment, tmp_path: Path) -> None:
    crash = notebook(cell("import os; os._exit(1)"))
    (tmp_path / "source" / NAME / f"{NAME}.ipynb").write_text(crash, encoding="utf-8")
    crashing = load_assignment(Course(tmp_path), NAME)
    found: list[Box] = []
    with Sandbox("none", preload=Preload(modules=("numpy",))) as sandbox:
        names = InstructorNames(crashing)
        make_plan(crashing, names, lambda: sandbox.box({}), 20.0, prove=False, after_cells=found.append)
    assert found == []


def test_when_the_warm_process_is_gone_there_is_no_memo(assignment: Assignment, tmp_path: Path) -> None:
    with Sandbox("none", preload=Preload(modules=())) as sandbox:
        sandbox.await_zygote()
        sandbox._process.kill()
        assert (
            run_instructors_notebook(sandbox, assignment, instructors_files(tmp_path / "source" / NAME))
            == b""
        )


def test_the_setting_for_plain_training_neither_wants_a_memo_nor_reads_one(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_memo(assignment, b"memo")
    assert has_memo(assignment)
    assert read_memo(assignment) == b"memo"
    monkeypatch.setenv("AUTOGRADER_TRAINING", "plain")
    assert not has_memo(assignment)
    assert read_memo(assignment) == b""


def test_the_last_memos_are_kept_and_a_disk_that_refuses_does_not_matter(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.instructor_run.KEPT_MEMOS", 2)
    path = memo_path(assignment)
    path.parent.mkdir(parents=True)
    for age, name in enumerate(("old.bin", "older.bin", "oldest.bin")):
        (path.parent / name).write_bytes(b"memo")
        os.utime(path.parent / name, (1e9 - age, 1e9 - age))
    keep_memo(assignment, b"new")
    assert sorted(file.name for file in path.parent.iterdir()) == sorted([path.name, "old.bin"])
    assert read_memo(assignment) == b"new"
    for file in path.parent.iterdir():
        file.unlink()
    path.mkdir()
    keep_memo(assignment, b"new")  # a folder stands where the file should
    path.rmdir()
    path.parent.rmdir()
    path.parent.write_bytes(b"a file in the way")
    keep_memo(assignment, b"new")
    assert read_memo(assignment) == b""
