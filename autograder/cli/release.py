"""Make the students' version of assignments from the instructor's.

Reads source/ASSIGNMENT/, takes out solutions, hidden tests, mark schemes and outputs through nbgrader's own
converter, and writes release/ASSIGNMENT/. No gradebook is made or touched. Never edit release/ by hand: edit
source/ and run this again. With --check nothing is written; the exit code is 1 when release/ is stale.

Of several assignments, one that cannot be released does not hold up the others: it is named with its reason,
and the exit code is 1. A hidden check whose message is computed (an f-string, a name) is named: students do
not read such a message, because it could tell what is hidden; a plain string they do.

Your own notebook is graded as if it had been handed in: how its tests run is told, tests that give points
without the answer they belong to are named, and an assignment that your own solution does not pass is not
released (--anyway). A mistakes.toml beside the notebook (your own catalogue of mistakes) is checked, and
stays with you.

Example:
  autograder release                    all assignments of the course in this folder
  autograder release initialization --check
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.assignment import Assignment, load_notebooks
from autograder.cli import EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE
from autograder.cli.chosen_tier import chosen_tier
from autograder.code_cell import install_line
from autograder.course import WHICH_FOLDER, Course, CourseError
from autograder.course_settings import open_course
from autograder.examiner.cell_code import computed_hidden_messages
from autograder.grading.plan_store import plan_sentences
from autograder.grading.test_plan import Place
from autograder.lacking_modules import lacking_sentences
from autograder.nbgrader_bridge.release import (
    generate_release,
    kept_back,
    left_out_attachments,
    stale_files,
    write_release,
)
from autograder.plan_run import plan_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all in source/")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when release/ is stale")
    parser.add_argument(
        "--anyway", action="store_true", help="release what your own solution does not pass, too"
    )
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Release, or check; the exit code."""
    course = open_course(arguments.course)
    assignments = arguments.assignments or course.assignments()
    if not assignments:
        raise CourseError(
            f"no assignment in {course.root.resolve()}: expected {course.source_directory}/NAME/NAME.ipynb. "
            f"{WHICH_FOLDER}"
        )
    stale = broken = 0
    for assignment in assignments:
        try:
            stale += not _released(course, assignment, check_only=arguments.check, anyway=arguments.anyway)
        except CourseError as error:
            if len(assignments) == 1:
                raise
            broken += 1
            print(f"autograder release: {error}", file=sys.stderr)
    if broken and arguments.check:
        return EXIT_USAGE
    return EXIT_SOME_FAILED if stale or broken else EXIT_OK


def _released(course: Course, assignment: str, *, check_only: bool, anyway: bool) -> bool:
    """Make the release agree with the source, or look whether it does; whether it does now."""
    files = generate_release(course, assignment)
    planned = _planned(course, assignment, may_refuse=not (check_only or anyway))
    reasons = stale_files(course, assignment, files)
    folder = course.release(assignment)
    if not reasons:
        print(f"{folder} is up to date.")
    elif check_only:
        print(f"{folder} is stale: {'; '.join(reasons)}. Run: autograder release {assignment}")
    else:
        write_release(course, assignment, files)
        print(f"{folder} written ({len(files)} file{'s' if len(files) > 1 else ''}).")
    said = (
        *left_out_attachments(course, assignment, files),
        *kept_back(course, assignment),
        *installing_cells(course, assignment),
        *unread_messages(course, assignment),
        *lacking_sentences(course, assignment, "wasm"),
        *planned,
    )
    for sentence in said:
        print(sentence)
    return not (reasons and check_only)


def _planned(course: Course, name: str, *, may_refuse: bool) -> list[str]:
    """How the tests run, and which of them are wrong, in sentences.

    Raises
    ------
    CourseError
        The instructor's own solution does not pass, and that may be refused.
    """
    said: list[str] = []
    fails = False
    for assignment in load_notebooks(course, name):
        sentences, is_wrong = _planned_notebook(course, assignment)
        said += sentences
        fails = fails or is_wrong
    if may_refuse and fails:
        raise CourseError(" ".join([*said, "Not released; --anyway does it all the same."]))
    return said


def _planned_notebook(course: Course, assignment: Assignment) -> tuple[list[str], bool]:
    """The same of one notebook, and whether the instructor's own solution does not pass."""
    if not assignment.tests:
        return [], False
    name = assignment.title
    try:
        tier = chosen_tier(None)
        plan = plan_of(course, assignment, tier, prove=True)
    except CourseError as error:
        return [f"{name}: the tests were not tried with your own solution: {error}"], False
    said = [f"{name}: {sentence}" for sentence in plan_sentences(assignment, tier, plan)]
    return said, bool(plan.at(Place.NEITHER))


def installing_cells(course: Course, assignment: str) -> list[str]:
    """A sentence for each cell that installs a package."""
    return [
        f"{one.title}, cell {cell.index}: `{line}` installs nothing while notebooks are graded: there is no "
        "network. Install the package where the grader runs."
        for one in load_notebooks(course, assignment)
        for cell in one.cells
        if cell.cell_type == "code" and (line := install_line(cell.source))
    ]


def unread_messages(course: Course, assignment: str) -> list[str]:
    """A sentence for each hidden check whose message no student will read."""
    return [
        f"{one.title}, test {cell.grade_id}, line {line}: the message of this hidden check is computed, so "
        "students do not read it. Write it as a plain string, or leave it out."
        for one in load_notebooks(course, assignment)
        for cell in one.tests
        for line in computed_hidden_messages(cell)
    ]
