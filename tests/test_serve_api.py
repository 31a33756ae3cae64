"""The API against its own description: schemathesis makes requests up and checks every answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from autograder.serve.bounds import Bounds
from autograder.verdicts import Status
from tests import small_course

pytest.importorskip("starlette", reason="the service's packages are not installed (the extra `serve`)")
uvicorn = pytest.importorskip("uvicorn", reason="the service's packages are not installed (extra `serve`)")
schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed (the extra `test`)")

EXAMPLES = 15
OPERATIONS = [
    ("GET", "/api/live"),
    ("GET", "/api/submissions"),
    ("GET", "/api/submissions/{id}"),
    ("GET", "/api/submissions/{id}/result"),
    ("GET", "/feedback/{id}"),
    ("GET", "/health"),
    ("GET", "/metrics"),
    ("POST", "/api/session"),
    ("POST", "/api/submissions"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from tests.serve_client import PASSED, Served, graded

    course = small_course.make_course(tmp_path_factory.mktemp("served"))
    roomy = Bounds(apart_s=0.0, tries=10_000, waiting=10_000, waiting_each=10_000)
    made = Served(course, roomy)
    made.hand_in("ada")
    made.finish(graded("ada", PASSED))
    return made


@pytest.fixture(scope="module")
def description(served: Any) -> Iterator[Any]:
    """What the service itself says, asked over a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(served.app, lifespan="off", log_level="critical", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            port = listening.getsockname()[1]
            yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/api/openapi.json")
        finally:
            server.should_exit = True
            thread.join()


def test_every_address_of_the_description_is_tried(description: Any) -> None:
    found = [found.ok() for found in description.get_all_operations()]
    assert sorted((one.method.upper(), one.path) for one in found) == OPERATIONS


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_one_that_the_description_names(
    description: Any, served: Any, method: str, path: str
) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import negative_data_rejection

    # What is no notebook is accepted, too: the grader says why it cannot be read. The grader was not started,
    # so the service stands still.
    excluded = [negative_data_rejection, *([not_a_server_error] if path == "/health" else [])]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=description[path][method].as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(headers=served.bearer("ada"), excluded_checks=excluded)

    ask()


class TestRealAnswers:
    """Each answer with content, as a student or an instructor gets it, against the description."""

    @pytest.fixture
    def own(self, tmp_path: Path) -> Any:
        """A service without a grader, and a deadline that has not passed."""
        from tests.serve_client import Served

        return Served(small_course.make_course(tmp_path))

    def _is_described(self, description: Any, method: str, path: str, answer: Any, status: int) -> Any:
        """The answer is the one that the description names for its status; its content."""
        assert answer.status_code == status, answer.text
        operation = description[path][method]
        assert str(status) in operation.definition.raw["responses"]
        operation.validate_response(answer)
        return answer

    def test_of_a_submission_from_its_acceptance_to_its_feedback(self, description: Any, own: Any) -> None:
        from tests.serve_client import PARTIAL, PASSED, graded

        def check(path: str, status: int) -> Any:
            answer = own.get(path.replace("{id}", entry["id"]), "bob")
            return self._is_described(description, "GET", path, answer, status)

        posted = self._is_described(description, "POST", "/api/submissions", own.hand_in("bob"), 201)
        again = self._is_described(description, "POST", "/api/submissions", own.hand_in("bob"), 200)
        entry = posted.json()
        assert again.json()["id"] == entry["id"]
        assert check("/api/submissions/{id}", 200).json()["state"] == "waiting"
        assert check("/api/submissions/{id}/result", 202).json()["place"] == 1
        check("/feedback/{id}", 202)
        own.finish(graded("bob", PASSED, PARTIAL))
        assert check("/api/submissions/{id}", 200).json()["state"] == "done"
        tests = check("/api/submissions/{id}/result", 200).json()["tests"]
        assert [(one["verdict"], one["score"]) for one in tests] == [("passed", 10.0), ("later", None)]
        assert "1 more has passed what you can see of it" in check("/feedback/{id}", 200).text
        assert len(check("/api/submissions", 200).json()["submissions"]) == 1

    @pytest.mark.parametrize("status", ["rejected", "internal-error"])
    def test_of_a_result_without_points(self, description: Any, own: Any, status: str) -> None:
        from tests.serve_client import graded

        entry = own.hand_in("bob").json()
        own.finish(graded("bob", status=Status(status)))
        answer = own.get(f"/api/submissions/{entry['id']}/result", "bob")
        told = self._is_described(description, "GET", "/api/submissions/{id}/result", answer, 200)
        assert (told.json()["status"], told.json()["score"]) == (status, None)

    def test_of_the_page_for_instructors(self, description: Any, own: Any) -> None:
        from tests.serve_client import PASSED, graded

        for student in ("ada", "bob", "eve"):
            own.hand_in(student)
        own.finish(graded("ada", PASSED))
        own.finish(graded("bob", status=Status.REJECTED))
        answer = own.get("/api/live", "grace", "instructor")
        live = self._is_described(description, "GET", "/api/live", answer, 200).json()
        assert (live["waiting"], len(live["last"]), len(live["attention"])) == (1, 2, 1)

    def test_a_key_too_many_would_be_found(self, description: Any, own: Any) -> None:
        answer = own.hand_in("bob")
        more = httpx.Response(201, json=answer.json() | {"more": 1}, request=answer.request)
        more.elapsed = answer.elapsed
        with pytest.raises(Exception, match="more"):
            self._is_described(description, "POST", "/api/submissions", more, 201)
