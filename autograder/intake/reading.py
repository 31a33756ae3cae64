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
from autograder.intake.plan import IntakeLimits, Submission


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
    return Submission(plan.cells, submitted.flags + plan.flags, submitted.files, submitted.notebook_path)


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
    return Submission(cells, flags, dict(assignment.files), f"{assignment.name}.ipynb")
