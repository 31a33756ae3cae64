"""What supervisor and worker send each other comes back as it was; anything else is refused."""

from __future__ import annotations

import dataclasses
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.assignment import load_assignment
from autograder.course import Course
from autograder.grading import protocol
from autograder.grading.defaults import LIMITS
from autograder.grading.protocol import (
    AtTest,
    InstructorRun,
    Job,
    JobResult,
    Memo,
    Message,
    ProtocolError,
    Ready,
    Refused,
    Start,
    read,
    write,
)
from autograder.intake import SubmittedFolder
from autograder.verdicts import Status, TestResult, Verdict

ROOT = Path(__file__).resolve().parents[1]
# No clock (a busy machine), no files of examples that failed before.
with_examples = settings(deadline=None, database=None)
KINDS = tuple(protocol.MESSAGES.values())

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
blobs = st.dictionaries(texts, st.binary(max_size=50), max_size=4)
verdicts = st.sampled_from(Verdict)
test_results = st.builds(
    TestResult,
    texts,
    numbers,
    numbers,
    verdicts,
    message=texts,
    misconception=st.none() | texts,
    notes=st.lists(texts, max_size=3).map(tuple),
    inside=st.booleans(),
)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(InstructorRun, blobs),
    st.builds(Memo, st.binary(max_size=50)),
    st.builds(
        Job,
        st.builds(SubmittedFolder, st.binary(max_size=50), texts, blobs, st.lists(texts).map(tuple)),
        st.dictionaries(texts, verdicts, max_size=3),
    ),
    st.builds(Ready),
    st.builds(Refused, texts),
    st.builds(AtTest, texts),
    st.builds(
        JobResult,
        st.sampled_from(Status),
        texts,
        st.lists(test_results, max_size=3).map(tuple),
        parts=st.dictionaries(texts, numbers, max_size=3),
        notebook=st.binary(max_size=50),
        files=blobs,
    ),
)


@with_examples
@given(messages)
def test_every_message_comes_back_as_it_was(message: Message) -> None:
    assert read(write(message), *KINDS) == message


def test_an_assignment_comes_back_as_it_was() -> None:
    assignment = load_assignment(Course(ROOT), "initialization")
    shipping = dataclasses.replace(assignment, files={"data.bin": b"\xff\0"})
    start = Start(shipping, "none", LIMITS, ("numpy",), show_hidden=True)
    assert read(write(start), Start) == start


@with_examples
@given(st.binary(max_size=200))
def test_bytes_of_a_stranger_are_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(data, *KINDS)


@with_examples
@given(messages, st.data())
def test_a_message_with_bytes_changed_is_refused_or_read_as_a_message(
    message: Message, data: st.DataObject
) -> None:
    changed = bytearray(write(message))
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read(bytes(changed), *KINDS)
    except ProtocolError:
        return
    assert type(found) in KINDS
    assert read(write(found), type(found)) == found


@with_examples
@given(messages, st.integers(1, 20))
def test_a_message_cut_short_or_too_long_is_refused(message: Message, count: int) -> None:
    data = write(message)
    for wrong in (data[:-count], data + bytes(count)):
        with pytest.raises(ProtocolError):
            read(wrong, *KINDS)


def message_of(header: Any, body: bytes = b"") -> bytes:
    """A message with a header of our own, as `write` would put it together."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">4sI", b"IUG1", len(text)) + text + body


RESULT = json.loads(write(JobResult(Status.GRADED))[8:])
TEST = dataclasses.asdict(TestResult("he_seed", 1.0, 1.0, Verdict.PASSED))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (message_of({"kind": "Job"}), "a message of kind 'Job'; JobResult is awaited"),
        (message_of({"kind": "str"}), "a message of kind 'str'"),
        (message_of({"kind": ["JobResult"]}), "a message of kind"),
        (message_of({"kind": "JobResult"}), "JobResult has the fields '', not status, reason, tests"),
        (message_of(RESULT | {"more": 1}), "JobResult has the fields"),
        (message_of([RESULT]), "no JSON object"),
        (message_of(b"{"), "not JSON"),
        (message_of(b'{"kind": "JobResult", "kind": "JobResult"}'), "a key stands twice"),
        (message_of(b"[" * 100_000), "not JSON"),
        (message_of(json.dumps(RESULT | {"seconds": float("nan")}).encode()), "NaN is no number"),
        (message_of(json.dumps(RESULT).replace('"seconds": 0.0', '"seconds": 1e999').encode()), "no finite"),
        (message_of(RESULT | {"seconds": 1}), "JobResult.seconds is of type int; float is wanted"),
        (message_of(RESULT | {"reason": "\ud800"}), "JobResult.reason is no text"),
        (message_of(RESULT | {"status": "perfect"}), "one of graded, rejected, internal-error is wanted"),
        (message_of(RESULT | {"flags": "text"}), "JobResult.flags is no list"),
        (message_of(RESULT | {"flags": [""] * 100_001}), "no list of at most 100,000 items"),
        (message_of(RESULT | {"flags": [1]}), "JobResult.flags is of type int; str is wanted"),
        (message_of(RESULT | {"tests": [TEST | {"inside": 1}]}), "JobResult.tests.inside is of type int"),
        (message_of(RESULT | {"notebook": True}), "JobResult.notebook is of type bool; int is wanted"),
        (message_of(RESULT | {"notebook": -1}, b"x"), "JobResult.notebook has -1 bytes, of 1"),
        (message_of(RESULT | {"notebook": 2}, b"x"), "JobResult.notebook has 2 bytes, of 1 that are left"),
        (message_of(RESULT | {"notebook": 10**20}, b"x"), "is beyond"),
        (message_of(RESULT, b"x"), "1 bytes more than the header names"),
        (struct.pack(">4sI", b"IUG1", 2**32 - 1) + b"{}", "a header of 4294967295 bytes"),
        (b"IUG2" + message_of(RESULT)[4:], "do not begin as a message of this version"),
    ],
)
def test_what_breaks_the_protocol_is_refused_with_the_place(data: bytes, complaint: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read(data, JobResult)
    assert complaint in str(caught.value)


def test_the_one_free_value_is_bounded_in_depth() -> None:
    deep: Any = "end"
    for _ in range(30):
        deep = {"in": deep}
    assignment = dataclasses.replace(
        load_assignment(Course(ROOT), "initialization"), notebook_metadata={"kernelspec": deep}
    )
    with pytest.raises(ProtocolError, match="nested deeper than 20 levels"):
        read(write(Start(assignment, "none", LIMITS)), Start)


def test_half_a_character_does_not_stop_the_writer() -> None:
    assert read(write(Refused("a \ud800 b")), Refused) == Refused("a ? b")
