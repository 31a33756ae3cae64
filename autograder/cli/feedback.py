"""Write each student's feedback page.

One HTML file a student, in feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html, where nbgrader looks for it:
points by part, what each test found and a hint, the plots the notebook drew, the grader's comments. It
opens offline and prints. Grade first; run this again after grading by hand, so that comments and points
are on the page.

Example:
  autograder feedback initialization --course ~/course
  autograder feedback initialization --course ~/course --student ada --student alan

To hand the pages out through nbgrader: nbgrader release_feedback initialization. (nbgrader generate_feedback
writes the same pages.)
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.cli import EXIT_OK
from autograder.course import Course, NoSubmissionsError, UnknownStudentError
from autograder.pages.feedback import feedback_page
from autograder.storage import write_whole
from autograder.verdicts import SubmissionResult


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
    course = Course(arguments.course)
    results = course_results(course, arguments.assignment)
    missing = sorted(set(arguments.student) - {result.student for result in results})
    if missing:
        raise UnknownStudentError(
            f"no result of {', '.join(missing)} for {arguments.assignment!r} in {course.root.resolve()}. "
            f"Check the id, or grade first: autograder grade {arguments.assignment} --student {missing[0]}"
        )
    chosen = [r for r in results if not arguments.student or r.student in arguments.student]
    for result in chosen:
        page = feedback_page(result, autograded_notebook(course, result), course=arguments.title)
        folder = course.feedback(result.student, result.assignment)
        write_whole(folder / f"{result.assignment}.html", page.encode())
    waiting = sum(result.needs_manual_grade for result in chosen)
    print(f"{len(chosen)} feedback page{'s' * (len(chosen) != 1)} in {course.root / 'feedback'}.")
    if waiting:
        print(
            f"{waiting} of them still wait{'s' * (waiting == 1)} for hand grading. When that is done, "
            f"write again: autograder feedback {arguments.assignment} --course {course.root}"
        )
    return EXIT_OK


def course_results(course: Course, assignment: str) -> list[SubmissionResult]:
    """The class's results with hand grades merged in.

    Raises
    ------
    NoSubmissionsError
        Nobody's submission has been graded yet.
    """
    course.require_assignment(assignment)
    from autograder.nbgrader_bridge.book import (
        class_results,  # takes a second to import; a wrong name is told at once
    )

    results = class_results(course, assignment)
    if not results:
        raise NoSubmissionsError(
            f"no results of {assignment!r} in {course.root.resolve()}. Grade first: "
            f"autograder grade {assignment} --course {course.root}"
        )
    return results


def autograded_notebook(course: Course, result: SubmissionResult) -> Mapping[str, Any] | None:
    """The notebook that the grader wrote for this submission, or None when there is none to read."""
    path = course.autograded(result.student, result.assignment) / f"{result.assignment}.ipynb"
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # a rejected submission has none; the page says so without it
    return notebook if isinstance(notebook, dict) else None
