"""What the program does on a person's terminal: letters, pipes, Ctrl-C, folders that take nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder import cli
from tests.small_course import NAME, hand_in, make_course

PROGRAM = [sys.executable, "-m", "autograder"]
# As from a terminal: what a shell starts in the background ignores Ctrl-C, and so does all that this starts.
_HEED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
AT_A_TERMINAL = [sys.executable, "-c", _HEED]


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252"])
def test_a_terminal_that_lacks_a_letter_shows_a_question_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "source" / "प्रिया").mkdir(parents=True)
    (tmp_path / "source" / "प्रिया" / "प्रिया.ipynb").write_text("{}")
    done = subprocess.run(
        [*PROGRAM, "release", "--course", str(tmp_path)],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == cli.EXIT_USAGE
    assert b"Traceback" not in done.stderr
    assert b"/source/??????/??????.ipynb is not a notebook" in done.stderr


def test_a_pipe_that_nobody_reads_gives_one_sentence(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    make_course(tmp_path)
    done = subprocess.run(
        [*PROGRAM, "release", NAME, "--course", str(tmp_path)],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert done.stderr.decode() == "autograder: nobody reads the output any more; stopped there.\n"
    assert (tmp_path / "release" / NAME / f"{NAME}.ipynb").is_file()


def test_a_folder_that_takes_nothing_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_course(tmp_path)
    (tmp_path / "release").write_text("a file in the way of the folder")
    assert cli.main(["release", NAME, "--course", str(tmp_path)]) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        f"autograder: {tmp_path}/release/{NAME}: Not a directory. Check whose it is, and whether it may "
        "be written; "
        "what was finished is kept.\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send")
def test_ctrl_c_is_answered_also_where_another_thread_gets_the_signal() -> None:
    program = """
import signal, threading, time
from autograder.cli.terminal import ctrl_c_answers_at_once
other = threading.Thread(target=time.sleep, args=(50,), daemon=True)
other.start()
threading.Timer(0.5, lambda: signal.pthread_kill(other.ident, signal.SIGINT)).start()
with ctrl_c_answers_at_once():
    time.sleep(50)
"""
    words = [*AT_A_TERMINAL, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, timeout=40, check=False)
    assert done.returncode in (-signal.SIGINT, cli.EXIT_STOPPED)  # its own end, or that of the patience
    assert "\nStopped. What was finished is kept; the same command continues from there.\n" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send")
def test_ctrl_c_is_answered_at_once(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    hand_in(course, "ada", "import time\ndef double(x):\n    time.sleep(60)")
    program = subprocess.Popen(
        [*AT_A_TERMINAL, "-m", "autograder", "grade", NAME, "--course", str(tmp_path), "--isolation", "none"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    lock = tmp_path / ".autograder" / "lock"
    while not lock.exists() and program.poll() is None:
        time.sleep(0.05)
    program.send_signal(signal.SIGINT)
    started = time.monotonic()
    _, said = program.communicate(timeout=60)
    assert program.returncode == cli.EXIT_STOPPED
    assert said.decode().endswith(
        "\nStopped. What was finished is kept; the same command continues from there.\n"
    )
    assert time.monotonic() - started < 10
