"""What a cell does to the notebook's names, by its text alone."""

from __future__ import annotations

import ast

import pytest

from autograder.examiner.touched_names import touched_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x = y = 1; (a, *b), c = f()", {"x", "y", "a", "b", "c"}),
        ("x: int = 1\nz += 2", {"x", "z"}),
        ("for i in r: pass\nwith o as h: pass", {"i", "h"}),
        ("try: pass\nexcept E as e: pass", {"e"}),
        ("match v:\n    case [p, *q]: pass\n    case {'k': r, **s}: pass\n    case T() as t: pass", set("pqrst")),  # noqa: E501 -- one line a case
        ("import numpy as np, os.path\nfrom m import n as o", {"np", "os", "o"}),
        ("def f(a=(w := 1)): b = 1\nclass K:\n    c = 1\nasync def g(): pass", {"f", "w", "K", "g"}),
        ("def f():\n    global n\n    n = 1", {"f", "n"}),
        ("def f(d):\n    d[0] = 1\n    e = []\n    e.append(d)\n    h.append(1)\n    g.x = 1", {"f", "h", "g"}),  # noqa: E501 -- one line a case
        ("d['k'].x[1] = 2\ndel e[0], f.g, h", {"d", "e", "f", "h"}),
        ("l.append(1)\nprint(a.b.c())", {"l", "a"}),
        ("import numpy as np\nnp.zeros(3)\nimport math\nmath.pi = 3", {"np", "math"}),
        ("[i for i in a if (w := i)]\n[s.append(j) for j in b]", {"w", "s"}),
        ("f(x)\ny == 1\nlambda z: z", set()),
    ],
)  # fmt: skip
def test_what_is_bound_changed_or_deleted_is_touched(text: str, names: set[str]) -> None:
    assert touched_names(ast.parse(text).body) == names


def test_calling_a_function_of_a_module_does_not_change_its_name() -> None:
    assert touched_names(ast.parse("np.zeros(3)").body) == {"np"}
    assert touched_names(ast.parse("np.zeros(3)\nnp.x = 1").body, frozenset({"np"})) == {"np"}
    assert touched_names(ast.parse("np.zeros(3)").body, frozenset({"np"})) == set()
    assert touched_names(ast.parse("def f():\n    import numpy as np\n    np.zeros(3)").body) == {"f"}
