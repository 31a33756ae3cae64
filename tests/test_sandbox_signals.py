"""What one process of a box does to others: only what it started itself is in its reach."""

from __future__ import annotations

import textwrap
import time

import pytest

from autograder.sandbox import Limits, Preload, Sandbox, tier_parts
from autograder.verdicts import Verdict

LIMITS = Limits(cell_s=10, submission_s=60, memory_bytes=256 << 20, processes=24)


@pytest.fixture(scope="module", params=["full", pytest.param("landlock", marks=pytest.mark.slow)])
def sandbox(request):
    obstacle = tier_parts.obstacle(request.param)
    if obstacle is not None:
        pytest.skip(f"tier {request.param}: {obstacle}")
    with Sandbox(request.param, LIMITS, preload=Preload(modules=("numpy",))) as made:
        yield made


@pytest.fixture
def box(sandbox):
    with sandbox.box() as made:
        yield made


def cell(box, source: str):
    run = box.run_cell(textwrap.dedent(source))
    assert run.verdict is None, run
    return "".join(output["text"] for output in run.outputs if output["output_type"] == "stream")


# In the tier landlock a process cannot list the others: it tries all numbers around its own.
ATTACKS = {
    "all": "os.kill(-1, number)",
    "by pid": "[attempt(pid) for pid in range(max(2, os.getpid() - 60), os.getpid() + 60)]",
    "threads": "[attempt(pid, tgkill) for pid in range(max(2, os.getpid() - 60), os.getpid() + 60)]",
    "parent": "attempt(os.getppid())",
    "group": "os.setpgid(0, os.getppid())",
}
FUNCTIONS = """
import ctypes, os, platform, signal
libc = ctypes.CDLL(None, use_errno=True)
def tgkill(pid, number):
    if libc.syscall({"x86_64": 234, "aarch64": 131}[platform.machine()], pid, pid, number) < 0:
        raise OSError(ctypes.get_errno(), "tgkill")
def attempt(pid, send=os.kill):
    global number
    if pid != os.getpid():
        try: send(pid, number)
        except OSError: pass
def right(): return 45
def wrong(signal_number):
    global number
    number = signal_number
    try: ATTACK
    except OSError: pass
    return 0
"""


@pytest.mark.parametrize("number", [9, 19], ids=["SIGKILL", "SIGSTOP"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_function_reaches_no_state_of_another_exercise(box, attack, number):
    cell(box, FUNCTIONS.replace("ATTACK", ATTACKS[attack]))
    first = box.hold()
    cell(box, "x = 1")
    second = box.hold()
    cell(box, "x = 2")
    start = time.monotonic()
    with box.open_test(first) as process:
        box.prepare_test(second)
        process.call("wrong", (number,))
        assert process.call("right").verdict in (None, Verdict.CRASHED)
    for state in (second, first, None):
        with box.open_test(state) as process:
            assert process.call("right").value == 45
    assert cell(box, "print(x)") == "2\n"
    assert time.monotonic() - start < 8


def test_a_cell_after_the_function_reaches_no_state_either(box):
    cell(box, FUNCTIONS.replace("ATTACK", ATTACKS["by pid"]))
    state = box.hold()
    cell(box, "wrong(9); wrong(19)")
    with box.open_test(state) as process:
        assert process.call("right").value == 45


def test_signals_to_oneself_and_ones_children_work_as_ever(box):
    printed = cell(
        box,
        """
        import os, signal, subprocess, threading
        child = subprocess.Popen(["sleep", "100"])
        child.kill(); print(child.wait())
        try: subprocess.run(["sleep", "100"], timeout=0.1)
        except subprocess.TimeoutExpired: print("timeout")
        got = []
        signal.signal(signal.SIGUSR1, lambda *_: got.append(1))
        os.kill(os.getpid(), signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        os.killpg(0, signal.SIGUSR1)
        print(got)
        group = subprocess.Popen(["sh", "-c", "sleep 100; true"], start_new_session=True)
        os.killpg(group.pid, signal.SIGTERM); print(group.wait())
        rest = subprocess.Popen(["sleep", "100"])
        os.kill(-1, signal.SIGTERM); print(rest.wait())
        """,
    )
    assert printed == "-9\ntimeout\n[1, 1, 1, 1]\n-15\n-15\n"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("os.kill(2**22 - 1, 0)", "ProcessLookupError"),
        ("os.kill(os.getppid(), 0)", "PermissionError"),
        ("os.kill(os.getpid(), 1000)", "OSError"),
    ],
)
def test_a_signal_that_cannot_be_sent_gives_the_errors_of_the_system(box, source, error):
    assert box.run_cell(f"import os\n{source}").error_type == error


def test_a_process_with_a_fatal_signal_ends_as_ever(box):
    cell(box, "import os\ndef f(): os.abort()\ndef g(): os.kill(os.getpid(), 9)")
    for name in ("f", "g"):
        with box.open_test() as process:
            assert process.call(name).verdict is Verdict.CRASHED
