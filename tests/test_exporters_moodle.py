"""Moodle: points and feedback together, people by address or id number."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from autograder.exporters import ExportError
from autograder.exporters.moodle import export, feedback_text
from autograder.exporters.tables import read_table
from autograder.verdicts import HandGrade
from tests.example_results import XAVIER_HINT, ada, alan, emmy, small_class

ROSTER = (Path(__file__).parent / "fixtures" / "moodle_export.csv").read_text()


def _rows(content: bytes) -> list[list[str]]:
    return read_table(content.decode())


def test_points_and_feedback_stand_under_moodles_own_headings() -> None:
    made = export(small_class(), "initialization", "Assignment: Initialization")
    header, first, second = _rows(made.files["moodle-initialization.csv"])
    own = read_table(ROSTER)[0]
    assert header == [
        "Email address",
        "Assignment: Initialization (Real)",
        "Assignment: Initialization (Feedback)",
    ]
    assert set(header) <= set(own)
    assert first[:2] == ["ada@example.org", "48"]
    assert second[:2] == ["alan@example.org", "80"]
    assert [note.partition(":")[0] for note in made.notes] == [
        "emmy",
        "grace",
        "1 score is provisional",
    ]


def test_the_feedback_says_what_to_look_at_and_what_the_grader_said() -> None:
    assert feedback_text(ada()).splitlines() == [
        "random_values (7.5 of 15): W1 is right, W2 is not.",
        f"he_values (0 of 15): {XAVIER_HINT}",
        "he_seed (0 of 5): took longer than 10 s",
        "observations_random (8 of 10): Good eye for the **plateau**.",
        "A person has still to grade 10 points.",
        "Late: 2 points are taken off.",
    ]
    waiting = HandGrade("why", None, 5.0)
    assert feedback_text(dataclasses.replace(alan(), hand_grades=(waiting,))) == (
        "A person has still to grade 5 points."
    )
    assert feedback_text(dataclasses.replace(alan(), hand_grades=())) == "All tests passed. Well done!"


def test_what_moodle_would_read_as_html_is_escaped() -> None:
    test = dataclasses.replace(ada().tests[3], message="<script>x</script> & <class 'list'>")
    text = feedback_text(dataclasses.replace(alan(), tests=(test,)))
    assert "&lt;script&gt;x&lt;/script&gt; &amp; &lt;class 'list'&gt;" in text


def test_people_go_by_id_number_when_asked() -> None:
    (content,) = export([ada()], "initialization", by="id-number").files.values()
    assert [row[0] for row in _rows(content)] == ["ID number", "ada"]


def test_moodles_own_export_gives_the_addresses() -> None:
    students = [dataclasses.replace(ada(), email=""), dataclasses.replace(alan(), student="700200", email="")]
    made = export(students, "initialization", roster_text=ROSTER)
    (content,) = made.files.values()
    assert [row[:2] for row in _rows(content)[1:]] == [["ada@example.org", "48"], ["alan@example.org", "80"]]


def test_who_has_no_address_is_named() -> None:
    made = export([ada(), dataclasses.replace(alan(), email="")], "initialization")
    assert made.notes[-1] == "alan: no e-mail address is known; left out."


def test_a_file_without_anyone_is_refused_with_the_way_out() -> None:
    with pytest.raises(ExportError, match=r"nobody can be named by email address.*--roster"):
        export([emmy()], "initialization")


def test_a_roster_without_the_column_is_refused() -> None:
    with pytest.raises(ExportError, match="no column 'Email address', but Name"):
        export([ada()], "initialization", roster_text="Name\nAda\n")


def test_a_comment_that_is_a_formula_is_made_safe() -> None:
    student = dataclasses.replace(ada(), email="=ada@example.org")
    (content,) = export([student], "initialization").files.values()
    assert content.splitlines()[1].startswith(b"'=ada@example.org,48,")
