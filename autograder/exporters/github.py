"""GitHub Actions, in the form of the retired GitHub Classroom: a workflow for a template, and results.

The workflow runs in the student's repository, so whatever it can read the student can read too, and
change: it gets the students' version of the assignment, without hidden tests, and serves practice. Grades
that count are made by `autograder grade` on the instructor's machine. The reporter takes base64 of JSON,
version 3, from the environment variable `<STEP ID>_RESULTS`. Source:
github-education-resources/autograding-grading-reporter.
"""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Mapping
from typing import Any

from autograder.untrusted.text import shown_unseen_in
from autograder.verdicts import Status, SubmissionResult, TestResult, Verdict

FOLDER = ".github/autograder"
STEP = "notebook"
MOST_CHARACTERS = 2_000  # of one message: an environment variable holds some 100 kB in all

WORKFLOW = """\
# Practice grading in GitHub Actions, with what students may read: the released tests, no hidden ones.
name: Autograding Tests
on: [push, workflow_dispatch, repository_dispatch]
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    if: github.actor != 'github-classroom[bot]'
    steps:
      - name: Checkout code
        uses: actions/checkout@v4
      - name: Set up Python
        uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install the grader
        run: |
          python -m pip install --constraint FOLDER/constraints.txt FOLDER/*.whl
      - name: Grade the notebook
        id: STEP
        run: |
          course="$(mktemp -d)"
          mkdir -p "$course/source/ASSIGNMENT" "$course/submitted/student/ASSIGNMENT"
          cp FOLDER/*.ipynb "$course/source/ASSIGNMENT/"
          cp NOTEBOOKS "$course/submitted/student/ASSIGNMENT/"
          autograder grade ASSIGNMENT --course "$course" --isolation none --json "$course/grades.json" || true
          autograder export github-result ASSIGNMENT --from "$course/grades.json" --out "$course"
          cat "$course/result.txt" >> "$GITHUB_OUTPUT"
      - name: Autograding Reporter
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
          VARIABLE_RESULTS: "${{ steps.STEP.outputs.result }}"
        with:
          runners: STEP
"""


def bundle(
    assignment: str, released: Mapping[str, bytes], wheels: Mapping[str, bytes], constraints: str
) -> dict[str, bytes]:
    """The files to put into the assignment's template repository, by path.

    Parameters
    ----------
    assignment : str
    released : mapping of str to bytes
        The students' version of the notebooks, by file name.
    wheels : mapping of str to bytes
        Content of both wheels by file name; the workflow installs them in one call.
    constraints : str
        For pip.
    """
    text = WORKFLOW.replace("VARIABLE", STEP.upper()).replace("FOLDER", FOLDER)
    text = text.replace("ASSIGNMENT", assignment).replace("STEP", STEP)
    text = text.replace("NOTEBOOKS", " ".join(map(shlex.quote, released)))
    return {
        ".github/workflows/classroom.yml": text.encode(),
        f"{FOLDER}/constraints.txt": constraints.encode(),
    } | {f"{FOLDER}/{name}": content for name, content in (*released.items(), *wheels.items())}


def result_document(result: SubmissionResult) -> dict[str, Any]:
    """What a grader of GitHub Classroom reports: version 3."""
    tests = [_test(test) for test in result.tests]
    if result.status is not Status.GRADED:
        tests = [
            {
                "name": result.assignment,
                "status": "error",
                "message": result.reason[:MOST_CHARACTERS] or str(result.status),
                "test_code": "",
                "filename": f"{result.assignment}.ipynb",
                "line_no": 0,
                "execution_time": "0ms",
                "score": 0,
                "max_score": 0,
            }
        ]
    statuses = {test["status"] for test in tests}
    document = {
        "version": 3,
        "status": "error" if "error" in statuses else "fail" if "fail" in statuses else "pass",
        "max_score": sum(test.max_score for test in result.tests),
        "tests": tests,
    }
    return shown_unseen_in(document)


def encoded_result(result: SubmissionResult) -> str:
    """The document as the step's output `result` holds it: base64 of JSON, one line."""
    return base64.b64encode(json.dumps(result_document(result)).encode()).decode()


def _test(test: TestResult) -> dict[str, Any]:
    said = test.advice or test.told_message or test.told_verdict
    return {
        "name": test.name,
        "status": _STATUS.get(test.verdict, "fail"),
        "message": None if test.verdict is Verdict.PASSED else said[:MOST_CHARACTERS],
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "execution_time": "0ms",
        "score": test.score,
        "max_score": test.max_score,
    }


_STATUS = {Verdict.PASSED: "pass", Verdict.INTERNAL_ERROR: "error"}
