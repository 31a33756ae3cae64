"""What grading other people's courses costs: our engine against `nbgrader autograde`, in the same run.

    python -m benchmarks.foreign                           every course, classes of 8 and 30; prints a table
    python -m benchmarks.foreign words tables --class 12   two courses, a class of another size
    python -m benchmarks.foreign --output benchmarks/foreign.md

The courses lie in `benchmarks/foreign_courses/`: pure Python, NumPy, pandas, matplotlib, objects, files,
recursion, several notebooks, AUTOTEST. A class is the solution, other right answers, wrong ones and the
untouched release, over and over. Both sides grade the same files with plain configurations, as whole programs
(`nbgrader autograde ASSIGNMENT`, `autograder grade ASSIGNMENT`); CPU seconds are those of the whole process
tree. Ours include what happens once for a class: start-up, the plan from the instructor's run, AUTOTEST
written out, a new gradebook. What happens once for a machine (bytecode, caches of fonts, the sandbox's
self-check) is made before, for both sides. Points are compared cell by cell, as they stand in the two
gradebooks.

nbgrader takes a submission after another, each at the same cost, so it grades the smaller class only; what it
costs in the larger one lies on the line through one submission and that class. Ours grades both, each time
without a plan or gradebook from before. The points of the larger class are compared with those that nbgrader
gave for the same answers. All of it takes about ten minutes on two idle cores.

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
from autograder.sandbox.caches import cache_root
from benchmarks import process_tree
from benchmarks.foreign_course import ForeignCourse, course_names, read_courses
from benchmarks.installed import compile_all, environment
from benchmarks.process_tree import Cost

NBGRADER = [sys.executable, "-m", "nbgrader"]
CONFIGURATION = 'c = get_config()\nc.CourseDirectory.course_id = "foreign"\n'
HEAD = (
    "course", "cells", "equal", "CPU s each, nbgrader", "CPU s each, ours", "ratio",
    "wall s each, nbgrader", "wall s each, ours", "ratio",
)  # fmt: skip
HEAD_LARGER = ("CPU s each of {size}, nbgrader", "CPU s each of {size}, ours", "ratio")
LARGER = 30
Points = dict[tuple[str, str, str], float | None]


@dataclass(frozen=True)
class Larger:
    """A larger class of the same course.

    Attributes
    ----------
    size : int
        Submissions.
    theirs : float
        CPU seconds of the whole class, from the line through one submission and the smaller class.
    ours : Cost
        Of the whole class.
    """

    size: int
    theirs: float
    ours: Cost

    @property
    def cpu_ratio(self) -> float:
        """Nbgrader's CPU seconds for one of ours."""
        return self.theirs / self.ours.cpu


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
        Test cells of all submissions, the larger class's among them.
    differing : list of str
        Those that have other points, in words.
    larger : Larger or None
    """

    title: str
    size: int
    theirs: Cost
    ours: Cost
    points: int
    differing: list[str]
    larger: Larger | None = None

    @property
    def cpu_ratio(self) -> float:
        """Nbgrader's CPU seconds for one of ours."""
        return self.theirs.cpu / self.ours.cpu

    @property
    def row(self) -> tuple[str, ...]:
        """Its line in the table."""
        theirs, ours, more = self.theirs, self.ours, self.larger
        seconds = [f"{cost / self.size:.2f}" for cost in (theirs.cpu, ours.cpu, theirs.wall, ours.wall)]
        equal = str(self.points - len(self.differing))
        walls = (*seconds[2:], f"{theirs.wall / ours.wall:.1f}")
        of_more = () if more is None else (more.theirs / more.size, more.ours.cpu / more.size)
        last = (*(f"{each:.2f}" for each in of_more), f"{more.cpu_ratio:.1f}") if more else ()
        return (self.title, str(self.points), equal, *seconds[:2], f"{self.cpu_ratio:.1f}", *walls, *last)


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
        "--class",
        dest="size",
        type=int,
        default=8,
        help="submissions of the class that both grade (default: 8)",
    )
    parser.add_argument(
        "--larger",
        type=int,
        default=LARGER,
        help="submissions of the class that ours grades, too (default: 30; 0: none)",
    )
    parser.add_argument(
        "--isolation", default=best_tier(weakest="none"), help="our tier (default: %(default)s)"
    )
    parser.add_argument("--workers", type=int, help="of ours (default: as the program chooses)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page to FILE as well")
    options = parser.parse_args(words)
    if unknown := set(options.courses) - set(course_names()):
        parser.error(f"no course {', '.join(sorted(unknown))}; there are {', '.join(course_names())}")
    if options.larger and options.size < 2:
        parser.error(
            "--class 1 gives no line on which a larger class could lie: --class 2 or more, or --larger 0"
        )
    courses = read_courses(options.courses or course_names())
    load = os.getloadavg()[1]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        _tell("what a machine makes once: bytecode, caches of fonts, the self-check ...")
        compile_all()
        compare(read_courses(["plots"])[0], Path(folder) / "warm", 1, 0, options.isolation, options.workers)
        compared = []
        for number, course in enumerate(courses, start=1):
            _tell(f"{number} of {len(courses)}: {course.title}, {options.size} submissions ...")
            root = Path(folder) / course.name
            one = compare(course, root, options.size, options.larger, options.isolation, options.workers)
            _tell(f"    {' | '.join(one.row)}")
            compared.append(one)
            shutil.rmtree(root)
    page = page_of(compared, options.isolation, " ".join(["python -m benchmarks.foreign", *words]), load)
    print(page, end="")
    if options.output:
        options.output.write_text(page, encoding="utf-8")
    return int(any(one.differing for one in compared))


def compare(
    course: ForeignCourse, root: Path, size: int, larger: int, tier: str, workers: int | None
) -> Compared:
    """Let both sides grade a class of the course, each in a folder of its own below `root`.

    Parameters
    ----------
    larger : int
        Submissions of the class that ours grades as well; 0 for none.
    """
    theirs, ours, many = root / "theirs", root / "ours", root / "larger"
    course.write_source(theirs)
    (theirs / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")
    if course.has_autotests:
        shutil.copy(_nbgraders_autotests(), theirs / "autotests.yml")
    _quietly([*NBGRADER, "generate_assignment", course.name], theirs)
    for place, students in ((many, larger), (ours, size)):
        shutil.copytree(theirs, place)
        course.hand_in(place, students)
        shutil.rmtree(place / "release")
        (place / "gradebook.db").unlink()
    shutil.copytree(ours / "submitted", theirs / "submitted")
    cost = _run([*NBGRADER, "autograde", course.name], theirs)
    own_cost = _grade(course, ours, tier, workers)
    want = points_of(theirs, course)
    got = points_of(ours, course)
    more = None
    if larger:
        first = next(iter(course.students()))[0]
        single = _run([*NBGRADER, "autograde", course.name, "--student", first, "--force"], theirs)
        each = (cost.cpu - single.cpu) / (size - 1)
        more = Larger(larger, cost.cpu + each * (larger - size), _grade(course, many, tier, workers))
        by_answers = {(_answers(student), *cell): points for (student, *cell), points in want.items()}
        for (student, *cell), points in points_of(many, course).items():
            if (same := (_answers(student), *cell)) in by_answers:
                key = (f"{student} of {larger}", *cell)
                want[key], got[key] = by_answers[same], points
    differing = [
        f"{course.name}, {student}, {notebook}, {cell}: nbgrader {points}, ours {got.get(key)}"
        for key, points in want.items()
        for student, notebook, cell in [key]
        if got.get(key) != points
    ]
    return Compared(course.title, size, cost, own_cost, len(want), differing, more)


def _answers(student: str) -> str:
    """Which answers a student of `ForeignCourse.students` has: the name without its number."""
    return student.partition("-")[2]


def _grade(course: ForeignCourse, root: Path, tier: str, workers: int | None) -> Cost:
    """What our program costs, without a plan from before."""
    shutil.rmtree(cache_root() / "plans", ignore_errors=True)
    words = ["grade", course.name, "--isolation", tier, *(["--workers", str(workers)] if workers else [])]
    return _run([str(Path(sys.executable).parent / "autograder"), *words], root)


def _run(command: Sequence[str], root: Path) -> Cost:
    silent = command[1:3] == NBGRADER[1:]
    cost = process_tree.run(command, cwd=root, environment=environment(), silent=silent)
    if cost.code:
        raise SystemExit(f"{' '.join(command)} failed with {cost.code}:\n{cost.output}")
    return cost


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
    first = compared[0]
    size, larger = first.size, first.larger
    head = HEAD + tuple(title.format(size=larger.size) for title in HEAD_LARGER) if larger else HEAD
    rows = [head, ("---",) * len(head), *(one.row for one in compared)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    differing = [sentence for one in compared for sentence in one.differing]
    cells = sum(one.points for one in compared)
    ratios = f"median {statistics.median(one.cpu_ratio for one in compared):.1f} in a class of {size}"
    of_larger = ""
    if larger:
        median = statistics.median(one.larger.cpu_ratio for one in compared if one.larger)
        ratios += f", {median:.1f} in a class of {larger.size}"
        of_larger = (
            f" A class of {larger.size}: ours is measured; nbgrader, which takes a submission after another "
            f"at the same cost, is the line through one submission and {size}."
        )
    paragraphs = [
        f"`{command}` ({len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, tier "
        f"`{tier}`; a class of {size} in each course; CPU seconds of the whole process tree, by: "
        f"{first.ours.source}). Ours include start-up, the plan from the instructor's run and a new "
        f"gradebook, divided by the size of the class.{of_larger} The machine had a load of {load:.1f} when "
        "it began: wall times hold for such a machine.",
        table,
        f"CPU seconds, nbgrader's for one of ours: {ratios}. Wanted: 3. Points: {cells - len(differing)} of "
        f"{cells} test cells are equal.",
        *("\n".join(f"- {sentence}" for sentence in differing),) * bool(differing),
    ]
    filled = [text if text.startswith(("|", "-")) else _filled(text) for text in paragraphs]
    return "# Other people's courses: figures\n\n" + "\n\n".join(filled) + "\n"


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
