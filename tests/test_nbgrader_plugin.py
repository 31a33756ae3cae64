"""The engine inside nbgrader: one line of configuration; scores and faults as nbgrader expects them."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets.config import Config

from autograder.course import Course
from autograder.grading.plan_store import read_plan
from autograder.grading.protocol import Start
from autograder.grading.supervisor import Supervisor
from autograder.grading.test_plan import Place
from autograder.nbgrader_bridge import plugin
from autograder.nbgrader_bridge.database import gradebook_url
from autograder.nbgrader_bridge.feedback import FeedbackExporter
from autograder.nbgrader_bridge.plugin import PREPROCESSORS, UngradedError, _require_python
from autograder.sandbox import SandboxError
from autograder.storage import read_result, result_path
from autograder.verdicts import Status
from tests import small_course
from tests.small_course import NAME, RIGHT, hand_in, make_course, make_gradebook, source_cells

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # nbgrader 0.9.6 imports names that newer packages warn about
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader
    from traitlets.utils.importstring import import_item

ROOT = Path(__file__).resolve().parents[1]


def test_the_line_in_nbgraders_suite_names_the_same_preprocessors() -> None:
    for path in (ROOT / "nbgrader_config.py", ROOT / "tests/nbgrader_suite/config/nbgrader_config.py"):
        config = PyFileConfigLoader(path.name, str(path.parent)).load_config()
        assert tuple(config.Autograde.autograde_preprocessors) == tuple(PREPROCESSORS)


def test_the_names_in_courses_configurations_lead_to_the_bridge_and_options_reach_them() -> None:
    config = Config({"Execute": {"timeout": 7, "isolation": "none"}})
    executor = import_item("autograder.nbgrader_plugin.Execute")(config=config)
    assert type(executor) is plugin.Execute
    assert (executor.timeout, executor.isolation) == (7, "none")
    assert import_item("autograder.nbgrader_feedback.FeedbackExporter") is FeedbackExporter


def test_why_a_stronger_tier_is_not_taken_stands_in_nbgraders_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_holds(tell: Callable[[str], object]) -> str:
        tell("Not in the tier full: no bubblewrap.")
        raise SandboxError("nothing holds")

    executor, said = plugin.Execute(), list[str]()
    monkeypatch.setattr(executor.log, "warning", said.append)
    monkeypatch.setattr(plugin.selfcheck, "best_tier", nothing_holds)
    with pytest.raises(SandboxError, match="nothing holds"):
        executor.preprocess(SimpleNamespace(), {})
    assert said == ["Not in the tier full: no bubblewrap."]


@pytest.mark.parametrize("kernelspec", [{}, {"name": "python3"}, {"name": "mine", "language": "python"}])
def test_notebooks_of_python_are_taken(kernelspec: dict[str, str]) -> None:
    _require_python(kernelspec)


def test_a_notebook_of_another_language_is_refused() -> None:
    with pytest.raises(UngradedError, match="a kernel of 'R'; this engine runs Python only"):
        _require_python({"name": "ir", "language": "R"})


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # nbgrader, nbconvert and SQLAlchemy warn about each other
def test_autograde_gives_our_scores_and_keeps_our_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Start] = []

    def begin(start: Start, **more: Any) -> Supervisor:
        started.append(start)
        return Supervisor(start, **more)

    monkeypatch.setattr(plugin, "Supervisor", begin)
    shutil.rmtree(tmp_path / "new", ignore_errors=True)
    course = make_course(tmp_path / "course", make_gradebook(tmp_path / "new"))
    hand_in(course, "ada")
    hand_in(course, "loop", "def double(x):\n    while x == 2: pass\n    return 6")
    hand_in(course, "torn").write_text("{", encoding="utf-8")
    hand_in(course, "zoe", RIGHT.replace("2 * x", "4"), answer="YOUR ANSWER HERE")
    config = Config()
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.db_url = str(gradebook_url(course))
    config.Autograde.autograde_preprocessors = list(PREPROCESSORS)
    config.Execute.timeout = 3
    config.Execute.isolation = "none"
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    outcomes = {
        student: api.autograde(NAME, student)["success"] for student in ("ada", "loop", "torn", "zoe")
    }
    assert outcomes == {"ada": True, "loop": True, "torn": False, "zoe": True}
    assert len(started) == 1  # one warm worker serves them all
    assert (started[0].limits.cell_s, started[0].limits.absolute) == (3.0, True)
    # It makes the plan, too, from the instructor's notebook as it lies in the course.
    plan = read_plan(started[0].assignment, "none", started[0].limits)
    assert {test.grade_id: test.place for test in plan.tests} == {
        "double_two": Place.OUTSIDE,
        "double_more": Place.OUTSIDE,
    }
    with Gradebook(gradebook_url(course), "") as book:
        scores: dict[str, Any] = {
            submission.student.id: {grade.name: grade.auto_score for grade in submission.notebooks[0].grades}
            for submission in book.assignment_submissions(NAME)
        }
        comment = book.find_comment("why", NAME, NAME, "zoe").comment
    assert scores["ada"] == {"double_two": 10.0, "double_more": 5.0, "why": None}
    assert scores["loop"] == {"double_two": 0.0, "double_more": 5.0, "why": None}
    assert scores["zoe"] == {"double_two": 10.0, "double_more": 2.0, "why": 0.0}
    assert comment == "No response."
    stored = read_result(result_path(course, NAME, "loop"))
    assert stored is not None
    assert (stored.result.status, stored.result.score) == (Status.GRADED, 5.0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # as above
def test_points_given_inside_are_said_in_a_comment_beside_the_instructors_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = source_cells()
    (test,) = [one for one in cells if one["metadata"].get("nbgrader", {}).get("grade_id") == "double_two"]
    test["source"] = f"### IN STUDENT PROCESS\n{test['source']}"
    monkeypatch.setattr(small_course, "source_cells", lambda: cells)
    course = make_course(tmp_path / "course", make_gradebook(tmp_path / "new"))
    hand_in(course, "ada")
    assert autograde(course, "ada") == {"ada": True}
    place = ("double", NAME, NAME, "ada")
    with Gradebook(gradebook_url(course), "") as book:
        comment = book.find_comment(*place)
        assert comment.comment == (
            "10 points of double_two: given in the student's process, where a result can be forged."
        )
        comment.manual_comment = "Well done."
        book.db.commit()
    assert autograde(course, "ada") == {"ada": True}
    with Gradebook(gradebook_url(course), "") as book:
        assert book.find_comment(*place).comment == "Well done."


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # as above
def test_what_a_link_leads_to_reaches_no_submission(tmp_path: Path) -> None:
    """nbgrader follows links when it copies: to the solution, to the gradebook."""
    course = make_course(tmp_path / "course", make_gradebook(tmp_path / "new"))
    solution = course.source(NAME) / f"{NAME}.ipynb"
    (course.source(NAME) / "shipped.txt").write_text("shipped")
    look = "import os\nprint([name for name in os.listdir() if name.endswith('.txt')])\n"
    for name in ("answers.txt", "shipped.txt"):
        hand_in(course, "ada", look + RIGHT).with_name(name).symlink_to(solution)
    whole = hand_in(course, "bob")
    whole.unlink()
    whole.symlink_to(solution)
    assert autograde(course, "ada", "bob") == {"ada": True, "bob": False}
    folder = course.autograded("ada", NAME)
    assert sorted(path.name for path in folder.iterdir()) == [f"{NAME}.ipynb", "shipped.txt"]
    assert (folder / "shipped.txt").read_text() == "shipped"
    assert "['shipped.txt']" in (folder / f"{NAME}.ipynb").read_text()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # as above
def test_a_module_that_the_assignment_ships_can_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [small_course.cell("import shipped", grade_id="imports", locked=True), *source_cells()[1:]]
    monkeypatch.setattr(small_course, "source_cells", lambda: cells)
    course = make_course(tmp_path / "course", make_gradebook(tmp_path / "new"))
    (course.source(NAME) / "shipped.py").write_text("two = 2\n")
    path = hand_in(course, "ada", "import shipped\ndef double(x):\n    return shipped.two * x")
    path.with_name("shipped.py").write_text("two = 3\n")
    assert autograde(course, "ada") == {"ada": True}
    stored = read_result(result_path(course, NAME, "ada"))
    assert stored is not None
    assert stored.result.score == 15.0


def autograde(course: Course, *students: str) -> dict[str, bool]:
    """Whether `nbgrader autograde` with our engine took each student's submission."""
    config = Config()
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.db_url = str(gradebook_url(course))
    config.Autograde.autograde_preprocessors = list(PREPROCESSORS)
    config.Execute.isolation = "none"
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    return {student: api.autograde(NAME, student)["success"] for student in students}


def refuse_links_of_eve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the plugin does after nbgrader has copied eve's submission of `ps`."""
    course_dir = SimpleNamespace(
        submitted_directory="submitted",
        source_directory="source",
        format_path=lambda directory, student, assignment: str(tmp_path / directory / student / assignment),
    )
    execute = plugin.Execute()
    monkeypatch.setattr(execute, "_course_dir", lambda: course_dir)
    names = {"student": "eve", "assignment": "ps", "notebook": "ps"}
    execute._refuse_links(names, tmp_path / "autograded" / "eve" / "ps")


def test_a_link_that_nbgrader_was_told_not_to_overwrite_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {
        name: tmp_path / name / student / "ps" for name, student in [("source", "."), ("submitted", "eve")]
    }
    copied = tmp_path / "autograded" / "eve" / "ps"
    for folder in (*folders.values(), copied):
        folder.mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("the instructor's secret")
    for name, text in [("data.csv", "the instructor's secret"), ("put-back.csv", "the instructor's")]:
        (folders["source"] / name).write_text("the instructor's")
        (folders["submitted"] / name).symlink_to(tmp_path / "secret.txt")
        (copied / name).write_text(text)
    refuse_links_of_eve(tmp_path, monkeypatch)
    assert [path.name for path in copied.iterdir()] == ["put-back.csv"]


def test_a_link_to_a_folder_brings_nothing_of_that_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solutions = tmp_path / "source" / "." / "ps"
    solutions.mkdir(parents=True)
    (solutions / "ps.ipynb").write_text("the solution")
    submitted = tmp_path / "submitted" / "eve" / "ps"
    submitted.mkdir(parents=True)
    (submitted / "mine.txt").write_text("mine")
    (submitted / "data").symlink_to(solutions)
    shutil.copytree(submitted, tmp_path / "autograded" / "eve" / "ps")  # as nbgrader does
    refuse_links_of_eve(tmp_path, monkeypatch)
    assert [path.name for path in (tmp_path / "autograded" / "eve" / "ps").rglob("*")] == ["mine.txt"]


def test_what_intake_left_out_and_a_program_could_run_is_not_left_beside_the_graded_notebook(
    tmp_path: Path,
) -> None:
    for name in (".ipython/profile_default/startup/00.py", "numpy.py", "jupyter_config.py", "Makefile"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    kept = ["ps.ipynb", "other.ipynb", "timestamp.txt", "large.csv", "mine.py"]
    for name in kept:
        (tmp_path / name).write_text("")
    plugin._remove_what_could_run(tmp_path, ["mine.py"])
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)


@pytest.mark.parametrize(
    ("set_to", "timeout"),
    [
        ({"ExecutePreprocessor": {"timeout": 200}}, 200),
        ({"ExecutePreprocessor": {"timeout": 200}, "Execute": {"timeout": 7}}, 7),
        ({"ExecutePreprocessor": {"timeout": None}}, None),
        ({}, plugin.Execute.timeout.default_value),
    ],
    ids=str,
)
def test_nbconverts_timeout_counts_where_nbgraders_own_is_not_set(
    set_to: dict[str, Any], timeout: int | None
) -> None:
    assert plugin.Execute(config=Config(set_to)).timeout == timeout
