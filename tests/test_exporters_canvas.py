"""Canvas: only columns and people that Canvas has, no grade erased, no assignment made."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from autograder.exporters import ExportError
from autograder.exporters.canvas import export
from autograder.exporters.tables import read_table
from autograder.verdicts import SubmissionResult
from tests.example_results import ada, alan, grace, small_class

ROSTER = (Path(__file__).parent / "fixtures" / "canvas_export.csv").read_text("utf-8-sig")
HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Initialization (8102)"]


def _rows(
    results: list[SubmissionResult], column: str | None = None, roster: str = ROSTER
) -> list[list[str]]:
    (content,) = export(results, "initialization", roster, column).files.values()
    return read_table(content.decode())


def test_the_file_has_canvas_own_columns_the_points_and_a_row_for_each_scored_student() -> None:
    login = dataclasses.replace(alan(), student="aturing@example.org")
    assert _rows([ada(), login]) == [
        HEADER,
        ["    Points Possible", "", "", "", "", "80"],
        ["Lovelace, Ada", "4001", "S100", "ada", "NN 101, Autumn", "48"],
        ["Turing, Alan", "4002", "S200", "aturing@example.org", "NN 101, Autumn", "80"],
    ]


@pytest.mark.parametrize("student", ["4002", "S200", "s200", "aturing@example.org"])
def test_people_are_found_by_number_sis_id_or_login(student: str) -> None:
    rows = _rows([dataclasses.replace(alan(), student=student, email="")])
    assert [row[1] for row in rows[2:]] == ["4002"]


def test_who_has_no_score_gets_no_row_because_an_empty_cell_would_erase_a_grade() -> None:
    made = export(small_class(), "initialization", ROSTER)
    (content,) = made.files.values()
    assert [row[0] for row in read_table(content.decode())[2:]] == ["Lovelace, Ada"]
    assert made.notes == (
        "1 score for 'Initialization (8102)'.",
        "emmy: internal-error, has no score; left out. The sandbox could not start.",
        "grace: rejected, has no score; left out. The file is a web page, not a notebook.",
        "1 score is provisional: a written answer is not graded yet. --finished-only leaves them out.",
        "alan: in no row of the roster (looked in ID, SIS User ID, SIS Login ID); left out.",
    )


@pytest.mark.parametrize("column", ["Initialization (8102)", "initialization", "8102", "(8102)", None])
def test_the_assignment_is_named_by_heading_title_or_number(column: str | None) -> None:
    assert _rows([ada()], column)[0][-1] == "Initialization (8102)"


@pytest.mark.parametrize(
    "column", ["Initialisation", "Initialization (8104)", "9999", "Current Score", "Section"]
)
def test_a_mistyped_title_never_makes_a_second_assignment(column: str) -> None:
    with pytest.raises(ExportError, match="importing it would make a new one") as error:
        export([ada()], "initialization", ROSTER, column)
    assert "(8102)" in str(error.value)


def test_a_title_that_two_assignments_have_asks_for_the_number() -> None:
    roster = ROSTER.replace("Essay (8103)", "Initialization (8103)")
    with pytest.raises(ExportError, match=r"could be any of .* Name one by its number: --column 8102"):
        export([ada()], "initialization", roster, "Initialization")


def test_other_points_in_canvas_are_refused_or_converted_on_demand() -> None:
    roster = ROSTER.replace(",10,80,20,", ",10,40,20,")
    with pytest.raises(ExportError, match=r"counts 40 points in Canvas, the assignment has 80.*--scale"):
        export([ada()], "initialization", roster)
    (content,) = export([ada()], "initialization", roster, scale=True).files.values()
    assert [row[-1] for row in read_table(content.decode())[1:]] == ["40", "24"]


def test_without_a_points_row_in_the_roster_none_is_written() -> None:
    roster = "\n".join(line for line in ROSTER.splitlines() if "Points Possible" not in line)
    assert [row[0] for row in _rows([ada()], roster=roster)] == ["Student", "Lovelace, Ada"]


def test_a_roster_of_another_system_is_refused() -> None:
    with pytest.raises(ExportError, match=r"not an export of Canvas's gradebook.*but Name, Points"):
        export([ada()], "initialization", "Name,Points\nAda,1\n")


def test_first_and_last_name_columns_are_kept() -> None:
    roster = "LastName,FirstName,ID,SIS Login ID,Section,Initialization (8102)\nLovelace,Ada,4001,ada,1,\n"
    assert _rows([ada()], roster=roster)[1] == ["Lovelace", "Ada", "4001", "ada", "1", "48"]


def test_a_formula_in_a_name_is_made_safe() -> None:
    roster = ROSTER.replace('"Lovelace, Ada"', "=HYPERLINK(1)")
    (content,) = export([ada()], "initialization", roster).files.values()
    assert b"\r\n'=HYPERLINK(1),4001" in content


def test_a_class_without_a_score_is_an_empty_table_with_reasons() -> None:
    made = export([grace()], "initialization", ROSTER)
    (content,) = made.files.values()
    assert len(read_table(content.decode())) == 2
    assert made.notes[0] == "0 scores for 'Initialization (8102)'."
    assert made.notes[1].startswith("grace: rejected")
