"""Objects that stay in the student's process: planned from the instructor's run, then graded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from autograder.examiner.conversation import Link
from autograder.examiner.handles import Handle, Held, stand_in, use_of
from autograder.examiner.places import Places
from autograder.grading.test_plan import Place
from autograder.grading.unknown_kinds import counted
from autograder.sandbox import Limits, Preload, Sandbox
from autograder.sandbox.inside.handles import OPERATIONS, SPECIAL, Handles, special
from autograder.sandbox.wire import WireError
from autograder.verdicts import Verdict
from tests.test_marking import HIDDEN, test_cell
from tests.test_planning import answer, graded, planned


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("none", Limits(cell_s=20.0), preload=Preload(modules=("numpy",))) as sandbox:
        yield sandbox


STACK = """
class Stack:
    def __init__(self):
        self.items = []
    def push(self, x):
        self.items.append(x)
        return self
    def pop(self):
        return self.items.pop()
    def __len__(self):
        return len(self.items)
"""
TAPE = """
class Tape:
    def __init__(self): self.log = []
    def __enter__(self):
        self.log.append('in')
        return self
    def __exit__(self, *error):
        self.log.append('out')
"""
CARD = """
class Card:
    def __init__(self, rank):
        self.rank = rank
    def __lt__(self, other):
        return self.rank < other.rank
    def __eq__(self, other):
        return self.rank == other.rank
    def __hash__(self):
        return hash(self.rank)
    def __add__(self, other):
        return Card(self.rank + other.rank)
    def __repr__(self):
        return f"Card({self.rank})"
def hand(n):
    return [Card(n - i) for i in range(n)]
"""
# The solution, a test, and answers with the points that they get.
CASES: dict[str, tuple[str, str, dict[str, int]]] = {
    "methods, attributes and errors": (
        STACK,
        "s = Stack()\ns.push(1).push('a')\nassert len(s) == 2 and s.pop() == 'a' and s.pop() == 1 and not s\n"
        "try:\n    s.pop()\n    assert False\nexcept IndexError:\n    pass",
        {
            STACK.replace("self.items.pop()", "self.items.pop(0)"): 0,
            STACK.replace(
                "__len__(self)", "__bool__(self): return bool(self.items)\n    def __len__(self)"
            ): 1,
            STACK.replace("return self.items.pop()", "return 1"): 0,
            "class Any:\n    def __eq__(self, other): return True\n    __bool__ = __eq__\n"
            "class Stack:\n    def push(self, x): return self\n    def pop(self): return Any()\n"
            "    def __len__(self): return 2": 0,
            "Stack = list": 0,
            "": 0,
        },
    ),
    "operators, order and members of sets": (
        CARD,
        "a = hand(3)\nassert [c.rank for c in sorted(a)] == [1, 2, 3] and a[0] > a[1]\n"
        "assert Card(1) in a and len({Card(1), Card(1)}) == 1 and (Card(1) + Card(2)).rank == 3\n"
        "assert repr(Card(1)) == 'Card(1)' and str(Card(2)) == 'Card(2)'",
        {
            "from dataclasses import dataclass\n@dataclass(order=True, unsafe_hash=True)\nclass Card:\n"
            "    rank: int\n    def __add__(self, other): return Card(self.rank + other.rank)\n"
            "    def __repr__(self): return f'Card({self.rank})'\n"
            "def hand(n): return [Card(n - i) for i in range(n)]": 1,
            CARD.replace("<", ">"): 0,
            CARD.replace("return hash(self.rank)", "return 'x'"): 0,
            CARD.replace("return self.rank == other.rank", "return 1"): 1,  # inside, where 1 is true
            "": 0,
        },
    ),
    "generators and maps": (
        "def f(n):\n    for i in range(n):\n        yield i * i\ndef g(a):\n    return map(str, a)",
        "assert list(f(3)) == [0, 1, 4] and sum(f(3)) == 5 and list(g([1])) == ['1']",
        {
            "def f(n): return [i * i for i in range(n)]\ndef g(a): return [str(x) for x in a]": 1,
            "def f(n): return (i * i for i in range(n))\ndef g(a): return iter(['1'])": 1,
            "def f(n): return iter([0, 1])\ndef g(a): return map(str, a)": 0,
            "def f(n):\n    while True: yield 0\ndef g(a): return map(str, a)": 0,
            "": 0,
        },
    ),
    "functions that are returned": (
        "def adder(n):\n    return lambda x: x + n",
        "assert callable(adder(1)) and adder(2)(3) == 5",
        {
            "from functools import partial\ndef adder(n): return partial(int.__add__, n)": 1,
            "class A:\n    def __init__(s, n): s.n = n\n    def __call__(s, x): return x + s.n\nadder = A": 1,
            "def adder(n): return n": 0,
            "def adder(n): return lambda x: 5 + n": 0,
            "": 0,
        },
    ),
    "context managers": (
        TAPE,
        "with Tape() as tape:\n    assert tape.log == ['in']\nassert tape.log == ['in', 'out']\n"
        "try:\n    with Tape():\n        assert False, 'of the test'\nexcept AssertionError:\n    pass",
        {
            TAPE.replace("append('out')", "append('end')"): 0,
            TAPE.replace("return self\n", "pass\n"): 0,
            TAPE.replace("append('out')", "append('out') or 1"): 1,
            "class Tape:\n    log = ['in', 'out']": 0,
            "": 0,
        },
    ),
    "what an object is an instance of": (
        STACK,
        "import inspect\ns = Stack()\nassert type(s) == Stack and type(s) == type(Stack())\n"
        "assert type(s) != int and isinstance(Stack, type) and inspect.isclass(Stack)\n"
        "assert not isinstance(s, type)",
        {
            f"{STACK}class Other(Stack): pass": 1,
            f"{STACK}class Other(Stack): pass\nStack = lambda: Other()": 0,
            f"{STACK}class Other: pass\nclass Stack(Other):\n    def __new__(cls): return Other()": 0,
            "class Stack:\n    def __len__(self): return 0": 1,
            "": 0,
        },
    ),
    "types of plain data": (
        "import numpy as np\ndef f(x): return type(x)\nkinds = {'a': int}",
        "import numpy as np\nassert f(1) is int and f('a') == str and f(np.float64(1)) is np.float64\n"
        "assert kinds == {'a': int}",
        {
            "def f(x): return x.__class__\nkinds = dict(a=int)": 1,
            "def f(x): return 'int'\nkinds = dict(a=int)": 0,
            "def f(x): return int\nkinds = dict(a=int)": 0,
            "class int: pass\ndef f(x): return int\nkinds = dict(a=int)": 0,
            "": 0,
        },
    ),
    "classes and enums": (
        "from enum import Enum\nclass Colour(Enum):\n    RED = 1\n    BLUE = 2\nclass Base: x = 1\n"
        "class Sub(Base):\n    '''Doc.'''",
        "assert Colour.RED.value == 1 and Colour(2) is Colour.BLUE and [c.name for c in Colour][0] == 'RED'\n"
        "assert issubclass(Sub, Base) and isinstance(Sub(), Base) and not isinstance(Base(), Sub)\n"
        "assert Sub.x == 1 and Sub.__doc__ == 'Doc.' and Sub.__name__ == 'Sub' and not hasattr(Sub, 'y')",
        {
            "from enum import Enum\nColour = Enum('Colour', 'RED BLUE')\nclass Base: x = 1\n"
            "class Sub(Base):\n    'Doc.'": 1,
            "from enum import Enum\nColour = Enum('Colour', 'RED BLUE')\nclass Base: x = 1\n"
            "class Sub:\n    'Doc.'\n    x = 1": 0,
            "from enum import Enum\nColour = Enum('Colour', 'BLUE RED')\nclass Base: x = 1\n"
            "class Sub(Base):\n    'Doc.'": 0,
            "": 0,
        },
    ),
    "what is given to the student's functions": (
        CARD + "def best(cards, key):\n    return max(cards, key=key)\ndef order(cards):\n    cards.sort()",
        "a = hand(3)\nassert best(a, lambda card: -card.rank) is a[2]\norder(a)\n"
        "assert [card.rank for card in a] == [1, 2, 3]",
        {
            CARD + "def best(cards, key):\n    return sorted(cards, key=key)[-1]\n"
            "def order(cards):\n    cards[:] = sorted(cards)": 1,
            CARD + "def best(cards, key):\n    return cards[0]\ndef order(cards):\n    cards.sort()": 0,
            CARD + "def best(cards, key):\n    return max(cards, key=key)\ndef order(cards): pass": 0,
            "": 0,
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_objects_are_tested_outside_and_answers_get_what_they_deserve(sandbox: Sandbox, name: str) -> None:
    solution, test, answers = CASES[name]
    cells = answer(solution), test_cell(0, test)
    plan = planned(sandbox, *cells, prove=True)
    assert (plan.tests[0].place, plan.tests[0].reason, plan.unearned) == (Place.OUTSIDE, "", ())
    assert plan.tests[0].handles
    got = {text: graded(sandbox, plan, text, *cells).tests[0] for text in (solution, *answers)}
    assert {text: result.score for text, result in got.items()} == {solution: 1, **answers}
    assert not any(result.inside for result in got.values() if result.verdict is not Verdict.PASSED)


# What a test may not do with an object outside: it runs inside, where it has nbgrader's points.
INSIDE = {
    "a value of the test is compared with": "assert Card(3) == Card(3) and not Card(3) == 3 or True",
    "a value of the test is looked for": "assert 3 in Bag()",
    "a library takes it for a number": "import math\nassert math.sqrt(Number()) == 2",
    "a library takes it for an array": "import numpy as np\nassert np.array(Array()).sum() == 3",
    "it is copied": "import copy\nassert copy.deepcopy(Bag()).x == 1",
    "its type is asked for": "assert type(Bag()) is Bag",
}
ODD = (
    CARD.replace("return self.rank == other.rank", "return getattr(other, 'rank', other) == self.rank")
    + """
class Bag:
    x = 1
    def __contains__(self, x):
        return x == 3
class Number:
    def __float__(self):
        return 4.0
class Array:
    def __array__(self, dtype=None, copy=None):
        import numpy
        return numpy.array([1, 2])
"""
)


@pytest.mark.parametrize("why", INSIDE)
def test_what_would_show_the_student_an_expected_value_runs_inside(sandbox: Sandbox, why: str) -> None:
    plan = planned(sandbox, answer(ODD), test_cell(0, INSIDE[why]))
    assert (plan.tests[0].place, bool(plan.tests[0].reason)) == (Place.INSIDE, True)


def test_an_object_comes_outside_only_where_the_solution_has_one(sandbox: Sandbox) -> None:
    cells = (
        answer("def f(): return 3\ndef g(): return iter([3])"),
        test_cell(0, "assert f() == 3\nassert list(g()) == [3]"),
    )
    plan = planned(sandbox, *cells)
    assert len(plan.tests[0].handles) == 2  # what g returned, its iterator
    always = "class Any:\n    def __eq__(self, other): return True\n    def __bool__(self): return True\n"
    cheat = always + "def f(): return Any()\ndef g(): return [3]"
    result = graded(sandbox, replace(plan, tries_inside=False), cheat, *cells).tests[0]
    assert (result.score, result.inside, result.verdict) == (0, False, Verdict.BAD_TYPE)


def test_objects_live_on_from_the_visible_part_to_the_hidden_one(sandbox: Sandbox) -> None:
    test = "s = Stack()\ns.push(1)\nassert len(s) == 1\n" + HIDDEN.format("s.push(7)\nassert s.pop() == 7")
    cells = answer(STACK), test_cell(0, test)
    plan = planned(sandbox, *cells)
    assert plan.tests[0].place is Place.OUTSIDE
    assert graded(sandbox, plan, STACK, *cells).tests[0].score == 1
    wrong = graded(sandbox, plan, STACK.replace("self.items.pop()", "self.items.pop() and 1"), *cells).tests[
        0
    ]
    assert (wrong.score, wrong.hidden) == (0, True)


def test_an_object_of_another_test_is_unknown_outside(sandbox: Sandbox) -> None:
    cells = answer(STACK), test_cell(0, "s = Stack()\ns.push(1)"), test_cell(1, "assert s.pop() == 1")
    plan = planned(sandbox, *cells)
    assert [test.place for test in plan.tests] == [Place.OUTSIDE, Place.INSIDE]
    assert plan.tests[1].after == ("t0",)


def test_a_test_catches_an_error_of_an_object_only_where_the_solutions_raised_its_type(
    sandbox: Sandbox,
) -> None:
    solution = (
        "class Box:\n    def get(self): return 1\n    def take(self): raise IndexError('empty')\n"
        "    def __iter__(self): return iter([1])"
    )
    test = (
        "box = Box()\ntry:\n    value = box.get()\nexcept LookupError:\n    value = 1\nassert value == 1\n"
        "try:\n    box.take()\n    assert False\nexcept LookupError:\n    pass\n"
        "assert list(box) == [1] and not hasattr(box, 'lid')"
    )
    cells = answer(solution), test_cell(0, test)
    plan = planned(sandbox, *cells)
    assert plan.tests[0].place is Place.OUTSIDE
    for text, verdict in (
        (solution, Verdict.PASSED),
        (solution.replace("'empty'", ""), Verdict.PASSED),
        (solution.replace("return 1", "return [1][1]"), Verdict.RAISED),
        (solution.replace("IndexError('empty')", "KeyError()"), Verdict.RAISED),
        (solution.replace("iter([1])", "iter([])"), Verdict.WRONG_ANSWER),
    ):
        assert graded(sandbox, plan, text, *cells).tests[0].verdict is verdict


def test_calls_are_counted_of_a_function_that_calls_itself(sandbox: Sandbox) -> None:
    test = (
        "own, calls = fact, 0\ndef counting(n):\n    global calls\n    calls += 1\n    return own(n)\n"
        "fact = counting\nassert fact(5) == 120\nfact = own\nassert calls == 5"
    )
    solution = "def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)"
    cells = answer(solution), test_cell(0, test)
    plan = planned(sandbox, *cells)
    assert plan.tests[0].place is Place.OUTSIDE
    for text, points in (
        ("def fact(n):\n    return n * fact(n - 1) if n > 1 else 1", 1),
        ("import math\ndef fact(n):\n    return math.factorial(n)", 0),
        ("def fact(n):\n    return 120", 0),
    ):
        assert graded(sandbox, plan, text, *cells).tests[0].score == points


@pytest.mark.parametrize("tree", [["type", "os.system"], ["type", "eval"], ["type", ["int"]], ["type"], []])
def test_no_type_comes_but_those_of_plain_data(tree: list[Any]) -> None:
    link = Link(frozenset())
    assert link._handle("place", ["type", "int"]) is int
    with pytest.raises(WireError):
        link._handle("place", tree)


class Owner:
    """A conversation that answers with what the object itself gives."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def operate(self, operation: str, handle: Handle, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given = (self.value if isinstance(part, Handle) else part for part in args)
        return OPERATIONS[operation](*given, **kwargs)

    def refuse(self, handle: Handle, why: str) -> Any:
        raise PermissionError(why)

    def class_of(self, module: str, path: str) -> type | None:
        return None


def stood_in(value: Any) -> Any:
    held = Held(0, "", type(value).__name__, (("__main__", "C"),), False, Owner(value), None)
    return stand_in(held, frozenset(special(type(value))))


def test_a_stand_in_has_the_special_methods_of_the_type_and_no_others() -> None:
    class Some:
        __hash__ = None  # type: ignore[assignment]

        def __len__(self) -> int:
            return 2

        def __iter__(self) -> Iterator[int]:
            return iter([1, 2])

        def __float__(self) -> float:
            return 1.0

        def __index__(self) -> int:
            return 1

        def __fspath__(self) -> str:
            return "/etc/passwd"

    one = stood_in(Some())
    assert (len(one), callable(one), hasattr(one, "__next__")) == (2, False, False)
    for used in (hash, float, lambda value: [0, 1][value], open):
        with pytest.raises(TypeError):
            used(one)
    assert not [name for name in SPECIAL if "array" in name or "buffer" in name or name in ("__index__",)]


@pytest.mark.parametrize("length", [-1, 10**12, True, "3"])
def test_a_length_that_is_none_is_no_length(length: Any) -> None:
    class Liar:
        def __len__(self) -> Any:
            return length

    one = stood_in(Liar())
    object.__getattribute__(one, "_Handle__held").owner.operate = lambda *parts: length
    with pytest.raises((ValueError, PermissionError)):
        len(one)


def test_uses_that_stand_in_for_each_other_are_one() -> None:
    assert {use_of(name, ()) for name in ("lt", "gt", "le", "ge")} == {"order"}
    assert use_of("setattr", (None, "x", 1)) == "setattr x"


def test_places_open_where_the_instructors_run_had_an_object() -> None:
    learning = Places(None)
    assert learning.opens("a")
    learning.came("a")
    assert learning.allows("a", "call")
    known = Places(learning.noted)
    assert (known.opens("a"), known.opens("b"), known.allows("a", "call"), known.allows("a", "len")) == (
        True,
        False,
        True,
        False,
    )
    assert known.noted == {}


def test_so_many_objects_cross_and_no_more() -> None:
    handles = Handles()
    handles._values = dict.fromkeys(range(100_000))
    assert handles.tree(object()) is None
    with pytest.raises(LookupError):
        handles.of_number(100_000)


def test_an_object_where_the_solution_has_none_is_tried_inside_once_and_counted(sandbox: Sandbox) -> None:
    test = "assert f(2) == [0, 1]"
    hidden = HIDDEN.format("assert f(3) == [0, 1, 2]")
    cells = answer("def f(n): return list(range(n))"), test_cell(0, test), test_cell(1, f"{test}\n{hidden}")
    plan = planned(sandbox, *cells)
    assert [one.place for one in plan.tests] == [Place.OUTSIDE, Place.OUTSIDE]
    assert plan.tests[0].kinds["`f` returned"] == "a list"
    right = "import collections\ndef f(n): return collections.UserList(range(n))"
    given = graded(sandbox, plan, right, *cells)
    # A hidden part never comes into a process by what a student returns.
    assert [(one.score, one.inside) for one in given.tests] == [(1, True), (0, False)]
    flag = (
        "t0: `f` returned a UserList where the solution's returned a list; tried in the student's process, "
        "where a result can be forged."
    )
    assert flag in given.flags
    assert counted([*given.flags, *given.flags])[0] == f"2 students: {flag}"
    wrong = graded(sandbox, plan, right.replace("(n))", "(n + 1))"), *cells)
    assert [(one.score, one.inside, one.verdict) for one in wrong.tests] == [(0, False, Verdict.BAD_TYPE)] * 2
    strict = replace(plan, tries_inside=False)
    assert [one.score for one in graded(sandbox, strict, right, *cells).tests] == [0, 0]
    equal_to_all = "class L:\n    def __eq__(s, o): return True\ndef f(n): return L()"
    assert [one.score for one in graded(sandbox, plan, equal_to_all, *cells).tests] == [0, 0]
