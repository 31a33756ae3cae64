"""Copy the gradebook to another database.

`copy` writes all that nbgrader's gradebook of the course holds into the database that --to names: from the
file gradebook.db to a PostgreSQL server, back, or from file to file. It is copied whole or not at all, and
every table is counted before that is settled; the course's own gradebook stays as it is. Stop `autograder
serve` and close formgrader first. Then set the new address in nbgrader_config.py; until then every command
goes on with the old one.

A password does not belong on a command line: put it into ~/.pgpass (mode 0600).

Example:
  autograder gradebook copy --to postgresql+psycopg://teacher@db.school.example/grades
  autograder gradebook copy --to sqlite:///gradebook.db --replace
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from autograder.cli import EXIT_OK
from autograder.course_settings import open_course
from autograder.storage import turn_sentence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("action", choices=["copy"], help="what to do with it")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument("--to", required=True, metavar="ADDRESS", help="of the database, as in db_url")
    parser.add_argument("--replace", action="store_true", help="delete what that database holds")


def run(arguments: argparse.Namespace) -> int:
    """Copy, and say what to set; the exit code."""
    from autograder.nbgrader_bridge.copying import copy_gradebook  # imports nbgrader
    from autograder.nbgrader_bridge.database import (
        database_name,
        database_url,
        gradebook_name,
        without_password,
    )

    course = open_course(arguments.course)
    if sentence := turn_sentence(course):
        print(sentence, file=sys.stderr)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("copying rows", total=None)
        rows = copy_gradebook(
            course,
            arguments.to,
            replace=arguments.replace,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    target = database_name(database_url(course, arguments.to, "--to"))
    print(f"{gradebook_name(course)} copied to {target}, and counted:")
    for table, number in rows.items():
        print(f"  {table:<20} {number:>9,}")
    print("To use it, set in nbgrader_config.py:")
    print(f'  c.CourseDirectory.db_url = "{without_password(arguments.to)}"')
    return EXIT_OK
