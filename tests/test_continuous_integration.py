"""`.ci/run` with programs that only say what they were asked for: a step that fails ends the run."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

CI = Path(__file__).resolve().parents[1] / ".ci"
# Says its name and words, notes them, and fails where they are those of FAILS.
PROGRAM = """#!/bin/bash
words="$(basename "$0") $*"
echo "$words"
echo "$words" >>"$NOTES"
[[ "$words" != $FAILS ]]
"""
STEPS = [
    "make .venv/.installed-dev*", "make js-check", "make lint", "make docs", "make demo", "make test",
    "make test-oldest", "make lite", "make test-newest *", "make test-long", "make nbgrader-suite",
    "autograder release --check", "make release", "installed_wheels *", "pip_lines *", "lab_answers *",
]  # fmt: skip
ONCE_MORE = {
    "make test": "python -m pytest -m not slow --last-failed *",
    "make test-long": "python -m pytest -m slow --last-failed *",
    "make nbgrader-suite": "python -m tests.nbgrader_suite --last-failed *",
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of nothing but the run, whose programs are in the path and in .venv/bin."""
    for name in ("run", "side_by_side"):
        (tmp_path / ".ci").mkdir(exist_ok=True)
        shutil.copy(CI / name, tmp_path / ".ci" / name)
    named = {
        ".ci": ["installed_wheels", "pip_lines", "lab_answers"],
        ".venv/bin": ["python", "autograder"],
        "programs": ["make", "chromium", "node", "npm", "python3.13"],
    }
    for folder, names in named.items():
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            (tmp_path / folder / name).write_text(PROGRAM)
            (tmp_path / folder / name).chmod(0o755)
    return tmp_path


def environment_of(clone: Path, fails: str = "") -> dict[str, str]:
    return os.environ | {
        "PATH": f"{clone / 'programs'}{os.pathsep}{os.environ['PATH']}",
        "NOTES": str(clone / "notes"),
        "FAILS": fails.replace(" ", r"\ "),
        "TMPDIR": str(clone),
    }


def run(clone: Path, fails: str = "") -> tuple[int, str, list[str]]:
    """Exit status, output, and which programs were asked for what, of the run in which one of them fails."""
    done = subprocess.run(
        [clone / ".ci" / "run"],
        env=environment_of(clone, fails),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, (clone / "notes").read_text().splitlines()


def matching(wanted: str, asked: list[str]) -> list[str]:
    pattern = re.compile(re.escape(wanted).replace(r"\*", ".*"))
    return [one for one in asked if pattern.fullmatch(one)]


def test_every_step_is_done_once(clone: Path) -> None:
    status, output, asked = run(clone)
    assert status == 0, output
    assert output.rstrip().splitlines()[-1].startswith("=== done (")
    for step in STEPS:
        assert len(matching(step, asked)) == 1, (step, asked)
    assert not [one for one in asked if "--last-failed" in one]
    # Each step has its own output, below its own line.
    lines = [re.sub(r" \(\d+ s since the start\)", "", line) for line in output.splitlines() if line]
    assert lines[lines.index("=== make lint") + 1] == "make lint"
    assert lines[lines.index("=== make docs") + 1] == "make docs"
    assert not list(clone.glob("tmp.*"))


@pytest.mark.parametrize("step", [step for step in STEPS if step not in ONCE_MORE])
def test_a_step_that_fails_ends_the_run(step: str, clone: Path) -> None:
    status, output, asked = run(clone, step)
    assert status != 0
    assert matching(step, asked)
    assert "=== done" not in output
    beside = {
        "make js-check": "make .venv*",
        "make lint": "make demo",
        "make docs": "make demo",
        "make demo": "make lint",
    }
    assert matching(beside.get(step, step), asked)  # what was beside it ends first
    later = {"make lint": "make docs", "make test-oldest": "make lite"}
    assert not matching(later.get(step, "lab_answers *" if "lab" not in step else ""), asked)


@pytest.mark.parametrize("step", ONCE_MORE)
def test_tests_that_fail_are_run_once_more(step: str, clone: Path) -> None:
    status, output, asked = run(clone, step)
    assert status == 0, output
    (again,) = [one for one in asked if "--last-failed" in one]
    assert matching(ONCE_MORE[step], [again])
    if step == "make nbgrader-suite":  # alone: not before what was beside it has ended
        assert asked.index(again) > asked.index(*matching("pip_lines *", asked))


@pytest.mark.parametrize("step", ONCE_MORE)
def test_tests_that_fail_twice_end_the_run(step: str, clone: Path) -> None:
    for name in ("make", "python"):
        place = clone / ("programs" if name == "make" else ".venv/bin") / name
        failing = step if name == "make" else ONCE_MORE[step]
        place.write_text(PROGRAM.replace("$FAILS", failing.replace(" ", r"\ ")))
    status, output, asked = run(clone)
    assert status != 0
    assert matching(ONCE_MORE[step], asked)
    assert "=== done" not in output


def test_a_run_that_is_ended_ends_what_it_started_and_shows_it(clone: Path) -> None:
    os.mkfifo(clone / "started")
    (clone / "programs" / "make").write_text(
        f'#!/bin/bash\necho "make $*"\necho $$ >{clone / "started"}\nexec sleep 600\n'
    )
    command = subprocess.Popen(
        [clone / ".ci" / "run"],
        env=environment_of(clone),
        stdout=subprocess.PIPE,
        text=True,
    )
    said = b""
    started = os.open(clone / "started", os.O_RDWR)  # it has no end while this is open
    try:
        while said.count(b"\n") < 2:
            ready, _, _ = select.select([started], [], [], 120)
            assert ready, said
            said += os.read(started, 1024)
        processes = [psutil.Process(int(line)) for line in said.splitlines()]
    finally:
        os.close(started)
        command.send_signal(signal.SIGTERM)
        output, _ = command.communicate()
    assert command.returncode != 0
    assert "make js-check" in output
    assert "make .venv/.installed-dev" in output
    _, left = psutil.wait_procs(processes, timeout=60)
    assert not left
