"""Make the students' version of assignments from the instructor's.

Reads source/ASSIGNMENT/, takes out solutions, hidden tests, mark schemes and outputs through nbgrader's own
converter, and writes release/ASSIGNMENT/. No gradebook is made or touched. Never edit release/ by hand: edit
source/ and run this again. With --check nothing is written; the exit code is 1 when release/ is stale.

Of several assignments, one that cannot be released does not hold up the others: it is named with its reason,
and the exit code is 1.

Example:
  autograder release                    all assignments of the course in this folder
  autograder release initialization --check
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.cli import EXIT_OK, EXIT_SOME_FAILED
from autograder.course import WHICH_FOLDER, Course, CourseError
from autograder.nbgrader_bridge.release import ReleaseError, generate_release, stale_files, write_release


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all in source/")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when release/ is stale")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Release, or check; the exit code."""
    course = Course(arguments.course)
    assignments = arguments.assignments or course.assignments()
    if not assignments:
        raise CourseError(
            f"no assignment in {course.root.resolve()}: expected source/NAME/NAME.ipynb. {WHICH_FOLDER}"
        )
    stale = broken = 0
    for assignment in assignments:
        try:
            files = generate_release(course, assignment)
        except ReleaseError as error:
            if arguments.check or len(assignments) == 1:
                raise
            broken += 1
            print(f"autograder release: {error}", file=sys.stderr)
            continue
        reasons = stale_files(course, assignment, files)
        folder = course.release(assignment)
        if not reasons:
            print(f"{folder} is up to date.")
        elif arguments.check:
            stale += 1
            print(f"{folder} is stale: {'; '.join(reasons)}. Run: autograder release {assignment}")
        else:
            write_release(course, assignment, files)
            print(f"{folder} written ({len(files)} file{'s' if len(files) > 1 else ''}).")
    return EXIT_SOME_FAILED if stale or broken else EXIT_OK
