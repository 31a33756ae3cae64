"""The gradebook on a real PostgreSQL server: every verb, two graders at once, restarts, and formgrader."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.pool import NullPool

from autograder import class_run, cli
from autograder.assignment import load_assignment
from autograder.class_options import Options, Progress
from autograder.course import Course
from autograder.course_settings import open_course
from autograder.nbgrader_bridge import opening, writer
from autograder.nbgrader_bridge.book import ClassGradebook, Entry
from autograder.nbgrader_bridge.database import GradebookError
from autograder.nbgrader_bridge.opening import Gradebook
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict
from tests import postgres_server, small_course
from tests.postgres_server import PostgresServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(postgres_server.missing()), reason=postgres_server.missing()),
]


@pytest.fixture(scope="module")
def running() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture
def server(running: PostgresServer) -> PostgresServer:
    """The server with an empty database."""
    ask(running.url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return running


def ask(url: str, *orders: str) -> list[Any]:
    """What the database answers to the last of these orders."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for order in orders:
            answer = connection.exec_driver_sql(order)
        return list(answer) if answer.returns_rows else []


def course_at(root: Path, url: str, name: str = "ps1") -> Course:
    small_course.make_course(root, name=name)
    (root / "nbgrader_config.py").write_text(f'c = get_config()\nc.CourseDirectory.db_url = "{url}"\n')
    return open_course(root)


def entry(student: str, points: float) -> Entry:
    tests = (
        TestResult("double_two", points, 10.0, Verdict.PASSED),
        TestResult("double_more", 5.0, 5.0, Verdict.PASSED),
    )
    hand = (HandGrade("why", None, 4.0),)
    return Entry(SubmissionResult(student, "ps1", Status.GRADED, tests=tests, hand_grades=hand))


def write_class(root: Path, students: list[str], name: str = "ps1") -> None:
    """Write a class, as a grader in a process of its own."""
    course = open_course(root)
    with ClassGradebook(course, load_assignment(course, name)) as book:
        for student in students:
            book.write(entry(student, 10.0))


def scores(url: str, name: str = "ps1") -> dict[str, float]:
    with Gradebook(url, "") as book:
        return {one.student.id: one.score for one in book.assignment_submissions(name)}


def test_every_verb_that_opens_the_gradebook_works_and_the_course_has_no_file(
    server: PostgresServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = course_at(tmp_path / "course", server.url)
    collected = small_course.hand_in(course, "bob", "def double(x):\n    return 4")
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as download:
        download.writestr("lovelaceada_101_5001_ps1.ipynb", collected.read_bytes())
    (tmp_path / "roster.csv").write_text('Student,ID,SIS Login ID\n"Lovelace, Ada",101,ada@x.edu\n')
    small_course.hand_in(course, "cyd")

    def run(verb: str, *words: str) -> str:
        capsys.readouterr()
        assert cli.main([*verb.split(), *words, "--course", str(course.root)]) == 0, verb
        return capsys.readouterr().out

    run(
        "collect",
        str(tmp_path / "submissions.zip"),
        "ps1",
        "--roster",
        str(tmp_path / "roster.csv"),
        "--id-column",
        "ID",
    )
    run("grade", "ps1", "--isolation", "none")
    with Gradebook(server.url, "") as book:
        assert book.find_student("101").first_name == "Ada"  # what collect learned
        book.update_or_create_assignment("ps1", duedate="2026-02-02 12:00:00 UTC")
    assert run("extension", "ps1", "--student", "cyd", "--days", "2") == "cyd: 2 days\n"
    assert run("extension", "ps1") == "cyd: 2 days\n"
    days = [
        (student, extra.total_seconds() / 86_400) for student, extra in ask(server.url, EXTRA_DAYS) if extra
    ]
    assert days == [("cyd", 2.0)]
    [page] = re.findall(r"^why: 3 of 3 wait\. Next: http://localhost:8888/(\S+)$", run("unread", "ps1"), re.M)
    [(found,)] = ask(server.url, f"SELECT count(*) FROM submitted_notebook WHERE id = '{page.split('/')[2]}'")
    assert found == 1
    assert "it meets 0 of those graded so far." in run("comment", "ps1", "nothing-found", "Look again.")
    links = run("serve links")
    assert [line.split("\t")[0] for line in links.splitlines()] == ["101", "bob", "cyd"]
    for words in (["feedback", "ps1"], ["report", "ps1"], ["report"], ["export", "csv", "ps1"]):
        run(*words)
    assert "3 graded (3 of these kept from before)." in run("grade", "ps1", "--isolation", "none")
    assert scores(server.url) == {"101": 12.0, "bob": 12.0, "cyd": 15.0}
    assert not course.gradebook.exists()
    assert "bob" in (course.root / "exports" / "ps1" / "ps1.csv").read_text(encoding="utf-8")


EXTRA_DAYS = (
    "SELECT student_id, extension FROM submitted_assignment JOIN assignment "
    "ON assignment.id = assignment_id ORDER BY student_id"
)


def test_two_graders_begin_with_an_empty_database_at_once_and_lose_nothing(
    server: PostgresServer, tmp_path: Path
) -> None:
    courses = [course_at(tmp_path / name, server.url) for name in ("morning", "evening")]
    shared = [f"both-{number}" for number in range(10)]
    spawned = multiprocessing.get_context("spawn")
    graders = [
        spawned.Process(
            target=write_class,
            args=(course.root, [*shared, *(f"{course.root.name}-{number}" for number in range(10))]),
        )
        for course in courses
    ]
    for grader in graders:
        grader.start()
    most = 0
    while any(grader.is_alive() for grader in graders):
        graders[0].join(0.2)
        most = max(most, connections(server.url))
    assert [grader.exitcode for grader in graders] == [0, 0]
    assert len(scores(server.url)) == 30
    assert set(scores(server.url).values()) == {15.0}
    assert most <= 4  # one of each grader, and one for the lock


def connections(url: str) -> int:
    """How many there are beside the one that asks."""
    return int(ask(url, "SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres'")[0][0]) - 1


def test_a_restart_between_two_results_is_not_noticed(server: PostgresServer, tmp_path: Path) -> None:
    course = course_at(tmp_path / "course", server.url)
    with ClassGradebook(course, load_assignment(course, "ps1")) as book:
        book.write(entry("ada", 10.0))
        server.stop()
        server.start()
        book.write(entry("bob", 4.0))
        server.stop()
        server.start()
        assert book.agrees(entry("ada", 10.0))
    assert scores(server.url) == {"ada": 15.0, "bob": 9.0}


def test_a_server_that_is_restarted_in_the_middle_of_a_run_costs_nothing(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_PATIENCE_S", 120.0)  # the server may start slowly on a busy machine

    def restart(progress: Progress) -> None:
        if progress.done in (2, 4):
            server.stop()
            server.start()
        elif progress.done == 6:  # the last: what waits is written when the server is there again
            server.stop()
            starting.start()

    starting = threading.Timer(1, server.start)
    course = course_at(tmp_path / "course", server.url)
    students = [f"s{number}" for number in range(6)]
    for student in students:
        small_course.hand_in(course, student)
    results = class_run.grade(course, "ps1", Options(isolation="none", workers=1), restart)
    starting.join()
    assert [one.status for one in results] == [Status.GRADED] * 6
    assert scores(server.url) == dict.fromkeys(students, 15.0)


def test_a_restart_in_the_middle_of_a_result_undoes_it_and_it_is_written_again_at_the_end(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_PATIENCE_S", 120.0)
    course = course_at(tmp_path / "course", server.url)
    students = [f"s{number}" for number in range(4)]
    for student in students:
        small_course.hand_in(course, student)
    write, set_grade = ClassGradebook.write, ClassGradebook._set_grade
    tried: list[str] = []
    standing: list[str] = []

    def stop_within(book: ClassGradebook, grade: Any, name: str, *rest: Any) -> None:
        set_grade(book, grade, name, *rest)
        if name == "double_two" and tried == ["s0", "s1"]:
            book._book.db.flush()  # student, submission and one score are with the server
            server.stop()

    def start_after_the_second_try(book: ClassGradebook, one: Entry) -> dict[str, str]:
        tried.append(one.result.student)
        try:
            return write(book, one)
        except GradebookError:
            if tried.count(one.result.student) == 2:
                server.start()
                standing.extend(student for (student,) in ask(server.url, "SELECT id FROM student"))
            raise

    monkeypatch.setattr(ClassGradebook, "_set_grade", stop_within)
    monkeypatch.setattr(ClassGradebook, "write", start_after_the_second_try)
    results = class_run.grade(course, "ps1", Options(isolation="none", workers=1))
    assert tried == ["s0", "s1", "s1", "s1", "s2", "s3"]
    assert standing == ["s0"]  # nothing of the result in whose middle the server went
    assert [one.status for one in results] == [Status.GRADED] * 4
    assert scores(server.url) == dict.fromkeys(students, 15.0)


@contextlib.contextmanager
def stopped(server: PostgresServer) -> Iterator[None]:
    """Nobody answers at the server's address."""
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextlib.contextmanager
def locked(server: PostgresServer) -> Iterator[None]:
    """Another grader keeps the gradebook."""
    with opening.only_writer(sqlalchemy.make_url(server.url)):
        yield


@pytest.mark.parametrize(
    ("hindered", "told"),
    [
        (stopped, "no database server answers there. Start it, or correct the address."),
        (locked, "another program is writing to the gradebook. Close it, or wait, and try again."),
    ],
)
def test_a_gradebook_that_cannot_be_written_is_told_and_the_next_run_writes_what_is_missing(
    server: PostgresServer,
    hindered: Callable[[PostgresServer], contextlib.AbstractContextManager[None]],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(opening, "_PATIENCE_S", 1)
    course = course_at(tmp_path / "course", server.url)
    small_course.hand_in(course, "ada")
    where = ["ps1", "--course", str(course.root), "--isolation", "none"]
    with hindered(server):
        assert cli.main(["grade", *where]) == cli.EXIT_USAGE
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"autograder grade: {server.url}: {told} Results already graded are kept in "
        f"{course.root}/.autograder; the same command goes on from there."
    )
    assert cli.main(["grade", *where]) == 0
    assert "1 graded (1 of these kept from before)." in capsys.readouterr().out
    assert scores(server.url) == {"ada": 15.0}


def test_a_database_that_is_not_there_is_named_with_the_command_that_makes_it(
    server: PostgresServer, tmp_path: Path
) -> None:
    url = server.url.removesuffix("postgres") + "grades"
    course = course_at(tmp_path / "course", url)
    with pytest.raises(GradebookError) as caught:
        ClassGradebook(course, load_assignment(course, "ps1"))
    assert str(caught.value).startswith(
        f"{url}: the server has no database grades. Make it there first: createdb grades Results"
    )


def test_between_two_results_no_transaction_stays_open(server: PostgresServer, tmp_path: Path) -> None:
    course = course_at(tmp_path / "course", server.url)
    with ClassGradebook(course, load_assignment(course, "ps1")) as book:
        book.write(entry("ada", 10.0))
        assert book.agrees(entry("ada", 10.0))
        states = ask(server.url, "SELECT state FROM pg_stat_activity WHERE datname = 'postgres'")
        assert sorted(state for (state,) in states) == ["active", "idle"]
    assert connections(server.url) == 0


def test_two_people_give_points_in_formgrader_while_two_graders_write(
    server: PostgresServer, tmp_path: Path
) -> None:
    live_jupyter = pytest.importorskip("tests.browser.live_jupyter", reason="the extra `test` is needed")
    course, evening = (course_at(tmp_path / name, server.url) for name in ("morning", "evening"))
    students = [f"s{number}" for number in range(8)]
    write_class(course.root, students)
    with contextlib.ExitStack() as servers:
        people = [
            servers.enter_context(
                live_jupyter.jupyter_server(
                    course.root,
                    ["--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True"],
                )
            ).url
            for _ in range(2)
        ]
        with Gradebook(server.url, "") as book:
            hand = {
                grade.student.id: grade.id
                for one in book.assignment_submissions("ps1")
                for grade in one.notebooks[0].grades
                if grade.name == "why"
            }
        halves = zip(people, (students[:4], students[4:]), strict=True)
        threads = [threading.Thread(target=give, args=(url, hand, half)) for url, half in halves]
        for thread in threads:
            thread.start()
        other = multiprocessing.get_context("spawn").Process(
            target=write_class, args=(evening.root, students)
        )
        other.start()
        write_class(course.root, students)
        for thread in (*threads, other):
            thread.join()
        assert other.exitcode == 0
        for url in people:
            rows = call(f"{url}/formgrader/api/students")
            assert {one["id"]: one["score"] for one in rows} == dict.fromkeys(students, 18.0)
        assert connections(server.url) <= 4
    assert scores(server.url) == dict.fromkeys(students, 18.0)


def test_two_grade_commands_beside_two_formgraders_outlive_a_restart_and_formgrader_is_started_again(
    server: PostgresServer, tmp_path: Path
) -> None:
    live_jupyter = pytest.importorskip("tests.browser.live_jupyter", reason="the extra `test` is needed")
    students = [*(f"s{number}" for number in range(9)), "waits"]
    box = Path(tempfile.mkdtemp(prefix="gate-"))  # submissions run as users who cannot enter tmp_path
    box.chmod(0o755)
    gate = box / "gate"
    last = f"import os, time\nwhile not os.path.exists({str(gate)!r}):\n    time.sleep(0.05)\n"
    courses = {name: course_at(tmp_path / name, server.url, name) for name in ("ps1", "ps2")}
    hand: dict[str, str] = {}
    for name, course in courses.items():
        write_class(course.root, students, name)  # an earlier run's, so that people have something to read
        for student in students:
            code = small_course.RIGHT if student != "waits" else last + small_course.RIGHT
            small_course.hand_in(course, student, code, name=name)
        with Gradebook(server.url, "") as book:
            for one in book.assignment_submissions(name):
                [grade] = [grade for grade in one.notebooks[0].grades if grade.name == "why"]
                hand[f"{name} {one.student.id}"] = grade.id

    def formgraders() -> Iterator[str]:
        for course in courses.values():
            started = live_jupyter.jupyter_server(
                course.root, ["--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True"]
            )
            yield jupyters.enter_context(started).url

    with contextlib.ExitStack() as ended, contextlib.ExitStack() as jupyters:
        ended.callback(shutil.rmtree, box)
        people = list(formgraders())
        graders = [ended.enter_context(grade_command(course, name)) for name, course in courses.items()]
        ended.callback(lambda: [grader.kill() for grader in graders])
        for url, name in zip(people, courses, strict=True):
            give(url, hand, [f"{name} {student}" for student in students[:4]])
        wait_for_results(courses, 2)
        assert connections(server.url) <= 2 * 2 + 2 * 2  # a grader's and its lock's, a formgrader's two
        server.stop()
        server.start()
        assert [grader.poll() for grader in graders] == [None, None]
        gate.touch()
        for url, name in zip(people, courses, strict=True):
            for _ in range(2):  # it keeps the broken connection, whatever is asked
                with pytest.raises(urllib.error.HTTPError) as caught:
                    give(url, hand, [f"{name} s4"])
                assert caught.value.code == 500
        jupyters.close()  # as a person would stop both, and start them again
        people = list(formgraders())
        for url, name in zip(people, courses, strict=True):
            give(url, hand, [f"{name} {student}" for student in students[4:]])
        printed = [grader.communicate()[0] for grader in graders]
        assert [grader.returncode for grader in graders] == [0, 0], printed
        for url, name in zip(people, courses, strict=True):
            rows = call(f"{url}/formgrader/api/submissions/{name}")
            assert {one["student"]: one["score"] for one in rows} == dict.fromkeys(students, 18.0)
    for name in courses:
        assert scores(server.url, name) == dict.fromkeys(students, 18.0)


def grade_command(course: Course, name: str) -> subprocess.Popen[str]:
    """`autograder grade`, begun."""
    words = [name, "--course", str(course.root), "--isolation", "none", "--workers", "1"]
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for_results(courses: dict[str, Course], number: int) -> None:
    """Return when each course has this many results."""
    while any(len(list(course.results(name).glob("*.json"))) < number for name, course in courses.items()):
        threading.Event().wait(0.05)


def give(url: str, grades: dict[str, str], students: list[str]) -> None:
    """Give each of the students three points for the answer, as formgrader's page does."""
    for student in students:
        call(f"{url}/formgrader/api/grade/{grades[student]}", {"manual_score": 3.0, "extra_credit": None})


def call(url: str, change: dict[str, Any] | None = None) -> Any:
    """What formgrader's own interface answers."""
    request = urllib.request.Request(
        url,
        data=None if change is None else json.dumps(change).encode(),
        method="GET" if change is None else "PUT",
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)
