"""Functions as arguments: by name, or called back from the student's process, and never more than that."""

from __future__ import annotations

import functools
import math
import os
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.examiner.callbacks import Callbacks, for_nothing
from autograder.examiner.student_function import StudentFunction
from autograder.sandbox import Preload, Sandbox, best_tier
from autograder.sandbox.box import Box
from autograder.sandbox.student_process import StudentProcess
from autograder.sandbox.wire import Objects, UnsupportedValueError
from autograder.verdicts import Verdict

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the sandbox's zygote needs os.fork")

SECRET = 42
OFFSET = 1


def modules(name: str) -> Any:
    return sys.modules.get(name) if name.partition(".")[0] in ("numpy", "math") else None


def callbacks(*, hidden: bool = False) -> Callbacks:
    return Callbacks(modules, hidden=hidden)


@pytest.mark.parametrize(
    ("function", "tree"),
    [
        (np.sin, ["library", "numpy", "sin"]),
        (np.linalg.norm, ["library", "numpy.linalg", "norm"]),
        (math.sqrt, ["library", "math", "sqrt"]),
        (len, ["library", "builtins", "len"]),
        (str.upper, ["library", "builtins", "str.upper"]),
        (int, ["library", "builtins", "int"]),
        (StudentFunction("f", lambda name, args, kwargs: None), ["own", "f"]),
        (os.system, ["callback", 0]),
        (lambda x: x, ["callback", 0]),
        (functools.partial(int, base=2), ["callback", 0]),
        (StudentProcess, None),
    ],
)
def test_a_function_crosses_by_its_name_or_as_a_callback(function: Any, tree: Any) -> None:
    if tree is not None and tree[0] == "library":
        owner = getattr(function, "__module__", None) or "numpy"
        tree = ["library", owner if tree[1] != "builtins" else "builtins", tree[2]]
    assert callbacks().tree(function) == tree


def with_default(x: int, secret: int = SECRET) -> int:
    return secret


def closing_over(secret: int) -> Any:
    return lambda x: x == secret


@pytest.mark.parametrize(
    ("function", "crosses"),
    [
        (lambda x: np.sin(x) + abs(x), True),
        (lambda x: 2 * x, True),
        (lambda x: x + OFFSET, False),
        (lambda x: [SECRET for _ in range(x)], False),
        (lambda x: (lambda: SECRET)(), False),
        (with_default, False),
        (closing_over(7), False),
        (functools.partial(max, SECRET), False),
        ([SECRET].__getitem__, False),
    ],
)
def test_in_a_hidden_part_a_callback_that_may_know_something_does_not_cross(
    function: Any, crosses: bool
) -> None:
    assert (callbacks(hidden=True).tree(function) is not None) is crosses


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(best_tier(weakest="none"), preload=Preload(modules=("numpy",))) as made:
        yield made


@pytest.fixture
def box(sandbox: Sandbox) -> Iterator[Box]:
    with sandbox.box() as made:
        yield made


def run(box: Box, source: str) -> None:
    done = box.run_cell(textwrap.dedent(source))
    assert done.verdict is None, done.error


def called(process: StudentProcess, name: str, *args: Any, **more: Any) -> Any:
    process.objects = process.objects or Objects(first=0)
    process.functions = given = more.pop("given", None) or callbacks()
    return process.call(name, args, **more), given


def test_functions_are_called_with_plain_data_in_both_directions(box: Box) -> None:
    run(
        box,
        """
        def twice(x): return 2 * x
        def apply(f, x, n=1): return [f(x) for _ in range(n)]
        """,
    )
    with box.open_test() as process:
        own = StudentFunction("twice", lambda name, args, kwargs: None)
        assert called(process, "apply", own, 3)[0].value == [6]
        assert called(process, "apply", np.sin, 0.0)[0].value == [0.0]
        assert called(process, "apply", lambda x: {x, 1}, 3)[0].value == [{3, 1}]
        seen: list[Any] = []
        called(process, "apply", lambda x: seen.append(x.copy()) or x.append(4), [3], kwargs={"n": 2})
    assert seen == [[3], [3, 4]]


def test_an_error_of_a_callback_is_the_tests_own_again(box: Box) -> None:
    run(
        box,
        """
        def let_through(f): f()
        def seen(f):
            try: f()
            except Exception as error: return [type(error).__name__, str(error)]
        """,
    )

    class MineError(KeyError):
        pass

    def fails() -> None:
        raise MineError("secret")

    with box.open_test() as process:
        answer, given = called(process, "let_through", fails)
        assert (answer.verdict, answer.from_callback, type(given.raised)) == (Verdict.RAISED, True, MineError)
        assert called(process, "seen", fails)[0].value == ["KeyError", ""]


def test_a_callback_may_call_the_student_again(box: Box) -> None:
    run(
        box,
        """
        def outer(f, x):
            print('a')
            y = f(x)
            print('b')
            return y
        def inner(x): return x + 1
        """,
    )
    with box.open_test() as process:
        said: list[str] = []
        given = Callbacks(modules, hidden=False, show=said.append)
        answer, _ = called(process, "outer", lambda x: process.call("inner", (x,)).value * 10, 1, given=given)
    assert (answer.value, said, answer.stdout) == (20, ["a\n"], "b\n")


def test_callbacks_that_nest_without_end_are_that_calls_verdict(box: Box) -> None:
    run(box, "def f(g): return g()")
    with box.open_test() as process:

        def again() -> Any:
            answer = process.call("f", (again,))
            return str(answer.verdict)

        answer, _ = called(process, "f", again)
        assert answer.verdict is not None or "crashed" in str(answer.value)


HOSTILE = {
    "kept for later": ("kept = []\ndef f(g): kept.append(g)\ndef later(g): return kept[0]()", Verdict.RAISED),
    "called with an object": ("class A: pass\ndef f(g): pass\ndef later(g): return g(A())", Verdict.RAISED),
    "returned": ("def f(g): pass\ndef later(g): return g", Verdict.BAD_TYPE),
    "called with the wrong number": (
        "def f(g): pass\ndef later(g):\n    return g.__closure__[1].cell_contents._call(99, (), {})",
        Verdict.RAISED,
    ),
    "forged": (
        "import sys\ndef f(g): pass\ndef later(g):\n"
        "    server = g.__closure__[1].cell_contents\n"
        "    pack = sys.modules['inside.message_format'].to_bytes\n"
        "    server._socket.sendall(pack({'op': 'callback', 'number': 0, 'values': [1]}, []))\n    return 1",
        Verdict.CRASHED,
    ),
    "called for ever": ("def f(g): pass\ndef later(g):\n    while True: g()", Verdict.RAISED),
}


@pytest.mark.parametrize(("source", "verdict"), HOSTILE.values(), ids=HOSTILE)
def test_what_a_student_makes_of_a_callback_is_that_calls_verdict(
    box: Box, monkeypatch: pytest.MonkeyPatch, source: str, verdict: Verdict
) -> None:
    monkeypatch.setattr("autograder.examiner.callbacks.MOST_CALLBACKS", 50)
    run(box, source)
    with box.open_test() as process:
        called(process, "f", lambda: 1)
        assert called(process, "later", lambda *args: 1)[0].verdict is verdict


def test_what_a_callback_returns_and_cannot_cross_is_the_tests_fault(box: Box) -> None:
    run(box, "def f(g): return g()")
    with box.open_test() as process, pytest.raises(UnsupportedValueError):
        called(process, "f", lambda: object())


def test_input_print_and_stdin_of_a_test_serve_the_students_function(box: Box) -> None:
    run(
        box,
        """
        import sys
        def ask(): return input("n?")
        def say(): print("a", 1)
        def read(): return [sys.stdin.readline(), *sys.stdin]
        """,
    )
    with box.open_test() as process:
        given = callbacks()
        asked: list[Any] = []
        lines = iter(["a\n", "b\n", "c\n"])
        numbers = {
            "input": given.add(lambda *args: asked.append(args) or "7"),
            "print": given.add(for_nothing(lambda *args: (asked.append(args), object())[1])),
            "stdin": given.add(lambda: next(lines, "")),
        }
        assert called(process, "ask", given=given, replaced=numbers)[0].value == "7"
        assert called(process, "say", given=given, replaced=numbers)[0].stdout == ""
        assert called(process, "read", given=given, replaced=numbers)[0].value == ["a\n", "b\n", "c\n"]
        assert process.call("ask").error_type == "EOFError"
    assert asked == [("n?",), ("a", 1)]
