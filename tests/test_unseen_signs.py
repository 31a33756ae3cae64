"""Signs that turn the direction of text are shown by their names wherever people read what others wrote."""

from __future__ import annotations

import dataclasses
import json

import pytest

from autograder.exporters import github, gradescope, moodle, plain
from autograder.pages.class_summary import summarize
from autograder.pages.feedback import feedback_page
from autograder.pages.report import report_page, report_tables
from autograder.untrusted.drawings import clean_drawing
from autograder.untrusted.html import clean_html
from autograder.untrusted.markdown import markdown_to_html
from autograder.verdicts import Finding, SubmissionResult, Verdict
from tests.example_results import ada, grace

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
BAD = f"x{TURNING}y"
NAMED = "\u27e8U+202E\u27e9"


def turned() -> SubmissionResult:
    """A result of which every text that somebody else wrote has such signs."""
    result = ada()
    tests = tuple(
        dataclasses.replace(
            test, message=BAD, hint=BAD, teacher_note=BAD, why=BAD, experiment=BAD, comment=BAD, notes=(BAD,),
            cluster="c1", example=BAD, verdict=Verdict.RAISED, score=0.0,
            further=(Finding("he-xavier-factor", BAD, BAD),),
        )
        for test in result.tests
    )  # fmt: skip
    hand = tuple(dataclasses.replace(grade, comment=BAD) for grade in result.hand_grades)
    return dataclasses.replace(
        result, tests=tests, hand_grades=hand, flags=(BAD,), first_name=BAD, last_name=BAD, email=BAD,
        comments={"q1": BAD},
    )  # fmt: skip


def texts_of(document: object) -> list[str]:
    if isinstance(document, dict):
        return [text for value in document.values() for text in texts_of(value)]
    if isinstance(document, list | tuple):
        return [text for value in document for text in texts_of(value)]
    return [document] if isinstance(document, str) else []


def documents() -> dict[str, object]:
    result, rejected = turned(), dataclasses.replace(grace(), reason=BAD, first_name=BAD)
    everyone = [result, rejected]
    summary = summarize("initialization", everyone)
    return {
        "feedback page": feedback_page(result, None),
        "feedback page of what was rejected": feedback_page(rejected, None),
        "report": report_page(summary),
        "tables of the report": report_tables(summary),
        "CSV": [content.decode() for content in plain.export_csv(everyone, "initialization").files.values()],
        "Moodle": [
            *(moodle.feedback_text(one) for one in everyone),
            *(content.decode() for content in moodle.export(everyone, "initialization").files.values()),
        ],
        "Gradescope": [gradescope.results_document(one) for one in everyone],
        "GitHub": [github.result_document(one) for one in everyone],
    }


@pytest.mark.parametrize("place", documents())
def test_what_others_wrote_turns_no_text_of_a_page_or_an_export(place: str) -> None:
    texts = texts_of(documents()[place])
    assert not [text for text in texts if set(text) & set(TURNING)]
    assert NAMED in json.dumps(texts, ensure_ascii=False)


@pytest.mark.parametrize("written", ["&#x202e;", "&#8238;", "\u202e"])
def test_an_entity_turns_no_text_either(written: str) -> None:
    assert markdown_to_html(f"a {written} b") == f"<p>a {NAMED} b</p>\n"
    assert clean_html(f"<b>{written}</b>") == f"<b>{NAMED}</b>"
    drawing = clean_drawing(f"<svg xmlns='http://www.w3.org/2000/svg'><text>{written}</text></svg>", str)
    assert f">{NAMED}</text>" in drawing
