"""What a feedback page takes from an autograded notebook: headings, code, written answers, plots.

The notebook is plain nbformat JSON. It holds what a student wrote and what their code drew, so nothing of it
is trusted: text stays text (the template escapes it), Markdown becomes HTML and then only the tags of an
allow-list are left, pictures become `data:` addresses of `img` elements, where no script runs.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from autograder.code_cell import as_python
from autograder.untrusted.allowance import Allowance
from autograder.untrusted.html import clean_html
from autograder.untrusted.markdown import START, markdown_to_html
from autograder.untrusted.pictures import PICTURE_TYPES, SVG, UnfitPictureError
from autograder.untrusted.text import joined

MOST_PLOTS = 40
MOST_CODE_CHARACTERS = 20_000
MOST_HEADING_CHARACTERS = 400


@dataclass(frozen=True)
class Plot:
    """One picture that the student's notebook drew.

    Attributes
    ----------
    address : str
        A `data:` address.
    heading : str
        The nearest heading above the cell, "" where there is none.
    made_by : str
        The cell's first line of code that draws, or else that does something, shortened.
    """

    address: str
    heading: str
    made_by: str


@dataclass(frozen=True)
class Excerpts:
    """What the page shows of a notebook; everything empty without one.

    Attributes
    ----------
    headings : dict
        Grade id of a test or an answer -> the nearest heading above it.
    code : dict
        Grade id of a test -> the solution cell that it tests, as the student wrote it.
    answers : dict
        Grade id of a hand-graded answer -> sanitised HTML.
    plots : tuple of Plot
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Markup] = field(default_factory=dict)
    plots: tuple[Plot, ...] = ()


def read_excerpts(notebook: Mapping[str, Any] | None) -> Excerpts:
    """What the page shows of `notebook` (nbformat 4 as JSON gives it); nothing of None."""
    if notebook is None:
        return Excerpts()
    headings: dict[str, str] = {}
    code: dict[str, str] = {}
    answers: dict[str, Markup] = {}
    plots: list[Plot] = []
    heading, solution = "", ""
    allowance = Allowance()
    for cell in notebook.get("cells", ()):
        source = joined(cell.get("source", ""))
        marks = cell.get("metadata", {}).get("nbgrader", {})
        grade_id, solves, graded = marks.get("grade_id", ""), marks.get("solution"), marks.get("grade")
        if cell.get("cell_type") == "markdown" and not solves:
            heading = last_heading(source) or heading
        if graded or marks.get("task"):
            headings[grade_id] = heading
        if (solves and graded) or marks.get("task"):
            is_code = cell.get("cell_type") == "code"
            answers[grade_id] = _code_html(source) if is_code else _answer_html(source, allowance)
        elif solves:
            solution = source[:MOST_CODE_CHARACTERS]
        elif graded:
            code[grade_id] = solution
        if len(plots) < MOST_PLOTS:
            made_by = _telling_line(source)
            plots += [Plot(address, heading, made_by) for address in picture_addresses(cell, allowance)]
    return Excerpts(headings, code, answers, tuple(plots[:MOST_PLOTS]))


def picture_addresses(cell: Mapping[str, Any], allowance: Allowance) -> Iterator[str]:
    """`data:` addresses of the pictures among a cell's outputs; what is no real picture is left out."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {}) if isinstance(output, Mapping) else {}
        kind = next((kind for kind in (*PICTURE_TYPES, SVG) if kind in data), "")
        if not kind:
            continue
        with contextlib.suppress(UnfitPictureError):
            yield allowance.picture(kind, joined(data[kind])).address


def last_heading(markdown: str) -> str:
    """Text of the last heading in `markdown` without its number and points, or "".

    >>> last_heading("## 2 - Zero initialization\\nTry `zeros`."), last_heading("# Why? (10 points, by hand)")
    ('Zero initialization', 'Why?')
    """
    # Cut first: what is taken off its end below takes time by the square of a line's length.
    lines = re.findall(rf"^#{{1,6}}[ \t].{{1,{MOST_HEADING_CHARACTERS}}}", markdown, re.MULTILINE)
    found = re.fullmatch(r"#{1,6}[ \t]+(.+?)[ \t#]*", lines[-1]) if lines else None
    if found is None:
        return ""
    plain = re.sub(r"<[^>]{0,200}>|[*_`]", "", found[1])
    plain = re.sub(r"\s*\([^()]*\bpoints?\b[^()]*\)\s*$", "", plain)
    return re.sub(r"^\s*(Exercise|Part)?\s*\d+(\.\d+)*\s*[-–—:.)]*\s*(?=\S)", "", plain).strip()[:120]


def _telling_line(source: str) -> str:
    lines = [line.strip() for line in as_python(source[:MOST_CODE_CHARACTERS]).split("\n")]
    telling = [line for line in lines if line and not line.startswith(("#", "pass", "import ", "from "))]
    drawing = [line for line in telling if re.search(r"plot|show|draw|scatter|hist|imshow", line)]
    chosen = (drawing or telling or [""])[0]
    return chosen if len(chosen) <= 80 else chosen[:77] + "..."


def _answer_html(source: str, allowance: Allowance) -> Markup:
    """An answer as our grader wrote it into the notebook, HTML already; of plain nbgrader, Markdown."""
    if source.startswith(START):
        return Markup(clean_html(source, allowance=allowance))
    return markdown_to_html(source, allowance)


def _code_html(source: str) -> Markup:
    return Markup("<pre><code>{}</code></pre>").format(source)
