"""The wire: what crosses comes back equal, and nothing that breaks a rule is believed."""

from __future__ import annotations

import collections
import json
import math
import struct
import threading
import time

import numpy as np
import pytest

from autograder.sandbox import wire
from autograder.sandbox.inside import message_format
from autograder.sandbox.inside.crossing import dtypes


def crossed(value):
    header, buffers = message_format.unpack(message_format.pack({}, value))
    return message_format.decode(header["value"], buffers)


def message_of(text: str | bytes, body: bytes = b"") -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return message_format.PREFIX.pack(message_format.MAGIC, len(data), len(body)) + data + body


def decoded(tree, *buffers: bytes):
    return message_format.decode(tree, [memoryview(buffer) for buffer in buffers])


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        2**200,
        1.5,
        -0.0,
        5e-324,
        math.inf,
        -math.inf,
        1 + 2j,
        complex(math.inf, 0.0),
        "",
        "W1",
        "é\n\0",
        "x" * 1000,
        [],
        (),
        {},
        [1, [2, (3, "4")]],
        {"W1": 1, 2: "b", (1, 2): None, 2.5: [], None: 0, True: 1},
    ],
)
def test_plain_values_cross_unchanged(value):
    result = crossed(value)
    assert (result, type(result)) == (value, type(value))
    assert repr(result) == repr(value)  # 0.0 and -0.0 are equal, and not the same


def test_nan_crosses_as_nan():
    assert math.isnan(crossed(math.nan))


@pytest.mark.parametrize("dtype", sorted(dtypes.DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
def test_arrays_cross_with_dtype_and_shape(dtype, shape):
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    result = crossed(array)
    assert (result.dtype, result.shape) == (array.dtype, shape)
    assert np.array_equal(result, array)
    assert result.flags.writeable


def test_a_transposed_array_and_a_big_endian_one_cross_by_value():
    array = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(crossed(array.T), array.T)
    assert np.array_equal(crossed(array.astype(">f8")), array)
    assert np.array_equal(crossed(array[::-1, ::2]), array[::-1, ::2])


def test_numpy_scalars_stay_numpy_scalars():
    for value in (np.float64(1.5), np.float32(1.5), np.int8(-3), np.bool_(True), np.complex64(1j)):
        result = crossed(value)
        assert (result, type(result)) == (value, type(value))


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_subclasses_of_a_students_own_cross_as_their_base_and_are_named():
    class Image(np.ndarray):
        """A student's kind of array."""

    class Scores(dict):
        """A student's kind of dict."""

    class Name(str):
        """A student's kind of text."""

    for kind in (Image, Scores, Name):
        kind.__module__, kind.__qualname__ = "mine", kind.__name__
    names: dict[str, str] = {}
    value = Scores(W1=np.zeros((1, 2)).view(Image), counts=collections.Counter("a"), n=Name("x"), plain=[1])
    header, buffers = message_format.unpack(message_format.pack({}, value, names))
    result = message_format.decode(header["value"], buffers)
    parts = (result, result["W1"], result["counts"], result["n"])
    assert [type(part) for part in parts] == [dict, np.ndarray, collections.Counter, str]
    assert names == {"": "mine.Scores", "['W1']": "mine.Image", "['n']": "mine.Name"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "a value of type object cannot leave the student's process"),
        (
            {"W1": len},
            "a value of type builtin_function_or_method at ['W1'] cannot leave the student's process",
        ),
        ([1, iter({2})], "a value of type set_iterator at [1] cannot leave the student's process"),
        (memoryview(b"x"), "a value of type memoryview cannot leave the student's process"),
        (np.array([object()]), "a value of type object at [0] cannot leave the student's process"),
        (np.zeros(1, dtype="V3"), "an array of dtype |V3 does not cross"),
        (np.zeros(1, dtype=[("a", "O")]), "an array of dtype [('a', 'O')] does not cross"),
        (dict.fromkeys(range(60_000)), "more than 50000 keys that are not strings"),
        (set(range(60_000)), "more than 50000 members that are not strings"),
    ],
)
def test_what_does_not_cross_is_named(value, said):
    with pytest.raises(wire.UnsupportedValueError) as caught:
        message_format.pack({}, value)
    assert str(caught.value) == said


def test_an_integer_of_thousands_of_digits_does_not_cross():
    with pytest.raises(wire.UnsupportedValueError, match="an integer of that many digits does not cross"):
        message_format.pack({}, 2**20000)


def test_a_value_that_contains_itself_does_not_cross():
    cycle: list = []
    cycle.append(cycle)
    with pytest.raises(wire.UnsupportedValueError, match="more than 32 levels"):
        message_format.pack({}, cycle)


def test_a_value_of_too_many_parts_does_not_cross():
    row = [0] * 1000
    with pytest.raises(wire.UnsupportedValueError, match="more than 200000 parts"):
        message_format.pack({}, [row] * 1000)


def test_a_value_of_too_many_bytes_does_not_cross():
    with pytest.raises(wire.UnsupportedValueError, match="too large to cross"):
        message_format.pack({}, np.zeros(message_format.MAX_BODY_BYTES // 8 + 1))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ('{"a":1,"a":2,"buffers":[]}', "header is not strict JSON: ValueError"),
        ('{"a":NaN,"buffers":[]}', "header is not strict JSON: ValueError"),
        ('{"a":-Infinity,"buffers":[]}', "header is not strict JSON: ValueError"),
        ('{"a":1e999,"buffers":[]}', "header is not strict JSON: ValueError"),
        ('{"a":' + "9" * 1100 + ',"buffers":[]}', "header is not strict JSON: ValueError"),
        ('{"buffers":[]} x', "header is not strict JSON: JSONDecodeError"),
        (b'{"a":"\xff","buffers":[]}', "header is not strict JSON: UnicodeDecodeError"),
        ("\ufeff{}", "header is not strict JSON: JSONDecodeError"),
        ("[" * 100_000, "header is not strict JSON: RecursionError"),
        ("[]", "header is not an object"),
        ("", "header is not strict JSON: JSONDecodeError"),
        ("{}", "the buffers' lengths do not add up"),
        ('{"buffers":{}}', "the buffers' lengths do not add up"),
        ('{"buffers":[1]}', "the buffers' lengths do not add up"),
        ('{"buffers":[-1,1]}', "the buffers' lengths do not add up"),
        ('{"buffers":[true]}', "the buffers' lengths do not add up"),
        ('{"buffers":[0.0]}', "the buffers' lengths do not add up"),
        ('{"buffers":[' + "0," * 30_000 + "0]}", "the buffers' lengths do not add up"),
    ],
)
def test_a_header_that_breaks_a_rule_is_refused(header, said):
    with pytest.raises(wire.WireError) as caught:
        message_format.unpack(message_of(header))
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        (struct.pack("!4sIQ", b"HTTP", 0, 0), "not a message: it begins with other bytes"),
        (struct.pack("!4sIQ", b"AGF1", 2**31, 0), "header of 2147483648 bytes; at most 4194304 are read"),
        (struct.pack("!4sIQ", b"AGF1", 2, 2**63), f"body of {2**63} bytes; at most 67108864 are read"),
    ],
)
def test_an_announced_length_over_the_cap_is_refused_before_it_is_read(prefix, said):
    with pytest.raises(wire.WireError) as caught:
        message_format.read_prefix(prefix)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "tree",
    [
        {},
        [],
        [1],
        [None],
        ["?"],
        ["f", "1.5"],
        ["f"],
        ["c", 1.0],
        ["c", True, 1.0],
        ["c", "1", 1.0],
        ["t", 7],
        ["t", -1],
        ["t", True],
        ["t"],
        ["d", ["a"]],
        ["d", "ab"],
        ["d", ["a", 1], ["a", 2]],
        ["d", [1, 1], [1.0, 2]],
        ["d", [["l"], 1]],
        ["d", [["u", ["l"]], 1]],
        ["d", [["a", "<f8", [1], 0], 1]],
        ["a", "<f8", [1], 9],
        ["a", "<f8", [2], 0],
        ["a", "<f8", [-1], 0],
        ["a", "<f8", [True], 0],
        ["a", "<f8", [1.0], 0],
        ["a", "<f8", "1", 0],
        ["a", "|O", [1], 0],
        ["a", "|V8", [1], 0],
        ["a", [], [1], 0],
        ["a", "<f8", [1]],
        ["a", "<f8", [0, 2**40], 0],
        ["a", "|b1", [8], 0],
        ["n", "<f8", [1], 0],
        ["a", "<f8", [1] * 60, 0],
        ["c", 10**400, 0],
        ["c", 0.5, -(10**400)],
        ["l", ["t", 0], ["t", 0]],
    ],
)
def test_a_tree_that_breaks_a_rule_is_refused(tree):
    with pytest.raises(wire.WireError):
        decoded(tree, b"\x07\0\0\0\0\0\0\0")


def test_keys_that_cannot_be_compared_are_refused():
    """A NumPy integer that hashes as a tuple is compared with it, and the answer is an array."""
    pair = next((1, i) for i in range(1000) if abs(hash((1, i))) < 2**61 - 1)
    with pytest.raises(wire.WireError, match="cannot be made: ValueError"):
        decoded(["d", [["u", *pair], 1], [["n", "<i8", [], 0], 2]], struct.pack("<q", hash(pair)))


def test_a_tree_that_nests_too_deep_is_refused():
    tree: list = ["l"]
    for _ in range(40):
        tree = ["l", tree]
    with pytest.raises(wire.WireError, match="nests too deep"):
        decoded(tree)


def test_a_huge_dict_of_colliding_keys_is_refused_quickly():
    # All congruent modulo 2**61 - 1, Python's hash modulus: one bucket.
    tree = ["d", *([i * (2**61 - 1), 0] for i in range(20_000))]
    with pytest.raises(wire.WireError, match="too many keys that are not strings"):
        decoded(tree)


def test_lone_surrogates_never_reach_the_reader():
    text = json.dumps({"a": "\ud800", "buffers": []})
    header, buffers = message_format.unpack(message_of(text))
    assert message_format.decode(header["a"], buffers) == "?"


def test_nothing_that_pickles_is_ever_run():
    import pickle

    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    data = pickle.dumps(Bomb())
    with pytest.raises(wire.WireError):
        message_format.unpack(data)
    with pytest.raises(wire.WireError):
        decoded(["a", "|O", [1], 0], data)


def test_random_bytes_are_never_more_than_an_error():
    random = np.random.default_rng(0)
    whole = message_format.pack({"op": "x"}, {"W1": np.arange(3.0), "t": (1, None, "y" * 300)})
    refused = 0
    for _ in range(2000):
        broken = bytearray(whole)
        for place in random.integers(0, len(broken), size=random.integers(1, 6)):
            broken[place] = random.integers(0, 256)
        try:
            header, buffers = message_format.unpack(bytes(broken))
            message_format.decode(header.get("value"), buffers)
        except wire.WireError:
            refused += 1
    assert 1000 < refused < 2000  # a changed text or number is no error, a changed structure is


def test_a_channel_carries_messages_both_ways():
    ours, theirs = wire.Channel.pair()
    deadline = time.monotonic() + 10
    with ours, theirs:
        ours.send(wire.pack({"op": "fetch"}, [1, 2]), deadline)
        message = theirs.receive(deadline)
        assert (message.header["op"], message.tree("value")) == ("fetch", [1, 2])


def test_a_message_larger_than_the_socket_crosses():
    ours, theirs = wire.Channel.pair()
    deadline = time.monotonic() + 20
    array = np.arange(1_000_000.0)
    with ours, theirs:
        sender = threading.Thread(target=ours.send, args=(wire.pack({}, array), deadline))
        sender.start()
        received = theirs.receive(deadline).tree("value")
        sender.join()
    assert np.array_equal(received, array)


def test_silence_ends_at_the_deadline():
    ours, theirs = wire.Channel.pair()
    with ours, theirs, pytest.raises(wire.DeadlineError):
        ours.receive(time.monotonic() + 0.01)


def test_a_passed_deadline_reads_nothing_even_when_bytes_are_there():
    ours, theirs = wire.Channel.pair()
    with ours, theirs:
        theirs.send(wire.pack({}), time.monotonic() + 5)
        with pytest.raises(wire.DeadlineError):
            ours.receive(time.monotonic() - 1)


def test_one_that_does_not_read_ends_at_the_deadline():
    ours, theirs = wire.Channel.pair()
    with ours, theirs, pytest.raises(wire.DeadlineError):
        ours.send(wire.pack({}, np.zeros(4_000_000)), time.monotonic() + 0.05)


@pytest.mark.parametrize("cut", [0, 3, 16, 20])
def test_a_peer_that_goes_away_is_closed(cut):
    ours, theirs = wire.Channel.pair()
    with ours:
        theirs._socket.sendall(wire.pack({"op": "x"}, 1)[:cut])
        theirs.close()
        with pytest.raises(wire.ClosedError):
            ours.receive(time.monotonic() + 5)


def test_a_body_over_the_callers_own_cap_is_refused():
    ours, theirs = wire.Channel.pair()
    with ours, theirs:
        theirs.send(wire.pack({}, np.zeros(1000)), time.monotonic() + 5)
        with pytest.raises(wire.WireError, match="body of 8000 bytes; at most 100 are read"):
            ours.receive(time.monotonic() + 5, max_body_bytes=100)


def test_a_message_without_the_field_asked_for_is_refused():
    with pytest.raises(wire.WireError, match="without its field 'value'"):
        wire.Message({}, []).tree("value")
