"""`benchmarks.process_tree`: what a command costs, with everything it starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import process_tree

BUSY = "total = 0\nfor number in range(3_000_000): total += number"
# The parent ends at once; nobody waits for the child.
LEAVES_A_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BUSY!r}])"
WAITS_FOR_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"


def cpu(code: str) -> process_tree.Cost:
    return process_tree.run([sys.executable, "-c", code], cwd=Path.cwd())


def test_what_a_command_prints_and_its_exit_code_are_returned() -> None:
    cost = cpu("print('done'); raise SystemExit(3)")
    assert (cost.output, cost.code) == ("done\n", 3)


def cgroups() -> set[Path]:
    return {path for root in process_tree.CGROUP_ROOTS for path in root.glob("init-utils-benchmark-*")}


def test_the_seconds_of_a_child_count() -> None:
    assert cpu(WAITS_FOR_A_CHILD).cpu > 1.5 * cpu("pass").cpu


def test_the_seconds_of_a_child_that_nobody_waited_for_count_where_there_is_a_cgroup() -> None:
    cost = cpu(LEAVES_A_CHILD)
    if cost.source != process_tree.WHOLE_TREE:
        pytest.skip("no cgroup can be made here: only processes that were waited for count")
    assert cost.cpu > 1.5 * cpu("pass").cpu


def test_without_a_cgroup_the_source_says_that_it_is_a_lower_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_tree, "CGROUP_ROOTS", ())
    cost = cpu(WAITS_FOR_A_CHILD)
    assert cost.source == "waited for (a lower bound)"
    assert cost.cpu > 0


def test_no_cgroup_is_left() -> None:
    before = cgroups()
    cpu("pass")
    assert cgroups() <= before
