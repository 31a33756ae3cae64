"""A lock on a file: who holds it, and what is left of it when its holder is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from autograder.locks import Lock

ROOT = Path(__file__).resolve().parents[1]
HOLDS = """import sys, time
from pathlib import Path
from autograder.locks import Lock
with Lock(Path(sys.argv[1])) as lock:
    print(lock.take(), flush=True)
    lock.sign("for-long")
    print("signed", flush=True)
    time.sleep(600)"""


def test_a_lock_is_one_holders_until_it_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lock"
    with Lock(path) as one, Lock(path) as other:
        assert one.holder() == ("", "")
        assert one.take()
        assert one.take()
        one.sign()
        assert not other.take()
        assert other.holder() == (str(os.getpid()), "")
    with Lock(path) as other:
        assert other.take()


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    program = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with program, Lock(path) as ours:
        assert program.stdout is not None
        assert [program.stdout.readline(), program.stdout.readline()] == ["True\n", "signed\n"]
        assert not ours.take()
        assert ours.holder() == (str(program.pid), "for-long")
        program.kill()
        program.wait()
        assert ours.take()
