"""Whose submission is graded when: students take turns, and what comes meanwhile joins the run that lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder import class_run
from autograder.class_options import Arrivals, Options, Progress
from autograder.course import Course, CourseError
from autograder.serve import grader as grader_module
from autograder.serve.bounds import Bounds
from autograder.serve.entries import Entry
from autograder.serve.grader import Grader
from autograder.serve.order import fair_order, ready_ones
from autograder.serve.queue import Queue, serve_folder
from autograder.verdicts import Status, SubmissionResult
from tests import small_course
from tests.small_course import NAME


def entry(student: str, at: float) -> Entry:
    return Entry(f"{student}{at:g}", student, NAME, NAME, at, 1, "")


def names(entries: list[Entry]) -> list[str]:
    return [one.id for one in entries]


class TestOrder:
    """Round robin by student."""

    def test_a_student_with_many_submissions_waits_for_all_others_between_two(self) -> None:
        waiting = [entry("ada", at) for at in (1.0, 2.0, 3.0)] + [entry("bob", 4.0), entry("eve", 5.0)]
        assert names(fair_order(waiting, (), {})) == ["ada1", "bob4", "eve5", "ada2", "ada3"]

    def test_whose_submission_was_taken_goes_to_the_end_with_the_next(self) -> None:
        waiting = [entry("ada", 2.0), entry("bob", 4.0), entry("eve", 6.0)]
        assert names(fair_order(waiting, (), {"ada": 5.0})) == ["bob4", "ada2", "eve6"]

    def test_what_is_being_graded_comes_first_and_none_of_the_same_student_beside_it(self) -> None:
        waiting = [entry("ada", 1.0), entry("bob", 2.0), entry("bob", 3.0), entry("eve", 4.0)]
        order = fair_order(waiting, {"bob2"}, {"bob": 2.5})
        assert names(order) == ["bob2", "ada1", "eve4", "bob3"]
        assert names(ready_ones(order, {"bob2"})) == ["ada1", "eve4"]


class Run:
    """Stands for `class_run.grade`: `grade` is told the students as they are asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.turns: list[list[str]] = []
        self.meanwhile: Callable[[str], object] = lambda student: None
        self.fails_on: dict[str, Exception] = {}
        monkeypatch.setattr(class_run, "grade", self.grade)

    def grade(
        self,
        course: Course,
        name: str,
        options: Options,
        progress: Callable[[Progress], None],
        *,
        is_held: bool,
        arrivals: Arrivals,
    ) -> list[SubmissionResult]:
        turn: list[str] = []
        self.turns.append(turn)
        results = {}
        for student in options.students or ():
            results[student] = self._one(student, turn, progress)
        for student in arrivals.students:
            if student is not None:
                results[student] = self._one(student, turn, progress)
        return list(results.values())

    def _one(self, student: str, turn: list[str], progress: Callable[[Progress], None]) -> SubmissionResult:
        turn.append(student)
        self.meanwhile(student)
        if student in self.fails_on:
            raise self.fails_on[student]
        result = SubmissionResult(student, NAME, Status.GRADED, score=1.0, max_score=2.0)
        progress(Progress(1, 1, 0, 1.0, last=result))
        return result


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("autograder.serve.grader._IDLE_S", 0.0)
    return Run(monkeypatch)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course.make_course(tmp_path)


@pytest.fixture
def clock() -> Iterator[float]:
    return iter(float(number) for number in range(10_000))


@pytest.fixture
def queue(course: Course, clock: Iterator[float]) -> Queue:
    bounds = Bounds(apart_s=0.0, waiting_each=10)
    return Queue(serve_folder(course), bounds, clock=lambda: next(clock))


@pytest.fixture
def grader(course: Course, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> Grader:
    made = Grader(course, queue, Options())
    monkeypatch.setattr(made, "_read_due_dates", lambda: None)
    return made


def hand_in(queue: Queue, student: str, content: bytes = b"{}") -> Entry:
    return queue.accept(student, NAME, NAME, content)[0]


def test_what_comes_while_a_turn_lasts_is_graded_in_it(run: Run, queue: Queue, grader: Grader) -> None:
    hand_in(queue, "ada")
    run.meanwhile = lambda student: hand_in(queue, "bob") if student == "ada" else None
    grader.take_turn()
    assert (run.turns, queue.waiting()) == ([["ada", "bob"]], [])


def test_a_student_who_hands_in_again_and_again_holds_up_nobody(
    run: Run, queue: Queue, grader: Grader
) -> None:
    for number in range(4):
        hand_in(queue, "ada", b"%d" % number)
    hand_in(queue, "bob")
    hand_in(queue, "eve")
    grader.take_turn()
    assert run.turns == [["ada", "bob", "eve", "ada", "ada", "ada"]]
    assert [queue.outcome(one) is not None for one in queue.of_student("ada")] == [True] * 4


def test_a_run_that_waits_for_the_course_gets_it_before_the_next_submission(
    run: Run, course: Course, queue: Queue, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(queue, "ada")
    hand_in(queue, "bob")
    monkeypatch.setattr(grader_module, "is_wanted", lambda course: True)
    grader.take_turn()
    assert (run.turns, [one.student for one in queue.waiting()]) == ([["ada"]], ["bob"])


def test_another_assignment_has_its_turn_after_sixteen_submissions(
    run: Run, course: Course, queue: Queue, grader: Grader
) -> None:
    folder = course.root / "source" / "ps2"
    folder.mkdir()
    (folder / "ps2.ipynb").write_text(small_course.notebook(*small_course.source_cells()), encoding="utf-8")
    for number in range(3):
        hand_in(queue, f"early{number}")
    queue.accept("other", "ps2", "ps2", b"{}")
    for number in range(20):
        hand_in(queue, f"late{number:02}")
    grader.take_turn()
    assert (len(run.turns[0]), "other" in run.turns[0]) == (16, False)
    grader.take_turn()
    assert run.turns[1] == ["other"]
    grader.take_turn()
    assert len(run.turns[2]) == 7


def test_what_the_grader_fails_on_comes_alone_then_and_is_set_aside_after_three_times(
    run: Run, queue: Queue, grader: Grader
) -> None:
    bad = hand_in(queue, "bad")
    hand_in(queue, "ada")
    run.fails_on["bad"] = RuntimeError("a fault of ours")
    for _ in range(2):
        with pytest.raises(RuntimeError):
            grader.take_turn()
        if len(run.turns) == 1:
            grader.take_turn()
    with pytest.raises(RuntimeError):
        grader.take_turn()
    assert run.turns == [["bad"], ["ada"], ["bad"], ["bad"]]
    outcome = queue.outcome(bad)
    assert outcome is not None
    assert outcome.result.reason == (
        "the grader failed on this submission again and again; a person has to look at it."
    )


def test_a_gradebook_that_is_locked_sets_nobody_aside(run: Run, queue: Queue, grader: Grader) -> None:
    hand_in(queue, "ada")
    run.fails_on["ada"] = CourseError("the gradebook is locked.")
    for _ in range(5):
        with pytest.raises(CourseError):
            grader.take_turn()
    assert [one.student for one in queue.waiting()] == ["ada"]
    run.fails_on.clear()
    grader.take_turn()
    assert queue.waiting() == []


def test_what_the_course_refuses_of_one_student_alone_is_set_aside(
    run: Run, queue: Queue, grader: Grader
) -> None:
    bad = hand_in(queue, "bad")
    hand_in(queue, "ada")
    run.fails_on["bad"] = CourseError("this cannot be written.")
    for number in range(4):
        if number == 1:
            grader.take_turn()
            continue
        with pytest.raises(CourseError):
            grader.take_turn()
    assert run.turns == [["bad"], ["ada"], ["bad"], ["bad"]]
    outcome = queue.outcome(bad)
    assert outcome is not None
    assert outcome.result.status is Status.INTERNAL_ERROR


def test_the_seconds_of_a_submission_are_learnt_from_those_that_end(
    run: Run, queue: Queue, grader: Grader
) -> None:
    before = queue.seconds_each
    hand_in(queue, "ada")
    grader.take_turn()
    assert 0.0 < queue.seconds_each < before
