"""Show how many answers of each question wait for a person, and the next one's address in formgrader.

Question by question across students, in formgrader's own order; what has been read is left out. Start
`jupyter lab` in the course's folder, open the address, give points, and type the command again: it shows the
next. With --open it opens it in your browser. Points of tests that wait are listed, too.

The address is that of JupyterLab on this machine; where it prints another (a port, a JupyterHub), give that
one with --server.

Example:
  autograder unread initialization
  autograder unread initialization --question observations --open
  autograder unread initialization --server http://localhost:8889
"""

from __future__ import annotations

import argparse
import webbrowser
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
    parser.add_argument("--question", metavar="ID", help="only this question")
    parser.add_argument("--open", action="store_true", help="open the next one in the browser")
    parser.add_argument(
        "--server",
        default="http://localhost:8888",
        metavar="URL",
        help="where JupyterLab runs (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Show what waits; the exit code."""
    from autograder.nbgrader_bridge.unread import waiting_for_a_person  # imports nbgrader

    course, name = open_course(arguments.course), arguments.assignment
    waiting = waiting_for_a_person(course, name)
    if arguments.question:
        known = [one.question for one in waiting]
        waiting = [one for one in waiting if one.question == arguments.question]
        if not waiting and known:
            raise CourseError(
                f"nothing of {arguments.question!r} waits in {name}; something waits of {', '.join(known)}."
            )
    server = arguments.server.partition("?")[0].rstrip("/").removesuffix("/lab")
    for one in waiting:
        wait = f"{len(one.pages)} of {one.submissions} wait{'s' * (len(one.pages) == 1)}"
        print(f"{one.question}: {wait}. Next: {server}/{one.pages[0]}")
    if not waiting:
        print(f"Nothing of {name} waits for a person. Next: autograder feedback {name}")
    elif arguments.open:
        webbrowser.open(f"{server}/{waiting[0].pages[0]}")
    return EXIT_OK
