"""What grading a class costs: our engine against `nbgrader autograde`, on the same class in the same run.

    python -m benchmarks.grading                 100 submissions for us, a sample of 10 of them for nbgrader
    python -m benchmarks.grading --class 30 --sample 5 --isolation none --workers 1

The class repeats the submissions of `examples/class.py` that end by themselves (an endless loop costs both
sides their time limit and says nothing). Every cell is executed, with plots. Wall times and CPU seconds are
those of whole programs with every process that they started, start-up included. nbgrader grades one
submission after another: it grades one alone and then the sample, and what each further one took is counted
for the rest of the class, so that the start-up of either side is shared by as many. We grade with one worker
and with one per core. Also: where our time goes, a single submission from a cold start, and the
memory of the trusted processes. All in a cache folder of its own that is empty at the start; modules are
compiled before (`benchmarks.installed`). It takes about six minutes on two cores; --only-class saves one.
The row with one worker is what a core does, the last one what the machine does.
AUTOGRADER_FIGURES=plain before the command leaves out the shortcuts of figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from autograder.course import Course
from autograder.sandbox import best_tier
from benchmarks import process_tree
from benchmarks.installed import compile_all, environment
from benchmarks.process_tree import Cost

ROOT = Path(__file__).resolve().parents[1]
NAME = "initialization"
ENDLESS = frozenset({"marek"})  # the example class's student with an endless loop
# nbgrader's own executor, whatever the course's configuration names.
NBGRADER_PLAIN = (
    "--Autograde.autograde_preprocessors=["
    "'nbgrader.preprocessors.Execute', 'nbgrader.preprocessors.IgnorePattern', "
    "'nbconvert.preprocessors.ClearMetadataPreprocessor', 'nbgrader.preprocessors.LimitOutput', "
    "'nbgrader.preprocessors.SaveAutoGrades', 'nbgrader.preprocessors.AssignLatePenalties', "
    "'nbgrader.preprocessors.CheckCellMetadata']",
)
COLUMNS = ("", "CPU s each", "wall s each", "an hour", "CPU, nbgrader / ours", "wall, nbgrader / ours")


def main(words: Sequence[str]) -> int:
    """Measure and print the figures of `grading.md`."""
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--class", dest="size", type=int, default=100, help="submissions that we grade")
    parser.add_argument(
        "--sample", type=int, default=10, help="of these, nbgrader grades so many (0: nbgrader is left out)"
    )
    parser.add_argument("--isolation", default=None, help="our tier (default: the highest here)")
    parser.add_argument(
        "--workers", type=int, nargs="+", default=sorted({1, cores}), help="default: 1, and one per core"
    )
    parser.add_argument("--only-class", action="store_true", help="leave out the single submissions")
    options = parser.parse_args(words)
    if options.sample == 1 or options.sample > options.size:
        parser.error(f"--sample {options.sample}: 0, or 2 to {options.size} (--class)")
    tier = options.isolation or best_tier(weakest="none")
    students = class_of(options.size)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        compile_all()
        print(f"{options.size} submissions, tier {tier}, {cores} cores")
        if not options.only_class:
            single_submissions(Path(folder), tier)
        theirs = None
        if options.sample:
            alone, sample = (
                run_nbgrader(make_course(Path(folder) / f"theirs-{count}", students[:count]))
                for count in (1, options.sample)
            )
            theirs = of_class(options.size, alone, sample, options.sample)
        rows = [row("nbgrader", theirs, options.size)] if theirs else []
        for workers in options.workers:
            course = make_course(Path(folder) / f"ours-{workers}", students)
            whole = run_ours(course, tier, workers)
            label = f"ours, {workers} worker{'s' if workers > 1 else ''}"
            rows.append(row(label, whole.cost, options.size, theirs))
            print(
                f"{label}: trusted processes together, at most {whole.memory / 1e6:.0f} MB; parts in s each:"
            )
            print(json.dumps({part: round(s / options.size, 3) for part, s in whole.parts.items()}))
        print_table([COLUMNS, *rows])
        print(f"CPU seconds of: {whole.cost.source}")
    return 0


def single_submissions(folder: Path, tier: str) -> None:
    """Print what one submission takes from a cold start, remembered, and in a warm worker."""
    one = make_course(folder / "one", ["ada"])
    print(f"ours, 1 submission, nothing cached: {run_ours(one, tier, 1).cost.wall:.1f} s")
    again = run_ours(one, tier, 1, force=True)
    print(f"ours, 1 submission, training and self-check remembered: {again.cost.wall:.1f} s")
    few = make_course(folder / "few", ["ada", *(f"ada-{i}" for i in range(1, 12))])
    warm = sorted(run_ours(few, tier, 1).each)[:-1]  # the longest is the first: it waits for the start
    print(f"ours, 1 submission, warm: {statistics.median(warm):.2f} s ({warm[0]:.2f} to {warm[-1]:.2f})")


def of_class(size: int, alone: Cost, sample: Cost, count: int) -> Cost:
    """What a class costs a serial program: one submission alone, and each further one as in the sample.

    >>> cost = of_class(101, Cost(0, "", 6.0, 5.0, ""), Cost(0, "", 10.0, 9.0, ""), 5)
    >>> cost.cpu, cost.wall
    (105.0, 106.0)
    """

    def whole(first: float, together: float) -> float:
        return first + (size - 1) * (together - first) / (count - 1)

    return dataclasses.replace(sample, cpu=whole(alone.cpu, sample.cpu), wall=whole(alone.wall, sample.wall))


def row(label: str, cost: Cost, size: int, theirs: Cost | None = None) -> tuple[str, ...]:
    """One line of the table: costs for each submission, and their ratio to nbgrader's."""
    cpu, wall = cost.cpu / size, cost.wall / size
    ratios = ("", "")
    if theirs is not None:
        ratios = (f"{theirs.cpu / cost.cpu:.1f}", f"{theirs.wall / cost.wall:.1f}")
    return (label, f"{cpu:.2f}", f"{wall:.2f}", f"{3600 / wall:,.0f}", *ratios)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows as a Markdown table, as it stands in `grading.md`."""
    for number, cells in enumerate(rows):
        print(f"| {' | '.join(cells)} |")
        if number == 0:
            print(f"|{' --- |' * len(cells)}")


class Measured:
    """One run of ours: cost, the parts' sums, each submission's time, most memory of trusted processes."""

    def __init__(self) -> None:
        self.cost = Cost(0, "", 0.0, 0.0, "")
        self.memory = 0
        self.parts: Counter[str] = Counter()
        self.each: list[float] = []


def with_workers(first: psutil.Process) -> list[psutil.Process]:
    """A run's trusted processes where no tier needs more: it and its workers; sandboxes are not trusted."""
    return [first, *first.children()]


def run_ours(
    course: Course,
    tier: str,
    workers: int,
    force: bool = False,
    trusted: Callable[[psutil.Process], list[psutil.Process]] = with_workers,
) -> Measured:
    """Grade the course in a process of its own, as the program does, and watch it."""
    measured = Measured()
    words = [NAME, str(course.root), tier, str(workers), str(int(force))]
    watchers: list[threading.Thread] = []

    def watch(pid: int) -> None:
        watchers.append(threading.Thread(target=_watch, args=(pid, measured, trusted)))
        watchers[0].start()

    measured.cost = process_tree.run(
        [sys.executable, "-m", "benchmarks.grading_run", *words],
        cwd=ROOT,
        environment=environment(),
        watch=watch,
    )
    watchers[0].join()
    if measured.cost.code:
        raise SystemExit(f"grading failed with {measured.cost.code}")
    printed = json.loads(measured.cost.output)
    measured.parts, measured.each = Counter(printed["parts"]), printed["seconds"]
    return measured


def run_nbgrader(course: Course) -> Cost:
    """The cost of `nbgrader autograde` with its own executor; the assignment is registered beforehand."""
    variables = environment()
    program = [sys.executable, "-m", "nbgrader"]
    register = [*program, "generate_assignment", NAME, "--force"]
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(register, cwd=course.root, env=variables, check=True, **silent)
    autograde = [*program, "autograde", NAME, *NBGRADER_PLAIN]
    return process_tree.run(autograde, cwd=course.root, environment=variables, silent=True)


def class_of(size: int) -> list[str]:
    """Names of `size` submissions: the example class's over and over, numbered from the second round on."""
    names = [
        student.name for student in _example().CLASS if student.name not in ENDLESS and not student.rejected
    ]
    return [names[i % len(names)] + (f"-{i // len(names)}" if i >= len(names) else "") for i in range(size)]


def make_course(root: Path, students: Sequence[str]) -> Course:
    """A course with the assignment and these students of the example class (`ada-2` copies ada)."""
    example = _example()
    shutil.copytree(ROOT / "source" / NAME, root / "source" / NAME)
    shutil.copy(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
    known = {student.name: student for student in example.CLASS}
    scratch = root / "scratch"
    released = ROOT / "release" / NAME / f"{NAME}.ipynb"
    wanted = {name.split("-")[0] for name in students}
    example.write_class(released, scratch, tuple(known[name] for name in sorted(wanted)))
    for name in students:
        shutil.copytree(scratch / "submitted" / name.split("-")[0], root / "submitted" / name)
    shutil.rmtree(scratch)
    return Course(root)


def _example() -> Any:
    if "example_class" not in sys.modules:
        specification = importlib.util.spec_from_file_location(
            "example_class", ROOT / "examples" / "class.py"
        )
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        sys.modules["example_class"] = module
        specification.loader.exec_module(module)
    return sys.modules["example_class"]


def _watch(pid: int, measured: Measured, trusted: Callable[[psutil.Process], list[psutil.Process]]) -> None:
    """The largest sum of memory (PSS) of the trusted processes."""
    while True:
        try:
            first = psutil.Process(pid)
            if first.status() == psutil.STATUS_ZOMBIE:
                return
            measured.memory = max(measured.memory, sum(pss(process) for process in trusted(first)))
        except psutil.Error:
            return
        time.sleep(0.25)


def pss(process: psutil.Process) -> int:
    """What a process holds (PSS), in bytes; 0 where it is gone or the system does not tell."""
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
