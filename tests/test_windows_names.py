"""Ids and names that Windows cannot hold as folders are named; none gets into the folder of another one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from autograder import cli, course, new_course
from autograder.collect import collect
from autograder.course import Course, UnknownAssignmentError, is_safe_name, name_fault
from autograder.untrusted import windows_names
from autograder.untrusted.windows_names import windows_fault
from tests.small_course import NAME, make_course

DEVICE = "Windows keeps this name for a device"


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are judged as on Windows."""
    monkeypatch.setattr(windows_names, "is_windows", lambda: True)


def download(*names: str) -> io.BytesIO:
    """What nbgrader's students hand in as one zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "name",
    [
        "CON",
        "nul",
        "aux.txt",
        "Prn.tar.gz",
        "com1",
        "LPT9.csv",
        "com\u00b9",
        "nul .txt",
        "CONIN$",
        "conout$.txt",
    ],
)
def test_names_of_devices(name: str) -> None:
    assert windows_fault(name) == DEVICE


@pytest.mark.parametrize(
    "name", ["console", "com", "com10", "auxiliary.txt", "x.nul", "ada lovelace", ".aux", "con$", "conin"]
)
def test_names_that_only_look_like_a_devices(name: str) -> None:
    assert windows_fault(name) == ""


@pytest.mark.parametrize("name", ["ada.", "ada ", "a:b", "what?", "a*", "a\tb", "a\0"])
def test_other_names_that_windows_changes_or_refuses(name: str) -> None:
    assert windows_fault(name)


def test_elsewhere_such_names_are_as_good_as_others() -> None:
    assert is_safe_name("aux")
    assert name_fault("con") == ""


@pytest.mark.usefixtures("on_windows")
def test_an_assignment_of_such_a_name_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(course.CourseError, match=f"^'nul' cannot be used: {DEVICE}.$"):
        new_course.make_course(tmp_path, "nul")
    make_course(tmp_path)
    (tmp_path / "source" / NAME).rename(tmp_path / "source" / "Con")
    with pytest.raises(UnknownAssignmentError, match=f"cannot be used: {DEVICE}. Rename the folder.$"):
        Course(tmp_path).require_assignment("Con")


@pytest.mark.usefixtures("on_windows")
def test_a_student_of_such_an_id_is_skipped_with_the_reason_and_the_others_are_taken(tmp_path: Path) -> None:
    notebook = f"{NAME}/{NAME}.ipynb"
    rows = collect(make_course(tmp_path), NAME, download(f"aux/{notebook}", f"ben/{notebook}")).rows
    assert [(row.student, row.outcome) for row in rows] == [("", "skipped"), ("ben", "new")]
    assert rows[0].notes == (f"'aux' cannot name a folder ({DEVICE}); give a roster",)
    assert [path.name for path in (tmp_path / "submitted").iterdir()] == ["ben"]


@pytest.mark.usefixtures("on_windows")
def test_a_file_of_such_a_name_is_left_out(tmp_path: Path) -> None:
    names = [f"ada/{NAME}/{name}" for name in (f"{NAME}.ipynb", "aux.txt", "a:b.csv", "data.csv")]
    (row,) = collect(make_course(tmp_path), NAME, download(*names)).rows
    left_out = [
        f"ada/{NAME}/{name}: the name cannot be written; left out." for name in ("a:b.csv", "aux.txt")
    ]
    assert [note for note in row.notes if "left out" in note] == left_out
    folder = tmp_path / "submitted" / "ada" / NAME
    assert sorted(path.name for path in folder.iterdir()) == ["data.csv", f"{NAME}.ipynb"]


@pytest.mark.usefixtures("on_windows")
def test_a_personal_link_is_made_for_no_such_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_course(tmp_path)
    assert cli.main(["serve", "links", "--course", str(tmp_path), "--student", "con"]) != 0
    assert f"'con' cannot be a student's id: {DEVICE}; " in capsys.readouterr().err


def test_ids_that_differ_only_in_case_share_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link stands for the second name of a folder on a file system that tells no case apart."""
    made = make_course(tmp_path)
    notebook = f"{NAME}/{NAME}.ipynb"
    collect(made, NAME, download(f"Ada/{notebook}"))
    submitted = tmp_path / "submitted"
    (submitted / "ada").symlink_to("Ada")
    assert made.same_folder("ada") == ""
    monkeypatch.setattr(course, "_names_in", lambda folder: ["Ada"])
    assert (made.same_folder("ada"), made.same_folder("Ada"), made.same_folder("eve")) == ("Ada", "", "")
    (row,) = collect(made, NAME, download(f"ada/{notebook}")).rows
    told = "this system's folders do not tell 'ada' from 'Ada'; give a roster that does"
    assert (row.student, row.outcome, row.notes) == ("ada", "skipped", (told,))
