"""Attacks on the sandbox: each was tried by hand once, and stays here. All are bounded.

What must hold: the verdict is one of the student's, never ours; the box or at least the next box works on;
the grader's own processes and memory are unharmed.
"""

from __future__ import annotations

import dataclasses
import textwrap
import time

import psutil
import pytest

from autograder.sandbox import Limits, Preload, Sandbox, WrittenFiles, tier_parts
from autograder.sandbox.acts import ACTS, PRELUDE
from autograder.verdicts import Verdict

MEBIBYTE = 1 << 20
LIMITS = Limits(
    cell_s=10,
    submission_s=60,
    memory_bytes=256 * MEBIBYTE,
    processes=16,
    output_bytes=50_000,
    output_hard_bytes=2 * MEBIBYTE,
    disk_bytes=16 * MEBIBYTE,
    file_bytes=8 * MEBIBYTE,
    files=256,
)


@pytest.fixture(scope="module", params=["full", pytest.param("landlock", marks=pytest.mark.slow)])
def sandbox(request):
    obstacle = tier_parts.obstacle(request.param)
    if obstacle is not None:
        pytest.skip(f"tier {request.param}: {obstacle}")
    with Sandbox(
        request.param, LIMITS, preload=Preload(modules=("numpy", "init_utils"), packages=("init_utils",))
    ) as made:
        yield made


@pytest.fixture
def box(sandbox):
    with sandbox.box() as made:
        yield made


def run(box, source: str):
    return box.run_cell(textwrap.dedent(source))


# The sockets that a student's process has are its line to the grader.
SOCKETS = """
import os, stat
def sockets():
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                yield fd
        except OSError:
            pass
"""


@pytest.mark.parametrize(
    "forged",
    [
        "b'HTTP/1.1 200 OK' * 100",
        "b'AGF1' + bytes([255]) * 12",
        "b'AGF1' + (2**22).to_bytes(4, 'big') + bytes(8) + b'[' * 2**22",
        "b'AGF1' + (2).to_bytes(4, 'big') + bytes(8) + b'{}'",
        "format.pack({}, dict(report, verdict='internal-error'))",
        "format.pack({}, dict(report, outputs=7))",
        "format.pack({}, None)",
        "format.pack({'ok': True, 'pid': 'x'})",
        "format.to_bytes({'value': ['c', 10**400, 0]}, [])",
        "format.to_bytes({'value': ['l', *[['t', 0]] * 1000]}, [b'x' * 10**7])",
    ],
    ids=["http", "huge", "deep", "empty", "internal-error", "outputs", "none", "fork", "overflow", "repeats"],
)
def test_a_forged_report_counts_as_no_answer(box, forged):
    run(box, "x = 1")
    report = {"verdict": None, "error_type": "", "error_message": "", "seconds": 0.0, "outputs": []}
    lines = (
        SOCKETS,
        "import inside.message_format as format",
        f"report = {report!r}",
        f"for fd in sockets(): os.write(fd, {forged})",
        "os._exit(0)",
    )
    forged = box.run_cell("\n".join(lines))
    assert (forged.verdict, forged.kept) == (Verdict.CRASHED, False)
    assert run(box, "assert x == 1").verdict is None


def test_a_forged_verdict_of_ours_is_never_taken_from_a_call(box):
    run(box, SOCKETS)
    run(
        box,
        """
        import inside.message_format as format
        def f():
            report = dict(verdict='internal-error', kind='data', changed=[], names={}, seconds=0.0, stderr='',
                          stdout='', traceback='', error_type='', error_message='')
            buffers = []
            for fd in sockets():
                tree = format.encode(report, buffers)
                os.write(fd, format.to_bytes({'report': tree, 'value': None}, buffers))
            os._exit(0)
        """,
    )
    with box.open_test() as process:
        assert process.call("f").verdict is Verdict.CRASHED
        assert process.call("f").verdict is Verdict.CRASHED


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.closerange(0, 256)",
        "import sys, os; sys.stdout.close(); os.close(1)",
        "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.kill(os.getppid(), 9)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "import os; os.kill(0, 9)",
        "import threading\nwhile True: threading.Thread(target=threading.Event().wait).start()",
        "import json, os, socket\njson.dumps = os.write = os.fork = socket.socket.sendall = None",
        "import sys; sys.modules['inside.message_format'].to_bytes = None",
        "import inside.student_server as s; s.StudentServer.serve = s.StudentServer._fork = None",
        "get_ipython().run_cell = None",
        "import builtins; builtins.len = builtins.open = builtins.isinstance = None",
        "files = [open('/dev/null') for _ in range(1000)]",
        "import os\nwhile True: os.open('/dev/null', 0)",
        "import gc\nfor o in gc.get_objects():\n    if isinstance(o, dict) and '_socket' in o: o.clear()",
    ],
)
def test_sabotage_of_its_own_process_is_the_submissions_own_loss(sandbox, source):
    quick = dataclasses.replace(LIMITS, cell_s=1)
    with sandbox.box(limits=quick) as box:
        run(box, "def f(): return 1")
        box.run_cell(source)
        with box.open_test() as process:
            answer = process.call("f")
        assert answer.verdict is not Verdict.INTERNAL_ERROR
        assert (answer.verdict, answer.value) in [(None, 1), *((verdict, None) for verdict in Verdict)]
    with sandbox.box() as box:
        assert run(box, "x = 1").verdict is None


def test_killing_every_process_reaches_none_but_its_own(sandbox):
    with sandbox.box() as neighbour, sandbox.box() as box:
        run(neighbour, "x = 1")
        run(box, "import os, subprocess\ny = 1")
        assert run(box, "os.kill(-1, 9); os._exit(0)").error_type == "ProcessLookupError"
        assert run(box, "p = subprocess.Popen(['sleep', '9']); os.kill(-1, 9); p.wait()").verdict is None
        assert run(box, "assert y == 1").verdict is None
        assert run(neighbour, "assert x == 1").verdict is None


ODD_FIELDS = ("np.zeros(0)", "np.zeros(3)", "[5]", "1.5", "None", "{}", "True", "10**30")


@pytest.mark.parametrize("field", ["name", "text", "output_type", "data", "metadata", "traceback", "ename"])
def test_an_output_with_a_field_of_another_type_is_left_out(box, field):
    kind = {"name": "stream", "text": "stream", "data": "display_data", "metadata": "display_data"}
    form = {
        "output_type": kind.get(field, "error"),
        "name": "stdout",
        "text": "x",
        "ename": "E",
        "evalue": "v",
    }
    form |= {"data": {"text/plain": "x"}, "metadata": {}, "traceback": []}
    run(box, "import numpy as np")
    for value in ODD_FIELDS:
        if value != "{}" or field not in ("data", "metadata"):
            add = f"get_ipython().__class__.outputs._items.append({form!r} | {{{field!r}: {value}}})"
            assert run(box, f"{add}\nprint('kept')").outputs == [
                {"output_type": "stream", "name": "stdout", "text": "kept\n"}
            ]


def start_without_its_first_thread(size: int) -> str:
    """A process whose first thread ends while another holds memory, as source."""
    return f"""
        import ctypes, os, threading, time
        def start():
            pid = os.fork()
            if pid == 0:
                def work():
                    time.sleep(0.1)
                    block = bytearray({size})
                    for i in range(0, {size}, 4096): block[i] = 1
                    while True: time.sleep(1)
                threading.Thread(target=work).start()
                ctypes.CDLL(None).syscall({{"x86_64": 60, "aarch64": 93}}[os.uname().machine], 0)
            return pid
    """


def test_memory_of_a_process_whose_first_thread_has_ended_counts(box):
    run(box, start_without_its_first_thread(80 * MEBIBYTE))
    held = run(box, "pids = [start() for _ in range(5)]\ntime.sleep(6)")
    assert held.verdict is Verdict.MEMORY
    assert run(box, "x = 1").verdict is None


def test_a_process_whose_first_thread_has_ended_is_ended_with_its_cell(sandbox):
    with sandbox.box() as box:
        run(box, start_without_its_first_thread(MEBIBYTE))
        started = run(box, "print(start()); time.sleep(0.3)")
        pid = int(started.outputs[0]["text"])
        assert run(box, "x = 1").verdict is None
        if sandbox.tier == "full":
            # No thread is left; that it is not reaped yet is its parent's affair.
            look = (
                f"import os; print(os.listdir('/proc/{pid}/task') if os.path.exists('/proc/{pid}') else [])"
            )
            assert run(box, look).outputs[0]["text"] in ("[]\n", f"['{pid}']\n")
    # Numbers in the tier landlock are the machine's: nothing outlives the box.
    assert sandbox.tier == "full" or not psutil.pid_exists(pid)


NEST = """
    import os
    here = os.getcwd()
    for _ in range(1500):
        os.mkdir("d"); os.chdir("d")
    os.chdir(here)
"""


def test_folders_inside_folders_cost_the_cell_that_makes_them_and_no_other(sandbox):
    with sandbox.box(limits=dataclasses.replace(LIMITS, files=4096)) as box:
        run(box, "def f(): return 1")
        run(box, "def g(): return 2")
        state = box.hold()
        run(box, "def h(): return 3")
        assert run(box, NEST).verdict in (None, Verdict.CRASHED)
        assert run(box, "def i(): return f() + g() + h()").verdict is None
        assert box.written_files() == WrittenFiles()
        with box.open_test() as process:
            assert process.call("i").value == 6
        with box.open_test(state) as process:
            assert process.call("g").value == 2


def test_a_closed_working_directory_costs_no_other_cell(sandbox):
    with sandbox.box() as box:
        run(box, "import os\ndef f(): os.chmod('.', 0); return 1\ndef g(): return 2")
        state = box.hold()
        run(box, "x = 1")
        with box.open_test(state) as process:
            assert process.call("f").value == 1
        run(box, "f()")
        run(box, "y = 1")
        for held in (state, None):
            with box.open_test(held) as process:
                assert process.call("g").value == 2


def test_too_many_files_of_one_cell_leave_room_for_the_next(sandbox):
    with sandbox.box({"data/given.txt": b"1"}) as box:
        run(box, "def f(): return open('data/given.txt').read()")
        run(box, "import time\nfor i in range(2000):\n    open(f'{i}', 'w').close()\n    time.sleep(1e-4)")
        for _ in range(3):
            assert run(box, "x = f()").verdict is None
        with box.open_test() as process:
            assert process.call("f").value == "1"


def test_cells_before_one_that_crashes_keep_their_functions_whatever_it_did_to_files(sandbox):
    with sandbox.box({"data.txt": b"1"}) as box:
        run(box, "def f(): return 1")
        run(box, "import os\nif not os.path.exists('data.txt'): os._exit(1)\ndef g(): return 2")
        run(box, "def h(): return 3")
        assert run(box, "os.unlink('data.txt'); os._exit(1)").verdict is Verdict.CRASHED
        with box.open_test() as process:
            assert [process.call(name).value for name in ("f", "h")] == [1, 3]


def test_built_in_names_replaced_by_a_student_are_the_students_own(box):
    replaced = ("len", "isinstance", "open", "str", "sum", "sorted", "range", "type", "dict", "list", "super")
    run(box, "def f(): return 1\ndef g(): return len('ab')")
    run(box, f"import builtins\nfor name in {replaced!r}: setattr(builtins, name, None)")
    assert run(box, "print(1)").outputs[0]["text"] == "1\n"
    assert run(box, "__builtins__.__dict__.clear()").verdict is None
    with box.open_test() as process:
        assert process.call("f").value == 1
        assert process.call("g").error_type in ("TypeError", "NameError")
        assert process.call("f").value == 1


def test_a_slow_fork_is_the_submissions_own_time(sandbox):
    limits = dataclasses.replace(LIMITS, submission_s=1.5)
    with sandbox.box(limits=limits) as box:
        hook = "os.register_at_fork(before=lambda: time.sleep(0.8))"
        run(box, f"import os, time\nexec({hook!r}, {{'os': os, 'time': time, '__name__': 'library'}})")
        start = time.monotonic()
        verdicts = [run(box, "x = 1").verdict for _ in range(20)]
        assert verdicts[-1] is Verdict.TIMEOUT
        assert time.monotonic() - start < 12


def test_memory_kept_in_checkpoints_and_children_is_added_up(sandbox):
    with sandbox.box() as box:
        for i in range(8):
            grown = run(box, f"hoard_{i} = bytearray(b'x' * {64 * MEBIBYTE})")
            if grown.verdict is not None:
                break
        assert grown.verdict is Verdict.MEMORY
        assert 2 <= i <= 4


def test_memory_that_no_process_shows_cannot_be_made(box):
    for source in (
        "import mmap; mmap.mmap(-1, 4096)",
        "open('/dev/zero', 'r+b')",
        "import os; os.memfd_create('x')",
    ):
        assert run(box, source).error_type in ("PermissionError", "FileNotFoundError")


def test_files_without_a_name_count_as_disk(box):
    filled = run(
        box,
        """
        import time
        kept = []
        for i in range(12):
            file = open(str(i), 'wb'); file.write(bytes(4 << 20)); file.flush(); kept.append(file)
            import os; os.unlink(str(i)); time.sleep(0.05)
        """,
    )
    # A quota refuses the write; without one the watch ends the cell.
    assert (filled.error_type, filled.verdict) in [("OSError", Verdict.RAISED), ("", Verdict.CRASHED)]


def test_processor_time_is_added_up_over_processes(sandbox):
    limits = dataclasses.replace(LIMITS, cpu_s=1.0)
    with sandbox.box(limits=limits) as box:
        burned = run(box, "import os\nfor _ in range(3): os.fork()\nwhile True: pass")
        assert burned.verdict is Verdict.TIMEOUT
        assert run(box, "while True: pass").verdict in (Verdict.TIMEOUT, Verdict.CRASHED)


def test_processor_time_of_children_whose_end_nobody_looks_at_counts(sandbox):
    limits = dataclasses.replace(LIMITS, cpu_s=1.5, cell_s=20)
    with sandbox.box(limits=limits) as box:
        burned = run(
            box,
            """
            import os, signal, time
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            while True:
                if os.fork() == 0:
                    while time.process_time() < 0.3: pass
                    os._exit(0)
                try: os.wait()
                except ChildProcessError: pass
            """,
        )
        assert burned.verdict is Verdict.TIMEOUT
        assert burned.seconds < 15


def test_the_dead_are_no_crowd(sandbox):
    with sandbox.box() as box:
        born = run(
            box,
            """
            import os, time
            born = 0
            for _ in range(2000):
                try: pid = os.fork()
                except OSError: break
                if pid == 0: os._exit(0)
                born += 1
                time.sleep(0.001)
            """,
        )
        if born.verdict is None:  # the kernel refused more
            with box.open_test() as process:
                assert process.fetch("born").value <= 2 * LIMITS.processes
        else:
            assert born.verdict is Verdict.CRASHED
        assert run(box, "x = 1").verdict is None


def test_processes_a_cell_leaves_are_ended_with_it(sandbox):
    with sandbox.box() as box:
        for _ in range(5):
            left = run(
                box,
                """
                import subprocess
                for _ in range(6): subprocess.Popen(['sleep', '600'], start_new_session=True)
                """,
            )
            assert left.verdict is None


def test_what_a_notebook_writes_is_taken_as_files_only(box):
    run(
        box,
        """
        import os
        open('good.txt', 'w').write('1')
        os.symlink('/etc/passwd', 'link')
        open('a\\nb', 'w').close()
        open('bell\\x07', 'w').close()
        open(b'\\xff', 'w').close()
        open('hole', 'wb').truncate(1 << 22)
        """,
    )
    assert set(box.written_files(max_bytes=1 << 20).files) == {"good.txt"}


FORGED = {
    "../above.txt": b"",
    "/etc/absolute.txt": b"",
    ".jupyter/jupyter_config.py": b"",
    ".env": b"",
    "evil.dist-info/entry_points.txt": b"",
    "x" * 300 + ".txt": b"",
    "given.csv/below.csv": b"",
    "GIVEN.csv": b"",
    "kept.csv": b"1",
    "Kept.csv": b"2",
    "numpy.py": b"",
}
LIE = """
import gc, inside.message_format as message_format, numpy as np
forged = {name: np.frombuffer(data, np.uint8) for name, data in FORGED.items()}
plain = {"files": forged, "links": {}, "left": {}, "folders": [], "gone": [], "is_whole": True}
(server,) = [one for one in gc.get_objects() if type(one).__name__ == "StudentServer"]
server._answers["files"] = lambda *_: message_format.pack({}, plain)
open("x", "w").close()
"""


def test_of_a_forged_list_of_files_only_names_of_data_are_kept(sandbox):
    with sandbox.box({"given.csv": b""}) as box:
        assert run(box, f"FORGED = {FORGED!r}\n{LIE}").verdict is None
        written = box.written_files()
    assert written.files == {"kept.csv": b"1"}
    hidden = ("../above.txt", ".jupyter/jupyter_config.py", ".env")  # not named: libraries make such files
    assert written.left_out == tuple(name[:200] for name in FORGED if name not in ("kept.csv", *hidden))


@pytest.mark.parametrize(
    "lie",
    [
        "7", "['x.csv']", "forged", "plain | {'files': {'x.csv': 'text'}}",
        "plain | {'files': {7: forged['.env']}}",
        "plain | {'links': {'x.csv': 7}}", "plain | {'left': {'x.csv': 7}}", "plain | {'is_whole': 1}",
    ],
)  # fmt: skip
def test_a_list_of_files_that_is_none_keeps_nothing(box, lie):
    run(box, f"FORGED = {FORGED!r}\n{LIE}")
    run(box, f"server._answers['files'] = lambda *_: message_format.pack({{}}, {lie})")
    assert box.written_files().files == {}


def test_files_beyond_their_number_and_size_are_left_out(sandbox):
    with sandbox.box(limits=dataclasses.replace(LIMITS, files=1000)) as box:
        run(box, "for i in range(300):\n    with open(f'{i:03}.csv', 'w') as file: file.write('x')")
        run(box, "with open('000.csv', 'w') as file: file.write('x' * 1000)")
        written = box.written_files(max_bytes=500)
    assert list(written.files) == [f"{i:03}.csv" for i in range(1, 201)]


@pytest.mark.parametrize(
    "source",
    [
        "class E(Exception):\n    def __str__(self): raise E\nraise E",
        "class M(type): __name__ = property(lambda c: 1 / 0)\nclass E(Exception, metaclass=M): pass\nraise E",
        "raise Exception('x' * 10**7)",
        "class E(BaseException): pass\nraise E",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
    ],
)
def test_odd_exceptions_are_still_exceptions(box, source):
    assert box.run_cell(source).verdict is Verdict.RAISED
    assert run(box, "x = 1").verdict is None


@pytest.mark.parametrize(
    "source",
    [
        "class R:\n    def __repr__(self): raise ValueError\nR()",
        "class R:\n    def _repr_html_(self): return 5\nR()",
        "class R:\n    def _repr_mimebundle_(self, **k): return {'text/plain': object(), 5: 'x'}\nR()",
        "class R:\n    def _repr_html_(self): return '\\ud800'\nR()",
        "from IPython.display import display\ndisplay({'text/plain': float('nan')}, raw=True)",
        "from IPython.display import display\nfor _ in range(1000): display(1)",
        "print('\\ud800')",
    ],
)
def test_odd_outputs_are_left_out_or_made_plain(box, source):
    shown = box.run_cell(source)
    assert len(shown.outputs) <= 201
    str(shown.outputs).encode()
    assert run(box, "x = 1").verdict is None


def test_a_dict_that_lies_about_itself_crosses_as_what_it_is(box):
    run(
        box,
        """
        class Liar(dict):
            def items(self): return [('W1', 'forged')]
            def __iter__(self): return iter(['W1'])
            def __getitem__(self, key): return 'forged'
        def f(): return Liar(W2=2)
        """,
    )
    with box.open_test() as process:
        assert process.call("f").value == {"W2": 2}


def test_a_value_that_changes_while_it_is_read_costs_only_itself(box):
    run(
        box,
        """
        import numpy as np
        class Odd(np.ndarray):
            def astype(self, *a, **k): raise RuntimeError
            def __array_finalize__(self, other):
                if getattr(self, 'armed', False): raise RuntimeError
        def f(): return np.zeros(2).view(Odd)
        class Meta(type):
            def __getattribute__(cls, name): raise RuntimeError
        class Int(int, metaclass=Meta): pass
        def g(): return Int(3)
        """,
    )
    with box.open_test() as process:
        assert list(process.call("f").value) == [0.0, 0.0]
        assert process.call("g").value == 3


def test_the_search_for_secrets_finds_one_that_is_there(sandbox):
    if sandbox.tier != "full":
        pytest.skip("without /proc there is no memory to search")
    (search,) = (act for act in ACTS if act.id == "canary")
    canary = "0123456789abcdefFEDCBA9876543210"
    given = {"canary_head": canary[:16], "canary_tail_reversed": canary[:15:-1]}
    look = (
        f"{PRELUDE}\ngiven = {given!r}\ndef act():\n{textwrap.indent(search.body, '    ')}\nprint(act() > 0)"
    )
    with sandbox.box() as box:
        clean, planted = box.run_cell(look), box.run_cell(f"secret = '{canary}'\n{look}")
    assert [run.outputs[0]["text"] for run in (clean, planted)] == ["False\n", "True\n"]


def test_nothing_of_all_this_reached_the_zygote(sandbox):
    # Runs last in this file, on the zygote that every attack above came from.
    assert sandbox.await_zygote()["threads"] == 1
    with sandbox.box() as box:
        assert run(box, "import init_utils, json, os; assert len('ab') == 2").verdict is None
