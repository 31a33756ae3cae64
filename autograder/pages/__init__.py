"""Pieces of the HTML pages: templates, styles, charts, and what is taken from a student's notebook.

Every page is one file that opens without a network. Templates escape every value; what is already HTML comes
from `charts` (numbers and escaped labels) or from `excerpts` (sanitised).
"""

from __future__ import annotations

import base64
import datetime
import functools
import hashlib
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from autograder.untrusted.text import shown_unseen

if TYPE_CHECKING:
    import jinja2

__all__ = ["code_spans", "date_text", "own_hash", "points_text", "render", "span_text"]


def render(template: str, **values: Any) -> str:
    """The page of `template` (a file of this folder) with its values escaped and its style inline.

    A sign that would turn the direction of the text around it is shown by its name.
    """
    return shown_unseen(_environment().get_template(template).render(**values))


def points_text(points: float | None) -> str:
    """Points as people write them.

    >>> points_text(12.0), points_text(7.5), points_text(1 / 3), points_text(None)
    ('12', '7.5', '0.33', '–')
    """
    if points is None:
        return "–"
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def span_text(seconds: float) -> str:
    """A span of time in its two largest units.

    >>> span_text(0.25), span_text(42.4), span_text(150), span_text(7320), span_text(93600), span_text(86400)
    ('0.2 s', '42 s', '2 min 30 s', '2 h 2 min', '1 day 2 h', '1 day')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    left = round(seconds)
    words = []
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}")
        elif words:
            break
    return " ".join(words[:2])


def code_spans(text: str) -> Markup:
    """`text` escaped, with what stands between backticks as code.

    >>> print(code_spans("`W1` < 0"))
    <code>W1</code> &lt; 0
    """
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))


def date_text(stamp: str) -> str:
    """An ISO time as a page shows it; other text stays as it is.

    >>> date_text("2026-03-01T09:05:33+00:00"), date_text("")
    ('1 March 2026, 09:05 UTC', '')
    """
    try:
        moment = datetime.datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    zone = moment.tzname() or ""
    return f"{moment.day} {moment:%B %Y, %H:%M} {zone}".strip()


def own_hash(name: str) -> str:
    """Name of a script for the page's security policy: only a script with this hash may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(_own_file(name).encode()).digest()).decode()}"


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2  # whoever only writes points needs no templates

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code_spans"] = code_spans
    environment.filters["points"] = points_text
    environment.filters["span"] = span_text
    environment.filters["date"] = date_text
    environment.globals["own_file"] = _own_file
    environment.globals["own_hash"] = own_hash
    return environment


def _own_file(name: str) -> Markup:
    """The text of a style or script of this folder: ours, so it stands in the page unescaped."""
    return Markup(resources.files("autograder.pages").joinpath(name).read_text("utf-8"))
