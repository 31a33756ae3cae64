"""The way in: a student's folder -> a `Submission`.

`read_submission` reads the folder (`folder`), parses the notebook (`strict_json`, `notebook`) and matches its
cells with the instructor's (`matching`, `placing`).
"""

from __future__ import annotations

from pathlib import Path

from autograder.assignment import Assignment
from autograder.intake.folder import SubmittedFolder, read_folder
from autograder.intake.notebook import read_notebook
from autograder.intake.placing import plan_cells
from autograder.intake.plan import IntakeLimits, Rejection, Submission


def read_submission(folder: Path, assignment: Assignment, limits: IntakeLimits | None = None) -> Submission:
    """What the student handed in, as a plan of cells to run.

    Parameters
    ----------
    folder : Path
        `submitted/<student>/<assignment>/`.
    assignment : Assignment
        The instructor's copy.
    limits : IntakeLimits, optional

    Raises
    ------
    Rejection
        With one sentence that says what is wrong and what to do.
    """
    return plan_folder(read_folder(folder, assignment, limits), assignment, limits)


def plan_folder(
    submitted: SubmittedFolder, assignment: Assignment, limits: IntakeLimits | None = None
) -> Submission:
    """The second half of `read_submission`: from what `read_folder` found, wherever that was.

    Raises
    ------
    Rejection
        The notebook's bytes are no notebook.
    """
    plan = plan_submission(submitted.notebook, assignment, limits)
    flags = submitted.flags + plan.flags + _flags_of_others(submitted, assignment, limits or IntakeLimits())
    return Submission(plan.cells, flags, submitted.files, submitted.notebook_path)


def _flags_of_others(
    submitted: SubmittedFolder, assignment: Assignment, limits: IntakeLimits
) -> tuple[str, ...]:
    """A flag on notebooks that lie beside the graded one.

    Raises
    ------
    Rejection
        The graded one is as it was handed out, and another holds work: a person says which one counts.
    """
    if not submitted.others:
        return ()
    working = [name for name, content in submitted.others.items() if _holds_work(content, assignment, limits)]
    named = ", ".join(submitted.others)
    is_only = not assignment.siblings  # of several, one that nobody worked on is no riddle
    if working and is_only and not _holds_work(submitted.notebook, assignment, limits):
        raise Rejection(
            f"{submitted.notebook_path} is as it was handed out, and {', '.join(working)} beside it "
            f"{'holds' if len(working) == 1 else 'hold'} work. Which one counts? A person renames it to "
            f"{assignment.file_name} and grades again."
        )
    are = "is" if len(submitted.others) == 1 else "are"
    beside = submitted.notebook_path if is_only else "the assignment's notebooks"
    return (f"{named} {are} beside {beside} and {are} not graded.",)


def _holds_work(content: bytes, assignment: Assignment, limits: IntakeLimits) -> bool:
    """Whether a notebook has a cell with a text that students were not given."""
    given = {" ".join(cell.released_source.split()) for cell in assignment.cells} | {""}
    try:
        return any(" ".join(cell.source.split()) not in given for cell in read_notebook(content, limits))
    except Rejection:
        return False


def plan_submission(
    notebook: bytes, assignment: Assignment, limits: IntakeLimits | None = None
) -> Submission:
    """As `read_submission`, for the bytes of a notebook that lies in no folder.

    Raises
    ------
    Rejection
        The bytes are no notebook.
    """
    limits = limits or IntakeLimits()
    cells, flags = plan_cells(read_notebook(notebook, limits), assignment)
    return Submission(cells, flags, dict(assignment.files), assignment.file_name)
