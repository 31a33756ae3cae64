"""Feedback for a platform's bulk upload, named as it names submissions; and for mail merge."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.collect import CollectOptions, collect
from autograder.collected import KnownStudent, read_collected
from autograder.course import Course
from autograder.exporters.tables import read_table
from autograder.feedback_archives import FeedbackArchiveError, archive, mail_merge
from autograder.storage import StoredResult, write_result
from tests.example_results import ada, alan, small_class

ROOT = Path(__file__).resolve().parents[1]
MOODLE = {
    "Ada Lovelace_4711_assignsubmission_file_/initialization.ipynb": "ada",
    "Alan_M Turing_4712_assignsubmission_file_initialization.ipynb": "alan",
}
CANVAS = {
    "lovelaceada_101_5001_initialization.ipynb": "ada",
    "turingalan_LATE_102_5002_initialization-2.ipynb": "alan",
}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copytree(ROOT / "source" / "initialization", tmp_path / "source" / "initialization")
    return Course(tmp_path)


def collected(course: Course, members: dict[str, str]) -> dict[str, KnownStudent]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, text in members.items():
            made.writestr(name, text)
    file.seek(0)
    collect(course, "initialization", file, CollectOptions())
    return read_collected(course, "initialization")


def names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert made.testzip() is None
        return made.namelist()


def test_moodle_finds_its_participants_numbers_in_the_names(course: Course) -> None:
    known = collected(course, MOODLE)
    pages = {student: {"initialization.html": student.encode()} for student in known}
    content, notes = archive("moodle", "initialization", pages, known)
    assert names(content) == [
        "Ada Lovelace_4711_assignsubmission_file_initialization.html",
        "Alan M Turing_4712_assignsubmission_file_initialization.html",
    ]
    # As Moodle reads it: cut at `_` into five; the second is the participant, third and fourth the plugin.
    assert [name.split("_", 4)[1:4] for name in names(content)] == [
        ["4711", "assignsubmission", "file"],
        ["4712", "assignsubmission", "file"],
    ]
    assert notes == []


def test_canvas_finds_the_numbers_of_student_and_attachment(course: Course) -> None:
    known = collected(course, CANVAS)
    pages = {student: {"initialization.html": b"page"} for student in known}
    content, _ = archive("canvas", "initialization", pages, known)
    assert [re.findall(r"(?<=_)\d+(?=_)", name) for name in names(content)] == [
        ["101", "5001"],
        ["102", "5002"],
    ]


def test_collecting_again_teaches_the_names_and_replaces_nothing(course: Course) -> None:
    collected(course, CANVAS)
    path = course.root / "downloaded" / "initialization" / "collected.json"
    path.unlink()
    assert collected(course, CANVAS)["101"].entry == "lovelaceada_101_5001_"


def test_who_did_not_come_from_the_platform_is_named(course: Course) -> None:
    known = collected(course, MOODLE)
    pages = {student: {"a.html": b""} for student in ("Ada Lovelace", "zoe")}
    content, (note,) = archive("moodle", "a", pages, known)
    assert names(content) == ["Ada Lovelace_4711_assignsubmission_file_a.html"]
    assert note == (
        "Not in it, because they did not come in Moodle's zip file: zoe. Collect Moodle's zip file again "
        "(nothing is replaced): autograder collect ZIP a"
    )
    with pytest.raises(FeedbackArchiveError, match="it is not known what Canvas calls the students' files"):
        archive("canvas", "a", pages, known)


def test_mail_merge_gets_a_page_a_student_and_a_table_with_addresses() -> None:
    pages = {"ada": {"initialization.html": b"A"}, "alan": {"one.html": b"1", "two.html": b"2"}}
    files = mail_merge([ada(), alan()], pages)
    assert sorted(files) == ["ada.html", "alan-one.html", "alan-two.html", "students.csv"]
    assert read_table(files["students.csv"].decode("utf-8-sig"))[1:] == [
        ["ada", "Ada", "Lovelace", "ada@example.org", "48", "80", "ada.html"],
        ["alan", "Alan", "Turing", "alan@example.org", "80", "80", "alan-one.html alan-two.html"],
    ]


def test_the_verb_writes_archive_and_folder(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    for result in small_class():
        write_result(course, "initialization", StoredResult(result))
    command = ["feedback", "initialization", "--course", str(course.root)]
    assert main([*command, "--zip", "moodle"]) == 2
    assert "it is not known what Moodle calls the students' files" in capsys.readouterr().err
    collected(course, {"ada_4711_assignsubmission_file_/initialization.ipynb": "{}"})
    assert main([*command, "--zip", "moodle", "--folder", str(course.root / "merge")]) == 0
    place = course.root / "exports" / "initialization" / "feedback-moodle.zip"
    assert names(place.read_bytes()) == ["ada_4711_assignsubmission_file_initialization.html"]
    assert capsys.readouterr().out.splitlines()[-3:] == [
        f"{course.root / 'merge'}: the pages by student, and students.csv for mail merge.",
        f"{place}: for Moodle's bulk upload.",
        "Not in it, because they did not come in Moodle's zip file: alan, emmy, grace. Collect Moodle's zip "
        "file again (nothing is replaced): autograder collect ZIP initialization",
    ]
    page = course.feedback("ada", "initialization") / "initialization.html"
    assert (course.root / "merge" / "ada.html").read_bytes() == page.read_bytes()
