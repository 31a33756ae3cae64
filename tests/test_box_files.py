"""What code in a box has made of its working directory."""

from __future__ import annotations

import os
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
