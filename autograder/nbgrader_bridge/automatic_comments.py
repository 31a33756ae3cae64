"""What the grader itself says in the gradebook, under the answers: points that were given inside."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.assignment import Assignment, Role
from autograder.verdicts import SubmissionResult, cell_name


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
