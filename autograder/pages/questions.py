"""How hard each question was, and how well it tells students who know from those who do not.

Pure, from results alone; the two figures of classical test theory. *Difficulty* is the mean share of the
points (0 for nobody, 1 for everybody). *Discrimination* is the correlation of a question's points with the
share of the points of all other questions: with itself included, every question would seem to discriminate.
Source: Lord & Novick, "Statistical Theories of Mental Test Scores" (1968), chapter 15.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.verdicts import Status, SubmissionResult

FEWEST_STUDENTS = 10  # below that a correlation says nothing
EASY, HARD = 0.9, 0.4
WEAK = 0.2


@dataclass(frozen=True)
class QuestionSummary:
    """One test or written answer.

    Attributes
    ----------
    grade_id : str
    by_hand : bool
    students : int
        How many have decided points for it.
    difficulty : float
        Mean share of the points, 0 to 1; high is easy.
    discrimination : float or None
        -1 to 1; None below 10 students, or where everybody got the same.
    """

    grade_id: str
    by_hand: bool
    students: int
    difficulty: float
    discrimination: float | None

    @property
    def words(self) -> str:
        """What the two figures say, and what to do about it.

        >>> QuestionSummary("he_seed", False, 30, 0.97, 0.1).words
        'Nearly everybody gets it.'
        >>> QuestionSummary("he_values", False, 30, 0.5, -0.25).words
        'Those who are good elsewhere do worse here: look at the question.'
        """
        if self.discrimination is not None and self.discrimination < 0:
            return "Those who are good elsewhere do worse here: look at the question."
        if self.difficulty >= EASY:
            return "Nearly everybody gets it."
        hard = "Hard. " if self.difficulty <= HARD else ""
        if self.discrimination is None:
            why = "Too few students to say more." if self.students < FEWEST_STUDENTS else "All got the same."
            return f"{hard}{why}"
        if self.discrimination < WEAK:
            return f"{hard}Hardly tells who is good elsewhere from who is not."
        return f"{hard}Tells well who is good elsewhere."


def summarize_questions(results: Sequence[SubmissionResult]) -> tuple[QuestionSummary, ...]:
    """Every question with decided points, tests first, in the order of the assignment."""
    students = [
        {(name, by_hand): (score, most) for name, by_hand, score, most in _decided(result)}
        for result in results
        if result.status is Status.GRADED
    ]
    questions = sorted(dict.fromkeys(key for known in students for key in known), key=lambda key: key[1])
    return tuple(_summary(*key, [known for known in students if key in known]) for key in questions)


def _summary(
    name: str, by_hand: bool, students: Sequence[dict[tuple[str, bool], tuple[float, float]]]
) -> QuestionSummary:
    shares, others = [], []
    for known in students:
        score, most = known[name, by_hand]
        rest = [points for key, points in known.items() if key != (name, by_hand)]
        shares.append(score / most)
        others.append(sum(got for got, _ in rest) / max(1e-9, sum(possible for _, possible in rest)))
    discrimination = None
    if len(shares) >= FEWEST_STUDENTS and _differ(shares) and _differ(others):
        discrimination = statistics.correlation(shares, others)
    return QuestionSummary(name, by_hand, len(shares), statistics.fmean(shares), discrimination)


def _decided(result: SubmissionResult) -> Iterator[tuple[str, bool, float, float]]:
    """Grade id, whether people grade it, points, points possible; without what is open or has no points."""
    for test in result.tests:
        if not test.open and test.max_score > 0:
            yield test.name, False, test.score, test.max_score
    for grade in result.hand_grades:
        if grade.score is not None and grade.max_score > 0:
            yield grade.name, True, grade.score, grade.max_score


def _differ(values: Sequence[float]) -> bool:
    return max(values) - min(values) > 1e-9
