"""Zip files of learning platforms: real name patterns, hostile members, attempts, rosters."""

from __future__ import annotations

import io
import json
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from autograder import cli
from autograder.collect import Collected, CollectOptions, RosterError, collect, read_people
from autograder.course import Course
from autograder.downloads import DownloadError, DownloadLimits, is_safe_path

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "initialization"
NB = f"{ASSIGNMENT}.ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copytree(ROOT / "source" / ASSIGNMENT, tmp_path / "source" / ASSIGNMENT)
    return Course(tmp_path)


def zipped(members: dict[str, str | bytes], **options: int) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def taken(course: Course) -> dict[str, str]:
    """Everything under submitted/, by path."""
    root = course.root / "submitted"
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text() for path in files}


def run(course: Course, members: dict[str, str | bytes], **options: object) -> tuple[Collected, ...]:
    return collect(course, ASSIGNMENT, zipped(members), CollectOptions(**options)).rows  # type: ignore[arg-type]


CANVAS: dict[str, str | bytes] = {
    "lovelaceada_101_5001_initialization.ipynb": "ada",
    "turingalan_LATE_102_5002_initialization-2.ipynb": "alan",
    "hoppergrace_103_5003_my notes.txt": "notes",
    "hoppergrace_103_5004_initialization.ipynb": "grace",
}


def test_canvas(course: Course) -> None:
    assert run(course, CANVAS) == (
        Collected("101", "lovelaceada (101)", "new"),
        Collected("102", "turingalan (102)", "new", (
            "initialization-2.ipynb was renamed to initialization.ipynb", "the platform marks it as late")),
        Collected("103", "hoppergrace (103)", "new"),
    )  # fmt: skip
    assert taken(course) == {
        f"101/{ASSIGNMENT}/{NB}": "ada",
        f"102/{ASSIGNMENT}/{NB}": "alan",
        f"103/{ASSIGNMENT}/{NB}": "grace",
        f"103/{ASSIGNMENT}/my notes.txt": "notes",
    }


CANVAS_ROSTER = """Student,ID,SIS User ID,SIS Login ID,Section,Initialization (77)
    Points Possible,,,,,90
"Lovelace, Ada",101,S-1,ada@x.edu,A,
"Turing, Alan",102,S-2,alan@x.edu,A,
"Hopper, Grace",104,S-3,grace@x.edu,A,103
"""


def test_a_roster_names_the_students_and_a_grade_is_no_id(course: Course) -> None:
    rows = run(course, CANVAS, roster=CANVAS_ROSTER)
    # Grace's number differs from the roster's, so her name decides; 103 in the last column is a grade.
    assert [(row.student, row.source) for row in rows] == [
        ("ada@x.edu", "lovelaceada (101)"),
        ("alan@x.edu", "turingalan (102)"),
        ("grace@x.edu", "hoppergrace (103)"),
    ]


def test_the_column_of_student_ids_can_be_named(course: Course) -> None:
    rows = run(course, CANVAS, roster=CANVAS_ROSTER, id_column="SIS User ID")
    assert [row.student for row in rows] == ["S-1", "S-2", "S-3"]


def test_somebody_who_is_not_in_the_roster_is_not_guessed_at(course: Course) -> None:
    rows = run(course, {"curiemarie_999_1_initialization.ipynb": "marie"}, roster=CANVAS_ROSTER)
    assert rows == (Collected("", "curiemarie (999)", "skipped", ("curiemarie (999) is not in the roster",)),)
    assert taken(course) == {}


def test_moodle_in_folders_and_flat(course: Course) -> None:
    rows = run(course, {
        "Ada Lovelace_3310_assignsubmission_file_/initialization.ipynb": "ada",
        "Ada Lovelace_3310_assignsubmission_file_/data/a.csv": "1",
        "Jean-Luc O'Neill_3311_assignsubmission_file_/initialization.ipynb": "jean",
        "Ada Lovelace_3310_assignsubmission_onlinetext_/onlinetext.html": "hi",
    })  # fmt: skip
    assert [(row.student, row.outcome) for row in rows] == [
        ("Ada Lovelace", "new"),
        ("Jean-Luc O'Neill", "new"),
    ]
    assert f"Ada Lovelace/{ASSIGNMENT}/data/a.csv" in taken(course)
    flat = run(course, {"Alan Turing_3312_assignsubmission_file_initialization.ipynb": "alan"})
    assert flat == (Collected("Alan Turing", "Alan Turing (3312)", "new"),)


def test_two_people_of_one_name_need_a_roster(course: Course) -> None:
    members: dict[str, str | bytes] = {
        f"Wei Li_{number}_assignsubmission_file_/{NB}": str(number) for number in (1, 2)
    }
    rows = run(course, members)
    said = "Wei Li: several students of that name; give a roster that tells them apart."
    assert [(row.outcome, row.notes) for row in rows] == [("skipped", (said,))] * 2
    sheet = (
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 1,Wei Li,wei1@x.edu,Submitted,,"Saturday, 21 November 2026, 10:15 PM"\n'
        "Participant 2,Wei Li,wei2@x.edu,Submitted,,-\n"
    )
    assert [row.student for row in run(course, members, roster=sheet)] == ["wei1@x.edu", "wei2@x.edu"]
    times = {name: text for name, text in taken(course).items() if name.endswith("timestamp.txt")}
    assert list(times) == [f"wei1@x.edu/{ASSIGNMENT}/timestamp.txt"]
    assert times[f"wei1@x.edu/{ASSIGNMENT}/timestamp.txt"].startswith("2026-11-2")


GRADESCOPE_METADATA = """---
submission_900:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0017'
    :email: ada@x.edu
  - :name: Alan Turing
    :sid:
    :email: alan@x.edu
  :created_at: 2026-11-20 23:15:30.123456000 Z
  :score: 0.0
submission_901:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0017'
    :email: ada@x.edu
  :created_at: 2026-11-21 08:00:00.000000000 Z
submission_902:
  :submitters: []
"""


def test_gradescope_with_a_group_and_a_second_attempt(course: Course) -> None:
    top = "assignment_42_export"
    rows = run(course, {
        f"{top}/submission_metadata.yml": GRADESCOPE_METADATA,
        f"{top}/submission_901/{NB}": "second",
        f"{top}/submission_900/{NB}": "first",
        f"{top}/submission_902/{NB}": "nobody",
    })  # fmt: skip
    assert [(row.student, row.outcome, row.notes) for row in rows] == [
        ("0017", "new", ("the latest of 2 attempts",)),
        ("alan@x.edu", "new", ()),
        ("submission_902", "new", ()),
    ]
    files = taken(course)
    assert files[f"0017/{ASSIGNMENT}/{NB}"] == "second"
    assert files[f"0017/{ASSIGNMENT}/timestamp.txt"] == "2026-11-21 08:00:00.000000 UTC"
    assert files[f"alan@x.edu/{ASSIGNMENT}/{NB}"] == "first"
    earlier = course.root / "downloaded" / ASSIGNMENT / "earlier" / "0017" / "1" / NB
    assert earlier.read_text() == "first"


def test_gradescope_without_readable_metadata_says_so(course: Course) -> None:
    members: dict[str, str | bytes] = {f"x/submission_7/{NB}": "a", "x/submission_metadata.yml": "\t: ["}
    done = collect(course, ASSIGNMENT, zipped(members))
    assert [row.student for row in done.rows] == ["submission_7"]
    assert done.notes[0].startswith("submission_metadata.yml: it cannot be read")


def test_blackboard_and_nbgrader(course: Course) -> None:
    rows = run(course, {
        f"Init_ada_attempt_2026-11-20-10-00-00_{NB}": "old",
        f"Init_ada_attempt_2026-11-21-10-00-00_{NB}": "new",
        "Init_ada_attempt_2026-11-21-10-00-00.txt": "Name: Ada",
    })  # fmt: skip
    assert rows == (Collected("ada", "ada", "new", ("the latest of 2 attempts",)),)
    assert taken(course)[f"ada/{ASSIGNMENT}/{NB}"] == "new"
    members: dict[str, str | bytes] = {
        f"submitted/bob/{ASSIGNMENT}/{NB}": "bob",
        f"submitted/bob/{ASSIGNMENT}/timestamp.txt": "2026-11-20 10:00:00.000000 UTC",
        f"submitted/bob/other/{NB}": "another assignment",
    }
    assert run(course, members) == (Collected("bob", "bob", "new"),)
    assert taken(course)[f"bob/{ASSIGNMENT}/timestamp.txt"] == "2026-11-20 10:00:00.000000 UTC"


def test_a_students_own_zip_is_unpacked_once(course: Course) -> None:
    inner = zipped({f"work/{NB}": "ada", "work/data.csv": "1", "__MACOSX/._x": ""}).getvalue()
    run(course, {"lovelaceada_101_1_work.zip": inner})
    assert taken(course) == {f"101/{ASSIGNMENT}/data.csv": "1", f"101/{ASSIGNMENT}/{NB}": "ada"}
    twice = zipped({"again.zip": inner}).getvalue()
    rows = run(course, {"turingalan_102_1_work.zip": twice})
    assert rows[0].notes == ("there is no notebook in it",)


def test_what_is_there_is_never_overwritten_silently(course: Course) -> None:
    first: dict[str, str | bytes] = {f"lovelaceada_101_1_{NB}": "first"}
    second: dict[str, str | bytes] = {f"lovelaceada_101_2_{NB}": "second"}
    assert run(course, first)[0].outcome == "new"
    assert run(course, first)[0].outcome == "unchanged"
    kept = run(course, second)[0]
    assert (kept.outcome, kept.notes) == (
        "kept",
        ("another submission is there and stays; --replace puts this one in its place",),
    )
    assert taken(course)[f"101/{ASSIGNMENT}/{NB}"] == "first"
    assert run(course, second, replace=True, dry_run=True)[0].outcome == "replaced"
    assert taken(course)[f"101/{ASSIGNMENT}/{NB}"] == "first"
    assert run(course, second, replace=True)[0].outcome == "replaced"
    assert taken(course)[f"101/{ASSIGNMENT}/{NB}"] == "second"
    assert (course.root / "downloaded" / ASSIGNMENT / "earlier" / "101" / "1" / NB).read_text() == "first"


def test_members_that_climb_link_or_cannot_be_written_are_left_out(course: Course) -> None:
    file = io.BytesIO()
    link = zipfile.ZipInfo("lovelaceada_101_2_link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"lovelaceada_101_1_{NB}", "ada")
        archive.writestr(link, "/etc/passwd")
        archive.writestr(f"../../evil_1_1_{NB}", "x")
        archive.writestr(f"/abs_1_1_{NB}", "x")
        archive.writestr(f"..\\evil_1_1_{NB}", "x")
        archive.writestr("bell_1_1_\a.ipynb", "x")
        archive.writestr(f".._55_1_{NB}", "x")
    file.seek(0)
    done = collect(course, ASSIGNMENT, file)
    assert [row.student for row in done.rows] == ["101", "55"]
    assert len([note for note in done.notes if "leads out of its folder or cannot be written" in note]) == 4
    assert "lovelaceada_101_2_link.ipynb: it is a link or a device; left out." in done.notes
    outside = [*course.root.rglob("*evil*"), *course.root.parent.glob("evil*")]
    assert outside == []


@pytest.mark.parametrize(
    "name", ["..", "a/../b", "/a", "a//b", "a/", "C:/x", "a\nb", "x" * 300, "/".join("a" * 30)]
)
def test_unsafe_paths(name: str) -> None:
    assert not is_safe_path(name)


def test_a_name_that_cannot_be_a_folder_is_skipped(course: Course) -> None:
    rows = run(course, {f".._5_assignsubmission_file_/{NB}": "x"})
    assert rows == (
        Collected("", ".. (5)", "skipped", (".. (5): '..' cannot name a folder; give a roster",)),
    )


def test_a_zip_bomb_is_cut_off(course: Course) -> None:
    bomb: dict[str, str | bytes] = {
        f"lovelaceada_101_1_{NB}": "ada",
        "lovelaceada_101_2_bomb.bin": b"\0" * 3_000_000,
    }
    rows = run(course, bomb, limits=DownloadLimits(member_bytes=1_000_000))
    assert rows[0].notes == ("lovelaceada_101_2_bomb.bin: it is larger than 1,000,000 bytes; left out.",)
    with pytest.raises(DownloadError, match="the zip unpacks to more than 10 bytes"):
        run(course, {f"hoppergrace_103_1_{NB}": "x" * 50}, limits=DownloadLimits(total_bytes=10))
    with pytest.raises(DownloadError, match="the zip holds more than 1 files; split it"):
        run(course, bomb, limits=DownloadLimits(members=1))


def test_a_member_whose_size_is_a_lie_is_left_out(course: Course) -> None:
    file = zipped({f"lovelaceada_101_1_{NB}": "a" * 1000})
    data = file.getvalue().replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    done = collect(course, ASSIGNMENT, io.BytesIO(data))
    assert "it cannot be unpacked" in done.rows[0].notes[0]


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 10])
def test_what_is_no_zip_is_refused(course: Course, data: bytes) -> None:
    with pytest.raises(DownloadError, match="the file is not a zip file that can be read"):
        collect(course, ASSIGNMENT, io.BytesIO(data))


def test_a_zip_of_something_else_is_refused(course: Course) -> None:
    with pytest.raises(DownloadError) as error:
        run(course, {"holiday/beach.jpg": "x"})
    assert str(error.value) == (
        "no file in the zip is named as moodle, gradescope, blackboard, canvas, nbgrader names submissions; "
        "it holds holiday/beach.jpg."
    )


def test_a_roster_without_ids_is_refused() -> None:
    with pytest.raises(RosterError, match="the roster has no column of student ids: it has colour"):
        read_people("colour\nred\n")


def test_the_verb_prints_who_became_whom(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    path = course.root / "sub.zip"
    path.write_bytes(zipped(CANVAS | {"readme.txt": "x"}).getvalue())
    assert cli.main(["collect", str(path), ASSIGNMENT, "--course", str(course.root)]) == 0
    assert capsys.readouterr().out == (
        "new        101  <- lovelaceada (101)\n"
        "new        102  <- turingalan (102)  initialization-2.ipynb was renamed to initialization.ipynb; "
        "the platform marks it as late\n"
        "new        103  <- hoppergrace (103)\n"
        "note: readme.txt: not named as canvas names submissions; left out.\n"
        "Collected from canvas: 3 new.\n"
    )
    assert cli.main(["collect", str(path), "nonsense", "--course", str(course.root)]) == 2
    assert cli.main(["collect", str(path) + "x", ASSIGNMENT, "--course", str(course.root)]) == 2
    assert "Is the file there" in capsys.readouterr().err


def test_what_was_collected_can_be_graded(course: Course) -> None:
    from autograder.assignment import load_assignment
    from autograder.intake import read_submission

    released = (ROOT / "release" / ASSIGNMENT / NB).read_bytes()
    run(course, {"lovelaceada_101_1_initialization-3.ipynb": released})
    submission = read_submission(course.submitted("101", ASSIGNMENT), load_assignment(course, ASSIGNMENT))
    assert submission.flags == ()
    assert len(submission.cells) == len(json.loads(released)["cells"])
