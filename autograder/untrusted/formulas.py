"""Formulas of a stranger as MathML, which browsers typeset by themselves: no network, no script.

What cannot be typeset is shown as it was written.
"""

from __future__ import annotations

import re

from latex2mathml.converter import convert
from markupsafe import Markup

from autograder.untrusted.text import CONTROL

MOST_CHARACTERS = 3_000  # of one formula
_MOST_NESTED = 60
# Inside these latex2mathml takes text as it is: "<" would begin a tag.
_TEXT = re.compile(r"\\(?:text|mbox|textrm|textbf|textit|texttt|operatorname)\b")


def formula_html(source: str, *, display: bool) -> Markup:
    """The formula for a page.

    Parameters
    ----------
    source : str
        LaTeX without its dollars.
    display : bool
        Whether it stands on a line of its own.

    Examples
    --------
    >>> formula_html("x_1", display=False).partition("<mrow>")[2]
    Markup('<msub><mi>x</mi><mn>1</mn></msub></mrow></math>')
    >>> print(formula_html("{", display=False))
    <code>${$</code>
    """
    mark = "$$" if display else "$"
    plain = Markup("<code>{}</code>").format(f"{mark}{source}{mark}")
    depth = deepest = 0
    for letter in source:
        depth += (letter == "{") - (letter == "}")
        deepest = max(deepest, depth)
    if len(source) > MOST_CHARACTERS or deepest > _MOST_NESTED or not source.strip():
        return plain
    written = CONTROL.sub(" ", source)
    if _TEXT.search(written) and re.search("[<>&]", written):
        return plain
    written = written.replace("<", r"\lt ").replace(">", r"\gt ")
    try:
        made = convert(written, display="block" if display else "inline")
    except Exception:  # noqa: BLE001 - it raises many kinds of errors on what it cannot read
        return plain
    return Markup(made)  # HTML of a stranger still: `clean_html` takes it from here
