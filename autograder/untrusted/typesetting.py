"""The texts of one notebook of a stranger, made ready once: within bounded time, or shown plain.

Markdown goes into the notebook as HTML, so that no page that shows the notebook renders it again: nbconvert
raises on some Markdown and takes the square of a text's length on other. Code is cut where colouring it takes
long.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from autograder.untrusted.allowance import Allowance
from autograder.untrusted.markdown import as_cell, plain_html, typeset
from autograder.untrusted.text import clean_text
from autograder.untrusted.time_limit import TEXT_S, within

NOTEBOOK_S = 5.0  # all texts of a notebook that were rendered
NOTEBOOK_CHARACTERS = 1_000_000  # of all its cells; no course's notebook has a tenth
NOT_SHOWN = "[This notebook's text is too long to show all of it.]"

# Prose: what every renderer shows as one paragraph of the same words.
_PROSE = re.compile(r"[^\W_][\w ,.;:?!'()/%=-]{0,4000}", re.ASCII)
_LIST = re.compile(r"\d+[.)]")
_LONG_WORD = re.compile(r"[^\s]{300}")
_SHORT_CODE = 4_000
_CODE_CHARACTERS = 100_000  # of short cells together; what is beyond is measured too


class Typesetting:
    """The texts of one notebook.

    Parameters
    ----------
    allowance : Allowance, optional
        What else the notebook may show.

    Attributes
    ----------
    allowance : Allowance
    plain : int
        How many texts are shown plain or cut.
    imitations : list of int
        Cells, from 1, that could be taken for the instructor's mark scheme.
    """

    def __init__(self, allowance: Allowance | None = None) -> None:
        self.allowance = allowance or Allowance()
        self.plain = 0
        self.imitations: list[int] = []
        self._seconds = NOTEBOOK_S
        self._characters = NOTEBOOK_CHARACTERS
        self._code_characters = 0

    def markdown(
        self,
        text: str,
        pictures: Mapping[str, Mapping[str, Any]] | None = None,
        left_out: Mapping[str, str] | None = None,
    ) -> str:
        """The text as that of a Markdown cell: prose as it is, all else as HTML.

        Parameters
        ----------
        text : str
        pictures, left_out : mapping, optional
            Those that the text can refer to, and why others are not shown: see `markdown.typeset`.

        Examples
        --------
        >>> Typesetting().markdown("The cost falls.")
        'The cost falls.'
        """
        if _PROSE.fullmatch(text) and not _LIST.match(text) and self._has_room(text):
            return text
        return as_cell(self.html(text, pictures, left_out))

    def html(
        self,
        text: str,
        pictures: Mapping[str, Mapping[str, Any]] | None = None,
        left_out: Mapping[str, str] | None = None,
    ) -> Markup:
        """The same as HTML."""
        if not self._has_room(text):
            return Markup("<p>{}</p>").format(NOT_SHOWN)
        made: list[Markup] = []

        def render(source: str, seconds: float) -> None:
            made.append(typeset(source, pictures, self.allowance, seconds, left_out))

        if self._renders(render, text):
            return made[0]
        self.plain += 1
        return plain_html(text)

    def code(self, text: str) -> str:
        """The text, its middle left out where colouring it would take too long."""
        if not self._has_room(text):
            return f"# {NOT_SHOWN}"
        self._code_characters += len(text)
        few = len(text) <= _SHORT_CODE and self._code_characters <= _CODE_CHARACTERS
        if few and not _LONG_WORD.search(text):
            return text
        for most in (len(text), 20_000, 2_000):
            shown = clean_text(text, most)
            if self._renders(_highlight(), shown):
                break
        self.plain += most < len(text)
        return shown

    def _has_room(self, text: str) -> bool:
        if len(text) > self._characters:
            self.plain += 1
            return False
        self._characters -= len(text)
        return True

    def _renders(self, render: Callable[[str, float], object], text: str) -> bool:
        if self._seconds <= 0:
            return False
        started = time.process_time()
        try:
            render(text, min(TEXT_S, self._seconds))
        except Exception:  # noqa: BLE001 - whatever a renderer raises on a stranger's text
            return False
        finally:
            self._seconds -= time.process_time() - started
        return True


def _highlight() -> Callable[[str, float], object]:
    """What nbconvert colours code with, without nbconvert, whose import takes seconds."""
    from pygments import highlight  # type: ignore[import-untyped]  # it has none
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

    lexer = get_lexer_by_name("ipython3", stripall=True)
    formatter = HtmlFormatter()
    return lambda text, seconds: within(seconds, lambda code: highlight(code, lexer, formatter), text)
