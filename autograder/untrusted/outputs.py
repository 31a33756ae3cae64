"""Outputs of a student's cell made fit for a person's browser: capped, and nothing in them runs.

What stays: streams and tracebacks as plain text, pictures of bounded size (PNG, JPEG, GIF, WebP, BMP, and SVG
inside `img`, where no script runs), HTML of an allow-list of tags, Markdown and
LaTeX as such HTML. Everything else (JavaScript, widgets, JSON, PDF, metadata) is left out.

>>> clean_outputs([{"output_type": "stream", "name": "stdout", "text": "\\x1b[31mred\\x1b[0m"}])
[{'output_type': 'stream', 'name': 'stdout', 'text': 'red'}]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.untrusted.html import clean_html
from autograder.untrusted.markdown import as_cell
from autograder.untrusted.pictures import PICTURE_ADDRESS, PICTURE_TYPES, SVG, UnfitPictureError
from autograder.untrusted.text import clean_text, joined
from autograder.untrusted.typesetting import Typesetting


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
    html_tags : int
        Of one HTML output; one of more is shown as text.
    """

    text_characters: int = 20_000
    picture_characters: int = 2_000_000
    outputs: int = 50
    cell_characters: int = 6_000_000
    # A parser of HTML takes time by the square of how deep tags lie in each other: 50 ms for so many.
    html_tags: int = 5_000


_LOOKED_AT_BEYOND = 5  # outputs that did not fit; after so many the rest is only counted


def clean_outputs(
    outputs: Iterable[Any], limits: OutputLimits | None = None, typesetting: Typesetting | None = None
) -> list[dict[str, Any]]:
    """`outputs` (nbformat 4, from a stranger) with only what may be shown, within the limits.

    Parameters
    ----------
    outputs : iterable
    limits : OutputLimits, optional
    typesetting : Typesetting, optional
        What the notebook may still show; by default as much as a whole one.
    """
    limits = limits or OutputLimits()
    typesetting = typesetting or Typesetting()
    cleaned: list[dict[str, Any]] = []
    room = limits.cell_characters
    left_out = 0
    for output in _merged_streams(outputs):
        if left_out >= _LOOKED_AT_BEYOND:
            left_out += 1
            continue
        made = _MAKERS.get(str(output.get("output_type")), _nothing)(output, limits, typesetting)
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


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """A stream output, nbformat 4."""
    return {"output_type": "stream", "name": name, "text": text}


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
            pending.append(joined(output.get("text")))
        else:
            yield output
    if pending:
        yield stream("".join(pending), name)


def _stream(
    output: Mapping[str, Any], limits: OutputLimits, typesetting: Typesetting
) -> dict[str, Any] | None:
    text = clean_text(joined(output.get("text")), limits.text_characters)
    return stream(text, output["name"]) if text else None


def _error(output: Mapping[str, Any], limits: OutputLimits, typesetting: Typesetting) -> dict[str, Any]:
    frames = output.get("traceback")
    lines = (
        "\n".join(joined(frame) for frame in frames) if isinstance(frames, list | tuple) else joined(frames)
    )
    return {
        "output_type": "error",
        "ename": clean_text(joined(output.get("ename")), 200),
        "evalue": clean_text(joined(output.get("evalue")), limits.text_characters),
        "traceback": clean_text(lines, limits.text_characters).split("\n"),
    }


def _display(
    output: Mapping[str, Any], limits: OutputLimits, typesetting: Typesetting
) -> dict[str, Any] | None:
    given = output.get("data")
    if not isinstance(given, Mapping):
        return None
    data: dict[str, str] = {}
    for mime, make in _TYPES.items():
        made = make(mime, joined(given[mime]), limits, typesetting) if mime in given else None
        if made is not None:
            data.setdefault(*made)
    if not data:
        kinds = ", ".join(sorted(clean_text(str(mime), 60) for mime in list(given)[:5])) or "nothing"
        data["text/plain"] = f"[an output that is not shown here: {kinds}]"
    if output["output_type"] == "execute_result":
        return {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _picture(mime: str, text: str, limits: OutputLimits, typesetting: Typesetting) -> tuple[str, str] | None:
    if len(text) > limits.picture_characters * (1 if mime == SVG else 2):
        return "text/plain", f"[a picture of {len(text) * 3 // 4:,} bytes is not shown]"
    try:
        picture = typesetting.allowance.picture(mime, text)
    except UnfitPictureError as error:
        return "text/plain", f"[a picture is not shown: {error}]"
    if len(picture.encoded) > limits.picture_characters:
        return "text/plain", f"[a picture of {len(picture.encoded) * 3 // 4:,} bytes is not shown]"
    if mime == SVG:
        return "text/html", f'<img src="{picture.address}" alt="a picture">'
    return mime, picture.encoded


def _html(mime: str, text: str, limits: OutputLimits, typesetting: Typesetting) -> tuple[str, str] | None:
    # A page of plots is long for its pictures; tags and text beyond the cap fall back to the plain form.
    tags = text.count("<")
    if len(text) > limits.picture_characters or tags > min(limits.html_tags, typesetting.allowance.html_tags):
        return None
    without_pictures = len(text) - sum(len(picture) for picture in PICTURE_ADDRESS.findall(text))
    if without_pictures > limits.text_characters * 5:
        return None
    typesetting.allowance.html_tags -= tags
    return mime, clean_html(text, allowance=typesetting.allowance)


def _plain(mime: str, text: str, limits: OutputLimits, typesetting: Typesetting) -> tuple[str, str] | None:
    return mime, clean_text(text, limits.text_characters)


def _markdown(mime: str, text: str, limits: OutputLimits, typesetting: Typesetting) -> tuple[str, str] | None:
    return "text/html", as_cell(typesetting.html(text[: limits.text_characters]))


def _nothing(output: Mapping[str, Any], limits: OutputLimits, typesetting: Typesetting) -> None:
    return None


def _size(output: Mapping[str, Any]) -> int:
    texts = [*output.get("data", {}).values(), output.get("text", ""), *output.get("traceback", ())]
    return sum(len(text) for text in texts)


_TYPES: dict[str, Callable[[str, str, OutputLimits, Typesetting], tuple[str, str] | None]] = {
    "text/html": _html,
    **dict.fromkeys((SVG, *PICTURE_TYPES), _picture),
    "text/markdown": _markdown,
    "text/latex": _markdown,
    "text/plain": _plain,
}

_MAKERS: dict[str, Callable[[Mapping[str, Any], OutputLimits, Typesetting], dict[str, Any] | None]] = {
    "stream": _stream,
    "error": _error,
    "display_data": _display,
    "update_display_data": _display,
    "execute_result": _display,
}
