"""The notebook's three questions, each as a state of the lab that it can be answered in.

`lab(..., question=1)` and the buttons *Question 1 2 3* set it up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from init_utils.lab.settings import LabSettings, SettingsError

# What a question leaves as it is: how a training is shown, and what a course has chosen.
KEPT = ("pace", "strip_seeds", "hidden")


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    words : str
        What is asked, and what to do.
    tab : str
        Opened below the runs.
    runs : tuple of str
        Names of the runs in small letters; those are compared that the lab has.
    """

    words: str
    tab: str
    runs: tuple[str, ...]


QUESTIONS = {
    1: Question(
        "Where is “too large”? Lower the gain of the random start, train again, then compare scales.",
        "Scale",
        ("random", "he"),
    ),
    2: Question(
        "Is He the winner, or was it seed 3? Compare seeds; then turn the dial in the tab Depth.",
        "Seeds",
        ("he", "xavier"),
    ),
    3: Question(
        "What does a constant start look like from inside? Train, and watch its neurons and ranks.",
        "Similarity",
        ("constant 0.5", "he"),
    ),
}


def changes_for(number: int, candidates: Iterable[str]) -> dict[str, Any]:
    """Settings, and the names to compare, that set a question up.

    Parameters
    ----------
    candidates : iterable of str
        Names of the runs that the lab has.

    Raises
    ------
    SettingsError
        There is no question of this number.

    Examples
    --------
    >>> changes_for(2, ["zeros", "he", "Xavier"])["compare"]
    ['he', 'Xavier']
    """
    if number not in QUESTIONS:
        raise SettingsError(f"question is {number!r}; expected one of {', '.join(map(str, QUESTIONS))}")
    changes = {name: value for name, value in asdict(LabSettings()).items() if name not in KEPT}
    runs = [name for name in candidates if name.casefold() in QUESTIONS[number].runs]
    return {**changes, "compare": runs} if runs else changes
