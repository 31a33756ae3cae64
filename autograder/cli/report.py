"""Write the report on the class.

One HTML page that opens offline: how the scores are spread, how each test went, which mistakes are
frequent (with an example that carries no name), who needs a person and why, what is still to be graded by
hand, who was late, how long it took. The same figures as CSV tables lie beside it. The page names
students: keep it to yourself.

Without ASSIGNMENT: one page over all assignments, reports/course.html, with each student's points, averages,
what is missing and what is still to be graded by hand; and the report on each assignment, to which it leads.

Example:
  autograder report initialization --course ~/course
  autograder report --course ~/course
  autograder report initialization --course ~/course --out /tmp/report
"""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.class_pages import write_report
from autograder.cli import EXIT_OK
from autograder.course_pages import write_overview
from autograder.course_settings import open_course


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignment", nargs="?", metavar="ASSIGNMENT", help="without it: all of the course")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where to write (default: COURSE/reports, with ASSIGNMENT a folder in it)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the page and the tables; the exit code."""
    course = open_course(arguments.course)
    if arguments.assignment is None:
        lines = write_overview(course, arguments.out)
    else:
        lines = write_report(course, arguments.assignment, arguments.out)
    for line in lines:
        print(line)
    return EXIT_OK
