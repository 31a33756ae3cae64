"""Difficulty and discrimination of questions, by hand."""

from __future__ import annotations

import dataclasses

import pytest

from autograder.pages.questions import QuestionSummary, summarize_questions
from autograder.verdicts import HandGrade, Status, SubmissionResult, Verdict
from tests.example_results import grace, test_result


def student(number: int, first: float, second: float, by_hand: float | None = None) -> SubmissionResult:
    tests = tuple(
        test_result(name, score, 10, Verdict.PASSED if score == 10 else Verdict.WRONG_ANSWER)
        for name, score in (("first", first), ("second", second))
    )
    answer = HandGrade("why", by_hand, 5.0)
    return SubmissionResult(f"s{number}", "a", Status.GRADED, tests=tests, hand_grades=(answer,))


def test_difficulty_is_the_mean_share_of_what_is_decided() -> None:
    results = [student(1, 10, 0, 4.0), student(2, 5, 0), grace()]
    found = summarize_questions(results)
    assert [(q.grade_id, q.by_hand, q.students, q.difficulty) for q in found] == [
        ("first", False, 2, 0.75),
        ("second", False, 2, 0.0),
        ("why", True, 1, 0.8),
    ]
    assert [q.words for q in found] == [
        "Too few students to say more.",
        "Hard. Too few students to say more.",
        "1 not graded yet. Too few students to say more.",
    ]


def test_a_question_that_nobody_has_read_is_not_called_hard() -> None:
    waiting = [student(n, 10, 10) for n in range(10)]
    empty = student(11, 10, 10, 0.0)
    empty = dataclasses.replace(
        empty, hand_grades=(dataclasses.replace(empty.hand_grades[0], answered=False),)
    )
    question = summarize_questions([*waiting, empty])[-1]
    assert (question.grade_id, question.difficulty, question.waiting) == ("why", None, 10)
    assert question.words == "Not graded yet."
    (*_, all_empty) = summarize_questions([empty])
    assert (all_empty.difficulty, all_empty.waiting) == (0.0, 0)


def test_discrimination_correlates_with_all_other_questions_and_not_with_itself() -> None:
    alike = [student(n, 10 if n < 5 else 0, 10 if n < 5 else 0) for n in range(10)]
    assert [q.discrimination for q in summarize_questions(alike)[:2]] == pytest.approx([1.0, 1.0])
    against = [student(n, 10 if n < 5 else 0, 0 if n < 5 else 10) for n in range(10)]
    first, second, _ = summarize_questions(against)
    assert (first.discrimination, second.discrimination) == (pytest.approx(-1.0), pytest.approx(-1.0))
    assert first.words == "Those who are good elsewhere do worse here: look at the question."


def test_where_all_got_the_same_there_is_no_correlation() -> None:
    first, second, _ = summarize_questions([student(n, 10, 10 * (n % 2)) for n in range(10)])
    assert (first.discrimination, first.words) == (None, "Nearly everybody gets it.")
    assert (second.discrimination, second.words) == (None, "All got the same.")


def test_what_is_undecided_counts_for_nothing() -> None:
    result = student(1, 0, 10)
    tests = (dataclasses.replace(result.tests[0], open=True), result.tests[1])
    found = summarize_questions([dataclasses.replace(result, tests=tests)])
    assert [(q.grade_id, q.students, q.words) for q in found if q.difficulty is None] == [
        ("first", 0, "Not graded yet."),
        ("why", 0, "Not graded yet."),
    ]
    assert [q.grade_id for q in found if q.difficulty is not None] == ["second"]


@pytest.mark.parametrize(
    ("difficulty", "discrimination", "words"),
    [
        (0.5, 0.1, "Hardly tells who is good elsewhere from who is not."),
        (0.3, 0.5, "Hard. Tells well who is good elsewhere."),
        (0.95, 0.5, "Nearly everybody gets it."),
    ],
)
def test_the_figures_in_words(difficulty: float, discrimination: float, words: str) -> None:
    assert QuestionSummary("q", False, 30, difficulty, discrimination).words == words
