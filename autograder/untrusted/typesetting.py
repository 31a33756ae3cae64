"""What a stranger wrote, rendered once as a notebook's page renders it: within bounded time, or shown plain.

nbconvert raises on some Markdown and takes the square of a text's length on other, and so would every page
that shows the notebook later. A text on which it does is shown in a fence, without formulas.
"""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from autograder.untrusted.text import NO_BREAK, clean_text

TEXT_S = 1.0  # processor time that one text may take
NOTEBOOK_S = 5.0  # all texts of a notebook that were rendered
NOTEBOOK_CHARACTERS = 1_000_000  # of all its cells; no course's notebook has a tenth
NOT_SHOWN = "[This notebook's text is too long to show all of it.]"
_UNTIMED_CHARACTERS = 5_000  # rendered where time cannot be limited: outside the main thread, on Windows

# Prose and simple lists: nothing that Markdown reads beyond paragraphs.
_PROSE = re.compile(r"[^\W_][\w ,.;:?!'()/%=+\n-]{0,4000}")
_LONG_WORD = re.compile(r"[^\s]{300}")
_SHORT_CODE = 4_000
_CODE_CHARACTERS = 100_000  # of short cells together; what is beyond is measured too


T = TypeVar("T")


class TooSlowError(Exception):
    """The time was up."""


class Typesetting:
    """The texts of one notebook.

    Attributes
    ----------
    plain : int
        How many texts are shown plain or cut.
    """

    def __init__(self) -> None:
        self.plain = 0
        self._seconds = NOTEBOOK_S
        self._characters = NOTEBOOK_CHARACTERS
        self._code_characters = 0

    def markdown(self, text: str) -> str:
        """The text, or one that shows the same without being typeset.

        >>> Typesetting().markdown("The cost falls.")
        'The cost falls.'
        """
        if not self._has_room(text):
            return NOT_SHOWN
        if _PROSE.fullmatch(text) or self._renders(_render_markdown(), text):
            return text
        self.plain += 1
        fenced = as_plain(text)
        return fenced if self._renders(_render_markdown(), fenced) else as_plain(text[:2_000])

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

    def _renders(self, render: Callable[[str], object], text: str) -> bool:
        if self._seconds <= 0:
            return False
        started = time.process_time()
        try:
            within(min(TEXT_S, self._seconds), render, text)
        except Exception:  # noqa: BLE001 - whatever a renderer raises on a stranger's text
            return False
        finally:
            self._seconds -= time.process_time() - started
        return True


def as_plain(text: str) -> str:
    """Markdown that shows `text` letter by letter.

    >>> print(as_plain("# no heading"))
    ```
    # no heading
    ```
    """
    for letter in "`\\$":
        text = text.replace(letter, letter + NO_BREAK)
    return f"```\n{text}\n```"


def within(seconds: float, render: Callable[[str], T], text: str) -> T:
    """What `render` makes of `text`.

    Raises
    ------
    TooSlowError
        It took more processor time than `seconds`; where that cannot be limited, the text is long.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        if len(text) > _UNTIMED_CHARACTERS:
            raise TooSlowError
        return render(text)
    running = True

    def stop(number: int, frame: FrameType | None) -> None:
        if running:
            raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.05)
        return render(text)
    finally:
        running = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _render_markdown() -> Callable[[str], object]:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune  # takes a second to import

    return markdown2html_mistune


def _highlight() -> Callable[[str], object]:
    from nbconvert.filters.highlight import Highlight2HTML

    colour: Callable[[str], object] = Highlight2HTML(pygments_lexer="ipython3")  # type: ignore[no-untyped-call]
    return colour
