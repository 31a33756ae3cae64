"""The path an instructor walks: release, collect, grade, formgrader, feedback, report, export.

One course, one walk: the tests of this file run in their order and build on each other. The browser is a real
Chromium, the server a real Jupyter server on loopback with nbgrader's extensions. Each page is also asked of
axe-core, the accessibility checker. With `DOCS_PICTURES=1` the pictures of docs/ are taken again.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect

from autograder.course import Course
from tests.browser.live_jupyter import REPOSITORY, Server, jupyter_server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ASSIGNMENT = "initialization"
DOCS = REPOSITORY / "docs"
COMMENT = "You saw the plateau. Say why it ends, too."
# Canvas's name, number and login of each; the class is the example class's, under these logins.
PEOPLE = {
    "ada": ("Lovelace, Ada", 4001),
    "zoe": ("Zuse, Zoe", 4002),
    "nadia": ("Nielsen, Nadia", 4003),
    "ines": ("Ibarra, Ines", 4004),
    "iris": ("Iverson, Iris", 4005),
}


@dataclass(frozen=True)
class Walk:
    """The course and the files around it."""

    course: Course
    roster: Path
    zip: Path

    def autograder(self, *words: str, code: int = 0) -> str:
        """What one call of the program printed."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "autograder", *words, "--course", str(self.course.root)],
            capture_output=True, text=True, check=False, cwd=REPOSITORY,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def nbgrader(self, *words: str) -> str:
        """What one call of nbgrader in the course's folder said."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | {"PATH": path, "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "nbgrader", *words],
            capture_output=True, text=True, check=False, cwd=self.course.root, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def results(self) -> dict[str, dict[str, object]]:
        """Everything that is known of everyone, by student."""
        self.autograder("export", "json", ASSIGNMENT)
        document = json.loads((self.course.root / "exports" / ASSIGNMENT / f"{ASSIGNMENT}.json").read_text())
        return {entry["student"]: entry for entry in document["submissions"]}

    def hand_grade(self, student: str, grade_id: str) -> dict[str, object]:
        """One hand grade of one student."""
        grades = self.results()[student]["hand_grades"]
        assert isinstance(grades, list)
        (found,) = [grade for grade in grades if grade["grade_id"] == grade_id]
        return dict(found)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A course with an instructor's notebook, a zip as Canvas gives it, and Canvas's gradebook."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(REPOSITORY / "source" / ASSIGNMENT, root / "source" / ASSIGNMENT)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    written = tmp_path_factory.mktemp("class")
    program = REPOSITORY / "examples" / "class.py"
    subprocess.run([sys.executable, program, written], check=True, capture_output=True, cwd=REPOSITORY)
    zipped = tmp_path_factory.mktemp("canvas") / "submissions.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for place, (login, (name, number)) in enumerate(PEOPLE.items()):
            file = written / "submitted" / login / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            key = "".join(re.findall("[a-z]+", name.lower()))
            archive.write(file, f"{key}_{number}_{7000 + place}_{ASSIGNMENT}.ipynb")
    roster = zipped.with_name("grades.csv")
    with roster.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Initialization (8102)"])
        table.writerow(["    Points Possible", "", "", "", "", "100"])
        table.writerows([name, number, "", login, "NN 101", ""] for login, (name, number) in PEOPLE.items())
    return Walk(Course(root), roster, zipped)


@pytest.fixture(scope="module")
def formgrader(walk: Walk, browser: Browser) -> Iterator[Server]:
    """A Jupyter server in the course's folder."""
    with jupyter_server(walk.course.root) as server:
        yield server


def _picture(page: Page, name: str) -> None:
    if os.environ.get("DOCS_PICTURES"):
        page.screenshot(path=DOCS / name)


def _open_file(page: Page, path: Path, width: int = 1200, height: int = 1000) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path.as_uri())


def test_1_the_students_version_is_released_without_solutions(walk: Walk) -> None:
    walk.autograder("release", ASSIGNMENT)
    released = (walk.course.release(ASSIGNMENT) / f"{ASSIGNMENT}.ipynb").read_text()
    assert "raise NotImplementedError" in released
    assert "BEGIN SOLUTION" not in released


def test_2_the_zip_of_canvas_becomes_submissions(walk: Walk) -> None:
    printed = walk.autograder("collect", str(walk.zip), ASSIGNMENT, "--roster", str(walk.roster))
    students = walk.course.students(ASSIGNMENT)
    assert len(students) == len(PEOPLE), printed


def test_3_the_class_is_graded_and_the_broken_file_rejected(walk: Walk) -> None:
    printed = walk.autograder("grade", ASSIGNMENT, code=1)
    assert "4 graded, 1 rejected" in printed
    scores = sorted(str(entry["score"]) for entry in walk.results().values())
    assert scores == sorted(["80.0", "60.0", "20.0", "0.0", "None"])


def _best(walk: Walk) -> str:
    """Who has full points in the tests: ada, under whatever id Canvas's roster gave her."""
    return next(student for student, entry in walk.results().items() if entry["score"] == 80.0)


def test_4_a_written_answer_gets_points_and_a_comment_in_formgrader(
    walk: Walk, formgrader: Server, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 1300, "height": 950})
    page.goto(f"{formgrader.url}/formgrader/gradebook/{ASSIGNMENT}/{ASSIGNMENT}")
    # Students are anonymous in this list; the one with 80 points is the one we look for.
    page.locator("tbody tr").first.wait_for(timeout=60_000)
    with page.expect_response("**/api/grades?*", timeout=60_000), page.expect_response("**/api/comments?*"):
        page.locator("tbody tr", has_text="80 / 100").locator("a").first.click()
    # What was fetched must stand in the fields before anything is typed.
    page.wait_for_load_state("networkidle")
    with page.expect_response(_saved("grade")):
        page.locator("input#observations_random").fill("8")
        page.keyboard.press("Tab")
    with page.expect_response(_saved("comment")):
        page.locator("textarea#observations_random-comment").fill(COMMENT)
        page.keyboard.press("Tab")
    scheme = page.get_by_text("Mark scheme of observations_random, for the grader")
    scheme.scroll_into_view_if_needed()
    expect(scheme).to_be_visible()
    _picture(page, "formgrader.png")
    page.close()
    grade = walk.hand_grade(_best_by_hand(walk), "observations_random")
    assert (grade["score"], grade["comment"]) == (8.0, COMMENT)


def _saved(kind: str) -> Callable[[Response], bool]:
    """Whether a response is the server's to saving a grade or a comment."""
    return lambda response: (
        f"/api/{kind}/" in response.url and response.request.method == "PUT" and response.ok
    )


def _best_by_hand(walk: Walk) -> str:
    return next(student for student, entry in walk.results().items() if entry["score"] == 88.0)


def test_5_points_and_comment_survive_grading_again(walk: Walk) -> None:
    student = _best_by_hand(walk)
    walk.autograder("grade", ASSIGNMENT, "--student", student, "--force")
    grade = walk.hand_grade(student, "observations_random")
    assert (grade["score"], grade["comment"]) == (8.0, COMMENT)
    assert walk.results()[student]["score"] == 88.0


def test_6_the_feedback_page_shows_it_all_on_desk_and_phone(walk: Walk, browser: Browser) -> None:
    walk.autograder("feedback", ASSIGNMENT)
    student = _best_by_hand(walk)
    path = walk.course.feedback(student, ASSIGNMENT) / f"{ASSIGNMENT}.html"
    page = browser.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    _open_file(page, path)
    expect(page.get_by_role("heading", name="88 of 100 points")).to_be_visible()
    expect(page.get_by_text(COMMENT)).to_be_visible()
    assert "Mark scheme" not in path.read_text()
    assert page.locator("figure img").count() >= 3
    drawn = page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 100)")
    assert drawn
    assert Axe().run(page).response["violations"] == []
    _open_file(page, path, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert Axe().run(page).response["violations"] == []
    page.emulate_media(media="print")
    expect(page.locator("details pre").first).to_be_visible()
    page.emulate_media(media="screen")
    (zoe,) = walk.course.root.glob(f"feedback/zoe*/{ASSIGNMENT}/{ASSIGNMENT}.html")
    _open_file(page, zoe, height=1900)
    expect(page.get_by_text("that is Xavier").first).to_be_visible()
    _picture(page, "feedback.png")
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    page.close()


def test_7_nbgraders_own_command_writes_the_same_page(walk: Walk) -> None:
    student = _best_by_hand(walk)
    path = walk.course.feedback(student, ASSIGNMENT) / f"{ASSIGNMENT}.html"
    ours = path.read_text()
    walk.nbgrader("generate_feedback", ASSIGNMENT, "--student", student, "--force")
    assert path.read_text() == ours


def test_8_the_report_sorts_and_loads_nothing(walk: Walk, browser: Browser) -> None:
    walk.autograder("report", ASSIGNMENT)
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    _open_file(page, walk.course.root / "reports" / ASSIGNMENT / "report.html")
    assert Axe().run(page).response["violations"] == []
    scores = page.locator("#students tbody tr td:nth-of-type(2)")
    button = page.locator("#students thead").get_by_role("button", name="Score")
    button.click()
    assert [text.split(" ")[0] for text in scores.all_inner_texts()] == ["0", "20", "60", "88", "–"]
    button.click()
    assert [text.split(" ")[0] for text in scores.all_inner_texts()] == ["88", "60", "20", "0", "–"]
    expect(page.locator("#students th[aria-sort=descending]")).to_have_count(1)
    _open_file(page, walk.course.root / "reports" / ASSIGNMENT / "report.html", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert Axe().run(page).response["violations"] == []
    assert errors == []
    page.close()


def test_9_canvas_gets_every_score_back(walk: Walk) -> None:
    printed = walk.autograder("export", "canvas", ASSIGNMENT, "--roster", str(walk.roster))
    path = walk.course.root / "exports" / ASSIGNMENT / f"canvas-{ASSIGNMENT}.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    points = {row["SIS Login ID"]: row["Initialization (8102)"] for row in rows if row["ID"]}
    assert points == {"ada": "88", "zoe": "60", "nadia": "20", "ines": "0"}, printed
    assert "rejected, has no score; left out" in printed
