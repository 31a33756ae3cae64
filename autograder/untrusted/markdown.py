"""Markdown of a stranger: as Markdown for a notebook, as HTML for a page."""

from __future__ import annotations

import re

import mistune
from markupsafe import Markup

from autograder.untrusted.html import clean_html
from autograder.untrusted.text import CONTROL, NO_BREAK, without_acting_latex
from autograder.untrusted.typesetting import TEXT_S, within

# In Markdown: raw HTML but for plain tags without attributes.
_TAG_START = re.compile(
    r"<(?!/?(?:b|i|u|em|strong|sub|sup|br|hr|p|code|pre|ul|ol|li|table|thead|tbody|tr|th|td)\s*/?>)(?=[A-Za-z/!?])"
)
# Markdown takes the backslash of `javascript\:` away.
_ACTING_ADDRESS = re.compile(
    r"(javascript|vbscript|data|attachment)(?=[\s\\]*+(?::|&#|&colon))", re.IGNORECASE
)
_ACTING_ENTITY = re.compile(r"&(?=#|colon;|tab;|newline;)", re.IGNORECASE)  # could spell an address

NOT_TYPESET = "This text could not be typeset; it is shown as it was written."

_to_html = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])


def clean_markdown(text: str, most: int = 200_000) -> str:
    """Markdown that shows the same, but whose raw HTML and acting LaTeX are mere text.

    >>> clean_markdown("a < b and <b>bold</b>") == "a < b and <b>bold</b>"
    True
    >>> "<script" in clean_markdown("<script>alert(1)</script>")
    False
    """
    text = CONTROL.sub("", text[:most]).encode("utf-8", "replace").decode("utf-8")
    text = _TAG_START.sub("<" + NO_BREAK, text)
    text = without_acting_latex(text)
    text = _ACTING_ENTITY.sub("&" + NO_BREAK, text)
    return _ACTING_ADDRESS.sub(lambda match: match[0] + NO_BREAK, text)


def markdown_to_html(text: str) -> Markup:
    """HTML of Markdown: no scripts, styles, forms, pictures, or addresses other than web and mail.

    Headings are lowered to the fourth level, below those of the page.

    >>> print(markdown_to_html("**Good** <script>alert(1)</script>").strip())
    <p><strong>Good</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>
    """
    lowered = re.sub(r"^(#{1,4})(?=[ \t])", "####", text, flags=re.MULTILINE)
    try:
        typeset = within(TEXT_S, lambda source: str(_to_html(source)), lowered)
    except Exception:  # noqa: BLE001 - mistune raises on some texts: those are shown as they are
        return Markup("<p>{}</p><pre><code>{}</code></pre>").format(NOT_TYPESET, text)
    cleaned = clean_html(typeset, pictures=False)
    return Markup(cleaned)  # the only HTML of a student's that reaches a page
