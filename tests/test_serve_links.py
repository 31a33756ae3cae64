"""Personal links: whose they are, when they end, and what of them is written where."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from autograder import cli
from autograder.course import CourseError
from autograder.serve.links import Links, Person, make_token, read_token
from tests import small_course

KEY = b"k" * 32
ADA = Person("ada")


def test_a_changed_token_is_nobodys() -> None:
    token = make_token(KEY, ADA, 0, ends_at=100.0)
    assert read_token(KEY, token, {}, now=1.0) == ADA
    others = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in range(0, 40)
    ]
    assert [one for one in others if read_token(KEY, one, {}, now=1.0) is not None] == []


@pytest.mark.parametrize("token", ["", ".", "x", "x.y", "é.é", "." * 2_000, "WyJzIl0.AAAA", "a=.b="])
def test_what_is_no_token_is_nobodys(token: str) -> None:
    assert read_token(KEY, token, {}, now=1.0) is None


def test_another_key_makes_no_link_of_ours() -> None:
    assert read_token(KEY, make_token(b"o" * 32, ADA, 0, ends_at=100.0), {}, now=1.0) is None


def test_a_students_link_is_no_instructors() -> None:
    person = read_token(KEY, make_token(KEY, ADA, 0, ends_at=100.0), {}, now=1.0)
    assert person is not None
    assert not person.teaches


def test_the_key_is_the_owners_alone_and_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    Links(tmp_path)
    key = tmp_path / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o640)
    with pytest.raises(CourseError) as caught:
        Links(tmp_path)
    assert str(caught.value) == (
        f"{key} has the mode 0640: others may read the key that signs links. Delete it, which ends all "
        "links, and make new ones: autograder serve links"
    )


def test_revoking_ends_a_persons_links_in_a_service_that_runs_and_nobody_elses(tmp_path: Path) -> None:
    running = Links(tmp_path)
    ada, bob = (running.token(Person(name), days=1) for name in ("ada", "bob"))
    assert running.person(ada) == ADA
    Links(tmp_path).revoke(ADA)
    assert running.person(ada) is None
    assert running.person(bob) == Person("bob")
    assert running.person(running.token(ADA, days=1)) == ADA


def links(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    assert cli.main(["serve", "links", *words]) == cli.EXIT_OK
    shown = capsys.readouterr()
    return shown.out, shown.err


def test_the_command_prints_a_link_for_everyone_who_handed_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = small_course.make_course(tmp_path)
    for student in ("zoe", "ada"):
        small_course.hand_in(course, student)
    out, _ = links(capsys, "--course", str(tmp_path), "--address", "https://grader.school.example/")
    lines = [line.split("\t") for line in out.splitlines()]
    assert [name for name, _ in lines] == ["ada", "zoe"]
    for name, link in lines:
        found = re.fullmatch(r"https://grader\.school\.example/#([\w-]+\.[\w-]+)", link)
        assert found is not None
        assert Links(tmp_path / ".autograder" / ".serve").person(found[1]) == Person(name)


def test_the_command_makes_instructors_links_and_revokes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_course.make_course(tmp_path)
    where = ["--course", str(tmp_path)]
    out, _ = links(capsys, *where, "--instructor", "grace")
    token = out.strip().rpartition("#")[2]
    known = Links(tmp_path / ".autograder" / ".serve")
    assert known.person(token) == Person("grace", "instructor")
    assert links(capsys, *where, "--revoke", "grace") == ("", "All links of grace have ended.\n")
    assert known.person(token) is None


def test_a_name_that_is_a_path_gets_no_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_course.make_course(tmp_path)
    assert cli.main(["serve", "links", "--course", str(tmp_path), "--student", "../ada"]) == cli.EXIT_USAGE
    assert capsys.readouterr().err == (
        "autograder serve: '../ada' cannot be a student's id: letters, digits and signs of names are "
        "wanted.\n"
    )
