"""SVG of a stranger, rebuilt from an allow-list of shapes, attributes and properties, and weighed.

In an `img` element no script of an SVG runs and nothing is loaded, but ten lines of nested `use` make a
billion shapes, and filters, masks or layers cost seconds each. What stays draws: shapes, text, gradients,
clips, hatching, pictures from inside the file. Left out: scripts, HTML, animation, filters, masks, markers,
links. Refused: entities, cycles, huge canvases, and what would take a browser long.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from autograder.untrusted.text import shown_unseen

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "http://www.w3.org/1999/xlink href"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHAPES = _words("path rect circle ellipse line polyline polygon text image use")
_ELEMENTS = _SHAPES | _words(
    "svg g defs symbol tspan clipPath linearGradient radialGradient stop pattern title desc style"
)
# How an element is painted: as attributes, in `style`, and in a style sheet.
_PROPERTIES = _words(
    "clip-path clip-rule color display dominant-baseline fill fill-opacity fill-rule font "
    "font-family font-size font-stretch font-style font-variant font-weight letter-spacing opacity "
    "overflow paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray "
    "stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width "
    "text-anchor text-decoration vector-effect visibility word-spacing"
)
_ATTRIBUTES = _PROPERTIES | _words(
    "id class style transform d x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height points viewBox "
    "preserveAspectRatio offset gradientTransform gradientUnits spreadMethod clipPathUnits patternUnits "
    "patternContentUnits patternTransform version role aria-label"
)
_GEOMETRY = sorted(_words("d points x y x1 y1 x2 y2 cx cy r rx ry width height"))
_REFERENCE = re.compile(r"""url\(\s*['"]?#([^'")\s]{1,200})['"]?\s*\)""")
_PAINT_REFERENCE = re.compile(r"""(?:fill|stroke)\s*(?:=|:)\s*['"]?\s*url\(""")
_DASHES = re.compile(r"""stroke-dasharray\s*(?:=|:)\s*['"]?([^;}'"]*)""")
_LAYERED = re.compile(r"(?<!-)\b(?:opacity|clip-path)\b")
_STRANGE_VALUE = re.compile(r"\\|@|url\((?!\s*['\"]?#)|expression|javascript:|/\*", re.IGNORECASE)
_RULE = re.compile(r"([\w\s.#*,>:-]{1,200})\{([^{}]*)\}")
_LENGTH = re.compile(r"\s*([0-9.]+(?:[eE][+-]?\d+)?)\s*(px|pt|pc|mm|cm|in|em|ex|rem|%)?\s*")
_PIXELS = {"px": 1, "pt": 4 / 3, "pc": 16, "mm": 3.78, "cm": 37.8, "in": 96, "em": 16, "ex": 8, "rem": 16}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")

# The weight of a drawing, in simple shapes as large as the canvas: a browser draws two thousand a second.
_MOST_WEIGHT = 10_000
_CHARACTERS_A_SHAPE = 200  # of path data
_LETTERS_A_SHAPE = 10
_LAYER = 3  # opacity, a clip
_PAINTED = 10  # a gradient or hatching
_PICTURE = 20
_DASHES_A_SHAPE = 500
_MOST_ELEMENTS = 20_000
_MOST_DEPTH = 40
_MOST_SIDE = 4_000  # of the canvas, pixels


class UnfitDrawingError(ValueError):
    """It is no SVG, or one that a browser would take long for; the text says which."""


@dataclass
class _Element:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Element] = field(default_factory=list)
    text: list[str] = field(default_factory=list)  # before each child, and behind the last


def clean_drawing(text: str, picture: Callable[[str], str]) -> str:
    """The drawing with only what is allowed in it.

    Parameters
    ----------
    text : str
    picture : callable
        From the `data:` address of a picture inside the drawing to the one that may be shown; "" for none.

    Raises
    ------
    UnfitDrawingError

    Examples
    --------
    >>> svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script><circle onclick="x" r="1"/></svg>'
    >>> clean_drawing(svg, picture=lambda address: "")
    '<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>'
    """
    root = _Reader(picture).read(text)
    for side in ("width", "height"):
        found = _LENGTH.fullmatch(root.attributes.get(side, ""))
        if found is None:
            root.attributes.pop(side, None)
        elif float(found[1]) * _PIXELS.get(found[2] or "px", 1) > _MOST_SIDE and found[2] != "%":
            raise UnfitDrawingError(f"its {side} is {found[0].strip()}; at most {_MOST_SIDE:,} pixels are")
    _Scale(root).check()
    return "".join(_written(root, f' xmlns="{_SVG}"'))


class _Reader:
    """The tree of what is allowed in a drawing."""

    def __init__(self, picture: Callable[[str], str]) -> None:
        self._picture = picture
        self._open: list[_Element] = []
        self._root: _Element | None = None
        self._skipped = 0  # how many elements are open inside of the one that is left out
        self._count = 0

    def read(self, text: str) -> _Element:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        try:
            parser.Parse(text.encode("utf-8", "replace").lstrip(), True)
        except expat.ExpatError as error:
            raise UnfitDrawingError(
                f"it is no well-formed SVG: {expat.errors.messages[error.code]}"
            ) from error
        finally:  # the handlers are methods: without this parser and tree keep each other alive
            parser.StartElementHandler = parser.EndElementHandler = None
            parser.CharacterDataHandler = parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = None
        if self._root is None:
            raise UnfitDrawingError("it is no SVG")
        return self._root

    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: int) -> None:
        if has_subset:
            raise UnfitDrawingError("it declares a document type of its own")

    def _entity(self, *declaration: object) -> None:
        raise UnfitDrawingError("it declares entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS:
            raise UnfitDrawingError(f"it has more than {_MOST_ELEMENTS:,} elements")
        space, _, local = name.rpartition(" ")
        is_known = space in (_SVG, "") and local in _ELEMENTS and (local != "svg" or not self._open)
        if self._skipped or not is_known:
            if not self._open:
                raise UnfitDrawingError("it is no SVG")
            self._skipped += 1
            return
        if len(self._open) >= _MOST_DEPTH:
            raise UnfitDrawingError(f"its elements lie more than {_MOST_DEPTH} deep")
        made = _Element(local, self._attributes(local, attributes))
        if self._open:
            parent = self._open[-1]
            parent.text += [""] * (len(parent.children) + 1 - len(parent.text))
            parent.children.append(made)
        else:
            self._root = made
        self._open.append(made)

    def _end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        closed = self._open.pop()
        if closed.name == "style":
            closed.text = [_style_sheet("".join(closed.text))]

    def _characters(self, text: str) -> None:
        if self._skipped or not self._open or self._open[-1].name not in _WITH_TEXT:
            return
        parent = self._open[-1]
        parent.text += [""] * (len(parent.children) + 1 - len(parent.text))
        parent.text[-1] += text

    def _attributes(self, name: str, given: dict[str, str]) -> dict[str, str]:
        kept = {
            key: value
            for key, value in given.items()
            if key in _ATTRIBUTES and not _STRANGE_VALUE.search(value)
        }
        if "style" in given:
            kept["style"] = _declarations(given["style"], with_references=True)
        address = given.get("href", given.get(_XLINK_HREF, "")).strip()
        if name == "image":
            address = self._picture(address) if address.startswith("data:") else ""
        elif name not in _WITH_REFERENCE or not address.startswith("#"):
            address = ""
        return kept | ({"href": address} if address else {})


_WITH_TEXT = frozenset({"text", "tspan", "title", "desc", "style"})
_WITH_REFERENCE = frozenset({"use", "linearGradient", "radialGradient", "pattern"})


def _declarations(text: str, *, with_references: bool) -> str:
    """Of `name: value; ...` those properties that are allowed."""
    kept = []
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        is_strange = _STRANGE_VALUE.search(value) or ("url" in value.lower() and not with_references)
        if name.strip().lower() in _PROPERTIES and not is_strange:
            kept.append(f"{name.strip().lower()}: {value.strip()}")
    return "; ".join(kept)


def _style_sheet(text: str) -> str:
    """The rules without references: of which shapes they are rules would have to be found out."""
    rules = (
        (rule[1].strip(), _declarations(rule[2], with_references=False)) for rule in _RULE.finditer(text)
    )
    return " ".join(f"{selector} {{{declarations}}}" for selector, declarations in rules)


class _Scale:
    """Weighs a drawing: what a browser draws, repeated as often as `use` repeats it."""

    def __init__(self, root: _Element) -> None:
        self._root = root
        self._by_id: dict[str, _Element] = {}
        self._weights: dict[tuple[int, float], float] = {}
        self._being_weighed: set[int] = set()
        sheet = []
        for element in _all(root):
            if name := element.attributes.get("id"):
                self._by_id.setdefault(name, element)
            if element.name == "style":
                sheet.append("".join(element.text))
        # Which rules hold where is not found out: all of them hold everywhere.
        self._has_layers_everywhere = bool(_LAYERED.search(" ".join(sheet)))
        self._dash = min(filter(None, map(_dash_length, _DASHES.findall(" ".join(sheet)))), default=0.0)

    def check(self) -> None:
        """Raise `UnfitDrawingError` for a drawing that is too heavy or refers to itself."""
        weight = self._weight(self._root, self._dash, 0)
        if weight > _MOST_WEIGHT:
            shown = f"{weight:,.0f}" if weight < 1e12 else "more than 10^12"
            raise UnfitDrawingError(
                f"a browser would draw {shown} shapes; at most {_MOST_WEIGHT:,} are drawn"
            )

    def _weight(self, element: _Element, dash: float, depth: int) -> float:
        written = " ".join(f"{name}={value!r}" for name, value in element.attributes.items())
        if dashes := _DASHES.findall(written):
            dash = min(map(_dash_length, dashes))
        key = (id(element), dash)
        if key in self._weights:
            return self._weights[key]
        if id(element) in self._being_weighed or depth > 4 * _MOST_DEPTH:
            raise UnfitDrawingError("its parts refer to themselves")
        self._being_weighed.add(id(element))
        weight = _own_weight(element, dash)
        weight += sum(self._weight(child, dash, depth + 1) for child in element.children)
        if self._has_layers_everywhere or _LAYERED.search(written):
            weight += _LAYER
        if _PAINT_REFERENCE.search(written):
            weight *= _PAINTED
        names = {*_REFERENCE.findall(written), element.attributes.get("href", "").removeprefix("#")}
        weight += sum(
            self._weight(self._by_id[name], dash, depth + 1) for name in names if name in self._by_id
        )
        self._being_weighed.discard(id(element))
        self._weights[key] = min(weight, 1e30)
        return self._weights[key]


def _own_weight(element: _Element, dash: float) -> float:
    if element.name in ("title", "desc", "style"):
        return 0.0
    drawn = element.attributes.get("d", "") + element.attributes.get("points", "")
    weight = (element.name in _SHAPES) + len(drawn) / _CHARACTERS_A_SHAPE
    weight += _PICTURE * (element.name == "image")
    weight += sum(map(len, element.text)) / _LETTERS_A_SHAPE
    if dash and element.name in _SHAPES:
        values = _numbers(" ".join(element.attributes.get(name, "") for name in _GEOMETRY))
        weight += len(values) * max(map(abs, values), default=0.0) / dash / _DASHES_A_SHAPE
    return weight


def _dash_length(value: str) -> float:
    """The length of one dash with its gap, down to a power of four; 0 for an unbroken line."""
    length = sum(_numbers(value))
    return 4.0 ** max(min(math.floor(math.log(length, 4)), 10), -10) if 0 < length < math.inf else 0.0


def _numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]


def _all(element: _Element) -> Iterator[_Element]:
    yield element
    for child in element.children:
        yield from _all(child)


def _written(element: _Element, more: str = "") -> Iterator[str]:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
    yield f"<{element.name}{more}{attributes}"
    if not element.children and not any(element.text):
        yield "/>"
        return
    yield ">"
    texts = element.text + [""] * (len(element.children) + 1 - len(element.text))
    for text, child in zip(texts, element.children, strict=False):
        yield escape(shown_unseen(text))
        yield from _written(child)
    yield escape(shown_unseen(texts[-1]))
    yield f"</{element.name}>"
