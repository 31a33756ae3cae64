"""A class that hands in within one minute: acknowledgement, time to verdict, and equal verdicts.

    python -m benchmarks.serve      100 students in 60 seconds; writes benchmarks/serve.md, .png and .json
    python -m benchmarks.serve --students 10 --seconds 6 --quick    printed only

The example class is graded undisturbed first. Then `autograder serve` runs as a process of its own, and as
many students as were asked for hand in the same notebooks, evenly spread; the times of acceptance and verdict
are those that the service wrote. The client runs on the same machine.

Stopped at any moment, the same command goes on: with the undisturbed outcomes that are there, and with a
queue into which everything was handed in. A minute of hand-ins that was interrupted begins again. About four
minutes on two quiet cores.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from autograder import class_run
from autograder.class_options import Options, Progress
from autograder.course import Course
from autograder.demo import build_course, find_example_class
from autograder.serve.links import Links, Person
from autograder.serve.queue import serve_folder
from autograder.verdicts import Status, cell_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_suffix(".md")
PICTURE = Path(__file__).with_suffix(".png")
FIGURES = Path(__file__).with_suffix(".json")  # for `benchmarks.deadline`
WORK = ROOT / "build" / "benchmark-serve"
NAME = "initialization"
PARTS = 10  # of the class, in the order of acceptance
WORKERS = os.cpu_count() or 1


@dataclass(frozen=True)
class Handed:
    """One student's submission as the client saw it."""

    student: str
    story: str
    status: int
    seconds: float


@dataclass(frozen=True)
class Judged:
    """One submission as the service wrote it down.

    Attributes
    ----------
    student : str
    accepted_at : float
        A moment in seconds.
    seconds : float
        From acceptance to verdict.
    worker_s : float
        Of these, in its worker.
    outcome : dict
        As `outcome_of` gives it.
    """

    student: str
    accepted_at: float
    seconds: float
    worker_s: float
    outcome: dict[str, Any]


def outcome_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """What must be equal in both runs: status, verdict and points of each test, why it was rejected.

    Parameters
    ----------
    result : mapping
        A `SubmissionResult` as JSON.
    """
    tests = [
        [cell_name(test.get("notebook", ""), test["grade_id"]), test["verdict"], test["score"]]
        for test in result["tests"]
    ]
    reason = result["reason"] if result["status"] == Status.REJECTED else ""
    return {"status": str(result["status"]), "reason": reason, "tests": tests}


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both are the same verdicts; where the grader failed there are none."""
    return one == other and one["status"] != Status.INTERNAL_ERROR


def undisturbed(course: Course, isolation: str) -> dict[str, dict[str, Any]]:
    """The outcome of each story, graded by `autograder grade`."""

    def follow(progress: Progress) -> None:
        say(f"undisturbed: {progress.done} of {progress.total}")

    results = class_run.grade(course, NAME, Options(isolation=isolation), follow)
    return {result.student: outcome_of(result.to_dict()) for result in results}


def say(sentence: str) -> None:
    """Tell how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {sentence}", file=sys.stderr, flush=True)


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
        seconds = data["finished_at"] - entry["accepted_at"]
        found.append(
            Judged(entry["student"], entry["accepted_at"], seconds, result["seconds"], outcome_of(result))
        )
    return sorted(found, key=lambda one: one.accepted_at)


@dataclass(frozen=True)
class Setting:
    """What is measured."""

    students: int
    seconds: float
    isolation: str

    @property
    def folder(self) -> Path:
        """Where everything lies until the page is written."""
        return WORK / f"{self.students}-{self.seconds:g}-{self.isolation}"


def measure(setting: Setting) -> Measured:
    """The whole measurement, from where an earlier one was stopped."""
    known = setting.folder / "outcomes.json"
    root = setting.folder / "course"
    if not known.is_file():
        shutil.rmtree(setting.folder, ignore_errors=True)
        setting.folder.mkdir(parents=True)
        course = build_course(find_example_class(ROOT), root)
        write(known, undisturbed(course, setting.isolation))
    course = Course(root)
    alone = read(known)
    handed_in = setting.folder / "handed-in.json"
    stories = [story for story in alone if example(course, story).is_file()]
    if not handed_in.is_file():  # also what a minute that was interrupted left in the queue
        shutil.rmtree(serve_folder(course))
        for folder in (course.results(NAME), course.root / "autograded"):
            shutil.rmtree(folder, ignore_errors=True)
    with service(course, setting.isolation) as address:
        if not handed_in.is_file():
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
            handed = _hand_in_all(course, address, stories, setting)
            write(handed_in, {"load": load, "runs": 0, "handed": [asdict(one) for one in handed]})
        about = read(handed_in)
        write(handed_in, about | {"runs": about["runs"] + 1})
        handed = [Handed(**one) for one in about["handed"]]
        wanted, done = sum(one.status == 201 for one in handed), -1
        while done < wanted:
            if (now := len(judged(course))) > done:
                done = now
                say(f"verdicts: {done} of {wanted}")
            time.sleep(1.0)
    return Measured(setting, handed, judged(course), alone, about["load"], about["runs"])


@dataclass(frozen=True)
class Measured:
    """Everything the page says: `alone` the outcomes undisturbed, `interruptions` of the wait for them."""

    setting: Setting
    handed: Sequence[Handed]
    found: Sequence[Judged]
    alone: dict[str, dict[str, Any]]
    load: float
    interruptions: int


def example(course: Course, story: str) -> Path:
    """The notebook of a story."""
    return course.submitted(story, NAME) / f"{NAME}.ipynb"


def read(path: Path) -> Any:
    """A file of JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def write(path: Path, content: Any) -> None:
    """Write JSON, whole or not at all."""
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(content), encoding="utf-8")
    beside.replace(path)


@contextmanager
def service(course: Course, isolation: str) -> Iterator[str]:
    """The service as a process of its own; its address."""
    words = ["serve", "--course", str(course.root), "--port", "0", "--isolation", isolation]
    words += ["--workers", str(WORKERS), "--root-in-container"]
    command = [sys.executable, "-m", "autograder", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().partition(" ")[0].rstrip("/")
        finally:
            process.terminate()


def _hand_in_all(course: Course, address: str, stories: Sequence[str], setting: Setting) -> list[Handed]:
    links = Links(serve_folder(course))
    say(f"{setting.students} students hand in within {setting.seconds:g} seconds")
    began = time.monotonic()
    with ThreadPoolExecutor(32) as pool:
        waiting = []
        for number in range(setting.students):
            student, story = f"student{number:03}", stories[number % len(stories)]
            moment = began + number * setting.seconds / setting.students
            time.sleep(max(0.0, moment - time.monotonic()))
            token = links.token(Person(student), 1)
            content = example(course, story).read_bytes()
            waiting.append(pool.submit(hand_in, address, token, student, story, content))
        return [one.result() for one in waiting]


def page(measured: Measured) -> str:
    """The figures in Markdown."""
    handed, found = measured.handed, measured.found
    accepted = [one for one in handed if one.status == 201]
    stories = {one.student: one.story for one in handed}
    other = [one for one in found if not is_same(one.outcome, measured.alone[stories[one.student]])]
    rejected = sum(one.outcome["status"] == Status.REJECTED for one in found)
    answers = sorted(one.seconds for one in handed)
    setting = measured.setting
    lines = [
        "# A class that hands in within one minute",
        "",
        f"Written by `python -m benchmarks.serve`. {WORKERS} cores, tier `{setting.isolation}`; load "
        f"of the machine by other work when the first notebook was handed in: {measured.load:.1f}. The "
        "client ran on the same machine.",
        "",
        "| what | figure |",
        "| --- | --- |",
        f"| handed in | {len(handed)} within {setting.seconds:g} s |",
        f"| accepted | {len(accepted)} |",
        f"| acknowledgement, median | {statistics.median(answers):.3f} s |",
        f"| acknowledgement, 95 % | {_at(answers, 0.95):.3f} s |",
        f"| acknowledgement, longest | {answers[-1]:.3f} s |",
        f"| verdicts equal to the undisturbed run | {len(found) - len(other)} of {len(found)} |",
        f"| of these could not be read, as in the undisturbed run | {rejected} |",
        f"| time to verdict, median | {statistics.median(one.seconds for one in found):.1f} s |",
        f"| time to verdict, longest | {max(one.seconds for one in found):.1f} s |",
        f"| last verdict after the first notebook | {_whole(found):.0f} s |",
        f"| submissions per second, from the first notebook to the last verdict | "
        f"{len(found) / _whole(found):.2f} |",
        "",
    ]
    lines += [
        "Verdicts are equal where status, verdict and points of each test, and the reason of a rejection are."
    ]
    lines += [
        f"- {one.student} ({stories[one.student]}): {told(one.outcome)}; undisturbed "
        f"{told(measured.alone[stories[one.student]])}"
        for one in other
    ]
    lines += [""]
    if measured.interruptions:
        lines += [f"The service was stopped and started again {measured.interruptions} times meanwhile.", ""]
    lines += [
        "![Time to verdict of each submission, by the moment of its acceptance](serve.png)",
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


def figures(measured: Measured) -> dict[str, Any]:
    """What the simulation of a deadline hour is compared with, in the order of acceptance."""
    first = measured.found[0].accepted_at
    return {
        "workers": WORKERS,
        "arrivals_s": [round(one.accepted_at - first, 2) for one in measured.found],
        "services_s": [round(one.worker_s, 2) for one in measured.found],
        "waits_s": [round(one.seconds, 2) for one in measured.found],
    }


def told(outcome: Mapping[str, Any]) -> str:
    """An outcome in one line.

    >>> told({"status": "graded", "reason": "", "tests": [["he", "passed", 5.0], ["zeros", "partial", 2.0]]})
    'graded: he passed 5, zeros partial 2'
    """
    tests = (f"{name} {verdict} {score:g}" for name, verdict, score in outcome["tests"])
    return f"{outcome['status']}: {outcome['reason'] or ', '.join(tests)}"


def draw(measured: Measured, path: Path) -> None:
    """The curve: each submission's time to verdict, and how many had theirs."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    found = measured.found
    first = found[0].accepted_at
    figure, (above, below) = pyplot.subplots(2, 1, figsize=(8, 6), sharex=True, layout="constrained")
    moments = [one.accepted_at - first for one in found]
    above.plot(moments, [one.seconds for one in found], ".", color="#1f5fa8")
    above.set_ylabel("acceptance to verdict (s)")
    ends = sorted(one.accepted_at + one.seconds - first for one in found)
    count = range(1, len(found) + 1)
    below.step(sorted(moments), count, where="post", color="#8a8a8a", label="accepted")
    below.step(ends, count, where="post", color="#1f5fa8", label="verdict told")
    below.set_xlabel("seconds after the first notebook")
    below.set_ylabel("submissions")
    below.legend(frameon=False)
    for axes in (above, below):
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _whole(found: Sequence[Judged]) -> float:
    return max(one.accepted_at + one.seconds for one in found) - found[0].accepted_at


def main(words: Sequence[str] | None = None) -> Any:
    """Measure, print, and write page and picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--isolation", default="full")
    parser.add_argument("--quick", action="store_true", help="print only")
    arguments = parser.parse_args(words)
    setting = Setting(arguments.students, arguments.seconds, arguments.isolation)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # the service ends, too
    measured = measure(setting)
    text = page(measured)
    sys.stdout.write(text)
    if not arguments.quick:
        draw(measured, PICTURE)
        PAGE.write_text(text, encoding="utf-8")
        FIGURES.write_text(json.dumps(figures(measured)) + "\n", encoding="utf-8")
    shutil.rmtree(setting.folder)


if __name__ == "__main__":
    main()
