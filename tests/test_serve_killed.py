"""The service killed at random moments while students hand in: what was accepted is there, each once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autograder.serve.bounds import Bounds
from autograder.serve.links import Links, Person
from autograder.serve.queue import Queue, serve_folder
from tests import small_course
from tests.small_course import NAME

httpx = pytest.importorskip("httpx", reason="httpx is not installed (the extra `test`)")
pytest.importorskip("uvicorn", reason="the service's packages are not installed (the extra `serve`)")

ROOT = Path(__file__).resolve().parents[1]
ROUNDS, STUDENTS = 3, 8
ROOMY = "Bounds(apart_s=0.0, tries=10**6, waiting=10**6, waiting_each=10**6, bytes_each=10**9)"
SERVICE = f"""
import socket, sys, time, uvicorn
from pathlib import Path
from autograder.course import Course
from autograder.serve.bounds import Bounds
from tests.serve_client import Served
served = Served(Course(Path(sys.argv[1])), {ROOMY})
served.queue._clock = time.time
with socket.create_server(("127.0.0.1", 0)) as listening:
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(served.app, lifespan="off", log_level="critical", ws="none")
    uvicorn.Server(config).run([listening])
"""


class Students:
    """Hand in one notebook after another, and send again what nobody has acknowledged."""

    def __init__(self, links: Links) -> None:
        self.tokens = {f"s{number}": links.token(Person(f"s{number}"), 1) for number in range(STUDENTS)}
        self.next = dict.fromkeys(self.tokens, 0)
        self.acknowledged: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def hand_in_until_killed(self, port: int, process: subprocess.Popen[str], after: int) -> None:
        """All of them at once; the process is killed when so many more notebooks were acknowledged."""
        last = len(self.acknowledged) + after
        threads = [
            threading.Thread(target=self._hand_in, args=(port, name, process, last)) for name in self.tokens
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _hand_in(self, port: int, name: str, process: subprocess.Popen[str], last: int) -> None:
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        with httpx.Client(trust_env=False, timeout=60.0, headers=headers) as client:
            while True:
                content = b'{"n": %d, "by": "%s"}' % (self.next[name], name.encode()) + b" " * 20_000
                address = f"http://127.0.0.1:{port}/api/submissions?assignment={NAME}"
                try:
                    answer = client.post(address, content=content)
                except httpx.TransportError:
                    return
                assert answer.status_code in (200, 201), answer.text
                with self._lock:
                    self.acknowledged[answer.json()["id"]] = content
                    if len(self.acknowledged) >= last:
                        process.send_signal(signal.SIGKILL)
                self.next[name] += 1


@pytest.mark.slow
def test_what_was_acknowledged_is_in_the_queue_once_however_often_the_service_was_killed(
    tmp_path: Path,
) -> None:
    course = small_course.make_course(tmp_path)
    students = Students(Links(serve_folder(course)))
    chance = random.Random(5)
    for _ in range(ROUNDS):
        command = [sys.executable, "-c", SERVICE, str(course.root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            students.hand_in_until_killed(port, process, chance.randint(5, 60))
            process.kill()
    queue = Queue(serve_folder(course), Bounds())
    there = {entry.id: queue.content(entry) for entry in queue.waiting()}
    assert {id_: there.get(id_) for id_ in students.acknowledged} == students.acknowledged
    works = [(entry.student, entry.digest) for entry in queue.waiting()]
    assert len(set(works)) == len(works)
    assert not list((serve_folder(course) / "queue").glob(".being-written-*"))
