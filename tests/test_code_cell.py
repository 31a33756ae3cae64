"""What stands in a code cell: IPython's own lines, imports, names; compared with what IPython makes of it."""

from __future__ import annotations

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.code_cell import (
    as_python,
    assigned_names,
    defined_functions,
    ends_with_semicolon,
    has_statements,
    imported_modules,
    mentions_definition,
    parse,
    statements,
)

# cell -> the same as Python
READINGS = {
    # questions
    "f?": "pass",
    "np.random.seed??": "pass",
    "?f": "pass",
    "??f": "pass",
    "x = np.ones?": "pass",
    "if a:\n    f?\n    x = 1": "if a:\n    pass\n    x = 1",
    "x = 1  # why?": "x = 1  # why?",
    "print('why?')": "print('why?')",
    # shell lines
    "!echo \"it's": "pass",
    "!ls \\\n  -l\nx = 1": "pass\n\nx = 1",
    "for name in names:\n\t!cat {name}": "for name in names:\n\tpass",
    "files = !ls": "files = get_ipython()",
    "files = !ls \\\n  'a\nx = 1": "files = get_ipython()\n\nx = 1",
    "x != y": "x != y",
    "f'{x!r}'\n!ls": "f'{x!r}'\npass",
    # line magics
    "%matplotlib inline\nx = 1": "pass\nx = 1",
    "  %matplotlib inline\n  x = 1": "pass\nx = 1",
    "if a:\n    %run b.py\n": "if a:\n    pass\n",
    "here = %pwd": "here = get_ipython()",
    "x = (a\n  % b)": "x = (a\n  % b)",
    "x = a \\\n  % b": "x = a \\\n  % b",
    "text = '''\n%matplotlib\n!ls\n'''": "text = '''\n%matplotlib\n!ls\n'''",
    "x = {'%': 1,\n'?': 2}": "x = {'%': 1,\n'?': 2}",
    ",f a b": "pass",
    "/f a": "pass",
    # timed statements run as they stand
    "%time y = f()": "y = f()",
    "if a:\n    %time import numpy": "if a:\n    import numpy",
    "%time": "pass",
    "%timeit y = f()": "pass",
    # cell magics
    "\n%%time\nx = 1": "\npass\nx = 1",
    "%%capture out\n%%time\nx = 1": "pass\npass\nx = 1",
    "%%bash\nls 'a\nx = 1": "pass\n\n",
    "%%timeit?": "pass",
    # Python of notebooks
    "await f()\nasync with a as b:\n    pass": "await f()\nasync with a as b:\n    pass",
    "  x = 1\n  if x:\n    y = 2": "x = 1\nif x:\n  y = 2",
    ">>> x = 1\n>>> y = 2": "x = 1\ny = 2",
    "In [1]: x = 1\n   ...: y = 2": "x = 1\ny = 2",
    "x = 1\r\n!ls\ry = 2": "x = 1\npass\ny = 2",
    "": "",
    "# only text": "# only text",
}


@pytest.mark.parametrize("cell", READINGS)
def test_what_only_ipython_understands_becomes_python_on_the_same_line(cell: str) -> None:
    assert as_python(cell) == READINGS[cell]
    ast.parse(as_python(cell))


def bound_names(text: str) -> set[str]:
    tree = ast.walk(ast.parse(text))
    return {node.id for node in tree if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


# IPython keeps the text of these to itself until they run.
RUN_LATER = ("%time y = f()", "\n%%time\nx = 1", "%%capture out\n%%time\nx = 1")


@pytest.mark.parametrize("cell", [cell for cell in READINGS if cell not in RUN_LATER])
def test_the_names_are_those_that_ipython_binds(cell: str) -> None:
    assert bound_names(TransformerManager().transform_cell(cell)) == bound_names(as_python(cell))


@pytest.mark.parametrize(
    "cell", ["def (", "f? # why", "x = a ! b", "a = b = !ls", "f(a = !ls)", "x == !ls", "x += !ls", "x \\\n?"]
)
def test_what_ipython_cannot_read_is_no_python_here(cell: str) -> None:
    with pytest.raises(SyntaxError):
        ast.parse(TransformerManager().transform_cell(cell))
    with pytest.raises(SyntaxError):
        parse(cell)
    assert statements(cell) == []


def test_lines_keep_their_numbers() -> None:
    tree = parse("\n%%time\n!a \\\n b\n\nx = '''\n%c\n'''\n%d\ny = 1")
    assert [(ast.unparse(statement), statement.lineno) for statement in tree.body] == [
        ("pass", 2),
        ("pass", 3),
        ("x = '\\n%c\\n'", 6),
        ("pass", 9),
        ("y = 1", 10),
    ]


def test_whatever_the_parser_refuses_is_a_syntax_error() -> None:
    for text in ("x = '\0'", "(" * 5000, "-" * 100_000 + "1"):
        with pytest.raises(SyntaxError):
            parse(text)
        assert not has_statements(text)


def test_prose_comments_and_magics_do_nothing() -> None:
    nothing = (
        "",
        "# text",
        "All units stay alike.",
        "Why are zeros bad?",
        "%matplotlib inline\n!ls",
        "? yes",
    )
    assert [has_statements(text) for text in nothing] == [False] * len(nothing)
    assert [has_statements(text) for text in ("pass", "%time f()", "!ls\nx = 1")] == [True] * 3


def test_imports_are_found_wherever_they_stand_and_beside_what_is_not_python() -> None:
    source = (
        "%matplotlib inline\nimport numpy as np, os.path\ndef f():\n    from .own import x\n    import json\n"
    )
    assert imported_modules(source) == ("numpy", "os.path", "json")
    assert imported_modules("from init_utils import lab, train\nfrom math import *") == (
        "init_utils",
        "init_utils.lab",
        "init_utils.train",
        "math",
    )
    assert imported_modules("import numpy, math\ndef (\n  from random import x") == ("numpy", "random")


def test_names_at_the_left_edge_are_found_in_what_is_not_python_too() -> None:
    source = "async def a():\ndef b(\nclass C:\n    def d(): pass\ne = 1\nf == 2\ng['x'] = 3"
    assert defined_functions(source) == {"a", "b", "C"}
    assert assigned_names(source) == {"e"}
    assert mentions_definition(source, "d")
    assert not mentions_definition("def he_two(): pass", "he")


def test_a_semicolon_counts_only_as_the_end_of_the_code() -> None:
    for text in ("x;", "x;  # a\n\n", "f('#');"):
        assert ends_with_semicolon(text)
    for text in ("a; b", "x # ;", "'a;'", ""):
        assert not ends_with_semicolon(text)


HOSTILE = ("a;", '"""', "'\\", "(", "x?", "!", "%%time\n", "\n", "%time ", "\\\n", "= %", "#", ">>> ", "==")


@pytest.mark.parametrize("piece", HOSTILE)
def test_half_a_million_characters_of_anything_are_read_in_linear_time(piece: str) -> None:
    text = piece * (500_000 // len(piece))
    assert as_python(text).count("\n") == text.count("\n")
