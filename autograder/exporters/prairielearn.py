"""PrairieLearn: the CSV that an assessment's tab *Uploads* takes under *Upload new total scores*.

A row is `uid,instance,points`: the address that names the person there, 1 for the only instance of the
assessment, and the points. Where the assessment counts other points than the course, `score_perc` takes the
place of `points`. Source: PrairieLearn, instructorAssessmentUploads.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.exporters import Export, ExportError
from autograder.exporters.people import with_score
from autograder.exporters.tables import Cell, number_text, write_table
from autograder.verdicts import SubmissionResult

INSTANCE = 1


def export(results: Sequence[SubmissionResult], assignment: str, *, scale: bool = False) -> Export:
    """The file to upload, `prairielearn-ASSIGNMENT.csv`.

    Parameters
    ----------
    results : sequence of SubmissionResult
    assignment : str
    scale : bool
        Give shares in percent in place of points.

    Raises
    ------
    ExportError
        Nobody has both a score and an address.
    """
    scored, notes = with_score(results)
    rows: list[list[Cell]] = []
    for result, score in scored:
        uid = result.email or (result.student if "@" in result.student else "")
        if not uid:
            notes += (f"{result.student}: no address is known, which PrairieLearn calls uid; left out.",)
            continue
        given = 100 * score / result.max_score if scale and result.max_score else score
        rows.append([uid, INSTANCE, number_text(round(given, 5))])
    if not rows:
        raise ExportError(
            "nobody has a score and an address, by which PrairieLearn knows people. Add addresses to the "
            "gradebook: nbgrader db student add ID --email ADDRESS"
        )
    text = write_table(["uid", "instance", "score_perc" if scale else "points"], rows)
    return Export({f"prairielearn-{assignment}.csv": text.encode()}, tuple(notes))
