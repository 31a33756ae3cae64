"""Markdown of a stranger as HTML, for notebooks and pages alike: one renderer, one list of what is allowed.

Formulas become MathML, pictures `data:` addresses. HTML in it works so far as it is harmless (tables, `img`,
`sub`); all other HTML is shown as text, so that nothing is lost. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import unquote

import mistune
from markupsafe import Markup, escape
from mistune.plugins.formatting import strikethrough
from mistune.plugins.table import table
from mistune.util import safe_entity

from autograder.untrusted.allowance import PICTURES, Allowance
from autograder.untrusted.formulas import formula_html
from autograder.untrusted.html import clean_html
from autograder.untrusted.pictures import UnfitPictureError
from autograder.untrusted.text import CONTROL, joined, shown_unseen
from autograder.untrusted.time_limit import TEXT_S, TooSlowError, within

MOST_CHARACTERS = 200_000
_MOST_RAW_TAGS = 5_000  # a parser of HTML takes time by the square of how deep they lie in each other
_MOST_TAGS = 100_000
NOT_TYPESET = "This text could not be typeset; it is shown as it was written."
# In a notebook the text is one block of HTML, which no renderer of Markdown or of formulas reads again.
START = '<div class="student-text tex2jax_ignore mathjax_ignore" dir="auto">'


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HARMLESS_TAGS = _words(
    "a b big blockquote br caption center code col colgroup dd del details div dl dt em figcaption figure "
    "font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub "
    "summary sup table tbody td tfoot th thead tr tt u ul var"
)
_HARMLESS_ATTRIBUTES = _words(
    "align alt border cellpadding cellspacing class color colspan dir face height href id open "
    "rowspan scope size span src start style title type valign width"
)
_TAG = re.compile(r"<(/?[A-Za-z!?][^\s<>/]{0,30})([^<>]*)>|<")
_ATTRIBUTE = re.compile(
    r"""\s*([A-Za-z-]{1,30})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?|\s*/?\s*\Z"""
)
_LONG_ADDRESS = re.compile(r"data:image/[a-z+]{1,9};base64,[A-Za-z0-9+/=]{200,}+", re.IGNORECASE)
_HELD = re.compile("\ue000(\\d{1,6})\ue001")

# What Markdown takes as it is (code), and formulas: as Jupyter reads them, but "$5 and $6" is no formula.
_CODE_OR_FORMULA = re.compile(
    r"(?P<code>^[ >]{0,9}(?P<fence>`{3,20}|~{3,20})[^\n]*(?:\n(?![ >]{0,9}(?P=fence))[^\n]*)*"
    r"(?:\n[ >]{0,9}(?P=fence)[^\n]*)?"
    r"|(?<!`)(?P<ticks>`{1,20})(?!`)[^`\n]{1,500}(?<!`)(?P=ticks)(?!`)|\\\$)"
    r"|\$\$(?P<dollars>[^$]{1,3000})\$\$"
    r"|\$(?P<dollar>[^\s$](?:[^$\n]{0,998}[^\s$\\])?)\$(?!\d)"
    r"|\$(?P<spaced>[ ][^$\n]{0,998}[ ])\$(?!\d)"
    r"|\\\\\((?P<round>[^\n]{1,1000}?)\\\\\)"
    r"|\\\\\[(?P<square>(?:[^\n]|\n(?!\s*\n)){1,2000}?)\\\\\]"
    r"|(?P<environment>\\begin\{(?P<name>[a-z]{1,15}\*?)\}(?:[^\n]|\n(?!\s*\n)){1,2000}?\\end\{(?P=name)\})",
    re.MULTILINE,
)
_IN_LINE = ("dollar", "spaced", "round")


def typeset(
    text: str,
    pictures: Mapping[str, Mapping[str, Any]] | None = None,
    allowance: Allowance | None = None,
    seconds: float = TEXT_S,
    left_out: Mapping[str, str] | None = None,
) -> Markup:
    """HTML of Markdown: nothing in it acts or is loaded, and what is not typeset is shown as it was written.

    Headings are lowered to the fourth level, below those of a page.

    Parameters
    ----------
    text : str
    pictures : mapping of str to mapping, optional
        Pictures that the text can refer to by name (`attachment:NAME`, `NAME`): type -> base64.
    allowance : Allowance, optional
        What pictures there may still be.
    seconds : float
        Processor time that it may take.
    left_out : mapping of str to str, optional
        Pictures that the text refers to and that are not there: name -> why, in words.

    Raises
    ------
    Exception
        Whatever the renderer raises on some texts; `TooSlowError`.

    Examples
    --------
    >>> print(typeset("**Good** <script>alert(1)</script>").strip())
    <p><strong>Good</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>
    """
    return Markup(_Rendering(pictures or {}, allowance or Allowance(), left_out or {}).html(text, seconds))


def markdown_to_html(text: str, allowance: Allowance | None = None) -> Markup:
    """The same for a page: a text on which the renderer raises is shown plain."""
    try:
        return typeset(text, None, allowance)
    except Exception:  # noqa: BLE001 - mistune raises on some texts
        return Markup("<p>{}</p>").format(NOT_TYPESET) + plain_html(text)


def as_cell(html: Markup) -> str:
    """HTML as the text of a Markdown cell, which every renderer of Markdown leaves as it is.

    >>> as_cell(Markup("<p>a</p>\\n\\n<pre>x\\n\\ny</pre>")).removeprefix(START)
    '<p>a</p>\\n<pre>x&#10;&#10;y</pre></div>'
    """
    parts = re.split(r"(<pre>.*?</pre>)", html.strip(), flags=re.DOTALL)
    lines = [
        part.replace("\n", "&#10;") if place % 2 else re.sub(r"\n\s*\n", "\n", part)
        for place, part in enumerate(parts)
    ]
    return f"{START}{''.join(lines)}</div>"


def plain_html(text: str) -> Markup:
    """The text letter by letter."""
    return Markup("<pre><code>{}</code></pre>").format(shown_unseen(CONTROL.sub("", text)))


class _Rendering:
    """One text on its way to HTML; what Markdown must not touch is held back meanwhile."""

    def __init__(
        self, pictures: Mapping[str, Mapping[str, Any]], allowance: Allowance, left_out: Mapping[str, str]
    ) -> None:
        self._pictures, self._left_out = pictures, left_out
        self._allowance = allowance
        self._addresses: list[str] = []
        self._shown: list[str] = []  # addresses of pictures that are shown
        self._formulas: list[tuple[str, Markup]] = []  # as written, and as HTML
        self._raw_tags = 0
        self._as_text: Counter[str] = Counter()  # ends of tags whose beginnings are shown as text
        self._to_html = mistune.Markdown(
            renderer=_Renderer(self), block=None, inline=None, plugins=[table, strikethrough]
        )

    def html(self, text: str, seconds: float) -> str:
        text = CONTROL.sub("", text).replace("\ue000", "").replace("\ue001", "")
        text = _LONG_ADDRESS.sub(self._hold_address, text).encode("utf-8", "replace").decode("utf-8")
        if len(text) > MOST_CHARACTERS:
            text = f"{text[:MOST_CHARACTERS]}\n\n[{len(text) - MOST_CHARACTERS:,} characters are not shown.]"
        made = within(seconds, self._typeset, shown_unseen(text))
        if made.count("<") > _MOST_TAGS:  # of the cleaning no signal can stop the Rust part
            raise TooSlowError
        return clean_html(made, picture=self._address_shown)

    def _typeset(self, text: str) -> str:
        made = str(self._to_html(_CODE_OR_FORMULA.sub(self._hold_formula, text)))
        return _HELD.sub(lambda held: str(escape(self._formulas[int(held[1])][0])), made)

    def with_formulas(self, text: str) -> str:
        """Text of a paragraph, formulas typeset in it."""
        parts = _HELD.split(text)
        return "".join(
            str(self._formulas[int(part)][1]) if place % 2 else safe_entity(part)
            for place, part in enumerate(parts)
        )

    def picture(self, address: str, alt: str, more: str = "") -> str:
        """An `img` element, or words in its place."""
        try:
            if self._allowance.picture_characters < 0:
                raise UnfitPictureError("the notebook's texts hold too many")
            shown = self._picture(address)
        except UnfitPictureError as error:
            name = address[:200] if not address.startswith("data:") else "inside the text"
            words = f"[a picture is not shown ({name}): {error}]"
            return f"<em>{escape(words)}</em>"
        self._shown.append(shown)
        self._allowance.picture_characters -= len(shown)
        return f'<img src="#{len(self._shown) - 1}" alt="{escape(alt or "a picture")}"{more}>'

    def raw(self, html: str) -> str:
        """HTML inside Markdown: what is harmless as it is, all else as text."""
        return _TAG.sub(self._tag, html)

    def _tag(self, found: re.Match[str]) -> str:
        self._raw_tags += 1
        if self._raw_tags > _MOST_RAW_TAGS:
            raise TooSlowError
        name = (found[1] or "").lower()
        if name.removeprefix("/") not in _HARMLESS_TAGS or self._as_text[name]:
            self._as_text[name] -= self._as_text[name] > 0
            return str(escape(found[0]))
        values: dict[str, str] = {}
        place = 0
        while place < len(found[2]):
            one = _ATTRIBUTE.match(found[2], place)
            if one is None or one.end() == place or (one[1] and one[1].lower() not in _HARMLESS_ATTRIBUTES):
                self._as_text[f"/{name}"] += 1
                return str(escape(found[0]))
            if one[1]:
                values.setdefault(one[1].lower(), one[2] or one[3] or one[4] or "")
            place = one.end()
        if name != "img":
            return found[0]
        size = "".join(f' {side}="{escape(values[side])}"' for side in ("width", "height") if side in values)
        return self.picture(values.get("src", ""), values.get("alt", ""), size)

    def _picture(self, address: str) -> str:
        held = _HELD_ADDRESS.fullmatch(address)
        if held and int(held[1]) < len(self._addresses):
            return self._allowance.picture_at(self._addresses[int(held[1])]).address
        name = unquote(address.removeprefix("attachment:"))
        for kind, encoded in self._pictures.get(name.removeprefix("./"), {}).items():
            return self._allowance.picture_at(f"data:{kind};base64,{joined(encoded)}").address
        if address.startswith("data:"):
            return self._allowance.picture_at(address).address
        self._allowance.left_out[PICTURES] += 1
        if re.match(r"[a-z]{2,9}:|//", address, re.IGNORECASE) and not address.startswith("attachment:"):
            raise UnfitPictureError("nothing is loaded from elsewhere")
        why = self._left_out.get(name, "it was not handed in")
        raise UnfitPictureError(why)

    def _address_shown(self, address: str) -> str | None:
        number = re.fullmatch(r"#([0-9]{1,6})", address)
        return self._shown[int(number[1])] if number and int(number[1]) < len(self._shown) else None

    def _hold_address(self, found: re.Match[str]) -> str:
        self._addresses.append(found[0])
        return f"held-picture-{len(self._addresses) - 1}"

    def _hold_formula(self, found: re.Match[str]) -> str:
        if found["code"] is not None:
            return found[0]
        kind = found.lastgroup or ""
        kind = "environment" if found["environment"] is not None else kind
        made = formula_html(found[kind], display=kind not in _IN_LINE)
        self._formulas.append((found[0], made))
        return f"\ue000{len(self._formulas) - 1}\ue001"


class _Renderer(mistune.HTMLRenderer):
    """Mistune's HTML, with our pictures, formulas and raw HTML; `clean_html` has the last word."""

    def __init__(self, rendering: _Rendering) -> None:
        super().__init__(escape=True)
        self._rendering = rendering

    def text(self, text: str) -> str:
        return self._rendering.with_formulas(text)

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        return super().heading(text, max(level, 4))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return self._rendering.picture(url, re.sub(r"<[^<>]*>", "", unescape(text)))

    def inline_html(self, html: str) -> str:
        return self._rendering.raw(html)

    def block_html(self, html: str) -> str:
        raw = self._rendering.raw(html.strip())
        return f"{raw}\n" if raw.startswith("<") else f"<p>{raw}</p>\n"


_HELD_ADDRESS = re.compile(r"held-picture-(\d{1,6})")
