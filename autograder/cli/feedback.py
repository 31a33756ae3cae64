"""Write each student's feedback page.

One HTML file per student, in feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html, where nbgrader looks for it:
points by part, what each test found and a hint, the plots the notebook drew, the grader's comments. It
opens offline and prints. Grade first; run this again after grading by hand, so that comments and points
are on the page. A text that cannot be typeset is shown plain; the command then names the student and why, and
ends with 1.

--zip makes the archive that the platform's bulk upload takes, where the submissions were collected from its
zip file: in Moodle, View all submissions, Upload multiple feedback files in a zip (the assignment's feedback
type "Feedback files" must be on); in Canvas, Upload Submissions. --folder writes a plain folder for mail
merge: the pages by student, and students.csv with addresses.

Example:
  autograder feedback initialization --course ~/course
  autograder feedback initialization --course ~/course --student ada --student alan
  autograder feedback initialization --course ~/course --zip moodle
  autograder feedback initialization --course ~/course --folder ~/pages

To hand the pages out through nbgrader: nbgrader release_feedback initialization. (nbgrader generate_feedback
writes the same pages.)
"""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.class_pages import feedback_lines, write_feedback
from autograder.cli import EXIT_OK, EXIT_SOME_FAILED
from autograder.collected import read_collected
from autograder.course_settings import open_course
from autograder.feedback_archives import PLATFORMS, archive, mail_merge
from autograder.storage import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words this verb understands."""
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the folder of source/ (default: here)"
    )
    parser.add_argument(
        "--student", action="append", default=[], metavar="ID", help="only this student; may be repeated"
    )
    parser.add_argument(
        "--zip", choices=PLATFORMS, help="also write exports/ASSIGNMENT/feedback-PLATFORM.zip for bulk upload"
    )
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="also write the pages into DIR, for mail merge"
    )
    parser.add_argument("--title", default="", metavar="TEXT", help="the course's name, above the title")


def run(arguments: argparse.Namespace) -> int:
    """Write the pages; the exit code."""
    course = open_course(arguments.course)
    written = write_feedback(course, arguments.assignment, arguments.student, arguments.title)
    for line in feedback_lines(course, arguments.assignment, written):
        print(line)
    assignment = arguments.assignment
    names = [f"{name}.html" for name in course.notebook_names(assignment)]
    pages = {
        result.student: {
            name: path.read_bytes()
            for name in names
            if (path := course.feedback(result.student, assignment) / name).is_file()
        }
        for result in written.results
    }
    if arguments.folder is not None:
        for name, content in mail_merge(written.results, pages).items():
            write_whole(arguments.folder / name, content)
        print(f"{arguments.folder}: the pages by student, and students.csv for mail merge.")
    if arguments.zip:
        content, notes = archive(arguments.zip, assignment, pages, read_collected(course, assignment))
        place = course.root / "exports" / assignment / f"feedback-{arguments.zip}.zip"
        write_whole(place, content)
        print("\n".join([f"{place}: for {arguments.zip.title()}'s bulk upload.", *notes]))
    return EXIT_SOME_FAILED if written.plain else EXIT_OK
