"""What a cell or call uses of its time: work, and where the course sets the time also what it waits."""

from __future__ import annotations

import dataclasses
import math
import os
from pathlib import Path

import pytest

if not hasattr(os, "fork"):
    pytest.skip("the sandbox's zygote needs os.fork", allow_module_level=True)

from autograder.sandbox.inside import deadline, run_queue
from autograder.sandbox.inside.deadline import Used
from autograder.sandbox.inside.run_queue import MOST_WAIT_S, RunQueue


@dataclasses.dataclass
class Machine:
    """What the system says of a process."""

    clock_s: float = 0.0
    processor_s: float = 0.0
    of_others_s: float = 0.0
    told_s: float | None = 0.0
    switches: int = 0
    of_children: int = 0
    has_children: bool = False

    def monotonic(self) -> float:
        return self.clock_s

    def process_time(self) -> float:
        return self.processor_s


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(deadline, "monotonic", machine.monotonic)
    monkeypatch.setattr(deadline, "process_time", machine.process_time)
    monkeypatch.setattr(run_queue, "_told_s", lambda: machine.told_s)
    monkeypatch.setattr(deadline, "_asked_s", 0.0)
    monkeypatch.setattr(run_queue, "_switches", lambda: (machine.switches, machine.of_children))
    monkeypatch.setattr(run_queue, "_of_other_threads_s", lambda: machine.of_others_s)
    monkeypatch.setattr(run_queue, "_has_children", lambda: machine.has_children)
    return machine


def test_a_sleep_uses_nothing_where_processor_time_decides(machine: Machine) -> None:
    used = Used(2.0, 6.0, False, None)
    machine.clock_s, machine.processor_s = 5.0, 0.1
    assert (used.first_look_s(), used.seconds(), used.left_s()) == (6.0, 0.1, 1.0)
    machine.clock_s = 6.0
    assert used.left_s() == 0.0


def test_a_sleep_uses_the_time_that_a_course_has_set(machine: Machine) -> None:
    used = Used(2.0, 6.0, True, None)
    assert used.first_look_s() == 2.0
    machine.clock_s, machine.processor_s = 1.5, 0.1
    assert (used.seconds(), used.left_s()) == (1.5, 0.5)
    machine.clock_s = 2.0
    assert used.left_s() == 0.0


def test_waiting_for_a_processor_uses_nothing(machine: Machine) -> None:
    used = Used(2.0, 6.0, True, None)
    machine.clock_s, machine.processor_s, machine.told_s = 4.0, 0.5, 3.5
    assert (used.seconds(), used.left_s()) == (0.5, 1.5)
    machine.clock_s, machine.told_s = 5.5, 5.0
    assert used.left_s() == 0.5  # the clock bounds it all the same


def test_what_it_waited_for_a_processor_is_told_at_its_end_where_that_is_worth_asking(
    machine: Machine,
) -> None:
    quick = Used(2.0, 20.0, False, None)
    machine.clock_s, machine.told_s = 0.1, 0.05
    quick.end()
    slow = Used(2.0, 20.0, False, None)
    machine.clock_s, machine.told_s = 20.1, 18.0
    slow.end()
    untold = Used(2.0, 20.0, False, None)
    machine.clock_s, machine.told_s = 40.1, None
    untold.end()
    assert (quick.waited_s, slow.waited_s) == (0.0, 18.0)
    assert untold.waited_s > 1e5


def test_a_fork_has_not_waited_for_what_its_parent_waited(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_parent = Used(2.0, 20.0, False, None)
    machine.clock_s, machine.told_s = 20.1, 18.0
    of_parent.end()
    monkeypatch.setattr(deadline, "getpid", lambda: -1)
    of_fork = Used(2.0, 20.0, False, None)
    machine.clock_s, machine.told_s = 40.2, 19.0
    of_fork.end()
    assert (of_parent.waited_s, of_fork.waited_s) == (18.0, 19.0)


def test_what_the_test_does_in_a_callback_uses_nothing_of_the_calls(machine: Machine) -> None:
    outer = Used(2.0, 6.0, True, None)
    inner = Used(2.0, 6.0, True, outer)
    machine.clock_s = 3.0
    inner.leave_out(2.5)
    assert (outer.seconds(), inner.seconds()) == (0.5, 0.5)


def test_where_the_system_counts_no_waits_each_turn_may_have_been_one(machine: Machine) -> None:
    machine.told_s = None
    queue = RunQueue()
    machine.switches = 6
    assert queue.waited_s(wakes=2) == 4 * MOST_WAIT_S


def test_what_has_ended_may_have_waited_for_each_of_its_turns(machine: Machine) -> None:
    queue = RunQueue()
    machine.told_s, machine.switches, machine.of_others_s = 0.001, 3, 0.5  # a thread that has ended
    assert queue.waited_s() == 3 * MOST_WAIT_S
    machine.of_others_s, machine.of_children = 0.0, 2  # a child
    assert queue.waited_s() == 5 * MOST_WAIT_S


def test_of_a_child_that_lives_and_cannot_be_looked_at_all_may_be_waiting(machine: Machine) -> None:
    machine.told_s, machine.has_children = None, True
    assert RunQueue().waited_s() == math.inf


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this system counts no waits")
def test_linux_tells_how_long_this_process_has_waited() -> None:
    before = run_queue._told_s()
    after = run_queue._told_s()
    assert before is not None
    assert after is not None
    assert after >= before > 0.0
