"""A soak: many distinct submissions, killed and resumed twice, against an undisturbed run of the same ones.

    python -m benchmarks.soak                 2,000 submissions; writes benchmarks/soak.md and soak.json
    python -m benchmarks.soak --submissions 200 --seed 7 --no-page

Each run is `autograder grade` on two workers, with its own folders for caches and temporary files. The first
run is left alone. In the second the program is killed (SIGKILL) when a third and when two thirds of the
results are on the disk, one worker is killed in between, and the same command is given again. Measured: the
rate of the first and last hundred, memory and descriptors of each long-lived process, processes, files, the
gradebook; which results differ in a field that is no time; what was graded twice; what is left running.
`--workers 4` gives both runs four workers; each further number adds an undisturbed run with so many on the
same cores, whose results must be the same. What sleeps until its limit, for up to 150 s, keeps a worker and
no core, so that four workers on two cores bring more than two.
With `--keep DIR` the soak can be stopped: the same command takes the runs that were finished from there, and
begins the others anew. On two quiet cores 240 submissions take two workers some 20 minutes, 2,000 take four
workers an hour.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from autograder.course import Course
from autograder.grading.defaults import DEFAULT_TIER
from benchmarks import process_tree
from benchmarks.soak_claims import Claim, claims
from benchmarks.soak_page import command, hardware, oversubscribed, report
from benchmarks.soak_run import Run, comparable, differences, faults
from benchmarks.soak_submissions import Submission, submissions, write
from benchmarks.soak_watch import Sample, Watch, done_in

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_suffix(".md")
FIGURES = Path(__file__).with_suffix(".json")  # for `benchmarks.deadline`
NAME = "initialization"
CELL_S = 5  # of processor time: what never ends ends soon


def main(words: Sequence[str]) -> int:
    """Measure, print progress, write the page; 1 where a claim did not hold, or results differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1, help="another one: other submissions")
    parser.add_argument("--isolation", default=DEFAULT_TIER)
    parser.add_argument("--short", action="store_true", help="leave out training and plots")
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        default=[2],
        metavar="N",
        help="workers of both runs; each further number adds an undisturbed run with so many",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep what is finished there, and go on from it"
    )
    parser.add_argument("--no-page", action="store_true", help=f"print, and leave {PAGE.name} as it is")
    options = parser.parse_args(words)
    chosen = list(submissions(options.submissions, options.seed, whole=not options.short))
    with contextlib.ExitStack() as stack:
        root = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        root = root.resolve() / f"{options.submissions}-{options.seed}{'-short' * options.short}"
        root.mkdir(parents=True, exist_ok=True)
        lock = stack.enter_context((root / ".lock").open("w", encoding="utf-8"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"Another soak runs in {root}.") from None

        def run(name: str, workers: int, *, kills: bool = False) -> Run:
            return _kept(root / name, chosen, options.isolation, workers, kills=kills)

        workers, *further = options.workers
        alone = run("undisturbed", workers)
        disturbed = run("disturbed", workers, kills=True)
        others = {number: run(f"workers-{number}", number) for number in further}
    shown = claims(alone, disturbed, len(chosen))
    lines = report(words, chosen, workers, shown, alone, disturbed)
    page = "\n".join([*lines, *oversubscribed(workers, alone, others)])
    print(page)
    if not options.no_page:
        PAGE.write_text(page + "\n", encoding="utf-8")
        FIGURES.write_text(json.dumps(figures(words, workers, alone, shown, others)) + "\n", encoding="utf-8")
    runs = (alone, disturbed, *others.values())
    return int(any(one.held is False for one in shown) or any(faults(alone, one) for one in runs))


def _kept(root: Path, chosen: Sequence[Submission], tier: str, workers: int, *, kills: bool) -> Run:
    """The run that was finished in this folder; else a new one, which is kept there."""
    path = root / "run.json"
    if not path.is_file():
        shutil.rmtree(root, ignore_errors=True)
        grade(root, chosen, tier, workers, kills=kills).keep(path)
    return Run.read(path)


def grade(root: Path, chosen: Sequence[Submission], tier: str, workers: int, *, kills: bool = False) -> Run:
    """Grade these submissions in a course of their own; with `kills` the program and a worker are killed."""
    course = _make_course(root, chosen)
    caches, temporary = root / "caches", root / "temporary"
    for one in (caches, temporary):
        one.mkdir()
    program = [sys.executable, "-m", "autograder", "grade", NAME, "--course", str(course.root)]
    program += ["--workers", str(workers), "--isolation", tier]
    environment = dict(os.environ) | {"XDG_CACHE_HOME": str(caches), "TMPDIR": str(temporary)}
    results, said = course.results(NAME), root / "said.txt"
    run = Run()
    at = [len(chosen) // 3, 2 * len(chosen) // 3] if kills else []
    worker_at = len(chosen) // 2 if kills else None
    seen_whole: dict[str, str] = {}
    while True:
        group = process_tree.new_group()
        with said.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                [*process_tree.entering(group), *program],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        tell = _tell(root.name, len(chosen))
        watch = Watch(process.pid, results, temporary, caches, course.gradebook, group, tell)
        try:
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
        finally:  # who interrupts the soak leaves no program behind
            if process.poll() is None and sys.exc_info()[0] is not None:
                process.terminate()
            process.wait()
            watch.stop()
            run.samples.append(watch.samples)
            run.left_running += watch.left_running()
            if group is not None:
                process_tree.await_empty(group)
                process_tree.remove(group)
        if process.returncode != -signal.SIGKILL:
            break
        seen_whole |= {student: one["graded_at"] for student, one in _stored(results).items()}
    if process.returncode not in (0, 1):
        raise SystemExit(f"the program ended with {process.returncode}: {said.read_text(encoding='utf-8')}")
    now = _stored(results)
    run.graded_twice = [name for name, at_kill in seen_whole.items() if now[name]["graded_at"] != at_kill]
    run.each_s = [now[student]["seconds"] for student in sorted(now)]
    run.results = {student: comparable(one) for student, one in now.items()}
    run.again_alone = sorted(student for student, one in now.items() if one.get("alone"))
    run.points = _points(course)
    run.left_files = sorted(
        path.relative_to(root).as_posix()
        for place in (temporary, course.root)
        for path in place.rglob("*")
        if place is temporary or path.name.startswith(".being-written-")
    )
    return run


def figures(
    words: Sequence[str], workers: int, alone: Run, shown: Sequence[Claim], others: Mapping[int, Run]
) -> dict[str, Any]:
    """What the simulation of a deadline hour and docs/scale.md start from."""
    (samples,) = alone.samples
    first = next(one for one in samples if one.done)
    last = next(one for one in samples if one.done == samples[-1].done)
    count = max(1, last.done - first.done)
    cpu_s = last.cpu_s - first.cpu_s if last.cpu_s is not None and first.cpu_s is not None else None
    return {
        "command": command(words),
        "hardware": hardware(),
        "load": round(os.getloadavg()[2], 1),
        "workers": workers,
        "seconds": round(last.seconds - first.seconds),
        "cpu_s": None if cpu_s is None else round(cpu_s / count, 2),
        "coordinator_s": round((last.coordinator_s - first.coordinator_s) / count, 4),
        "gradebook_bytes": round((last.gradebook_bytes - first.gradebook_bytes) / count),
        "each_s": [round(seconds, 2) for seconds in alone.each_s],
        "claims": [dataclasses.astuple(one) for one in shown],
        "again_alone": len(alone.again_alone),
        "others": {str(workers): len(differences(alone, run)) for workers, run in others.items()},
    }


def _tell(name: str, total: int) -> Any:
    """Prints each quarter of a minute how far a run is, and when it will be done at this rate."""

    next_s = 0.0

    def tell(sample: Sample) -> None:
        nonlocal next_s
        if sample.seconds >= next_s:
            next_s = sample.seconds + 15
            memory = sum(one.memory_bytes for one in sample.processes.values())
            left_s = sample.seconds / sample.done * (total - sample.done) if sample.done else 0.0
            end = f", done at {time.strftime('%H:%M', time.localtime(time.time() + left_s))}" * bool(left_s)
            print(
                f"{name}: {sample.done} of {total} after {sample.seconds:.0f} s{end}, "
                f"{len(sample.processes)} processes, {memory / 1e6:.0f} MB resident",
                file=sys.stderr,
                flush=True,
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


def _points(course: Course, assignment: str = NAME) -> dict[str, list[Any]]:
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
            for one in book.assignment_submissions(assignment)
        }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
