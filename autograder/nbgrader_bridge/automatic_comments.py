"""What the grader itself says in the gradebook, under the answers: points that were given inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograder.assignment import Assignment, Role
from autograder.nbgrader_bridge.patches import importing_nbgrader
from autograder.verdicts import SubmissionResult, cell_name

with importing_nbgrader():
    from nbgrader.api import Gradebook


def inside_comments(notebooks: Mapping[str, Assignment], result: SubmissionResult) -> dict[str, str]:
    """A sentence for each code answer whose tests gave points in the student's process, by the cell's name.

    nbgrader keeps comments of answers alone: points of a test are told under the answer above it, else under
    the first one of its notebook.

    Parameters
    ----------
    notebooks : mapping of str to Assignment
        By the name that their cells have in results.
    result : SubmissionResult
    """
    inside = {test.name: test for test in result.tests if test.inside and test.score > 0 and not test.open}
    given: dict[str, list[str]] = {}
    for own, notebook in notebooks.items():
        answers = [cell.grade_id or "" for cell in notebook.cells if cell.role is Role.SOLUTION]
        above = answers[0] if answers else ""
        for cell in notebook.cells:
            if cell.role is Role.SOLUTION:
                above = cell.grade_id or ""
            test = inside.get(cell_name(own, cell.grade_id or ""))
            if test is not None and above:
                points = f"{test.score:g} point{'s' * (test.score != 1)}"
                given.setdefault(cell_name(own, above), []).append(f"{points} of {test.grade_id}")
    return {
        name: f"{', '.join(told)}: given in the student's process, where a result can be forged."
        for name, told in given.items()
    }


def after_grades(names: Mapping[str, str], comments: Mapping[str, str]) -> Callable[[Any, Any], Any]:
    """A step of `nbgrader autograde` that writes these comments, to stand behind its own `SaveAutoGrades`.

    What a person has written for a cell stays, and goes before what is written here.

    Parameters
    ----------
    names : mapping of str to str
        nbgrader's of the submission: `student`, `assignment`, `notebook`, `db_url`.
    comments : mapping of str to str
        By grade id.
    """

    def write(notebook: Any, resources: Any) -> Any:
        with Gradebook(names["db_url"]) as book:
            for grade_id, sentence in comments.items():
                place = (grade_id, names["notebook"], names["assignment"], names["student"])
                book.find_comment(*place).auto_comment = sentence
            book.db.commit()
        return notebook, resources

    return write
