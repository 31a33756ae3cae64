"""The content hash of a submission: what changes it, and what must not hide a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading import fingerprints
from autograder.grading.fingerprints import folder_fingerprint, read_timestamp


def test_names_contents_and_context_change_the_hash_and_times_do_not(tmp_path: Path) -> None:
    notebook = tmp_path / "ps1.ipynb"
    notebook.write_text("one")
    first = folder_fingerprint(tmp_path, "full")
    notebook.write_text("one")
    assert folder_fingerprint(tmp_path, "full") == first
    assert folder_fingerprint(tmp_path, "landlock") != first
    notebook.write_text("two")
    assert folder_fingerprint(tmp_path, "full") != first
    notebook.write_text("one")
    (tmp_path / "data").mkdir()
    assert folder_fingerprint(tmp_path, "full") != first


def test_many_files_do_not_hide_that_the_notebook_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "_MOST_ENTRIES", 3)
    for name in ("a", "b", "c", "d"):
        (tmp_path / name).write_text(name)
    notebook = tmp_path / "ps1.ipynb"
    notebook.write_text("one")
    first = folder_fingerprint(tmp_path)
    notebook.write_text("two")
    assert folder_fingerprint(tmp_path) != first


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside.txt", tmp_path / "folder"
    outside.write_text("one")
    folder.mkdir()
    (folder / "timestamp.txt").symlink_to(outside)
    first = folder_fingerprint(folder)
    outside.write_text("two")
    assert folder_fingerprint(folder) == first
    assert read_timestamp(folder) == ""
