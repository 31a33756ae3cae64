"""How long cells and tests may take: processor time decides, wall time bounds.

On a machine that does other work a process waits for its turn, and that is not its fault. So a cell or call
is stopped when it has used its processor time, and by the clock only after ten times as long, which ends one
that sleeps. Where the course sets the time (`Limits.absolute`), a `sleep` uses it as work does. The clocks of
a submission count wall time: they bound what it costs the class. Where a clock ends something that may have
waited for a processor, that is noted: it is a verdict only if the machine was not busy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from autograder.sandbox.policy import Limits
from autograder.sandbox.pressure import BUSY_SHARE

SLOWER = 10.0  # than the instructor's own solution
CALLS_INSIDE = 4  # what a test that runs inside may take, in calls: nobody can tell its calls apart


@dataclass
class Clock:
    """Time of a submission's cells, of its tests, or of one test: counted while student code runs.

    Attributes
    ----------
    limit_s, used_s : float
    waited_s : float
        What of `used_s` may have been waiting for a processor.
    lacked_s : float
        How long what the clock ended may have waited for a processor; 0 where it was no matter of processors.
    struck_s : float
        Wall seconds of what the clock ended and counted in `lacked_s`.
    """

    limit_s: float
    used_s: float = 0.0
    waited_s: float = 0.0
    lacked_s: float = 0.0
    struck_s: float = 0.0

    def left_s(self) -> float:
        """Seconds that remain, at least 0."""
        return max(0.0, self.limit_s - self.used_s)

    def use(self, seconds: float, waited_s: float = 0.0) -> None:
        """Count so many seconds, and how many of them may have been waiting for a processor."""
        self.used_s += seconds
        self.waited_s += min(waited_s, seconds)

    def strike(self, lacked_s: float, took_s: float) -> None:
        """Note that the clock ended something that took so long, and may have waited so long of that.

        >>> clock = Clock(300)
        >>> clock.strike(1.0, 150.0)
        >>> clock.lacked_s
        0.0
        >>> clock.strike(140.0, 150.0)
        >>> clock.lacked_s
        140.0
        """
        if lacked_s > BUSY_SHARE * took_s:
            self.lacked_s += min(lacked_s, took_s)
            self.struck_s += took_s

    def strike_for_all(self) -> None:
        """Note that this clock itself has run down: all that was counted may have waited."""
        self.strike(self.waited_s, self.limit_s)

    def take_over(self, other: Clock) -> None:
        """Note what another clock has ended, too; its time is not counted."""
        self.lacked_s += other.lacked_s
        self.struck_s += other.struck_s


def time_of_calls_s(limits: Limits, calls: int, seconds: float) -> float:
    """Processor time of all calls of a test that took the instructor's solution so many calls and seconds.

    Examples
    --------
    >>> limits = Limits(cell_s=15, calls_per_test=16, submission_s=300)
    >>> [time_of_calls_s(limits, calls, 0.1) for calls in (2, 18, 90)], time_of_calls_s(limits, 6, 36.0)
    ([240, 270, 300], 360.0)
    """
    many_s = limits.cell_s * max(limits.calls_per_test, calls)
    return max(limits.cell_s, min(many_s, limits.submission_s), SLOWER * seconds)


@dataclass
class TestTime:
    """What one test may take.

    Attributes
    ----------
    call_s, inside_s : float
        Processor time of one call, and of the whole test where it runs inside the student's process.
    call_wall_s : float
        Wall time of one call.
    calls : Clock
        Processor time of all calls together.
    own : Clock
        Wall time that this test has, whatever the other tests of the submission took.
    common : Clock
        Wall time that all tests share when they have used their own.
    used_s : float
        Wall time that this test has used.

    Examples
    --------
    >>> quick = TestTime.of(Limits(cell_s=15), Clock(300))
    >>> quick.call_s, quick.calls.limit_s, quick.left_s()
    (15, 240, 315.0)
    >>> slow = TestTime.of(Limits(cell_s=15), Clock(300), calls=20, seconds=40.0)
    >>> slow.call_s, slow.calls.limit_s, slow.left_s()
    (400.0, 400.0, 700.0)
    >>> of_course = TestTime.of(Limits(cell_s=15, absolute=True), Clock(300), calls=20, seconds=40.0)
    >>> of_course.call_s, of_course.calls.limit_s, of_course.left_s()
    (15, 15, 315.0)
    """

    __test__ = False  # not a pytest class, for all its name

    call_s: float
    inside_s: float
    call_wall_s: float
    calls: Clock
    own: Clock
    common: Clock
    used_s: float = 0.0

    @classmethod
    def of(cls, limits: Limits, common: Clock, *, calls: int = 0, seconds: float = 0.0) -> Self:
        """The time of a test for which the instructor's own solution took so many calls and seconds."""
        if limits.absolute:
            most_s = limits.cell_s
            return cls(most_s, most_s, limits.patience * most_s, Clock(most_s), Clock(most_s), common)
        call_s = max(limits.cell_s, SLOWER * seconds)
        all_s = time_of_calls_s(limits, calls, seconds)
        inside_s = max(min(all_s, limits.cell_s * CALLS_INSIDE), call_s)
        return cls(call_s, inside_s, limits.patience * call_s, Clock(all_s), Clock(call_s), common)

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The same from what `dataclasses.asdict` gave in another process of ours."""
        calls, own, common = (Clock(**fields[name]) for name in ("calls", "own", "common"))
        return cls(
            fields["call_s"],
            fields["inside_s"],
            fields["call_wall_s"],
            calls,
            own,
            common,
            fields["used_s"],
        )

    def used(self) -> list[float]:
        """What was used of each clock and in all, and what lacked, for `use_up_to` in another process."""
        clocks, common = (self.calls, self.own, self.common), self.common
        lacked = (common.waited_s, common.lacked_s, common.struck_s)
        return [*(clock.used_s for clock in clocks), self.used_s, *lacked]

    def use_up_to(self, used: Sequence[object]) -> None:
        """Count what `used` gives elsewhere; no clock goes back.

        Raises
        ------
        ValueError
            It is not seven numbers.
        """
        numbers = [float(one) for one in used if type(one) in (int, float)]  # type: ignore[arg-type]
        if len(used) != 7 or len(numbers) != 7 or not all(map(math.isfinite, numbers)):
            raise ValueError("times that are not seven numbers")
        for clock, seconds in zip((self.calls, self.own, self.common), numbers, strict=False):
            clock.used_s = max(clock.used_s, seconds)
        self.used_s = max(self.used_s, numbers[3])
        self.common.waited_s = max(self.common.waited_s, numbers[4])
        self.common.lacked_s = max(self.common.lacked_s, numbers[5])
        self.common.struck_s = max(self.common.struck_s, numbers[6])

    def left_s(self) -> float:
        """Wall time that remains, at least 0 seconds."""
        return self.own.left_s() + self.common.left_s()

    def use(self, seconds: float, waited_s: float = 0.0) -> None:
        """Count wall time, of the test's own first; what may have been waiting, for all tests together."""
        self.used_s += seconds
        of_own = min(seconds, self.own.left_s())
        self.own.use(of_own)
        self.common.use(seconds - of_own)
        self.common.waited_s += min(waited_s, seconds)

    def strike(self, lacked_s: float, took_s: float) -> None:
        """As of a `Clock`; the submission's tests share the note."""
        self.common.strike(lacked_s, took_s)

    def strike_for_all(self) -> None:
        """As of a `Clock`."""
        self.common.strike_for_all()
