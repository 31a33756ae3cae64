"""A class that hands in within one minute: acknowledgement, time to verdict, and equal verdicts.

    python -m benchmarks.serve                          100 students in 60 seconds; writes benchmarks/serve.md
    python -m benchmarks.serve --students 10 --seconds 6 --quick    printed only

The example class is graded undisturbed first. Then `autograder serve` runs as a process of its own, and as
many students as were asked for hand in the same notebooks, evenly spread; the times of acceptance and verdict
are those that the service wrote. The client runs on the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from autograder import class_run
from autograder.class_options import Options
from autograder.course import Course
from autograder.demo import build_course, find_example_class
from autograder.serve.links import Links, Person
from autograder.serve.queue import serve_folder

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_suffix(".md")
NAME = "initialization"
PARTS = 10  # of the class, in the order of acceptance


@dataclass(frozen=True)
class Handed:
    """One student's submission as the client saw it."""

    student: str
    story: str
    status: int
    seconds: float


@dataclass(frozen=True)
class Judged:
    """One submission as the service wrote it down."""

    student: str
    accepted_at: float
    seconds: float
    score: float | None


def undisturbed(course: Course, isolation: str) -> dict[str, float | None]:
    """The score of each story, graded by `autograder grade`."""
    results = class_run.grade(course, NAME, Options(isolation=isolation))
    return {result.student: sum(test.score for test in result.tests) for result in results}


def hand_in(address: str, token: str, student: str, story: str, content: bytes) -> Handed:
    """Hand one notebook in, and time the answer."""
    headers = {"Authorization": f"Bearer {token}"}
    began = time.perf_counter()
    answer = httpx.post(
        f"{address}/api/submissions",
        params={"assignment": NAME},
        content=content,
        headers=headers,
        timeout=60.0,
        trust_env=False,
    )
    return Handed(student, story, answer.status_code, time.perf_counter() - began)


def judged(course: Course) -> list[Judged]:
    """What the service has written down, by time of acceptance."""
    found = []
    for path in (serve_folder(course) / "done").glob("*.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        entry, result = data["entry"], data["result"]
        score = sum(test["score"] for test in result["tests"]) if result["status"] == "graded" else None
        seconds = data["finished_at"] - entry["accepted_at"]
        found.append(Judged(entry["student"], entry["accepted_at"], seconds, score))
    return sorted(found, key=lambda one: one.accepted_at)


def measure(students: int, seconds: float, isolation: str) -> str:
    """The whole measurement; the page in Markdown."""
    with tempfile.TemporaryDirectory(prefix="benchmark-serve-") as name:
        course = build_course(find_example_class(ROOT), Path(name))
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
        scores = undisturbed(course, isolation)
        notebooks = {
            story: (course.submitted(story, NAME) / f"{NAME}.ipynb").read_bytes()
            for story in scores
            if (course.submitted(story, NAME) / f"{NAME}.ipynb").is_file()
        }
        shutil.rmtree(course.root / course.submitted_directory)
        words = ["serve", "--course", str(course.root), "--port", "0", "--isolation", isolation]
        command = [sys.executable, "-m", "autograder", *words, "--root-in-container"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as service:
            try:
                assert service.stdout is not None
                address = service.stdout.readline().partition(" ")[0].rstrip("/")
                handed = _hand_in_all(course, address, notebooks, students, seconds)
                while len(judged(course)) < sum(one.status == 201 for one in handed):
                    time.sleep(1.0)
            finally:
                service.terminate()
        return page(handed, judged(course), scores, seconds, isolation, load)


def _hand_in_all(
    course: Course, address: str, notebooks: dict[str, bytes], students: int, seconds: float
) -> list[Handed]:
    links = Links(serve_folder(course))
    stories = sorted(notebooks)
    began = time.monotonic()
    with ThreadPoolExecutor(32) as pool:
        waiting = []
        for number in range(students):
            student, story = f"student{number:03}", stories[number % len(stories)]
            time.sleep(max(0.0, began + number * seconds / students - time.monotonic()))
            token = links.token(Person(student), 1)
            waiting.append(pool.submit(hand_in, address, token, student, story, notebooks[story]))
        return [one.result() for one in waiting]


def page(
    handed: Sequence[Handed],
    found: Sequence[Judged],
    scores: dict[str, float | None],
    seconds: float,
    isolation: str,
    load: float,
) -> str:
    """The figures in Markdown."""
    accepted = [one for one in handed if one.status == 201]
    stories = {one.student: one.story for one in handed}
    same = sum(one.score == scores[stories[one.student]] for one in found if one.score is not None)
    rejected = sum(one.score is None for one in found)
    answers = sorted(one.seconds for one in handed)
    lines = [
        "# A class that hands in within one minute",
        "",
        f"Written by `python -m benchmarks.serve`. {os.cpu_count()} cores, tier `{isolation}`; load of the "
        "machine "
        f"by other work when it began: {load:.1f}. The client ran on the same machine.",
        "",
        "| what | figure |",
        "| --- | --- |",
        f"| handed in | {len(handed)} within {seconds:g} s |",
        f"| accepted | {len(accepted)} |",
        f"| acknowledgement, median | {statistics.median(answers):.3f} s |",
        f"| acknowledgement, 95 % | {_at(answers, 0.95):.3f} s |",
        f"| acknowledgement, longest | {answers[-1]:.3f} s |",
        f"| verdicts equal to the undisturbed run | {same} of {len(found) - rejected} |",
        f"| could not be read, as in the undisturbed run | {rejected} |",
        f"| last verdict after the first notebook | {_whole(found):.0f} s |",
        "",
        "Time from acceptance to verdict, in the order of acceptance:",
        "",
        "| accepted | median | longest |",
        "| --- | --- | --- |",
    ]
    size = max(1, len(found) // PARTS)
    for begin in range(0, len(found), size):
        part = [one.seconds for one in found[begin : begin + size]]
        shown = f"{begin + 1} to {begin + len(part)}"
        lines.append(f"| {shown} | {statistics.median(part):.1f} s | {max(part):.1f} s |")
    return "\n".join(lines) + "\n"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _whole(found: Sequence[Judged]) -> float:
    return max(one.accepted_at + one.seconds for one in found) - found[0].accepted_at


def main(words: Sequence[str] | None = None) -> Any:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--isolation", default="full")
    parser.add_argument("--quick", action="store_true", help="print only")
    arguments = parser.parse_args(words)
    text = measure(arguments.students, arguments.seconds, arguments.isolation)
    sys.stdout.write(text)
    if not arguments.quick:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
