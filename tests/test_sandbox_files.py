"""Walking and removing what a student wrote: deep, long, closed, many, with links out."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from autograder.sandbox.inside.files import remove_folder, remove_unknown, walk
from autograder.sandbox.run_folders import FOLDER_PREFIX, sweep_old_folders

DEPTH = 1500


def make_nest(folder: Path, depth: int = DEPTH) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def test_a_walk_gives_paths_below_its_start_and_knows_that_it_is_whole(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("x")
    (tmp_path / "link").symlink_to("/etc")
    entries, is_all = walk(str(tmp_path))
    assert is_all
    assert sorted(entry.path for entry in entries) == ["a", "a/b.txt", "link"]
    descriptor = os.open(tmp_path, os.O_RDONLY)
    assert sorted(walk(descriptor)[0]) == sorted(entries)
    os.close(descriptor)


def test_a_walk_ends_at_its_bounds_and_says_so(tmp_path):
    make_nest(tmp_path)
    entries, is_all = walk(str(tmp_path))
    assert (len(entries), is_all) == (65, False)
    for i in range(30):
        (tmp_path / f"{i}").touch()
    assert [len(walk(str(tmp_path), most=20)[0]), walk(str(tmp_path), most=20)[1]] == [20, False]
    remove_folder(str(tmp_path / "d"))


def test_a_nest_deeper_than_recursion_is_removed(tmp_path):
    nest = tmp_path / "nest"
    nest.mkdir()
    make_nest(nest)
    (nest / "beside").write_text("x")
    assert remove_folder(str(nest))
    assert not nest.exists()


def test_names_that_make_a_path_too_long_are_removed(tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(40):
        os.mkdir("n" * 250, dir_fd=folder)
        inner = os.open("n" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    assert not walk(str(tmp_path))[1]
    assert remove_folder(str(tmp_path / ("n" * 250)))


def test_folders_without_rights_are_removed_and_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    (tmp_path / "box" / "closed" / "inner").mkdir(parents=True)
    (tmp_path / "box" / "closed" / "link").symlink_to(outside)
    (tmp_path / "box" / "closed" / "inner" / "file").touch()
    (tmp_path / "box" / "closed" / "inner").chmod(0o300)
    (tmp_path / "box" / "closed").chmod(0)
    (tmp_path / "box").chmod(0)
    assert remove_folder(str(tmp_path / "box"))
    assert oct(outside.stat().st_mode & 0o777) == "0o500"


def test_a_link_in_place_of_the_folder_is_left_alone(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    assert not remove_folder(str(tmp_path / "link"))
    assert (tmp_path / "kept").is_dir()
    assert remove_folder(str(tmp_path / "never was"))


def test_a_removal_ends_at_its_bound(tmp_path):
    for i in range(30):
        (tmp_path / f"{i}").touch()
    assert not remove_folder(str(tmp_path), most=10)
    assert len(list(tmp_path.iterdir())) == 20


def test_what_is_new_is_removed_and_what_is_known_stays(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "given.csv").touch()
    known = frozenset(entry.path for entry in walk(str(tmp_path))[0])
    (tmp_path / "data" / "new.csv").touch()
    (tmp_path / "new").mkdir()
    make_nest(tmp_path / "new")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    remove_unknown(descriptor, known)
    os.close(descriptor)
    assert sorted(entry.path for entry in walk(str(tmp_path))[0]) == ["data", "data/given.csv"]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_what_a_run_left_behind_is_swept_and_stops_no_other(temporary):
    dead = 2**22 - 7  # beyond the largest number of a process
    nest = temporary / f"{FOLDER_PREFIX}{dead}-x"
    (nest / "boxes").mkdir(parents=True)
    make_nest(nest / "boxes")
    living = temporary / f"{FOLDER_PREFIX}{os.getpid()}-x"
    living.mkdir()
    (temporary / f"{FOLDER_PREFIX}{dead}-link").symlink_to(living)
    sweep_old_folders()
    assert [path.name for path in temporary.iterdir() if not path.is_symlink()] == [living.name]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells that a process has ended")
def test_a_run_whose_process_has_ended_and_that_nobody_waited_for_is_swept(temporary):
    with subprocess.Popen(["true"]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # it stays as it is
        left = temporary / f"{FOLDER_PREFIX}{ended.pid}-x"
        left.mkdir()
        sweep_old_folders()
        assert not left.exists()
