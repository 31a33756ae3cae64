"""Collecting: names, worksheets in other languages, times and their zone, what was repaired by hand."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from pathlib import Path

import pytest

from autograder import cli
from autograder.collect import Collected, Collection, CollectOptions, collect
from autograder.course import Course
from autograder.downloads.roster import read_people
from autograder.downloads.zip_files import DownloadError
from tests.small_course import NAME, make_course

NB = f"{NAME}.ipynb"
UTC = datetime.UTC


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return make_course(tmp_path)


def take(course: Course, members: dict[str, str], **options: object) -> Collection:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return collect(course, NAME, file, CollectOptions(**options))  # type: ignore[arg-type]


def moodle(*names: str) -> dict[str, str]:
    return {
        f"{name}_{number}_assignsubmission_file/{NB}": name for number, name in enumerate(names, start=101)
    }


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("प्रिया शर्मा", "प्रिया शर्मा"),
        ("தமிழ் செல்வி", "தமிழ் செல்வி"),
        ("محمّد علي", "محمّد علي"),
        ("Jo\u0308rg Mu\u0308ller", "Jörg Müller"),
        ("Seán O\u2019Neil", "Seán O\u2019Neil"),
        ("Zoë\u2013Marie K", "Zoë\u2013Marie K"),
        ("Gal\u00b7la Puig", "Gal\u00b7la Puig"),
        ("John Smith Jr.", "John Smith Jr"),
        ('María "Pepa" Ruiz', "María _Pepa_ Ruiz"),
        ("A & B", "A _ B"),
    ],
)
def test_a_persons_name_names_a_folder(course: Course, name: str, student: str) -> None:
    (row,) = take(course, moodle(name)).rows
    assert (row.student, row.outcome) == (student, "new")
    assert (course.submitted(student, NAME) / NB).is_file()


def test_names_of_a_zip_made_by_finder_are_read_as_what_they_are(course: Course) -> None:
    name = f"Jo\u0308rg_101_assignsubmission_file/{NB}".encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x" * len(name), "{}")
    data = file.getvalue().replace(b"x" * len(name), name)
    (row,) = collect(course, NAME, io.BytesIO(data)).rows
    assert row.student == "Jörg"


WORKSHEETS = {
    "German": (
        'ID,"Vollständiger Name",E-Mail-Adresse,Status,"Zuletzt geändert (Abgabe)",Kommentar\n'
        '"Teilnehmer/in101",Zoë K,zk@uni.example,Abgegeben,"Donnerstag, 26. November 2026, 23:59",-\n'
    ),
    "French": (
        'Identifiant,"Nom complet","Adresse de courriel",Statut,"Dernière modification (travail remis)"\n'
        '"Participant 101",Zoë K,zk@uni.example,Remis,"jeudi 26 novembre 2026, 23:59"\n'
    ),
    "a language that is not in any table": (
        "Tunnus,Kayttaja,Osoite,Tila,Muokattu\n"
        '"Osallistuja 101",Zoë K,zk@uni.example,Palautettu,"26.11.2026, 23:59"\n'
    ),
}


@pytest.mark.parametrize("language", WORKSHEETS)
def test_a_worksheet_of_moodles_is_read_in_any_language(course: Course, language: str) -> None:
    done = take(course, moodle("Zoë K"), roster=WORKSHEETS[language], zone=UTC, zone_words="UTC")
    assert [(row.student, row.outcome) for row in done.rows] == [("zk@uni.example", "new")]
    told = (course.submitted("zk@uni.example", NAME) / "timestamp.txt").read_text()
    assert told == "2026-11-26 23:59:00.000000 UTC"
    assert done.notes == ("times without a zone were read in UTC; --timezone NAME names another.",)
    (person,) = read_people(WORKSHEETS[language])
    assert (person.known.first_name, person.known.last_name) == ("Zoë", "K")


def test_a_roster_of_plain_ids_is_not_taken_for_a_worksheet() -> None:
    (person,) = read_people("student_id,name\ns101,Zoë K\n")
    assert person.student == "s101"
    (person,) = read_people("id,name\nab123,Zoë K\n")
    assert person.student == "ab123"


def test_times_that_cannot_be_read_are_counted_with_one_of_them(course: Course) -> None:
    roster = (
        "Identifier,Full name,Email address,Last modified (submission)\n"
        "Participant 101,Ada,ada@x.example,soon\nParticipant 102,Bob,bob@x.example,-\n"
        "Participant 103,Cyd,cyd@x.example,03/04/2026 10:00\n"
    )
    done = take(course, moodle("Ada", "Bob", "Cyd"), roster=roster)
    assert done.notes == (
        "2 times of submission could not be read, for example 'soon': these students have no time, and "
        "count as on "
        "time.",
    )


@pytest.mark.parametrize(
    ("words", "setting", "hour", "named"),
    [
        (["--timezone", "Europe/Berlin"], "America/New_York", "22", "Europe/Berlin"),
        ([], "America/New_York", "04", "America/New_York (c.Exchange.timezone)"),
    ],
)
def test_the_zone_is_the_option_else_the_courses_setting_and_is_printed(
    course: Course,
    words: list[str],
    setting: str,
    hour: str,
    named: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (course.root / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.timezone = {setting!r}\n")
    file, roster = tmp_path / "a.zip", tmp_path / "r.csv"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"Ada_101_assignsubmission_file/{NB}", "{}")
    roster.write_text(
        "Identifier,Full name,Email address,Last modified (submission)\n"
        'Participant 101,Ada,ada@x.example,"Thursday, 26 November 2026, 11:59 PM"\n'
    )
    command = ["collect", str(file), NAME, "--course", str(course.root), "--roster", str(roster), *words]
    assert cli.main(command) == 0
    told = (course.submitted("ada@x.example", NAME) / "timestamp.txt").read_text()
    assert told[11:13] == hour
    assert f"note: times without a zone were read in {named}; --timezone NAME names another." in (
        capsys.readouterr().out.splitlines()
    )
    assert (
        cli.main([*command[:-2], "--timezone", "Berlin"] if words else [*command, "--timezone", "Berlin"])
        == 2
    )


def test_what_was_repaired_by_hand_stays_when_the_same_is_collected_again(course: Course) -> None:
    canvas = {f"ada_101_1_{NB}": "first"}
    take(course, canvas)
    path = course.submitted("101", NAME) / NB
    path.write_text("repaired")
    (row,) = take(course, canvas, replace=True).rows
    assert row == Collected(
        "101",
        "ada (101)",
        "unchanged",
        ("the same as was collected before; what was changed by hand since stays",),
    )
    assert path.read_text() == "repaired"
    (row,) = take(course, {f"ada_101_2_{NB}": "second"}, replace=True).rows
    assert (row.outcome, path.read_text()) == ("replaced", "second")


def test_one_student_is_collected_alone(course: Course) -> None:
    both = {f"ada_101_1_{NB}": "ada", f"bob_102_1_{NB}": "bob"}
    assert [row.student for row in take(course, both, students=frozenset({"102"})).rows] == ["102"]
    assert course.students(NAME) == ["102"]
    with pytest.raises(
        DownloadError, match=r"^the zip has nothing of 103\. It has submissions of 101, 102\.$"
    ):
        take(course, both, students=frozenset({"103"}))


@pytest.mark.parametrize("name", ["ps1.ipynb.txt", "ps1.ipynb.json", "PS1.IPYNB", "ps1", "homework.doc"])
def test_the_only_file_that_is_a_notebook_is_taken_whatever_its_ending(course: Course, name: str) -> None:
    notebook = json.dumps({"cells": [], "nbformat": 4, "metadata": {}})
    (row,) = take(course, {f"ada_101_1_{name}": notebook, "ada_101_2_notes.txt": "x"}).rows
    assert row.notes == (f"{name} was renamed to {NB}",)


def test_what_is_there_instead_of_a_notebook_is_named(course: Course) -> None:
    files = {"ada_101_1_work.py": "x = 1", "ada_101_2_scan.pdf": "%PDF-1.7", "ada_101_3_hw.rar": "Rar!\x1a"}
    (row,) = take(course, files).rows
    assert row.notes == (
        "there is no notebook in it, only hw.rar (a RAR archive), scan.pdf (a PDF), work.py (a Python file)",
    )


def test_blackboards_cards_give_names_and_comments_and_no_noise(course: Course) -> None:
    stem = "gradebook_HW_ada_attempt_2026-11-26-23-59-00"
    card = (
        "Name: Ada Lovelace (ada)\nAssignment: HW\nDate Submitted: 26 November 2026\n\nSubmission "
        "Field:\nThere is no "
        "student submission text data for this assignment.\n\nComments:\nLate, "
        "sorry.\n\nFiles:\n\tOriginal filename: x\n"
    )
    done = take(course, {f"{stem}.txt": card, f"{stem}_{NB}": "{}"}, zone=UTC, zone_words="UTC")
    assert done.rows == (Collected("ada", "Ada Lovelace (ada)", "new", ("the student wrote: Late, sorry.",)),)
    assert done.notes == ("times without a zone were read in UTC; --timezone NAME names another.",)
