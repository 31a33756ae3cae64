"""Plain text of a stranger: for a terminal, a message, a stream of a notebook."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any, TypeVar

T = TypeVar("T")

# Terminal sequences: CSI, OSC (ended by BEL or ESC \), and the short ones.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?")
# Tags, comments, and the address of a link or picture in Markdown.
_TAG_OR_ADDRESS = re.compile(r"<[^<>]{0,200}>|(?<=\])\([^()]{0,200}\)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# LaTeX commands that make links or attributes, in Markdown and in HTML.
_ACTING_COMMAND = re.compile(
    r"\\(?=(?:href|url|require|class|cssId|style|html\w*|data|unicode|mmlToken|bbox)\b)", re.IGNORECASE
)
# What turns the direction of the text around it, and what takes no room: text reads as another by it.
# Joiners and selectors of variants stay: scripts and emoji are written with them.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]|(?<![\\\\<&])\u200b"
)
# Letters of other scripts, and digits, that look like Latin letters.
_LOOK_ALIKES = str.maketrans(
    "аеорсхукмтгѕіѵԁһɡɑοκρανεтᴦμηιστѡնոսօցհᎷᎪᏒᏦᏚᏟᎻᎬ013457",
    "aeopcxykmtrsivdhgaokpavetrmnistwunuoghmarkscheoieast",
)
_LATIN = re.compile(r"(?:LATIN .*?|SYMBOL )(?:LETTER|CAPITAL|SMALL) ([A-Z])(?: |$)")
_IMITATIONS = re.compile(
    "mark(?:ing)?scheme|gradingscheme|markingguide|schemeofmarks|(?:for|to)(?:the)?(?:grader|marker)"
    "|(?:grader|marker|instructor)sonly"
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
    text = shown_unseen(CONTROL.sub("", text))
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= most:
        return text if not cut else f"{text}\n[... part of this text is not shown ...]\n"
    half = most // 2
    return f"{text[:half]}\n[... {len(text) - most:,} characters or more are not shown ...]\n{text[-half:]}"


def shown_unseen(text: str) -> str:
    """The text with a visible name for each sign that turns the direction of text or takes no room.

    >>> shown_unseen("points\\u202e001")
    'points⟨U+202E⟩001'
    """
    return _UNSEEN.sub(lambda sign: f"⟨U+{ord(sign[0]):04X}⟩", text)


def shown_unseen_in(document: T) -> T:
    """The same for each text of a document of dicts, lists and plain values, keys apart.

    >>> shown_unseen_in({"output": ["a\u202eb", 1]})
    {'output': ['a⟨U+202E⟩b', 1]}
    """
    kept: Any = document
    if isinstance(kept, str):
        kept = shown_unseen(kept)
    elif isinstance(kept, dict):
        kept = {key: shown_unseen_in(value) for key, value in kept.items()}
    elif isinstance(kept, list):
        kept = [shown_unseen_in(value) for value in kept]
    shown: T = kept
    return shown


def imitates_mark_scheme(text: str) -> bool:
    """Whether a person could take the text, or what is shown of it as HTML, for the instructor's mark scheme.

    >>> imitates_mark_scheme("**Mаrk  scheme** of q1"), imitates_mark_scheme("A scheme for marks")
    (True, False)
    >>> imitates_mark_scheme("M&aacute;<b>rk</b>&nbsp;[sch](#a)eme")
    True
    """
    shown = html.unescape(_TAG_OR_ADDRESS.sub("", text[:200_000]))
    plain = unicodedata.normalize("NFKD", shown).casefold().translate(_LOOK_ALIKES)
    letters = "".join(_latin(letter) for letter in plain if letter.isalnum())
    readings = (letters, letters.replace("rn", "m").replace("vv", "w"), letters[::-1])
    return any(_IMITATIONS.search(reading) for reading in readings)


def _latin(letter: str) -> str:
    """The Latin letter that a variant of it shows: small capitals, turned and framed ones."""
    found = None if letter.isascii() else _LATIN.match(unicodedata.name(letter, ""))
    return found[1].lower() if found else letter


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
