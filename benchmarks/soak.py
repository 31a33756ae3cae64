"""A soak: many distinct submissions, killed and resumed twice, against an undisturbed run of the same ones.

    python -m benchmarks.soak                 2,000 submissions; writes benchmarks/soak.md and soak.json
    python -m benchmarks.soak --submissions 200 --seed 7 --no-page

Each run is `autograder grade` on two workers, with its own folders for caches and temporary files. The first
run is left alone. In the second the program is killed (SIGKILL) when a third and when two thirds of the
results are on the disk, one worker is killed in between, and the same command is given again. Measured: the
rate of the first and last hundred, memory and descriptors of each long-lived process, processes, files, the
gradebook; which results differ in a field that is no time; what was graded twice; what is left running.
`--workers` adds runs with other numbers of workers on the same cores, whose results must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from autograder.course import Course
from autograder.grading.defaults import DEFAULT_TIER
from benchmarks.soak_submissions import BLOCK, Submission, submissions, write
from benchmarks.soak_watch import Lived, Sample, Watch, done_in, lived

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_suffix(".md")
FIGURES = Path(__file__).with_suffix(".json")  # for `benchmarks.deadline`
NAME = "initialization"
CELL_S = 5  # of processor time: what never ends ends soon
TIMES = ("seconds", "graded_at", "parts", "reused", "timestamp", "alone")
_STOPPED = re.compile(r"stopped after [\d.]+ s")
_UNSEEDED = re.compile(r"is -?[\d.]+(?:e[-+]?\d+)?;")  # what a function that draws without a seed gave


@dataclass
class Run:
    """One class graded, with as many starts of the program as it took.

    Attributes
    ----------
    results : dict of str to dict
        What lies on the disk, by student, without times.
    each_s : list of float
        What each submission took.
    samples : list of list of Sample
        Of each start.
    seconds : float
    killed : list of int
        How many results were there at each SIGKILL of the program.
    graded_twice : list of str
        Students whose result was whole at a SIGKILL and is another one now.
    left_running, left_files : list of str
        After the last start had ended.
    points : dict of str to list
        What the gradebook says.
    """

    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    each_s: list[float] = field(default_factory=list)
    samples: list[list[Sample]] = field(default_factory=list)
    seconds: float = 0.0
    killed: list[int] = field(default_factory=list)
    graded_twice: list[str] = field(default_factory=list)
    left_running: list[str] = field(default_factory=list)
    left_files: list[str] = field(default_factory=list)
    points: dict[str, list[Any]] = field(default_factory=dict)


def main(words: Sequence[str]) -> int:
    """Measure, print progress, write the page; 1 where results differ, are lost or something is left."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1, help="another one: other submissions")
    parser.add_argument("--isolation", default=DEFAULT_TIER)
    parser.add_argument("--short", action="store_true", help="leave out training and plots")
    parser.add_argument(
        "--workers", type=int, nargs="*", default=(), help="further runs with so many workers, undisturbed"
    )
    parser.add_argument("--no-page", action="store_true", help=f"print, and leave {PAGE.name} as it is")
    options = parser.parse_args(words)
    chosen = list(submissions(options.submissions, options.seed, whole=not options.short))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        root = Path(folder)
        alone = grade(root / "undisturbed", chosen, options.isolation, 2)
        disturbed = grade(root / "disturbed", chosen, options.isolation, 2, kills=True)
        others = {
            workers: grade(root / f"workers-{workers}", chosen, options.isolation, workers)
            for workers in options.workers
        }
    page = "\n".join([*report(words, chosen, alone, disturbed), *oversubscribed(alone, others)])
    print(page)
    if not options.no_page:
        PAGE.write_text(page + "\n", encoding="utf-8")
        FIGURES.write_text(json.dumps(figures(words, alone)) + "\n", encoding="utf-8")
    runs = (disturbed, *others.values())
    return int(any(faults(alone, run) for run in (alone, *runs)))


def grade(root: Path, chosen: Sequence[Submission], tier: str, workers: int, *, kills: bool = False) -> Run:
    """Grade these submissions in a course of their own; with `kills` the program and a worker are killed."""
    course = _make_course(root, chosen)
    caches, temporary = root / "caches", root / "temporary"
    for one in (caches, temporary):
        one.mkdir()
    program = [sys.executable, "-m", "autograder", "grade", NAME, "--course", str(course.root)]
    program += ["--workers", str(workers), "--isolation", tier]
    environment = dict(os.environ) | {"XDG_CACHE_HOME": str(caches), "TMPDIR": str(temporary)}
    results = course.results(NAME)
    run = Run()
    at = [len(chosen) // 3, 2 * len(chosen) // 3] if kills else []
    worker_at = len(chosen) // 2 if kills else None
    seen_whole: dict[str, str] = {}
    started = time.monotonic()
    while True:
        process = subprocess.Popen(
            program, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        watch = Watch(process.pid, results, temporary, course.gradebook, _tell(root.name, len(chosen)))
        while process.poll() is None:
            time.sleep(0.1)
            done = done_in(results)
            if worker_at is not None and done >= worker_at:
                worker_at = None
                _kill_a_worker(process.pid)
            if at and done >= at[0]:
                at.pop(0)
                process.send_signal(signal.SIGKILL)
                run.killed.append(done)
                break
        output, _ = process.communicate()
        watch.stop()
        run.samples.append(watch.samples)
        run.left_running += watch.left_running()
        if process.returncode != -signal.SIGKILL:
            break
        seen_whole |= {student: one["graded_at"] for student, one in _stored(results).items()}
    run.seconds = time.monotonic() - started
    if process.returncode not in (0, 1):
        raise SystemExit(f"the program ended with {process.returncode}: {output}")
    now = _stored(results)
    run.graded_twice = [name for name, at_kill in seen_whole.items() if now[name]["graded_at"] != at_kill]
    run.each_s = [one["seconds"] for one in now.values()]
    run.results = {student: comparable(one) for student, one in now.items()}
    run.points = _points(course)
    run.left_files = sorted(
        path.relative_to(root).as_posix()
        for place in (temporary, course.root)
        for path in place.rglob("*")
        if place is temporary or path.name.startswith(".being-written-")
    )
    return run


def comparable(result: Mapping[str, Any]) -> dict[str, Any]:
    """A stored result without times, those in sentences too; numbers drawn without a seed always differ."""
    plain = {key: value for key, value in result.items() if key not in TIMES}
    for test in plain.get("tests", ()):
        test["message"] = _STOPPED.sub("stopped after SECONDS s", test["message"])
        for key in ("message", "why"):
            if "differ in no simple way" in str(test.get(key)):
                test[key] = _UNSEEDED.sub("is NUMBER;", test[key])
    return plain


def differences(one: Run, other: Run) -> list[str]:
    """Sentences on every field in which the results or the gradebooks of two runs differ."""
    found = []
    for student in sorted(one.results.keys() | other.results.keys()):
        left, right = one.results.get(student), other.results.get(student)
        if left is None or right is None:
            found.append(f"{student}: no result in one of the runs")
            continue
        fields = _fields(left, right, "")
        found += [f"{student}: {field}" for field in fields]
    wrong = [name for name in one.points if one.points[name] != other.points.get(name)]
    return found + [f"{name}: other points in the gradebook" for name in wrong]


def faults(alone: Run, run: Run) -> list[str]:
    """What must not be, in a run beside the undisturbed one or in itself."""
    return [*differences(alone, run), *run.graded_twice, *run.left_running, *run.left_files]


def figures(words: Sequence[str], alone: Run) -> dict[str, Any]:
    """What the simulation of a deadline hour starts from; seconds of each submission, sorted."""
    (samples,) = alone.samples
    first = next(one for one in samples if one.done)
    return {
        "command": command(words),
        "workers": 2,
        "seconds": round(samples[-1].seconds - first.seconds),
        "each_s": sorted(round(seconds, 2) for seconds in alone.each_s),
    }


def command(words: Sequence[str]) -> str:
    """How the soak was called."""
    return " ".join(["python -m benchmarks.soak", *words])


def report(words: Sequence[str], chosen: Sequence[Submission], alone: Run, disturbed: Run) -> list[str]:
    """The page's lines."""
    kinds: dict[str, int] = {}
    for one in chosen:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    mixture = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    cores = len(os.sched_getaffinity(0))
    first, last = rates(alone)
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    told = differences(alone, disturbed)
    lines = [
        "# Soak: figures",
        "",
        f"`{command(words)}` ({cores} cores, Python {python}, load {os.getloadavg()[2]:.1f} in the last 15 "
        f"minutes; {mixture}).",
        "",
        "| | undisturbed | killed and resumed |",
        "| --- | --- | --- |",
        f"| submissions with a result | {len(alone.results)} | {len(disturbed.results)} |",
        f"| seconds in all | {alone.seconds:.0f} | {disturbed.seconds:.0f} |",
        f"| results on the disk at each SIGKILL | | {', '.join(map(str, disturbed.killed))} |",
        f"| whole results that were graded again | | {len(disturbed.graded_twice)} |",
        f"| results that differ from the undisturbed run's | | {len(_students(told))} |",
        f"| processes left running | {len(alone.left_running)} | {len(disturbed.left_running)} |",
        f"| files left over | {len(alone.left_files)} | {len(disturbed.left_files)} |",
        "",
        "Of the undisturbed run, one program from beginning to end (the first and last "
        f"{min(BLOCK, len(chosen) // 2)} have the same stories):",
        "",
        "| | first | last | change |",
        "| --- | --- | --- | --- |",
        _row("submissions an hour", first.an_hour, last.an_hour, "{:,.0f}"),
        _row("processes at a time (median)", first.processes, last.processes, "{:.0f}"),
        _row("temporary files at a time (median)", first.files, last.files, "{:.0f}"),
        _row("gradebook, bytes a submission", first.gradebook, last.gradebook, "{:,.0f}"),
        "",
        "Long-lived processes of each start, medians of its first and last quarter:",
        "",
        "| start | process | resident, MB | descriptors |",
        "| --- | --- | --- | --- |",
    ]
    starts = {"undisturbed": alone.samples[0]}
    starts |= {f"killed and resumed, {number}": one for number, one in enumerate(disturbed.samples, 1)}
    for name, samples in starts.items():
        lines += [_process_row(name, one) for one in lived(samples)]
    told += [f"{student}: graded again" for student in disturbed.graded_twice]
    if told:
        lines += ["", "Differences:", "", *(f"- {sentence}" for sentence in told)]
    return lines


def oversubscribed(alone: Run, others: Mapping[int, Run]) -> list[str]:
    """Lines on the runs with other numbers of workers."""
    if not others:
        return []
    lines = ["", "Other numbers of workers on the same cores:", ""]
    lines += ["| workers | seconds | results that differ from two workers' |", "| --- | --- | --- |"]
    told: list[str] = []
    for workers, run in others.items():
        found = differences(alone, run)
        lines.append(f"| {workers} | {run.seconds:.0f} | {len(_students(found))} |")
        told += [f"{workers} workers: {sentence}" for sentence in found]
    return lines + (["", *(f"- {sentence}" for sentence in told)] if told else [])


@dataclass(frozen=True)
class Rate:
    """What a block of submissions took."""

    an_hour: float
    processes: float
    files: float
    gradebook: float


def rates(run: Run) -> tuple[Rate, Rate]:
    """Of the first and of the last block, from the samples of a run that was not killed."""
    (samples,) = run.samples
    total = len(run.results)
    block = min(BLOCK, total // 2)
    first = [one for one in samples if 0 < one.done <= block]
    last = [one for one in samples if one.done >= total - block]
    return _rate(first), _rate(last)


def _rate(samples: Sequence[Sample]) -> Rate:
    begin, end = samples[0], samples[-1]
    count = max(1, end.done - begin.done)
    return Rate(
        3600 * count / max(1e-9, end.seconds - begin.seconds),
        statistics.median(len(one.processes) for one in samples),
        statistics.median(one.files for one in samples),
        (end.gradebook_bytes - begin.gradebook_bytes) / count,
    )


def _row(name: str, first: float, last: float, form: str) -> str:
    change = f"{100 * (last / first - 1):+.0f} %" if first else ""
    return f"| {name} | {form.format(first)} | {form.format(last)} | {change} |"


def _process_row(start: str, one: Lived) -> str:
    return (
        f"| {start} | {one.role} | {one.first_bytes / 1e6:.0f} to {one.last_bytes / 1e6:.0f} | "
        f"{one.first_descriptors:.0f} to {one.last_descriptors:.0f} |"
    )


def _students(sentences: Sequence[str]) -> set[str]:
    return {sentence.partition(":")[0] for sentence in sentences}


def _fields(left: Any, right: Any, place: str) -> list[str]:
    """Each place at which two results differ, and what stands there."""
    if isinstance(left, dict) and isinstance(right, dict):
        return [
            one
            for key in sorted(left.keys() | right.keys())
            for one in _fields(left.get(key), right.get(key), f"{place}.{key}".lstrip("."))
        ]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [
            one
            for number, (a, b) in enumerate(zip(left, right, strict=True))
            for one in _fields(a, b, f"{place}[{number}]")
        ]
    return [] if left == right else [f"{place}: {str(left)[:120]!r} and {str(right)[:120]!r}"]


def _tell(name: str, total: int) -> Any:
    def tell(sample: Sample) -> None:
        if int(sample.seconds) % 15 == 0:
            memory = sum(one.memory_bytes for one in sample.processes.values())
            print(
                f"{name}: {sample.done} of {total} after {sample.seconds:.0f} s, "
                f"{len(sample.processes)} processes, {memory / 1e6:.0f} MB resident",
                file=sys.stderr,
            )

    return tell


def _make_course(root: Path, chosen: Sequence[Submission]) -> Course:
    course = root / "course"
    shutil.copytree(ROOT / "source" / NAME, course / "source" / NAME)
    text = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (course / "nbgrader_config.py").write_text(f"{text}\nc.Execute.timeout = {CELL_S}\n", encoding="utf-8")
    write(chosen, course / "submitted")
    return Course(course)


def _kill_a_worker(pid: int) -> None:
    workers = [one for one in psutil.Process(pid).children() if "autograder.grading.worker" in one.cmdline()]
    if workers:
        workers[0].kill()


def _stored(results: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in results.glob("*.json")}


def _points(course: Course) -> dict[str, list[Any]]:
    """The gradebook's points: for each student, of each graded cell."""
    from nbgrader.api import Gradebook

    from autograder.nbgrader_bridge.database import gradebook_url

    with Gradebook(gradebook_url(course), "") as book:
        return {
            one.student.id: sorted(
                (grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for notebook in one.notebooks
                for grade in notebook.grades
            )
            for one in book.assignment_submissions(NAME)
        }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
