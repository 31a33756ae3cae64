"""The report on a class: one HTML page that opens offline, and the same figures as CSV tables.

Both are pure text from a `ClassSummary`; `autograder report` fetches the results and writes the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from autograder.exporters.tables import Cell, write_table
from autograder.pages import charts, render
from autograder.pages.class_summary import ClassSummary, count_passed, hand_points
from autograder.pages.feedback import assignment_title, student_name
from autograder.pages.questions import QuestionSummary
from autograder.pages.test_summaries import MistakeSummary, TestSummary, UnrecognizedSummary
from autograder.similarity import Pair, by_students
from autograder.verdict_words import VERDICT_WORDS
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult

Row = TypeVar("Row")
Columns = Mapping[str, Callable[[Row], Cell]]  # heading -> what stands in that column for a row


def report_page(summary: ClassSummary) -> str:
    """The report as HTML text."""
    return render(
        "report.html.j2",
        summary=summary,
        title=assignment_title(summary.assignment),
        histogram=charts.histogram(summary.scores, summary.max_score or 1.0),
        bar=charts.bar,
        stacked_bar=charts.stacked_bar,
        verdict_words=VERDICT_WORDS,
        student_name=student_name,
        Status=Status,
        hand_points=hand_points,
        count_passed=count_passed,
        pairs=by_students(summary.pairs),
        names={result.student: student_name(result) for result in summary.results},
    )


def report_tables(summary: ClassSummary) -> dict[str, str]:
    """The report's figures as CSV text by file name; cells are safe for spreadsheets."""
    answers = [(result, grade) for result in summary.results for grade in result.hand_grades]
    tests = [(result, test) for result in summary.results for test in result.tests]
    missing = [(student, why) for why, students in summary.missing.items() for student in students]
    attention = [(result, why) for result, reasons in summary.attention for why in reasons]
    return {
        "students.csv": _table(_student_columns(summary), summary.results),
        "results.csv": _table(_RESULT_COLUMNS, tests),
        "tests.csv": _table(_TEST_COLUMNS, summary.tests),
        "questions.csv": _table(_QUESTION_COLUMNS, summary.questions),
        "misconceptions.csv": _table(_MISTAKE_COLUMNS, summary.mistakes),
        "unrecognized.csv": _table(_UNRECOGNIZED_COLUMNS, summary.unrecognized),
        "written_answers.csv": _table(_ANSWER_COLUMNS, answers),
        "similar.csv": _table(_PAIR_COLUMNS, summary.pairs),
        "attention.csv": _table(_ATTENTION_COLUMNS, attention),
        "missing.csv": _table(_MISSING_COLUMNS, missing),
    }


def _table(columns: Columns[Row], rows: Iterable[Row]) -> str:
    return write_table(list(columns), [[cell(row) for cell in columns.values()] for row in rows])


def _student_columns(summary: ClassSummary) -> Columns[SubmissionResult]:
    return {
        "student": lambda result: result.student,
        "name": student_name,
        "status": lambda result: result.status,
        "score": lambda result: result.score,
        "max_score": lambda result: result.max_score,
        "tests_passed": count_passed,
        "tests": lambda result: len(result.tests),
        "waiting_for_a_person": lambda result: int(result.needs_manual_grade),
        "late_seconds": lambda result: result.late_seconds,
        "late_penalty": lambda result: result.late_penalty,
        "late_because": lambda result: result.late_because,
        "marked_late": lambda result: int(result in summary.marked_late),
        "seconds": lambda result: round(result.seconds, 3),
        "isolation": lambda result: result.isolation,
        "reason": lambda result: result.reason,
    }


_RESULT_COLUMNS: Columns[tuple[SubmissionResult, TestResult]] = {
    "student": lambda row: row[0].student,
    "grade_id": lambda row: row[1].name,
    "score": lambda row: row[1].score,
    "max_score": lambda row: row[1].max_score,
    "verdict": lambda row: row[1].verdict,
    "misconception": lambda row: row[1].misconception or "",
    "message": lambda row: row[1].message,
}
_TEST_COLUMNS: Columns[TestSummary] = {
    "grade_id": lambda test: test.grade_id,
    "max_score": lambda test: test.max_score,
    "passed": lambda test: test.passed,
    "partial": lambda test: test.partial,
    "failed": lambda test: test.failed,
    "not_graded": lambda test: test.not_graded,
    "pass_rate": lambda test: round(test.pass_rate, 4),
    "mean_score": lambda test: round(test.mean_score, 4),
    "usual_failure": lambda test: test.usual_failure,
}
_QUESTION_COLUMNS: Columns[QuestionSummary] = {
    "grade_id": lambda question: question.grade_id,
    "by_hand": lambda question: int(question.by_hand),
    "students": lambda question: question.students,
    "difficulty": lambda question: None if question.difficulty is None else round(question.difficulty, 4),
    "discrimination": lambda question: (
        None if question.discrimination is None else round(question.discrimination, 4)
    ),
    "words": lambda question: question.words,
}
_MISTAKE_COLUMNS: Columns[MistakeSummary] = {
    "misconception": lambda mistake: mistake.id,
    "students": lambda mistake: mistake.students,
    "share": lambda mistake: round(mistake.share, 4),
    "tests": lambda mistake: " ".join(mistake.tests),
    "teacher_note": lambda mistake: mistake.teacher_note,
    "example": lambda mistake: mistake.example,
}
_UNRECOGNIZED_COLUMNS: Columns[UnrecognizedSummary] = {
    "grade_id": lambda failure: failure.grade_id,
    "verdict": lambda failure: failure.verdict,
    "students": lambda failure: failure.students,
    "example": lambda failure: failure.example,
    "cluster": lambda failure: failure.cluster,
    "code": lambda failure: failure.code,
}
_ANSWER_COLUMNS: Columns[tuple[SubmissionResult, HandGrade]] = {
    "student": lambda row: row[0].student,
    "grade_id": lambda row: row[1].name,
    "score": lambda row: row[1].score,
    "max_score": lambda row: row[1].max_score,
    "answered": lambda row: int(row[1].answered),
    "comment": lambda row: row[1].comment,
    "points_for_an_earlier_text": lambda row: row[1].proposal,
}
_PAIR_COLUMNS: Columns[Pair] = {
    "student": lambda pair: pair.first.student,
    "other_student": lambda pair: pair.second.student,
    "question": lambda pair: pair.first.question,
    "passages_in_common": lambda pair: pair.passages,
    "share": lambda pair: round(pair.share, 4),
}
_MISSING_COLUMNS: Columns[tuple[str, str]] = {
    "student": lambda row: row[0],
    "why": lambda row: row[1],
}
_ATTENTION_COLUMNS: Columns[tuple[SubmissionResult, str]] = {
    "student": lambda row: row[0].student,
    "why": lambda row: row[1],
}
