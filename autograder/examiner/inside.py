"""A test cell run in the student's process, where a result can be forged: for objects that cannot cross.

It runs in a fork that is thrown away after it, in a copy of the working directory. Once a process has seen a
hidden line it tells no more than whether the test passed; of a visible part the student reads that, and the
instructor's sentence where it is a plain string of the cell: no error, no print, no line.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from autograder.assignment import AssignmentCell
from autograder.code_cell import parse
from autograder.examiner.cell_code import first_hidden_line, literal_sentences
from autograder.examiner.messages import HIDDEN_FAILED, INSIDE_FAILED
from autograder.examiner.outcomes import TestOutcome
from autograder.sandbox import CellRun, StudentProcess
from autograder.verdicts import Verdict

# What the test writes is in a copy of the files as they were; who wants to write elsewhere can. The history
# of the notebook (`In[-2]`) does not hold this text.
_OWN_FILES = """
try:
    exec('''
import os, shutil, tempfile
own = os.path.join(tempfile.mkdtemp(), "files")
shutil.copytree(".", own, symlinks=True, ignore=lambda folder, names: {".tmp"} & {*names})
os.chdir(own)
''', {})
    In.pop()
except Exception:
    pass
"""


def visible_and_hidden(cell: AssignmentCell) -> tuple[str, str]:
    """The cell's text up to its first hidden line, and from there on; all of it where no line divides it."""
    number = first_hidden_line(cell)
    if number is None:
        return cell.source, ""
    try:
        statements = parse(cell.source).body
    except SyntaxError:
        return "", cell.source
    across = any(one.lineno < number <= (one.end_lineno or 0) for one in statements)
    if across or cell.source.lstrip().startswith("%%"):
        return "", cell.source
    lines = cell.source.split("\n")
    visible = "\n".join(lines[: number - 1])
    return (visible, "\n".join(lines[number - 1 :])) if visible.strip() else ("", cell.source)


def begin(process: StudentProcess, before: Sequence[AssignmentCell]) -> None:
    """Give the process its own files, and run the earlier test cells whose names this one needs."""
    process.run_inside(_OWN_FILES)
    for cell in before:
        process.run_inside(cell.source)


def run(cell: AssignmentCell, text: str, process: StudentProcess, *, hidden: bool) -> TestOutcome:
    """Run a part of the cell; what it ends with.

    Parameters
    ----------
    hidden : bool
        Whether the process has seen anything hidden by then.
    """
    ended = process.run_inside(text)
    if ended.verdict is None:
        score = _printed_score(ended.outputs, cell.points)
        verdict = Verdict.PASSED if score == cell.points else Verdict.PARTIAL
        return TestOutcome(verdict, score, inside=True)
    verdict = ended.verdict
    if verdict is Verdict.RAISED and ended.error_type == "AssertionError":
        verdict = Verdict.WRONG_ANSWER
    message = HIDDEN_FAILED if hidden else _sentence(cell, ended) or INSIDE_FAILED
    return TestOutcome(verdict, 0.0, message, inside=True, hidden=hidden)


def _sentence(cell: AssignmentCell, ended: CellRun) -> str:
    """The instructor's sentence with which the visible part failed; "" for any other text."""
    said = (ended.error or "").partition(": ")[2].strip()
    end = first_hidden_line(cell) or len(cell.source) + 1
    return said if said in {text for _, last, text in literal_sentences(cell) if last < end} else ""


def _printed_score(outputs: Any, points: float) -> float:
    for output in outputs:
        if output.get("output_type") == "execute_result":
            shown = output.get("data", {}).get("text/plain", "")
            shown = shown if isinstance(shown, str) else "".join(shown)
            with contextlib.suppress(ValueError):
                score = float(shown.removeprefix("np.float64(").removesuffix(")"))
                return score if 0 <= score <= points else 0.0
    return points
