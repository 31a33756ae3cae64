"""The report on a class: the figures by hand, the page whole, the tables safe, nothing slow."""

from __future__ import annotations

import dataclasses

import pytest

from autograder.exporters.tables import read_table
from autograder.pages import charts
from autograder.pages.class_summary import reasons_to_look, summarize
from autograder.pages.feedback import student_name
from autograder.pages.report import report_page, report_tables
from autograder.pages.test_summaries import anonymized
from autograder.verdicts import Verdict
from tests.example_results import XAVIER_NOTE, ada, alan, big_class, small_class
from tests.html_checks import Page, problems


def test_the_figures_of_the_small_class_by_hand() -> None:
    summary = summarize("initialization", small_class())
    assert (len(summary.results), summary.graded, summary.waiting) == (4, 2, 1)
    assert summary.scores == (48.0, 80.0)
    assert (summary.median, summary.mean, summary.max_score) == (64.0, 64.0, 80.0)
    values = next(test for test in summary.tests if test.grade_id == "random_values")
    assert (values.passed, values.partial, values.failed, values.not_graded) == (1, 1, 0, 0)
    assert (values.pass_rate, values.mean_score) == (0.5, 11.25)
    seed = next(test for test in summary.tests if test.grade_id == "he_seed")
    assert (seed.failed, seed.usual_failure) == (1, "Took too long")
    assert summary.stopped == (("timeout", 1),)
    assert [result.student for result in summary.late] == ["ada"]
    assert summary.tiers == (("full", 2),)
    assert summary.versions == (("numpy 2.4.6, python 3.11.7", 2),)


def test_how_the_tests_run_stands_at_the_top() -> None:
    page = report_page(summarize("initialization", small_class(), tests_said=["1 of 2 tests runs inside."]))
    assert '<p class="lead">1 of 2 tests runs inside.</p>' in page


def test_mistakes_are_ranked_with_an_example_that_names_nobody() -> None:
    other = dataclasses.replace(ada(), student="b", first_name="", last_name="", email="")
    (mistake,) = summarize("initialization", [ada(), other, alan()]).mistakes
    assert (mistake.id, mistake.students, mistake.teacher_note) == ("he-xavier-factor", 2, XAVIER_NOTE)
    assert mistake.share == pytest.approx(2 / 3)
    assert mistake.example in ("[student]: W2 differs <b>everywhere</b>", "ada: W2 differs <b>everywhere</b>")
    (alone,) = summarize("initialization", [ada()]).mistakes
    assert alone.example == "[student]: W2 differs <b>everywhere</b>"


def test_a_name_is_taken_out_wherever_it_stands_and_parts_of_words_stay() -> None:
    text = "Ada Lovelace (ada@example.org), /home/ADA/, Adaptive, ada_lovelace"
    assert anonymized(text, ada()) == "[student] ([student]), /home/[student]/, Adaptive, [student]_[student]"


def test_points_lost_without_a_name_are_listed_apart() -> None:
    found = [
        (item.grade_id, item.verdict) for item in summarize("initialization", small_class()).unrecognized
    ]
    assert found == [("he_seed", Verdict.TIMEOUT), ("random_values", Verdict.PARTIAL)]


def test_written_answers_show_who_is_still_to_be_read() -> None:
    random, he = summarize("initialization", small_class()).answers
    assert (random.graded, random.waiting, random.mean_score) == (2, (), 9.0)
    assert (he.graded, he.waiting, he.mean_score) == (1, ("ada",), 10.0)


def test_who_needs_a_person_and_why() -> None:
    assert [(result.student, reasons) for result, reasons in summarize("i", small_class()).attention] == [
        ("ada", ("Cell 13: `zeros_shapes` is locked; what was typed there does not run.",)),
        ("emmy", ("Our failure: The sandbox could not start. Grade again.",)),
        ("grace", ("Rejected: The file is a web page, not a notebook.",)),
    ]
    tests = (dataclasses.replace(ada().tests[0], verdict=Verdict.INTERNAL_ERROR),)
    ours = dataclasses.replace(alan(), tests=tests)
    assert reasons_to_look(ours) == ("Our failure in zeros_shapes. Grade again.",)


@pytest.mark.parametrize("number", [0, 1, 4])
def test_the_page_is_whole_self_contained_and_accessible(number: int) -> None:
    assert problems(report_page(summarize("initialization", small_class()[:number]))) == []


def test_the_page_says_how_hard_each_question_was_and_what_it_tells() -> None:
    words = Page(report_page(summarize("initialization", big_class(30)))).words
    assert "he_seed30 33 % 1.00 Hard. Tells well who is good elsewhere." in words
    assert "observations_random by hand30" in words


def test_every_cell_carries_its_columns_name_for_narrow_screens() -> None:
    cells = Page(report_page(summarize("initialization", small_class(), {"alan"}))).all("td")
    assert len(cells) > 50
    assert all(cell.get("data-label") for cell in cells if "wide" not in cell.get("class", ""))


def test_that_nobody_is_late_is_said_with_what_lateness_takes() -> None:
    assert (
        "Nobody, as far as is known: lateness takes a due date (formgrader, Manage Assignments, Edit) and "
        "times of submission."
    ) in Page(report_page(summarize("initialization", [alan()]))).words


def test_whom_the_platform_marks_late_is_listed_where_the_gradebook_knows_nothing() -> None:
    summary = summarize("initialization", [ada(), alan()], {"ada", "alan", "somebody"})
    assert [result.student for result in summary.late] == ["ada"]
    assert [result.student for result in summary.marked_late] == ["alan"]
    html = report_page(summary)
    assert problems(html) == []
    words = Page(html).words
    name = student_name(alan())
    said = f"Marked late by the platform, and by how much is not known; no points are off: {name}"
    assert said in words
    assert "Late2" in words
    assert "Nobody, as far as is known" not in Page(report_page(summarize("i", [alan()], {"alan"}))).words
    table = read_table(report_tables(summary)["students.csv"])
    column = table[0].index("marked_late")
    assert [row[column] for row in table[1:]] == ["0", "1"]


def test_each_lateness_stands_there_with_its_reason() -> None:
    late = dataclasses.replace(ada(), late_because="due on Monday; handed in on Tuesday")
    free = dataclasses.replace(late, student="eve", first_name="Eve", late_penalty=0.0)
    words = Page(report_page(summarize("initialization", [late, free]))).words
    assert "Ada Lovelace2 h 1 min2 due on Monday; handed in on Tuesday Eve" in words
    assert "0 due on Monday; handed in on Tuesday; the course takes off no points" in words


def test_only_our_own_script_may_run_in_the_page() -> None:
    html = report_page(summarize("initialization", small_class()))
    (policy,) = [meta["content"] for meta in Page(html).all("meta") if "http-equiv" in meta]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    assert len(Page(html).all("script")) == 1


def test_nothing_that_a_student_wrote_runs_in_the_page() -> None:
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    first = ada()
    tests = tuple(dataclasses.replace(test, message=hostile) for test in first.tests)
    result = dataclasses.replace(
        first, tests=tests, student=hostile, first_name=hostile, flags=(hostile,), reason=hostile,
        versions={hostile: hostile}, isolation=hostile, limits_hit=(hostile,),
    )  # fmt: skip
    html = report_page(summarize("initialization", [result, *small_class()]))
    assert problems(html) == []
    assert len(Page(html).all("script")) == 1


def test_the_tables_read_back_and_hold_every_row() -> None:
    tables = report_tables(summarize("initialization", small_class()))
    assert sorted(tables) == [
        "attention.csv", "misconceptions.csv", "missing.csv", "questions.csv", "results.csv",
        "similar.csv", "students.csv", "tests.csv", "unrecognized.csv",
        "written_answers.csv",
    ]  # fmt: skip
    students = read_table(tables["students.csv"])
    assert students[1][:8] == ["ada", "Ada Lovelace", "graded", "48", "80", "4", "7", "1"]
    assert students[4][:4] == ["grace", "grace", "rejected", ""]
    assert len(read_table(tables["results.csv"])) == 1 + 7 + 7
    assert read_table(tables["misconceptions.csv"])[1][:3] == ["he-xavier-factor", "1", "0.5"]


def test_a_name_that_is_a_formula_is_harmless_in_every_table() -> None:
    result = dataclasses.replace(ada(), student="=cmd|'/C calc'!A0", first_name="@SUM(A1)", last_name="")
    tables = report_tables(summarize("initialization", [result]))
    for text in tables.values():
        for line in text.splitlines():
            assert not line.startswith(("=", '"=', "@", "+", "-"))
    assert read_table(tables["students.csv"])[1][:2] == ["=cmd|'/C calc'!A0", "@SUM(A1)"]


def test_the_histogram_says_what_it_shows() -> None:
    drawing = charts.histogram([0, 5, 5, 10], 10, bins=2)
    assert 'aria-label="Number of submissions by points. 0 to 5: 1; 5 to 10: 3."' in drawing
    assert drawing.count('class="column"') == 2


def test_bars_never_leave_their_track() -> None:
    assert 'width="100.0"' in charts.bar(12, 10)
    assert 'width="0.0"' in charts.bar(-1, 10)
    assert 'width="0.0"' in charts.bar(None, 10)


def test_five_hundred_students_all_stand_in_page_and_tables() -> None:
    summary = summarize("initialization", big_class(500))
    html, tables = report_page(summary), report_tables(summary)
    assert html.count("<tr>") > 500
    assert len(read_table(tables["students.csv"])) == 501
