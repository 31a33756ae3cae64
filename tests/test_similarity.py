"""Pairs of alike answers: robust to renaming, blind to what the exercise explains, no verdict."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.class_answers import similar_answers
from autograder.course import Course
from autograder.grading.rendering import MARK_SCHEME_FRAME
from autograder.pages.class_summary import summarize
from autograder.pages.report import report_page
from autograder.similarity import Answer, by_students, similar_pairs
from autograder.untrusted.markdown import START
from tests.example_results import ada, alan
from tests.html_checks import Page, problems

REFERENCE = """\
def start(layers):
    np.random.seed(3)
    parameters = {}
    for l in range(1, len(layers)):
        parameters["W" + str(l)] = np.random.randn(layers[l], layers[l - 1]) * np.sqrt(2 / layers[l - 1])
        parameters["b" + str(l)] = np.zeros((layers[l], 1))
    return parameters
"""
UNUSUAL = """\
def start(layers):
    generator = np.random.RandomState(3)  # my own
    found, depth = {}, len(layers)
    for step in range(1, depth):
        scale = (2.0 / layers[step - 1]) ** 0.5
        drawn = generator.standard_normal((layers[step], layers[step - 1]))
        found["W%d" % step] = drawn * scale
        found["b%d" % step] = np.zeros((layers[step], 1))
    return found
"""
RENAMED = (
    UNUSUAL.replace("generator", "g").replace("found", "p").replace("depth", "n").replace("step", "k")
    .replace("scale", "s").replace("drawn", "r").replace("  # my own", "").replace('"', "'")
)  # fmt: skip
STORY = "The cost begins at infinity because a few outputs are exactly one, and later the plateau is left."


def code(student: str, text: str) -> Answer:
    return Answer(student, "he", text, is_code=True)


def words(student: str, text: str) -> Answer:
    return Answer(student, "why", text, is_code=False)


def test_renaming_comments_and_layout_hide_nothing() -> None:
    assert UNUSUAL != RENAMED
    (pair,) = similar_pairs([code("ada", UNUSUAL), code("zoe", RENAMED)], [REFERENCE])
    assert (pair.first.student, pair.second.student, pair.share) == ("ada", "zoe", 1.0)
    assert 4 in pair.first_lines


def test_right_answers_that_are_alike_are_no_pair() -> None:
    renamed = REFERENCE.replace("parameters", "p").replace("layers", "dims")
    answers = [code("ada", REFERENCE), code("bob", renamed), code("zoe", REFERENCE.replace("l", "i"))]
    assert similar_pairs(answers, [REFERENCE]) == []


def test_one_turn_of_ones_own_in_an_expected_answer_is_no_pair() -> None:
    turn = REFERENCE.replace("np.sqrt(2 / layers[l - 1])", "(2 / layers[l - 1]) ** 0.5")
    assert similar_pairs([code("ada", turn), code("bob", turn)], [REFERENCE]) == []


def test_what_many_wrote_is_subtracted() -> None:
    assert similar_pairs([code(f"s{number}", UNUSUAL) for number in range(8)], []) == []
    assert len(similar_pairs([code(f"s{number}", UNUSUAL) for number in range(3)], [])) == 3


def test_written_answers_are_compared_by_their_words_and_quoting_the_question_is_no_pair() -> None:
    question = "Describe in a few sentences what the cost curve looks like, and where it begins, and why so."
    (pair,) = similar_pairs(
        [words("ada", f"{question}\n{STORY}"), words("bob", STORY.upper()), words("eve", question)],
        [question],
    )
    assert (pair.first.student, pair.second.student, pair.share) == ("ada", "bob", 1.0)
    assert pair.first_lines == {1}


def test_answers_of_one_student_or_to_different_questions_are_not_compared() -> None:
    assert similar_pairs([code("ada", UNUSUAL), Answer("bob", "other", UNUSUAL, is_code=True)], []) == []


def test_broken_code_is_compared_too() -> None:
    broken = UNUSUAL.replace("return found", "return (found '")
    assert len(similar_pairs([code("ada", broken), code("bob", broken)], [REFERENCE])) == 1


def test_the_pairs_of_two_students_stand_together() -> None:
    answers = [code("ada", UNUSUAL), words("ada", STORY), code("bob", UNUSUAL), words("bob", STORY)]
    (group,) = by_students(similar_pairs(answers, []))
    assert sorted(pair.first.question for pair in group) == ["he", "why"]


def test_answers_are_read_from_autograded_notebooks_without_what_is_not_the_students(tmp_path: Path) -> None:
    def cell(kind: str, source: str, grade_id: str = "", **more: object) -> dict[str, object]:
        marks = (
            {"nbgrader": {"grade_id": grade_id, "solution": True, "schema_version": 3}} if grade_id else {}
        )
        return {"cell_type": kind, "source": source, "metadata": marks, "id": "cell-1", **more}

    course = Course(tmp_path)
    source = course.source("he")
    source.mkdir(parents=True)
    lock = {"nbgrader": {"grade_id": "start", "solution": True, "grade": False, "locked": False,
                         "schema_version": 3, "task": False}}  # fmt: skip
    reference = [{"cell_type": "code", "source": REFERENCE, "metadata": lock, "outputs": []}]
    (source / "he.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": reference})
    )
    for student, text in (("ada", UNUSUAL), ("bob", RENAMED)):
        cells = [
            cell("code", text, "start"),
            cell("markdown", f"{START}<p>{STORY}</p></div>", "why"),
            cell("markdown", f"{MARK_SCHEME_FRAME} {STORY}</div>", id="cell-1-mark-scheme"),
        ]
        folder = course.autograded(student, "he")
        folder.mkdir(parents=True)
        (folder / "he.ipynb").write_text(json.dumps({"cells": cells}))
    pairs = similar_answers(course, "he", ["ada", "bob", "grace"])
    assert {(pair.first.question, pair.first.text) for pair in pairs} == {
        ("start", UNUSUAL.strip()),
        ("why", STORY),
    }


def test_the_report_shows_the_pairs_and_says_that_it_is_no_verdict() -> None:
    hostile = f"{STORY}</pre><script>alert(1)</script>"
    pairs = similar_pairs([words("ada", hostile), words("alan", hostile)], [])
    page = report_page(summarize("initialization", [ada(), alan()], pairs=pairs))
    assert problems(page) == []
    assert len(Page(page).all("script")) == 1
    assert "Look at these pairs Answers that share more than the exercise explains. This is no verdict:" in (
        Page(page).words
    )
    assert "Ada Lovelace and Alan Turing why 100 %" in Page(page).words
    assert "No two answers share more" in Page(report_page(summarize("initialization", [ada()]))).words
