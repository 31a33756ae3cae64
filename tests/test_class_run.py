"""The run, with real workers: verdicts, storing, resuming, faults of disk and gradebook. Tier `none`."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbgrader.api
import psutil
import pytest

from autograder import class_run
from autograder.class_options import Arrivals
from autograder.course import Course, CourseError, NoSubmissionsError, UnknownStudentError
from autograder.grading.defaults import LIMITS as DEFAULT_LIMITS
from autograder.grading.protocol import JobResult
from autograder.grading.worker_process import WorkerProcess
from autograder.nbgrader_bridge.database import gradebook_url
from autograder.nbgrader_bridge.opening import Gradebook
from autograder.sandbox import SandboxError
from autograder.storage import BusyError, only_run, read_result, result_path
from autograder.verdicts import Status, SubmissionResult
from tests.small_course import (
    CLASS,
    EVERYONE,
    NAME,
    REJECTED,
    RIGHT,
    hand_in,
    hand_in_class,
    make_course,
    make_gradebook,
)

LIMITS = dataclasses.replace(DEFAULT_LIMITS, cell_s=4.0, output_hard_bytes=1 << 20)
OPTIONS = class_run.Options(isolation="none", workers=2, limits=LIMITS)
ROOT = Path(__file__).resolve().parents[1]

Graded = tuple[Course, list[SubmissionResult]]


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gradebook(tmp_path_factory.mktemp("new"))


@pytest.fixture(scope="module", autouse=True)
def _little_to_warm() -> Iterator[None]:
    """The small assignment plots nothing: its warm process need not import what plots."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(class_run, "modules_to_preload", lambda assignment, with_slow_ones: ("numpy",))
        yield


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, gradebook: Path) -> Graded:
    """The class graded once; tests look at it, or copy it."""
    course = make_course(tmp_path_factory.mktemp("class"), gradebook)
    hand_in_class(course)
    return course, class_run.grade(course, NAME, OPTIONS)


@pytest.fixture
def copied(graded: Graded, tmp_path: Path) -> Course:
    shutil.copytree(graded[0].root, tmp_path / "copy")
    return Course(tmp_path / "copy")


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise AssertionError("a worker was started although nothing has changed")

    monkeypatch.setattr(WorkerProcess, "__init__", refuse)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite gives up on a lock at once, not after five seconds."""
    original = nbgrader.api.create_engine

    def create(url: str, **options: Any) -> Any:
        return original(url, connect_args={"timeout": 0.01}, **options)

    monkeypatch.setattr(nbgrader.api, "create_engine", create)


def auto_scores(course: Course) -> dict[str, dict[str, float | None]]:
    """What the gradebook says: student -> grade id -> score of the tests."""
    with Gradebook(gradebook_url(course), "") as book:
        return {
            submission.student.id: {grade.name: grade.auto_score for grade in submission.notebooks[0].grades}
            for submission in book.assignment_submissions(NAME)
        }


@pytest.mark.parametrize("student", sorted(CLASS))
def test_every_verdict(graded: Graded, student: str) -> None:
    _, first, first_points, second, second_points = CLASS[student]
    (result,) = [result for result in graded[1] if result.student == student]
    assert [(test.verdict, test.score) for test in result.tests] == [
        (first, first_points),
        (second, second_points),
    ]
    assert result.status is Status.GRADED
    assert (result.score, result.max_score) == (first_points + second_points, 19.0)
    assert result.needs_manual_grade


def test_a_rejected_submission_has_a_reason_and_no_score_and_the_others_are_graded(
    graded: Graded,
) -> None:
    assert [result.student for result in graded[1]] == EVERYONE
    (torn,) = [result for result in graded[1] if result.student == REJECTED]
    assert (torn.status, torn.score, torn.tests) == (Status.REJECTED, None, ())
    assert torn.reason.startswith("The notebook is not readable JSON")


def test_a_definition_after_its_test_counts_and_is_flagged(
    graded: Graded,
) -> None:
    (late,) = [result for result in graded[1] if result.student == "late"]
    assert [flag.partition(":")[0] for flag in late.flags] == ["double_two"]
    noted = [test.grade_id for test in late.tests if "defined only after it" in " ".join(test.notes)]
    assert noted == [
        "double_two"
    ]  # of double_more nothing is visible: its name may be taken away by what is hidden


def test_who_comes_while_the_class_is_graded_is_among_the_results(copied: Course) -> None:
    hand_in(copied, "wrong", RIGHT)
    told: list[tuple[str, float | None]] = []

    def come() -> Iterator[str | None]:
        yield "ada"  # graded before
        yield None
        hand_in(copied, "new", "def double(x):\n    return 4")
        yield "new"
        while "new" not in dict(told):
            yield None
        hand_in(copied, "new", RIGHT)
        yield "new"

    def follow(progress: class_run.Progress) -> None:
        if progress.last is not None:
            told.append((progress.last.student, progress.last.score))

    only = dataclasses.replace(OPTIONS, students=("wrong",), workers=1)
    results = class_run.grade(copied, NAME, only, follow, arrivals=Arrivals(come()))
    assert sorted(told) == [("ada", 15.0), ("new", 12.0), ("new", 15.0), ("wrong", 15.0)]
    assert [(one.student, one.score, one.reused) for one in results] == [
        ("ada", 15.0, True),
        ("new", 15.0, False),
        ("wrong", 15.0, False),
    ]
    assert auto_scores(copied)["new"]["double_more"] == 5.0


def test_of_what_comes_again_nothing_is_kept_until_then(
    copied: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(copied, "new", RIGHT)
    as_it_is = class_run.Supervisor.results
    asked: list[str] = []
    kept: list[bool] = []

    def lacking(self: class_run.Supervisor) -> Iterator[tuple[str, JobResult]]:
        for name, result in as_it_is(self):
            yield name, dataclasses.replace(result, lacked_processor=True)

    def put_back(student: str) -> bool:
        kept.append(result_path(copied, NAME, student).exists())
        asked.append(student)
        return len(asked) == 1

    def come() -> Iterator[str | None]:
        while not asked:
            yield None
        yield "new"

    monkeypatch.setattr(class_run.Supervisor, "results", lacking)
    only = dataclasses.replace(OPTIONS, students=("new",), workers=1)
    arrivals = Arrivals(come(), put_back=put_back)
    (result,) = class_run.grade(copied, NAME, only, arrivals=arrivals)
    assert (asked, kept, result.score) == (["new", "new"], [False, False], 15.0)
    assert result.flags == (
        "The clock ended a cell or test while other programs kept this machine busy, also when the "
        "submission ran again. Grade it again (--force) when the machine is quiet.",
    )
    arrivals = Arrivals((), put_back=lambda student: True)
    forced = dataclasses.replace(only, force=True)
    assert class_run.grade(copied, NAME, forced, arrivals=arrivals) == []


def test_the_gradebook_says_what_the_results_say(graded: Graded) -> None:
    course, results = graded
    wanted = {
        result.student: {test.grade_id: test.score for test in result.tests} | {"why": None}
        for result in results
        if result.status is Status.GRADED
    }
    assert auto_scores(course) == wanted


def test_each_graded_student_has_a_whole_notebook_without_hidden_tests(
    graded: Graded,
) -> None:
    course, results = graded
    for result in results:
        path = course.autograded(result.student, NAME) / f"{NAME}.ipynb"
        assert path.is_file() == (result.status is Status.GRADED)
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert len(json.loads(text)["cells"]) >= 5
            assert "double(3)" not in text


def test_a_second_run_grades_nothing_again(copied: Course, no_workers: None) -> None:
    results = class_run.grade(copied, NAME, OPTIONS)
    assert [(result.student, result.reused) for result in results] == [
        (student, True) for student in EVERYONE
    ]
    assert {result.student: result.score for result in results}["half"] == 12.0


def test_a_gradebook_that_was_lost_is_filled_from_the_results(
    copied: Course, gradebook: Path, no_workers: None
) -> None:
    before = auto_scores(copied)
    shutil.copy(gradebook, copied.gradebook)
    class_run.grade(copied, NAME, OPTIONS)
    assert auto_scores(copied) == before


def test_a_locked_gradebook_stops_the_command_and_loses_nothing(
    copied: Course, gradebook: Path, no_workers: None, impatient: None
) -> None:
    before = auto_scores(copied)
    shutil.copy(gradebook, copied.gradebook)
    other = sqlite3.connect(copied.gradebook)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CourseError, match=r"another program is writing.* Results already graded are kept"):
        class_run.grade(copied, NAME, OPTIONS)
    other.close()
    class_run.grade(copied, NAME, OPTIONS)
    assert auto_scores(copied) == before


def test_two_runs_at_once_on_one_course_are_refused(copied: Course) -> None:
    with (
        only_run(copied),
        pytest.raises(BusyError, match=f"another run is grading .* \\(process {os.getpid()}\\)"),
    ):
        class_run.grade(copied, NAME, OPTIONS)


def test_what_has_changed_is_graded_again_and_hand_grades_stay(copied: Course) -> None:
    with Gradebook(gradebook_url(copied), "") as book:
        book.find_grade("why", NAME, NAME, "wrong").manual_score = 3.0
        book.find_comment("why", NAME, NAME, "wrong").manual_comment = "good"
        book.db.commit()
    hand_in(copied, "wrong", RIGHT)
    (copied.autograded("half", NAME) / f"{NAME}.ipynb").unlink()
    hand_in(copied, REJECTED, RIGHT)
    results = {result.student: result for result in class_run.grade(copied, NAME, OPTIONS)}
    assert sorted(name for name, result in results.items() if not result.reused) == [
        "half",
        REJECTED,
        "wrong",
    ]
    assert results["wrong"].score == 10 + 5 + 3
    assert results["wrong"].hand_grades[0].comment == "good"
    assert results[REJECTED].score == 15.0
    assert (copied.autograded("half", NAME) / f"{NAME}.ipynb").is_file()


def test_only_the_students_asked_for_are_graded_and_listed(copied: Course, no_workers: None) -> None:
    options = dataclasses.replace(OPTIONS, students=("half", "ada"))
    assert [result.student for result in class_run.grade(copied, NAME, options)] == ["ada", "half"]


def test_the_run_says_whose_submission_is_being_graded(tmp_path: Path, gradebook: Path) -> None:
    course = make_course(tmp_path / "course", gradebook)
    for student in ("ada", "half"):
        hand_in(course, student)
    told: list[class_run.Progress] = []
    class_run.grade(course, NAME, dataclasses.replace(OPTIONS, workers=1), told.append)
    assert [(progress.done, progress.running) for progress in told] == [
        (0, ()),
        (0, ("ada",)),
        (1, ("half",)),
        (2, ()),
    ]


def test_an_unknown_student_and_an_empty_class_are_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    with pytest.raises(NoSubmissionsError) as caught:
        class_run.grade(course, NAME, OPTIONS)
    assert str(caught.value) == (
        f"nothing to grade: no folder submitted/STUDENT/ps1 in {tmp_path}. "
        "Take in the zip that a learning platform gives you: autograder collect FILE.zip ps1"
    )
    (tmp_path / "submitted" / "eve" / "PS1").mkdir(parents=True)
    with pytest.raises(
        NoSubmissionsError,
        match=r"because of their location: submitted/eve/PS1 \(is ps1 meant\?\)\. Take",
    ):
        class_run.grade(course, NAME, OPTIONS)
    hand_in(course, "ada")
    with pytest.raises(UnknownStudentError, match=r"'bob' has handed in nothing for ps1.*Handed in: ada"):
        class_run.grade(course, NAME, dataclasses.replace(OPTIONS, students=("bob",)))


def test_a_tier_that_does_not_hold_is_refused_before_anything_runs(
    tmp_path: Path, gradebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(tier: str) -> str:
        raise SandboxError(f"the tier {tier!r} does not hold on this machine: read the gradebook (possible)")

    monkeypatch.setattr(class_run.selfcheck, "require", refuse)
    course = make_course(tmp_path / "course", gradebook)
    hand_in(course, "ada")
    with pytest.raises(CourseError, match="does not hold on this machine: read the gradebook"):
        class_run.grade(course, NAME, OPTIONS)
    assert not list(course.root.glob("autograded/*"))


def test_the_instructors_notebook_is_part_of_what_must_not_change(copied: Course) -> None:
    path = copied.source(NAME) / f"{NAME}.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("must be 4", "must be four"), encoding="utf-8")
    options = dataclasses.replace(OPTIONS, students=("wrong",))
    (result,) = class_run.grade(copied, NAME, options)
    assert (result.reused, result.tests[0].message) == (False, "double(2) must be four")


@pytest.mark.slow
def test_a_test_cell_that_hangs_where_no_signal_reaches_it_costs_itself_only(
    copied: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.worker_process.GRACE_S", 1.0)
    path = copied.source(NAME) / f"{NAME}.ipynb"
    deaf = (
        "assert double(2) == 4; sum(range(10**12))"  # one call in C: the deadline's signal waits for its end
    )
    path.write_text(
        path.read_text(encoding="utf-8").replace("assert double(2) == 4, 'double(2) must be 4'", deaf),
        encoding="utf-8",
    )
    limits = dataclasses.replace(LIMITS, cell_s=2.0, submission_s=30.0)
    options = dataclasses.replace(OPTIONS, students=("ada",), limits=limits)
    (result,) = class_run.grade(copied, NAME, options)
    assert [(test.verdict, test.score) for test in result.tests] == [("timeout", 0.0), ("passed", 5.0)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 kB, where this machine lets us make one."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_stops_the_command_and_loses_nothing(small_disk: Path, gradebook: Path) -> None:
    course = make_course(small_disk / "course", gradebook)
    for student in ("ada", "bob", "cleo"):
        hand_in(course, student)
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        left = shutil.disk_usage(small_disk).free
        file.write(b"x" * max(0, left - 24_000))
    with pytest.raises(CourseError, match="the disk is full"):
        class_run.grade(course, NAME, dataclasses.replace(OPTIONS, workers=1))
    assert not list(small_disk.rglob(".being-written-*"))
    filler.unlink()
    results = class_run.grade(course, NAME, OPTIONS)
    assert [(result.student, result.score) for result in results] == [
        ("ada", 15.0), ("bob", 15.0), ("cleo", 15.0),
    ]  # fmt: skip
    assert set(auto_scores(course)) == {"ada", "bob", "cleo"}


def kill_and_resume(course: Course, students: list[str], kills: int, seed: int) -> None:
    """Kill a run at `kills` random moments; the last run finishes, and nothing is lost, doubled or torn."""
    moments = random.Random(seed)
    command = [sys.executable, "-m", "autograder", "grade", NAME, "--course", str(course.root)]
    command += ["--isolation", "none", "--workers", "2"]
    for kill in range(kills):
        wanted = moments.randint(0, len(students) * (kill + 1) // (kills + 1))
        run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while run.poll() is None:
            if len(stored_results(course)) >= wanted and moments.random() < 0.02:
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(0.01)
        family = psutil.Process(run.pid).children(recursive=True) if run.poll() is None else []
        run.send_signal(signal.SIGKILL)
        run.wait()
        _, left = psutil.wait_procs(family, timeout=30)
        assert [process for process in left if process.is_running()] == []
        for student, result in stored_results(course).items():
            assert result.score == 15.0
            json.loads((course.autograded(student, NAME) / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    kept = set(stored_results(course))
    report = course.root / "results.json"
    subprocess.run([*command, "--json", str(report)], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    results = json.loads(report.read_text(encoding="utf-8"))["submissions"]
    assert [(result["student"], result["score"]) for result in results] == [(name, 15.0) for name in students]
    assert {result["student"] for result in results if result["reused"]} == kept
    assert set(auto_scores(course)) == set(students)
    assert not list(course.root.rglob(".being-written-*"))


def stored_results(course: Course) -> dict[str, SubmissionResult]:
    """What lies on the disk; a file that cannot be read whole fails the test."""
    results = {}
    for path in course.results(NAME).glob("*.json"):
        stored = read_result(path)
        assert stored is not None
        results[path.stem] = stored.result
    return results


def class_of(course: Course, count: int) -> list[str]:
    students = [f"s{number:02}" for number in range(count)]
    for student in students:
        hand_in(course, student)
    return students


def test_a_run_killed_at_three_random_moments_goes_on_where_it_was(tmp_path: Path, gradebook: Path) -> None:
    course = make_course(tmp_path / "course", gradebook)
    kill_and_resume(course, class_of(course, 8), kills=3, seed=random.SystemRandom().randrange(10**6))


@pytest.mark.slow
def test_a_run_killed_at_twenty_random_moments_goes_on_where_it_was(tmp_path: Path, gradebook: Path) -> None:
    course = make_course(tmp_path / "course", gradebook)
    kill_and_resume(course, class_of(course, 60), kills=20, seed=random.SystemRandom().randrange(10**6))
