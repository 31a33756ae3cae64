"""What a student gets to see of it: one sentence, and the link to the feedback.

NothingSentError: nothing is handed in; the text is what the student reads.
UnknownCallerError (a `NothingSentError`): the service does not know who hands in.
"""

from __future__ import annotations

import html
from dataclasses import dataclass


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
    """Nothing is handed in; the text is what the student reads."""


class UnknownCallerError(NothingSentError):
    """The service does not know who hands in: the link has ended, or the hub's token is none."""
