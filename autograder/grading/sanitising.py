"""Outputs and texts of a student's made fit for a person's browser: capped, and nothing in them runs.

What stays: streams and tracebacks as plain text, PNG, JPEG and GIF pictures, HTML of an allow-list of tags,
SVG as a picture (inside `img` no script runs), Markdown and LaTeX without raw HTML and without commands that
act. Everything else (JavaScript, widgets, JSON, PDF, metadata) is left out. Called by `rendering`.

>>> clean_outputs([{"output_type": "stream", "name": "stdout", "text": "\\x1b[31mred\\x1b[0m"}])
[{'output_type': 'stream', 'name': 'stdout', 'text': 'red'}]
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import nh3


@dataclass(frozen=True)
class OutputLimits:
    """How much of a cell is shown.

    Attributes
    ----------
    text_characters : int
        Of one stream, traceback, text, or HTML; the middle of what is longer is left out.
    picture_characters : int
        Of one picture, in base64; larger ones are left out whole.
    outputs : int
        Of one cell.
    cell_characters : int
        All outputs of one cell together.
    html_tags, cell_html_tags : int
        Of one HTML output; of all of one cell, and of all of a notebook. An output of more is shown as text.
    """

    text_characters: int = 20_000
    picture_characters: int = 2_000_000
    outputs: int = 50
    cell_characters: int = 6_000_000
    # A parser of HTML takes time by the square of how deep tags lie in each other: 50 ms for so many.
    html_tags: int = 5_000
    cell_html_tags: int = 200_000


_LOOKED_AT_BEYOND = 5  # outputs that did not fit; after so many the rest is only counted

# What a picture of that type starts with, in base64; anything else is no picture.
_PICTURES = {"image/png": "iVBORw0KGgo", "image/jpeg": "/9j/", "image/gif": "R0lGOD"}
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_DATA_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]*+")

# Terminal sequences: CSI, OSC (ended by BEL or ESC \), and the short ones.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# In Markdown: raw HTML but for plain tags without attributes; LaTeX commands that make links or attributes.
_TAG_START = re.compile(
    r"<(?!/?(?:b|i|u|em|strong|sub|sup|br|hr|p|code|pre|ul|ol|li|table|thead|tbody|tr|th|td)\s*/?>)(?=[A-Za-z/!?])"
)
_ACTING_COMMAND = re.compile(
    r"\\(?=(?:href|url|require|class|cssId|style|html\w*|data|unicode|mmlToken|bbox)\b)", re.IGNORECASE
)
# Markdown takes the backslash of `javascript\:` away.
_ACTING_ADDRESS = re.compile(r"(javascript|vbscript|data)(?=[\s\\]*+(?::|&#|&colon))", re.IGNORECASE)
_ACTING_ENTITY = re.compile(r"&(?=#|colon;|tab;|newline;)", re.IGNORECASE)  # could spell an address
_NO_BREAK = "\u200b"  # zero width: between `<` and a letter it makes no tag, and nobody sees it

# A parser of HTML opens formatting tags anew in every paragraph, and knows equal ones by their attributes:
# without attributes at most three of a name are open, with them thousands, and the page grows as the square.
_FORMATTING_TAG = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*+>", re.IGNORECASE
)
# MathJax reads what stands on both sides of <wbr> as one word, so a command could be hidden there.
_TAGS = nh3.ALLOWED_TAGS - {"wbr"}

_TABLE_CELL = {"colspan", "rowspan", "align"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "align"},
    "td": _TABLE_CELL,
    "th": _TABLE_CELL,
}


def clean_outputs(outputs: Iterable[Any], limits: OutputLimits | None = None) -> list[dict[str, Any]]:
    """`outputs` (nbformat 4, from a stranger) with only what may be shown, within the limits."""
    limits = limits or OutputLimits()
    cleaned: list[dict[str, Any]] = []
    room = limits.cell_characters
    left_out = 0
    tags_left = limits.cell_html_tags
    for output in _merged_streams(outputs):
        if left_out >= _LOOKED_AT_BEYOND:
            left_out += 1
            continue
        most = replace(limits, html_tags=min(limits.html_tags, tags_left))
        tags_left -= html_tags(output, most)
        made = _MAKERS.get(str(output.get("output_type")), _nothing)(output, most)
        if made is None:
            continue
        size = _size(made)
        if size > room or len(cleaned) >= limits.outputs:
            left_out += 1
        else:
            room -= size
            cleaned.append(made)
    if left_out:
        cleaned.append(stream(f"[{left_out} more outputs of this cell are not shown]\n"))
    return cleaned


def clean_text(text: str, most: int = 20_000) -> str:
    """Plain text without terminal sequences or control characters, its middle cut out beyond `most`."""
    if len(text) > 10 * most:  # enough for what the sequences take
        text = text[: 5 * most] + text[-5 * most :]
        cut = True
    else:
        cut = False
    text = _ANSI.sub("", text).replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(_last_state(line) for line in text.split("\n"))
    text = _CONTROL.sub("", text)
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= most:
        return text if not cut else f"{text}\n[... part of this text is not shown ...]\n"
    half = most // 2
    return f"{text[:half]}\n[... {len(text) - most:,} characters or more are not shown ...]\n{text[-half:]}"


def clean_markdown(text: str, most: int = 200_000) -> str:
    """Markdown that shows the same, but whose raw HTML and acting LaTeX are mere text.

    >>> clean_markdown("a < b and <b>bold</b>") == "a < b and <b>bold</b>"
    True
    >>> "<script" in clean_markdown("<script>alert(1)</script>")
    False
    """
    text = _CONTROL.sub("", text[:most]).encode("utf-8", "replace").decode("utf-8")
    text = _TAG_START.sub("<" + _NO_BREAK, text)
    text = _ACTING_COMMAND.sub("\\\\" + _NO_BREAK, text)
    text = _ACTING_ENTITY.sub("&" + _NO_BREAK, text)
    return _ACTING_ADDRESS.sub(lambda match: match[0] + _NO_BREAK, text)


def clean_html(text: str) -> str:
    """HTML of harmless tags; pictures only from inside the page, so that nothing is fetched.

    Formulas may stand in it: their acting LaTeX is mere text, as in Markdown.
    """
    end = text.rfind(">") + 1  # what begins behind it is no tag, and each beginning would search to the end
    cleaned = nh3.clean(
        _FORMATTING_TAG.sub(r"<\1>", text[:end]) + text[end:],
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    return _ACTING_COMMAND.sub("\\\\" + _NO_BREAK, cleaned)


def html_tags(output: Mapping[str, Any], limits: OutputLimits) -> int:
    """How many tags the HTML of an output has, so far as it is shown: 0 where there are too many."""
    data = output.get("data")
    tags = _text(data.get("text/html")).count("<") if isinstance(data, Mapping) else 0
    return tags if tags <= limits.html_tags else 0


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """A stream output, nbformat 4."""
    return {"output_type": "stream", "name": name, "text": text}


def _last_state(line: str) -> str:
    """What a terminal would show of a line that a progress bar wrote over and over."""
    return line.rstrip("\r").rpartition("\r")[2]


def _allowed_attribute(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if _DATA_PICTURE.fullmatch(value) else None
    if attribute == "href":
        return value if re.match(r"(?:https?|mailto):|#", value, re.IGNORECASE) else None
    return value


def _merged_streams(outputs: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Well-formed outputs, neighbouring pieces of one stream joined."""
    pending: list[str] = []
    name = ""
    for output in outputs:
        if not isinstance(output, Mapping):
            continue
        is_stream = output.get("output_type") == "stream"
        this_name = "stderr" if output.get("name") == "stderr" else "stdout"
        if pending and (not is_stream or this_name != name):
            yield stream("".join(pending), name)
            pending = []
        if is_stream:
            name = this_name
            pending.append(_text(output.get("text")))
        else:
            yield output
    if pending:
        yield stream("".join(pending), name)


def _stream(output: Mapping[str, Any], limits: OutputLimits) -> dict[str, Any] | None:
    text = clean_text(_text(output.get("text")), limits.text_characters)
    return stream(text, output["name"]) if text else None


def _error(output: Mapping[str, Any], limits: OutputLimits) -> dict[str, Any]:
    frames = output.get("traceback")
    lines = "\n".join(_text(frame) for frame in frames) if isinstance(frames, list | tuple) else _text(frames)
    return {
        "output_type": "error",
        "ename": clean_text(_text(output.get("ename")), 200),
        "evalue": clean_text(_text(output.get("evalue")), limits.text_characters),
        "traceback": clean_text(lines, limits.text_characters).split("\n"),
    }


def _display(output: Mapping[str, Any], limits: OutputLimits) -> dict[str, Any] | None:
    given = output.get("data")
    if not isinstance(given, Mapping):
        return None
    data: dict[str, str] = {}
    for mime, make in _TYPES.items():
        made = make(mime, _text(given[mime]), limits) if mime in given else None
        if made is not None:
            data.setdefault(*made)
    if not data:
        kinds = ", ".join(sorted(clean_text(str(mime), 60) for mime in list(given)[:5])) or "nothing"
        data["text/plain"] = f"[an output that is not shown here: {kinds}]"
    if output["output_type"] == "execute_result":
        return {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _picture(mime: str, text: str, limits: OutputLimits) -> tuple[str, str] | None:
    text = "".join(text.split()) if len(text) <= limits.picture_characters * 2 else text
    if len(text) > limits.picture_characters:
        return "text/plain", f"[a picture of {len(text) * 3 // 4:,} bytes is not shown]"
    if not text.startswith(_PICTURES[mime]) or not _BASE64.fullmatch(text):
        return None
    try:
        binascii.a2b_base64(text)
    except binascii.Error:
        return None
    return mime, text


def _svg(mime: str, text: str, limits: OutputLimits) -> tuple[str, str] | None:
    if not text.lstrip().startswith("<") or len(text) > limits.picture_characters // 2:
        return None
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return "text/html", f'<img src="data:image/svg+xml;base64,{encoded}" alt="a picture">'


def _html(mime: str, text: str, limits: OutputLimits) -> tuple[str, str] | None:
    # A page of plots is long for its pictures; tags and text beyond the cap fall back to the plain form.
    if len(text) > limits.picture_characters:
        return None
    if text.count("<") > limits.html_tags:
        return None
    without_pictures = len(text) - sum(len(picture) for picture in _DATA_PICTURE.findall(text))
    return (mime, clean_html(text)) if without_pictures <= limits.text_characters * 5 else None


def _plain(mime: str, text: str, limits: OutputLimits) -> tuple[str, str] | None:
    return mime, clean_text(text, limits.text_characters)


def _markdown(mime: str, text: str, limits: OutputLimits) -> tuple[str, str] | None:
    return mime, clean_markdown(text, limits.text_characters)


def _nothing(output: Mapping[str, Any], limits: OutputLimits) -> None:
    return None


def _text(value: Any) -> str:
    """A text or a list of texts, as nbformat has both; "" for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return "".join(item for item in value if isinstance(item, str))
    return ""


def _size(output: Mapping[str, Any]) -> int:
    texts = [*output.get("data", {}).values(), output.get("text", ""), *output.get("traceback", ())]
    return sum(len(text) for text in texts)


_TYPES: dict[str, Callable[[str, str, OutputLimits], tuple[str, str] | None]] = {
    "text/html": _html,
    "image/svg+xml": _svg,
    "image/png": _picture,
    "image/jpeg": _picture,
    "image/gif": _picture,
    "text/markdown": _markdown,
    "text/latex": _markdown,
    "text/plain": _plain,
}

_MAKERS: dict[str, Callable[[Mapping[str, Any], OutputLimits], dict[str, Any] | None]] = {
    "stream": _stream,
    "error": _error,
    "display_data": _display,
    "update_display_data": _display,
    "execute_result": _display,
}
