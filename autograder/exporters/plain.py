"""Plain files: a CSV table with a row a student, and the JSON document that `autograder grade --json`
writes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from autograder.exporters import Export
from autograder.exporters.people import provisional_notes
from autograder.exporters.tables import Cell, write_table
from autograder.verdicts import SubmissionResult, results_document


def export_csv(results: Sequence[SubmissionResult], assignment: str) -> Export:
    """`ASSIGNMENT.csv`: who, total, and a column of points for each test and each answer graded by hand."""
    points = [_points(result) for result in results]
    columns = list(dict.fromkeys(grade_id for of_one in points for grade_id in of_one))
    header = ["student", "first_name", "last_name", "email", "status", "score", "max_score"]
    rows: list[list[Cell]] = [
        [r.student, r.first_name, r.last_name, r.email, r.status, r.score, r.max_score]
        + [r.late_penalty, int(r.needs_manual_grade)]
        + [of_one.get(column) for column in columns]
        for r, of_one in zip(results, points, strict=True)
    ]
    header += ["late_penalty", "needs_manual_grade", *columns]
    table = write_table(header, rows).encode("utf-8-sig")
    return Export({f"{assignment}.csv": table}, provisional_notes(results))


def export_json(results: Sequence[SubmissionResult], assignment: str) -> Export:
    """`ASSIGNMENT.json`: all that is known, as `grade --json` writes it, hand grades merged in."""
    document = results_document(assignment, list(results))
    content = json.dumps(document, indent=1, ensure_ascii=False).encode()
    return Export({f"{assignment}.json": content}, provisional_notes(results))


def _points(result: SubmissionResult) -> dict[str, float | None]:
    tests = {test.name: None if test.open else test.score for test in result.tests}
    return tests | {grade.name: grade.score for grade in result.hand_grades}
