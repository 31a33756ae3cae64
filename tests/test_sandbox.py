"""The sandbox's interface, in every tier this machine has: cells, checkpoints, calls, limits, clean ends."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from autograder.raised_line import RaisedLine, Value
from autograder.sandbox import Limits, Preload, Sandbox, SandboxError, WrittenFiles, tier_parts
from autograder.sandbox.box import MOST_HELD
from autograder.sandbox.states import CELLS_A_CHECKPOINT
from autograder.sandbox.wire import UnsupportedValueError
from autograder.verdicts import Verdict
from init_utils.memo import Memo

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the sandbox's zygote needs os.fork")

MEBIBYTE = 1 << 20
SLOW = pytest.mark.slow
GENEROUS = Limits(cell_s=60, submission_s=300)
# For what is to be stopped: short enough not to wait for.
SHORT = dataclasses.replace(
    GENEROUS, cell_s=0.5, memory_bytes=192 * MEBIBYTE, output_bytes=20_000, output_hard_bytes=MEBIBYTE
)
# A function that takes so much processor time.
BURNING = """
import time
def f(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
    return 1
"""
SMALL = dataclasses.replace(SHORT, cell_s=20.0)  # for what fills the memory: that may take a while


PRELOAD = Preload(
    modules=("numpy", "matplotlib.pyplot", "init_utils"),
    packages=("init_utils",),
    memo_module="init_utils.memo",
)


def open_sandbox(tier: str) -> Sandbox:
    obstacle = tier_parts.obstacle(tier)
    if obstacle is not None:
        pytest.skip(f"tier {tier}: {obstacle}")
    return Sandbox(tier, GENEROUS, preload=PRELOAD)


@pytest.fixture(scope="module", params=["full", pytest.param("landlock", marks=pytest.mark.slow), "none"])
def sandbox(request):
    with open_sandbox(request.param) as made:
        yield made


@pytest.fixture
def box(sandbox):
    with sandbox.box() as made:
        yield made


def streams(run) -> str:
    return "".join(output["text"] for output in run.outputs if output["output_type"] == "stream")


def run(box, source: str):
    return box.run_cell(textwrap.dedent(source))


def test_a_cell_prints_shows_and_leaves_its_names(box):
    first = run(box, "x = 6\nprint('six')\nx * 7")
    assert first.outputs == [
        {"output_type": "stream", "name": "stdout", "text": "six\n"},
        {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "42"}, "metadata": {}},
    ]
    assert (first.verdict, first.error, first.kept) == (None, None, True)
    assert streams(run(box, "print(x)")) == "6\n"


def test_an_exception_is_an_error_output_and_keeps_what_came_before(box):
    failed = run(box, "y = 1\nraise KeyError('W1')")
    assert (failed.verdict, failed.error, failed.error_type, failed.kept) == (
        Verdict.RAISED,
        "KeyError: 'W1'",
        "KeyError",
        True,
    )
    (output,) = failed.outputs
    assert (output["output_type"], output["ename"], output["evalue"]) == ("error", "KeyError", "'W1'")
    assert "raise KeyError('W1')" in "\n".join(output["traceback"])
    assert streams(run(box, "print(y)")) == "1\n"


def test_a_syntax_error_is_an_error_output(box):
    failed = run(box, "def f(:")
    assert (failed.verdict, failed.error_type) == (Verdict.RAISED, "SyntaxError")


def test_standard_error_is_a_stream_of_its_own(box):
    shown = run(box, "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')")
    assert [(output["name"], output["text"]) for output in shown.outputs] == [
        ("stdout", "a\n"),
        ("stderr", "b\n"),
        ("stdout", "c\n"),
    ]


def test_an_inline_figure_is_a_png(box):
    drawn = run(box, "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    (figure,) = drawn.outputs
    assert figure["output_type"] == "display_data"
    assert figure["data"]["text/plain"] == "<Figure size 640x480 with 1 Axes>"
    assert figure["data"]["image/png"].startswith("iVBORw0KGgo")


def test_a_figure_left_open_at_the_end_of_a_cell_is_shown_too(box):
    drawn = run(box, "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert [output["output_type"] for output in drawn.outputs] == ["display_data"]


def test_display_updates_and_clears_as_in_jupyter(box):
    shown = run(
        box,
        """
        from IPython.display import HTML, clear_output, display
        print('gone')
        clear_output()
        handle = display(HTML('<b>1</b>'), display_id=True)
        handle.update(HTML('<b>2</b>'))
        """,
    )
    (output,) = shown.outputs
    assert output["data"]["text/html"] == "<b>2</b>"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')", "awaited\n"),
        ("!echo from a shell", "from a shell\n"),
        ("lines = !echo 1\nprint(lines)", "['1']\n"),
        ("%%bash\necho from bash", "from bash\n"),
        ("import os\nstatus = os.system('echo from outside Python')", "from outside Python\n"),
        ("import subprocess\ndone = subprocess.run(['echo', 'child'])", "child\n"),
        ("%who", "Interactive namespace is empty.\n"),
    ],
)
def test_what_notebooks_do_besides_python_works(box, source, text):
    done = box.run_cell(source)
    assert (done.verdict, streams(done)) == (None, text)


def test_a_widget_is_shown_as_text_and_view(box):
    (output,) = run(box, "import ipywidgets\nipywidgets.IntSlider()").outputs
    assert sorted(output["data"]) == ["application/vnd.jupyter.widget-view+json", "text/plain"]


def test_input_says_that_nobody_answers(box):
    asked = run(box, "n = input('how many? ')")
    assert asked.error == (
        "EOFError: input() has nobody to answer it while the notebook is graded. "
        "Use a value instead, such as n = 3."
    )


def test_an_endless_loop_is_undone_and_the_rest_goes_on(sandbox):
    with sandbox.box(limits=SHORT) as box:
        run(box, "x = 1")
        hung = run(box, "x = 2\nwhile True: pass")
        assert (hung.verdict, hung.kept) == (Verdict.TIMEOUT, False)
        assert "while True: pass" in str(hung.outputs[-1]["traceback"])
        assert streams(run(box, "print(x)")) == "1\n"


def test_a_loop_deaf_to_interruption_is_killed(sandbox):
    with sandbox.box(limits=SHORT) as box:
        deaf = "for number in (signal.SIGALRM, signal.SIGPROF):\n    signal.signal(number, signal.SIG_IGN)"
        hung = run(box, f"import signal\n{deaf}\nwhile True: pass")
        assert (hung.verdict, hung.error) == (Verdict.TIMEOUT, "stopped: the time limit is over")
        assert run(box, "1").verdict is None


@pytest.mark.parametrize("source", ["import os; os._exit(0)", "import os, signal; os.kill(os.getpid(), 9)"])
def test_a_cell_that_ends_its_process_is_undone(box, source):
    run(box, "x = 1")
    ended = box.run_cell("x = 2\n" + source)
    assert (ended.verdict, ended.kept) == (Verdict.CRASHED, False)
    assert streams(run(box, "print(x)")) == "1\n"


def test_sys_exit_crashes_the_cell_and_keeps_its_names(box):
    left = run(box, "def f(): return 1\nimport sys\nsys.exit()")
    assert (left.verdict, left.kept, left.error_type) == (Verdict.CRASHED, True, "SystemExit")
    assert streams(run(box, "print(f())")) == "1\n"


def test_output_over_the_cap_is_cut_and_says_so(sandbox):
    with sandbox.box(limits=SHORT) as box:
        chatty = run(box, "print('x' * 50_000)\n42")
        assert chatty.verdict is None
        text = streams(chatty)
        assert text.startswith("x" * 20_000)
        assert text.endswith("[output cut here: the notebook printed more than is kept]\n")
        assert len(text) < 20_200


@pytest.mark.parametrize("source", ["while True: print('x' * 1000)", "!yes"])
def test_endless_output_is_stopped(sandbox, source):
    with sandbox.box(limits=dataclasses.replace(SHORT, cell_s=30)) as box:
        flood = box.run_cell(source)
        assert (flood.verdict, flood.kept) == (Verdict.TOO_MUCH_OUTPUT, False)
        assert run(box, "1").verdict is None


def test_the_working_directory_holds_copies_and_gives_back_what_was_written(sandbox):
    given = {"data/x.csv": b"1,2\n", "notes.txt": b"old"}
    with sandbox.box(given) as box:
        assert streams(run(box, "print(open('data/x.csv').read())")) == "1,2\n\n"
        run(box, "open('notes.txt', 'w').write('newer')\nopen('plot.bin', 'wb').write(bytes(10))")
        run(
            box,
            "import os\nos.symlink('/etc/passwd', 'link.csv')\nos.makedirs('a/b')\n"
            "open('a/b/c.csv', 'w').close()",
        )
        written = {"notes.txt": b"newer", "plot.bin": bytes(10), "a/b/c.csv": b""}
        assert box.written_files() == WrittenFiles(written)
        del written["plot.bin"]
        assert box.written_files(max_bytes=5).files == written


def test_a_module_beside_the_notebook_can_be_imported(sandbox):
    with sandbox.box({"mine.py": b"value = 5"}) as box:
        assert streams(run(box, "import mine\nprint(mine.value)")) == "5\n"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a\nb", "x" * 300])
def test_a_file_name_that_leaves_the_directory_is_refused(sandbox, name):
    with pytest.raises(SandboxError, match="not a name below the working directory"):
        sandbox.box({name: b""})


def test_cells_before_one_that_hangs_are_in_the_state_after_it(sandbox):
    with sandbox.box(limits=SHORT) as box:
        for source in ("a = [1]", "a.append(2)", "import random; a.append(3)"):
            assert run(box, source).kept
        assert not run(box, "a.append(4)\nwhile True: pass").kept
        assert streams(run(box, "print(a)")) == "[1, 2, 3]\n"
        assert not run(box, "import os; a.clear(); os._exit(3)").kept
        assert streams(run(box, "print(a)")) == "[1, 2, 3]\n"


def test_a_cell_that_cannot_be_run_again_leaves_the_checkpoint_as_the_state(sandbox):
    with sandbox.box(limits=SHORT) as box:
        assert run(box, "a = 1").kept
        soon = time.time() + 0.9 * SHORT.cell_s  # over when the next cell has hung
        once = f"import os, time\nif time.time() > {soon}: os._exit(1)\nb = 2"
        assert run(box, once).kept
        assert not run(box, "while True: pass").kept
        assert streams(run(box, "print('b' in globals(), 1 + 1)")) == "False 2\n"


@pytest.mark.parametrize("change", ["os.mkdir('figures')", "os.rename('data.txt', 'old.txt')"])
def test_a_cell_that_changed_files_is_not_run_again(sandbox, change):
    with sandbox.box({"data.txt": b"1"}, limits=SHORT) as box:
        assert run(box, f"import os\n{change}\ndef scale(n): return 2 / n").verdict is None
        assert run(box, "a = scale(4)").kept
        assert not run(box, "while True: pass").kept
        assert streams(run(box, "print(scale(1), a)")) == "2.0 0.5\n"


def test_the_random_state_of_a_cell_is_that_of_the_cells_after_it(sandbox):
    with sandbox.box(limits=SHORT) as box:
        run(box, "import random, numpy as np\nnp.random.seed(3)\nrandom.seed(3)")
        for _ in range(CELLS_A_CHECKPOINT + 1):
            run(box, "drawn = [np.random.rand(), random.random()]")
        assert not run(box, "np.random.rand()\nwhile True: pass").kept
        with box.open_test() as process:
            drawn = process.fetch("drawn").value
    numpy_numbers, python_numbers = np.random.RandomState(3), random.Random(3)
    assert (
        drawn == [[numpy_numbers.rand(), python_numbers.random()] for _ in range(CELLS_A_CHECKPOINT + 1)][-1]
    )


def test_a_thread_that_goes_on_is_not_in_the_next_cell(sandbox):
    with sandbox.box() as box:
        run(box, "import threading, time\nthreading.Thread(target=time.sleep, args=[9], daemon=1).start()")
        assert streams(run(box, "print(threading.active_count())")) == "1\n"


def test_a_thread_that_goes_on_is_not_in_the_cell_after_a_held_state(sandbox):
    with sandbox.box() as box:
        run(box, "import threading, time")
        run(box, "threading.Thread(target=time.sleep, args=[9], daemon=1).start()")
        box.hold()
        assert streams(run(box, "print(threading.active_count())")) == "1\n"


def test_a_call_returns_plain_data_what_was_printed_and_what_changed(box):
    run(
        box,
        """
        import numpy as np
        def initialize(dims, *, scale):
            print('called')
            dims.append(9)
            return {'W1': np.ones((2, 3)) * scale, 'n': np.float64(1.5)}
        """,
    )
    with box.open_test() as process:
        answer = process.call("initialize", ([2, 3],), {"scale": 2})
    assert (answer.verdict, answer.stdout, answer.changed_arguments) == (None, "called\n", (0,))
    assert np.array_equal(answer.value["W1"], np.full((2, 3), 2.0))
    assert (answer.value["n"], type(answer.value["n"])) == (1.5, np.float64)
    assert answer.type_names == {}


def test_each_call_gets_fresh_arguments_and_calls_of_one_test_share_state(box):
    run(box, "calls = []\ndef f(d):\n    calls.append(list(d))\n    d.clear()\n    return len(calls)")
    dims = [1, 2]
    with box.open_test() as process:
        assert [process.call("f", (dims,)).value for _ in range(3)] == [1, 2, 3]
        assert process.fetch("calls").value == [[1, 2]] * 3
    with box.open_test() as process:
        assert process.call("f", (dims,)).value == 1
    assert dims == [1, 2]


def test_what_a_call_raises_is_named_by_its_nearest_built_in_type(box):
    run(box, "class Mine(KeyError): pass\ndef f(): raise Mine('no')\ndef g(): return 1 / 0")
    with box.open_test() as process:
        mine, zero = process.call("f"), process.call("g")
    assert (mine.verdict, mine.error_type, mine.error_message) == (Verdict.RAISED, "KeyError", "Mine: 'no'")
    assert (zero.error_type, zero.error_message) == ("ZeroDivisionError", "division by zero")
    assert "1 / 0" in zero.traceback


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("import sys; sys.exit(0)", Verdict.CRASHED),
        ("import os; os._exit(0)", Verdict.CRASHED),
        ("raise MemoryError", Verdict.MEMORY),
        ("return lambda: 1", Verdict.BAD_TYPE),
        ("x = []; x.append(x); return x", Verdict.BAD_TYPE),
        ("return f()", Verdict.RAISED),
    ],
)
def test_a_call_that_fails_has_its_verdict(box, body, verdict):
    run(box, f"def f():\n    {body}")
    with box.open_test() as process:
        assert process.call("f").verdict is verdict


def test_a_call_that_hangs_costs_its_own_test_only(sandbox):
    with sandbox.box(limits=SHORT) as box:
        run(box, "def hang():\n    while True: pass\ndef fine(): return 1")
        with box.open_test() as process:
            assert process.call("hang").verdict is Verdict.TIMEOUT
            assert process.call("fine").verdict is Verdict.TIMEOUT
        with box.open_test() as process:
            assert process.call("fine").value == 1


def test_a_name_is_data_callable_module_or_absent(box):
    run(box, "import numpy as np\nx = {'a': 1}\ndef f(): pass\nclass C: pass\no = object()")
    with box.open_test() as process:
        looks = {name: process.fetch(name) for name in ("x", "f", "C", "np", "o", "nothing", "print")}
        called = process.call("nothing"), process.call("x")
    assert {name: look.kind for name, look in looks.items()} == {
        "x": "data",
        "f": "callable",
        "C": "callable",
        "np": "module",
        "o": "data",
        "nothing": "absent",
        "print": "absent",
    }
    assert (looks["x"].value, looks["np"].value) == ({"a": 1}, "numpy")
    assert looks["o"].verdict is Verdict.BAD_TYPE
    assert [answer.verdict for answer in called] == [Verdict.NOT_FOUND] * 2


def test_a_random_state_travels_with_a_call_and_none_is_entropy(box):
    run(
        box,
        """
        import random
        import numpy as np
        def draw(): return [np.random.rand(), random.random()]
        """,
    )
    import random

    np.random.seed(3)
    random.seed(3)
    state = {"numpy": np.random.get_state(), "random": random.getstate()}
    expected = [np.random.rand(), random.random()]
    with box.open_test() as process:
        assert process.call("draw", random_state=state).value == expected
        assert process.call("draw", random_state=state).value == expected
        free = [process.call("draw").value for _ in range(3)]
        half = process.call("draw", random_state={"numpy": state["numpy"], "random": None}).value
    assert len({tuple(pair) for pair in [*free, expected]}) == 4
    assert (half[0], half[1] == expected[1]) == (expected[0], False)


def test_two_boxes_draw_different_random_numbers(sandbox):
    drawn = set()
    for _ in range(2):
        with sandbox.box() as box:
            drawn.add(
                streams(run(box, "import random, numpy as np\nprint(random.random(), np.random.rand())"))
            )
    assert len(drawn) == 2


def test_an_argument_that_cannot_cross_is_the_callers_error(box):
    run(box, "def f(x): return 1")
    with box.open_test() as process, pytest.raises(UnsupportedValueError):
        process.call("f", (lambda: 1,))


def test_a_test_run_inside_sees_the_students_names_and_leaves_none(box):
    run(box, "x = 5")
    with box.open_test() as process:
        inside = process.run_inside("assert x == 5\ny = 1\n0.5")
        assert (inside.verdict, inside.outputs[0]["data"]) == (None, {"text/plain": "0.5"})
        assert process.run_inside("assert x == 6").error_type == "AssertionError"
    assert run(box, "y").error_type == "NameError"


def test_a_test_sees_the_names_of_its_place(box):
    run(box, "def f(): return 1")
    with box.open_test() as process:
        assert process.call("f").value == 1
        assert process.call("later").verdict is Verdict.NOT_FOUND
    run(box, "def f(): return 2\ndef later(): return 3")
    with box.open_test() as process:
        assert (process.call("f").value, process.call("later").value) == (2, 3)


def test_what_a_test_prints_behind_pythons_back_stays_out_of_later_cells(box):
    run(box, "import os\ndef f(): os.system('echo test'); return 1")
    with box.open_test() as process:
        assert process.call("f").stdout == "test\n"
    assert streams(run(box, "print('cell')")) == "cell\n"


def test_the_time_of_a_submission_is_limited_in_all(sandbox):
    with sandbox.box(limits=dataclasses.replace(SHORT, cell_s=30, submission_s=0.5)) as box:
        run(box, "x = 1")
        assert run(box, "while True: pass").verdict is Verdict.TIMEOUT
        assert run(box, "x = 2").verdict is Verdict.TIMEOUT


def test_tests_have_the_time_of_a_submission_once_more_and_each_that_of_a_call(sandbox):
    with sandbox.box(limits=dataclasses.replace(SHORT, cell_s=1.0, submission_s=0.5)) as box:
        run(box, "import time\ndef wait():\n    while True: time.sleep(0.01)\ndef f(): return 1")
        assert run(box, "wait()").verdict is Verdict.TIMEOUT
        for limit_s in (1.5, 1.0, 1.0):  # the first takes what all have in common
            with box.open_test() as process:
                assert process.fetch("wait").kind == "callable"
                assert process.call("f").value == 1
                stopped = process.call("wait")
            assert stopped.verdict is Verdict.TIMEOUT
            assert limit_s - 0.5 < stopped.seconds < limit_s + 1.5


def test_a_held_state_outlives_what_later_cells_do(sandbox):
    with sandbox.box(limits=SHORT) as box:
        run(box, "x = 1")
        state = box.hold()
        run(box, "x = 2")
        assert run(box, "import os; os._exit(3)").verdict is Verdict.CRASHED
        assert run(box, "while True: pass").verdict is Verdict.TIMEOUT
        for held, value in ((state, 1), (None, 2), (state, 1)):
            with box.open_test(held) as process:
                assert process.fetch("x").value == value
                process.run_inside("x = 3")
        box.release(state)
        with box.open_test(state) as process:
            assert process.fetch("x").verdict is Verdict.CRASHED
        with box.open_test() as process:
            assert process.fetch("x").value == 2


def test_a_notebook_that_outgrows_the_memory_keeps_the_states_held_before(sandbox):
    with sandbox.box(limits=dataclasses.replace(GENEROUS, memory_bytes=192 * MEBIBYTE)) as box:
        run(box, "x = 'early'; kept = []")
        state = box.hold()
        verdicts = [run(box, "kept.append(b'1' * 40_000_000)").verdict for _ in range(8)]
        assert verdicts[0] is None
        assert verdicts[-1] is Verdict.MEMORY
        assert set(verdicts) == {None, Verdict.MEMORY}
        with box.open_test(state) as process:
            assert process.fetch("x").value == "early"


def test_what_a_test_shares_with_the_state_it_is_forked_from_counts_once_beside_files(sandbox):
    with sandbox.box(limits=SMALL) as box:
        run(box, "x = 1; big = b'1' * 85_000_000; open('file', 'wb').write(bytes(50_000_000))")
        state = box.hold()
        run(box, "del big")
        with box.open_test(state) as process:
            process.run_inside("import time; time.sleep(0.3)")  # the keeper looks 20 times a second
            assert process.fetch("x").value == 1


@pytest.mark.parametrize("tier", ["full", pytest.param("landlock", marks=pytest.mark.slow)])
def test_files_that_leave_no_memory_for_all_states_end_the_last_held_first(tier):
    with open_sandbox(tier) as sandbox, sandbox.box(limits=SMALL) as box:
        states = []
        for number in range(2):
            assert run(box, f"x = {number}; big = b'1' * 60_000_000").verdict is None
            states.append(box.hold())
        run(box, "del big")
        files = "for part in range(2):\n    open(f'file{part}', 'wb').write(bytes(50_000_000))"
        wait = "\nimport time; time.sleep(0.3)"  # the disk of this tier is looked at 20 times a second
        assert run(box, files + wait * (tier == "landlock")).verdict is Verdict.MEMORY
        assert run(box, "1").verdict is Verdict.MEMORY
        with box.open_test(states[0]) as process:
            assert process.fetch("x").value == 0
        for gone in (states[1], None):
            with box.open_test(gone) as process:
                assert process.fetch("x").verdict is Verdict.MEMORY


def test_what_a_notebook_printed_does_not_fill_its_memory(sandbox):
    limits = dataclasses.replace(SMALL, output_bytes=MEBIBYTE, output_hard_bytes=64 * MEBIBYTE)
    with sandbox.box(limits=limits) as box:
        for _ in range(12):
            assert run(box, "print('1' * 20_000_000)").verdict is None


def test_after_a_cell_that_hangs_the_notebook_goes_on_from_a_held_state(sandbox):
    with sandbox.box(limits=SHORT) as box:
        run(box, "import numpy as np; np.random.seed(3); x = 1")
        state = box.hold()
        run(box, "drawn = [np.random.rand()]; x = 2")
        assert not run(box, "while True: pass").kept
        run(box, "drawn.append(np.random.rand())")
        for held, value in ((state, 1), (None, 2)):
            with box.open_test(held) as process:
                assert process.fetch("x").value == value
        box.release(state)
        assert not run(box, "while True: pass").kept
        with box.open_test() as process:
            assert process.fetch("drawn").value == np.random.RandomState(3).rand(2).tolist()


def test_a_test_that_is_prepared_sees_its_own_state_and_no_other_gets_it(box):
    states = []
    for number in range(2):
        run(box, f"x = {number}")
        states.append(box.hold())
    for state, after, value in ((states[0], states[0], 0), (states[0], states[1], 0), (None, states[0], 1)):
        with box.open_test(state) as process:
            box.prepare_test(after)
            assert process.fetch("x").value == value
            process.run_inside("x = 9")
    with box.open_test(states[1]) as process:
        assert process.fetch("x").value == 1
    box.release(states[1])
    box.prepare_test(states[1])
    with box.open_test(states[1]) as process:
        assert process.fetch("x").verdict is Verdict.CRASHED


def test_what_ends_one_test_does_not_end_the_one_prepared_meanwhile(sandbox):
    with sandbox.box(limits=SMALL) as box:
        run(box, "def hog(): return [b'1' * 50_000_000 + bytes([i]) for i in range(40)]\nx = 1")
        state = box.hold()
        for call, verdict in (("hog", Verdict.MEMORY), ("exit", Verdict.CRASHED)):
            with box.open_test(state) as process:
                box.prepare_test(state)
                assert process.call(call).verdict is verdict
            with box.open_test(state) as process:
                assert process.fetch("x").value == 1


def test_a_box_that_is_prepared_is_the_next_one_and_knows_the_memo(sandbox):
    memo = Memo()
    memo.put("prepared", {"costs": np.array([0.75])})
    seen = "from init_utils.memo import MEMO\nprint(MEMO.get('prepared') is not None)"
    sandbox.prepare()
    with sandbox.box({"data.txt": b"1"}, dataclasses.replace(GENEROUS, cell_s=0.5)) as box:
        assert run(box, "while True: pass").verdict is Verdict.TIMEOUT
    with sandbox.box({"data.txt": b"1"}) as box:
        assert streams(run(box, seen + "; print(open('data.txt').read())")) == "False\n1\n"
    sandbox.prepare()
    sandbox.add_memo(memo.to_bytes())
    sandbox.prepare()
    with sandbox.box() as box:
        assert streams(run(box, seen)) == "True\n"
    sandbox.prepare()


def test_a_box_that_lies_ready_sleeps():
    with open_sandbox("none") as sandbox:
        sandbox.prepare()
        sandbox.await_zygote()
        warm = psutil.Process(sandbox._process.pid)
        wait_until(lambda: len(warm.children(recursive=True)) == 2)
        ready = warm.children(recursive=True)
        wait_until(lambda: all(process.status() == psutil.STATUS_SLEEPING for process in ready))
        time.sleep(0.5)
        awake = [process.num_ctx_switches().voluntary for process in ready]
        time.sleep(0.5)
        assert [process.num_ctx_switches().voluntary for process in ready] == awake


def test_only_so_many_states_are_held(box):
    states = [box.hold() for _ in range(MOST_HELD + 1)]
    assert [state is None for state in states] == [False] * MOST_HELD + [True]
    box.release(states[0])
    assert box.hold() is not None


def test_a_forking_cell_answers_once(box):
    assert run(box, "import os\npid = os.fork()\nprint(pid == 0)").verdict is None
    assert streams(run(box, "print('on')")) == "on\n"


def test_several_threads_share_one_warm_process(sandbox):
    texts: dict[int, str] = {}

    def work(i: int) -> None:
        with sandbox.box() as box:
            texts[i] = streams(run(box, f"print({i} * 10)"))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == {i: f"{i * 10}\n" for i in range(4)}


def test_the_warm_process_has_one_thread_and_no_words_of_the_grader(sandbox):
    assert sandbox.await_zygote()["threads"] == 1
    with sandbox.box() as box:
        seen = streams(run(box, "import os, sys\nprint(sys.argv, sorted(os.environ), sys.path)"))
    assert "AUTOGRADER" not in seen
    assert str(Path.cwd()) + "'" not in seen


def test_the_warm_process_has_its_home_in_the_sandboxs_own_folder(sandbox):
    # Without one IPython makes a folder in /tmp that nobody removes.
    with sandbox.box() as box:
        seen = streams(run(box, "import os; print(os.path.dirname(get_ipython().ipython_dir))")).strip()
    assert seen == ("/box" if sandbox.tier == "full" else str(sandbox._boxes / "home"))


def test_memo_entries_reach_every_box(sandbox):
    memo = Memo()
    memo.put("key", {"costs": np.array([0.5, 0.25])})
    assert sandbox.add_memo(memo.to_bytes()) == 1
    with sandbox.box() as box:
        seen = streams(run(box, "from init_utils.memo import MEMO\nprint(MEMO.get('key')['costs'].tolist())"))
    assert seen == "[0.5, 0.25]\n"


def test_a_tier_that_does_not_exist_is_refused():
    with pytest.raises(SandboxError, match="no tier 'strong'; there are full, wasm, landlock, none"):
        Sandbox("strong")


def test_closing_ends_every_process_and_removes_every_folder():
    made = Sandbox("none", GENEROUS, preload=Preload(modules=()))
    folder, process = made._folder, made._process
    box = made.box()
    box.run_cell("x = 1")
    made.prepare()
    made.close()
    box.close()
    assert (folder.exists(), process.poll() is None) == (False, False)


GRADER = """
import sys
from autograder.sandbox import Limits, Sandbox, Preload
box = Sandbox(sys.argv[1], Limits(), preload=Preload(modules=())).box()
print("working", flush=True)
box.run_cell(f"import subprocess, time; mark = {{'MARK': {sys.argv[2]!r}}}\\n"
    "subprocess.Popen(['sleep', '300'], env=mark, start_new_session=True); time.sleep(300)")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("tier", ["full", *(pytest.param(tier, marks=SLOW) for tier in ("landlock", "none"))])
def test_a_killed_grader_leaves_no_process(tier, tmp_path):
    if (obstacle := tier_parts.obstacle(tier)) is not None:
        pytest.skip(f"tier {tier}: {obstacle}")
    mark = tmp_path.name
    grader = subprocess.Popen([sys.executable, "-c", GRADER, tier, mark], stdout=subprocess.PIPE, text=True)
    with grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == "working\n"
        wait_until(lambda: marked(mark))
        assert len(marked(mark)) == 1
        grader.send_signal(signal.SIGKILL)
    wait_until(lambda: not marked(mark))
    assert marked(mark) == []


def marked(mark: str) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"MARK={mark}".encode() in place.read_bytes():
                found.append(place.parent.name)
        except OSError:
            continue
    return found


def wait_until(condition) -> None:
    """Until it holds, or the time for anything to happen is long over."""
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.02)


def test_each_call_has_its_time_and_a_test_that_of_its_calls(sandbox):
    limits = dataclasses.replace(GENEROUS, cell_s=1.0, patience=30.0, calls_per_test=3)
    with sandbox.box(limits=limits) as box:
        box.run_cell(BURNING)
        with box.open_test() as process:
            assert [process.call("f", (0.6,)).value for _ in range(3)] == [1, 1, 1]
        with box.open_test() as process:
            stopped = process.call("f", (60,))
        assert (stopped.verdict, stopped.limit_s, stopped.calls) == (Verdict.TIMEOUT, 1.0, 1)
        assert 1.0 <= stopped.seconds < 3.0
        with box.open_test() as process:
            answers = [process.call("f", (0.7,)) for _ in range(6)]
        slow = next(answer for answer in answers if answer.verdict is not None)
        assert (slow.verdict, slow.limit_s) == (Verdict.TIMEOUT, 3.0)
        assert slow.calls > 3
        assert 2.5 <= slow.seconds < 6.0


def test_a_call_or_cell_that_sleeps_is_stopped_after_ten_times_its_time(sandbox):
    with sandbox.box(limits=dataclasses.replace(GENEROUS, cell_s=0.3)) as box:
        box.run_cell("import time\ndef f(seconds):\n    time.sleep(seconds)\n    return 1")
        with box.open_test() as process:
            assert process.call("f", (1.5,)).value == 1
            stopped = process.call("f", (60,))
        assert (stopped.verdict, stopped.limit_s, stopped.calls) == (Verdict.TIMEOUT, 3.0, 1)
        assert stopped.seconds >= 3.0
        assert box.run_cell("time.sleep(1.5)").verdict is None
        assert box.run_cell("time.sleep(60)").verdict is Verdict.TIMEOUT


def test_where_the_course_sets_the_time_a_sleep_ends_with_it(sandbox):
    # Far from the clock's end: what sleeps for a minute would return.
    with sandbox.box(limits=dataclasses.replace(GENEROUS, cell_s=1.0, patience=200.0, absolute=True)) as box:
        run(box, "import time\ndef f(seconds):\n    time.sleep(seconds)\n    return 1")
        assert box.run_cell("time.sleep(60)").verdict is Verdict.TIMEOUT
        with box.open_test(seconds=60.0) as process:
            assert process.time_of_calls_s == 1.0
            stopped = process.call("f", (60,))
        assert (stopped.verdict, stopped.limit_s, stopped.calls) == (Verdict.TIMEOUT, 1.0, 1)
        with box.open_test() as process:
            assert process.run_inside("f(60)").verdict is Verdict.TIMEOUT


def test_the_limits_of_a_test_are_ten_times_what_the_instructors_solution_took(sandbox):
    with sandbox.box(
        limits=dataclasses.replace(GENEROUS, cell_s=0.2, patience=30.0, calls_per_test=3)
    ) as box:
        box.run_cell(BURNING)
        with box.open_test(seconds=0.1) as process:
            assert process.call("f", (0.6,)).value == 1
            assert process.time_of_calls_s == 1.0
        with box.open_test(calls=20) as process:
            stopped = process.call("f", (0.6,))
        assert (stopped.verdict, stopped.limit_s, process.time_of_calls_s) == (Verdict.TIMEOUT, 0.2, 4.0)


def test_a_test_inside_the_process_has_the_time_of_several_calls(sandbox):
    with sandbox.box(limits=dataclasses.replace(GENEROUS, cell_s=0.5, patience=30.0)) as box:
        box.run_cell(BURNING)
        with box.open_test() as process:
            assert process.run_inside("assert [f(0.3), f(0.3), f(0.3)] == [1, 1, 1]").verdict is None
            assert process.run_inside("while True: pass").verdict is Verdict.TIMEOUT


def test_the_students_line_that_raised_is_reported_where_the_caller_asks_for_it(box):
    run(
        box,
        """
        import numpy as np
        def f(dims):
            a, b = dims
            return np.random.randn([a, b]) * 10
        """,
    )
    with box.open_test() as process:
        told = process.call("f", ([3, 2],), explain=True).raised_line
        untold = process.call("f", ([3, 2],)).raised_line
    assert untold is None
    assert told == RaisedLine(
        4,  # IPython leaves out empty lines at the start of a cell
        "return np.random.randn([a, b]) * 10",
        "np.random.randn([a, b])",
        {"np": Value("module", "numpy"), "a": Value("int", "3"), "b": Value("int", "2")},
    )


def test_a_student_who_replaces_what_the_report_uses_is_told_the_line_all_the_same(box):
    run(
        box,
        """
        import ast, linecache
        ast.walk = linecache.getline = None
        def f():
            return 1 / 0
        """,
    )
    with box.open_test() as process:
        answer = process.call("f", explain=True)
    assert (answer.verdict, answer.error_type) == (Verdict.RAISED, "ZeroDivisionError")
    assert answer.raised_line == RaisedLine(4, "return 1 / 0", "1 / 0", {})
