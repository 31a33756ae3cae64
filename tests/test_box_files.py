"""What code in a box has made of its working directory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.changed_files import ChangedFiles, changed_files_of
from autograder.sandbox.inside import box_files
from autograder.sandbox.inside.box_files import MOST_CHANGED, BoxFiles
from autograder.sandbox.wire import WireError

if not hasattr(os, "O_NOFOLLOW"):
    pytest.skip("boxes need a system with links", allow_module_level=True)


def told(files: BoxFiles, before: Any) -> tuple[dict[str, bytes], list[str]]:
    written, removed = files.changed_since(before)
    return {name: data.tobytes() for name, data in written.items()}, removed


def test_a_call_tells_what_it_made_changed_and_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("same.csv", "changed.csv", "gone.csv"):
        (tmp_path / name).write_text("1")
    files = BoxFiles(str(tmp_path))
    before = files.look()
    (tmp_path / "changed.csv").write_text("12")
    (tmp_path / "gone.csv").unlink()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/new.csv").write_text("3")
    (tmp_path / ".hidden").write_text("4")
    (tmp_path / "link.csv").symlink_to("same.csv")
    assert told(files, before) == ({"changed.csv": b"12", "out/new.csv": b"3"}, ["gone.csv"])


def test_what_is_written_twice_in_one_step_of_the_clock_is_told_twice(tmp_path: Path) -> None:
    files, path = BoxFiles(str(tmp_path)), tmp_path / "a.csv"
    before = files.look()
    path.write_text("3")
    time_ns = path.stat().st_mtime_ns
    assert told(files, before)[0] == {"a.csv": b"3"}
    before = files.look()
    path.write_text("4")  # as long as before
    os.utime(path, ns=(time_ns, time_ns))
    files._seen_ns = time_ns  # the same step, however long this test is made to wait
    assert told(files, before)[0] == {"a.csv": b"4"}


def test_what_is_too_large_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_files, "MOST_CHANGED_BYTES", 3)
    files = BoxFiles(str(tmp_path))
    before = files.look()
    (tmp_path / "a.csv").write_text("12345")
    (tmp_path / "b.csv").write_text("12")
    assert told(files, before)[0] == {"b.csv": b"12"}


def lying(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        name = os.fsencode(path.relative_to(folder)).decode("latin-1")
        found[name] = str(path.readlink()) if path.is_symlink() else path.is_dir() or path.read_bytes()
    return found


def test_all_that_differs_from_what_was_given_is_held_and_put_back(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("data/same.csv", "changed.csv", "gone.csv"):
        (tmp_path / name).write_text("1")
    files = BoxFiles(str(tmp_path))
    files.remember_given()
    (tmp_path / "changed.csv").write_text("12")
    (tmp_path / "gone.csv").unlink()
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to("changed.csv")
    (tmp_path / ".hidden").write_text("4")
    (tmp_path / ".tmp").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")).write_text("5")
    report, before = files.held(100), lying(tmp_path)
    contents = {name: data.tobytes() for name, data in report["files"].items()}
    assert contents == {"changed.csv": b"12", "\xff.csv": b"5", ".hidden": b"4"}
    others = {kind: report[kind] for kind in ("folders", "links", "left", "gone", "is_whole")}
    assert others == {
        "folders": ["out"], "links": {"link": "changed.csv"}, "left": {}, "gone": ["gone.csv"],
        "is_whole": True,
    }  # fmt: skip
    order = {
        "files": report["files"],
        "links": report["links"],
        "folders": ["out"],
        "remove": ["new", "a/b", "a"],
    }
    (tmp_path / "out").rmdir()
    for name in ("link", ".hidden", "changed.csv"):
        (tmp_path / name).unlink()
    (tmp_path / "new").write_text("6")
    (tmp_path / "a/b").mkdir(parents=True)
    assert files.place(order) == []
    assert lying(tmp_path) == before


def test_what_is_no_file_or_too_large_is_named_with_what_tells_its_changes(tmp_path: Path) -> None:
    files = BoxFiles(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "hole").open("wb") as hole:
        hole.truncate(1 << 40)
    (tmp_path / "small").write_text("1")
    report = files.held(100)
    assert (list(report["files"]), sorted(report["left"])) == (["small"], ["hole", "pipe"])
    assert report["left"]["hole"][1] == 1 << 40
    assert files.held(100, ["pipe", "never"])["gone"] == ["never"]


def test_more_entries_than_are_held_are_not_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_files, "MOST_HELD_ENTRIES", 2)
    for name in "abc":
        (tmp_path / name).write_text("1")
    report = BoxFiles(str(tmp_path)).held(100)
    assert (list(report["files"]), report["is_whole"]) == (["a", "b"], False)


def test_a_file_is_put_back_in_the_same_file_and_in_place_of_a_pipe_or_link(tmp_path: Path) -> None:
    (tmp_path / "open.csv").write_text("123")
    (tmp_path / "secret").write_text("own")
    (tmp_path / "link").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "open.csv").open() as opened:
        order = {
            "remove": [],
            "folders": [],
            "links": {},
            "files": dict.fromkeys(("open.csv", "link", "pipe"), DATA),
        }
        assert BoxFiles(str(tmp_path)).place(order) == []
        assert opened.read() == "\0\0\0"
    assert lying(tmp_path) == {"open.csv": bytes(3), "link": bytes(3), "pipe": bytes(3), "secret": b"own"}


def test_what_cannot_be_put_back_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder/full").mkdir(parents=True)
    order = {"remove": ["folder"], "folders": [], "files": {"folder": DATA}, "links": {}}
    assert BoxFiles(str(tmp_path)).place(order) == ["folder"]


DATA = np.zeros(3, np.uint8)


@pytest.mark.parametrize(
    "report",
    [
        {"written": []},
        {"written": {"a": b"1"}},
        {"written": {1: DATA}},
        {"written": {"a": np.zeros(3)}},
        {"written": {str(i): DATA for i in range(MOST_CHANGED + 1)}},
        {"written": {"a": np.zeros(9 << 20, np.uint8)}},
        {"removed": {}},
        {"removed": [1]},
        {"removed": ["a"] * (MOST_CHANGED + 1)},
    ],
    ids=str,
)
def test_a_report_of_other_things_than_files_is_refused(report: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        changed_files_of(report)


def test_a_report_without_files_tells_of_none() -> None:
    assert changed_files_of({}) == ChangedFiles()


def test_in_a_copy_of_the_folder_what_was_given_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "given.csv").write_text("1")
    (tmp_path / "first" / "changed.csv").write_text("1")
    files = BoxFiles(str(tmp_path / "box"))
    (tmp_path / "first").rename(tmp_path / "box")
    files.remember_given()
    (tmp_path / "box" / "changed.csv").write_text("22")
    shutil.copytree(tmp_path / "box", tmp_path / "copy")
    (tmp_path / "box").rename(tmp_path / "before")
    (tmp_path / "copy").rename(tmp_path / "box")
    files.renumber_given()
    assert list(files.held(100)["files"]) == ["changed.csv"]
