"""What an assignment has of its own in this grader, by the metadata of the instructor's notebook."""

from __future__ import annotations

from autograder.assignment import Assignment, AssignmentError
from autograder.misconceptions.registered import Registered, Support, UnknownDiagnosisError, registered


def registered_for(assignment: Assignment) -> Registered | None:
    """What the assignment registers; None where it registers nothing.

    Raises
    ------
    AssignmentError
        It names a diagnosis that is not there.
    """
    try:
        return registered(assignment.notebook_metadata)
    except UnknownDiagnosisError as error:
        raise AssignmentError(f"{assignment.title}: {error}") from error


def support_of(assignment: Assignment) -> Support:
    """The packages and modules that the assignment registers; none where it registers nothing.

    Raises
    ------
    AssignmentError
        As `registered_for`.
    """
    own = registered_for(assignment)
    return own.support if own is not None else Support()
