"""A feedback page for everyone: what raises on one student's texts costs their form, and nobody a page.

First the page as it should be; if anything raises, the same with the student's texts letter by letter and
without plots; if that raises too, points and texts alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from autograder.pages import points_text
from autograder.pages.feedback import feedback_page, student_name
from autograder.several_notebooks import result_of
from autograder.untrusted.markdown import NOT_TYPESET, as_cell, plain_html
from autograder.untrusted.text import joined, printable
from autograder.verdicts import SubmissionResult

SHOWN_PLAIN = "could not be typeset"  # of a flag of `grade`, and of what is told here


@dataclass(frozen=True)
class SafePage:
    """One student's page.

    Attributes
    ----------
    html : str
    plain : str
        Why texts of this student are shown plain, as a clause; "" where none are.
    """

    html: str
    plain: str = ""


def safe_feedback_page(
    result: SubmissionResult, notebook: Mapping[str, Any] | None = None, course: str = "", part: str = ""
) -> SafePage:
    """The page that `feedback_page` makes, or a plain one: never an exception.

    Parameters
    ----------
    result : SubmissionResult
    notebook : mapping, optional
        The autograded notebook as JSON gives it.
    course, part : str
        As of `feedback_page`.
    """
    try:
        html = feedback_page(result, notebook, course, part)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's text makes a renderer raise
        reason = printable(f"the page raised {type(error).__name__}: {error}", 200)
    else:
        is_plain = NOT_TYPESET in html or any(SHOWN_PLAIN in flag for flag in result.flags)
        return SafePage(html, f"a text {SHOWN_PLAIN}" if is_plain else "")
    texts = dict(_answers(notebook))
    try:
        return SafePage(feedback_page(result, _plain_notebook(texts), course, part), reason)
    except Exception:  # noqa: BLE001 - as above
        return SafePage(_bare_page(result_of(result, part) if part else result, texts), reason)


def _answers(notebook: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Grade id and text of each written answer; what has no form of a cell is passed over."""
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    for cell in cells if isinstance(cells, list) else ():
        metadata = cell.get("metadata") if isinstance(cell, Mapping) else None
        marks = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
        if isinstance(marks, Mapping) and marks.get("solution") and marks.get("grade"):
            yield str(marks.get("grade_id")), joined(cell.get("source"))


def _plain_notebook(texts: Mapping[str, str]) -> dict[str, Any]:
    cells = [
        {
            "cell_type": "markdown",
            "metadata": {"nbgrader": {"grade_id": grade_id, "solution": True, "grade": True}},
            "source": as_cell(plain_html(text)),
        }
        for grade_id, text in texts.items()
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def _bare_page(result: SubmissionResult, texts: Mapping[str, str]) -> str:
    page = Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
        '<meta name="viewport" content="width=device-width"><title>Feedback</title></head><body><main>'
        "<h1>Feedback for {}</h1><p>{} of {} points.</p><p>{}</p>"
    ).format(
        student_name(result),
        points_text(result.score),
        points_text(result.max_score),
        "This page could not be made in its usual form. Your grader can tell you what each test found.",
    )
    for text in texts.values():
        page += plain_html(text)
    return f"{page}</main></body></html>"
