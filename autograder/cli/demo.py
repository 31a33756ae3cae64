"""Grade an example class in a scratch course, from nothing.

Makes a course in demo/ (or --into DIR): the instructor's notebook, its release, and 35 submissions written
from the release, right ones in several styles and wrong ones with a mistake each. Grades them in the
strongest sandbox that this machine can enforce, writes feedback pages and the report on the class, compares
every score with the expected one, and says where everything lies. Run again, it starts afresh.

Example:
  autograder demo
  autograder demo --into /tmp/demo --workers 2
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from pathlib import Path

from autograder import class_run, cli
from autograder.class_pages import feedback_lines, write_feedback, write_report
from autograder.cli.chosen_tier import chosen_tier
from autograder.cli.run_display import progress_bar, reason, summary
from autograder.course import Course
from autograder.demo import ASSIGNMENT, ExampleClass, build_course, find_example_class
from autograder.grading.defaults import LIMITS
from autograder.verdicts import SubmissionResult

# One student's function never ends, and seven cells call it: the full 15 s for each would be a long demo.
CELL_S = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument(
        "--into", type=Path, default=Path("demo"), metavar="DIR", help="the scratch course (default: demo)"
    )
    parser.add_argument(
        "--clone", type=Path, metavar="DIR", help="a clone of the repository (default: found)"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="submissions side by side (default: one a core)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Build, grade, report; 0 when every score is the expected one."""
    began = time.monotonic()
    example = find_example_class(arguments.clone)
    course = build_course(example, arguments.into)
    print(f"A course in {course.root}: {len(example.stories)} submissions of {ASSIGNMENT}, from its release.")
    options = class_run.Options(
        workers=arguments.workers,
        isolation=chosen_tier(None, print, weakest="none"),  # the example class is ours
        limits=dataclasses.replace(LIMITS, cell_s=CELL_S),
    )
    print(f"Grading, isolation {options.isolation} (autograder doctor shows what that means) ...", flush=True)
    with progress_bar() as show:
        results = class_run.grade(course, ASSIGNMENT, options, show)
    print()
    for line in table(example, results):
        print(line)
    print()
    pages = write_feedback(course, ASSIGNMENT)
    for line in (*feedback_lines(course, ASSIGNMENT, pages), *write_report(course, ASSIGNMENT)):
        print(line)
    return _close(example, course, results, time.monotonic() - began)


def table(example: ExampleClass, results: list[SubmissionResult]) -> list[str]:
    """Lines of a table: student, points of the tests, what was handed in, what the grader says."""
    stories = example.stories
    rows = [("student", "points", "handed in", "the grader says")]
    for result in results:
        points = "-" if result.score is None else f"{result.score:g}/{result.max_score:g}"
        says = reason(result).partition(". ")[0]
        rows.append((result.student, points, stories.get(result.student, ""), says))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        f"{name:<{widths[0]}}  {points:>{widths[1]}}  {story:<{widths[2]}}  {says}".rstrip()
        for name, points, story, says in rows
    ]


def _close(example: ExampleClass, course: Course, results: list[SubmissionResult], seconds: float) -> int:
    root = course.root
    print(f"Feedback pages: {root / 'feedback'}/STUDENT/{ASSIGNMENT}/{ASSIGNMENT}.html")
    print(f"nbgrader's gradebook: {course.gradebook} (formgrader: cd {root}; jupyter lab)")
    surprises = example.surprises(results)
    for sentence in surprises:
        print(f"Not as expected: {sentence}.")
    verdict = f"{len(surprises)} scores are not as expected" if surprises else "every score is as expected"
    print(f"{summary(results)} {len(results)} submissions in {seconds:.0f} s; {verdict}.")
    return cli.EXIT_SOME_FAILED if surprises else cli.EXIT_OK
