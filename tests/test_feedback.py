"""The student's page: says everything, kindly; runs nothing of a student's; readable by anyone."""

from __future__ import annotations

import dataclasses
import json
import re
from importlib import resources

import pytest

from autograder.pages.excerpts import Excerpts, last_heading, read_excerpts
from autograder.pages.feedback import feedback_page, make_parts, next_step
from autograder.pages.safe_feedback import safe_feedback_page
from autograder.untrusted.markdown import markdown_to_html
from autograder.untrusted.outputs import clean_outputs
from autograder.verdict_words import VERDICT_WORDS
from autograder.verdicts import NOT_PASSED, Verdict
from docs.solutions import instructor_functions
from init_utils.lab.living import with_living_labs
from init_utils.lab.page import page_html
from init_utils.lab.settings import LabSettings
from init_utils.lab.widget import Lab
from tests.example_results import XAVIER_HINT, ada, alan, emmy, grace, notebook, png
from tests.html_checks import Page, contrast, problems

PAGES = {
    "ada": lambda: feedback_page(ada(), notebook(), course="Neural networks"),
    "alan": lambda: feedback_page(alan()),
    "grace": lambda: feedback_page(grace()),
    "emmy": lambda: feedback_page(emmy()),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_self_contained_and_accessible(name: str) -> None:
    assert problems(PAGES[name]()) == []


def test_the_page_says_points_by_part_verdicts_hints_and_comments() -> None:
    words = Page(PAGES["ada"]()).words
    for said in (
        "Neural networks · Your feedback Initialization For Ada Lovelace, graded on 1 March 2026, 09:05 UTC",
        "48 of 80 points You got All zeros right. 2 parts are left to look at. "
        "1 written answer is still to be read by a person.",
        "All zeros 15 / 15 Large random numbers 12.5 / 20",
        "Handed in 2 h 1 min late: 2 points are taken off.",
        "Values ◐ Partly right 7.5 of 15 points Are the numbers right? W1 is right, W2 is not.",
        "Values ✗ Not right yet 0 of 15 points Are the numbers right? ada: W2 differs <b>everywhere</b> "
        f"Hint {XAVIER_HINT}",
        "Why? 8 of 10 points You wrote It saturates.",
        "Your grader says Good eye for the plateau.",
        "Observations he ◌ Still to be read",
        "A cell of yours was stopped: it took too long.",
        "Cell 13: zeros_shapes is locked; what was typed there does not run.",
        "Graded by numpy 2.4.6, python 3.11.7.",
    ):
        assert said in words


def test_the_page_starts_where_the_first_points_were_lost() -> None:
    found = next_step(make_parts(ada(), Excerpts()))
    assert found is not None
    part, line = found
    assert (part.title, line.result.grade_id) == ("Random", "random_values")


def test_a_perfect_submission_has_no_next_step_and_hears_so() -> None:
    words = Page(PAGES["alan"]()).words
    assert "80 of 80 points Every test passed. Well done!" in words
    assert "Start here" not in words
    assert "Your grader says Superb." in words


def test_a_rejection_is_no_zero_and_says_what_to_do() -> None:
    words = Page(PAGES["grace"]()).words
    assert "We could not read what you handed in The file is a web page, not a notebook." in words
    assert "This is not a grade of zero" in words
    assert "points" not in words.replace("the points above are theirs to change", "")


def test_our_failure_is_called_ours_and_shows_no_machinery() -> None:
    words = Page(PAGES["emmy"]()).words
    assert "Something went wrong on our side" in words
    assert "sandbox" not in words


def test_nothing_that_a_student_wrote_runs() -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    first = ada()
    tests = tuple(
        dataclasses.replace(test, message=hostile, hint=hostile + test.grade_id, notes=(hostile,))
        for test in first.tests
    )
    answers = tuple(dataclasses.replace(grade, comment=hostile) for grade in first.hand_grades)
    result = dataclasses.replace(
        first, tests=tests, hand_grades=answers, flags=(hostile,), first_name=hostile, student=hostile,
        versions={hostile: hostile}, graded_at=hostile, assignment="a<script>",
    )  # fmt: skip
    html = feedback_page(result, notebook(), course=hostile)
    page = Page(html)
    assert page.all("script") == []
    assert problems(html) == []
    assert [img["src"][:15] for img in page.all("img")] == ["data:image/png;", "data:image/svg+"]


def test_a_lab_that_a_student_exported_is_a_picture_at_most() -> None:
    lab = Lab(*instructor_functions("initialization").values(), live=False, iterations=20)
    exported, _ = with_living_labs(lab._repr_mimebundle_()["text/html"])
    assert "<iframe" in exported
    assert "<script" in exported
    handed_in = notebook()
    plots = next(cell for cell in handed_in["cells"] if "plot_cost" in cell["source"])
    for page in (lab._repr_mimebundle_()["text/html"], exported, page_html([], LabSettings())):
        plots["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"text/html": page}}]
        plots["outputs"] = clean_outputs(plots["outputs"])  # as in the autograded notebook
        for written in (json.dumps(handed_in), safe_feedback_page(ada(), handed_in).html):
            for acting in ("<iframe", "<script", "srcdoc", "data-initlab", "data-experiment", "initlab-page"):
                assert acting not in written, acting


def test_the_policy_of_the_page_forbids_scripts_and_the_network() -> None:
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert [meta["content"] for meta in Page(PAGES["ada"]()).all("meta") if "http-equiv" in meta] == [policy]


def test_a_heading_of_spaces_costs_no_time() -> None:
    assert last_heading("# a" + " " * 190_000 + "b") == "a"
    assert last_heading("# a\n" + "# (" + "point " * 30_000).startswith("(point")


def test_headings_code_answers_and_pictures_come_from_the_notebook() -> None:
    excerpts = read_excerpts(notebook())
    assert excerpts.headings == {
        "zeros_shapes": "All zeros",
        "zeros_values": "All zeros",
        "random_shapes": "Large random numbers",
        "observations_random": "Why?",
    }
    assert excerpts.code["zeros_values"].startswith("def initialize_parameters_zeros")
    assert excerpts.code["random_shapes"].startswith("def initialize_parameters_random")
    assert excerpts.answers["observations_random"].startswith("<p>It <strong>saturates</strong>.</p>")
    first, second = excerpts.plots
    assert first.address == f"data:image/png;base64,{png()}"
    assert (first.heading, first.made_by) == ("All zeros", "plot_cost(history)")
    assert second.address.startswith("data:image/svg+xml;base64,")


def test_what_is_no_picture_is_not_shown_as_one() -> None:
    assert (
        len(read_excerpts(notebook()).plots) == 2
    )  # the PNG that is a script and the HTML output are left out


def test_markdown_keeps_its_form_and_loses_its_teeth() -> None:
    assert "javascript" not in str(markdown_to_html("[x](javascript:alert(1))"))
    assert "<img" not in str(markdown_to_html("![x](http://elsewhere/x.png)"))
    assert "<style" not in str(markdown_to_html("<style>*{display:none}</style>"))
    assert str(markdown_to_html("# Loud")).strip() == "<h4>Loud</h4>"
    assert "<td>1</td>" in str(markdown_to_html("|a|\n|-|\n|1|"))


def test_the_same_hint_is_not_said_twice_in_one_part() -> None:
    first = ada()
    tests = tuple(dataclasses.replace(test, hint="Mind the loop.") for test in first.tests[-2:])
    words = Page(feedback_page(dataclasses.replace(first, tests=tests))).words
    assert words.count("Mind the loop.") == 2  # where to start, and once in the part
    assert words.count("The same cause as above.") == 1


def test_answers_left_empty_are_counted_and_shown_as_such() -> None:
    first, second = (dataclasses.replace(grade, score=0.0, answered=False) for grade in alan().hand_grades)
    words = Page(feedback_page(dataclasses.replace(alan(), hand_grades=(first, second)))).words
    assert "Every test passed. Well done! 2 written answers were left empty." in words
    assert words.count("You wrote Nothing: this was left empty.") == 2
    assert "left empty" not in Page(feedback_page(alan())).words


def test_every_verdict_has_words() -> None:
    assert set(VERDICT_WORDS) == {*Verdict, NOT_PASSED}


def test_colours_of_text_have_enough_contrast() -> None:
    style = resources.files("autograder.pages").joinpath("style.css").read_text("utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style))
    pairs = [(tone, f"{tone}-soft") for tone in ("good", "almost", "open", "ours", "accent")]
    pairs += [(text, ground) for text in ("ink", "soft", "accent") for ground in ("paper", "ground")]
    pairs += [("ink", f"{tone}-soft") for tone in ("accent", "almost")]
    low = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: value for pair, value in low.items() if value < 4.5} == {}
