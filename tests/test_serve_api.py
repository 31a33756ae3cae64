"""The API against its own description: schemathesis makes requests up and checks every answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from autograder.serve.bounds import Bounds
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
