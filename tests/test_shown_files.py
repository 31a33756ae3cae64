"""What tests before the examiner see of the files that an answer wrote, also in a call of theirs."""

from __future__ import annotations

from pathlib import Path

from autograder.examiner import shown_files
from autograder.examiner.shown_files import ShownFiles
from autograder.sandbox.changed_files import ChangedFiles


def lying(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_a_call_wrote_and_removed_is_seen_until_the_next_test_begins(tmp_path: Path) -> None:
    shown = ShownFiles(tmp_path)
    shown.show({"a.csv": b"1", "b.csv": b"2"})
    changes = shown.change(ChangedFiles({"a.csv": b"3", "out/c.csv": b"4"}, ("b.csv",)))
    assert changes == {"a.csv": b"3", "out/c.csv": b"4", "b.csv": None}
    assert lying(tmp_path) == {"a.csv": b"3", "out/c.csv": b"4"}
    shown.begin({})
    assert lying(tmp_path) == {"a.csv": b"1", "b.csv": b"2"}
    shown.begin(changes)
    assert lying(tmp_path) == {"a.csv": b"3", "out/c.csv": b"4"}
    assert shown.files == {"a.csv": b"3", "out/c.csv": b"4"}


def test_a_call_writes_nothing_that_a_program_reads_and_no_file_of_the_instructors(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"given")
    shown = ShownFiles(tmp_path, ["data.csv"])
    written = {"data.csv": b"mine", "numpy.py": b"", "../x.csv": b"", "mine.csv": b"1"}
    shown.change(ChangedFiles(written, ("data.csv", "other.csv")))
    assert lying(tmp_path) == {"data.csv": b"given", "mine.csv": b"1"}


def test_files_that_grow_too_large_are_not_shown(tmp_path: Path) -> None:
    shown = ShownFiles(tmp_path)
    half = bytes(shown_files.MOST_SHOWN_BYTES // 2)
    shown.change(ChangedFiles({"a.bin": half, "b.bin": half}))
    changes = shown.change(ChangedFiles({"a.bin": half + b"1"}))
    assert changes == {"a.bin": None}
    assert list(lying(tmp_path)) == ["b.bin"]


def test_what_the_test_has_put_in_its_place_stays(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    shown = ShownFiles(tmp_path)
    shown.change(ChangedFiles({"a.csv": b"1"}))
    assert (tmp_path / "a.csv").is_dir()
