"""How hard each question was, and how well it tells students who know from those who do not.

Pure, from results alone; the two figures of classical test theory. *Difficulty* is the mean share of the
points (0 for nobody, 1 for everybody). *Discrimination* is the correlation of a question's points with the
share of the points of all other questions: with itself included, every question would seem to discriminate.
Source: Lord & Novick, "Statistical Theories of Mental Test Scores" (1968), chapter 15.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.verdicts import HandGrade, Status, SubmissionResult

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
    difficulty : float or None
        Mean share of the points, 0 to 1; high is easy. None where nobody's points are decided, or those of
        answers that were left empty alone.
    discrimination : float or None
        -1 to 1; None below 10 students, or where everybody got the same.
    waiting : int
        How many have points that are not decided: an answer that nobody has read, an open test.
    """

    grade_id: str
    by_hand: bool
    students: int
    difficulty: float | None
    discrimination: float | None
    waiting: int = 0

    @property
    def words(self) -> str:
        """What the two figures say, and what to do about it.

        >>> QuestionSummary("he_seed", False, 30, 0.97, 0.1).words
        'Nearly everybody gets it.'
        >>> QuestionSummary("he_values", False, 30, 0.5, -0.25).words
        'Those who are good elsewhere do worse here: look at the question.'
        >>> QuestionSummary("why", True, 0, None, None, waiting=30).words
        'Not graded yet.'
        """
        if self.difficulty is None:
            return "Not graded yet."
        still = f"{self.waiting} not graded yet. " if self.waiting else ""
        return f"{still}{self._figures_in_words(self.difficulty)}"

    def _figures_in_words(self, difficulty: float) -> str:
        if self.discrimination is not None and self.discrimination < 0:
            return "Those who are good elsewhere do worse here: look at the question."
        if difficulty >= EASY:
            return "Nearly everybody gets it."
        hard = "Hard. " if difficulty <= HARD else ""
        if self.discrimination is None:
            why = "Too few students to say more." if self.students < FEWEST_STUDENTS else "All got the same."
            return f"{hard}{why}"
        if self.discrimination < WEAK:
            return f"{hard}Hardly tells who is good elsewhere from who is not."
        return f"{hard}Tells well who is good elsewhere."


def summarize_questions(results: Sequence[SubmissionResult]) -> tuple[QuestionSummary, ...]:
    """Every question with points, tests first, in the order of the assignment."""
    graded = [result for result in results if result.status is Status.GRADED]
    students = [
        {(name, by_hand): (score, most) for name, by_hand, score, most in _decided(result)}
        for result in graded
    ]
    waiting = Counter(key for result in graded for key in _undecided(result))
    read = {(grade.name, True) for result in graded for grade in result.hand_grades if _is_read(grade)}
    questions = sorted(
        dict.fromkeys(key for result in graded for key in _questions(result)), key=lambda key: key[1]
    )
    return tuple(
        QuestionSummary(*key, 0, None, None, waiting[key])
        if waiting[key] and ((key[1] and key not in read) or not any(key in known for known in students))
        else _summary(*key, [known for known in students if key in known], waiting[key])
        for key in questions
    )


def _summary(
    name: str, by_hand: bool, students: Sequence[dict[tuple[str, bool], tuple[float, float]]], waiting: int
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
    return QuestionSummary(name, by_hand, len(shares), statistics.fmean(shares), discrimination, waiting)


def _questions(result: SubmissionResult) -> list[tuple[str, bool]]:
    """Grade id, and whether people grade it, of whatever has points."""
    return [(test.name, False) for test in result.tests if test.max_score > 0] + [
        (grade.name, True) for grade in result.hand_grades if grade.max_score > 0
    ]


def _undecided(result: SubmissionResult) -> set[tuple[str, bool]]:
    return set(_questions(result)) - {(name, by_hand) for name, by_hand, *_ in _decided(result)}


def _is_read(grade: HandGrade) -> bool:
    """Whether a person gave the points; an answer that was left empty has none by itself."""
    return grade.score is not None and grade.answered


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
