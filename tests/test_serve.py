"""The service as a process: what it refuses, what a kill costs (nothing), and other verbs beside it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.cli import serve
from autograder.course import Course
from autograder.serve.bounds import Bounds
from autograder.serve.links import Links, Person
from autograder.serve.queue import Queue, serve_folder
from autograder.storage import BusyError, is_wanted, only_run, only_service, turn_sentence
from tests import small_course
from tests.small_course import NAME, RIGHT

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 600.0
LINKS = " Personal links: autograder serve links --course {} --address https://grader.school.example"


def run(capsys: pytest.CaptureFixture[str], course: Course, *words: str) -> str:
    assert cli.main(["serve", "--course", str(course.root), *words]) == cli.EXIT_USAGE
    return capsys.readouterr().err


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course.make_course(tmp_path)


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)


@pytest.fixture
def as_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "prometheus_client"])
def test_without_its_packages_one_sentence_says_what_to_install(package: str, course: Course) -> None:
    """In a process of its own: what is imported anew here would be in the way of other tests."""
    code = (
        "import sys\n"
        f"sys.modules[{package!r}] = None\n"
        "from autograder import cli\n"
        f"sys.exit(cli.main(['serve', '--course', {str(course.root)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == cli.EXIT_USAGE
    assert re.sub(r"\([\w.]+\)", "(PACKAGE)", done.stderr) == (
        "autograder serve: the service needs packages that are not installed (PACKAGE). Install them: "
        "python -m pip install starlette uvicorn prometheus-client\n"
    )
    assert f"({package}" in done.stderr


def test_two_runs_that_take_turns_wait_and_a_plain_run_does_not(course: Course) -> None:
    with only_run(course, takes_turns=True):
        waited = threading.Event()

        def wait() -> None:
            with only_run(course):
                waited.set()

        thread = threading.Thread(target=wait)
        thread.start()
        assert not waited.wait(0.3)
    thread.join()
    assert waited.is_set()
    with only_run(course), pytest.raises(BusyError, match="another run is grading"):  # noqa: SIM117
        with only_run(course, takes_turns=True):
            raise AssertionError


def test_who_holds_the_course_in_turns_hears_that_another_run_waits(course: Course) -> None:
    with only_run(course, takes_turns=True):
        assert not is_wanted(course)
        assert turn_sentence(course) == (
            f"The hand-in service (process {os.getpid()}) is grading. This run begins when it has finished "
            "the submissions that it has begun."
        )
        began, may_end = threading.Event(), threading.Event()

        def grade() -> None:
            with only_run(course):
                began.set()
                may_end.wait()

        thread = threading.Thread(target=grade)
        thread.start()
        while not is_wanted(course):
            assert not began.wait(0.05)
    assert began.wait(PATIENCE_S)
    assert not is_wanted(course)
    assert turn_sentence(course) == "", "a plain run is no service"
    may_end.set()
    thread.join()
    assert turn_sentence(course) == ""


@pytest.mark.parametrize(("with_links", "how"), [(True, LINKS), (False, "")])
def test_who_starts_it_reads_how_to_make_links_where_there_are_any(
    tmp_path: Path, with_links: bool, how: str
) -> None:
    assert serve._opened(Course(tmp_path), "https://grader.school.example", with_links=with_links) == (
        f"https://grader.school.example/ takes notebooks.{how.format(tmp_path)}\n"
        "Stop with Ctrl-C; what was accepted is kept."
    )


@pytest.mark.parametrize(("words", "notebook", "each"), [([], 20, 50), (["--most-mb", "60"], 60, 60)])
def test_the_largest_notebook_finds_room_in_its_students_part_of_the_queue(
    words: list[str], notebook: int, each: int
) -> None:
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    bounds = serve._bounds(parser.parse_args(words))
    assert (bounds.notebook_bytes, bounds.bytes_each) == (notebook * 1_000_000, each * 1_000_000)


class TestRefused:
    """Before anything is served."""

    @pytest.fixture(autouse=True)
    def _packages(self) -> None:
        for package in ("starlette", "uvicorn", "prometheus_client"):
            pytest.importorskip(package, reason="the service's packages are not installed (extra `serve`)")

    def test_root(self, course: Course, as_root: None, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(capsys, course) == (
            "autograder serve: the service does not run as root: a fault in it would be one in everything. "
            "Start it as a user who owns the course, or say --root-in-container where root is a container's "
            "own.\n"
        )

    def test_an_address_that_others_reach_without_https(
        self, course: Course, as_a_user: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(capsys, course, "--host", "0.0.0.0", "--address", "http://grader.school.example") == (
            "autograder serve: --host 0.0.0.0 can be reached from other machines, and without https anybody "
            "on the way reads links and notebooks. Put a proxy with https before it and name its address: "
            "--address https://grader.school.example\n"
        )

    def test_a_tier_that_this_machine_does_not_have(
        self,
        course: Course,
        as_a_user: None,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        from autograder.sandbox import SandboxError, selfcheck

        asked = []

        def require(tier: str) -> str:
            asked.append(tier)
            raise SandboxError("it does not hold.")

        monkeypatch.setattr(selfcheck, "require", require)
        assert run(capsys, course) == "autograder serve: it does not hold.\n"
        assert asked == ["full"], "no lower tier is taken by itself"

    def test_a_second_service(
        self, course: Course, as_a_user: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with only_service(course, serve_folder(course)):
            said = run(capsys, course, "--isolation", "none")
        assert said == (
            f"autograder serve: a service runs for {course.root} already (process {os.getpid()}). Stop it "
            "first.\n"
        )

    def test_a_header_without_an_address_to_trust(
        self, course: Course, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(capsys, course, "--user-header", "X-Remote-User") == (
            "autograder serve: --user-header is believed from a proxy alone: name where it connects from, "
            "--trust 127.0.0.1\n"
        )

    def test_a_port_that_is_taken(
        self, course: Course, as_a_user: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            said = run(capsys, course, "--isolation", "none", "--port", str(port))
        assert said == (
            f"autograder serve: 127.0.0.1:{port} cannot be used: Address already in use. Name another port: "
            "--port 8766\n"
        )

    def test_a_connection_that_sends_no_whole_head(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import uvicorn

        from autograder.serve import run as running

        monkeypatch.setattr(running, "_HEAD_S", 0.2)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            raise AssertionError

        async def ask() -> bytes:
            config = uvicorn.Config(app, http=running.PatientProtocol, lifespan="off", log_level="critical")
            with socket.create_server(("127.0.0.1", 0)) as listening:
                server = uvicorn.Server(config)
                serving = asyncio.create_task(server.serve(sockets=[listening]))
                reader, writer = await asyncio.open_connection(*listening.getsockname())
                writer.write(b"GET / HTTP/1.1\r\nHost: 127")
                answer = await reader.read()
                writer.close()
                server.should_exit = True
                await serving
                return answer

        from tests.serve_client import finished

        assert finished(ask) == b""


class Running:
    """A service as a process of its own; killed at the end."""

    def __init__(
        self, course: Course, workers: int = 1, program: tuple[str, ...] = ("-m", "autograder")
    ) -> None:
        words = ["serve", "--course", str(course.root), "--port", "0", "--isolation", "none"]
        words += ["--root-in-container", "--seconds-apart", "0", "--tell", "all", "--workers", str(workers)]
        self.process = subprocess.Popen(
            [sys.executable, *program, *words], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().partition(" ")[0].rstrip("/")
        self._links = Links(serve_folder(course))

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ask(self, path: str, student: str, content: bytes | None = None) -> Any:
        """The JSON of an answer."""
        import httpx

        token = self._links.token(Person(student), 1)
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(trust_env=False, timeout=60.0, base_url=self.address, headers=headers) as client:
            return (client.get(path) if content is None else client.post(path, content=content)).json()

    def result(self, entry: Any, student: str) -> Any:
        """The result of a submission, when it is there."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            told = self.ask(f"/{entry['result']}", student)
            if "score" in told:
                return told
            time.sleep(0.5)
        raise AssertionError(self.ask("/health", student))


@pytest.fixture
def running(course: Course) -> Iterator[list[Running]]:
    """Services that a test starts; the last one is ended."""
    services: list[Running] = []
    yield services
    services[-1].kill()


@pytest.mark.slow
def test_what_was_accepted_is_graded_after_kill_9_and_grade_works_beside_the_service(
    course: Course, running: list[Running]
) -> None:
    pytest.importorskip("uvicorn", reason="the service's packages are not installed (the extra `serve`)")
    wrong = "def double(x):\n    return x"
    work = {"ada": RIGHT, "bob": wrong, "eve": RIGHT}
    running.append(Running(course))
    asked = f"/api/submissions?assignment={NAME}"
    accepted = {
        student: running[0].ask(asked, student, notebook(solution)) for student, solution in work.items()
    }
    running[0].kill()
    running.append(Running(course))
    command = [sys.executable, "-m", "autograder", "grade", NAME, "--course", str(course.root)]
    small_course.hand_in(course, "zoe")
    beside = subprocess.run(
        [*command, "--isolation", "none", "--student", "zoe"], capture_output=True, text=True, cwd=ROOT
    )
    assert beside.returncode == 0, beside.stderr
    assert re.sub(r" +\d+\.\d s", " SECONDS", beside.stdout) == (
        "Your own solution gets full points, and all 2 tests run outside the student's process.\n"
        "zoe      15/19 SECONDS  4 points by hand\n"
        "1 graded. Isolation: none.\n"
    )
    warned = "Isolation none: students' code runs with your rights. Only for notebooks you trust.\n"
    waits = (
        f"The hand-in service (process {running[1].process.pid}) is grading. This run begins when it has "
        "finished the submissions that it has begun.\n"
    )
    assert beside.stderr in (warned + waits, warned), "it waits where the service is just grading"
    told = {student: running[1].result(entry, student) for student, entry in accepted.items()}
    assert {student: one["score"] for student, one in told.items()} == {"ada": 15.0, "bob": 2.0, "eve": 15.0}
    assert [running[1].ask(f"/{entry['result']}", "zoe") for entry in accepted.values()] == [
        {"error": "There is no such submission of yours."}
    ] * 3
    verb = [sys.executable, "-m", "autograder"]
    root = course.root
    for words, said in (
        (
            ["feedback", NAME],
            f"4 feedback pages in {root}/feedback.\n"
            "4 of them still wait for hand grading. When that is done, "
            f"write again: autograder feedback {NAME} --course {root}\n",
        ),
        (
            ["report", NAME],
            f"{root}/reports/{NAME}/report.html: 4 submissions, 4 graded.\n"
            "4 wait for hand grading; scores are provisional.\n",
        ),
        (
            ["export", "json", NAME],
            f"{root}/exports/{NAME}/{NAME}.json\nNote: 4 scores are provisional: a written answer is not "
            "graded yet. --finished-only leaves them out.\n",
        ),
    ):
        there = subprocess.run(
            [*verb, *words, "--course", str(root)], capture_output=True, text=True, cwd=ROOT
        )
        assert (there.returncode, there.stdout, there.stderr) == (0, said, "")
    assert {path.parent.parent.name for path in root.glob(f"feedback/*/{NAME}/*.html")} == {
        *work,
        "zoe",
    }
    for student in (*work, "zoe"):
        stored = json.loads((course.results(NAME) / f"{student}.json").read_text(encoding="utf-8"))
        assert stored["score"] == (2.0 if student == "bob" else 15.0)


@pytest.mark.slow
def test_a_notebook_that_sleeps_holds_up_its_own_worker_alone(course: Course, running: list[Running]) -> None:
    pytest.importorskip("uvicorn", reason="the service's packages are not installed (the extra `serve`)")
    (course.root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Execute.timeout = {PATIENCE_S:.0f}\n", encoding="utf-8"
    )
    running.append(service := Running(course, workers=2))
    asked = f"/api/submissions?assignment={NAME}"
    sleeper = service.ask(asked, "sleeper", notebook("import time\ntime.sleep(100_000)"))
    others = [f"s{number}" for number in range(6)]
    accepted = {student: service.ask(asked, student, notebook(RIGHT)) for student in others}
    assert {service.result(entry, student)["score"] for student, entry in accepted.items()} == {15.0}
    assert service.ask(f"/api/submissions/{sleeper['id']}", "sleeper")["state"] == "running"
    later = service.ask(asked, "later", notebook(RIGHT))
    assert service.result(later, "later")["score"] == 15.0


PATIENT = f"""
import sys
from autograder import cli
from autograder.serve import run
run._GOODBYE_S = {PATIENCE_S}
sys.exit(cli.main())
"""


@pytest.mark.slow
def test_a_service_that_is_ended_waits_for_what_is_being_graded(
    course: Course, running: list[Running]
) -> None:
    pytest.importorskip("uvicorn", reason="the service's packages are not installed (the extra `serve`)")
    running.append(service := Running(course, program=("-c", PATIENT)))
    slow = notebook(f"import time\ntime.sleep(8)\n{RIGHT}")
    entry = service.ask(f"/api/submissions?assignment={NAME}", "ada", slow)
    while service.ask(f"/api/submissions/{entry['id']}", "ada")["state"] == "waiting":
        time.sleep(0.1)
    assert service.ask(f"/api/submissions/{entry['id']}", "ada")["state"] == "running"
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(PATIENCE_S) == 0
    queue = Queue(serve_folder(course), Bounds())
    assert (queue.waiting(), [one.id for one, _ in queue.finished(9)]) == ([], [entry["id"]])


def notebook(solution: str) -> bytes:
    return small_course.notebook(*small_course.submitted_cells(solution)).encode()
