"""What a student gets does not depend on the hidden inputs, but for the points.

Each case of the corpus that tries to say what it was called with is graded twice, with two different sets of
hidden inputs. Where the same tests pass, every byte that the student gets is the same.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder import class_run
from autograder.course import Course
from autograder.exporters import github, gradescope, moodle
from autograder.pages.feedback import feedback_page
from autograder.sandbox import best_tier
from autograder.verdicts import SubmissionResult
from tests.corpus_files import ROOT, all_cases
from tests.corpus_notebooks import ASSIGNMENT, NOTEBOOK, hand_in, student_of
from tests.test_corpus import LIMITS

pytestmark = pytest.mark.slow

CASES = [name for name in all_cases() if name.startswith("leaks/")]
# Each hidden list of layer sizes of the assignment, and what stands in its place the second time.
OTHERS = {
    "[2, 10, 5, 1]": "[5, 6, 2, 3]",
    "[3, 10, 5, 1]": "[6, 4, 3, 1]",
    "[7, 4, 6, 3, 2]": "[8, 3, 5, 2, 6]",
    "[6, 3, 7, 4, 2]": "[9, 5, 2, 8, 3]",
    "[5, 3, 8, 4, 2]": "[4, 9, 6, 3, 7]",
    "[5, 1]": "[6, 2]",
    "[4, 1]": "[3, 2]",
    "[7, 1]": "[8, 2]",
    "[4, 4, 1]": "[3, 3, 2]",
    "[5, 5, 1]": "[2, 2, 3]",
    "[6, 6, 1]": "[5, 5, 2]",
    "[6, 8]": "[7, 3]",
    "[3, 8]": "[2, 7]",
    "[3, 9]": "[4, 6]",
}


@dataclasses.dataclass(frozen=True)
class Seen:
    """What one student gets, and which tests passed."""

    passed: tuple[str, ...]
    scores: tuple[float, ...]
    bytes_of: Mapping[str, str]


def with_other_hidden_inputs(notebook: str) -> str:
    """The instructor's notebook, other lists of layer sizes in its hidden lines."""
    document = json.loads(notebook)
    for cell in document["cells"]:
        visible, mark, hidden = "".join(cell["source"]).partition("### BEGIN HIDDEN TESTS")
        cell["source"] = visible + mark + re.sub(r"\[[\d, ]+\]", lambda found: OTHERS[found[0]], hidden)
    return json.dumps(document)


def graded(root: Path, change: bool) -> dict[str, Seen]:
    source = (ROOT / "source" / ASSIGNMENT / NOTEBOOK).read_text(encoding="utf-8")
    folder = root / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_text(with_other_hidden_inputs(source) if change else source, encoding="utf-8")
    for case in CASES:
        hand_in(case, all_cases()[case], root / "submitted")
    course = Course(root)
    options = class_run.Options(workers=2, isolation=best_tier(weakest="none"), limits=LIMITS)
    results = {result.student: result for result in class_run.grade(course, ASSIGNMENT, options)}
    return {case: seen(course, results[student_of(case)]) for case in CASES}


def seen(course: Course, result: SubmissionResult) -> Seen:
    result = dataclasses.replace(result, graded_at="")  # a minute later is no channel
    folder = course.autograded(result.student, ASSIGNMENT)
    notebook = (folder / NOTEBOOK).read_text(encoding="utf-8")
    files = {path.name: path.read_bytes().hex() for path in sorted(folder.iterdir()) if path.is_file()}
    given = {
        "autograded notebook": notebook,
        "feedback page": feedback_page(result, json.loads(notebook)),
        "files beside the notebook": json.dumps(files),
        "reply of the service": github.encoded_result(result),
        "Moodle": moodle.feedback_text(result),
        "Gradescope": json.dumps(gradescope.results_document(result)),
        "GitHub": json.dumps(github.result_document(result)),
    }
    passed = tuple(test.grade_id for test in result.tests if test.score == test.max_score)
    return Seen(passed, tuple(test.score for test in result.tests), given)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Seen], dict[str, Seen]]:
    """Every case graded with the one set and the other."""
    if best_tier(weakest="none") == "none":
        pytest.skip("hostile code only runs in a sandbox; this machine has none")
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    return graded(first, change=False), graded(second, change=True)


@pytest.mark.parametrize("case", CASES)
def test_what_a_student_gets_is_the_same_for_other_hidden_inputs(
    case: str, both: tuple[dict[str, Seen], dict[str, Seen]]
) -> None:
    first, second = both[0][case], both[1][case]
    assert first.passed == second.passed, (
        "the points are the one channel: choose a case that leaves them equal"
    )
    for name, text in first.bytes_of.items():
        assert text == second.bytes_of[name], name


def test_the_second_set_replaces_every_hidden_input() -> None:
    source = (ROOT / "source" / ASSIGNMENT / NOTEBOOK).read_text(encoding="utf-8")
    changed = with_other_hidden_inputs(source)
    for cell in json.loads(changed)["cells"]:
        hidden = "".join(cell["source"]).partition("### BEGIN HIDDEN TESTS")[2]
        assert not set(re.findall(r"\[[\d, ]+\]", hidden)) & set(OTHERS)
