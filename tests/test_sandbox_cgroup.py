"""Control groups: in a hierarchy that is plain files, and in this machine's where it gives us one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import Limits, Preload, Sandbox, SandboxError, cgroup
from autograder.sandbox.cgroup import CgroupError, Claim, claimed, own_folder, what_limits
from autograder.verdicts import Verdict

LIMITS = Limits(cell_s=10, submission_s=60, memory_bytes=300 << 20, processes=20)
SUMS = "Memory and processes: the keeper's sums."
NAMED = "AUTOGRADER_TEST_CGROUP"  # a cgroup (v2) of this machine for the last test
FILES = ("cgroup.procs", "cgroup.kill", "memory.max", "memory.swap.max", "memory.events", "pids.max")


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the files of a cgroup; folders made in it get theirs, and go with them."""
    top = tmp_path / "hierarchy"
    own = top / "own"
    own.mkdir(parents=True)
    for folder in (top, own):
        (folder / "cgroup.controllers").write_text("cpu memory pids\n")
        (folder / "cgroup.subtree_control").write_text("")
        (folder / "cgroup.procs").write_text("")
    mkdir = Path.mkdir

    def make(self: Path, *arguments: int, **options: bool) -> None:
        mkdir(self, *arguments, **options)
        if top in self.parents:
            for name in FILES:
                (self / name).write_text("")

    monkeypatch.setattr(Path, "mkdir", make)
    monkeypatch.setattr(Path, "rmdir", shutil.rmtree)
    monkeypatch.setattr(cgroup, "cache_root", lambda: tmp_path)
    yield own
    assert (top / "cgroup.procs").read_text() == (top / "cgroup.subtree_control").read_text() == ""


def children(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()]


def test_a_named_cgroup_without_processes_gets_the_two_controllers_and_nothing_else(hierarchy: Path) -> None:
    with claimed(str(hierarchy)) as folder:
        assert folder == str(hierarchy)
        assert (hierarchy / "cgroup.subtree_control").read_text() == "+memory +pids"
        assert (hierarchy / "cgroup.procs").read_text() == ""
    assert children(hierarchy) == []


def test_a_box_has_a_child_with_its_limits_and_is_gone_with_it(hierarchy: Path) -> None:
    with (
        claimed(str(hierarchy)) as folder,
        Sandbox("none", LIMITS, preload=Preload(modules=()), cgroup=folder) as sandbox,
    ):
        with sandbox.box() as box:
            assert box.run_cell("x = 1").verdict is None
            (child,) = children(hierarchy)
            assert child.name.startswith(f"autograder-{os.getpid()}-")
            assert (child / "memory.max").read_text() == str((300 << 20) + cgroup.SPARE_BYTES)
            assert (child / "memory.swap.max").read_text() == "0"
            assert (child / "pids.max").read_text() == str(20 + cgroup.SPARE_PROCESSES)
            assert (child / "cgroup.procs").read_text() == "0"  # the box's own word for itself
        assert children(hierarchy) == []
        sandbox.prepare()
        assert len(children(hierarchy)) == 1
    assert children(hierarchy) == []


def test_what_the_kernel_ends_for_memory_is_a_verdict_of_memory(hierarchy: Path) -> None:
    with (
        claimed(str(hierarchy)) as folder,
        Sandbox("none", LIMITS, preload=Preload(modules=()), cgroup=folder) as sandbox,
        sandbox.box() as box,
    ):
        box.run_cell("x = 1")
        (child,) = children(hierarchy)
        (child / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n")
        assert box.run_cell("import os; os._exit(9)").verdict is Verdict.MEMORY
        assert box.run_cell("x = 2").verdict is None
        assert box.run_cell("import os; os._exit(9)").verdict is Verdict.CRASHED


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("cgroup.controllers", "cpu", "{} has not the controllers memory, pids"),
        ("cgroup.procs", "1\n", "{} holds processes that are not the grader's; name an empty one"),
        ("cgroup.controllers", None, "{} cannot be used: No such file or directory"),
    ],
)
def test_a_named_cgroup_that_cannot_be_used_is_refused_with_the_reason(
    hierarchy: Path, name: str, text: str | None, reason: str
) -> None:
    if text is None:
        (hierarchy / name).unlink()
    else:
        (hierarchy / name).write_text(text)
    wanted = reason.format(hierarchy)
    with pytest.raises(SandboxError) as caught, claimed(str(hierarchy)):
        pass
    assert str(caught.value) == f"--cgroup {hierarchy}: {wanted}"
    assert what_limits(str(hierarchy)) == f"{SUMS} No cgroup is used: {wanted}."
    assert (hierarchy / "cgroup.subtree_control").read_text() == ""
    assert children(hierarchy) == []


def test_processes_in_it_do_not_matter_where_the_controllers_are_there_already(hierarchy: Path) -> None:
    (hierarchy / "cgroup.procs").write_text("1\n")
    (hierarchy / "cgroup.subtree_control").write_text("memory pids")
    with claimed(str(hierarchy)) as folder:
        assert folder == str(hierarchy)
    assert (hierarchy / "cgroup.procs").read_text() == "1\n"


def test_in_its_own_cgroup_the_grader_steps_aside_and_comes_back(
    hierarchy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroup, "delegated", lambda: hierarchy)
    (hierarchy / "cgroup.procs").write_text(f"{os.getpid()}\n")
    with Claim() as claim:
        assert claim.folder == hierarchy
        (aside,) = children(hierarchy)
        assert (aside / "cgroup.procs").read_text() == str(os.getpid())
    assert (hierarchy / "cgroup.procs").read_text().startswith(str(os.getpid()))
    assert children(hierarchy) == []


def test_without_a_cgroup_of_its_own_the_keepers_sums_hold_and_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cgroup, "own_folder", lambda: tmp_path)
    with claimed() as folder:
        assert folder == ""
    assert what_limits() == (
        f"{SUMS} No cgroup is used: {tmp_path} is not delegated to the grader; "
        "`systemd-run --user --scope -p Delegate=yes autograder grade ...` starts it in one that is."
    )


def test_what_a_run_that_was_killed_left_is_removed_by_its_recorded_name_only(hierarchy: Path) -> None:
    records = hierarchy.parents[1] / "cgroups"
    records.mkdir()
    ended = 2**22 + 1  # no process has this number
    for name in (f"autograder-{ended}-left", f"autograder-{ended}-unrecorded", "another's", "autograder-1-x"):
        (hierarchy / name).mkdir()
    lines = [hierarchy / f"autograder-{ended}-left", hierarchy / "another's", hierarchy / "autograder-1-x"]
    (records / f"{ended}.txt").write_text("\n".join(map(str, lines)))
    (records / f"{os.getpid()}.txt").write_text(str(hierarchy / f"autograder-{ended}-unrecorded"))
    cgroup.sweep()
    left = sorted(path.name for path in children(hierarchy))
    assert left == ["another's", "autograder-1-x", f"autograder-{ended}-unrecorded"]
    assert [path.name for path in records.iterdir()] == [f"{os.getpid()}.txt"]


@pytest.mark.parametrize(
    ("own", "mounts", "found"),
    [
        ("0::/a/b", "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw", "/sys/fs/cgroup/a/b"),
        ("2:pids:/x\n0::/", "41 31 0:38 / /m/unified rw - cgroup2 c rw", "/m/unified"),
        ("0::/a/b/c", "30 25 0:26 /a/b /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw", "/sys/fs/cgroup/c"),
        ("3:memory:/x", "30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw", None),
    ],
)
def test_its_own_cgroup_is_found_below_the_mounted_one(
    tmp_path: Path, own: str, mounts: str, found: str | None
) -> None:
    (tmp_path / "cgroup").write_text(f"{own}\n")
    (tmp_path / "mountinfo").write_text(f"20 1 0:5 / / rw - ext4 /dev/x rw\n{mounts}\n")
    if found is None:
        with pytest.raises(CgroupError, match="no hierarchy of cgroup version 2 is mounted"):
            own_folder(str(tmp_path))
    else:
        assert own_folder(str(tmp_path)) == Path(found)


def test_a_real_cgroup_holds_a_box_and_ends_with_it() -> None:
    try:
        claim = Claim(os.environ.get(NAMED, ""))
    except CgroupError as error:
        pytest.skip(f"no cgroup of the grader's, and {NAMED} names none that can be used: {error}")
    hoard = "hoard = []\nwhile True: hoard.append(bytearray(b'x' * (64 << 20)))"
    with (
        claim,
        Sandbox("none", LIMITS, preload=Preload(modules=()), cgroup=str(claim.folder)) as sandbox,
        sandbox.box() as box,
    ):
        inside = [path for path in children(claim.folder) if (path / "cgroup.procs").read_text()]
        assert len(inside) >= 1
        assert box.run_cell(hoard).verdict is Verdict.MEMORY
        assert box.run_cell("x = 1").verdict is None


def test_a_cgroup_that_cannot_be_made_is_a_fault_and_no_silent_weaker_mode(hierarchy: Path) -> None:
    absent = str(hierarchy / "absent")
    with (
        Sandbox("none", LIMITS, preload=Preload(modules=()), cgroup=absent) as sandbox,
        pytest.raises(SandboxError, match="No such file or directory"),
    ):
        sandbox.box()
