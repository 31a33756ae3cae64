"""Whose submission is graded when: students take turns, and what comes meanwhile joins the run that lasts."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import class_run
from autograder.class_options import Arrivals, Options, Progress
from autograder.course import Course, CourseError
from autograder.nbgrader_bridge.book import ClassGradebook
from autograder.nbgrader_bridge.database import GradebookError, gradebook_url
from autograder.nbgrader_bridge.extensions import DueDate
from autograder.serve import grader as grader_module
from autograder.serve.again import OTHERS_FIRST, Again
from autograder.serve.bounds import Bounds
from autograder.serve.entries import Entry
from autograder.serve.grader import Grader
from autograder.serve.order import fair_order, ready_ones
from autograder.serve.queue import Queue, serve_folder
from autograder.serve.unwritten import Unwritten
from autograder.storage import result_path
from autograder.verdicts import Status, SubmissionResult
from tests import small_course
from tests.small_course import NAME, RIGHT

NOBODY = Arrivals()


def entry(student: str, at: int) -> Entry:
    return Entry(f"{student}{at}", student, NAME, NAME, 0.0, 1, "", at)


def names(entries: list[Entry]) -> list[str]:
    return [one.id for one in entries]


class TestOrder:
    """Round robin by student."""

    def test_a_student_with_many_submissions_waits_for_all_others_between_two(self) -> None:
        waiting = [entry("ada", at) for at in (1, 2, 3)] + [entry("bob", 4), entry("eve", 5)]
        assert names(fair_order(waiting, (), {})) == ["ada1", "bob4", "eve5", "ada2", "ada3"]

    def test_whose_submission_was_taken_goes_to_the_end_with_the_next(self) -> None:
        waiting = [entry("ada", 2), entry("bob", 4), entry("eve", 6)]
        assert names(fair_order(waiting, (), {"ada": 5})) == ["bob4", "ada2", "eve6"]

    def test_what_is_being_graded_comes_first_and_none_of_the_same_student_beside_it(self) -> None:
        waiting = [entry("ada", 1), entry("bob", 2), entry("bob", 3), entry("eve", 4)]
        order = fair_order(waiting, {"bob2"}, {"bob": 2})
        assert names(order) == ["bob2", "ada1", "eve4", "bob3"]
        assert names(ready_ones(order, {"bob2"})) == ["ada1", "eve4"]


class Run:
    """Stands for `class_run.grade`: `grade` is told the students as they are asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.turns: list[list[str]] = []
        self.meanwhile: Callable[[str], object] = lambda student: None
        self.fails_on: dict[str, Exception] = {}
        self.refuses: dict[str, Exception] = {}  # by assignment
        self.lacks: set[str] = set()  # whose submissions a busy machine may have failed, each time
        monkeypatch.setattr(class_run, "grade", self.grade)

    def grade(
        self,
        course: Course,
        name: str,
        options: Options,
        progress: Callable[[Progress], None] = lambda progress: None,
        *,
        is_held: bool,
        arrivals: Arrivals = NOBODY,
    ) -> list[SubmissionResult]:
        if name in self.refuses:
            raise self.refuses[name]
        turn: list[str] = []
        self.turns.append(turn)
        results = {}
        for student in itertools.chain(options.students or (), arrivals.students):
            if student is not None:
                result = self._one(student, turn, progress, arrivals)
                results.update({} if result is None else {student: result})
        return list(results.values())

    def _one(
        self, student: str, turn: list[str], progress: Callable[[Progress], None], arrivals: Arrivals
    ) -> SubmissionResult | None:
        turn.append(f"{student} alone" if arrivals.is_alone(student) else student)
        self.meanwhile(student)
        if student in self.lacks and arrivals.put_back is not None and arrivals.put_back(student):
            return None
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
    made = Grader(course, queue, Options(isolation="none"), Unwritten(serve_folder(course)))
    monkeypatch.setattr(made, "_read_due_dates", lambda: None)
    return made


def restarted(course: Course) -> Grader:
    """The grader of the next service."""
    return Grader(
        course,
        Queue(serve_folder(course), Bounds()),
        Options(isolation="none"),
        Unwritten(serve_folder(course)),
    )


def second_assignment(course: Course) -> None:
    """The same one under another name."""
    shutil.copytree(course.source(NAME), course.source("ps2"))
    (course.source("ps2") / f"{NAME}.ipynb").rename(course.source("ps2") / "ps2.ipynb")


def points(course: Course) -> dict[str, float]:
    """What the gradebook says, by student."""
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(gradebook_url(course).render_as_string(hide_password=False), "") as book:
        try:
            return {one.student.id: one.score for one in book.assignment_submissions(NAME)}
        except MissingEntry:
            return {}


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


def test_what_the_gradebook_did_not_take_is_written_when_it_does_also_after_a_restart(
    course: Course, queue: Queue, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = hand_in(queue, "ada", small_course.notebook(*small_course.submitted_cells(RIGHT)).encode())
    write = ClassGradebook.write

    def refuse(book: ClassGradebook, entry: Any) -> Any:
        raise GradebookError("the gradebook is locked.")

    monkeypatch.setattr(ClassGradebook, "write", refuse)
    with pytest.raises(GradebookError, match=r"the gradebook is locked\."):
        grader.take_turn()
    outcome = queue.outcome(ada)
    assert outcome is not None, "the verdict is told all the same"
    assert outcome.result.score == 15.0
    for one in (grader, restarted(course)):
        with pytest.raises(GradebookError, match=r"the gradebook is locked\."):
            one.write_the_rest()
    assert points(course) == {}
    monkeypatch.setattr(ClassGradebook, "write", write)
    restarted(course).write_the_rest()
    assert points(course) == {"ada": 15.0}
    monkeypatch.setattr(class_run, "grade", None)
    grader.write_the_rest()  # nothing is missing now


def test_nothing_is_written_of_whom_the_course_no_longer_has(
    course: Course, run: Run, grader: Grader
) -> None:
    unwritten = Unwritten(serve_folder(course))
    small_course.hand_in(course, "ada")
    for assignment, student in ((NAME, "ada"), (NAME, "zoe"), ("ps0", "ada")):
        unwritten.add(assignment, student)
    assert unwritten.students() == {NAME: ["ada", "zoe"], "ps0": ["ada"]}
    grader.write_the_rest()  # ada has handed in, and has no result
    assert unwritten.students() == {}
    assert run.turns == []


def test_what_one_assignment_keeps_out_of_the_gradebook_keeps_out_nothing_of_the_others(
    course: Course, run: Run, grader: Grader
) -> None:
    unwritten = Unwritten(serve_folder(course))
    second_assignment(course)
    for assignment in (NAME, "ps2"):
        small_course.hand_in(course, "ada", name=assignment)
        path = result_path(course, assignment, "ada")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
        unwritten.add(assignment, "ada")
    run.refuses[NAME] = CourseError("its source cannot be read.")
    with pytest.raises(CourseError, match=r"its source cannot be read\."):
        grader.write_the_rest()
    assert unwritten.students() == {NAME: ["ada"]}


def test_an_assignment_that_cannot_be_read_keeps_its_submissions_until_it_can(
    course: Course, run: Run, queue: Queue, grader: Grader
) -> None:
    second_assignment(course)
    source = course.source(NAME) / f"{NAME}.ipynb"
    whole = source.read_text(encoding="utf-8")
    ada = hand_in(queue, "ada", b"the work of Ada")
    source.write_text("{", encoding="utf-8")
    for number in range(6):
        if number == 2:
            queue.accept("bob", "ps2", "ps2", b"{}")
        with contextlib.suppress(CourseError):
            grader.take_turn()
    assert run.turns == [["bob"]]
    assert queue.waiting() == [ada]
    assert queue.content(ada) == b"the work of Ada"
    source.write_text(whole, encoding="utf-8")
    grader.take_turn()
    assert run.turns == [["bob"], ["ada"]]


def test_what_failed_has_another_turn_after_sixteen_others_however_many_come(
    run: Run, queue: Queue, grader: Grader
) -> None:
    run.fails_on["bad"] = CourseError("the server was started again.")
    hand_in(queue, "bad")
    with pytest.raises(CourseError):
        grader.take_turn()
    run.fails_on.clear()
    others = iter([f"s{number}" for number in range(40)])
    run.meanwhile = lambda student: hand_in(queue, next(others))  # each brings the next
    run.meanwhile("")
    grader.take_turn()
    grader.take_turn()
    assert run.turns == [["bad"], [f"s{number}" for number in range(16)], ["bad"]]


def test_due_dates_that_cannot_be_read_at_the_moment_are_those_read_before(
    course: Course, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = DueDate(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    grader = restarted(course)
    monkeypatch.setattr(grader_module, "_DUE_DATES_S", -1.0)
    monkeypatch.setattr(grader_module, "due_date", lambda course, name: due)
    grader._read_due_dates()

    def refuse(course: Course, name: str) -> None:
        raise GradebookError("the gradebook is locked.")

    monkeypatch.setattr(grader_module, "due_date", refuse)
    grader._read_due_dates()
    assert grader.is_past_due("ada", NAME)


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


class TestAgain:
    """What a busy machine may have failed."""

    @pytest.fixture
    def now(self, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The queue's clock that never goes back, in seconds: its only item."""
        now = [0.0]
        monkeypatch.setattr(queue, "_again", Again(lambda: now[0]))
        return now

    def test_it_runs_again_alone_at_once_where_nobody_waits(
        self, run: Run, queue: Queue, grader: Grader
    ) -> None:
        run.lacks = {"ada"}
        entry = hand_in(queue, "ada")
        grader.take_turn()
        assert (run.turns, queue.outcome(entry) is None) == ([["ada", "ada alone"]], False)

    def test_a_queue_that_never_ends_cannot_keep_it_from_its_turn(
        self, run: Run, queue: Queue, grader: Grader
    ) -> None:
        run.lacks = {"ada"}
        hand_in(queue, "ada")
        hand_in(queue, "s0")
        ahead = iter(f"s{number}" for number in range(1, 60))
        run.meanwhile = lambda student: [hand_in(queue, one) for one in itertools.islice(ahead, 1)]
        grader.take_turn()
        assert run.turns[0].index("ada alone") == 1 + OTHERS_FIRST

    def test_between_two_that_run_again_others_have_their_turns(
        self, run: Run, queue: Queue, grader: Grader
    ) -> None:
        run.lacks = {"ada", "bob", "eve"}
        for student in ("ada", "bob", "eve", *(f"s{number:02}" for number in range(60))):
            hand_in(queue, student)
        grader.take_turn()
        (turn,) = run.turns
        places = [turn.index(f"{student} alone") for student in ("ada", "bob", "eve")]
        assert places == [17, 34, 51]  # each sixteen others after the one before

    def test_of_one_student_one_an_hour_has_the_machine_and_the_next_hold_up_nobody(
        self, run: Run, queue: Queue, grader: Grader, now: list[float]
    ) -> None:
        run.lacks = {"ada"}
        for number in range(3):
            hand_in(queue, "ada", b"%d" % number)
            grader.take_turn()
        now[0] = 3_600.0
        entry = hand_in(queue, "ada", b"3")
        grader.take_turn()
        assert run.turns == [["ada", "ada alone"], ["ada", "ada"], ["ada", "ada"], ["ada", "ada alone"]]
        assert queue.outcome(entry) is not None

    def test_while_it_waits_the_students_next_submission_waits_behind_it(
        self, run: Run, queue: Queue, grader: Grader
    ) -> None:
        run.lacks = {"ada"}
        for number in range(2):
            hand_in(queue, "ada", b"%d" % number)
        for number in range(30):
            hand_in(queue, f"s{number:02}")
        grader.take_turn()
        (turn,) = run.turns
        assert [place for place, name in enumerate(turn) if name.startswith("ada")][:2] == [0, 17]

    def test_it_has_its_turn_also_where_only_another_assignment_is_handed_in_then(
        self, run: Run, course: Course, queue: Queue, grader: Grader
    ) -> None:
        folder = course.root / "source" / "ps2"
        folder.mkdir()
        text = small_course.notebook(*small_course.source_cells())
        (folder / "ps2.ipynb").write_text(text, encoding="utf-8")
        run.lacks = {"ada"}
        hand_in(queue, "ada")
        for number in range(20):
            queue.accept(f"s{number:02}", "ps2", "ps2", b"{}")
        while queue.waiting():
            grader.take_turn()
        assert [len(turn) for turn in run.turns] == [1, 16, 1, 4]
        assert run.turns[2] == ["ada alone"]

    def test_one_on_which_the_grader_fails_lets_those_that_run_again_go_first(
        self, run: Run, queue: Queue, grader: Grader
    ) -> None:
        run.lacks = {"ada", "bob", "eve"}
        for student in ("ada", "bob"):
            hand_in(queue, student)
        for number in range(OTHERS_FIRST):
            hand_in(queue, f"first{number:02}")
        run.fails_on["ada"] = RuntimeError("a fault of ours")
        with pytest.raises(RuntimeError):
            grader.take_turn()
        assert run.turns[0][-1] == "ada alone"
        hand_in(queue, "eve")  # runs again after ada has failed
        for number in range(4 * OTHERS_FIRST):
            hand_in(queue, f"then{number:02}")
        grader.take_turn()
        (turn,) = run.turns[1:]
        assert turn.index("bob alone") < turn.index("eve alone") < len(turn) - 1
        assert "ada alone" not in turn

    def test_killed_meanwhile_it_runs_from_the_beginning(
        self, run: Run, course: Course, queue: Queue, grader: Grader
    ) -> None:
        run.lacks, run.fails_on = {"ada"}, {"bob": RuntimeError("a fault of ours")}
        hand_in(queue, "ada")
        hand_in(queue, "bob")
        with pytest.raises(RuntimeError):
            grader.take_turn()
        waiting = Queue(serve_folder(course), Bounds()).waiting()
        assert [one.student for one in waiting] == ["ada", "bob"]
        del run.fails_on["bob"]
        grader.take_turn()
        grader.take_turn()
        assert run.turns[1:] == [["bob"], ["ada alone"]]  # the other's failure is none of hers


def test_the_seconds_of_a_submission_are_learnt_from_those_that_end(
    run: Run, queue: Queue, grader: Grader
) -> None:
    before = queue.seconds_each
    hand_in(queue, "ada")
    grader.take_turn()
    assert 0.0 < queue.seconds_each < before
