"""The report on a class: one HTML page that opens offline, and the same figures as CSV tables.

Both are pure text from a `ClassSummary`; `autograder report` fetches the results and writes the files.
"""

from __future__ import annotations

from autograder.exporters.tables import write_table
from autograder.pages import charts, render
from autograder.pages.class_summary import ClassSummary, count_passed, hand_points
from autograder.pages.feedback import VERDICT_WORDS, assignment_title, student_name
from autograder.verdicts import Status


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
    )


def report_tables(summary: ClassSummary) -> dict[str, str]:
    """The report's figures as CSV text by file name; cells are safe for spreadsheets."""
    return {
        "students.csv": write_table(
            [
                "student",
                "name",
                "status",
                "score",
                "max_score",
                "tests_passed",
                "tests",
                "waiting_for_a_person",
                "late_seconds",
                "late_penalty",
                "marked_late",
                "seconds",
                "isolation",
                "reason",
            ],
            [
                [
                    r.student,
                    student_name(r),
                    r.status,
                    r.score,
                    r.max_score,
                    count_passed(r),
                    len(r.tests),
                    int(r.needs_manual_grade),
                    r.late_seconds,
                    r.late_penalty,
                    int(r in summary.marked_late),
                    round(r.seconds, 3),
                    r.isolation,
                    r.reason,
                ]
                for r in summary.results
            ],
        ),
        "results.csv": write_table(
            ["student", "grade_id", "score", "max_score", "verdict", "misconception", "message"],
            [
                [r.student, t.grade_id, t.score, t.max_score, t.verdict, t.misconception or "", t.message]
                for r in summary.results
                for t in r.tests
            ],
        ),
        "tests.csv": write_table(
            [
                "grade_id",
                "max_score",
                "passed",
                "partial",
                "failed",
                "not_graded",
                "pass_rate",
                "mean_score",
                "usual_failure",
            ],
            [
                [
                    t.grade_id,
                    t.max_score,
                    t.passed,
                    t.partial,
                    t.failed,
                    t.not_graded,
                    round(t.pass_rate, 4),
                    round(t.mean_score, 4),
                    t.usual_failure,
                ]
                for t in summary.tests
            ],
        ),
        "misconceptions.csv": write_table(
            ["misconception", "students", "share", "tests", "teacher_note", "example"],
            [
                [m.id, m.students, round(m.share, 4), " ".join(m.tests), m.teacher_note, m.example]
                for m in summary.mistakes
            ],
        ),
        "unrecognized.csv": write_table(
            ["grade_id", "verdict", "students", "example"],
            [[u.grade_id, u.verdict, u.students, u.example] for u in summary.unrecognized],
        ),
        "written_answers.csv": write_table(
            ["student", "grade_id", "score", "max_score", "answered", "comment"],
            [
                [r.student, g.grade_id, g.score, g.max_score, int(g.answered), g.comment]
                for r in summary.results
                for g in r.hand_grades
            ],
        ),
        "attention.csv": write_table(
            ["student", "why"], [[r.student, why] for r, reasons in summary.attention for why in reasons]
        ),
    }
