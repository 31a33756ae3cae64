"""Files are held with the state: a test sees them as at its place, in every tier this machine has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from autograder.assignment import parse_assignment
from autograder.examiner.namespace import InstructorNames
from autograder.grading.marked import Marking
from autograder.grading.marking import mark
from autograder.intake import plan_submission
from autograder.sandbox import Limits, Preload, Sandbox, tier_parts, working_directory
from autograder.verdicts import Verdict
from tests.small_course import cell, notebook

SLOW = pytest.mark.slow
TIERS = ["full", "none", pytest.param("landlock", marks=SLOW), pytest.param("wasm", marks=SLOW)]
INSIDE = "### IN STUDENT PROCESS\n"


@pytest.fixture(scope="module", params=TIERS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    obstacle = tier_parts.obstacle(request.param)
    if obstacle is not None:
        pytest.skip(f"tier {request.param}: {obstacle}")
    with Sandbox(request.param, Limits(cell_s=60.0), preload=Preload(modules=("numpy",))) as made:
        yield made


def marked(sandbox: Sandbox, *cells: tuple[str, str]) -> Marking:
    """The result of a notebook of (kind, text)."""
    made: list[dict[str, Any]] = []
    for number, (kind, text) in enumerate(cells):
        roles: dict[str, Any] = {
            "answer": {"grade_id": f"s{number}", "solution": True},
            "test": {"grade_id": f"t{number}", "grade": True, "locked": True, "points": 1},
            "": {},
        }[kind]
        made.append(cell(text, **roles))
    assignment = parse_assignment("ps1", notebook(*made), {"given.csv": b"given"}, "ps1")
    submission = plan_submission(notebook(*made).encode(), assignment)
    names = InstructorNames(assignment)
    return mark(submission, assignment, names, lambda: sandbox.box(assignment.files), test_s=20.0)


def verdicts(result: Marking) -> list[str]:
    return [f"{test.grade_id} {test.verdict}: {test.message}".strip(": ") for test in result.tests]


ANSWER = """
import os
open("p.txt", "w").write("one")
open("removed.txt", "w").write("there")
os.makedirs("out/empty")
os.symlink("p.txt", "latest")
HERE = os.path.abspath("p.txt")
log = open("log.txt", "w+")
log.write("begun")
log.flush()

def text(name):
    with open(name) as file:
        return file.read()

def logged():
    log.seek(0)
    return log.read()

def note(more):
    with open("p.txt", "a") as file:
        file.write(more)
    return text("p.txt")

def exists(name):
    return os.path.lexists(name)
"""
LATER = """
import shutil
open("p.txt", "w").write("two")
os.remove("removed.txt")
os.remove("given.csv")
os.remove("latest")
os.symlink("new.txt", "latest")
open("new.txt", "w").write("new")
shutil.rmtree("out")
log.write(", ended")
log.flush()
"""
AT_PLACE = """
assert [text(name) for name in ("p.txt", HERE, "latest")] == ["one"] * 3
assert [text(name) for name in ("removed.txt", "given.csv")] == ["there", "given"]
assert exists("out/empty") and not exists("new.txt")
"""
AT_END = """
assert [text(name) for name in ("p.txt", HERE, "latest", "new.txt")] == ["two", "two", "new", "new"]
assert not exists("out") and not exists("removed.txt") and not exists("given.csv")
"""
OWN_OPEN = "with open('p.txt') as file:\n    assert file.read() == '{}'"


def test_a_test_sees_the_files_as_they_were_at_its_place(sandbox: Sandbox) -> None:
    result = marked(
        sandbox,
        ("answer", ANSWER),
        ("test", AT_PLACE),
        ("test", INSIDE + AT_PLACE + OWN_OPEN.format("one")),
        ("answer", LATER),
        ("test", AT_END),
        ("test", INSIDE + AT_END + OWN_OPEN.format("two")),
    )
    assert verdicts(result) == [f"t{number} passed" for number in (1, 2, 4, 5)]
    assert [result.files[name] for name in ("p.txt", "new.txt")] == [b"two", b"new"]


def test_a_file_that_is_open_is_as_it_was_at_the_place(sandbox: Sandbox) -> None:
    if sandbox.tier == "wasm":
        pytest.skip("in the tier wasm files that a cell leaves open are closed for tests")
    result = marked(sandbox, ("answer", ANSWER), ("test", "assert logged() == 'begun'"), ("", LATER))
    assert verdicts(result) == ["t1 passed"]


def test_visible_and_hidden_part_of_a_test_have_the_same_files_whatever_lies_at_other_places(
    sandbox: Sandbox,
) -> None:
    hidden = "### BEGIN HIDDEN TESTS\nassert note('h') == '{1}{0}h'\n### END HIDDEN TESTS"
    both = "assert note('{0}') == '{1}{0}'\n" + hidden
    result = marked(
        sandbox,
        ("answer", ANSWER),
        ("test", both.format("a", "one")),
        ("", LATER),
        ("test", both.format("b", "two")),
        ("", "open('p.txt', 'w').write('three')"),
        ("test", both.format("c", "three")),
    )
    assert verdicts(result) == ["t1 passed", "t3 passed", "t5 passed"]


def test_what_is_too_large_to_be_held_leaves_open_what_did_not_pass_and_is_named(sandbox: Sandbox) -> None:
    if sandbox.tier == "wasm":
        pytest.skip("in the tier wasm each state has a copy of its files, of any size")
    large = "open('large.bin', 'wb').write(bytes([{}]) * (9 << 20))\n"
    large += "def first(): return open('large.bin', 'rb').read(1)[0]"
    result = marked(
        sandbox,
        ("answer", large.format(1)),
        ("test", "assert first() == 1"),
        ("test", "assert callable(first)"),
        ("", large.format(2)),
    )
    assert [(test.verdict, test.open) for test in result.tests] == [
        (Verdict.INTERNAL_ERROR, True),
        (Verdict.PASSED, False),
    ]
    kept = "The notebook wrote files that are not kept (not data, or too large): large.bin"
    said = "files were not as at this test's place, for what is held of them is limited (8 MiB, 1,000 "
    said += "entries, files that can be read): large.bin. If it did not pass, look at it."
    assert result.flags == (f"t1: {said}", f"t2: {said}", kept)


def test_a_notebook_that_writes_nothing_is_asked_for_no_files(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_directory, "_read", lambda *_: pytest.fail("asked"))
    result = marked(
        sandbox,
        ("answer", "def f():\n    return 1"),
        ("test", "assert f() == 1"),
        ("", "x = 2"),
        ("test", "assert f() == 1"),
    )
    assert verdicts(result) == ["t1 passed", "t3 passed"]
