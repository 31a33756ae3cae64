"""Where the grader is root: root's rights are given up, and each box is a user of its own."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from autograder.sandbox import Limits, Preload, Sandbox, tier_parts

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become others"),
]
LIMITS = Limits(cell_s=10, submission_s=60)


@pytest.fixture(scope="module", params=["full", "landlock", "none"])
def sandbox(request):
    obstacle = tier_parts.obstacle(request.param)
    if obstacle is not None:
        pytest.skip(f"tier {request.param}: {obstacle}")
    with Sandbox(request.param, LIMITS, preload=Preload(modules=())) as made:
        yield made


def users_of(sandbox: Sandbox) -> set[int]:
    """Users of the processes below the sandbox's zygote that are a box's."""
    zygote = psutil.Process(sandbox._process.pid)
    users = {user for process in zygote.children(recursive=True) for user in process.uids()}
    return {user for user in users if user != tier_parts.UNPRIVILEGED_ID}


def test_boxes_side_by_side_are_different_users(sandbox):
    with sandbox.box() as first:
        first.run_cell("x = 1")
        (one,) = users_of(sandbox)
        with sandbox.box() as second:
            second.run_cell("x = 1")
            assert len(users_of(sandbox) - {one}) == 1
    with sandbox.box() as third:
        third.run_cell("x = 1")
        assert one not in users_of(sandbox)


def test_no_capability_is_left_in_a_box(sandbox):
    become = "import os\ntry: os.setuid(0)\nexcept PermissionError: print('refused')"
    with sandbox.box() as box:
        assert box.run_cell(become).outputs[0]["text"] == "refused\n"
        assert box.run_cell("print(os.getuid() != 0)").outputs[0]["text"] == "True\n"
        zygote = psutil.Process(sandbox._process.pid)
        for process in zygote.children(recursive=True):
            if process.uids().real != tier_parts.UNPRIVILEGED_ID:
                lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
                held = [line.split()[1] for line in lines if line.startswith(("CapInh", "CapPrm", "CapAmb"))]
                assert held == ["0" * 16] * 3


def test_a_box_of_the_tier_full_is_the_student_in_its_own_eyes(sandbox):
    if sandbox.tier != "full":
        pytest.skip("only a user namespace has a name of its own for a user")
    with sandbox.box() as box:
        run = box.run_cell(
            "import getpass, pwd\nprint(os.getuid() if 0 else getpass.getuser())\nimport os\n"
            "print(os.getuid(), pwd.getpwuid(os.getuid()).pw_dir)"
        )
    assert run.outputs[0]["text"] == "student\n1000 /box\n"


def test_users_that_have_processes_are_not_given_away(monkeypatch):
    users = tier_parts.BoxUsers()
    monkeypatch.setattr(tier_parts, "BOX_USERS", 3)
    monkeypatch.setattr(tier_parts.os, "listdir", lambda path: ["1", "self"])
    monkeypatch.setattr(tier_parts.os, "stat", lambda path: os.stat_result((0,) * 4 + (61_001,) + (0,) * 5))
    places = [users.next_place() for _ in range(4)]
    assert set(places) == {0, 2}
