"""Text of a stranger, letter by letter; outputs of cells and hostile notebooks are in test_rendering.py."""

from __future__ import annotations

# ruff: noqa: E501 - tables of texts, one a line
import base64
import signal
from pathlib import Path

import pytest

from autograder.untrusted.html import clean_html
from autograder.untrusted.markdown import markdown_to_html
from autograder.untrusted.pictures import PICTURE_TYPES, SVG, UnfitPictureError, read_picture
from autograder.untrusted.text import clean_text, imitates_mark_scheme, joined, printable
from autograder.untrusted.time_limit import TooSlowError, within
from tests.pictures import encoded, png

ROOT = Path(__file__).parents[1]
PNG = encoded(png())


def test_what_cannot_be_printed_is_a_question_mark() -> None:
    assert printable("Grüße 5\u00a0€") == "Grüße 5?€"
    assert printable("a\x1b[2Jb\nc\td\x00") == "a?[2Jb?c?d?"
    assert printable("\u202eevil\u200b\udcff") == "?evil??"
    assert printable("123456789", 3) == "123"


def test_only_one_module_replaces_what_cannot_be_printed() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "autograder").rglob("*.py")}
    replacing = [path.name for path, text in texts.items() if 'isprintable() else "' in text]
    assert replacing == ["text.py"]


def test_text_of_notebooks_is_a_string_or_a_list_of_strings() -> None:
    assert [joined(value) for value in ("a", ["a", "b\n"], ("a", 1, None), None, 5, {"a": 1})] == [
        "a",
        "ab\n",
        "a",
        "",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07", "red link"),
        ("10 %\r50 %\r100 %\r\ndone", "100 %\ndone"),
        ("tab\tand bell\x07", "tab\tand bell"),
        ("half a \ud83d pair", "half a ? pair"),
    ],
)
def test_plain_text_shows_what_a_terminal_would(text: str, shown: str) -> None:
    assert clean_text(text) == shown


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**Good** & `x < 1`", "<p><strong>Good</strong> &amp; <code>x &lt; 1</code></p>\n"),
        ("<b onclick='x()'>b</b>", "<p>&lt;b onclick='x()'&gt;b&lt;/b&gt;</p>\n"),
        ("[a](http://x.y)", '<p><a href="http://x.y" rel="noopener noreferrer">a</a></p>\n'),
        ("[a](javascript:x())", '<p><a rel="noopener noreferrer">a</a></p>\n'),
        (
            "![a](data:image/png;base64,AA==)",
            "<p><em>[a picture is not shown (inside the text): it does not begin as a PNG does]</em></p>\n",
        ),
        (
            "![a](http://spy/x.png)",
            "<p><em>[a picture is not shown (http://spy/x.png): nothing is loaded from elsewhere]</em></p>\n",
        ),
        (
            "![a][b]\n\n[b]: //spy/x.png",
            "<p><em>[a picture is not shown (//spy/x.png): nothing is loaded from elsewhere]</em></p>\n",
        ),
        ("a <img srcset='http://spy/x.png 2x'>", "<p>a &lt;img srcset='http://spy/x.png 2x'&gt;</p>\n"),
        ("<td background='http://spy/x'>a</td>", "<p>&lt;td background='http://spy/x'&gt;a&lt;/td&gt;</p>\n"),
        ("<link rel=stylesheet href=//spy>", "<p>&lt;link rel=stylesheet href=//spy&gt;</p>\n"),
        ("<p style='background: url(http://spy)'>a</p>", "<p>a</p>\n"),
        (
            "$a*b*c$, `$x$`",
            '<p><math display="inline"><mrow><mi>a</mi><mo>*</mo><mi>b</mi><mo>*</mo><mi>c</mi></mrow></math>, <code>$x$</code></p>\n',
        ),
        ("50\u202e001", "<p>50⟨U+202E⟩001</p>\n"),
        ("# Loud\n\n##### Low", "<h4>Loud</h4>\n<h5>Low</h5>\n"),
    ],
)
def test_markdown_on_a_page(markdown: str, html: str) -> None:
    assert str(markdown_to_html(markdown)) == html


def test_pictures_are_left_out_of_html_where_none_are_wanted() -> None:
    html = f'<p>a<img src="data:image/png;base64,{PNG}">b</p>'
    assert clean_html(html) == html
    assert clean_html(html, picture=lambda address: None) == "<p>a<img>b</p>"


def test_latex_that_acts_is_mere_text_in_html_and_nothing_in_markdown() -> None:
    assert clean_html(r"$\href{x}{y} \frac{1}{2}$") == "$\\\u200bhref{x}{y} \\frac{1}{2}$"
    assert "href" not in markdown_to_html(r"$\href{x}{y} \frac{1}{2}$")


def test_a_picture_is_what_begins_as_one() -> None:
    broken_over_lines = f"{PNG[:20]}\n{PNG[20:]}\n"
    assert read_picture("image/png", broken_over_lines).encoded == PNG
    assert read_picture("image/png", broken_over_lines).address == f"data:image/png;base64,{PNG}"
    for mime in set(PICTURE_TYPES) - {"image/png"}:
        with pytest.raises(UnfitPictureError, match="it does not begin as a"):
            read_picture(mime, PNG)
    for text in ("", "é", "%%%%", PNG[:-1], base64.b64encode(b"<script>").decode()):
        with pytest.raises(UnfitPictureError):
            read_picture("image/png", text)


def test_an_svg_is_an_address_and_nothing_else_is_an_svg() -> None:
    cleaned = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode()
    written = '<?xml version="1.0"?><svg onload="x()"/>'
    assert read_picture(SVG, written).address == f"data:image/svg+xml;base64,{cleaned}"
    for text in ("", "svg", "text <svg/>", "<script>"):
        with pytest.raises(UnfitPictureError):
            read_picture(SVG, text)


@pytest.mark.parametrize(
    "text",
    [
        "&#77;ark scheme", "Mark&nbsp;scheme", "[Mark](#a) scheme", "M<!-- -->ark scheme", "Ma\u200brk scheme",
        "\u039cark scheme", "\u13b7ark scheme", "M\u00e1rk sch\u0117me", "\u1d0d\u1d00\u0280\u1d0b \ua731\u1d04\u029c\u1d07\u1d0d\u1d07",
        "\U0001d40c\U0001d41a\U0001d42b\U0001d424 scheme", "M4rk scheme", "Mark scherne", "\u202eemehcs kraM",
        "Marking guide, for the marker", "Grading scheme", "graders only",
    ],
)  # fmt: skip
def test_a_mark_scheme_is_imitated_in_whatever_letters(text: str) -> None:
    assert imitates_mark_scheme(text)


@pytest.mark.parametrize(
    "text", ["The schemes are marked in red.", "the grader only runs once", "for the gradient"]
)
def test_other_words_imitate_no_mark_scheme(text: str) -> None:
    assert not imitates_mark_scheme(text)


def test_an_end_that_python_drops_is_not_reported_and_comes_again() -> None:
    class Finalized:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGVTALRM)

    def render(text: str) -> str:
        Finalized()
        while text:
            pass
        return text

    with pytest.raises(TooSlowError):
        within(0.01, render, "x")
