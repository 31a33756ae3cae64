"""Write the report on the class.

One HTML page that opens offline: how the scores are spread, how each test went, which mistakes are
frequent (with an example that carries no name), who needs a person and why, what is still to be graded by
hand, who was late, how long it took. The same figures as CSV tables lie beside it. The page names
students: keep it to yourself.

Example:
  autograder report initialization --course ~/course
  autograder report initialization --course ~/course --out /tmp/report
"""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.cli import EXIT_OK
from autograder.cli.feedback import course_results
from autograder.collected import read_collected
from autograder.course import Course
from autograder.pages.class_summary import summarize
from autograder.pages.report import report_page, report_tables
from autograder.storage import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write (default: COURSE/reports/ASSIGNMENT)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the page and the tables; the exit code."""
    course = Course(arguments.course)
    results = course_results(course, arguments.assignment)
    known = read_collected(course, arguments.assignment)
    marked = {student for student, about in known.items() if about.late}
    summary = summarize(arguments.assignment, results, marked)
    folder = arguments.out or course.root / "reports" / arguments.assignment
    for name, text in report_tables(summary).items():
        write_whole(folder / name, text.encode("utf-8-sig"))  # the mark tells Excel that it is UTF-8
    write_whole(folder / "report.html", report_page(summary).encode())
    print(f"{folder / 'report.html'}: {len(summary.results)} submissions, {summary.graded} graded.")
    if summary.attention:
        print(f"{_need(len(summary.attention), 'need')} a person: the report says why.")
    if summary.waiting:
        print(f"{_need(summary.waiting, 'wait')} for hand grading; scores are provisional.")
    return EXIT_OK


def _need(number: int, verb: str) -> str:
    return f"{number} {verb}{'s' * (number == 1)}"
