"""Results of a small made-up class, for the tests of what reads results."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

from autograder.misconceptions.initializers import REGISTERED
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict

XAVIER_HINT = "Your W2 equals standard normal × sqrt(1/n_prev): that is Xavier. He has another factor."
XAVIER_NOTE = "They use sqrt(1/n_prev): show why relu halves the variance."


def test_result(grade_id: str, score: float, most: float, verdict: Verdict, **more: Any) -> TestResult:
    """One test; `more` are fields of TestResult."""
    question = REGISTERED.questions.get(grade_id.rpartition("_")[2], "")
    return TestResult(grade_id, score, most, verdict, question=question, **more)


test_result.__test__ = False  # type: ignore[attr-defined]  # not a pytest test, for all its name


def ada() -> SubmissionResult:
    """Half right, one answer graded with a comment, one open, late."""
    return SubmissionResult(
        "ada",
        "initialization",
        Status.GRADED,
        score=48.0,
        max_score=80.0,
        seconds=1.25,
        isolation="full",
        tests=(
            test_result("zeros_shapes", 5, 5, Verdict.PASSED),
            test_result("zeros_values", 10, 10, Verdict.PASSED),
            test_result("random_shapes", 5, 5, Verdict.PASSED, notes=("`W1` is an np.matrix; accepted.",)),
            test_result("random_values", 7.5, 15, Verdict.PARTIAL, message="W1 is right, W2 is not."),
            test_result("he_shapes", 5, 5, Verdict.PASSED),
            test_result(
                "he_values", 0, 15, Verdict.WRONG_ANSWER,
                message="ada: W2 differs <b>everywhere</b>", misconception="he-xavier-factor",
                hint=XAVIER_HINT, teacher_note=XAVIER_NOTE,
            ),
            test_result("he_seed", 0, 5, Verdict.TIMEOUT, message="took longer than 10 s"),
        ),
        hand_grades=(
            HandGrade("observations_random", 8.0, 10.0, "Good eye for the **plateau**."),
            HandGrade("observations_he", None, 10.0),
        ),
        flags=("Cell 13: `zeros_shapes` is locked; what was typed there does not run.",),
        limits_hit=("timeout",),
        late_seconds=7300.0,
        late_penalty=2.0,
        graded_at="2026-03-01T09:05:33+00:00",
        versions={"numpy": "2.4.6", "python": "3.11.7"},
        first_name="Ada",
        last_name="Lovelace",
        email="ada@example.org",
    )  # fmt: skip


def alan() -> SubmissionResult:
    """Everything right, everything graded."""
    tests = tuple(
        test_result(test.grade_id, test.max_score, test.max_score, Verdict.PASSED) for test in ada().tests
    )
    answers = (
        HandGrade("observations_random", 10.0, 10.0),
        HandGrade("observations_he", 10.0, 10.0, "Superb."),
    )
    return SubmissionResult(
        "alan", "initialization", Status.GRADED, score=80.0, max_score=80.0, seconds=0.5, isolation="full",
        tests=tests, hand_grades=answers, versions={"numpy": "2.4.6", "python": "3.11.7"},
        first_name="Alan", last_name="Turing", email="alan@example.org",
    )  # fmt: skip


def grace() -> SubmissionResult:
    """Rejected."""
    return SubmissionResult(
        "grace",
        "initialization",
        Status.REJECTED,
        reason="The file is a web page, not a notebook.",
        isolation="full",
    )


def emmy() -> SubmissionResult:
    """Our machinery failed."""
    return SubmissionResult(
        "emmy",
        "initialization",
        Status.INTERNAL_ERROR,
        reason="The sandbox could not start.",
        isolation="full",
    )


def small_class() -> list[SubmissionResult]:
    """The four of them."""
    return [ada(), alan(), emmy(), grace()]


def big_class(number: int) -> list[SubmissionResult]:
    """`number` students who are ada or alan under another name."""
    import dataclasses

    return [
        dataclasses.replace(
            ada() if place % 3 else alan(),
            student=f"student{place:04}",
            first_name="",
            last_name="",
            email="",
        )
        for place in range(number)
    ]


def png() -> str:
    """The smallest picture, base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    picture = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) + chunk(
        b"IDAT", zlib.compress(b"\0\0")
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + picture + chunk(b"IEND", b"")).decode()


def notebook() -> dict[str, Any]:
    """Ada's autograded notebook, with what a hostile student might put into it."""

    def cell(
        kind: str, source: str, grade_id: str = "", flags: str = "", outputs: Any = ()
    ) -> dict[str, Any]:
        marks = {"grade_id": grade_id, "solution": "s" in flags, "grade": "g" in flags}
        data: dict[str, Any] = {
            "cell_type": kind,
            "source": source,
            "metadata": {"nbgrader": marks} if flags else {},
        }
        return data | ({"outputs": list(outputs)} if kind == "code" else {})

    drawn = {"output_type": "display_data", "data": {"image/png": png()}, "metadata": {}}
    fake = {"output_type": "display_data", "data": {"image/png": base64.b64encode(b"<script>").decode()}}
    page = {"output_type": "display_data", "data": {"text/html": "<script>alert(2)</script>"}}
    drawing = {"output_type": "display_data", "data": {"image/svg+xml": "<svg onload='alert(3)'></svg>"}}
    cells = [
        cell("markdown", "## 2 - All zeros"),
        cell("code", "def initialize_parameters_zeros(layers_dims):\n    return '<i>'", "z", "s"),
        cell("code", "check()", "zeros_shapes", "g"),
        cell("code", "check()", "zeros_values", "g"),
        cell("code", "import numpy\nplot_cost(history)", outputs=[drawn, fake, page]),
        cell("markdown", "## 3 - Large <b>random</b> numbers"),
        cell("code", "def initialize_parameters_random(layers_dims):\n    return {}", "r", "s"),
        cell("code", "check()", "random_shapes", "g", [drawing]),
        cell("markdown", "### Why? (10 points, read by a person)"),
        cell("markdown", "It **saturates**.\n\n<img src=x onerror=alert(4)> [x](javascript:alert(5))",
             "observations_random", "sg"),
    ]  # fmt: skip
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
