"""What waits for a person, question by question, in the order in which formgrader shows it.

formgrader's own keys go to the next submission, read or not. Each of its pages has an address of its own, and
those of what waits are found here.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.assignment import Assignment, load_notebooks
from autograder.course import Course, NoSubmissionsError
from autograder.nbgrader_bridge.database import clear_errors, gradebook_exists
from autograder.nbgrader_bridge.opening import Book, open_book
from autograder.verdicts import cell_name


@dataclass(frozen=True)
class Waiting:
    """What waits of one question.

    Attributes
    ----------
    question : str
        The grade id, after its notebook among several.
    pages : tuple of str
        Formgrader's pages, below the server's address, at the question's points.
    submissions : int
        How many formgrader shows, read or not.
    """

    question: str
    pages: tuple[str, ...]
    submissions: int


def waiting_for_a_person(course: Course, assignment: str) -> list[Waiting]:
    """The questions of which something waits, in the order of the assignment.

    Raises
    ------
    NoSubmissionsError
        Nobody's submission has been graded yet.
    GradebookError
        The gradebook cannot be read.
    """
    notebooks = load_notebooks(course, assignment)
    if not gradebook_exists(course) or not any(course.results(assignment).glob("*.json")):
        raise NoSubmissionsError(
            f"nothing of {assignment!r} is graded in {course.root.resolve()}. Grade first: "
            f"autograder grade {assignment} --course {course.root}"
        )
    with clear_errors(course), open_book(course) as book, book.reading():
        return [
            one
            for notebook in notebooks
            for one in _of_notebook(course, book, notebook, notebook.notebook if len(notebooks) > 1 else "")
        ]


def _of_notebook(course: Course, book: Book, notebook: Assignment, name: str) -> list[Waiting]:
    shown = [
        one
        for one in book.notebook_submissions(notebook.notebook, notebook.name)
        if (course.autograded(one.student.id, notebook.name) / notebook.file_name).is_file()
    ]
    pages: dict[str, list[str]] = {cell.grade_id: [] for cell in notebook.cells if cell.grade_id}
    for one in shown:
        for grade in one.grades:
            if grade.needs_manual_grade and grade.name in pages:
                pages[grade.name].append(f"formgrader/submissions/{one.id}/#{grade.name}")
    return [
        Waiting(cell_name(name, question), tuple(found), len(shown))
        for question, found in pages.items()
        if found
    ]
