"""Write each student's feedback page.

One HTML file per student, in feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html, where nbgrader looks for it:
points by part, what each test found and a hint, the plots the notebook drew, the grader's comments. It
opens offline and prints. Grade first; run this again after grading by hand, so that comments and points
are on the page. A text that cannot be typeset is shown plain; the command then names the student and why, and
ends with 1.

Example:
  autograder feedback initialization --course ~/course
  autograder feedback initialization --course ~/course --student ada --student alan

To hand the pages out through nbgrader: nbgrader release_feedback initialization. (nbgrader generate_feedback
writes the same pages.)
"""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.class_pages import feedback_lines, write_feedback
from autograder.cli import EXIT_OK, EXIT_SOME_FAILED
from autograder.course_settings import open_course


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument(
        "--student", action="append", default=[], metavar="ID", help="only this student; may be repeated"
    )
    parser.add_argument("--title", default="", metavar="TEXT", help="the course's name, above the title")


def run(arguments: argparse.Namespace) -> int:
    """Write the pages; the exit code."""
    course = open_course(arguments.course)
    written = write_feedback(course, arguments.assignment, arguments.student, arguments.title)
    for line in feedback_lines(course, arguments.assignment, written):
        print(line)
    return EXIT_SOME_FAILED if written.plain else EXIT_OK
