"""The page a student gets back: what was right, what to look at, their plots, what the grader says.

One HTML file without scripts, which opens offline, on a phone and on paper. It reads a `SubmissionResult`
and, where there is one, the autograded notebook as JSON; `autograder feedback` and nbgrader's
`generate_feedback` hand both over. Everything a student wrote is escaped or sanitised (`pages.excerpts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from autograder.pages import charts, points_text, render
from autograder.pages.excerpts import Excerpts, read_excerpts
from autograder.several_notebooks import result_of
from autograder.untrusted.markdown import markdown_to_html
from autograder.untrusted.text import shown_unseen
from autograder.verdict_words import VERDICT_WORDS
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict

# What nbgrader writes by itself under an answer that was left as it was; the page says that better.
NO_RESPONSE = "No response."

# Longer help for verdicts whose message may be terse.
VERDICT_HELP: Mapping[str, str] = {
    Verdict.TIMEOUT: "Look for a loop that cannot end, or for work that could be done once, not many times.",
    Verdict.MEMORY: "Look for an array that is larger than meant, or a list that grows in a loop.",
    Verdict.TOO_MUCH_OUTPUT: "Look for a print inside a loop.",
    Verdict.NOT_FOUND: "Keep the function's name as the notebook gives it, and keep its cell.",
    Verdict.INTERNAL_ERROR: "This is not your fault and costs you nothing: a person will look at it.",
}


@dataclass(frozen=True)
class TestLine:
    """One test as the page shows it."""

    __test__ = False  # not a pytest class

    name: str
    mark: str
    words: str
    tone: str
    result: TestResult
    help: str
    same_as_above: bool


@dataclass(frozen=True)
class Part:
    """The tests of one function, with the code they ran.

    Attributes
    ----------
    anchor, title : str
    score, max_score : float
        Points.
    tests : tuple of TestLine
    code : str
        What the student wrote, "" when the notebook is not at hand.
    """

    anchor: str
    title: str
    score: float
    max_score: float
    tests: tuple[TestLine, ...]
    code: str

    @property
    def open_points(self) -> float:
        """Points of the tests that are undecided."""
        return sum(line.result.max_score for line in self.tests if line.result.open)

    @property
    def is_complete(self) -> bool:
        """Whether every test has full points."""
        return all(line.result.score >= line.result.max_score for line in self.tests)


@dataclass(frozen=True)
class WrittenAnswer:
    """One hand-graded answer as the page shows it."""

    anchor: str
    title: str
    grade: HandGrade
    answer: Markup
    comment: Markup


def feedback_page(
    result: SubmissionResult, notebook: Mapping[str, Any] | None = None, course: str = "", part: str = ""
) -> str:
    """The page as HTML text.

    Parameters
    ----------
    result : SubmissionResult
        With hand grades and comments merged in.
    notebook : mapping, optional
        The autograded notebook, nbformat 4 as JSON gives it; without it no plots, code or answers.
    course : str, optional
        The course's name, for the line above the title.
    part : str
        The notebook's name where the assignment has several: the page is about this one, and tells the sum.
    """
    whole = result if part else None
    result = result_of(result, part) if part else result
    excerpts = read_excerpts(notebook)
    parts = make_parts(result, excerpts)
    answers = make_answers(result, excerpts)
    is_graded = result.status is Status.GRADED and result.score is not None
    return render(
        "feedback.html.j2",
        result=result,
        course=course,
        title=assignment_title(result.assignment) + f": {shown_unseen(part)}" * bool(part),
        whole=whole,
        student_name=student_name(result),
        is_graded=is_graded,
        is_rejected=result.status is Status.REJECTED,
        ring=charts.ring(result.score, result.max_score) if is_graded else "",
        opening=opening_words(result, parts) if is_graded else "",
        next_step=next_step(parts),
        parts=parts,
        answers=answers,
        comments=[
            (excerpts.headings.get(name) or _as_title(name), markdown_to_html(text))
            for name, text in result.comments.items()
        ],
        plots=excerpts.plots,
        bar=charts.bar,
        limits=[VERDICT_WORDS[Verdict(name)][1].lower() for name in result.limits_hit],
    )


def make_parts(result: SubmissionResult, excerpts: Excerpts) -> tuple[Part, ...]:
    """The tests grouped by the word that their grade ids begin with, in the order of the assignment."""
    groups: dict[str, list[TestResult]] = {}
    for test in result.tests:
        groups.setdefault(test.grade_id.rpartition("_")[0] or test.grade_id, []).append(test)
    parts = []
    for number, (prefix, tests) in enumerate(groups.items(), start=1):
        first = tests[0].grade_id
        parts.append(
            Part(
                anchor=f"part-{number}",
                title=excerpts.headings.get(first) or _as_title(prefix),
                score=sum(test.score for test in tests),
                max_score=sum(test.max_score for test in tests),
                tests=tuple(_test_line(test, tests[:place]) for place, test in enumerate(tests)),
                code=excerpts.code.get(first, ""),
            )
        )
    return tuple(parts)


def make_answers(result: SubmissionResult, excerpts: Excerpts) -> tuple[WrittenAnswer, ...]:
    """The hand-graded answers, in the order of the assignment."""
    return tuple(
        WrittenAnswer(
            anchor=f"answer-{number}",
            title=excerpts.headings.get(grade.grade_id) or _as_title(grade.grade_id),
            grade=grade,
            answer=excerpts.answers.get(grade.grade_id, Markup()),
            comment=_comment(grade),
        )
        for number, grade in enumerate(result.hand_grades, start=1)
    )


def opening_words(result: SubmissionResult, parts: tuple[Part, ...]) -> str:
    """One or two sentences: first what is right, then how much is left."""
    complete = [part for part in parts if part.is_complete]
    if not parts:
        words = ""
    elif len(complete) == len(parts):
        words = "Every test passed. Well done!"
    elif complete:
        names = _and([part.title for part in complete])
        left = len(parts) - len(complete)
        words = f"You got {names} right. {_count(left, 'part is', 'parts are')} left to look at."
    elif any(test.score > 0 for test in result.tests):
        passed = sum(test.verdict is Verdict.PASSED for test in result.tests)
        words = f"{_count(passed, 'test', 'tests')} of {len(result.tests)} passed: a start to build on."
    else:
        words = "No test passed yet. One small change often turns several at once: start with the hint below."
    if result.open_points:
        words += f" {_count(result.open_points, 'point is', 'points are')} open: the grader failed there."
    waiting = sum(grade.score is None for grade in result.hand_grades)
    if waiting:
        words += (
            f" {_count(waiting, 'written answer is', 'written answers are')} still to be read by a person."
        )
    empty = sum(not grade.answered for grade in result.hand_grades)
    if empty:
        words += f" {_count(empty, 'written answer was', 'written answers were')} left empty."
    return words.strip()


def next_step(parts: tuple[Part, ...]) -> tuple[Part, TestLine] | None:
    """The first test to look at: what fails first often explains what fails after it."""
    for part in parts:
        for line in part.tests:
            lacking = line.result.score < line.result.max_score
            if lacking and line.result.verdict is not Verdict.INTERNAL_ERROR:
                return part, line
    return None


def assignment_title(assignment: str) -> str:
    """An assignment's folder name as a title.

    >>> assignment_title("deeper_networks-2")
    'Deeper networks 2'
    """
    return _as_title(assignment.replace("-", " "))


def student_name(result: SubmissionResult) -> str:
    """First and last name, or the id where the gradebook has no name."""
    return shown_unseen(f"{result.first_name} {result.last_name}".strip() or result.student)


def _test_line(test: TestResult, above: Sequence[TestResult]) -> TestLine:
    mark, words, tone = VERDICT_WORDS[test.told_verdict]
    kind = test.grade_id.rpartition("_")[2]
    return TestLine(
        name=_as_title(kind),
        mark=mark,
        words=words,
        tone=tone,
        result=test,
        help=VERDICT_HELP.get(test.told_verdict, ""),
        same_as_above=bool(test.hint) and any(test.advice == other.advice for other in above),
    )


def _comment(grade: HandGrade) -> Markup:
    is_automatic = not grade.answered and grade.comment == NO_RESPONSE
    return Markup() if is_automatic or not grade.comment.strip() else markdown_to_html(grade.comment)


def _as_title(name: str) -> str:
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _count(number: float, one: str, many: str) -> str:
    return f"{points_text(number)} {one if number == 1 else many}"
