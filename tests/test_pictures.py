"""Pictures of strangers: what they unpack to is known from the header; drawings are rebuilt and weighed."""

# ruff: noqa: E501 - tables of texts, one a line

from __future__ import annotations

import base64
import contextlib
import io
import re
import struct
import time

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from autograder.untrusted.html import clean_html
from autograder.untrusted.outputs import clean_outputs
from autograder.untrusted.picture_sizes import PictureSize, UnreadablePictureError, picture_size
from autograder.untrusted.pictures import SVG, UnfitPictureError, read_address, read_picture
from autograder.untrusted.typesetting import Typesetting
from tests.pictures import SVG_START, chunk, encoded, nested_use, png, saved

FORMS = ["PNG", "JPEG", "GIF", "WEBP", "BMP"]


def mime(form: str) -> str:
    return f"image/{form.lower()}"


@pytest.mark.parametrize("form", FORMS)
def test_the_size_of_each_form_is_read_from_its_header(form: str) -> None:
    assert picture_size(mime(form), saved(form, 37, 21)) == PictureSize(37, 21, 1)


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP"])
def test_every_frame_of_an_animation_counts(form: str) -> None:
    size = picture_size(mime(form), saved(form, 37, 21, frames=5))
    assert size == PictureSize(37, 21, 5)
    assert size.pixels == 37 * 21 * 5


def test_where_headers_contradict_each_other_the_largest_counts() -> None:
    header = struct.pack(">IIBBBBB", 50_000, 7, 1, 0, 0, 0, 0)
    assert picture_size("image/png", png(3, 3, chunk(b"IHDR", header))) == PictureSize(50_000, 7)
    frame = struct.pack(">IIIIIHHBB", 0, 30_000, 3, 0, 0, 1, 1, 0, 0)
    assert picture_size("image/png", png(3, 3, chunk(b"fcTL", frame))).width == 30_000
    jpeg = saved("JPEG")
    start = jpeg.index(b"\xff\xc0")
    segment = jpeg[start : start + 19]
    larger = segment[:5] + struct.pack(">HH", 9_000, 8_000) + segment[9:]
    assert picture_size("image/jpeg", jpeg[:start] + larger + jpeg[start:]) == PictureSize(8_000, 9_000)
    gif = saved("GIF")
    outside = b"\x2c" + struct.pack("<HHHHB", 60_000, 0, 5_000, 9, 0) + b"\x02\x01\x00\x00"
    assert picture_size("image/gif", gif[:-1] + outside + b"\x3b").width == 65_000


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_cut_anywhere_has_a_size_or_is_refused(form: str) -> None:
    content = saved(form, 5, 5)
    for end in range(len(content)):
        with contextlib.suppress(UnreadablePictureError):
            assert picture_size(mime(form), content[:end]) == PictureSize(5, 5)


@pytest.mark.parametrize(
    ("form", "piece", "start"),
    [("image/png", bytes(12), 33), ("image/webp", bytes(8), 12), ("image/gif", b"\x21\xff\x01\x00\x00", 13)],
)
def test_a_file_of_a_million_pieces_is_refused_in_time(form: str, piece: bytes, start: int) -> None:
    head = saved(form.removeprefix("image/").upper())
    begun = time.process_time()
    with pytest.raises(UnreadablePictureError, match="more pieces than any program writes"):
        picture_size(
            form, head[: head.find(b",") if form == "image/gif" else max(start, 33)] + piece * 1_000_000
        )
    assert time.process_time() - begun < 10


def test_scans_of_a_jpeg_are_counted() -> None:
    jpeg = saved("JPEG")
    scan = jpeg[jpeg.index(b"\xff\xda") : -2]
    with pytest.raises(UnreadablePictureError, match="it has 101 scans; at most 64 are followed"):
        picture_size("image/jpeg", jpeg[:-2] + scan * 100 + jpeg[-2:])


BOMBS = {
    "image/png": png(30_016, 30_016),
    "image/jpeg": saved("JPEG").replace(
        struct.pack(">HH", 3, 4), struct.pack(">HH", 19_000, 19_000)
    ),
    "image/gif": saved("GIF").replace(struct.pack("<HH", 4, 3), struct.pack("<HH", 19_000, 19_000)),
    "image/bmp": saved("BMP").replace(struct.pack("<ii", 4, 3), struct.pack("<ii", 19_000, -19_000)),
    "image/webp": b"RIFF\0\0\0\0WEBPVP8L\x0a\0\0\0\x2f" + struct.pack("<I", 16_000 | 16_000 << 14) + bytes(6),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_a_picture_of_too_many_pixels_is_shown_nowhere(kind: str) -> None:
    bomb = encoded(BOMBS[kind])
    (output,) = clean_outputs([{"output_type": "display_data", "data": {kind: bomb}}])
    assert re.fullmatch(
        r"\[a picture is not shown: it (has|is) [\d, x]+ pixels; .*\]", output["data"]["text/plain"]
    )
    assert list(output["data"]) == ["text/plain"]
    assert clean_html(f'<p>a<img src="data:{kind};base64,{bomb}">') == "<p>a<img></p>"
    svg = f"{SVG_START}><image href='data:{kind};base64,{bomb}'/></svg>"
    assert "base64" not in drawn(svg)


def test_many_pictures_together_are_bounded_over_a_notebook() -> None:
    large = {"output_type": "display_data", "data": {"image/png": encoded(png(6_000, 6_000))}}
    typesetting = Typesetting()
    shown = [clean_outputs([large] * 2, typesetting=typesetting) for _ in range(4)]
    assert ["image/png" in output["data"] for outputs in shown for output in outputs] == [True] * 5 + [
        False
    ] * 3
    assert typesetting.allowance.left_out == {"pictures": 3}


def test_the_content_decides_not_the_type_that_is_named() -> None:
    with pytest.raises(UnfitPictureError, match="it does not begin as a PNG does"):
        read_picture("image/png", encoded(saved("WEBP")))
    assert read_address(f"data:image/JPG;base64,{encoded(saved('JPEG'))}").mime == "image/jpeg"
    for address in (
        "http://x/y.png",
        "data:text/html;base64,AA==",
        "data:image/png,abc",
        "//x/y",
        "file:///x",
    ):
        with pytest.raises(UnfitPictureError, match="its address is not one of a picture inside the page"):
            read_address(address)


# Drawings


def drawn(svg: str) -> str:
    """The cleaned drawing."""
    return base64.b64decode(read_picture(SVG, svg).encoded).decode()


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        ("<script>x()</script><circle onclick='x()' r='1'/>", '<circle r="1"/>'),
        ("<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'>x</body></foreignObject>", ""),
        ("<rect width='1'><animate attributeName='width' dur='1s'/><set/></rect>", '<rect width="1"/>'),
        ("<filter id='f'><feTurbulence/></filter><rect filter='url(#f)'/>", "<rect/>"),
        ("<mask id='m'><rect/></mask><marker id='k'/><rect mask='url(#m)' marker-end='url(#k)'/>", "<rect/>"),
        ("<a href='http://x'><text>t</text></a><text>u</text>", "<text>u</text>"),
        ("<image href='http://x/y.png'/><image xlink:href='file:///x'/>", "<image/><image/>"),
        ("<use href='http://x/y.svg#a'/><use href='data:image/svg+xml,x'/>", "<use/><use/>"),
        ("<rect style='fill: red; filter: blur(9px); background: url(http://x)'/>", '<rect style="fill: red"/>'),
        ("<rect fill='url(http://x#y)'/><rect fill='u\\72l(http://x)'/>", "<rect/><rect/>"),
        ("<style>@import 'http://x'; *{fill: red; filter: blur(9px)} p{fill: url(#a)}</style>", "<style>*{fill: red}</style>"),
        ("<svg><rect/></svg><iframe/><video/><o:p xmlns:o='o'>x</o:p>", ""),
        ("<text>a &lt;b&gt; <tspan>c</tspan> d</text>", "<text>a &lt;b&gt; <tspan>c</tspan> d</text>"),
    ],
)  # fmt: skip
def test_of_a_drawing_what_draws_is_left(inside: str, left: str) -> None:
    made = drawn(f"{SVG_START}>{inside}</svg>").replace(" {", "{").replace("p{}", "")
    assert re.sub(r" ?</style>", "</style>", made).removeprefix(
        '<svg xmlns="http://www.w3.org/2000/svg"'
    ) in (
        f">{left}</svg>",
        "/>" if not left else "",
    )


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        (nested_use(9), r"a browser would draw [\d,]+ shapes; at most 10,000 are drawn"),
        (f"{SVG_START}><g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g></svg>", "its parts refer to themselves"),
        (f"{SVG_START}><g id='a'><use href='#a'/></g></svg>", "its parts refer to themselves"),
        (f"{SVG_START}><clipPath id='a' clip-path='url(#a)'/></svg>", "its parts refer to themselves"),
        (f"<!DOCTYPE svg [<!ENTITY a 'b'>]>{SVG_START}><text>&a;</text></svg>", "it declares a document type of its own"),
        (f"{SVG_START}>" + "<g>" * 60 + "</g>" * 60 + "</svg>", "its elements lie more than 40 deep"),
        (f"{SVG_START}>" + "<g/>" * 30_000 + "</svg>", "it has more than 20,000 elements"),
        (f"{SVG_START} width='1e6'/>", "its width is 1e6; at most 4,000 pixels are"),
        (f"{SVG_START} height='900cm'/>", "its height is 900cm; at most 4,000 pixels are"),
        (f"{SVG_START}><path stroke-dasharray='.01' d='M0 0H1000000'/></svg>", r"a browser would draw [\d,]+ shapes"),
        (f"{SVG_START}><text>{'a' * 200_000}</text></svg>", r"a browser would draw 20,001 shapes"),
        (f"{SVG_START}><linearGradient id='g'/><g fill='url(#g)'>{'<rect/>' * 2_000}</g></svg>", r"a browser would draw 20,000 shapes"),
        (SVG_START + ">" + "<g opacity='.5'><rect/></g>" * 4_000 + "</svg>", r"a browser would draw 16,000 shapes"),
        (f"{SVG_START}><style>*{{opacity: .5}}</style>{'<rect/>' * 4_000}</svg>", r"a browser would draw 16,\d+ shapes"),
        ("<svg><rect></svg>", "it is no well-formed SVG: mismatched tag"),
        ("<html><svg/></html>", "it is no SVG"),
        ("", "it is no well-formed SVG: no element found"),
    ],
)  # fmt: skip
def test_a_drawing_that_a_browser_would_take_long_for_is_refused(svg: str, reason: str) -> None:
    begun = time.process_time()
    with pytest.raises(UnfitPictureError, match=reason):
        read_picture(SVG, svg)
    assert time.process_time() - begun < 10


def test_a_drawing_of_matplotlib_stays_as_it_is() -> None:
    with mpl.rc_context({"svg.fonttype": "path"}):
        figure = Figure()
        axes = figure.subplots()
        axes.plot(np.arange(1_000) % 7, "--", label=r"cost $\alpha_1$")
        axes.scatter(np.arange(300), np.arange(300) % 11, c=np.arange(300))
        axes.bar([1, 2], [3, 4], hatch="/")
        axes.imshow(np.arange(9).reshape(3, 3))
        axes.legend()
        stream = io.StringIO()
        figure.savefig(stream, format="svg")
    shapes = re.compile(r"<(path|use|rect|image|pattern|clipPath)\b")
    before = re.sub(r"<metadata>.*</metadata>", "", stream.getvalue(), flags=re.DOTALL)
    assert len(shapes.findall(drawn(before))) == len(shapes.findall(before)) > 300
    assert drawn(before).count("url(#") == before.count("url(#")
