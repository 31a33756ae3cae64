"""HTML of a stranger: an allow-list of tags and attributes, and no address that acts or is fetched."""

from __future__ import annotations

import re
from collections.abc import Callable

import nh3

from autograder.untrusted.allowance import Allowance
from autograder.untrusted.pictures import UnfitPictureError
from autograder.untrusted.text import shown_unseen, without_acting_latex

# A parser of HTML opens formatting tags anew in every paragraph, and knows equal ones by their attributes:
# without attributes at most three of a name are open, with them thousands, and the page grows as the square.
_FORMATTING_TAG = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*+>", re.IGNORECASE
)
# MathJax reads what stands on both sides of <wbr> as one word, so a command could be hidden there.
_MATHML = {
    "math", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mroot", "mrow", "mspace", "msqrt",
    "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
_TAGS = (nh3.ALLOWED_TAGS | _MATHML) - {"wbr"}

_TABLE_CELL = {"colspan", "rowspan", "align"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "align"},
    "td": _TABLE_CELL,
    "th": _TABLE_CELL,
    "div": {"dir"},
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "accent"},
    "mi": {"mathvariant"},
    "mover": {"accent"},
    "mtd": {"columnalign"},
    "mtable": {"columnalign", "displaystyle"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mspace": {"width"},
}
_VALUES = {
    "width": re.compile(r"\d{1,4}(?:\.\d{1,3})?(?:px|%|em)?"),
    "height": re.compile(r"\d{1,4}(?:px|%)?"),
}


def clean_html(
    text: str, *, allowance: Allowance | None = None, picture: Callable[[str], str | None] | None = None
) -> str:
    """HTML of harmless tags; pictures only from inside the page, so that nothing is fetched.

    Formulas may stand in it: their acting LaTeX is mere text, and MathML keeps what typesets.

    Parameters
    ----------
    allowance : Allowance, optional
        What pictures there may still be; by default as many as in a whole notebook.
    picture : callable, optional
        From the address of an `img` to the one that may be shown, None for none; by default only `data:`
        addresses of pictures that `pictures` reads.
    """
    room = allowance or Allowance()

    def in_page(address: str) -> str | None:
        try:
            return room.picture_at(address).address
        except UnfitPictureError:
            return None

    address_of = picture or in_page

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        return address_of(value) if attribute == "src" else _allowed_attribute(attribute, value)

    end = text.rfind(">") + 1  # what begins behind it is no tag, and each beginning would search to the end
    cleaned = nh3.clean(
        _FORMATTING_TAG.sub(r"<\1>", text[:end]) + text[end:],
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=allowed,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    return without_acting_latex(shown_unseen(cleaned))


def _allowed_attribute(attribute: str, value: str) -> str | None:
    if attribute in _VALUES:
        return value if _VALUES[attribute].fullmatch(value) else None
    if value == "#harmful-link":  # what mistune writes for an address it refuses
        return None
    if attribute == "href":
        return value if re.match(r"(?:https?|mailto):|#", value, re.IGNORECASE) else None
    return value
