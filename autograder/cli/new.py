"""Make a new course, or add an assignment to one.

In a new folder: nbgrader_config.py, README.md with the next commands, and source/ with one small assignment
that can be graded as it is: a function, visible and hidden tests, a written answer with its mark scheme. In a
course:
--assignment NAME adds such an assignment. Open the notebook in JupyterLab and make it yours; the page
*Write your own assignment* explains each cell. Nothing that is there is written over.

Example:
  autograder new mycourse
  autograder new mycourse --assignment week2
"""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.cli import EXIT_OK
from autograder.course_settings import CONFIG, open_course
from autograder.new_course import add_assignment, make_course

FIRST = "week1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--assignment", metavar="NAME", help=f"the assignment's name (in a new course: {FIRST} without it)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the files, and say what to do next."""
    folder: Path = arguments.folder
    is_course = (folder / CONFIG).is_file() or (folder / "source").is_dir()
    name = arguments.assignment or FIRST
    if is_course and arguments.assignment:
        course = open_course(folder)
        print(f"{add_assignment(course, name)} written: an assignment to start from.")
    else:
        course = make_course(folder, name)
        print(f"A course in {course.root}: {CONFIG}, README.md and source/{name}/{name}.ipynb.")
    notebook = course.source(name) / f"{name}.ipynb"
    print("Next:")
    print(f"  jupyter lab {notebook}    make it yours")
    print(f"  autograder try {notebook}    your own solution must get full points")
    print(f"  autograder release {name} --course {folder}    what students get")
    return EXIT_OK
