"""Whether the machine was busy, and what a limit by the clock is worth then."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from autograder.sandbox import keeper_client, pressure
from autograder.sandbox.box import Box
from autograder.sandbox.box_processes import BoxProcesses
from autograder.sandbox.clocks import Clock, TestTime
from autograder.sandbox.policy import Limits
from autograder.sandbox.pressure import Pressure
from autograder.sandbox.reports import CellRun, failed_cell
from autograder.sandbox.states import Checkpoint
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.wire import WireError
from autograder.verdicts import Verdict

TOLD = "some avg10=0.00 avg60=0.00 avg300=0.00 total={}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's file, where something has waited for a second; two looks are a hundred seconds apart."""
    path = tmp_path / "cpu"
    path.write_text(TOLD.format(1_000_000))
    clock = iter((0.0, 100.0))
    monkeypatch.setattr(pressure, "_PRESSURE", path)
    monkeypatch.setattr(pressure.time, "monotonic", lambda: next(clock))
    return path


@pytest.mark.parametrize(("waited_s", "busy"), [(0.0, False), (4.0, False), (6.0, True), (100.0, True)])
def test_a_machine_was_busy_on_which_something_waited_for_a_twentieth_of_the_time(
    waited_s: float, busy: bool, told: Path
) -> None:
    since = Pressure()
    told.write_text(TOLD.format(int(1e6 * (1 + waited_s))))
    assert since.was_busy() is busy


@pytest.mark.parametrize(("load", "busy"), [(0.5, False), (3.0, True)])
def test_where_the_system_does_not_tell_the_load_average_does(
    load: float, busy: bool, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.unlink()
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0), raising=False)
    assert Pressure().was_busy() is busy


def test_a_system_that_tells_nothing_counts_as_busy(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told.write_text("")
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert Pressure().was_busy() is True


def test_what_slept_lacked_no_processor_and_what_waited_for_one_did() -> None:
    slept, waited = Clock(300.0), Clock(300.0)
    slept.strike(1.0, 150.0)
    waited.strike(1e6, 150.0)
    assert (slept.lacked_s, waited.lacked_s) == (0.0, 150.0)
    assert (slept.struck_s, waited.struck_s) == (0.0, 150.0)


def test_a_whole_test_that_the_clock_ended_counts_with_all_its_time() -> None:
    own = TestTime.of(Limits(cell_s=15), Clock(300.0))
    StudentProcess(Verdict.TIMEOUT, own, lambda: None).struck_by_clock(150.0)
    assert (own.common.lacked_s, own.common.struck_s) == (150.0, 150.0)


def test_where_the_clock_of_all_cells_has_run_down_what_each_waited_counts() -> None:
    clock = Clock(300.0)
    clock.use(140.0, 100.0)
    clock.use(160.0)
    clock.strike_for_all()
    assert clock.lacked_s == 100.0


@pytest.mark.parametrize(
    ("seen_s", "lacked_s"), [(None, 150.0), (0.0, 0.0), (7.0, 0.0), (8.0, 150.0), (140.0, 150.0)]
)
def test_what_the_students_process_says_counts_where_the_keeper_saw_the_box_wait(
    seen_s: float | None, lacked_s: float
) -> None:
    box = Box.__new__(Box)
    box._processes = processes = BoxProcesses(300.0)
    processes.clock.strike(1e6, 150.0)
    processes.waited_s = seen_s
    assert box.lacked_s == lacked_s


class Forged:
    """Stands for a process forked from a checkpoint: the clock ends each of its cells, as it says."""

    def close(self) -> None:
        pass

    def run_cell(self, source: str, clock: Clock) -> CellRun:
        clock.strike(1e6, 60.0)
        return failed_cell(Verdict.TIMEOUT)


def test_what_is_said_of_cells_that_were_run_again_counts_by_the_same_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = Box.__new__(Box)
    box._processes = processes = BoxProcesses(300.0)
    processes.current = Forged()  # type: ignore[assignment]
    monkeypatch.setattr(processes, "end_others", lambda: None)
    monkeypatch.setattr(processes, "fork", lambda parent, clock=None, **more: Forged())
    processes.go_back(Checkpoint(Forged(), ["x = 1"]))  # type: ignore[arg-type]
    processes.waited_s = 0.001
    assert (processes.clock.struck_s, box.lacked_s) == (60.0, 0.0)
    processes.waited_s = 4.0
    assert box.lacked_s == 60.0


def test_the_keeper_tells_how_long_the_box_waited() -> None:
    told = keeper_client._report({"left": 0, "reason": None, "ended": [], "waited_s": 1.5})
    assert (told.waited_s, keeper_client._report({"left": 0, "reason": None, "ended": []}).waited_s) == (
        1.5, None
    )  # fmt: skip
    with pytest.raises(WireError, match="a time that is none"):
        keeper_client._report({"left": 0, "reason": None, "ended": [], "waited_s": float("nan")})


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the system does not tell")
def test_each_thread_of_a_process_is_asked_for_its_wait() -> None:
    from autograder.sandbox.inside import proc

    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    told = proc.waited_s(os.getpid())
    waiting.set()
    thread.join()
    assert {os.getpid(), thread.native_id} <= set(told)
    assert proc.waited_s(0) == {}


def test_what_a_test_lacked_in_another_process_is_told_and_never_taken_back() -> None:
    here, there = (TestTime.of(Limits(cell_s=15), Clock(300.0)) for _ in range(2))
    there.use(150.0, 149.0)
    there.strike(149.0, 150.0)
    here.use_up_to(there.used())
    assert (here.common.waited_s, here.common.lacked_s, here.left_s()) == (149.0, 149.0, 165.0)
    here.use_up_to([0.0] * 7)
    assert (here.common.lacked_s, here.common.struck_s) == (149.0, 150.0)
    with pytest.raises(ValueError, match=r"^times that are not seven numbers$"):
        here.use_up_to([0.0] * 6)
