"""Say one sentence to all who share a mistake.

CLUSTER is an id of the catalogue, or the cluster of a mistake without a name, as the report shows it. The
sentence stands on the page of each student who makes that mistake, now and in later gradings, once feedback
is written again. An empty text takes it away. Sentences lie in comments.json beside the gradebook; copy that
file into next year's course, or take it in with --from.

Example:
  autograder comment initialization seed-missing "We set the seed first: section 2." --course ~/course
  autograder comment initialization 3f9a01bc "Look at the brackets." --course ~/course
  autograder comment initialization --from last-year/comments.json
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from autograder.class_pages import course_results
from autograder.cli import EXIT_OK, EXIT_USAGE
from autograder.course_settings import open_course
from autograder.teacher_comments import add_comments, comments_path, read_comments
from autograder.untrusted.text import printable
from autograder.verdicts import SubmissionResult

_MOST_NAMED = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument("cluster", metavar="CLUSTER", nargs="?", default="")
    parser.add_argument("text", metavar="TEXT", nargs="?")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument(
        "--from",
        dest="origin",
        type=Path,
        metavar="FILE",
        help="take in the sentences of another comments.json",
    )


def run(arguments: argparse.Namespace) -> int:
    """Store the sentence, and say whom it meets; the exit code."""
    course, name = open_course(arguments.course), arguments.assignment
    if arguments.origin is not None:
        taken = read_comments(arguments.origin).get(name, {})
        add_comments(course, {name: taken})
        print(f"{len(taken)} sentences for {name} taken from {arguments.origin}.")
        return EXIT_OK
    if not arguments.cluster or arguments.text is None:
        print("autograder comment: give CLUSTER and TEXT, or --from FILE.", file=sys.stderr)
        return EXIT_USAGE
    results = course_results(course, name)
    known = Counter(key for result in results for key in _shared(result))
    add_comments(course, {name: {arguments.cluster: arguments.text}})
    met = known[arguments.cluster]
    print(f"Stored in {comments_path(course)}; it meets {met} of those graded so far.")
    if not met and arguments.text:
        usual = ", ".join(f"{key} ({number})" for key, number in known.most_common(_MOST_NAMED)) or "none"
        print(f"Is {printable(arguments.cluster)!r} spelled as in the report? Frequent there: {usual}.")
    print(f"Next: autograder feedback {name} --course {arguments.course}")
    return EXIT_OK


def _shared(result: SubmissionResult) -> set[str]:
    """The ids and clusters of a student's failures."""
    keys = {key for test in result.tests for key in (test.misconception, test.cluster)}
    return {key for key in keys if key}
