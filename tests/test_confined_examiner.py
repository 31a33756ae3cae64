"""Hostile tests before an examiner in its own process, and what is left of them for the next student."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograder.assignment import Assignment, parse_assignment
from autograder.grading import worker
from autograder.grading.protocol import Job, JobResult, Message, Start
from autograder.grading.supervisor import Supervisor
from autograder.intake import SubmittedFolder
from autograder.sandbox import Limits, SandboxError, best_tier
from autograder.sandbox.enclosure import Enclosure
from autograder.verdicts import Status, TestResult, Verdict
from tests.small_course import cell, notebook

FILES = {"helper.py": b"A = 3\n", "data.csv": b"1,2\n", "random.py": b"raise SystemExit('not this one')\n"}
# One call more than `cell_s` in all: a test that loops costs six seconds.
LIMITS = Limits(cell_s=6.0, calls_per_test=1, submission_s=60.0)
# Act -> where it is tried; each must raise, whatever the student returns.
REFUSED = {
    "reads /etc/passwd": "open('/etc/passwd')",
    "reads the gradebook": "open(f('{gradebook}'))",
    "lists the course": "__import__('os').listdir(f('{course}'))",
    "writes into the instructor's folder": "open(helper.__file__, 'a')",
    "makes a file in the instructor's folder": "open(helper.__file__ + 'c', 'w')",
    "writes through a released file": "open('data.csv', 'a')",
    "writes into the grader": "open(__import__('sys').modules['autograder'].__file__, 'a')",
    "connects a socket": "__import__('socket').create_connection(('127.0.0.1', 9))",
    "makes a socket": "__import__('socket').socket()",
    "signals others": "__import__('os').kill(-1, 9)",
    "raises its limits": "__import__('resource').setrlimit(9, (-1, -1))",
}
TRIED = """import helper
try:
    {act}
except OSError:
    pass
except ValueError:
    pass
else:
    raise AssertionError("it worked")"""
UNTOUCHED = """import builtins, os, sys
import numpy as np
assert sorted(os.listdir()) == [".tmp", "data.csv", "helper.py", "random.py"], os.listdir()
assert open("data.csv").read() == "1,2\\n"
assert not hasattr(np, "was_here") and not hasattr(builtins, "was_here")
assert "helper" not in sys.modules"""
LEAVING = """import builtins, os
import numpy as np
np.was_here = builtins.was_here = True
np.isclose = lambda *numbers: True
open("mine.txt", "w").write("x")
os.environ["WAS_HERE"] = "x"
os.chdir("/")"""
HOSTILE: dict[str, tuple[str, Verdict]] = {
    "eats 10 GB": ("held = []\nwhile True:\n    held.append(bytearray(2 * 10**8))", Verdict.MEMORY),
    "asks for 10 GB": ("import numpy as np\nnp.ones(10**10)", Verdict.MEMORY),
    "loops": ("while True:\n    pass", Verdict.TIMEOUT),
    "loops where no signal reaches it": (
        "import re\nre.match('(a*)*b', 'a' * 60)",
        Verdict.TIMEOUT,
    ),
    "ends its process": ("import os\nos._exit(0)", Verdict.INTERNAL_ERROR),
    "crashes": ("import ctypes\nctypes.string_at(0)", Verdict.INTERNAL_ERROR),
    "speaks out of turn": ("import os\nos.write(3, b'x' * 100)", Verdict.INTERNAL_ERROR),
    "hangs up": ("import os\nos.close(3)", Verdict.INTERNAL_ERROR),
}
PLAIN = {
    "imports the instructor's module": ("from helper import A\nassert f(A) == 3", Verdict.PASSED),
    "sets a name": ("limit = 5\nassert f(limit) == 5", Verdict.PASSED),
    "finds the name of an earlier test": ("assert f(1) < limit", Verdict.PASSED),
    "imports nothing from its working directory": (
        "open('own.py', 'w').write('B = 1')\n"
        "try:\n    import own\nexcept ImportError:\n    pass\nelse:\n    raise AssertionError('it worked')",
        Verdict.PASSED,
    ),
}


def assignment(texts: Sequence[str], solution: str, between: str) -> Assignment:
    """Tests after a solution, with a cell of the instructor's between them."""
    cells = [cell(solution, grade_id="f", solution=True)]
    for number, text in enumerate(texts):
        if number and between:
            cells.append(cell(between, grade_id=f"given{number}", locked=True))
        cells.append(cell(text, grade_id=f"t{number}", grade=True, locked=True, points=1))
    return parse_assignment("ps1", notebook(*cells), FILES, "ps1")


def graded(
    tier: str,
    texts: Mapping[str, str],
    students: int = 1,
    solution: str = "def f(x):\n    return x",
    between: str = "",
) -> list[dict[str, TestResult]]:
    """The results of tests by name, for students who hand in the same right answer; no plan is made."""
    made = assignment(list(texts.values()), solution, between)
    handed_in = notebook(
        *({"cell_type": "code", "source": one.source, "outputs": [], "execution_count": None}
          | {"metadata": {"nbgrader": dict(one.metadata)}} for one in made.cells)
    )  # fmt: skip
    job = Job(SubmittedFolder(handed_in.encode(), "ps1.ipynb", {}, ()))
    jobs = [(str(number), job) for number in range(students)]
    with Supervisor(Start(made, tier, LIMITS, ("numpy",))) as supervisor:
        supervisor.give(jobs)
        found: dict[str, JobResult] = dict(supervisor.results())
    for result in found.values():
        assert result.status is Status.GRADED, result.reason
    return [dict(zip(texts, found[name].tests, strict=True)) for name, _ in jobs]


@pytest.fixture(scope="module", params=["best", "none"])
def tier(request: pytest.FixtureRequest) -> str:
    return best_tier(weakest="none") if request.param == "best" else "none"


@pytest.fixture(scope="module")
def of_hostile(tier: str) -> dict[str, TestResult]:
    """Every hostile test, the plain ones after them, in one submission."""
    texts = {"sets a name": PLAIN["sets a name"][0]}
    texts |= {name: text for name, (text, _) in (HOSTILE | PLAIN).items()}
    return graded(tier, texts)[0]


@pytest.mark.parametrize("name", [*HOSTILE, *PLAIN])
def test_a_hostile_test_costs_itself_and_the_others_run(of_hostile: dict[str, TestResult], name: str) -> None:
    result, expected = of_hostile[name], (HOSTILE | PLAIN)[name][1]
    assert (result.verdict, result.open) == (expected, expected is Verdict.INTERNAL_ERROR), result.message


WRITES = """def f(x):
    return x
for name in ("a.csv", "data.csv", "own.py", "b.pkl"):
    with open(name, "w") as file:
        file.write("7")"""
SEES = """import os
assert open("a.csv").read() == "7"
assert open("data.csv").read() == "1,2\\n"
assert sorted(os.listdir()) == [".tmp", "a.csv", "data.csv", "helper.py", "random.py"], os.listdir()"""


def test_a_test_sees_what_the_answer_wrote_as_it_was_at_its_place() -> None:
    later = "assert open('a.csv').read() == '8'"
    found = graded(
        "none", {"first": SEES, "second": later}, solution=WRITES, between="open('a.csv', 'w').write('8')"
    )
    assert [(test.verdict, test.message) for test in found[0].values()] == [(Verdict.PASSED, "")] * 2


def test_tests_that_draw_run_for_every_student_of_a_worker(tier: str) -> None:
    draws = "import matplotlib.pyplot as plt\nplt.close(plt.figure())\nassert f(1) == 1"
    for found in graded(tier, {"draws": draws}, students=3):
        assert (found["draws"].verdict, found["draws"].message) == (Verdict.PASSED, "")


SAVES = """import os
def f(x):
    with open("out.csv", "w") as file:
        file.write(str(x))
def g():
    os.remove("out.csv")
"""
CALLS = {
    "a call": "f(3)\nassert open('out.csv').read() == '3'",
    "two calls": "f(3)\nf(4)\nassert open('out.csv').read() == '4'",
    "before": "import os\nassert not os.path.exists('out.csv')\nf(3)\nassert os.path.exists('out.csv')",
    "removed": "import os\nf(3)\ng()\nassert not os.path.exists('out.csv')",
    "hidden": "f(3)\n### BEGIN HIDDEN TESTS\nassert open('out.csv').read() == '3'\nf(5)\n"
    "assert open('out.csv').read() == '5'\n### END HIDDEN TESTS",
    "code": "f('import sys')\nexec(open('out.csv').read())",
    "last": "import os\nassert not os.path.exists('out.csv')",
}


def test_a_test_sees_what_its_own_calls_write_and_those_of_no_other_test(tier: str) -> None:
    (found,) = graded(tier, CALLS, solution=SAVES)
    wrong = {name: (test.verdict, test.message) for name, test in found.items() if test.score == 0}
    assert wrong == {
        "code": (
            Verdict.BAD_TYPE,
            "what is executed here is `out.csv`, which cannot be checked. Numbers, text, lists, tuples, "
            "dicts and NumPy arrays can.",
        )
    }


PICKLED = """import pickle
import numpy as np
assert pickle.loads(pickle.dumps({"a": np.ones(3), "b": {1, 2}}))["b"] == {1, 2}
pickle.loads(b"cposix\\nsystem\\n(S'true'\\ntR.")"""


def test_a_pickle_that_names_what_it_calls_ends_the_test_and_calls_nothing() -> None:
    (found,) = graded("none", {"pickled": PICKLED, "after it": "assert f(1) == 1"})
    assert [(test.verdict, test.message) for test in found.values()] == [
        (
            Verdict.BAD_TYPE,
            "what is unpickled here is `posix.system`, which cannot be checked. Numbers, text, lists, "
            "tuples, dicts and NumPy arrays can.",
        ),
        (Verdict.PASSED, ""),
    ]


# Loader -> lines that read a file with it. The answer wrote the file, which names what is to be called.
LOADED = {
    "pickle": "import pickle\npickle.load(open('own.dat', 'rb'))",
    "NumPy": "import numpy as np\nnp.load('own.dat', allow_pickle=True)",
    "pandas": "import pandas as pd\npd.read_pickle('own.dat')",
    "joblib": "import joblib\njoblib.load('own.dat')",
    "cloudpickle": "import cloudpickle\ncloudpickle.load(open('own.dat', 'rb'))",
    "shelve": "import io, shelve\nshelve.Shelf({b'a': open('own.dat', 'rb').read()})['a']",
    "YAML": "import yaml\nyaml.unsafe_load(open('own.txt'))",
    "YAML, text": "text = open('own.txt').read()\nimport yaml\nyaml.load(text, Loader=yaml.UnsafeLoader)",
    "YAML, plain": "import yaml\nassert yaml.safe_load(open('plain.txt')) == [1, 'a']",
}
OWN_FILES = """import pickle
class Own:
    def __reduce__(self):
        return print, ("ran",)
def f(x):
    return x
with open("own.dat", "wb") as file:
    file.write(pickle.dumps(Own()))
with open("own.txt", "w") as file:
    file.write("!!python/object/apply:builtins.print [ran]")
with open("plain.txt", "w") as file:
    file.write("[1, a]")"""


def test_a_file_that_the_answer_wrote_is_not_loaded_where_that_runs_what_it_names() -> None:
    installed = {name: lines for name, lines in LOADED.items() if find_spec(_library_of(lines))}
    (found,) = graded("none", installed, solution=OWN_FILES)
    told = {name: (test.verdict, test.message.partition(",")[0]) for name, test in found.items()}
    unpickled = Verdict.BAD_TYPE, "what is unpickled here is `builtins.print`"
    loaded = Verdict.BAD_TYPE, "what is loaded here is `builtins.print`"
    by_yaml = {"YAML": loaded, "YAML, text": loaded, "YAML, plain": (Verdict.PASSED, "")}
    expected = dict.fromkeys(LOADED, unpickled) | by_yaml
    assert told == {name: expected[name] for name in installed}


def _library_of(lines: str) -> str:
    """The last module that the lines import."""
    return re.findall(r"import (?:\w+, )?(\w+)", lines)[-1]


CODE = """def f(x):
    return x
with open("code.txt", "w") as file:
    file.write("import sys\\nsys.own_word = 7\\n")"""
READS = "text = open('code.txt').read()\nimport sys\nassert not hasattr(sys, 'own_word')\n"
EXECUTED = {
    "exec": f"{READS}exec(text)",
    "compile": f"{READS}exec(compile(text, 'x', 'exec'))",
    "tree": f"{READS}import ast\nexec(compile(ast.parse(text), 'x', 'exec'))",
    "lines": f"{READS}for line in text.splitlines():\n    exec(line)",
    "runpy": f"{READS}import runpy\nrunpy.run_path('code.txt')",
    "loader": f"{READS}from importlib.machinery import SourceFileLoader\n"
    "SourceFileLoader('code', 'code.txt').load_module()",
    "process": f"{READS}import subprocess\nsubprocess.run([sys.executable, 'code.txt'], check=True)",
    "system": f"{READS}import os\nassert os.system(f'{{sys.executable}} code.txt') == 0",
    "read": f"{READS}assert text.startswith('import')",
}


@pytest.mark.filterwarnings("ignore:the load_module:DeprecationWarning")
def test_what_the_answer_wrote_is_read_and_never_executed() -> None:
    (found,) = graded("none", EXECUTED, solution=CODE)
    said = (
        "what is executed here is `code.txt`, which cannot be checked. Numbers, text, lists, tuples, dicts "
        "and NumPy arrays can."
    )
    assert {name: (test.verdict, test.message) for name, test in found.items()} == {
        name: (Verdict.PASSED, "") if name == "read" else (Verdict.BAD_TYPE, said) for name in EXECUTED
    }


def test_nothing_crosses_from_one_student_to_the_next(tier: str) -> None:
    for one in graded(tier, {"first": UNTOUCHED, "last": LEAVING}, students=2):
        assert [(test.verdict, test.message) for test in one.values()] == [(Verdict.PASSED, "")] * 2


def test_what_a_test_reaches_is_the_instructors_files_and_what_is_installed(tmp_path: Path) -> None:
    tier = best_tier(weakest="none")
    if tier == "none":
        pytest.skip("walls only stand in a sandbox; this machine has none")
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text("secret")
    places = {"gradebook": str(gradebook), "course": str(tmp_path)}
    texts = {name: TRIED.format(act=act.format(**places)) for name, act in REFUSED.items()}
    (found,) = graded(tier, texts)
    assert {name: test.message for name, test in found.items() if test.verdict is not Verdict.PASSED} == {}


def test_an_examiner_works_where_the_folders_for_temporary_files_and_caches_are_one_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for name in ("TMPDIR", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(private))
    (found,) = graded(best_tier(weakest="none"), {"plain": "assert f(1) == 1"})
    assert [(test.verdict, test.message) for test in found.values()] == [(Verdict.PASSED, "")]


def test_where_the_examiner_cannot_be_walled_in_the_worker_refuses_and_fails_no_submission(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def enter(self: Enclosure, channel: int) -> None:
        raise OSError(1, "no namespaces")

    made = assignment(["assert f(1) == 1"], "def f(x):\n    return x", "")
    handed_in = notebook(cell("def f(x):\n    return x", grade_id="f", solution=True))
    monkeypatch.setattr(Enclosure, "enter", enter)
    monkeypatch.setattr(worker, "_bound_memory", lambda more_bytes: None)
    sent: list[Message] = []
    with (
        worker._Worker(Start(made, "none", LIMITS, ("numpy",)), sent.append) as one,
        pytest.raises(SandboxError, match=r"^the examiner cannot be walled in: PermissionError"),
    ):
        one.grade(Job(SubmittedFolder(handed_in.encode(), "ps1.ipynb", {}, ())))
    assert sent == []
