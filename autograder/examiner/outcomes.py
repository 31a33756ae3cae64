"""How a test cell ended, inside the student's process or outside it. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.verdicts import Verdict


@dataclass(frozen=True)
class TestOutcome:
    """How one test cell ended.

    Attributes
    ----------
    verdict : Verdict
    score : float
        Points, from 0 to the cell's.
    message : str
        What the student may read.
    printed : str
        Everything that the cell and, in visible checks, the student's code printed.
    notes : tuple of str
        Oddities that cost nothing.
    functions : tuple of str
        The student's names that the cell asked for, in that order.
    missing : bool
        A name was not there at this place of the notebook; it may be after the last cell.
    inside : bool
        The cell ran in the student's process.
    hidden : bool
        It did not pass in its hidden part: verdict and score are the instructor's to know, the message is not
        the student code's choice.
    handles : mapping of str to tuple of str
        In the instructor's run: where objects came as handles, and what was done to them.
    kinds : mapping of str to str
        In the instructor's run: of what kind results and variables were, in words.
    unknown : tuple of str
        What did not cross ("`f` returned") and its kind in words; () where all did. The instructor's to know.
    """

    __test__ = False

    verdict: Verdict
    score: float
    message: str = ""
    printed: str = ""
    notes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    missing: bool = False
    inside: bool = False
    hidden: bool = False
    handles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
