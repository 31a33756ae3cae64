"""One sentence for all who share a mistake: clusters by behaviour, and the file beside the gradebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.class_run import Options, grade
from autograder.cli import main
from autograder.course import Course
from autograder.grading.clusters import anonymous, cluster_of, example_of
from autograder.misconceptions import Outcome
from autograder.teacher_comments import (
    CommentsError,
    add_comments,
    commented,
    comments_path,
    read_comments,
)
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict
from tests.small_course import NAME, hand_in, make_course


def wrong(value: object) -> str:
    return cluster_of("he_values", "wrong-answer", "W1 differs", Outcome(value))


def test_equal_behaviour_to_four_digits_is_one_cluster() -> None:
    one = {"W1": np.array([[1.00001, 2.0]])}
    assert wrong(one) == wrong({"W1": np.array([[1.00002, 2.0]])})
    others = (
        {"W1": np.array([[1.1, 2.0]])},
        {"W1": np.array([1.0, 2.0])},
        {"w1": np.array([[1.0, 2.0]])},
        None,
    )
    assert len({wrong(one), *(wrong(other) for other in others)}) == 5


def test_names_and_numbers_of_a_message_do_not_part_a_cluster() -> None:
    said = ("`f` raised KeyError: 'W1'", "`g` raised KeyError: 'W20'")
    assert len({cluster_of("t", "raised", message, None) for message in said}) == 1
    assert cluster_of("t", "raised", "`f` raised IndexError: x", None) != cluster_of(
        "t", "raised", said[0], None
    )


def test_an_example_holds_no_comment_no_text_and_no_name_of_the_students() -> None:
    source = "# Ada Example\ndef double(ada):\n    my_sum = np.sum(ada)  # mine\n    return 'Ada', my_sum"
    assert example_of(source, "double") == "def a(b):\n    c = np.sum(b)\n    return ('...', c)"
    assert (anonymous("x = ("), example_of(source, "other")) == ("", "")


def test_a_sentence_meets_all_of_its_cluster_and_all_with_its_mistake() -> None:
    tests = (
        TestResult("a", 0.0, 1.0, Verdict.WRONG_ANSWER, cluster="12345678"),
        TestResult("b", 0.0, 1.0, Verdict.WRONG_ANSWER, misconception="seed-missing"),
        TestResult("c", 1.0, 1.0, Verdict.PASSED),
    )
    result = SubmissionResult("ada", "ps1", Status.GRADED, tests=tests)
    told = commented(result, {"12345678": "Brackets.", "seed-missing": "Section 2."})
    assert [test.comment for test in told.tests] == ["Brackets.", "Section 2.", ""]
    assert commented(result, {}) is result


def test_sentences_lie_beside_the_gradebook_and_an_empty_one_is_taken_away(tmp_path: Path) -> None:
    course = Course(tmp_path)
    add_comments(course, {"ps1": {"12345678": "Brackets.", "seed-missing": "Section 2."}})
    add_comments(course, {"ps1": {"12345678": ""}, "ps2": {"seed-missing": "Again."}})
    assert comments_path(course) == tmp_path / "comments.json"
    wanted = {"ps1": {"seed-missing": "Section 2."}, "ps2": {"seed-missing": "Again."}}
    assert read_comments(comments_path(course)) == wanted


@pytest.mark.parametrize("text", ["{", "[]", '{"ps1": ["x"]}', '{"ps1": {"x": 5}}'])
def test_a_file_of_another_form_is_refused_with_what_is_wanted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "comments.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommentsError, match="wanted is"):
        read_comments(path)


def test_the_sentence_stands_on_the_page_of_whoever_shares_the_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = make_course(tmp_path)
    hand_in(course, "ada", "def double(x):\n    return x + 1")
    hand_in(course, "bob", "def double(number):\n    return number + 1  # mine")
    results = grade(course, NAME, Options(isolation="none", workers=1))
    clusters = {result.tests[0].cluster for result in results}
    assert len(clusters) == 1
    where = ["--course", str(tmp_path)]
    assert main(["comment", NAME, clusters.pop(), "Twice, not one more.", *where]) == 0
    assert "it meets 2 of those graded so far" in capsys.readouterr().out
    assert main(["comment", NAME, "nonsense", "x", "--course", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert (
        "it meets 0 of those graded so far.\nIs 'nonsense' spelled as in the report? Frequent there: " in said
    )
    assert main(["feedback", NAME, *where]) == 0
    for student in ("ada", "bob"):
        page = (course.feedback(student, NAME) / f"{NAME}.html").read_text(encoding="utf-8")
        assert "Twice, not one more." in page
    assert main(["comment", NAME, *where]) == 2
    assert "give CLUSTER and TEXT, or --from FILE" in capsys.readouterr().err
