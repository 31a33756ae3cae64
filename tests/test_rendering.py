"""The autograded notebook: what nbgrader reads of it, what a browser would make of it, what stays out."""

# ruff: noqa: E501 - tables of texts, one a line

from __future__ import annotations

import dataclasses
import json
import re
import time
import warnings
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbgrader.utils import compute_checksum, determine_grade

from autograder.assignment import parse_assignment
from autograder.grading.rendering import render_notebook, test_outputs
from autograder.intake import plan_submission
from autograder.pages.feedback import feedback_page
from autograder.untrusted.allowance import Allowance
from autograder.untrusted.html import clean_html
from autograder.untrusted.markdown import typeset
from autograder.untrusted.outputs import OutputLimits, clean_outputs
from autograder.untrusted.text import clean_text
from autograder.untrusted.typesetting import Typesetting
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult, Verdict
from tests.html_checks import Page
from tests.pictures import chunk, encoded, png

PNG = encoded(png())


def cell(source: str, kind: str = "code", grade_id: str | None = None, **flags: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if grade_id is not None:
        known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        metadata["nbgrader"] = known | {"grade_id": grade_id, "cell_type": kind} | flags
    made: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(cells: list[dict[str, Any]]) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


SOURCE = [
    cell("<b>Welcome</b> <script>ours()</script>", "markdown"),
    cell("import math", grade_id="setup", locked=True),
    cell(
        "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION", grade_id="f", solution=True
    ),
    cell(
        "assert f(1) == 1\n### BEGIN HIDDEN TESTS\nassert f(271) == 271\n### END HIDDEN TESTS",
        grade_id="f_values",
        grade=True,
        locked=True,
        points=4,
    ),
    cell("x", "markdown", "say", grade=True, solution=True, points=5),
]
ASSIGNMENT = parse_assignment("one", notebook(SOURCE), {}, "source")
RELEASED = [
    one | {"source": original.released_source} for one, original in zip(SOURCE, ASSIGNMENT.cells, strict=True)
]
ANSWERED = [*RELEASED[:2], RELEASED[2] | {"source": "def f(x):\n    return x"}, RELEASED[3], SOURCE[4]]
PASSED = TestResult("f_values", 4.0, 4.0, Verdict.PASSED)


def rendered(
    cells: list[dict[str, Any]],
    outputs: dict[int, list[dict[str, Any]]] | None = None,
    result: TestResult = PASSED,
    **options: Any,
) -> Any:
    submission = plan_submission(notebook(cells).encode(), ASSIGNMENT)
    made = render_notebook(ASSIGNMENT, submission, outputs or {}, {"f_values": result}, **options)
    node = nbformat.from_dict(made)
    nbformat.validate(node)
    return node


def test_hidden_tests_stay_out_unless_asked_for() -> None:
    assert "271" not in json.dumps(rendered(ANSWERED))
    assert "271" in json.dumps(rendered(ANSWERED, show_hidden=True))


def test_the_mark_scheme_stands_below_the_answer_for_the_grader_and_never_in_feedback() -> None:
    scheme = "### BEGIN MARK SCHEME\n# 5 points\n\n- 5: the limit\n### END MARK SCHEME"
    question = cell(
        f"### BEGIN SOLUTION\nIt tends to 0.\n\n{scheme}\n### END SOLUTION",
        "markdown", "say", grade=True, solution=True, points=5,
    )  # fmt: skip
    assignment = parse_assignment("one", notebook([*SOURCE[:4], question]), {}, "source")
    submission = plan_submission(notebook(ANSWERED).encode(), assignment)
    made = render_notebook(assignment, submission, {}, {"f_values": PASSED})
    nbformat.validate(nbformat.from_dict(made))
    answer, below = made["cells"][4:]
    assert answer["source"] == "x"
    assert below["source"] == (
        '<div style="border: 3px double #1f6fb4; background: #eef5fb; padding: 0.5em 1em">\n\n'
        "> **Mark scheme of say, for the grader**\n>\n> # 5 points\n>\n> - 5: the limit\n\n</div>"
    )
    assert "It tends to 0" not in json.dumps(made)
    result = SubmissionResult(
        "ada", "one", Status.GRADED, score=4.0, max_score=9.0, tests=(PASSED,),
        hand_grades=(HandGrade("say", None, 5.0),),
    )  # fmt: skip
    page = feedback_page(result, made)
    assert "the limit" not in page
    assert "5 points" not in page.replace("of 5 points", "")


def _without_checksum(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metadata.items() if name != "checksum"}


def test_metadata_come_from_the_instructor_and_never_from_the_student() -> None:
    forged = [dict(one) for one in ANSWERED]
    forged[3] = cell("pass", grade_id="f_values", grade=True, locked=True, points=4000)
    forged[3]["metadata"] |= {"tags": ["skip-execution"], "editable": True}
    forged[2]["metadata"]["tags"] = ["raises-exception"]
    node = rendered(forged)
    assert node.cells[3].metadata == {
        "deletable": False,
        "editable": False,
        # Without the checksum, with which a guess of the hidden lines could be checked.
        "nbgrader": _without_checksum(ASSIGNMENT.by_grade_id["f_values"].metadata),
    }
    assert "tags" not in node.cells[2].metadata
    typed = node.cells[4]
    assert typed.source == (
        '<div class="student-text tex2jax_ignore mathjax_ignore" dir="auto"><p><strong>Typed into the locked '
        "cell f_values (it was restored; this did not run):</strong></p><pre><code>pass</code></pre></div>"
    )


def test_the_prompt_is_still_no_response_to_nbgrader_and_an_answer_is_one() -> None:
    untouched = rendered(
        [one | {"source": "YOUR ANSWER HERE"} if one is ANSWERED[4] else one for one in ANSWERED]
    )
    answer = untouched.cells[4]
    assert answer.metadata.nbgrader.checksum == compute_checksum(answer)
    assert determine_grade(answer) == (0, 5.0)
    assert determine_grade(rendered(ANSWERED).cells[4]) == (None, 5.0)


@pytest.mark.parametrize(
    ("verdict", "score"),
    [(Verdict.PASSED, 4.0), (Verdict.PARTIAL, 1.5), (Verdict.PARTIAL, 0.0), (Verdict.PASSED, 0.0)]
    + [(verdict, 0.0) for verdict in Verdict if verdict not in (Verdict.PASSED, Verdict.PARTIAL)],
)
def test_nbgrader_reads_the_points_of_every_verdict(verdict: Verdict, score: float) -> None:
    result = TestResult(
        "f_values", score, 4.0, verdict, "line one\nline two", hint="A hint.", notes=("a note",)
    )
    node = rendered(ANSWERED, result=result)
    assert determine_grade(node.cells[3]) == (score, 4.0)


def test_a_failed_test_shows_verdict_points_and_message() -> None:
    result = TestResult("f_values", 0.0, 4.0, Verdict.WRONG_ANSWER, "W1 is transposed", hint="Swap the two.")
    assert test_outputs(result) == [
        {"output_type": "stream", "name": "stdout", "text": "Swap the two.\n"},
        {
            "output_type": "error",
            "ename": "wrong-answer",
            "evalue": "W1 is transposed",
            "traceback": ["wrong-answer: 0 of 4 points", "W1 is transposed"],
        },
    ]


def test_outputs_land_in_the_cells_that_made_them() -> None:
    picture = {
        "output_type": "display_data",
        "data": {"image/png": PNG, "text/plain": "<Figure>"},
        "metadata": {},
    }
    node = rendered(ANSWERED, {2: [picture]})
    assert node.cells[2].outputs[0].data == {"image/png": PNG, "text/plain": "<Figure>"}
    assert [one.execution_count for one in node.cells if one.cell_type == "code"] == [None, 2, 3]


def test_a_notebook_never_grows_beyond_what_a_browser_can_load() -> None:
    picture = {
        "output_type": "display_data",
        "data": {"image/png": encoded(png(1, 1, chunk(b"tEXt", b"A" * 1_400_000)))},
        "metadata": {},
    }
    submission = plan_submission(
        notebook([*ANSWERED, *(cell(f"draw({n})") for n in range(9))]).encode(), ASSIGNMENT
    )
    places = {place: [picture] * 50 for place in range(len(submission.cells))}
    made = render_notebook(ASSIGNMENT, submission, places, {})
    assert 20_000_000 < sum(len(str(one)) for one in made["cells"]) < 31_000_000
    assert made["cells"][-1]["outputs"] == [
        {
            "output_type": "stream",
            "name": "stdout",
            "text": "[the notebook's outputs are too large to show this one]\n",
        }
    ]


# Outputs


def test_streams_are_joined_stripped_and_cut() -> None:
    pieces = [{"output_type": "stream", "name": "stdout", "text": "\x1b[1mab"}] * 3
    errors = [{"output_type": "stream", "name": "stderr", "text": ["0%\r", "50%\r", "100%\n"]}]
    assert clean_outputs([*pieces, *errors]) == [
        {"output_type": "stream", "name": "stdout", "text": "ababab"},
        {"output_type": "stream", "name": "stderr", "text": "100%\n"},
    ]
    long = clean_text("x" * 50_000, 100)
    assert long == "x" * 50 + "\n[... 900 characters or more are not shown ...]\n" + "x" * 50


def test_many_outputs_are_counted_instead_of_shown() -> None:
    many = [{"output_type": "display_data", "data": {"text/plain": str(place)}} for place in range(60)]
    cleaned = clean_outputs(many)
    assert len(cleaned) == 51
    assert cleaned[-1]["text"] == "[10 more outputs of this cell are not shown]\n"


@pytest.mark.parametrize(
    "output",
    [
        None,
        7,
        {},
        {"output_type": "clear_output"},
        {"output_type": ["stream"]},
        {"output_type": "display_data"},
        {"output_type": "display_data", "data": "<script>"},
        {"output_type": "stream", "text": {"a": 1}},
    ],
)
def test_malformed_outputs_are_dropped(output: Any) -> None:
    assert clean_outputs([output]) == []


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"application/javascript": "alert(1)"}, {"text/plain": "[an output that is not shown here: application/javascript]"}),
        ({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "Slider()"}, {"text/plain": "Slider()"}),
        ({"image/png": '"><script>alert(1)</script>', "text/plain": "p"}, {"text/plain": "[a picture is not shown: it is not in base64]"}),
        ({"image/png": PNG + "<", "text/plain": "p"}, {"text/plain": "[a picture is not shown: it is not in base64]"}),
        ({"image/jpeg": PNG, "text/plain": "p"}, {"text/plain": "[a picture is not shown: it does not begin as a JPEG does]"}),
        ({"text/html": "<p onclick=x()>hi<script>x()</script></p>"}, {"text/html": "<p>hi</p>"}),
        ({"text/plain": ["a", "b"]}, {"text/plain": "ab"}),
    ],
)  # fmt: skip
def test_only_harmless_types_are_shown(data: dict[str, Any], shown: dict[str, str]) -> None:
    assert clean_outputs([{"output_type": "display_data", "data": data}])[0]["data"] == shown


def test_svg_becomes_a_picture_in_which_nothing_runs() -> None:
    svg = "<svg onload='alert(1)'><script>alert(1)</script></svg>"
    (one,) = clean_outputs([{"output_type": "display_data", "data": {"image/svg+xml": svg}}])
    address = "data:image/svg+xml;base64," + encoded(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert one["data"] == {"text/html": f'<img src="{address}" alt="a picture">'}


def test_a_picture_too_large_is_named_by_its_size() -> None:
    limits = OutputLimits(picture_characters=40)
    (one,) = clean_outputs([{"output_type": "display_data", "data": {"image/png": PNG}}], limits)
    assert one["data"] == {"text/plain": f"[a picture of {len(PNG) * 3 // 4} bytes is not shown]"}


def test_html_fetches_nothing_and_links_nowhere_that_acts() -> None:
    assert clean_html(f'<img src="http://spy/x.png"><img src="data:image/png;base64,{PNG}">') == (
        f'<img><img src="data:image/png;base64,{PNG}">'
    )
    assert clean_html('<a href="javascript:x()">a</a>') == '<a rel="noopener noreferrer">a</a>'
    assert clean_html('<a href="data:text/html,x">a</a>') == '<a rel="noopener noreferrer">a</a>'
    drawing = encoded(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    picture_in_which_no_script_runs = f'<img src="data:image/svg+xml;base64,{drawing}">'  # as the lab's is
    assert clean_html(picture_in_which_no_script_runs) == picture_in_which_no_script_runs
    assert clean_html(
        "<style>p {}</style><iframe src=x></iframe><table border=1><td colspan=2>7</table>"
    ) == ('<table border="1"><tbody><tr><td colspan="2">7</td></tr></tbody></table>')


@pytest.mark.parametrize(
    "text",
    [
        r"$\href{javascript:x()}{a}$",
        r"$&#92;href{a}{b}$",
        r"$\hr<wbr>ef{a}{b}$",
        r"$\mmlToken{mi}[href='a']{b}$",
    ],
)
def test_latex_in_html_makes_no_links(text: str) -> None:
    """MathJax reads the text of HTML outputs too, and puts together what `<wbr>` divides."""
    assert re.search(r"\\(?:<wbr>|href|hr|mml)", clean_html(text)) is None


def test_formatting_tags_that_are_never_closed_do_not_multiply() -> None:
    text = "<p>" + "".join(f"<b title={i}>" for i in range(5000)) + "<p>x" * 8000
    assert len(clean_html(text)) < 10 * len(text)
    assert clean_html("<b title='x'>a</b> <EM class=y>b</EM> <base>") == "<b>a</b> <em>b</em> "


def shown_as(html: str, **limits: int) -> str:
    data = {"text/html": html, "text/plain": "plain"}
    (output,) = clean_outputs([{"output_type": "display_data", "data": data}], OutputLimits(**limits))
    return ", ".join(output["data"])


def test_html_of_too_many_tags_is_shown_as_text() -> None:
    """Nested they take time by the square of their number."""
    assert shown_as("<ul><li>" * 2_500) == "text/html, text/plain"
    assert shown_as("<ul><li>" * 2_501) == "text/plain"


def test_all_html_of_a_cell_and_of_a_notebook_together_is_bounded() -> None:
    table = {"output_type": "display_data", "data": {"text/html": "<b>x</b>", "text/plain": "x"}}
    too_many = {"output_type": "display_data", "data": {"text/html": "<b>" * 9, "text/plain": "x"}}
    limits = OutputLimits(html_tags=5)
    cleaned = clean_outputs([too_many] + [table] * 5, limits, Typesetting(Allowance(html_tags=6)))
    assert ["text/html" in output["data"] for output in cleaned] == [False, True, True, True, False, False]
    node = rendered(
        [*ANSWERED, cell("a"), cell("b")],
        {5: [table] * 2, 6: [table] * 2},
        limits=limits,
        typesetting=Typesetting(Allowance(html_tags=6)),
    )
    assert ["text/html" in one.data for place in (5, 6) for one in node.cells[place].outputs] == [
        True
    ] * 3 + [False]


def test_tags_that_never_end_are_not_searched_for_their_end_each() -> None:
    """A picture's megabytes behind 30,000 of them took half a minute."""
    picture = "data:image/png;base64," + encoded(png(1, 1, chunk(b"tEXt", b"A" * 1_350_000)))
    started = time.perf_counter()
    assert clean_html("<p>x</p>" + "<b " * 30_000 + picture) == "<p>x</p>"
    assert time.perf_counter() - started < 2


class _Acting(HTMLParser):
    """Collects what could act: scripts, event handlers, addresses other than of pictures and the web."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in (
            "script",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "svg",
            "base",
            "meta",
            "link",
            "style",
        ):
            self.found.append(tag)
        for name, value in attributes:
            address = "".join((value or "").split()).lower()
            if name.startswith("on") or address.startswith(("javascript:", "vbscript:", "data:text")):
                self.found.append(f"{tag} {name}={value}")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<b onmouseover=alert(1)>x</b>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](vbscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](data\\:text/html;base64,PHNjcmlwdD4=)",
    "[x]: vbscript\\:alert(1)\n\n[x]",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "$\\href{javascript:alert(1)}{x}$",
    "<!-- --><script>alert(1)</script><!-- -->",
    "`<b`<script>alert(1)</script>`",
    "```\n</pre><script>alert(1)</script>\n```",
    "<style>*{display:none}</style>",
    "<form action=http://spy><input></form>",
    "<a\nhref='javascript:alert(1)'>x</a>",
]


def acting(html: str) -> list[str]:
    parser = _Acting()
    parser.feed(html)
    return parser.found


@pytest.fixture(scope="module")
def page_of_nothing() -> list[str]:
    return acting(to_html(rendered(ANSWERED)))


def to_html(node: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbconvert's own: templates and cells without alt text
        html: str = HTMLExporter(template_name="classic").from_notebook_node(node)[0]
    return html


def test_hostile_text_in_every_place_does_nothing_in_a_browser(page_of_nothing: list[str]) -> None:
    everything = "\n\n".join(HOSTILE)
    data = {
        "text/html": everything,
        "text/markdown": everything,
        "text/latex": everything,
        "text/plain": everything,
    }
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "data": {kind: text}} for kind, text in data.items()
    ]
    outputs += [
        {"output_type": "stream", "name": "stdout", "text": everything},
        {"output_type": "error", "ename": "<script>", "evalue": everything, "traceback": [everything]},
    ]
    cells = [
        *ANSWERED[:4],
        ANSWERED[4] | {"source": everything},
        cell(everything, "markdown"),
        cell(everything),
    ]
    result = TestResult("f_values", 0.0, 4.0, Verdict.WRONG_ANSWER, everything, notes=(everything,))
    node = rendered([*cells, cell(everything, "raw")], {2: outputs}, result)
    found = acting(to_html(node))
    assert [one for one in found if one not in page_of_nothing] == []
    assert len(found) == len(page_of_nothing)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.startswith("<") and text[1] not in "aj"])
def test_hostile_html_in_markdown_reads_as_it_was_written(text: str) -> None:
    assert Page(typeset(text)).words == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("W^[1] < W^[2] and 3 > 2", "<p>W^[1] &lt; W^[2] and 3 &gt; 2</p>"),
        ("plain *text*, `code < 3`", "<p>plain <em>text</em>, <code>code &lt; 3</code></p>"),
        ("<b>bold</b><br/>x<sub>1</sub>", "<p><b>bold</b><br>x<sub>1</sub></p>"),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("<table>\n<tr><td style='color: red'>1</td></tr>\n</table>", "<table>\n<tbody><tr><td>1</td></tr>\n</tbody></table>"),
        ("a $5 tip and $6", "<p>a $5 tip and $6</p>"),
        ("&copy; &lt;b&gt;", "<p>© &lt;b&gt;</p>"),
    ],
)  # fmt: skip
def test_ordinary_markdown_is_typeset(text: str, shown: str) -> None:
    assert str(typeset(text)).strip() == shown


def test_a_text_of_markdown_goes_into_the_notebook_as_one_block_of_html() -> None:
    node = rendered([*ANSWERED[:4], ANSWERED[4] | {"source": "# Why\n\n```\na\n\nb\n```\n\n$x_1$"}])
    assert node.cells[4].source == (
        '<div class="student-text tex2jax_ignore mathjax_ignore" dir="auto"><h4>Why</h4>\n'
        "<pre><code>a&#10;&#10;b&#10;</code></pre>\n"
        '<p><math display="inline"><mrow><msub><mi>x</mi><mn>1</mn></msub></mrow></math></p></div>'
    )
    assert "\n\n" not in node.cells[4].source
    assert "<h4>Why</h4>" in to_html(node)


def test_pictures_of_an_answer_are_shown_pasted_in_line_and_beside_the_notebook() -> None:
    picture = encoded(png())
    words = "![a](attachment:image.png) ![b](plots/my%20plot.png) <img src='attachment:image.png' width=9> ![c](gone.png) ![e](attachment:bad)"
    answer = ANSWERED[4] | {
        "source": f"{words} ![d](data:image/png;base64,{picture})",
        "attachments": {"image.png": {"image/png": picture}, "bad": 7},
    }
    submission = dataclasses.replace(
        plan_submission(notebook([*ANSWERED[:4], answer]).encode(), ASSIGNMENT),
        files={"plots/my plot.png": png(), "unused.png": png()},
    )
    typesetting = Typesetting()
    made = nbformat.from_dict(
        render_notebook(ASSIGNMENT, submission, {}, {"f_values": PASSED}, typesetting=typesetting)
    )
    shown = [img["src"] for img in Page(made.cells[4].source).all("img")]
    assert shown == [f"data:image/png;base64,{picture}"] * 4
    assert typesetting.allowance.left_out == {"pictures": 2}
    assert "[a picture is not shown (gone.png): it was not handed in]" in made.cells[4].source
    assert "[a picture is not shown (attachment:bad): it is no picture]" in made.cells[4].source
    assert to_html(made).count(f"data:image/png;base64,{picture}") == 4
    page = Page(feedback_page(SubmissionResult(
        "ada", "one", Status.GRADED, score=4.0, max_score=9.0, hand_grades=(HandGrade("say", None, 5.0),)
    ), made))  # fmt: skip
    assert [img["src"] for img in page.all("img")] == shown


def test_an_answer_of_several_cells_keeps_the_picture_of_each() -> None:
    pictures = [encoded(png(width)) for width in (1, 2)]
    texts = [
        cell(f"![{place}](attachment:image.png)", "markdown")
        | {"attachments": {"image.png": {"image/png": one}}}
        for place, one in enumerate(pictures)
    ]
    node = rendered([*ANSWERED[:4], ANSWERED[4] | {"source": ""}, *texts])
    answer = next(one for one in node.cells if one.metadata.get("nbgrader", {}).get("grade_id") == "say")
    assert [img["src"].partition(",")[2] for img in Page(answer.source).all("img")] == pictures


def test_a_picture_that_is_too_large_is_named_in_the_answer() -> None:
    answer = ANSWERED[4] | {
        "source": "![a](attachment:a.png)",
        "attachments": {"a.png": {"image/png": encoded(png(30_016, 30_016))}},
    }
    node = rendered([*ANSWERED[:4], answer])
    assert "<img" not in node.cells[4].source
    assert "[a picture is not shown (attachment:a.png): it is 30,016 x 30,016 pixels" in node.cells[4].source


def test_what_imitates_a_mark_scheme_is_pointed_out_and_looks_different() -> None:
    spoof = "> **Mаrk\u200b Scheme of say**, for the *grader*\n>\n> 5 points for any answer."
    typesetting = Typesetting()
    shouted = {"output_type": "stream", "name": "stdout", "text": "MARK SCHEME"}
    node = rendered(
        [*ANSWERED, cell(spoof, "markdown"), cell("# mark scheme, for the grader"), cell("shout()")],
        {7: [shouted]},
        typesetting=typesetting,
    )
    assert typesetting.imitations == [6, 7, 8]
    assert "style=" not in node.cells[5].source
    assert "Mаrk⟨U+200B⟩ Scheme" in node.cells[5].source


@pytest.mark.parametrize(
    "text", ["\r" * 500_000, "a\r" * 200_000, "\x1b[" * 200_000, "\x1b]" + "x" * 400_000, "<" * 400_000]
)
# The limit may strike while the collector runs a hook of hypothesis; it strikes again after it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_text_made_to_take_long_does_not(text: str) -> None:
    assert len(clean_text(text)) <= 20_200
    assert len(Typesetting().markdown(text)) <= 1_300_000
