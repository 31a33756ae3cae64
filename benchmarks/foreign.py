"""What grading other people's courses costs: our engine against `nbgrader autograde`, in the same run.

    python -m benchmarks.foreign                          every course, a class of 8 each; prints a table
    python -m benchmarks.foreign words tables --class 20  two courses, larger classes
    python -m benchmarks.foreign --output benchmarks/foreign.md

The courses lie in `benchmarks/foreign_courses/`: pure Python, NumPy, pandas, matplotlib, objects, files,
recursion, several notebooks, AUTOTEST. A class is the solution, other right answers, wrong ones and the
untouched release, over and over. Both sides grade the same files with plain configurations, as whole programs
(`nbgrader autograde ASSIGNMENT`, `autograder grade ASSIGNMENT`); CPU seconds are those of the whole process
tree. Ours include what happens once for a class: start-up, the plan from the instructor's run, AUTOTEST
written out, a new gradebook. What happens once for a machine (bytecode, caches of fonts, the sandbox's
self-check) is made before, for both sides. Points are compared cell by cell, as they stand in the two
gradebooks.

Aim: points equal, and at most a third of nbgrader's CPU seconds, median over the courses.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.nbgrader_bridge.database import gradebook_url
from autograder.nbgrader_bridge.opening import Gradebook
from autograder.sandbox import best_tier
from benchmarks import process_tree
from benchmarks.foreign_course import ForeignCourse, course_names, read_courses
from benchmarks.installed import compile_all, environment
from benchmarks.process_tree import Cost

CONFIGURATION = 'c = get_config()\nc.CourseDirectory.course_id = "foreign"\n'
HEAD = (
    "course", "cells", "equal", "CPU s each, nbgrader", "CPU s each, ours", "ratio",
    "wall s each, nbgrader", "wall s each, ours", "ratio",
)  # fmt: skip
Points = dict[tuple[str, str, str], float | None]


@dataclass(frozen=True)
class Compared:
    """One course graded by both sides.

    Attributes
    ----------
    title : str
    size : int
        Submissions.
    theirs, ours : Cost
        Of the whole class.
    points : int
        Test cells of all submissions.
    differing : list of str
        Those that have other points, in words.
    """

    title: str
    size: int
    theirs: Cost
    ours: Cost
    points: int
    differing: list[str]

    @property
    def cpu_ratio(self) -> float:
        """Nbgrader's CPU seconds for one of ours."""
        return self.theirs.cpu / self.ours.cpu

    @property
    def row(self) -> tuple[str, ...]:
        """Its line in the table."""
        theirs, ours = self.theirs, self.ours
        seconds = [f"{cost / self.size:.2f}" for cost in (theirs.cpu, ours.cpu, theirs.wall, ours.wall)]
        equal = str(self.points - len(self.differing))
        walls = (*seconds[2:], f"{theirs.wall / ours.wall:.1f}")
        return (self.title, str(self.points), equal, *seconds[:2], f"{self.cpu_ratio:.1f}", *walls)


def main(words: Sequence[str]) -> int:
    """Measure, print the table; exit code 1 where points differ."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.foreign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "courses", nargs="*", metavar="COURSE", help=f"default: all of {', '.join(course_names())}"
    )
    parser.add_argument(
        "--class", dest="size", type=int, default=8, help="submissions to a course (default: 8)"
    )
    parser.add_argument(
        "--isolation", default=best_tier(weakest="none"), help="our tier (default: %(default)s)"
    )
    parser.add_argument("--workers", type=int, help="of ours (default: as the program chooses)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page to FILE as well")
    options = parser.parse_args(words)
    if unknown := set(options.courses) - set(course_names()):
        parser.error(f"no course {', '.join(sorted(unknown))}; there are {', '.join(course_names())}")
    courses = read_courses(options.courses or course_names())
    load = os.getloadavg()[1]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        _tell("what a machine makes once: bytecode, caches of fonts, the self-check ...")
        compile_all()
        compare(read_courses(["plots"])[0], Path(folder) / "warm", 1, options.isolation, options.workers)
        compared = []
        for number, course in enumerate(courses, start=1):
            _tell(f"{number} of {len(courses)}: {course.title}, {options.size} submissions ...")
            root = Path(folder) / course.name
            compared.append(compare(course, root, options.size, options.isolation, options.workers))
            shutil.rmtree(root)
    page = page_of(compared, options.isolation, " ".join(["python -m benchmarks.foreign", *words]), load)
    print(page, end="")
    if options.output:
        options.output.write_text(page, encoding="utf-8")
    return int(any(one.differing for one in compared))


def compare(course: ForeignCourse, root: Path, size: int, tier: str, workers: int | None) -> Compared:
    """Let both sides grade a class of the course, each in a folder of its own below `root`."""
    theirs, ours = root / "theirs", root / "ours"
    course.write_source(theirs)
    (theirs / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")
    if course.has_autotests:
        shutil.copy(_nbgraders_autotests(), theirs / "autotests.yml")
    program = [sys.executable, "-m", "nbgrader"]
    _quietly([*program, "generate_assignment", course.name], theirs)
    course.hand_in(theirs, size)
    shutil.copytree(theirs, ours, ignore=shutil.ignore_patterns("gradebook.db", "release"))
    variables = environment()
    cost = process_tree.run(
        [*program, "autograde", course.name], cwd=theirs, environment=variables, silent=True
    )
    grade = ["autograder", "grade", course.name, "--isolation", tier]
    grade += ["--workers", str(workers)] if workers else []
    own_cost = process_tree.run(
        [str(Path(sys.executable).parent / grade[0]), *grade[1:]], cwd=ours, environment=variables
    )
    for side, one in (("nbgrader", cost), ("autograder grade", own_cost)):
        if one.code:
            raise SystemExit(f"{side} failed on {course.name} with {one.code}:\n{one.output}")
    want, got = points_of(theirs, course), points_of(ours, course)
    differing = [
        f"{course.name}, {student}, {notebook}, {cell}: nbgrader {points}, ours {got.get(key)}"
        for key, points in want.items()
        for student, notebook, cell in [key]
        if got.get(key) != points
    ]
    return Compared(course.title, size, cost, own_cost, len(want), differing)


def points_of(root: Path, course: ForeignCourse) -> Points:
    """Points by student, notebook and test, as the gradebook of the course at `root` has them."""
    found: Points = {}
    with Gradebook(gradebook_url(Course(root)), course.name) as book:
        for submission in book.assignment_submissions(course.name):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    found[submission.student.id, notebook.name, grade.name] = grade.auto_score
    return found


def page_of(compared: Sequence[Compared], tier: str, command: str, load: float) -> str:
    """The page of the figures, in Markdown."""
    rows = [HEAD, ("---",) * len(HEAD), *(one.row for one in compared)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    differing = [sentence for one in compared for sentence in one.differing]
    cells = sum(one.points for one in compared)
    size = compared[0].size
    paragraphs = [
        f"`{command}` ({len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, tier "
        f"`{tier}`; a class of {size} in each course; CPU seconds of the whole process tree, by: "
        f"{compared[0].ours.source}). Ours include start-up, the plan from the instructor's run and a new "
        f"gradebook, divided by {size}. The machine had a load of {load:.1f} when it began: wall times hold "
        "for such a machine.",
        table,
        f"CPU seconds, nbgrader's for one of ours: median {_median(compared):.1f}. Wanted: 3. Points: "
        f"{cells - len(differing)} of {cells} test cells are equal.",
        *("\n".join(f"- {sentence}" for sentence in differing),) * bool(differing),
    ]
    filled = [text if text.startswith(("|", "-")) else _filled(text) for text in paragraphs]
    return "# Other people's courses: figures\n\n" + "\n\n".join(filled) + "\n"


def _median(compared: Sequence[Compared]) -> float:
    return statistics.median(one.cpu_ratio for one in compared)


def _filled(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def _nbgraders_autotests() -> Path:
    origin = importlib.util.find_spec("nbgrader")
    assert origin is not None
    assert origin.origin is not None
    return Path(origin.origin).parent / "docs" / "source" / "user_guide" / "autotests.yml"


def _quietly(command: Sequence[str], folder: Path) -> None:
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    ended = subprocess.run(command, cwd=folder, env=environment(), check=False, text=True, **silent)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)} failed in {folder}:\n{ended.stderr[-2000:]}")


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
