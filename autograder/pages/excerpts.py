"""What a feedback page takes from an autograded notebook: headings, code, written answers, plots.

The notebook is plain nbformat JSON. It holds what a student wrote and what their code drew, so nothing of it
is trusted: text stays text (the template escapes it), Markdown becomes HTML and then only the tags of an
allow-list are left, pictures become `data:` addresses of `img` elements, where no script runs.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import mistune
import nh3
from markupsafe import Markup

from autograder.code_cell import as_python

MOST_PLOTS = 40
MOST_PICTURE_BYTES = 4_000_000
MOST_CODE_CHARACTERS = 20_000
MOST_HEADING_CHARACTERS = 400

ALLOWED_TAGS = {
    "p",
    "br",
    "hr",
    "em",
    "strong",
    "b",
    "i",
    "u",
    "s",
    "del",
    "sub",
    "sup",
    "code",
    "pre",
    "blockquote",
} | {
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "h3",
    "h4",
    "h5",
    "h6",
    "a",
    "span",
    "div",
}
ALLOWED_ATTRIBUTES = {"a": {"href", "title"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}

# What a real picture of that kind starts with; anything else is not shown.
PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
}

_markdown = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])


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
            answers[grade_id] = _code_html(source) if is_code else safe_markdown(source)
        elif solves:
            solution = source[:MOST_CODE_CHARACTERS]
        elif graded:
            code[grade_id] = solution
        if len(plots) < MOST_PLOTS:
            made_by = _telling_line(source)
            plots += [Plot(address, heading, made_by) for address in picture_addresses(cell)]
    return Excerpts(headings, code, answers, tuple(plots[:MOST_PLOTS]))


def safe_markdown(text: str) -> Markup:
    """HTML of someone's Markdown: no scripts, styles, forms, pictures, or addresses other than web and mail.

    >>> print(safe_markdown("**Good** <script>alert(1)</script>").strip())
    <p><strong>Good</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>
    """
    rendered = str(_markdown(_lower_headings(text)))
    cleaned = nh3.clean(
        rendered,
        tags=ALLOWED_TAGS,
        attributes={tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto"},
        attribute_filter=_attribute,
    )
    return Markup(cleaned)  # cleaned on the line above: the only HTML of a student's that reaches a page


def picture_addresses(cell: Mapping[str, Any]) -> Iterator[str]:
    """`data:` addresses of the pictures among a cell's outputs; what is no real picture is left out."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {}) if isinstance(output, Mapping) else {}
        for kind, beginning in PICTURES.items():
            if kind in data:
                address = _picture_address(kind, joined(data[kind]), beginning)
                if address:
                    yield address
                break
        else:
            if "image/svg+xml" in data:
                # Inside an img element an SVG runs no script and loads nothing.
                drawing = joined(data["image/svg+xml"]).encode()
                if len(drawing) <= MOST_PICTURE_BYTES and b"<svg" in drawing:
                    yield f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}"


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


def joined(text: object) -> str:
    """Text of nbformat, which may be a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _picture_address(kind: str, encoded: str, beginning: bytes) -> str | None:
    try:
        picture = base64.b64decode(re.sub(r"\s+", "", encoded), validate=True)
    except binascii.Error:
        return None
    if len(picture) > MOST_PICTURE_BYTES or not picture.startswith(beginning):
        return None
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}"


def _telling_line(source: str) -> str:
    lines = [line.strip() for line in as_python(source[:MOST_CODE_CHARACTERS]).split("\n")]
    telling = [line for line in lines if line and not line.startswith(("#", "pass", "import ", "from "))]
    drawing = [line for line in telling if re.search(r"plot|show|draw|scatter|hist|imshow", line)]
    chosen = (drawing or telling or [""])[0]
    return chosen if len(chosen) <= 80 else chosen[:77] + "..."


def _lower_headings(text: str) -> str:
    """An answer's headings stand below the page's own."""
    return re.sub(r"^(#{1,4})(?=[ \t])", "####", text, flags=re.MULTILINE)


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value to keep; `#harmful-link` is what the Markdown program writes for an address it refuses."""
    return None if value == "#harmful-link" else value


def _code_html(source: str) -> Markup:
    return Markup("<pre><code>{}</code></pre>").format(source)
