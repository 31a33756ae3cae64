"""Folders on disk hold exactly what was asked, whatever a submission or an earlier run put in the way."""

from __future__ import annotations

from pathlib import Path

from autograder.storage import write_folder


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_name_that_leads_through_a_file_is_left_out(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.ipynb": b"{}", "a.ipynb/x": b"1", "data": b"2", "data/x/y": b"3"}, "a.ipynb")
    assert contents(tmp_path) == {"a.ipynb": b"{}", "data": b"2"}


def test_a_file_replaces_a_folder_of_the_last_run_and_the_reverse(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.ipynb": b"{}", "figures": b"1", "data/x/y": b"2"}, "a.ipynb")
    write_folder(tmp_path, {"a.ipynb": b"{}", "figures/one": b"3", "data": b"4"}, "a.ipynb")
    assert contents(tmp_path) == {"a.ipynb": b"{}", "figures/one": b"3", "data": b"4"}
