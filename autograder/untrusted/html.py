"""HTML of a stranger: an allow-list of tags and attributes, and no address that acts or is fetched."""

from __future__ import annotations

import re

import nh3

from autograder.untrusted.allowance import Allowance
from autograder.untrusted.pictures import UnfitPictureError
from autograder.untrusted.text import without_acting_latex

# A parser of HTML opens formatting tags anew in every paragraph, and knows equal ones by their attributes:
# without attributes at most three of a name are open, with them thousands, and the page grows as the square.
_FORMATTING_TAG = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*+>", re.IGNORECASE
)
# MathJax reads what stands on both sides of <wbr> as one word, so a command could be hidden there.
_TAGS = nh3.ALLOWED_TAGS - {"wbr"}

_TABLE_CELL = {"colspan", "rowspan", "align"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "align"},
    "td": _TABLE_CELL,
    "th": _TABLE_CELL,
}


def clean_html(text: str, *, pictures: bool = True, allowance: Allowance | None = None) -> str:
    """HTML of harmless tags; pictures only from inside the page, so that nothing is fetched.

    Formulas may stand in it: their acting LaTeX is mere text, as in Markdown.

    Parameters
    ----------
    pictures : bool
        False: no pictures at all.
    allowance : Allowance, optional
        What pictures there may still be; by default as many as in a whole notebook.
    """
    room = allowance or Allowance()

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        if attribute != "src":
            return _allowed_attribute(attribute, value)
        try:
            return room.picture_at(value).address
        except UnfitPictureError:
            return None

    end = text.rfind(">") + 1  # what begins behind it is no tag, and each beginning would search to the end
    cleaned = nh3.clean(
        _FORMATTING_TAG.sub(r"<\1>", text[:end]) + text[end:],
        tags=_TAGS if pictures else _TAGS - {"img"},
        attributes={tag: names for tag, names in _ATTRIBUTES.items() if pictures or tag != "img"},
        attribute_filter=allowed,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    return without_acting_latex(cleaned)


def _allowed_attribute(attribute: str, value: str) -> str | None:
    if value == "#harmful-link":  # what mistune writes for an address it refuses
        return None
    if attribute == "href":
        return value if re.match(r"(?:https?|mailto):|#", value, re.IGNORECASE) else None
    return value
