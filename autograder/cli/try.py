"""Grade one notebook without touching the course.

Runs it as if a student had handed it in, in a sandbox and against the course's hidden tests, and shows how
each test ended. Nothing is kept: no gradebook, no result, no page. Good for your own solution (which must
get full points), for a wrong one (which must not), and for a student's question.

The course is the folder with source/ that holds the notebook, else --course, else the current folder; the
assignment is the one whose notebook it is, by folder or name, else --assignment. Files beside the
notebook come along.

Example:
  autograder try source/initialization/initialization.ipynb
  autograder try ~/Downloads/double.ipynb --assignment initialization --course ~/course

Exit code: 0 full points in every test, 1 not, 2 the command or the set-up is wrong.
"""

# ruff: noqa: N999 - a keyword; verbs are imported by their name

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

from autograder import class_run
from autograder.assignment import files_beside
from autograder.autotests import autotests_of
from autograder.cli import EXIT_OK, EXIT_SOME_FAILED
from autograder.cli.chosen_tier import chosen_tier
from autograder.cli.run_display import words
from autograder.course import Course, CourseError
from autograder.course_settings import CONFIG, course_config, open_course
from autograder.own_mistakes import MISTAKES
from autograder.sandbox import TIERS
from autograder.untrusted.text import printable
from autograder.verdicts import Status, SubmissionResult, TestResult

STUDENT = "try"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--assignment", metavar="NAME", help="default: the one whose notebook it is")
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="default: the notebook's course, else here"
    )
    parser.add_argument(
        "--isolation",
        choices=TIERS,
        help="the sandbox tier (default: full, else wasm; a weaker one has to be named)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Grade it; the exit code."""
    notebook: Path = arguments.notebook
    if not notebook.is_file():
        raise CourseError(f"no notebook {notebook}. Check its name, or type its whole path.")
    course = open_course(arguments.course or _course_of(notebook))
    name = arguments.assignment or _assignment_of(course, notebook)
    own = _own_notebook(course, name, notebook)
    with tempfile.TemporaryDirectory(prefix="autograder-try-") as folder:
        scratch = _scratch_course(course, name, notebook, own, Path(folder))
        tier = chosen_tier(arguments.isolation, lambda why: print(why, file=sys.stderr))
        (result,) = class_run.grade(scratch, name, class_run.Options(workers=1, isolation=tier))
    is_own = notebook.samefile(own)
    for line in lines(
        result, with_flags=not is_own
    ):  # the instructor's locked cells hold more than students'
        print(line)
    is_full = result.status is Status.GRADED and all(test.score >= test.max_score for test in result.tests)
    return EXIT_OK if is_full else EXIT_SOME_FAILED


def lines(result: SubmissionResult, *, with_flags: bool = True) -> list[str]:
    """What to tell of a result: a line a test, flags, and the sum."""
    if result.status is not Status.GRADED:
        return [f"{result.status}: {result.reason}"]
    width = max((len(test.grade_id) for test in result.tests), default=0)
    shown = [_line(test, width) for test in result.tests]
    shown += [f"note: {flag}" for flag in result.flags if with_flags]
    got, most = (sum(getattr(test, field) for test in result.tests) for field in ("score", "max_score"))
    by_hand = sum(grade.max_score for grade in result.hand_grades)
    rest = f"; {by_hand:g} more are given by hand" if by_hand else ""
    return [*shown, f"{got:g} of {most:g} points by tests{rest}. Isolation: {result.isolation}."]


def _line(test: TestResult, width: int) -> str:
    points = f"{test.score:g} of {test.max_score:g}"
    said = (
        printable(" ".join((test.message or test.hint).split()), 160) if test.score < test.max_score else ""
    )
    return f"{test.grade_id:<{width}}  {points:>10}  {words(test)}{f': {said}' if said else ''}"


def _course_of(notebook: Path) -> Path:
    """The folder above the notebook that is a course, else the current one."""
    for folder in notebook.resolve().parents:
        if (folder / CONFIG).is_file() or (folder / "source").is_dir():
            return folder
    return Path()


def _assignment_of(course: Course, notebook: Path) -> str:
    """The assignment whose folder holds the notebook, else the one that has a notebook of its name."""
    known = course.assignments()
    for name in known:
        if course.source(name).resolve() == notebook.resolve().parent:
            return name
    has_it = [name for name in known if notebook.stem in course.notebook_names(name)]
    return has_it[0] if len(has_it) == 1 and notebook.stem not in known else notebook.stem


def _own_notebook(course: Course, name: str, notebook: Path) -> Path:
    """The instructor's notebook of the assignment that `notebook` is graded as.

    Raises
    ------
    CourseError
        There is no such assignment, or it has several notebooks and none of this name.
    """
    paths = course.require_assignment(name)
    named = [path for path in paths if path.stem == notebook.stem]
    if not named and len(paths) > 1:
        raise CourseError(
            f"{name} has the notebooks {', '.join(path.name for path in paths)}. Give {notebook.name} the "
            "name of the one that it is a copy of."
        )
    return (named or paths)[0]


def _scratch_course(course: Course, name: str, notebook: Path, own: Path, root: Path) -> Course:
    """A course with that notebook of the assignment and one submission of it, with what lies beside it."""
    if (course.root / CONFIG).is_file():
        settings = (course.root / CONFIG).read_text(encoding="utf-8")
        (root / CONFIG).write_text(settings, encoding="utf-8")
    scratch = Course(root)
    shutil.copytree(course.source(name), scratch.source(name))
    _copy_autotests(course, own, scratch)
    for other in scratch.notebooks(name):
        if other.name != own.name:
            other.unlink()
    submitted = scratch.submitted(STUDENT, name)
    submitted.mkdir(parents=True)
    shutil.copyfile(notebook, submitted / own.name)
    for path in notebook.resolve().parent.iterdir():
        if (
            path.is_file()
            and not path.is_symlink()
            and path.suffix != ".ipynb"
            and path.name != MISTAKES
            and path.stat().st_size < 20_000_000
        ):
            shutil.copyfile(path, submitted / path.name)
    return scratch


def _copy_autotests(course: Course, own: Path, scratch: Course) -> None:
    """What AUTOTEST needs: the course's templates, and the assertions where they are written out already."""
    found = None
    with contextlib.suppress(OSError, UnicodeDecodeError):  # whoever reads it next says what is wrong
        text = own.read_text(encoding="utf-8")
        found = autotests_of(course, own, text, files_beside(own), course_config(course))
    if found is None:
        return
    if found.templates is not None and found.templates.parent == course.root:
        shutil.copyfile(found.templates, scratch.root / found.file_name)
    if found.kept.is_file():
        kept = scratch.root / found.kept.relative_to(course.root)
        kept.parent.mkdir(parents=True)
        shutil.copyfile(found.kept, kept)
