"""What renderers raise on, or take long for, is shown plain in bounded time."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder.untrusted.markdown import NOT_TYPESET, markdown_to_html
from autograder.untrusted.time_limit import TooSlowError, within
from autograder.untrusted.typesetting import Typesetting

FENCES = ["```\u00a0\nx\n```", "```&nbsp;\nx\n```", "~~~ &emsp;\nx"]


@pytest.mark.parametrize("text", FENCES)
def test_a_text_on_which_the_renderer_raises_is_shown_plain(text: str) -> None:
    typesetting = Typesetting()
    shown = typesetting.markdown(text)
    assert "x" in markdown2html_mistune(shown)
    assert "x" in markdown_to_html(shown)
    assert "x" in markdown_to_html(text)


def test_a_feedback_page_names_a_text_that_could_not_be_typeset() -> None:
    assert str(markdown_to_html("```&nbsp;\n<b>x</b>\n```")) == (
        f"<p>{NOT_TYPESET}</p><pre><code>```&amp;nbsp;\n&lt;b&gt;x&lt;/b&gt;\n```</code></pre>"
    )


def test_a_reference_to_a_picture_that_is_not_there_opens() -> None:
    shown = Typesetting().markdown("My plot: ![plot](attachment:image.png)")
    assert "My plot" in markdown2html_mistune(shown)


@pytest.mark.parametrize("unit", ["\\begin{a}\n", "$$ a\n", "\\\\[ a "])
# The limit may strike while the collector runs a hook of hypothesis; it strikes again after it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_text_that_takes_the_renderer_long_is_shown_in_bounded_time(unit: str) -> None:
    markdown2html_mistune("warm")
    typesetting = Typesetting()
    started = time.process_time()
    shown = typesetting.markdown(unit * (200_000 // len(unit)))
    markdown2html_mistune(shown)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("unit", ["*", "a."])
def test_code_that_takes_long_to_colour_is_cut(unit: str) -> None:
    typesetting = Typesetting()
    shown = typesetting.code(unit * (200_000 // len(unit)))
    assert len(shown) < 3_000
    assert typesetting.plain == 1


def test_a_notebook_of_slow_texts_takes_no_longer_than_one_of_few() -> None:
    markdown2html_mistune("warm")
    typesetting = Typesetting()
    started = time.process_time()
    for _ in range(200):
        typesetting.markdown("\\begin{a}\n" * 300)
        typesetting.code("*" * 4_500)
    assert time.process_time() - started < 8
    assert typesetting.plain > 200


def test_the_characters_of_a_notebook_that_are_shown_are_bounded() -> None:
    typesetting = Typesetting()
    shown = [typesetting.markdown("word " * 30_000) for _ in range(9)]
    assert sum(map(len, shown)) < 1_100_000
    assert "too long to show all of it." in shown[-1]
    assert typesetting.code("x = 1\n" * 30_000) == "# [This notebook's text is too long to show all of it.]"


def test_prose_and_ordinary_code_are_left_alone() -> None:
    typesetting = Typesetting()
    assert typesetting.markdown("It falls, as (3.5) says: why?") == "It falls, as (3.5) says: why?"
    assert typesetting.code("def f(x):\n    return x\n") == "def f(x):\n    return x\n"
    assert typesetting.plain == 0


def test_nothing_of_nbconvert_is_needed_to_show_a_text() -> None:
    program = (
        "import sys; from autograder.untrusted.typesetting import Typesetting as T; "
        "T().markdown('# *a* $x$'); T().code('*' * 9_000); sys.exit('nbconvert' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_time_is_up_after_processor_time() -> None:
    def endless(text: str) -> None:
        while True:
            text.upper()

    with pytest.raises(TooSlowError):
        within(0.2, endless, "x")
    assert within(5.0, str.upper, "x") == "X"
