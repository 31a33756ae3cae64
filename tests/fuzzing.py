"""Fuzzing: mutated and made-up inputs for everything that reads what a stranger wrote.

`make fuzz MINUTES=5` runs each target for five minutes and prints how many inputs it was given. An input that
breaks a rule is shrunk and kept in tests/data/fuzz/TARGET/, where `tests/test_fuzzing.py` reads it from then on.

The rules: only documented exceptions; at most 2 s of processor time and 500 MB for an input; nothing that acts
or loads is left in HTML, as html5lib (an independent parser) reads it.
"""

# ruff: noqa: E501 - tables of texts, one a line

from __future__ import annotations

import argparse
import base64
import contextlib
import csv
import datetime
import hashlib
import io
import json
import random
import re
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import html5lib
import nbformat
import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from autograder.assignment import parse_assignment
from autograder.course import CourseError
from autograder.downloads.platforms import read_download
from autograder.downloads.roster import read_people
from autograder.downloads.times import TimeReader
from autograder.downloads.zip_files import DownloadLimits, open_zip, unpack
from autograder.examiner.conversation import Link
from autograder.exporters.tables import is_formula, read_table, safe_cell, write_table
from autograder.grading.fingerprints import read_timestamp
from autograder.grading.rendering import render_notebook
from autograder.intake import Rejection, plan_submission
from autograder.pages.feedback import feedback_page
from autograder.sandbox import Limits
from autograder.sandbox.held_files import FilesAtPlace, HeldFiles, files_at_place
from autograder.sandbox.inside import crossing, message_format
from autograder.sandbox.inside.handles import Handles
from autograder.sandbox.keeper_client import KeeperClient
from autograder.sandbox.reports import answer_of, cell_run_of
from autograder.sandbox.wasm.guest_process import Exchange, read_message
from autograder.sandbox.wire import Message, Objects, WireError
from autograder.sandbox.written_files import written_files_of
from autograder.untrusted.html import clean_html
from autograder.untrusted.markdown import markdown_to_html
from autograder.untrusted.outputs import clean_outputs
from autograder.untrusted.pictures import PICTURE_TYPES, SVG, UnfitPictureError, read_picture
from autograder.untrusted.text import shown_unseen
from autograder.untrusted.typesetting import Typesetting
from tests.example_results import ada
from tests.pictures import encoded, nested_use, png, saved
from tests.test_crossing import ARRAYS, GENERATORS, PANDAS, PLAIN, SPARSE

KEPT = Path(__file__).parent / "data" / "fuzz"
MOST_S = 2.0
MOST_BYTES = 500_000_000

_ACTING = frozenset(
    [
        "script", "style", "iframe", "frame", "object", "embed", "applet", "form", "input", "button", "textarea", "select",
        "svg", "base", "meta", "link", "video", "audio", "source", "track", "template", "portal", "annotation",
        "annotation-xml", "maction", "foreignobject",
    ]
)  # fmt: skip
_LOADING = frozenset(
    [
        "srcset",
        "background",
        "poster",
        "data",
        "action",
        "formaction",
        "ping",
        "style",
        "xlink:href",
        "longdesc",
    ]
)


class BrokenRuleError(AssertionError):
    """An input broke a rule."""


@dataclass(frozen=True)
class Target:
    """What is fuzzed.

    Attributes
    ----------
    judge : callable
        Reads one input; raises when a rule is broken. What it gives back is HTML that must not act.
    seeds : sequence of bytes
        Valid inputs, which are mutated.
    tokens : sequence of bytes
        Pieces that mean something there.
    """

    judge: Callable[[bytes], Sequence[str] | None]
    seeds: tuple[bytes, ...]
    tokens: tuple[bytes, ...]


def acting_parts(html: str) -> list[str]:
    """What of a page acts or loads, as html5lib reads it."""
    found = []
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        tag = str(element.tag).rpartition("}")[2].lower()  # with the name of its language in front
        if tag in _ACTING:
            found.append(tag)
        for name, value in element.attrib.items():
            name = str(name).lower()
            address = "".join(str(value).split()).lower()
            if name.startswith("on") or name in _LOADING:
                found.append(f"{tag} {name}={value}"[:200])
            if name == "src" and not address.startswith("data:image/"):
                found.append(f"{tag} {name}={value}"[:200])
            if name == "href" and not address.startswith(("http:", "https:", "mailto:", "#")):
                found.append(f"{tag} {name}={value}"[:200])
    return found


# Targets


def _wire(data: bytes) -> None:
    with contextlib.suppress(WireError):
        header, buffers = message_format.unpack(data)
        Message(header, buffers).tree("value")


@dataclass(frozen=True)
class _Control:
    """Plays the channel to a keeper, which always gives the same answer."""

    answer: Message

    def send(self, *_: object) -> None:
        """Take an order."""

    def receive(self, *_: object) -> Message:
        """The answer."""
        return self.answer


def _host_function(data: bytes) -> None:
    """An instance of the tier wasm says each line to its host, while the trusted side says one thing."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(message_format.pack({"op": "returned"}, None))
        ours.shutdown(socket.SHUT_WR)
        request = message_format.pack({"op": "call"})
        exchange = Exchange(theirs, request)
        for said in data[:50_000].split(b"|"):  # so much the socket takes while nobody reads
            with contextlib.suppress(OSError, WireError):
                exchange.answer(said)
        theirs.shutdown(socket.SHUT_WR)
        answers = 0
        while True:
            try:
                _, header, _ = read_message(ours)
            except OSError:
                break
            answers += header.get("op") != "callback"
    if answers > 1:
        raise BrokenRuleError(f"{answers} answers to one request")


def _reports(data: bytes) -> None:
    try:
        header, buffers = message_format.unpack(data)
    except WireError:
        return
    message = Message(header, buffers)
    try:
        outputs = clean_outputs(cell_run_of(message, Limits()).outputs)
    except WireError:
        outputs = []
    json.dumps(outputs)
    readers: tuple[Callable[[], object], ...] = (
        lambda: answer_of(message),
        lambda: answer_of(message, objects=Objects(first=0)),
        lambda: _files_put_back(message),
        lambda: KeeperClient(cast("Any", _Control(message))).order((), ()),
    )
    for read in readers:
        with contextlib.suppress(WireError):
            read()


def _files_put_back(message: Message) -> None:
    found = files_at_place(message)
    json.dumps([*written_files_of(found, ("data.csv",), 1 << 20).left_out])
    held = HeldFiles({"data.csv": b"1"})
    held.keep("place", FilesAtPlace())
    held.keep(None, found)
    order = held.turn_to("place", found)
    message_format.pack({}, order)
    if set(order["remove"]) - set(held.differing()) or held.turn_to(None, FilesAtPlace()) is None:
        raise AssertionError("an order names what does not differ")


def _values(data: bytes) -> None:
    try:
        header, buffers = message_format.unpack(data)
    except WireError:
        return
    message, link = Message(header, buffers), Link(frozenset())
    for objects in (None, Objects(first=0)):
        with contextlib.suppress(WireError):
            answer_of(message, objects=objects, handles=lambda parts: link._handle("here", parts))


def _assignment() -> Any:
    def cell(kind: str, source: str, grade_id: str = "", **flags: Any) -> dict[str, Any]:
        marks = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        marks |= {"grade_id": grade_id, "cell_type": kind} | flags
        return {"cell_type": kind, "source": source, "metadata": {"nbgrader": marks} if grade_id else {}}

    cells = [
        cell("markdown", "# Double"),
        cell("code", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", "double", solution=True),
        cell("code", "assert double(2) == 4", "double_values", grade=True, locked=True, points=4),
        cell("markdown", "YOUR ANSWER HERE", "say", grade=True, solution=True, points=5),
    ]  # fmt: skip
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return parse_assignment("double", text, {}, "fuzz")


ASSIGNMENT = _assignment()


def _released() -> bytes:
    cells = [
        {
            "cell_type": one.cell_type,
            "source": one.released_source,
            "metadata": {"nbgrader": dict(one.metadata)},
        }
        | ({"outputs": [], "execution_count": None} if one.cell_type == "code" else {})
        for one in ASSIGNMENT.cells
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _intake(data: bytes) -> None:
    try:
        submission = plan_submission(data, ASSIGNMENT)
    except Rejection:
        return
    for original in ASSIGNMENT.cells:
        count = sum(one.instructor_index == original.index for one in submission.cells)
        if count > 1 or (count == 0 and (original.locked or original.grade_id == "say")):
            raise BrokenRuleError(f"{original.grade_id} is {count} times in the plan")
    made = render_notebook(ASSIGNMENT, submission, {}, {})
    nbformat.validate(nbformat.from_dict(made))
    feedback_page(ada(), made)


def _html(data: bytes) -> list[str]:
    return [clean_html(data.decode("utf-8", "replace"))]


def _markdown(data: bytes) -> list[str]:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    text = data.decode("utf-8", "replace")
    page = markdown_to_html(text)
    cell = Typesetting().markdown(text)
    if "\n\n" in cell:
        raise BrokenRuleError("a blank line ends the block of HTML")
    return [page, markdown2html_mistune(cell)]


def _pictures(data: bytes) -> None:
    for mime in PICTURE_TYPES:
        with contextlib.suppress(UnfitPictureError):
            read_picture(mime, encoded(data))
    try:
        drawing = read_picture(SVG, data.decode("utf-8", "replace"))
    except UnfitPictureError:
        return
    if found := [part for part in _drawing_parts(drawing.encoded) if part in _ACTING - {"svg", "style"}]:
        raise BrokenRuleError(f"a drawing acts: {found}")


def _drawing_parts(text: str) -> list[str]:
    tree = html5lib.parseFragment(base64.b64decode(text).decode(), namespaceHTMLElements=False)
    names = [str(element.tag).rpartition("}")[2].lower() for element in tree.iter()]
    handlers = [str(name) for element in tree.iter() for name in element.attrib if str(name).startswith("on")]
    return [*names, *("script" for _ in handlers)]


def _downloads(data: bytes) -> None:
    limits = DownloadLimits(50, 20, 100_000, 200_000, 1_000_000)
    try:
        archive = open_zip(io.BytesIO(data), limits)
        for attempt in read_download(archive, "double").attempts:
            notes: list[str] = []
            for path, content in unpack(archive, attempt.members, limits, notes).items():
                if path.startswith("/") or ".." in path.split("/") or len(content) > limits.member_bytes:
                    raise BrokenRuleError(f"{path!r} of {len(content)} bytes")
    except CourseError as refused:
        str(refused)
    with contextlib.suppress(CourseError):
        read_people(data.decode("utf-8", "replace"))


def _tables(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    cells = text.split("\0")
    written = write_table(["name", *("more" for _ in cells)], [["x", text, 1.5, None, *cells]])
    if read_table(written)[1][1] != shown_unseen(text) and "\r" not in text:
        raise BrokenRuleError("a cell does not come back as it was")
    for separator in ",;\t":
        # Where another sign separates, a quote inside a cell begins or ends nothing.
        around = " \u00a0" if separator == "," else '" \u00a0'
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=separator):
            starts = [cell.lstrip(around) for cell in row]
            # Numbers stay numbers, alone or before the comma that separates in our own tables.
            others = [start for start in starts if not re.match(r"[-+]?\.?\d[\d.]*(,|$)", start)]
            if found := [start for start in others if is_formula(start.lstrip("\t\r\n"))]:
                raise BrokenRuleError(f"a formula where {separator!r} separates: {found[0]!r}")
    safe_cell(text)


def _times(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    moment = TimeReader.of_column([text], datetime.UTC).read(text)
    if moment is not None and moment.tzinfo is None:
        raise BrokenRuleError("a time without a zone")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "timestamp.txt").write_bytes(data)
        if len(read_timestamp(Path(folder))) > 10_000:
            raise BrokenRuleError("a time of more than 10,000 letters")


def _zip_of(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, _released())
    return stream.getvalue()


def _answer(*values: Any, **report: Any) -> bytes:
    """An answer as the student's process gives it."""
    fields: dict[str, Any] = {
        "kind": "data", "verdict": None, "error_type": "", "error_message": "", "traceback": "",
        "seconds": 0.1, "processor_s": 0.1, "waited_s": 0.0, "stdout": "a\n", "stderr": "", "names": {}, "changed": [0],
        "raised_line": None, "random_states": {}, "from_callback": False, "error_class": ["", ""], "error_bases": [],
        "error_arguments": None, "error_attributes": {}, "removed": ["a.csv"],
        "written": {"out/b.csv": np.frombuffer(b"1,2", np.uint8)},
    }  # fmt: skip
    buffers: list[bytes] = []
    trees = crossing.encode_all(list(values), buffers, {}, None, Handles().tree)
    return message_format.to_bytes(
        {"report": message_format.encode(fields | report, buffers), "values": trees}, buffers
    )


_STREAM = {"output_type": "stream", "name": "stdout", "text": "a\n"}
_SHOWN = {
    "output_type": "display_data",
    "data": {"text/html": "<b>x</b>", "image/png": encoded(png())},
    "metadata": {},
}
_REPORTS = (
    message_format.pack({}, {"outputs": [_STREAM, _SHOWN], "error_type": "", "error_message": "", "verdict": None, "seconds": 0.5, "waited_s": 0.0, "repeatable": True}),
    _answer({"W1": np.ones((2, 3)), "n": [1.5, (2,), {3}]}, names={"": "int"}),
    _answer(None, verdict="raised", error_type="ValueError", error_message="m", error_class=["builtins", "ValueError"], error_bases=[["builtins", "Exception"]], error_arguments=("m",),
            raised_line={"number": 3, "line": "return a[1]", "expression": "a[1]", "values": {"a": ["list", "2"]}}),
    message_format.pack({}, {"files": {"out.csv": np.zeros(3, np.uint8), "numpy.py": np.zeros(2, np.uint8)}, "links": {"l": ".."}, "left": {"big.bin": [33188, 9, 9, 9]},
                             "folders": ["a"], "gone": ["data.csv"], "is_whole": True}),
    message_format.pack({"ended": [3], "left": 0, "reason": "memory"}),
)  # fmt: skip
_MARKUP = (
    b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b"<svg><style>", b"</style>", b"<math><mtext>", b"<mglyph>",
    b"<table><td>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"javascript:", b"data:text/html,", b"&colon;", b"&#106;", b"<a href=",
    b"<annotation-xml encoding='text/html'>", b"<b onclick=x>", b"'", b'"', b"`", b"<br>", b"<p>", b"</p>", b"<noscript>", b"<form>",
    b"<title>", b"<xmp>", b"<plaintext>", b"<template>", b"\xe2\x80\xae", b"\x00", b"<img src='data:image/png;base64,AA=='>",
)  # fmt: skip
_MARKS = (
    b"```", b"~~~", b"$$", b"$x_1$", b"\\begin{align}", b"\\end{align}", b"![a](", b"[a]: ", b"[a](", b")", b"| a | b |\n|-|-|\n", b"> ",
    b"- ", b"# ", b"**", b"_", b"~~", b"\n\n", b"\n", b"    ", b"\\[", b"\\(", b"\\text{<b>}", b"\\href{javascript:x}{y}", b"attachment:a.png",
    b"held-picture-0", b"\xee\x80\x800\xee\x80\x81", b"#0", b"\\frac", b"{", b"}", b"^", b"&", b"\\left(", b"<div class=\"student-text", b"&nbsp;",
)  # fmt: skip
_SVG = (
    b"<svg xmlns='http://www.w3.org/2000/svg'>", b"</svg>", b"<g id='a'>", b"</g>", b"<use href='#a'/>", b"<style>*{", b"}</style>",
    b"<!DOCTYPE svg [", b"<!ENTITY a 'b'>", b"&a;", b"clip-path='url(#a)'", b"stroke-dasharray='1e-9'", b"fill='url(#a)'", b"width='1e9'",
    b"<image href='data:image/svg+xml;base64,AA=='/>", b"onload='x()'", b"<foreignObject>", b"<![CDATA[", b"]]>", b"<?xml-stylesheet href='x'?>",
)  # fmt: skip
_JSON = (
    b'"cells"',
    b'"source"',
    b"[",
    b"]",
    b"{",
    b"}",
    b"null",
    b"1e999",
    b'"\\ud800"',
    b'"cell_type"',
    b'"markdown"',
    b'"code"',
    b",",
    b":",
    b"-0",
)

TARGETS: dict[str, Target] = {
    "wire": Target(_wire, _REPORTS, _JSON),
    "host_function": Target(_host_function, (b"|" + message_format.pack({"op": "callback"}) + b"||" + message_format.pack({}, 1), *_REPORTS), (*_JSON, b"|", b"AGF1", b'"op"', b'"callback"')),
    "reports": Target(_reports, _REPORTS, (*_JSON, b'"outputs"', b'"data"', b'"output_type"', b'"name"', *_MARKUP)),
    "values": Target(_values, tuple(map(_answer, [*PLAIN, *ARRAYS, *PANDAS, *SPARSE, *GENERATORS, int, [_answer, iter([1]), Handles]])), (*_JSON, b'["function","handle",0', b'["type","int"]', b'["same",0]', b'"__eq__"', b"true", b"-1", b"4294967296")),
    "intake": Target(_intake, (_released(), b'{"nbformat": 3, "worksheets": [{"cells": []}]}'), (*_JSON, b'"say"', *_MARKS)),
    "html": Target(_html, (b"<table><tr><td colspan=2>1</td></tr></table>", b"<p>a<b>b</b></p>"), _MARKUP),
    "markdown": Target(_markdown, (b"# A\n\n- `a` **b** $x_1$\n\n|a|\n|-|\n|1|\n", b"<b>a</b> ![a](b.png)"), (*_MARKS, *_MARKUP)),
    "pictures": Target(_pictures, (*(saved(form) for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP")), saved("GIF", frames=3), nested_use(2).encode()), _SVG),
    "downloads": Target(_downloads, (_zip_of("Ada L_12_assignsubmission_file/double.ipynb"), _zip_of("ada_1_2_double.ipynb", "bob_LATE_3_4_x.py"), b"ID number,Full name\n1,Ada\n"), (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"../", b"\xff\xff", b"\x00\x00", b",", b'"', b"\n")),
    "tables": Target(_tables, (b"Ada;=1+1", b"-3.5", b"plain\0text"), (b"=", b"+", b"-", b"@", b"\t", b"\r", b"\n", b";", b",", b'"', b"'", b" ", b"\xef\xbc\x9d", b"\xc2\xa0", b"\0", b"1", b"\xe2\x80\xa8")),
    "times": Target(_times, (b"2026-03-01 12:00:00 CET", b"Thursday, 26 November 2026, 11:59 PM", b"26/11/2026 23:59"), (b"-", b":", b"/", b".", b" ", b"99", b"0", b"AM", b"PM", b"UTC", b"+14:00", b"November", b"9999", b"\xd9\xa1", b"Europe/Berlin")),
}  # fmt: skip


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Valid inputs with some edits, pieces in any order, and any bytes at all."""
    piece = st.one_of(st.sampled_from(target.tokens), st.binary(max_size=6), st.text(max_size=6).map(_bytes))
    place = st.integers(0, 1_000_000)
    edit = st.tuples(place, st.integers(0, 40), piece, st.sampled_from([1, 1, 1, 2, 50]))

    def edited(start: bytes, edits: list[tuple[int, int, bytes, int]]) -> bytes:
        data = start
        for at, length, new, times in edits:
            at %= len(data) + 1
            data = data[:at] + new * times + data[at + length :]
        return data

    mutated = st.builds(edited, st.sampled_from(target.seeds), st.lists(edit, min_size=1, max_size=8))
    many = st.tuples(st.lists(piece, max_size=12), st.sampled_from([1, 1, 1, 3, 30, 300])).map(
        lambda made: b"".join(made[0]) * made[1]
    )
    return st.one_of(mutated, many, st.binary(max_size=300), st.text(max_size=300).map(_bytes))


def judge(name: str, data: bytes) -> None:
    """Give one input to a target.

    Raises
    ------
    BrokenRuleError
        It took too long, or left something that acts.
    Exception
        Whatever the target raises and does not document.
    """
    started = time.process_time()
    shown = TARGETS[name].judge(data) or ()
    seconds = time.process_time() - started  # html5lib takes more than what it judges
    for html in shown:
        if found := acting_parts(html):
            raise BrokenRuleError(f"acts or loads: {found[:3]}")
    if seconds > MOST_S:
        raise BrokenRuleError(f"{seconds:.1f} s of processor time; at most {MOST_S:g} s")


def fuzz(name: str, seconds: float) -> int:
    """Fuzz one target for so long; how many inputs it was given. What breaks a rule is kept and raised."""
    count = 0
    failing = b""

    def one(data: bytes) -> None:
        nonlocal count, failing
        count += 1
        try:
            judge(name, data)
        except Exception:
            failing = data
            raise

    end = time.monotonic() + seconds
    quiet = settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    try:
        while time.monotonic() < end:
            seed(random.getrandbits(64))(quiet(given(inputs(TARGETS[name]))(one)))()
    except BaseException:
        if failing:
            (KEPT / name).mkdir(parents=True, exist_ok=True)
            (KEPT / name / hashlib.sha256(failing).hexdigest()[:12]).write_bytes(failing)
        raise
    return count


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _bound_memory() -> None:
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def main(arguments: list[str]) -> int:
    """Fuzz each target named, or all, and print how many inputs each was given."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing")
    parser.add_argument("targets", nargs="*", metavar="TARGET", default=list(TARGETS))
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target")
    options = parser.parse_args(arguments)
    judge("markdown", b"warm")
    if sys.platform == "linux":
        _bound_memory()
    for name in options.targets:
        sys.stdout.write(f"{name}: {fuzz(name, 60 * options.minutes):,} inputs\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
