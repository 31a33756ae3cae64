"""How a class is graded, and how far a run is: data only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from autograder.grading.defaults import DEFAULT_TIER
from autograder.sandbox import Limits
from autograder.verdicts import SubmissionResult


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    done, total : int
        Submissions (notebooks, where the assignment has several), those kept from an earlier run included.
    reused : int
    seconds : float
        Since the run began.
    rate : float
        Submissions graded a second, 0 before the first.
    seconds_left : float or None
        At that rate; None before the first.
    last : SubmissionResult or None
        The one just finished.
    parts : mapping of str to float
        Where its time went, seconds.
    running : tuple of str
        Whose submissions are being graded now.
    again_alone : tuple of str
        Whose submissions a busy machine may have failed: they run again at the end, one by one.
    """

    done: int
    total: int
    reused: int
    seconds: float
    rate: float = 0.0
    seconds_left: float | None = None
    last: SubmissionResult | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    again_alone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrivals:
    """Whose submissions come while a class is graded: the run goes on as long as they may come.

    Attributes
    ----------
    students : iterable of (str or None)
        The next one is taken when a worker is free; None where nobody has come yet. Whoever is named has the
        submission in the course by then, and none that is being graded.
    waiting : int
        How many wait when the run begins.
    is_alone : callable
        Whether the submission of the student who has just been named runs with nothing beside it.
    put_back : callable or None
        Told whose submission a busy machine may have failed; true where it is named again, then or in a later
        run, and has no result yet. None lets such submissions run again at the end, alone.
    """

    students: Iterable[str | None] = ()
    waiting: int = 0
    is_alone: Callable[[str], bool] = lambda student: False
    put_back: Callable[[str], bool] | None = None


@dataclass(frozen=True)
class Options:
    """How to grade.

    Attributes
    ----------
    students : tuple of str or None
        Only these; None for everyone who handed in.
    workers : int or None
        Processes side by side; None for one a core.
    isolation : str
        The sandbox tier: `full`, `wasm`, `landlock` or `none`.
    force : bool
        Grade again what has not changed.
    show_hidden : bool
        Leave the text of hidden tests in the autograded notebooks.
    strict : bool
        Refuse an assignment of which a test runs in the student's process.
    limits : Limits or None
        What one submission may use; None for what the course sets.
    dask : str
        `local` or the address of a Dask scheduler, whose workers grade; "" for workers of this process.
    cgroup : str
        A cgroup in which each submission gets one of its own; "" for the grader's, if it was delegated.
    """

    students: tuple[str, ...] | None = None
    workers: int | None = None
    isolation: str = DEFAULT_TIER
    force: bool = False
    show_hidden: bool = False
    strict: bool = False
    limits: Limits | None = None
    dask: str = ""
    cgroup: str = ""
