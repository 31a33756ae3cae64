"""Ten students hand in at once through a running service: the verdicts are those of an undisturbed run."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder import class_run
from autograder.class_options import Options
from autograder.course import Course
from autograder.serve.links import Links, Person
from autograder.serve.queue import serve_folder
from benchmarks.serve import is_same, judged, outcome_of
from tests import small_course
from tests.small_course import CLASS, NAME, REJECTED

httpx = pytest.importorskip("httpx", reason="httpx is not installed (the extra `test`)")
pytest.importorskip("uvicorn", reason="the service's packages are not installed (the extra `serve`)")

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 600.0
# Not those that use up their time or their output: they take longer than all others.
STUDENTS = sorted({*CLASS, REJECTED} - {"flood", "late", "loop"})


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[Course, str]]:
    """A course with a service as a process of its own, and its address."""
    course = small_course.make_course(tmp_path / "served")
    words = ["serve", "--course", str(course.root), "--port", "0", "--isolation", "none", "--workers", "2"]
    command = [sys.executable, "-m", "autograder", *words, "--root-in-container"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        yield course, process.stdout.readline().partition(" ")[0].rstrip("/")
        process.terminate()


@pytest.mark.slow
def test_ten_who_hand_in_at_once_get_the_verdicts_of_an_undisturbed_run(
    tmp_path: Path, service: tuple[Course, str]
) -> None:
    alone = small_course.make_course(tmp_path / "alone")
    small_course.hand_in_class(alone)
    chosen = Options(isolation="none", workers=1, students=tuple(STUDENTS))
    wanted = {one.student: outcome_of(one.to_dict()) for one in class_run.grade(alone, NAME, chosen)}
    assert sorted(wanted) == STUDENTS

    served, address = service
    links, together = Links(serve_folder(served)), threading.Barrier(len(STUDENTS))

    def hand_in(student: str) -> int:
        content = (alone.submitted(student, NAME) / f"{NAME}.ipynb").read_bytes()
        headers = {"Authorization": f"Bearer {links.token(Person(student), 1)}"}
        with httpx.Client(trust_env=False, timeout=PATIENCE_S, headers=headers) as client:
            together.wait(PATIENCE_S)
            answer = client.post(f"{address}/api/submissions?assignment={NAME}", content=content)
        return int(answer.status_code)

    with ThreadPoolExecutor(len(STUDENTS)) as pool:
        assert list(pool.map(hand_in, STUDENTS)) == [201] * len(STUDENTS)
    deadline = time.monotonic() + PATIENCE_S
    while len(found := judged(served)) < len(STUDENTS):
        assert time.monotonic() < deadline, httpx.get(f"{address}/health", trust_env=False).text
        time.sleep(0.2)
    told = {one.student: one.outcome for one in found}
    assert len(found) == len(told) == len(STUDENTS)
    other = {
        student: (outcome, wanted[student])
        for student, outcome in told.items()
        if not is_same(outcome, wanted[student])
    }
    assert json.dumps(other) == "{}"
