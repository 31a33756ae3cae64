"""An assignment's notebook may have any name: every verb finds it, in the course and in what is handed in."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from autograder import cli
from autograder.course import Course
from autograder.meant_notebooks import meant
from autograder.storage import stored_results
from autograder.wheels import FILE_NAMES
from tests.small_course import notebook, source_cells, submitted_cells

OTHER = "Übung 1.2 (final).ipynb"
RIGHT = "def double(x):\n    return 2 * x"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The small course, its notebook under another name than the assignment's."""
    path = tmp_path / "source" / "ps1" / OTHER
    path.parent.mkdir(parents=True)
    path.write_text(notebook(*source_cells()), encoding="utf-8")
    return Course(tmp_path)


def hand_in(course: Course, student: str, name: str = OTHER) -> None:
    path = course.submitted(student, "ps1") / name
    path.parent.mkdir(parents=True)
    path.write_text(notebook(*submitted_cells(RIGHT)), encoding="utf-8")


@pytest.mark.slow
def test_a_notebook_of_any_name_is_released_graded_shown_and_exported(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--course", str(course.root)]
    assert cli.main(["release", *where]) == cli.EXIT_OK
    assert [path.name for path in course.release("ps1").iterdir()] == [OTHER]
    hand_in(course, "ada")
    hand_in(course, "bob", "my work.ipynb")
    assert cli.main(["grade", "ps1", *where]) == cli.EXIT_OK
    assert (course.autograded("ada", "ps1") / OTHER).is_file()
    results = {name: stored.result for name, stored in stored_results(course, "ps1").items()}
    assert {name: result.score for name, result in results.items()} == {"ada": 15, "bob": 15}
    assert results["bob"].flags == (f"The notebook was handed in as my work.ipynb; {OTHER} is wanted.",)
    assert cli.main(["feedback", "ps1", *where]) == cli.EXIT_OK
    assert [path.name for path in course.feedback("ada", "ps1").iterdir()] == ["Übung 1.2 (final).html"]
    assert cli.main(["report", "ps1", *where]) == cli.EXIT_OK
    assert cli.main(["export", "csv", "ps1", *where]) == cli.EXIT_OK
    capsys.readouterr()
    assert cli.main(["try", str(course.source("ps1") / OTHER)]) == cli.EXIT_OK
    assert (
        capsys.readouterr().out.splitlines()[-1].startswith("15 of 15 points by tests; 4 more are given by")
    )


def test_collect_renames_the_only_notebook_to_the_name_that_is_wanted(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("ada_101_555_my work.ipynb", notebook(*submitted_cells(RIGHT)))
    (tmp_path / "class.zip").write_bytes(content.getvalue())
    assert cli.main(["collect", str(tmp_path / "class.zip"), "ps1", "--course", str(tmp_path)]) == cli.EXIT_OK
    assert [path.name for path in course.submitted("101", "ps1").iterdir()] == [OTHER]
    assert f"my work.ipynb was renamed to {OTHER}" in capsys.readouterr().out


def test_github_gets_the_released_notebook_under_its_name(course: Course, tmp_path: Path) -> None:
    shutil.copytree(course.source("ps1"), course.release("ps1"))
    out = tmp_path / "out"
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name in FILE_NAMES:
        (wheels / name).write_bytes(b"")
    words = ["export", "github", "ps1", "--course", str(tmp_path), "--out", str(out), "--wheels", str(wheels)]
    assert cli.main(words) == cli.EXIT_OK
    assert json.loads((out / ".github" / "autograder" / OTHER).read_text("utf-8"))["nbformat"] == 4


@pytest.mark.parametrize(
    ("wanted", "found", "taken"),
    [
        (["ps1.ipynb"], ["ps1.ipynb", "other.ipynb"], {}),
        (["ps1.ipynb"], ["anything.ipynb"], {"ps1.ipynb": "anything.ipynb"}),
        (["p1.ipynb", "p2.ipynb"], ["p1.ipynb", "anything.ipynb"], {"p2.ipynb": "anything.ipynb"}),
        (["p1.ipynb", "p2.ipynb"], ["p1 (2).ipynb"], {"p1.ipynb": "p1 (2).ipynb"}),
        (["p1.ipynb", "p2.ipynb"], ["P1.ipynb", "x.ipynb", "y.ipynb"], {"p1.ipynb": "P1.ipynb"}),
        (["p1.ipynb", "p2.ipynb"], ["p1 (1).ipynb", "p1 (2).ipynb", "p2.ipynb"], {}),
        (["p1.ipynb", "p2.ipynb"], ["a/p2.ipynb", "b/x.ipynb"], {"p2.ipynb": "a/p2.ipynb"}),
        (["p1.ipynb", "p2.ipynb"], ["homework.ipynb"], {}),
    ],
)  # fmt: skip
def test_a_notebook_of_another_name_is_taken_where_it_is_clear_which_one_is_meant(
    wanted: list[str], found: list[str], taken: dict[str, str]
) -> None:
    assert meant(wanted, found) == taken
