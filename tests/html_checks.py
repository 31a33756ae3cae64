"""What every page must be: whole, self-contained, usable without eyes or a mouse; read from the HTML alone.

`tests/browser` asks a full accessibility checker as well; this one needs no browser.
"""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "link", "input", "col", "source", "wbr"}


class Page(HTMLParser):
    """Elements of a page in order, with their text; unbalanced tags are problems."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.problems: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Attributes of every element `tag`."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self) -> str:
        """The text that a reader sees, spaces collapsed."""
        return " ".join("".join(self.text).split())


def problems(html: str) -> list[str]:
    """What is wrong with a page; empty when nothing is."""
    page = Page(html)
    found = list(page.problems)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    found += [f"id {name!r} twice" for name in sorted(set(ids)) if ids.count(name) > 1]
    if page.all("html")[0].get("lang") != "en":
        found.append("no language")
    if not re.search(r"<title>\S", html):
        found.append("no title")
    if not any(meta.get("name") == "viewport" for meta in page.all("meta")):
        found.append("no viewport: a phone would show it tiny")
    found += [
        f"{len(page.all(tag))} <{tag}>"
        for tag in ("main", "h1", "header", "footer")
        if len(page.all(tag)) != 1
    ]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    found += [f"h{a} is followed by h{b}" for a, b in itertools.pairwise(levels) if b > a + 1]
    found += ["a picture without alt text" for img in page.all("img") if not img.get("alt", "").strip()]
    found += [
        "a drawing without a text"
        for svg in page.all("svg")
        if svg.get("aria-hidden") != "true" and not (svg.get("role") == "img" and svg.get("aria-label"))
    ]
    for _, attributes in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            found += [f"{name} {i!r} is nowhere" for i in attributes.get(name, "").split() if i not in ids]
    found += [
        f"link to {a['href']!r}, which is nowhere"
        for a in page.all("a")
        if a.get("href", "").startswith("#") and a["href"][1:] not in ids
    ]
    found += ["a heading cell without scope" for th in page.all("th") if "scope" not in th]
    return found + outside_addresses(page)


def outside_addresses(page: Page) -> list[str]:
    """Everything that would be fetched from elsewhere, or run although it is not ours."""
    found = []
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            if name.startswith("on"):
                found.append(f"<{tag}> has {name}")
            if name in ("src", "srcset", "poster", "data", "action", "formaction") and not value.startswith(
                "data:"
            ):
                found.append(f"<{tag}> loads {value!r}")
        if tag in ("link", "iframe", "object", "embed", "base", "form"):
            found.append(f"<{tag}>")
    return found


def contrast(one: str, other: str) -> float:
    """Contrast of two colours `#rrggbb` (WCAG 2, 1.4.3), 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
