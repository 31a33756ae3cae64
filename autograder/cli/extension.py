"""Give students extra days, and list who has some.

Extra days are kept in nbgrader's gradebook with the submission, where formgrader and late penalties read
them, so the assignment must have a due date (formgrader, *Manage Assignments*) and have been graded once.
Penalties change at once. Without --days the present extra days are listed; --days 0 takes them away.

Example:
  autograder extension initialization
  autograder extension initialization --student ada --student alan --days 3
  autograder extension initialization --all --days 1
"""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.cli import EXIT_OK
from autograder.course import CourseError
from autograder.course_settings import open_course


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument("--student", action="append", default=[], metavar="ID", help="may be repeated")
    parser.add_argument("--all", action="store_true", help="everybody who has handed in and is graded")
    parser.add_argument("--days", type=_days, metavar="N", help="days added to the due date, as 3 or 0.5")


def run(arguments: argparse.Namespace) -> int:
    """Set what was asked for, and list; the exit code."""
    from autograder.nbgrader_bridge.extensions import extensions, set_extension  # imports nbgrader

    course = open_course(arguments.course)
    course.require_assignment(arguments.assignment)
    if arguments.days is not None:
        if bool(arguments.student) == arguments.all:
            raise CourseError("--days is for somebody: name them with --student ID, or say --all.")
        set_extension(course, arguments.assignment, arguments.student, arguments.days)
    elif arguments.student or arguments.all:
        raise CourseError("how many days? Add --days N; --days 0 takes them away.")
    given = extensions(course, arguments.assignment)
    for one in given:
        print(f"{one.student}: {one.days:g} day{'s' * (one.days != 1)}")
    if not given:
        print(f"Nobody has extra days for {arguments.assignment}.")
    return EXIT_OK


def _days(text: str) -> float:
    days = float(text)
    if not 0 <= days <= 1_000:
        raise argparse.ArgumentTypeError(f"{text} days; a number from 0 to 1000 is wanted")
    return days
