"""`--dask` where the scheduler or the coordinator is killed, and with every class of the corpus."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder import class_run
from autograder.class_options import Options, Progress
from autograder.course import Course, CourseError
from autograder.grading.defaults import LIMITS
from autograder.sandbox import best_tier
from autograder.storage import stored_results
from autograder.verdicts import Status
from tests import small_course
from tests.corpus_files import ROOT, all_cases
from tests.corpus_notebooks import ASSIGNMENT, hand_in
from tests.small_course import NAME
from tests.test_class_run import auto_scores
from tests.test_cluster import comparable

pytestmark = pytest.mark.slow

STUDENTS = [f"s{number:02}" for number in range(10)]
PATIENCE_S = 120
# One of each class of the corpus, four of the hostile: all of it takes minutes.
CASES = (
    "accepted/helper-in-extra-cell", "broken/binary", "hostile/answers-by-seen-input",
    "hostile/atexit-in-call", "hostile/gradebook-update", "hostile/ptrace", "leaks/by-pipe-and-shape",
    "limits/endless-loop-in-cell", "mistakes/he-xavier", "readable/colab", "right/plain",
    "structure/forged-points", "written/below-the-prompt",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _dask() -> None:
    pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    pytest.importorskip("cryptography", reason="cryptography is not installed (the extra `dask`)")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A class of ten, all of them right."""
    made = small_course.make_course(tmp_path / "course")
    for student in STUDENTS:
        small_course.hand_in(made, student)
    return made


@contextlib.contextmanager
def scheduler(
    folder: Path, protocol: str = "tcp", **variables: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler of its own on a free port of this machine, with one worker: its address and process."""
    folder.mkdir()
    file = folder / "scheduler.json"
    environment = dict(os.environ) | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"} | variables
    common: dict[str, Any] = {"env": environment, "cwd": ROOT, "stdout": -3, "stderr": -3}
    program = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    program += ["--protocol", protocol]
    started = [subprocess.Popen([*program, "--no-dashboard", "--scheduler-file", str(file)], **common)]
    try:
        until = time.monotonic() + PATIENCE_S
        while not file.is_file() or not file.stat().st_size:
            assert time.monotonic() < until
            time.sleep(0.05)
        program = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file)]
        program += ["--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory", str(folder)]
        started.append(subprocess.Popen(program, **common))
        yield json.loads(file.read_text())["address"], started[0]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(PATIENCE_S)


def test_where_the_scheduler_is_killed_that_is_said_and_the_same_command_goes_on(
    course: Course, tmp_path: Path
) -> None:
    def kill_early(progress: Progress) -> None:
        if progress.done == 3:
            process.send_signal(signal.SIGKILL)

    options = Options(isolation="none")
    with (
        scheduler(tmp_path / "first") as (address, process),
        pytest.raises(
            CourseError, match=r"^the cluster's scheduler is gone\. What was finished is kept; start"
        ),
    ):
        class_run.grade(course, NAME, dataclasses.replace(options, dask=address), kill_early)
    kept = set(stored_results(course, NAME))
    assert 3 <= len(kept) < len(STUDENTS)
    with scheduler(tmp_path / "second") as (address, _):
        results = class_run.grade(course, NAME, dataclasses.replace(options, dask=address))
    assert [(one.student, one.status, one.reused) for one in results] == [
        (name, Status.GRADED, name in kept) for name in STUDENTS
    ]
    assert set(auto_scores(course)) == set(STUDENTS)


def test_where_the_coordinator_is_killed_its_cluster_ends_and_the_same_command_goes_on(
    course: Course,
) -> None:
    program = [sys.executable, "-m", "autograder", "grade", NAME, "--course", str(course.root)]
    program += ["--isolation", "none", "--workers", "2", "--dask", "local"]
    run = subprocess.Popen(program, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None and len(stored_results(course, NAME)) < 3:
        time.sleep(0.02)
    family = psutil.Process(run.pid).children(recursive=True)
    run.send_signal(signal.SIGKILL)
    run.wait()
    _, left = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert [str(process) for process in left] == []
    kept = {
        student: one.result.to_dict()["graded_at"] for student, one in stored_results(course, NAME).items()
    }
    assert 3 <= len(kept) < len(STUDENTS)
    report = course.root / "results.json"
    subprocess.run([*program, "--json", str(report)], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    results = json.loads(report.read_text(encoding="utf-8"))["submissions"]
    assert [(one["student"], one["status"], one["reused"]) for one in results] == [
        (name, "graded", name in kept) for name in STUDENTS
    ]
    after = stored_results(course, NAME)
    assert {student: after[student].result.to_dict()["graded_at"] for student in kept} == kept
    assert set(auto_scores(course)) == set(STUDENTS)


def test_submissions_of_every_class_of_the_corpus_get_what_they_get_locally(tmp_path: Path) -> None:
    tier = best_tier(weakest="none")
    if tier == "none":
        pytest.skip("hostile code only runs in a sandbox; this machine has none")
    limits = dataclasses.replace(LIMITS, cell_s=5.0)
    graded = {}
    for dask in ("", "local"):
        made = Course(tmp_path / (dask or "here"))
        folder = made.source(ASSIGNMENT)
        folder.mkdir(parents=True)
        for path in (ROOT / "source" / ASSIGNMENT).glob("*.*"):
            (folder / path.name).write_bytes(path.read_bytes())
        for name in CASES:
            hand_in(name, all_cases()[name], made.root / "submitted")
        options = Options(workers=2, isolation=tier, limits=limits, dask=dask)
        graded[dask] = [comparable(one) for one in class_run.grade(made, ASSIGNMENT, options)]
    assert graded["local"] == graded[""]
    assert len(graded[""]) == len(CASES)
    assert {name.partition("/")[0] for name in CASES} == {name.partition("/")[0] for name in all_cases()}
