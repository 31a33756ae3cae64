"""The service's addresses: what is answered to whom, and what is refused; nothing is graded here."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.nbgrader_bridge.extensions import DueDate
from autograder.serve.bounds import Bounds
from tests import small_course
from tests.small_course import NAME

pytest.importorskip("starlette", reason="the service's packages are not installed (the extra `serve`)")
pytest.importorskip("uvicorn", reason="the service's packages are not installed (the extra `serve`)")

from autograder.serve.people import COOKIE, Proxy
from tests.serve_client import ADDRESS, BOUNDS, PARTIAL, PASSED, Client, Served, finished, graded

SAME = {"Origin": ADDRESS}
NOT_THERE = {"error": "There is no such submission of yours."}
NO_LINK = {
    "error": "Open the personal link that your instructor sent you; this one is missing, has ended or was "
    "revoked."
}
Make = Callable[..., Served]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(*arguments: Any, **told: Any) -> Served:
        return Served(small_course.make_course(tmp_path), *arguments, **told)

    return made


@pytest.fixture
def served(make: Make) -> Served:
    return make()


def test_what_runs_again_is_said_to_and_waits_behind_the_others(served: Served) -> None:
    entry, *others = (served.hand_in(student).json() for student in ("ada", "bob", "eve"))
    served.queue.take(served.queue.find(entry["id"]))
    served.queue.put_back(served.queue.find(entry["id"]))
    shown = [
        served.get(f"/api/submissions/{one['id']}", "t", "instructor").json() for one in (entry, *others)
    ]
    assert [(one["state"], one["place"], one["again"]) for one in shown] == [
        ("waiting", 3, True), ("waiting", 1, False), ("waiting", 2, False)
    ]  # fmt: skip


def test_from_accepted_to_result(served: Served) -> None:
    answer = served.hand_in("ada")
    assert answer.status_code == 201
    entry = answer.json()
    assert entry == {
        "id": entry["id"],
        "assignment": "ps1",
        "notebook": "ps1",
        "accepted_at": "1970-01-01T00:16:40+00:00",
        "state": "waiting",
        "place": 1,
        "again": False,
        "seconds_left": 5.0,
        "tries_left": 19,
        "result": f"api/submissions/{entry['id']}/result",
        "feedback": f"feedback/{entry['id']}",
    }
    assert served.get(f"/{entry['result']}", "ada").status_code == 202
    assert served.get(f"/{entry['feedback']}", "ada").status_code == 202
    served.finish(graded("ada", PASSED, PARTIAL))
    told = served.get(f"/{entry['result']}", "ada").json()
    assert (told["id"], told["told"], told["score"], told["max_score"]) == (
        entry["id"],
        "visible",
        10.0,
        10.0,
    )
    page = served.get(f"/{entry['feedback']}", "ada").text
    assert "10 of 10 points so far" in page
    assert "one of two" not in page + str(told)
    assert "the whole page" not in page


def test_the_same_notebook_again_is_200_and_the_same_submission(served: Served) -> None:
    first, again = served.hand_in("ada"), served.hand_in("ada")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_student_reads_the_own_deadline_and_whether_it_has_passed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime.datetime(2026, 1, 31, 22, 0, tzinfo=datetime.UTC)
    work = {"assignment": NAME, "notebook": NAME, "tries_left": 20}
    asked = served.get("/api/submissions", "ada").json()["assignments"]
    assert asked == [work | {"due": None, "is_past_due": False}]
    monkeypatch.setattr(served.grader, "_due", {NAME: DueDate(moment, {"bob": 100_000.0})})
    asked = served.get("/api/submissions", "ada").json()["assignments"]
    assert asked == [work | {"due": "2026-01-31T22:00:00+00:00", "is_past_due": True}]
    asked = served.get("/api/submissions", "bob").json()["assignments"]
    assert asked == [work | {"due": "2299-11-16T22:00:00+00:00", "is_past_due": False}]
    assert served.hand_in("ada").status_code == 201, "late, and accepted"


def test_a_course_that_tells_everything_shows_the_whole_page(make: Make) -> None:
    served = make(everything=True)
    entry = served.hand_in("ada").json()
    served.finish(graded("ada", PASSED, PARTIAL))
    assert served.get(f"/{entry['result']}", "ada").json()["score"] == 12.0
    assert served.get(f"/{entry['feedback']}", "ada").text == "<p>the whole page</p>"


@pytest.mark.parametrize("path", ["api/submissions/{}", "api/submissions/{}/result", "feedback/{}"])
def test_nobody_sees_anothers_work_and_an_instructor_sees_all(served: Served, path: str) -> None:
    entry = served.hand_in("ada").json()
    served.finish(graded("ada", PASSED))
    mine, others = "/" + path.format(entry["id"]), "/" + path.format("0" * 24)
    assert served.get(mine, "ada").status_code == 200
    assert served.get(mine, "grace", "instructor").status_code == 200
    stranger, nothing = served.get(mine, "bob"), served.get(others, "bob")
    assert (stranger.status_code, nothing.status_code) == (404, 404)
    assert stranger.text == nothing.text, "whether it exists is not told either"
    assert served.client.get(mine).status_code == 401


def test_a_student_named_as_the_instructor_is_no_instructor(served: Served) -> None:
    assert served.get("/api/live", "grace").status_code == 403
    assert served.get("/api/live", "grace", "instructor").status_code == 200


def test_who_has_no_link_reads_what_to_do(served: Served) -> None:
    for answer in (
        served.client.get("/api/submissions"),
        served.client.post("/api/submissions", params={"assignment": NAME}, content=b"{}", headers=SAME),
        served.client.get("/api/live"),
    ):
        assert (answer.status_code, answer.json()) == (401, NO_LINK)
    assert NO_LINK["error"] in served.client.get("/feedback/" + "0" * 24).text


def test_a_link_becomes_a_cookie_that_no_script_and_no_other_site_can_use(served: Served) -> None:
    token = served.bearer("ada")["Authorization"].partition(" ")[2]
    answer = served.client.post("/api/session", content=token, headers=SAME)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert served.client.get("/api/submissions").json()["name"] == "ada"
    assert served.client.post("/api/session", content="x.y", headers=SAME).status_code == 401


def test_behind_https_the_cookie_goes_by_https_only(make: Make) -> None:
    served = make(address="https://grader.school.example")
    token = served.bearer("ada")["Authorization"].partition(" ")[2]
    own = {"Origin": "https://grader.school.example"}
    answer = served.client.post("/api/session", content=token, headers=own)
    assert "Secure" in answer.headers["set-cookie"].split("; ")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8766"},
        {"Origin": "http://[broken"},
        SAME | {"Sec-Fetch-Site": "cross-site"},
        SAME | {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_hands_in_nothing(served: Served, headers: dict[str, str]) -> None:
    served.client.cookies.set(COOKIE, served.bearer("ada")["Authorization"].partition(" ")[2])
    asked = {"assignment": NAME}
    answer = served.client.post("/api/submissions", params=asked, content=b"{}", headers=headers)
    assert answer.status_code == 403
    assert served.queue.waiting() == []
    assert (
        served.client.post("/api/submissions", params=asked, content=b"{}", headers=SAME).status_code == 201
    )


def test_a_name_that_was_pointed_at_this_address_is_refused(served: Served) -> None:
    answer = served.client.get("/health", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "This service does not have that name. Start it with --address URL."},
    )


@pytest.mark.parametrize("path", ["/", "/live", "/health", "/metrics", "/api/openapi.json", "/nothing"])
def test_every_answer_keeps_other_sites_out_and_tells_no_site_where_it_was(served: Served, path: str) -> None:
    headers = served.client.get(path).headers
    assert {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
    }.items() <= dict(headers).items()
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "server" not in headers


def test_a_feedback_page_runs_nothing_and_has_no_origin(served: Served) -> None:
    entry = served.hand_in("ada").json()
    served.finish(graded("ada", PASSED))
    policy = served.get(f"/{entry['feedback']}", "grace", "instructor").headers["content-security-policy"]
    assert "script-src" not in policy
    assert "sandbox;" in policy


@pytest.mark.parametrize("path", ["/", "/live"])
def test_a_page_runs_its_own_script_and_loads_nothing_from_elsewhere(served: Served, path: str) -> None:
    answer = served.client.get(path)
    assert "script-src 'sha256-" in answer.headers["content-security-policy"]
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert " src=" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        {"assignment": "../ps1"},
        {"assignment": "ps1/../../etc"},
        {"assignment": ""},
        {"assignment": "ps1\x00"},
        {"assignment": ".autograder"},
        {"notebook": "../../source/ps1/ps1"},
        {"notebook": "/etc/passwd"},
        {"notebook": "ps1.ipynb"},
    ],
)
def test_a_name_that_is_a_path_leads_nowhere(served: Served, query: dict[str, str]) -> None:
    assert served.hand_in("ada", **query).status_code in (400, 404)
    assert served.queue.waiting() == []


@pytest.mark.parametrize("id_", ["..%2f..%2fkey", "%2e%2e/key", "key", "%2e%2e", "0" * 24 + ".html"])
def test_an_id_that_is_a_path_leads_nowhere(served: Served, id_: str) -> None:
    assert served.get(f"/feedback/{id_}", "grace", "instructor").status_code == 404


def test_only_what_is_released_can_be_handed_in_where_anything_is(served: Served) -> None:
    other = served.course.source("later")
    other.mkdir()
    (other / "later.ipynb").write_text(small_course.notebook(), encoding="utf-8")
    served.course.release(NAME).mkdir(parents=True)
    assert [one["assignment"] for one in served.get("/api/submissions", "ada").json()["assignments"]] == [
        NAME
    ]
    assert served.hand_in("ada", assignment="later").status_code == 404


def test_a_notebook_that_is_too_large_or_empty_is_refused(make: Make) -> None:
    served = make(Bounds(apart_s=0.0, notebook_bytes=10))
    answer = served.hand_in("ada", b"x" * 11)
    assert answer.status_code == 413
    assert answer.json() == {"error": "That is larger than 10 bytes. Clear the outputs and save."}

    async def without_length() -> AsyncIterator[bytes]:
        for part in [b"x" * 6] * 2:
            yield part

    path = f"/api/submissions?assignment={NAME}"
    assert served.client.post(path, content=without_length(), headers=served.bearer("ada")).status_code == 413
    assert served.hand_in("ada", b"").json() == {
        "error": "The file is empty. Save the notebook, and hand it in again."
    }
    assert served.queue.waiting() == []


def test_a_body_that_does_not_come_in_time_is_refused(make: Make) -> None:
    from starlette.exceptions import HTTPException
    from starlette.requests import Request

    from autograder.serve.requests import read_body

    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    with pytest.raises(HTTPException) as caught:
        finished(lambda: read_body(Request(scope, never), 10, 0.01))
    assert (caught.value.status_code, caught.value.detail) == (
        408,
        "The notebook did not arrive within 0.01 seconds. Hand in again.",
    )


def test_a_full_queue_answers_503_with_the_time_to_come_again(make: Make) -> None:
    served = make(Bounds(apart_s=0.0, waiting=1))
    served.hand_in("ada")
    answer = served.hand_in("bob")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert 'autograder_submissions_refused_total{status="503"} 1.0' in served.client.get("/metrics").text


def test_a_disk_that_takes_nothing_answers_503_and_accepts_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space")))
    answer = served.hand_in("ada")
    assert answer.status_code == 503
    assert answer.json() == {
        "error": "The service cannot write at the moment, so your notebook was not accepted. Try later."
    }


def proxy(*instructors: str) -> Proxy:
    return Proxy("X-Remote-User", (ipaddress.ip_network("10.1.0.0/16"),), frozenset(instructors))


def asked_from(served: Served, peer: str, name: str, path: str = "/api/submissions") -> Any:
    return Client(served.app, ADDRESS, peer).get(path, headers=[(b"X-Remote-User", name.encode())])


def test_a_proxys_header_counts_from_its_address_alone(make: Make) -> None:
    served = make(BOUNDS, proxy("grace"))
    assert asked_from(served, "10.1.2.3", "ada").json()["name"] == "ada"
    assert asked_from(served, "10.1.2.3", "grace").json()["role"] == "instructor"
    for peer, name in (("10.2.0.1", "ada"), ("127.0.0.1", "ada"), ("nobody", "ada"), ("10.1.2.3", "../ada")):
        assert asked_from(served, peer, name).status_code == 401, (peer, name)


def test_without_a_proxy_its_header_says_nothing(served: Served) -> None:
    assert asked_from(served, "127.0.0.1", "ada").status_code == 401


def test_two_names_in_the_header_are_nobody(make: Make) -> None:
    served = make(BOUNDS, proxy())
    client = Client(served.app, ADDRESS, "10.1.2.3")
    headers = [("X-Remote-User", "ada"), ("X-Remote-User", "bob")]
    assert client.get("/api/submissions", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "sent",
    [
        "M\u00fcller".encode(),
        "M\u00fcller".encode("latin-1"),
        "Mu\u0308ller".encode(),
        "M\u00fcller ".encode(),
    ],
)
def test_a_name_with_other_letters_is_the_same_however_the_proxy_sends_it(make: Make, sent: bytes) -> None:
    served = make(BOUNDS, proxy())
    client = Client(served.app, ADDRESS, "10.1.2.3")
    answer = client.get("/api/submissions", headers=[(b"X-Remote-User", sent)])
    assert (answer.status_code, answer.json()["name"]) == (200, "M\u00fcller")


def test_an_instructor_is_one_however_the_name_is_composed(make: Make) -> None:
    served = make(BOUNDS, proxy("Jose\u0301"))
    client = Client(served.app, ADDRESS, "10.1.2.3")
    answer = client.get("/api/submissions", headers=[(b"X-Remote-User", "Jos\u00e9".encode())])
    assert answer.json()["role"] == "instructor"


def test_names_that_differ_in_capitals_are_one_student(make: Make) -> None:
    served = make(BOUNDS, proxy())
    asked_from(served, "10.1.2.3", "Ada")
    served.hand_in("ada")
    served.course.submitted("Zo\u00eb", NAME).mkdir(parents=True)
    again = Served(served.course, BOUNDS, proxy())
    for service, name, known in (
        (served, "Ada", "ada"),
        (again, "ADA", "ada"),
        (again, "ZO\u00cb", "Zo\u00eb"),
    ):
        answer = asked_from(service, "10.1.2.3", name)
        assert (answer.status_code, answer.json()) == (
            403,
            {
                "error": f"This course knows you as '{known}', not as '{name}'. Log in with that spelling, "
                "or ask your instructor."
            },
        )
    assert served.hand_in("aDa").status_code == 403, "the holder of a link, too"
    for name in ("ada", "eve"):
        assert asked_from(again, "10.1.2.3", name).status_code == 200


def test_who_is_in_the_gradebook_or_in_a_roster_is_known(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.serve.spellings import listed_students

    roster = served.course.root / "downloaded" / NAME / "collected.json"
    roster.parent.mkdir(parents=True)
    roster.write_text('{"students": {"eve": {"listed": true}}}', encoding="utf-8")
    monkeypatch.setattr("autograder.nbgrader_bridge.book.gradebook_students", lambda course: {"ada"})
    assert listed_students(served.course) == {"ada", "eve"}


def test_two_spellings_that_the_course_has_are_two_students(served: Served) -> None:
    for name in ("ada", "Ada"):
        served.course.submitted(name, NAME).mkdir(parents=True, exist_ok=True)
    if len(list((served.course.root / "submitted").iterdir())) < 2:
        pytest.skip("this file system tells no capitals from small letters")
    assert [served.hand_in(name).status_code for name in ("ada", "Ada", "ADA")] == [201, 201, 403]


def test_spellings_that_look_the_same_are_written_out(served: Served) -> None:
    served.course.submitted("Jose\u0301", NAME).mkdir(parents=True)
    assert (
        served.hand_in("Jos\u00e9")
        .json()["error"]
        .startswith(r"This course knows you as 'Jose\u0301', not as 'Jos\xe9'. ")
    )


def test_the_live_view_names_who_needs_a_person(served: Served) -> None:
    from autograder.verdicts import Status, SubmissionResult

    for student in ("ada", "bob", "eve"):
        served.hand_in(student)
    served.now += 4.0
    served.finish(graded("ada", PASSED))
    torn = served.finish(SubmissionResult("bob", NAME, Status.REJECTED, reason="It is no JSON."))
    view = served.get("/api/live", "grace", "instructor").json()
    assert (view["waiting"], view["done"], view["running"]) == (1, 2, [])
    assert [(one["student"], one["status"], one["seconds"]) for one in view["last"]] == [
        ("ada", "graded", 4.0),
        ("bob", "rejected", 4.0),
    ]
    assert view["attention"] == [
        {
            "id": torn.id,
            "student": "bob",
            "assignment": NAME,
            "feedback": f"feedback/{torn.id}",
            "reason": "could not be read: It is no JSON.",
        }
    ]


def test_a_file_of_the_queue_that_cannot_be_read_is_named(served: Served) -> None:
    served.grader.start()
    served.grader.stop(10.0)
    torn = served.folder / "queue" / ("0" * 24)
    served.queue.damaged.append(torn)
    assert served.get("/api/live", "grace", "instructor").json()["fault"] == (
        f"the grader has ended; start the service again. {torn} cannot be read; it is left there, and not "
        "graded."
    )


def test_health_says_that_it_stands_still_and_not_why(served: Served) -> None:
    assert served.client.get("/health").json() == {
        "status": "standing still",
        "waiting": 0,
        "fault": "Nothing is graded at the moment; what was accepted is kept.",
    }


def test_the_service_answers_below_a_path(make: Make) -> None:
    served = make(address="http://127.0.0.1:8765/services/hand-in")
    assert served.client.get("http://127.0.0.1:8765/services/hand-in/health").status_code == 503
    assert served.client.get("http://127.0.0.1:8765/health").status_code == 404
    described = served.client.get("http://127.0.0.1:8765/services/hand-in/api/openapi.json").json()
    assert described["servers"] == [{"url": "/services/hand-in"}]


def test_the_description_names_every_address_of_the_api(served: Served) -> None:
    described = served.client.get("/api/openapi.json").json()
    assert sorted(described["paths"]) == [
        "/api/live",
        "/api/session",
        "/api/submissions",
        "/api/submissions/{id}",
        "/api/submissions/{id}/result",
        "/feedback/{id}",
        "/health",
        "/metrics",
    ]


def test_what_is_not_described_are_the_pages_and_the_description_itself(served: Served) -> None:
    described = served.client.get("/api/openapi.json").json()["paths"]
    named = {
        (one.upper(), path) for path, methods in described.items() for one in methods if one != "parameters"
    }
    assert named <= served.routes
    assert {path for method, path in served.routes - named if method != "HEAD"} == {
        "/",
        "/live",
        "/api/openapi.json",
        "/oauth_callback",
    }


def test_the_metrics_have_units_and_totals_as_prometheus_wants_them(served: Served) -> None:
    lines = served.client.get("/metrics").text.splitlines()
    kinds = dict(line.split(" ", 3)[2:] for line in lines if line.startswith("# TYPE "))
    assert all(name.startswith("autograder_") for name in kinds)
    assert {name for name, kind in kinds.items() if name.endswith("_total")} == {
        name for name, kind in kinds.items() if kind == "counter"
    }
    assert {name for name in kinds if "seconds" in name and not name.endswith("_created")} == {
        "autograder_acknowledgement_seconds",
        "autograder_submission_seconds",
    }


def test_many_at_once_are_all_accepted_and_each_once(served: Served) -> None:
    answers: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda name=name: answers.append(served.queue.accept(name, NAME, NAME, b"{}"))
        )
        for name in [f"s{number}" for number in range(30)] * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 60
    assert {entry.student for entry in served.queue.waiting()} == {f"s{number}" for number in range(30)}
