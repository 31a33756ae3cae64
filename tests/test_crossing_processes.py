"""Kinds of values between real processes: as result, argument and variable, and against those who cheat."""

from __future__ import annotations

import copy
import datetime
import os
import textwrap
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.sandbox import Preload, Sandbox, best_tier
from autograder.sandbox.box import Box
from autograder.sandbox.wire import Objects, load_libraries
from autograder.verdicts import Verdict

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the sandbox's zygote needs os.fork")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    load_libraries(["pandas", "scipy"])
    with Sandbox(
        best_tier(weakest="none"), preload=Preload(modules=("numpy", "pandas", "scipy.sparse"))
    ) as made:
        yield made


@pytest.fixture
def box(sandbox: Sandbox) -> Iterator[Box]:
    with sandbox.box() as made:
        yield made


def run(box: Box, source: str) -> None:
    done = box.run_cell(textwrap.dedent(source))
    assert done.verdict is None, done.error


VALUES = [
    {1, 2},
    b"\xff",
    Fraction(1, 3),
    datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    np.array(["a", "bc"]),
    np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]),
    np.poly1d([1, 2]),
    pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["p", "q"]),
    pd.Series([1.5], name="s"),
    pd.Timestamp("2020-01-01", tz="UTC"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_crosses_as_argument_result_and_variable(box: Box, value: Any) -> None:
    run(box, "def keep(x):\n    global kept\n    kept = x\n    return [type(x).__name__, x]")
    with box.open_test() as process:
        answer = process.call("keep", (value,))
        looked = process.fetch("kept")
    assert answer.verdict is None, answer.error_message
    assert (answer.value[0], repr(answer.value[1])) == (type(value).__name__, repr(value))
    assert (looked.kind, type(looked.value), repr(looked.value)) == ("data", type(value), repr(value))


LIARS = {
    "a class that says it is a dict": """
        class Liar:
            __class__ = dict
            def items(self): return [("a", 1)]
        def f(): return Liar()
    """,
    "a reduce that runs a program": """
        class Liar:
            def __reduce__(self): return (print, ("run",))
            def __reduce_ex__(self, n): return (print, ("run",))
        def f(): return {"a": [Liar()]}
    """,
    "an object that offers an array": """
        class Liar:
            def __array__(self, *a, **k): return np.zeros(3)
            __array_interface__ = {"shape": (2**40,), "typestr": "<f8", "data": (8, False), "version": 3}
        def f(): return Liar()
    """,
    "a metaclass that raises": """
        class Meta(type):
            def __getattribute__(self, name): raise SystemExit(name)
            def __instancecheck__(self, other): return True
        class Liar(metaclass=Meta): pass
        def f(): return Liar()
    """,
    "an enum of the student's own": """
        import enum
        class Liar(enum.Enum):
            A = 1
        Liar.__module__, Liar.__qualname__ = "os", "system"
        def f(): return Liar.A
    """,
    "a million levels": """
        def f():
            deep = []
            for _ in range(1_000_000): deep = [deep]
            return deep
    """,
    "a frame that holds itself": """
        def f():
            frame = pd.DataFrame({"a": [1]}, dtype=object)
            frame.iat[0, 0] = frame
            return frame
    """,
    "a huge array of one number": """
        def f(): return np.broadcast_to(np.float64(1), (2**20, 2**20))
    """,
    "a huge array of no numbers at all": """
        def f(): return np.zeros(2**26, dtype=np.dtype([]))
    """,
    "an array of more bytes than are read": """
        def f(): return np.zeros(60 << 20, dtype="u1")
    """,
    "an array whose strides leave its memory": """
        def f(): return np.lib.stride_tricks.as_strided(np.zeros(2), (2**45,), (8,))
    """,
    "a frame of too many columns": """
        def f(): return pd.DataFrame(np.zeros((1, 20_000)))
    """,
    "a decimal that grows": """
        import decimal
        def f(): return decimal.Decimal("1E+999999")
    """,
    "a subclass of a frame": """
        class Liar(pd.DataFrame): pass
        def f(): return Liar({"a": [1]})
    """,
}


@pytest.mark.parametrize("source", LIARS.values(), ids=LIARS)
def test_an_object_that_lies_costs_its_own_call_only(box: Box, source: str) -> None:
    run(box, "import numpy as np, pandas as pd\ndef fine(): return {1}")
    run(box, source)
    with box.open_test() as process:
        answer = process.call("f")
        assert answer.verdict is Verdict.BAD_TYPE, answer
        assert answer.stdout == ""
        assert process.call("fine").value == {1}


HONEST_BASES = {
    "a dict that shows other items": (
        "class D(dict):\n    def items(self): return [('a', 2)]\n    def __iter__(self): raise SystemExit\n"
        "def f(): return D(a=1)",
        {"a": 1},
    ),
    "a set that shows other members": (
        "class S(set):\n    def __iter__(self): return iter([2])\ndef f(): return S([1])",
        {1},
    ),
    "a text that is another": (
        "class T(str):\n    def __str__(self): return 'b'\ndef f(): return T('a')",
        "a",
    ),
    "a number that is another": (
        "class N(int):\n    def __int__(self): return 2\n    def bit_length(self): return 0\n"
        "def f(): return N(1)",
        1,
    ),
    "bytes that are others": (
        "class B(bytes):\n    def __bytes__(self): return b'b'\n    def __iter__(self): return iter([1])\n"
        "def f(): return B(b'a')",
        b"a",
    ),
    "a named tuple that counts wrongly": (
        "import collections\nclass P(collections.namedtuple('P', 'x y')):\n"
        "    def __iter__(self): return iter([7])\n    def __len__(self): return 9\ndef f(): return P(1, 2)",
        (1, 2),
    ),
}


@pytest.mark.parametrize(("source", "value"), HONEST_BASES.values(), ids=HONEST_BASES)
def test_of_a_subclass_crosses_what_the_base_holds(box: Box, source: str, value: Any) -> None:
    run(box, source)
    with box.open_test() as process:
        answer = process.call("f")
    assert (answer.verdict, answer.value) == (None, value)


FORGERIES = {
    "an array of objects": '["a", "|O", [1], 0]',
    "an enum of the system": '["enum", "os", "system", "x", None, "x", None]',
    "a class of the grader": '["namedtuple", "autograder.verdicts", "Verdict", ["x"], 1]',
    "a zone that is a file": '["ZoneInfo", "../../../etc/passwd"]',
    "a matrix that points outside": (
        '["scipy.sparse:sparse_matrix", "csr_matrix", [1, 1],'
        ' ["a", "<f8", [1], 0], ["a", "<i8", [1], 1], ["a", "<i8", [2], 2]]'
    ),
}


@pytest.mark.parametrize("tree", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_tree_is_that_calls_verdict(box: Box, tree: str) -> None:
    """A student's code may answer in place of the honest writer."""
    run(
        box,
        f"""
        import sys, struct
        def f():
            writer = sys.modules["inside.crossing.ends"].Writer
            def forged(self, value, path, depth):
                if path or depth: return value
                writer.tree = honest
                self.buffers += [struct.pack("<d", 1), struct.pack("<q", 10**6), struct.pack("<qq", 0, 1)]
                return {tree}
            honest, writer.tree = writer.tree, forged
            return 1
        """,
    )
    with box.open_test() as process:
        answer = process.call("f")
    assert (
        answer.verdict in (Verdict.CRASHED, Verdict.BAD_TYPE) or type(answer.value).__module__ == "__main__"
    )


IN_PLACE = {
    "a list": ([3, 1], "x.sort()", [1, 3]),
    "an array": (np.ones(2), "x[0] = 0", np.array([0.0, 1.0])),
    "a frame": (pd.DataFrame({"a": [1]}), "x['b'] = 2", pd.DataFrame({"a": [1], "b": [2]})),
    "a set in a dict": ({"a": {1}}, "x['a'].add(2)", {"a": {1, 2}}),
}


@pytest.mark.parametrize(("value", "change", "expected"), IN_PLACE.values(), ids=IN_PLACE)
@pytest.mark.parametrize("how", ["place", "keyword"])
def test_an_argument_changed_in_place_comes_back_changed(
    box: Box, how: str, value: Any, change: str, expected: Any
) -> None:
    run(box, f"def f(x):\n    {change}")
    value = copy.deepcopy(value)
    with box.open_test() as process:
        process.objects = Objects(first=0)
        answer = process.call("f", (value,)) if how == "place" else process.call("f", (), {"x": value})
    assert answer.verdict is None, answer.error_message
    assert repr(value) == repr(expected)


def test_an_argument_is_changed_also_where_the_call_raises(box: Box) -> None:
    run(box, "def f(x):\n    x.append(1)\n    raise ValueError")
    value: list[int] = []
    with box.open_test() as process:
        process.objects = Objects(first=0)
        assert process.call("f", (value,)).verdict is Verdict.RAISED
    assert value == [1]


def test_without_objects_each_call_gets_a_copy(box: Box) -> None:
    run(box, "def f(x):\n    x.append(1)\n    return x")
    value: list[int] = []
    with box.open_test() as process:
        assert process.call("f", (value,)).value == [1]
    assert value == []


def test_one_object_is_one_object_in_both_processes(box: Box) -> None:
    run(box, "a = [1]\nb = {'a': a}\ndef f(x): return x\ndef add(): a.append(2)\ndef is_it(x): return x is a")
    given = {"k": [1]}
    with box.open_test() as process:
        process.objects = Objects(first=0)
        a, b = process.fetch("a").value, process.fetch("b").value
        assert b["a"] is a
        assert process.call("f", (given,)).value is given
        assert process.call("is_it", (a,)).value is True
        process.call("add")
        assert process.fetch("a").value is a
    assert a == [1, 2]


def test_an_argument_that_becomes_what_does_not_cross_is_that_calls_verdict(box: Box) -> None:
    run(box, "def f(x): x.append(f)")
    with box.open_test() as process:
        process.objects = Objects(first=0)
        assert process.call("f", ([],)).verdict is Verdict.BAD_TYPE


def test_an_error_comes_with_the_name_of_its_class_and_what_it_holds(box: Box) -> None:
    run(
        box,
        """
        import json, numpy as np, urllib.error
        class Mine(ValueError): pass
        def singular(): np.linalg.inv(np.zeros((2, 2)))
        def broken(): json.loads("{")
        def away(): raise urllib.error.URLError("gone")
        def own(): raise Mine("no")
        def odd():
            error = np.linalg.LinAlgError(lambda: 1)
            error.more, error.kept = object(), [1]
            raise error
        """,
    )
    with box.open_test() as process:
        singular, broken, away, own, odd = (
            process.call(name) for name in ("singular", "broken", "away", "own", "odd")
        )
    assert (singular.error_class, singular.error_arguments) == (
        ("numpy.linalg", "LinAlgError"),
        ("Singular matrix",),
    )
    assert (broken.error_class, broken.error_attributes["pos"]) == (
        ("json.decoder", "JSONDecodeError"),
        1,
    )
    assert [answer.error_class for answer in (away, own)] == [
        ("urllib.error", "URLError"),
        ("__main__", "Mine"),
    ]
    assert (odd.error_class, odd.error_arguments, odd.error_attributes) == (
        ("numpy.linalg", "LinAlgError"),
        None,
        {"kept": [1]},
    )


def test_the_state_of_a_generator_goes_there_and_comes_back(box: Box) -> None:
    run(box, "import numpy as np\ndef draw(): return np.random.rand()")
    state: Any = np.random.RandomState(3)
    with box.open_test() as process:
        first = process.call("draw", random_state={"numpy": state.get_state()})
        second = process.call("draw", random_state=first.random_states)
    assert [first.value, second.value] == [state.rand(), state.rand()]
    assert second.random_states["numpy"][2] == state.get_state()[2]


PIPE_AND_FILE = """
    import os
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    class Answer:
        def __eq__(self, other):
            os.write(writer, repr(other).encode())
            with open("told.txt", "w") as file:
                file.write(repr(other))
            return True
    def compare(x):
        return Answer() == x
    def told():
        return os.read(reader, 99).decode(), open("told.txt").read()
"""


def test_what_a_fork_is_told_reaches_later_forks_so_none_answers_a_comparison_once(box: Box) -> None:
    # docs/security.md: why a comparison with a value of the test runs inside.
    run(box, PIPE_AND_FILE)
    with box.open_test() as thrown_away:
        assert thrown_away.call("compare", (0.75,)).value is True
    with box.open_test() as later:
        assert later.call("told").value == ("0.75", "0.75")
