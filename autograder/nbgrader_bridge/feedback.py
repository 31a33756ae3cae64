"""Our feedback page through `nbgrader generate_feedback`, and through formgrader's button of that name.

`nbgrader_config.py` names the exporter: `c.GenerateFeedback.exporter_class =
"autograder.nbgrader_feedback.FeedbackExporter"`. nbgrader hands it the autograded notebook, into which its
own step has just written the gradebook's points and comments; what our grader found lies in
`.autograder/ASSIGNMENT/STUDENT.json`. Without that file (plain `nbgrader autograde` graded) the page shows
what the gradebook knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from traitlets import default

from autograder.assignment import load_notebooks
from autograder.course_settings import open_course
from autograder.nbgrader_bridge.book import ClassGradebook
from autograder.pages.safe_feedback import safe_feedback_page
from autograder.several_notebooks import notebooks_of
from autograder.storage import read_result, result_path
from autograder.untrusted.text import printable
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict


class FeedbackExporter(Exporter):
    """Notebook in, feedback page out."""

    export_from_notebook = "Feedback page"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> Any:
        """The page and nbconvert's resources."""
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        names = resources["nbgrader"]
        student, name, part = names["student"], names["assignment"], names["notebook"]
        course = open_course(Path())  # nbgrader works in the course's folder while it converts
        stored = read_result(result_path(course, name, student))
        if stored is None:
            result, part = result_from_notebook(notebook, names), ""
        else:
            with ClassGradebook(course, *load_notebooks(course, name)) as book:
                result = book.merged(stored.result, stored.outdated)
        page = safe_feedback_page(result, notebook, part=part if part in notebooks_of(result) else "")
        if page.plain:
            self.log.warning("%s: texts are shown plain, for %s.", printable(student), page.plain)
        return page.html, resources


def result_from_notebook(notebook: Mapping[str, Any], graded: Mapping[str, Any]) -> SubmissionResult:
    """What nbgrader's `GetGrades` wrote into the cells, as a result; verdicts come from the points alone.

    Parameters
    ----------
    notebook : mapping
        nbformat 4, with `score`, `points` and `comment` in the cells' nbgrader metadata.
    graded : mapping
        nbgrader's resources: student, assignment, score, max_score, late_penalty.
    """
    marks = [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    counted = [mark for mark in marks if mark.get("grade") or mark.get("task")]
    by_hand = [mark for mark in counted if mark.get("solution") or mark.get("task")]
    return SubmissionResult(
        graded["student"],
        graded["assignment"],
        Status.GRADED,
        score=float(graded["score"]),
        max_score=float(graded["max_score"]),
        tests=tuple(_test(mark) for mark in counted if mark not in by_hand),
        hand_grades=tuple(_hand_grade(mark) for mark in by_hand),
        late_penalty=float(graded.get("late_penalty") or 0.0),
    )


def _test(mark: Mapping[str, Any]) -> TestResult:
    score, most = float(mark.get("score") or 0.0), float(mark.get("points") or 0.0)
    verdict = Verdict.PASSED if score >= most else Verdict.PARTIAL if score > 0 else Verdict.WRONG_ANSWER
    return TestResult(mark["grade_id"], score, most, verdict)


def _hand_grade(mark: Mapping[str, Any]) -> HandGrade:
    """nbgrader writes 0 for an answer that nobody has read: without a comment, 0 counts as not read."""
    score, comment = float(mark.get("score") or 0.0), str(mark.get("comment") or "")
    points = float(mark.get("points") or 0.0)
    return HandGrade(mark["grade_id"], score if score > 0 or comment else None, points, comment)
