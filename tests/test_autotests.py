"""AUTOTEST: its assertions are written out as nbgrader writes them, and run outside where they can."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbgrader
import pytest

from autograder import cli
from autograder.assignment import AssignmentError, load_assignment
from autograder.course import Course
from autograder.nbgrader_bridge.written_autotests import write_out_autotests
from autograder.storage import stored_results
from tests.small_course import SOURCE, cell, notebook

TEMPLATES = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "autotests.yml"
RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return 4 if x == 2 else 0"
OPEN = "### AUTOTEST double(2); double(0.5)"
HASHED = "### HASHED AUTOTEST double(3)"
HIDDEN = "### BEGIN HIDDEN TESTS\n### AUTOTEST double(5)\n### END HIDDEN TESTS"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    cells = [
        cell(SOURCE, grade_id="double", solution=True),
        cell(OPEN, grade_id="open", grade=True, locked=True, points=3),
        cell(HASHED, grade_id="hashed", grade=True, locked=True, points=2),
        cell(HIDDEN, grade_id="hidden", grade=True, locked=True, points=1),
    ]
    path = tmp_path / "source" / "hw" / "hw.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(notebook(*cells), encoding="utf-8")
    shutil.copy(TEMPLATES, tmp_path)
    return Course(tmp_path)


def sources(path: Path) -> list[str]:
    return ["".join(one["source"]) for one in json.loads(path.read_text(encoding="utf-8"))["cells"]]


@pytest.mark.slow
def test_autotests_are_released_and_graded_as_nbgrader_writes_them(course: Course) -> None:
    where = ["--course", str(course.root)]
    assert cli.main(["release", *where]) == cli.EXIT_OK
    _, opened, hashed, hidden = sources(course.release("hw") / "hw.ipynb")
    assert 'assert str(double(2)) == """4""", """value of double(2) is not correct"""' in opened
    assert 'assert str(round(double(0.5), 2)) == """1.0""", ' in opened
    assert "hexdigest()" in hashed
    assert '"""6"""' not in hashed
    assert "double(5)" not in hidden
    for student, solution in (("ada", RIGHT), ("bob", WRONG)):
        path = course.submitted(student, "hw") / "hw.ipynb"
        path.parent.mkdir(parents=True)
        document = json.loads((course.release("hw") / "hw.ipynb").read_text(encoding="utf-8"))
        document["cells"][0]["source"] = solution
        path.write_text(json.dumps(document), encoding="utf-8")
    assert cli.main(["grade", "hw", *where]) == cli.EXIT_OK
    results = {name: stored.result for name, stored in stored_results(course, "hw").items()}
    assert {name: [test.score for test in one.tests] for name, one in results.items()} == {
        "ada": [3, 2, 1],
        "bob": [0, 0, 0],
    }
    assert [test.inside for test in results["ada"].tests] == [False, False, False]


@pytest.mark.slow
def test_one_notebook_is_tried_with_the_templates_of_the_courses_folder(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    own = course.source("hw") / "hw.ipynb"
    tried = ["--course", str(course.root), "--isolation", "none"]
    assert cli.main(["try", str(own), *tried]) == cli.EXIT_OK
    assert capsys.readouterr().out.splitlines() == [
        "open        3 of 3  passed",
        "hashed      2 of 2  passed",
        "hidden      1 of 1  passed",
        "6 of 6 points by tests. Isolation: none.",
    ]
    assert not (course.root / ".autograder").exists()
    write_out_autotests(course, "hw")
    document = json.loads(own.read_text(encoding="utf-8"))
    document["cells"][0]["source"] = WRONG
    wrong = course.root / "hw.ipynb"
    wrong.write_text(json.dumps(document), encoding="utf-8")
    assert cli.main(["try", str(wrong), *tried]) == cli.EXIT_SOME_FAILED
    assert "0 of 6 points by tests. Isolation: none." in capsys.readouterr().out


def test_an_instructors_notebook_that_stops_is_told_and_leaves_no_kernel(course: Course) -> None:
    path = course.source("hw") / "hw.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("2 * x", "2 * y"), encoding="utf-8")
    with pytest.raises(AssignmentError, match="AUTOTEST: NameError: name 'y' is not defined"):
        write_out_autotests(course, "hw")


def test_what_is_not_written_out_yet_names_the_next_step(course: Course) -> None:
    with pytest.raises(AssignmentError, match=r"not written out yet\. Run: autograder release"):
        load_assignment(course, "hw")
