"""Results as Gradescope, GitHub Classroom and PrairieLearn read them, and as plain files."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.exporters import ExportError, github, gradescope, plain, prairielearn
from autograder.exporters.tables import read_table
from autograder.verdicts import SubmissionResult
from tests.example_results import XAVIER_HINT, ada, alan, emmy, grace, small_class

FIXTURES = Path(__file__).parent / "fixtures"


def _fixture(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FIXTURES / name).read_text())
    return document


def _same_form(ours: dict[str, Any], real: dict[str, Any]) -> None:
    """Every field of ours is a field of the real format, and of the same type."""
    for name, value in ours.items():
        assert name in real, name
        assert isinstance(value, type(real[name])) or type(value) in (int, float), name


def test_gradescope_reads_points_messages_and_the_tier() -> None:
    document = gradescope.results_document(ada())
    assert document["score"] == 32.5  # the tests alone: a person's points are given in Gradescope
    assert document["extra_data"]["isolation"] == "full"
    assert "20 more points are given by hand" in document["output"]
    assert (
        "Graded in isolation: full. That means: the notebook ran with its own view of files"
        in document["output"]
    )
    values = document["tests"][5]
    assert (values["name"], values["score"], values["max_score"], values["status"]) == (
        "he_values",
        0,
        15,
        "failed",
    )
    assert values["output"].endswith(XAVIER_HINT)


@pytest.mark.parametrize("result", [ada(), alan(), grace()], ids=lambda result: result.student)
def test_gradescope_knows_every_field(result: SubmissionResult) -> None:
    real = _fixture("gradescope_results.json")
    document = json.loads(json.dumps(gradescope.results_document(result, "after_published")))
    _same_form(document, real)
    for test in document["tests"]:
        _same_form(test, real["tests"][0])
    assert document["visibility"] in gradescope.VISIBILITIES


def test_gradescope_hears_why_a_rejected_submission_has_no_points() -> None:
    document = gradescope.results_document(grace())
    assert document["score"] == 0
    assert document["output"].startswith(
        "This was not graded: The file is a web page, not a notebook. Put it right"
    )


def test_our_failure_never_becomes_a_zero_in_gradescope() -> None:
    with pytest.raises(ValueError, match="not the student's zero"):
        gradescope.results_document(emmy())


def test_github_reads_version_3_in_base64() -> None:
    document = json.loads(base64.b64decode(github.encoded_result(ada()), validate=True))
    real = _fixture("github_result.json")
    assert set(document) == set(real)
    assert (document["version"], document["status"], document["max_score"]) == (3, "fail", 60)
    assert {tuple(sorted(test)) for test in document["tests"]} == {tuple(sorted(real["tests"][0]))}
    assert sum(test["score"] for test in document["tests"]) == 32.5  # what the reporter adds up
    assert [test["status"] for test in document["tests"]] == ["pass"] * 3 + ["fail", "pass", "fail", "fail"]
    assert document["tests"][0]["message"] is None


def test_github_sees_full_points_as_pass_and_our_failure_as_error() -> None:
    assert github.result_document(alan())["status"] == "pass"
    failed = github.result_document(emmy())
    assert (failed["status"], failed["tests"][0]["message"]) == ("error", "The sandbox could not start.")


def test_the_result_is_one_line_for_the_steps_output() -> None:
    assert "\n" not in github.encoded_result(ada())


def test_the_workflow_hands_the_steps_result_to_the_reporter() -> None:
    released = {"part 1.ipynb": b"{}", "part 2.ipynb": b"{}"}
    files = github.bundle("initialization", released, {"a.whl": b"x", "b.whl": b"y"}, "numpy==2.4.6\n")
    assert sorted(files) == [
        ".github/autograder/a.whl",
        ".github/autograder/b.whl",
        ".github/autograder/constraints.txt",
        ".github/autograder/part 1.ipynb",
        ".github/autograder/part 2.ipynb",
        ".github/workflows/classroom.yml",
    ]
    workflow = yaml.safe_load(files[".github/workflows/classroom.yml"])
    assert workflow["name"] == "Autograding Tests"
    (job,) = workflow["jobs"].values()
    *_, install, grade, report = job["steps"]
    assert install["run"] == (
        "python -m pip install --constraint .github/autograder/constraints.txt .github/autograder/*.whl\n"
    )
    assert report["with"]["runners"] == grade["id"]
    # The reporter looks for the id in capitals, followed by _RESULTS.
    assert report["env"] == {f"{grade['id'].upper()}_RESULTS": "${{ steps.notebook.outputs.result }}"}
    assert "ASSIGNMENT" not in grade["run"]
    assert "cp 'part 1.ipynb' 'part 2.ipynb' \"$course/submitted/student/initialization/\"\n" in grade["run"]


def test_prairielearn_gets_points_by_address_for_its_upload_of_total_scores() -> None:
    export = prairielearn.export([ada(), alan()], "initialization")
    (content,) = export.files.values()
    assert list(export.files) == ["prairielearn-initialization.csv"]
    assert content.decode() == ("uid,instance,points\r\nada@example.org,1,48\r\nalan@example.org,1,80\r\n")
    assert export.notes == (
        "1 score is provisional: a written answer is not graded yet. --finished-only leaves them out.",
    )


def test_prairielearn_gets_percents_where_it_counts_other_points() -> None:
    (content,) = prairielearn.export([ada()], "initialization", scale=True).files.values()
    assert content.decode() == "uid,instance,score_perc\r\nada@example.org,1,60\r\n"


def test_prairielearn_names_who_has_no_address_or_no_score() -> None:
    nameless = dataclasses.replace(alan(), email="")
    notes = prairielearn.export([ada(), nameless, grace(), emmy()], "initialization").notes
    assert "alan: no address is known, which PrairieLearn calls uid; left out." in notes
    assert any(note.startswith("grace: rejected, has no score; left out.") for note in notes)
    with pytest.raises(ExportError, match="nobody has a score and an address"):
        prairielearn.export([nameless], "initialization")


def test_csv_has_a_column_for_every_test_and_answer() -> None:
    (content,) = plain.export_csv(small_class(), "initialization").files.values()
    header, first, *_ = read_table(content.decode("utf-8-sig"))
    row = dict(zip(header, first, strict=True))
    assert (row["student"], row["score"], row["needs_manual_grade"]) == ("ada", "48", "1")
    assert (row["random_values"], row["observations_random"], row["observations_he"]) == ("7.5", "8", "")


def test_json_reads_back_as_the_same_results() -> None:
    (content,) = plain.export_json(small_class(), "initialization").files.values()
    document = json.loads(content)
    assert document["schema_version"] == 1
    assert [SubmissionResult.from_dict(entry) for entry in document["submissions"]] == small_class()
