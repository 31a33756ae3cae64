"""A student's text with one mistake taken out, so that the next one shows.

A mistake that stops a function, or leaves out what the others would show in, hides them. So the grader writes
that one place as it should be, or leaves its value open, and runs the text again. Nothing stands in the new
text but the student's own words and what the exercise says to everyone.
"""

from __future__ import annotations

from autograder.misconceptions.mending.cell import GAP, Mended, cell_of
from autograder.misconceptions.mending.function import mend_function
from autograder.misconceptions.mending.lines import mend_line
from autograder.misconceptions.mending.text import mend_name, mend_text
from autograder.misconceptions.site import site_of
from autograder.raised_line import RaisedLine

# Each mend parses the text some times; a solution has some hundred characters.
_MOST_CHARACTERS = 10_000

__all__ = ["GAP", "Mended", "mend"]


def mend(source: str, name: str, mistake_id: str, raised: RaisedLine | None = None) -> Mended | None:
    """The text `source` without the mistake `mistake_id`; None where nothing is known to take it out.

    Parameters
    ----------
    source : str
        The text of the student's cell.
    name : str
        The function in it.
    mistake_id : str
        An id of the catalogue.
    raised : RaisedLine, optional
        The line that raised, if the function stopped.

    >>> mend("def f(dims):\\n    p = {}\\n    p['W1'] = 2", "f", "returns-none").text
    "def f(dims):\\n    p = {}\\n    p['W1'] = 2\\n    return p"
    """
    if len(source) > _MOST_CHARACTERS:
        return None
    try:
        readable = mend_text(source)
        cell = cell_of(source, name)
        if readable is not None or cell is None:
            return readable or mend_name(source, name)
        mended = mend_function(cell, mistake_id)
        if mended is None:
            site = site_of(raised)
            mended = mend_line(cell, mistake_id, site) if site is not None else None
        return mended if mended is not None and mended.text != source else None
    except RecursionError:  # an expression of a thousand parts
        return None
