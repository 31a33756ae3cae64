"""Plain text of a stranger: for a terminal, a message, a stream of a notebook."""

from __future__ import annotations

import re
from typing import Any

# Terminal sequences: CSI, OSC (ended by BEL or ESC \), and the short ones.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# LaTeX commands that make links or attributes, in Markdown and in HTML.
_ACTING_COMMAND = re.compile(
    r"\\(?=(?:href|url|require|class|cssId|style|html\w*|data|unicode|mmlToken|bbox)\b)", re.IGNORECASE
)
NO_BREAK = "\u200b"  # zero width: between `<` and a letter it makes no tag, and nobody sees it


def printable(text: str, most: int | None = None) -> str:
    """The first `most` characters on one line; what cannot be printed (escape sequences, line breaks) is `?`.

    >>> printable("week\\x1b[2J\\n1"), printable("a long name", 6)
    ('week?[2J?1', 'a long')
    """
    return "".join(letter if letter.isprintable() else "?" for letter in text[:most])


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
    text = CONTROL.sub("", text)
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= most:
        return text if not cut else f"{text}\n[... part of this text is not shown ...]\n"
    half = most // 2
    return f"{text[:half]}\n[... {len(text) - most:,} characters or more are not shown ...]\n{text[-half:]}"


def without_acting_latex(text: str) -> str:
    """The text in which MathJax finds no command that makes links or attributes."""
    return _ACTING_COMMAND.sub("\\\\" + NO_BREAK, text)


def joined(text: Any) -> str:
    """A text or a list of texts, as nbformat has both; "" for anything else."""
    if isinstance(text, str):
        return text
    if isinstance(text, list | tuple):
        return "".join(item for item in text if isinstance(item, str))
    return ""


def _last_state(line: str) -> str:
    """What a terminal would show of a line that a progress bar wrote over and over."""
    return line.rstrip("\r").rpartition("\r")[2]
