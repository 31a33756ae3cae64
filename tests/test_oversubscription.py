"""More workers than processors: every verdict is the same, however many submissions share a core."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from autograder import class_run
from autograder.class_options import Options
from autograder.grading.defaults import LIMITS
from autograder.sandbox import best_tier
from tests import small_course
from tests.small_course import NAME

pytestmark = pytest.mark.slow

WORKS = """import time
def double(x):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    return 2 * x"""
# What uses up a limit does so in the visible check alone: a second time would show no more.
CLASS = {
    "right": small_course.RIGHT,
    "adds": "def double(x):\n    return x + x",
    "shifts": "def double(x):\n    return x << 1",
    "sums": "def double(x):\n    return sum([x, x])",
    "works": WORKS,
    "naps": "import time\ndef double(x):\n    time.sleep(0.5)\n    return 2 * x",
    "squares": "def double(x):\n    return x * x",
    "one-off": "def double(x):\n    return 2 * x + 1",
    "nothing": "def double(x):\n    pass",
    "raises": "def double(x):\n    raise ValueError(x)",
    "absent": "def triple(x):\n    return 3 * x",
    "loops": "def double(x):\n    while x == 2: pass\n    return 2 * x",
    "loops-in-the-cell": "while True: pass",
    "sleeps": "import time\ndef double(x):\n    if x == 2: time.sleep(1000)\n    return 2 * x",
    "eats-memory": "def double(x):\n    return [bytearray(10**8) for _ in range(1000)] if x == 2 else 2 * x",
    "leaves": "import os\ndef double(x):\n    os._exit(0)",
}


@pytest.mark.parametrize("workers", [1, 4, 8])
def test_the_number_of_workers_changes_no_verdict(
    workers: int, tmp_path: Path, two_workers: dict[str, Any]
) -> None:
    assert verdicts(tmp_path, workers) == two_workers


def test_each_kind_of_submission_has_the_verdict_that_it_deserves(two_workers: dict[str, Any]) -> None:
    told = {student: visible for student, (visible, _) in two_workers.items()}
    assert told == dict.fromkeys(("right", "adds", "shifts", "sums", "works", "naps"), "passed") | {
        "squares": "passed",  # of 2, which is all that the visible test asks
        "one-off": "wrong-answer",
        "nothing": "wrong-answer",
        "raises": "raised",
        "absent": "not-found",
        "loops": "timeout",
        "loops-in-the-cell": "not-found",
        "sleeps": "timeout",
        "eats-memory": "memory",
        "leaves": "crashed",
    }


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The verdicts with a worker for each of two cores."""
    return verdicts(tmp_path_factory.mktemp("two"), 2)


def verdicts(root: Path, workers: int) -> dict[str, Any]:
    """The verdict of each test, by student."""
    tier = best_tier(weakest="none")
    if tier == "none":
        pytest.skip("code that eats memory only runs in a sandbox; this machine has none")
    course = small_course.make_course(root)
    for student, answer in CLASS.items():
        small_course.hand_in(course, student, answer)
    # Time enough to fill the memory on a busy machine: which limit is met first must not depend on it.
    limits = dataclasses.replace(LIMITS, cell_s=1.5, submission_s=60.0, memory_bytes=450_000_000)
    results = class_run.grade(course, NAME, Options(workers=workers, isolation=tier, limits=limits))
    return {one.student: tuple(str(test.verdict) for test in one.tests) for one in results}
