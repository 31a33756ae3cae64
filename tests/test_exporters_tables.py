"""CSV that runs nothing and reads back; and who of a roster is who."""

from __future__ import annotations

import csv
import dataclasses
import io
import re

import pytest

from autograder.exporters import ExportError
from autograder.exporters.people import match, read_roster
from autograder.exporters.tables import original_cell, read_table, safe_cell, write_table
from tests.example_results import ada, alan

DANGEROUS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "+49 30", "-"]
HARMLESS = ["-3.5", "+7", "-1e3", "a=b", "", "'quoted'", "3,5", "ada", "it's"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    # Behind a tab or a line break another cell starts where that separates cells.
    first, rest = (text[0], f"'{text[1:]}") if text[0] in "\t\r\n" else ("", text)
    assert safe_cell(text) == f"'{first}{rest}"


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize("text", [*DANGEROUS, *HARMLESS, "'=1", "''=1", 'a "b", c\nd', "é"])
def test_every_cell_reads_back_as_it_was(text: str) -> None:
    assert read_table(write_table(["x", "y"], [[text, "z"]])) == [["x", "y"], [text, "z"]]


def test_the_file_itself_holds_the_safe_form() -> None:
    rows = list(csv.reader(io.StringIO(write_table(["=h"], [["=1"], [-2], [None]]))))
    assert rows == [["'=h"], ["'=1"], ["-2"], [""]]


def test_semicolons_and_a_byte_order_mark_are_read() -> None:
    assert read_table("\ufeffa;b\r\n1;2\r\n") == [["a", "b"], ["1", "2"]]


def test_an_empty_roster_is_refused() -> None:
    with pytest.raises(ExportError, match="the roster is empty"):
        read_roster("a,b\n")


def test_people_are_matched_by_id_before_address_and_never_by_name() -> None:
    roster = read_roster("Name,ID,Login\nada,1,ALAN\nx,2,ada@example.org\n")
    matched, notes = match([ada(), alan()], roster, ("ID", "Login"))
    assert {number: result.student for number, result in matched.items()} == {0: "alan", 1: "ada"}
    assert notes == ()


def test_someone_who_could_be_two_people_is_nobody() -> None:
    roster = read_roster("ID,Login\nada,x\ny,ada\n")
    matched, notes = match([ada()], roster, ("ID", "Login"))
    assert (matched, notes) == ({}, ("ada: matches 2 rows of the roster; left out.",))


def test_two_students_on_one_row_are_both_left_out_and_so_is_a_third() -> None:
    roster = read_roster("ID,Login\nada,alan\n")
    third = dataclasses.replace(alan(), student="ALAN")
    matched, notes = match([ada(), alan(), third], roster, ("ID", "Login"))
    assert matched == {}
    assert notes == tuple(
        f"{name}: another student matches the same row; left out." for name in ("ada", "alan", "ALAN")
    )


@pytest.mark.parametrize(
    "text", ["x;=1+1", "x\n=1", 'x;"=1"', "x\t@y", "x; -y", "a;'=1", "a\r\n=1\n\n+b", ";\t=1", "\t-3"]
)
def test_no_cell_inside_a_text_starts_a_formula_whatever_separates(text: str) -> None:
    safe = safe_cell(text)
    for part in re.split(r"[;\t\r\n]", safe):
        assert part.lstrip('" ')[:1] not in {*"=+-@"}
    assert original_cell(safe) == text
