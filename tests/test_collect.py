"""Zip files of learning platforms: real name patterns, hostile members, attempts, rosters."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from autograder import cli
from autograder.collect import Collected, CollectOptions, collect
from autograder.collected import CollectedError, KnownStudent, collected_path, read_collected
from autograder.course import Course
from autograder.downloads.roster import RosterError, read_people
from autograder.downloads.zip_files import DownloadError, DownloadLimits, is_safe_path

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


def test_a_name_in_the_roster_is_cut_after_128_letters() -> None:
    (person,) = read_people(f'id,name\n1,"{"L" * 200}, Ada"\n')
    assert person.known.last_name == "L" * 128


def test_the_column_of_student_ids_can_be_named(course: Course) -> None:
    rows = run(course, CANVAS, roster=CANVAS_ROSTER, id_column="SIS User ID")
    assert [row.student for row in rows] == ["S-1", "S-2", "S-3"]


def test_somebody_who_is_not_in_the_roster_is_not_guessed_at(course: Course) -> None:
    rows = run(course, {"curiemarie_999_1_initialization.ipynb": "marie"}, roster=CANVAS_ROSTER)
    assert rows == (Collected("", "curiemarie (999)", "skipped", ("is not in the roster",)),)
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
    said = "several students would be 'Wei Li'; give a roster that tells them apart"
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
    assert rows[0].notes == ("there is no notebook in it, only again.zip (a zip file)",)


def test_of_a_students_own_zip_only_a_folder_that_holds_everything_is_left_out(course: Course) -> None:
    inner = zipped({NB: "ada", "data/a.csv": "1"}).getvalue()
    other = zipped({f"work/{NB}": "alan", "data/a.csv": "1"}).getvalue()
    run(course, {"lovelaceada_101_1_work.zip": inner, "turingalan_102_1_work.zip": other})
    assert taken(course) == {
        f"101/{ASSIGNMENT}/{NB}": "ada",
        f"101/{ASSIGNMENT}/data/a.csv": "1",
        f"102/{ASSIGNMENT}/{NB}": "alan",
        f"102/{ASSIGNMENT}/data/a.csv": "1",
    }


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
    assert rows == (Collected("", ".. (5)", "skipped", ("'..' cannot name a folder; give a roster",)),)


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
    with pytest.raises(DownloadError) as error:
        collect(course, ASSIGNMENT, io.BytesIO(data))
    assert str(error.value) == (
        "the file is not a zip file that can be read. Download it again, and give it as it came: a browser "
        "may have cut it short or unpacked it."
    )


def test_a_students_own_file_that_is_no_zip_has_no_advice_for_the_teacher(course: Course) -> None:
    rows = run(course, {"lovelaceada_101_1_work.zip": "no zip"})
    said = "work.zip: the file is not a zip file that can be read."
    assert rows[0].notes == (said, "there is no notebook in it, only work.zip")


MOODLE = "assignsubmission_file_"


@pytest.mark.parametrize(
    ("members", "roster"),
    [
        ((f"Ada_1_{MOODLE}{NB}", f"Mallory_2_{MOODLE}Ada_1_{MOODLE}{NB}"), ""),
        ((f"Ada_1_{MOODLE}{NB}", f"Ada_1_{MOODLE}/Mallory_2_{MOODLE}{NB}"), ""),
        (
            (f"Ada_1_{MOODLE}{NB}", f"Mallory_2_{MOODLE}Ada_1_{MOODLE}{NB}"),
            "Identifier,Full name,ID number\nParticipant 1,Ada,Ada\nParticipant 2,Mallory,m\n",
        ),
        ((f"Ada_1_{MOODLE}{NB}", f"Mallory_2_assignsubmission_1_{MOODLE}{NB}"), ""),
        ((f"submission_1/{NB}", f"submission_2/submission_1/{NB}"), ""),
        ((f"submission_1/{NB}", f"submission_2/{NB}", "submission_2/submission_metadata.yml"), ""),
        ((f"ada/{ASSIGNMENT}/{NB}", f"mallory/{ASSIGNMENT}/ada/{ASSIGNMENT}/{NB}"), ""),
        ((f"ada/{ASSIGNMENT}/{NB}", f"mallory/{ASSIGNMENT}/submitted/ada/{ASSIGNMENT}/{NB}"), ""),
        ((f"x/submitted/ada/{ASSIGNMENT}/{NB}", f"x/submitted/mal/{ASSIGNMENT}/ada/{ASSIGNMENT}/{NB}"), ""),
        ((f"ada_10_1_{NB}", f"mallory_20_2_ada_10_3_{NB}"), ""),
        (
            (f"Init_ada_attempt_2026-11-20-10-00-00_{NB}",
             f"Init_mal_attempt_2026-11-20-10-00-00_Init_ada_attempt_2026-11-20-10-00-00_{NB}"), "",
        ),
    ],
)  # fmt: skip
def test_a_name_that_a_student_chose_makes_nothing_another_students(
    course: Course, members: tuple[str, ...], roster: str
) -> None:
    metadata = "submission_2:\n  :submitters:\n  - :sid: submission_1\n"
    run(course, {name: metadata if name.endswith(".yml") else name for name in members}, roster=roster)
    whose = {path.split("/")[0]: text for path, text in taken(course).items() if path.endswith(NB)}
    honest = members[0]
    assert [student for student, text in whose.items() if text == honest] != []
    assert [text for student, text in whose.items() if "mal" in text and whose.get("ada") == text] == []
    assert honest in whose.values()


def test_a_whole_course_gives_what_was_submitted_only(course: Course) -> None:
    run(course, {
        f"course/source/{ASSIGNMENT}/{NB}": "solution",
        f"course/autograded/ada/{ASSIGNMENT}/{NB}": "graded",
        f"course/submitted/ada/{ASSIGNMENT}/{NB}": "ada",
    })  # fmt: skip
    assert taken(course) == {f"ada/{ASSIGNMENT}/{NB}": "ada"}


def test_two_gradescope_accounts_with_one_number_are_two_people(course: Course) -> None:
    """Students may fill in their number themselves."""
    people = "".join(
        f"submission_{n}:\n  :submitters:\n  - :sid: '17'\n    :email: {name}@x.edu\n"
        for n, name in enumerate(["ada", "mallory"])
    )
    members: dict[str, str | bytes] = {f"e/submission_{n}/{NB}": str(n) for n in (0, 1)}
    rows = run(course, {"e/submission_metadata.yml": people, **members})
    said = "several students would be '17'; give a roster that tells them apart"
    assert [(row.outcome, row.notes) for row in rows] == [("skipped", (said,))] * 2


def test_blackboards_user_names_may_hold_an_underscore(course: Course) -> None:
    members: dict[str, str | bytes] = {
        f"Quiz_{name}_attempt_2026-11-20-10-00-00_{NB}": name for name in ("a_smith", "b_smith")
    }
    assert [row.outcome for row in run(course, members)] == ["skipped", "skipped"]
    rows = run(course, members, roster="Username,Name\na_smith,A Smith\nb_smith,B Smith\n")
    assert [(row.student, row.outcome) for row in rows] == [("a_smith", "new"), ("b_smith", "new")]


def test_a_grade_in_the_roster_is_no_id(course: Course) -> None:
    roster = 'Student,ID,Initialization (77)\n"Lovelace, Ada",101,103\n'
    rows = run(course, {f"hoppergrace_103_1_{NB}": "grace"}, roster=roster)
    assert rows[0].notes == ("is not in the roster",)


def test_a_students_own_time_of_submission_does_not_count(course: Course) -> None:
    early = "2000-01-01 00:00:00.000000 UTC"
    run(course, {f"e/submission_7/{NB}": "a", "e/submission_7/timestamp.txt": early})
    run(course, {f"submitted/bob/{ASSIGNMENT}/{NB}": "b", f"submitted/bob/{ASSIGNMENT}/Timestamp.TXT": early})
    assert sorted(taken(course)) == [f"bob/{ASSIGNMENT}/{NB}", f"submission_7/{ASSIGNMENT}/{NB}"]


# One student's own zip must not keep the others from being collected


def own_zip(data: bytes) -> dict[str, str | bytes]:
    return {"lovelaceada_101_1_work.zip": data, f"turingalan_102_1_{NB}": "alan"}


def test_a_file_and_a_folder_of_one_name(course: Course) -> None:
    rows = run(course, own_zip(zipped({"a": "x", "a/b": "y", NB: "ada"}).getvalue()))
    assert rows[0].notes == ("a/b: a file of its folder's name is there too; left out.",)
    assert [row.outcome for row in rows] == ["new", "new"]


def test_what_cannot_be_written_costs_its_own_student_only(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def refusing(path: Path, data: bytes) -> int:
        if path.name == "aux":
            raise OSError(22, "Invalid argument")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", refusing)
    rows = run(course, own_zip(zipped({"aux": "x", NB: "ada"}).getvalue()))
    assert rows[0] == Collected(
        "101", "lovelaceada (101)", "skipped", ("it cannot be written: Invalid argument",)
    )
    assert taken(course) == {f"102/{ASSIGNMENT}/{NB}": "alan"}


def test_a_name_that_is_no_utf8(course: Course) -> None:
    data = zipped({"é": "x", NB: "ada"}).getvalue()
    rows = run(course, own_zip(data.replace("é".encode(), b"\xff\xff", 1)))  # not in the list of members
    assert "é: it cannot be unpacked ('utf-8' codec can't decode" in rows[0].notes[0]
    assert taken(course)[f"101/{ASSIGNMENT}/{NB}"] == "ada"


def test_a_member_without_a_name(course: Course) -> None:
    data = zipped({"a": "x", NB: "ada"}).getvalue()
    rows = run(course, own_zip(data.replace(b"a" + b"PK\x01\x02", b"\0" + b"PK\x01\x02")))
    assert [row.outcome for row in rows] == ["new", "new"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_python_unpacks_without_a_bound_is_left_out(course: Course, method: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(NB, b"\0" * 1000)
    rows = run(course, own_zip(file.getvalue()))
    said = f"{NB}: it is compressed by method {method}; 0 and 8 (Deflate) are read; left out."
    assert rows[0].notes == (said, "there is no notebook in it")


def test_members_of_a_bomb_are_not_unpacked_again_and_again(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them goes beyond the limit, or fails at its end: what it takes counts all the same."""
    opened: list[int] = []
    read = zipfile.ZipExtFile.read

    def counting(stream: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        opened.append(n or 0)
        return read(stream, n)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counting)
    damaged = bytearray(zipped({f"{n}": b"\0" * 1000 for n in range(20)} | {NB: "ada"}).getvalue())
    for start in range(len(damaged)):  # no checksum is right
        if (
            damaged[start : start + 4] == b"PK\x01\x02"
            and damaged[start + 24 : start + 28] == b"\xe8\x03\0\0"
        ):
            damaged[start + 16] ^= 1
    limits = DownloadLimits(attempt_bytes=5_000, member_bytes=4_000)
    rows = run(course, {"lovelaceada_101_1_work.zip": bytes(damaged)}, limits=limits)
    assert taken(course) == {f"101/{ASSIGNMENT}/{NB}": "ada"}
    assert sum(opened) < 10_000
    assert len(rows[0].notes) == 20


def test_a_list_of_too_many_members_is_not_read(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({str(n): "" for n in range(30)}).getvalue()
    file = zipped({"lovelaceada_101_1_work.zip": inner})
    made: list[str] = []
    make = zipfile.ZipInfo.__init__

    def counting(info: zipfile.ZipInfo, filename: str = "", *others: object) -> None:
        made.append(filename)
        make(info, filename)

    monkeypatch.setattr(zipfile.ZipInfo, "__init__", counting)
    done = collect(course, ASSIGNMENT, file, CollectOptions(limits=DownloadLimits(attempt_members=20)))
    assert "work.zip: the zip holds more than 20 files; split it." in done.rows[0].notes
    assert made == ["lovelaceada_101_1_work.zip"]


def test_one_student_has_so_many_files_and_notebooks_first(course: Course) -> None:
    folder = f"Ada_1_{MOODLE}"
    members: dict[str, str | bytes] = {f"{folder}/{n}.csv": "" for n in range(5)}
    rows = run(course, members | {f"{folder}/{NB}": "ada"}, limits=DownloadLimits(attempt_members=3))
    assert rows[0].notes == ("it holds more than 3 files; the rest was left out",)
    assert [path.rpartition("/")[2] for path in taken(course)] == ["0.csv", "1.csv", NB]


def test_a_path_of_another_drive_is_left_out(course: Course) -> None:
    rows = run(
        course, {f"Ada_1_{MOODLE}/C:/x.csv": "", f"ada_101_1_C:{NB}": "", f"Ada_1_{MOODLE}/{NB}": "ada"}
    )
    assert rows[0].notes == (f"Ada_1_{MOODLE}/C:/x.csv: the name cannot be written; left out.",)


# What is kept for the gradebook and the report

LATE: dict[str, str | bytes] = {f"turingalan_LATE_102_2_{NB}": "late"}
ON_TIME: dict[str, str | bytes] = {f"turingalan_102_1_{NB}": "on time"}


def known(course: Course) -> dict[str, KnownStudent]:
    """What is kept, without digests and names of the files that were collected."""
    kept = read_collected(course, ASSIGNMENT)
    return {
        student: dataclasses.replace(about, collected="", platform="", entry="")
        for student, about in kept.items()
    }


def test_names_and_the_mark_late_are_kept_beside_the_download(course: Course) -> None:
    run(course, CANVAS, roster=CANVAS_ROSTER, dry_run=True)
    assert not collected_path(course, ASSIGNMENT).exists()
    run(course, CANVAS, roster=CANVAS_ROSTER)
    path = course.root / "downloaded" / ASSIGNMENT / "collected.json"
    fields = {"first_name": "Alan", "last_name": "Turing", "email": "", "late": True, "listed": True}
    kept = json.loads(path.read_text())["students"]["alan@x.edu"]
    assert len(kept.pop("collected")) == 64
    assert (kept.pop("platform"), kept.pop("entry")) == ("canvas", "turingalan_102_5002_")
    assert kept == fields
    assert known(course)["ada@x.edu"] == KnownStudent("Ada", "Lovelace", listed=True)
    run(course, CANVAS, roster="student_id,id\nalan@x.edu,102\n")  # tells no names
    assert known(course)["alan@x.edu"] == KnownStudent("Alan", "Turing", late=True, listed=True)
    assert not known(course)["ada@x.edu"].listed


def test_late_is_what_lies_in_submitted(course: Course) -> None:
    run(course, ON_TIME)
    run(course, LATE)
    assert known(course) == {"102": KnownStudent()}  # the one on time stays
    run(course, LATE, replace=True)
    assert known(course) == {"102": KnownStudent(late=True)}
    collected_path(course, ASSIGNMENT).unlink()  # a run that was cut short before it wrote this
    run(course, LATE)
    assert known(course) == {"102": KnownStudent(late=True)}
    run(course, ON_TIME, replace=True)
    assert known(course) == {"102": KnownStudent()}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"students": {"a": 1}}', '{"students": []}'])
def test_a_damaged_file_is_told_before_anything_is_written(text: str, course: Course) -> None:
    path = collected_path(course, ASSIGNMENT)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(CollectedError) as error:
        run(course, CANVAS)
    assert str(error.value) == (
        f"{path} cannot be read, or is not what `autograder collect` writes. Move it away and collect the "
        "same zip file again: it is written anew."
    )
    assert taken(course) == {}


@pytest.mark.parametrize(
    ("roster", "known"),
    [
        ("Identifier,Full name,Email address\nParticipant 1,Ada King Lovelace,ada@x.edu\n",
         KnownStudent("Ada King", "Lovelace", "ada@x.edu")),
        ("First Name,Last Name,SID,Email\nAda,Lovelace,17,ada@x.edu\n",
         KnownStudent("Ada", "Lovelace", "ada@x.edu")),
        ("student_id,name,email\nada,Ada\tLove\alace,none\n", KnownStudent("Ada", "Lovelace")),
        ("student_id\nada\n", KnownStudent()),
    ],
)  # fmt: skip
def test_names_of_a_roster(roster: str, known: KnownStudent) -> None:
    assert [person.known for person in read_people(roster)] == [known]


# What is there


def test_links_and_files_in_the_place_of_a_submission_stay(course: Course, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for student, make in {
        "101": lambda place: place.symlink_to(elsewhere),
        "102": lambda place: place.write_text("a file"),
        "103": lambda place: (place.mkdir(), (place / "link").symlink_to(elsewhere)),
    }.items():
        place = course.submitted(student, ASSIGNMENT)
        place.parent.mkdir(parents=True)
        make(place)
    members: dict[str, str | bytes] = {f"{name}_{name}_1_{NB}": "new" for name in ("101", "102", "103")}
    assert [row.outcome for row in run(course, members)] == ["kept"] * 3
    assert [row.outcome for row in run(course, members, replace=True)] == ["replaced"] * 3
    earlier = course.root / "downloaded" / ASSIGNMENT / "earlier"
    assert (earlier / "101" / "1").is_symlink()
    assert (earlier / "102" / "1").read_text() == "a file"
    assert (earlier / "103" / "1" / "link").is_symlink()


def test_a_gap_in_the_numbers_of_earlier_ones_is_no_obstacle(course: Course) -> None:
    for text in ("1", "2", "3"):
        run(course, {f"lovelaceada_101_{text}_{NB}": text}, replace=True)
    earlier = course.root / "downloaded" / ASSIGNMENT / "earlier" / "101"
    shutil.rmtree(earlier / "1")
    run(course, {f"lovelaceada_101_4_{NB}": "4"}, replace=True)
    assert [(earlier / n / NB).read_text() for n in ("2", "3")] == ["2", "3"]


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


@pytest.mark.parametrize(
    ("zip_name", "roster", "said"),
    [
        ("sbu.zip", "canvas.csv", "no zip file 'sbu.zip' in {}. Check its name, or type its whole path."),
        ("sub.zip", "grade.csv", "no roster 'grade.csv' in {}. Check its name, or type its whole path."),
        ("sub.zip", "source", "the roster 'source' in {} cannot be read: it is a folder. Name the file "
         "itself."),
        ("source", "canvas.csv", "the zip file 'source' in {} cannot be read: it is a folder. Name the file "
         "itself."),
        ("sub.zip", "excel.csv", "the roster {}/excel.csv is no text in UTF-8. Save it in the spreadsheet "
         "program as CSV UTF-8."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named_with_its_folder(
    zip_name: str, roster: str, said: str, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    root = course.root
    (root / "sub.zip").write_bytes(zipped(CANVAS).getvalue())
    (root / "canvas.csv").write_text(CANVAS_ROSTER)
    (root / "excel.csv").write_bytes(b"Student,ID\n\xff\xfe,1\n")
    words = ["collect", str(root / zip_name), ASSIGNMENT, "--course", str(root)]
    assert cli.main([*words, "--roster", str(root / roster)]) == 2
    assert capsys.readouterr().err == f"autograder collect: {said.format(root)}\n"


def test_who_is_not_in_the_roster_is_named_once(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    root = course.root
    (root / "sub.zip").write_bytes(zipped({f"zoestudent_134_1_{NB}": "zoe"}).getvalue())
    (root / "canvas.csv").write_text(CANVAS_ROSTER)
    words = ["collect", str(root / "sub.zip"), ASSIGNMENT, "--course", str(root)]
    assert cli.main([*words, "--roster", str(root / "canvas.csv")]) == 1
    assert capsys.readouterr().out == (
        "skipped      <- zoestudent (134)  is not in the roster\nCollected from canvas: 1 skipped.\n"
    )


def test_what_was_collected_can_be_graded(course: Course) -> None:
    from autograder.assignment import load_assignment
    from autograder.intake import read_submission

    released = (ROOT / "release" / ASSIGNMENT / NB).read_bytes()
    run(course, {"lovelaceada_101_1_initialization-3.ipynb": released})
    submission = read_submission(course.submitted("101", ASSIGNMENT), load_assignment(course, ASSIGNMENT))
    assert submission.flags == ()
    assert len(submission.cells) == len(json.loads(released)["cells"])


def test_the_download_of_another_assignment_is_named(course: Course) -> None:
    (course.source("walk")).mkdir(parents=True)
    (course.source("walk") / "walk.ipynb").write_text("{}")
    members: dict[str, str | bytes] = {
        "lovelaceada_101_5001_walk.ipynb": "ada",
        "turingalan_102_5002_walk-2.ipynb": "alan",
        "hoppergrace_103_5004_initialization.ipynb": "grace",
    }
    done = collect(course, ASSIGNMENT, zipped(members), CollectOptions(dry_run=True))
    assert done.notes == (
        "2 of 3 hand-ins hold the notebook of walk, another assignment. Is this the zip file of walk? Then "
        "remove what was collected here, and collect it there.",
    )
    assert collect(course, ASSIGNMENT, zipped(CANVAS), CollectOptions(dry_run=True)).notes == ()
