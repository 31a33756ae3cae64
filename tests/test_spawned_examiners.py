"""Examiners that are started, not forked: the same outcomes, and nothing left for the next student."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.assignment import parse_assignment
from autograder.examiner.namespace import InstructorNames
from autograder.examiner.spawned import SpawnedExaminers
from autograder.grading import protocol
from autograder.grading.marking import mark
from autograder.grading.protocol import Start
from autograder.grading.test_plan import Plan
from autograder.grading.worker import EXAMINER
from autograder.intake import SubmittedFolder, plan_folder
from autograder.sandbox import Limits, Preload, Sandbox
from autograder.verdicts import Verdict
from tests.small_course import cell, notebook

LIMITS = Limits(cell_s=20.0, submission_s=120.0)
FILES = {"helper.py": b"A = 3\n", "data.csv": b"1,2\n"}
LEAVES = """import builtins, os
import numpy as np
np.was_here = builtins.was_here = True
open("mine.txt", "w").write("x")
os.chdir("..")
assert f(1) == 1"""
FINDS_NOTHING = """import builtins, os
import numpy as np
from helper import A
assert f(A) == 3 and open("data.csv").read() == "1,2\\n"
assert not hasattr(np, "was_here") and not hasattr(builtins, "was_here")
assert sorted(os.listdir()) == ["data.csv", "helper.py"]"""


def verdicts(*students: Sequence[str]) -> list[list[Verdict]]:
    """How the tests of each student end, one after another with the same examiners."""
    texts = list(dict.fromkeys(text for tests in students for text in tests))
    cells = [cell("def f(x):\n    return x", grade_id="f", solution=True)]
    cells += [
        cell(text, grade_id=f"t{number}", grade=True, locked=True, points=1)
        for number, text in enumerate(texts)
    ]
    made = parse_assignment("ps1", notebook(*cells), FILES, "ps1")
    names = InstructorNames(made)
    described = protocol.write(Start(made, "none", LIMITS, ("numpy",)))
    submission = plan_folder(SubmittedFolder(notebook(*cells).encode(), "ps1.ipynb", {}, ()), made)
    found = []
    with (
        Sandbox("none", LIMITS, preload=Preload(modules=("numpy",))) as sandbox,
        SpawnedExaminers(made, names, LIMITS, (), EXAMINER, described) as examiners,
    ):
        for tests in students:
            given_up = {f"t{texts.index(text)}": Verdict.TIMEOUT for text in texts if text not in tests}
            marking = mark(
                submission,
                made,
                names,
                sandbox.box,
                LIMITS.test_s,
                given_up=given_up,
                is_last_try=True,
                plan=Plan(),
                open_examiner=examiners.open,
            )
            by_name = {test.grade_id: test.verdict for test in marking.tests}
            found.append([by_name[f"t{texts.index(text)}"] for text in tests])
            assert len([*examiners._folder.iterdir()]) == 2  # the instructor's modules, and the next one's
    return found


def test_what_a_test_leaves_reaches_no_other_student() -> None:
    assert verdicts([LEAVES], [FINDS_NOTHING]) == [[Verdict.PASSED], [Verdict.PASSED]]


def test_a_test_that_ends_its_process_costs_itself_and_the_others_run() -> None:
    ends = "import os\nos._exit(0)"
    assert verdicts([ends, "assert f(2) == 2", "assert f(2) == 3"]) == [
        [Verdict.INTERNAL_ERROR, Verdict.PASSED, Verdict.WRONG_ANSWER]
    ]
