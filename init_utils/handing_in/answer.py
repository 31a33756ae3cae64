"""What a student gets to see of it: one sentence, and the link to the feedback.

NothingSentError: the text is what the student reads in place of a success.
UnknownCallerError (a `NothingSentError`): the service does not know who hands in.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

_MOST_SHOWN = 300


@dataclass(frozen=True)
class HandedIn:
    """What became of it; a notebook shows the sentence, and the link.

    Attributes
    ----------
    sentence : str
    feedback : str
        Address of the feedback page, "" where nothing was handed in.
    """

    sentence: str
    feedback: str = ""

    def __repr__(self) -> str:
        return f"{self.sentence} {self.feedback}".strip()

    def _repr_html_(self) -> str:
        link = html.escape(self.feedback, quote=True)
        shown = f' <a href="{link}" target="_blank" rel="noreferrer">Read the feedback</a>' if link else ""
        return f"<p>{html.escape(self.sentence)}{shown}</p>"


class NothingSentError(Exception):
    """The text is what the student reads in place of a success."""


class UnknownCallerError(NothingSentError):
    """The service does not know who hands in: the link has ended, or the hub's token is none."""


def shown(text: str, most: int = _MOST_SHOWN) -> str:
    """A stranger's text on one line, without those that cannot be seen, of at most `most` characters.

    >>> shown("a\\n  b\\x1b[0m"), shown("abcdef", 4)
    ('a b [0m', 'abc…')
    """
    seen = "".join(sign if sign.isprintable() else " " for sign in text[: 10 * most])
    line = " ".join(seen.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
