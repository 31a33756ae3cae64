"""What is known before the first submission runs: modules to import, long calculations of a right solution.

Where the assignment registers a module that remembers them, the instructor's own notebook is run once, in a
box as a submission's that ends with it: the run that makes the plan serves, and where there is a plan, one
of its own. Only what that module exports (hash of the inputs -> numbers, hash of a figure -> its picture; no
text) is kept, on disk, by the content of the notebook and of the engine. So a right submission repeats no
training and draws no figure, and the zygote that students' code is forked from never holds a solution, a
hidden test or a mark scheme.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.assignment import Assignment, Role
from autograder.code_cell import imported_modules
from autograder.grading.fingerprints import engine_fingerprint
from autograder.grading.registration import support_of
from autograder.sandbox import Limits, Preload, SandboxError, is_safe_file_name
from autograder.sandbox.caches import cache_root
from autograder.sandbox.inside import figure_setting
from autograder.sandbox.policy import WITHOUT_FIGURES
from autograder.storage import StorageError, write_whole

if TYPE_CHECKING:
    from autograder.sandbox import Box, Sandbox

INSTRUCTOR_LIMITS = Limits(cell_s=60.0, submission_s=90.0)
KEPT_MEMOS = 20
SETTING, PLAIN = "AUTOGRADER_TRAINING", "plain"  # in the environment: nothing of the run is looked up
_DRAWS = re.compile(r"plot|plt|pylab|seaborn|fig(?:ure)?s?\b|chart|histogram", re.IGNORECASE)
_EXPORT = """
import numpy
from {memo_module} import export_memo
memo = numpy.frombuffer(export_memo(), numpy.uint8)
"""


def modules_to_preload(assignment: Assignment, *, with_slow_ones: bool) -> tuple[str, ...]:
    """Modules that the instructor's cells import, as dotted names; students' imports are mostly these.

    Parameters
    ----------
    with_slow_ones : bool
        Also those that take long to import and pay only for a class, or where no memo is at hand.

    Raises
    ------
    AssignmentError
        The assignment names a diagnosis that is not there.
    """
    support = support_of(assignment)
    first = Preload().modules if support.modules or may_draw(assignment) else WITHOUT_FIGURES
    names = dict.fromkeys((*first, *support.modules))
    for cell in assignment.cells:
        if cell.cell_type != "code" or cell.role is Role.TEST:
            continue
        names.update(dict.fromkeys(imported_modules(cell.source)))  # what is no module is left out there
    if with_slow_ones:
        names.update(dict.fromkeys(support.slow_modules))
    return tuple(name for name in names if name != "__future__")


def may_draw(assignment: Assignment) -> bool:
    """Whether a word of the assignment's code, tests apart, hints at figures; one too many costs a second."""
    code = [cell for cell in assignment.cells if cell.cell_type == "code" and cell.role is not Role.TEST]
    texts = [cell.source for cell in code]
    texts += [
        data.decode("utf-8", "replace") for name, data in assignment.files.items() if name.endswith(".py")
    ]
    return any(_DRAWS.search(text) for text in texts)


def memo_path(assignment: Assignment) -> Path:
    """Where the memo of this assignment, engine and start of the machine lies, made or not."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    started = boot.read_text().strip() if boot.is_file() else ""
    engine = engine_fingerprint(support_of(assignment).packages)
    drawing = os.environ.get(figure_setting.SETTING, "")
    key = hashlib.sha256(f"{assignment.fingerprint} {engine} {started} {drawing}".encode()).hexdigest()
    return cache_root() / "memo" / f"{key[:32]}.bin"


def has_memo(assignment: Assignment) -> bool:
    """Whether an instructor's run is worth its time: the assignment registers what remembers calculations."""
    return not _is_plain() and bool(support_of(assignment).memo_module)


def run_instructors_notebook(sandbox: Sandbox, assignment: Assignment, files: Mapping[str, bytes]) -> bytes:
    """The memo after the instructor's notebook has run in a box of its own; b"" when it cannot be had.

    Parameters
    ----------
    sandbox : Sandbox
    assignment : Assignment
    files : mapping of str to bytes
        What lies beside the instructor's notebook, as `instructors_files` gives it.
    """
    try:
        with sandbox.box(files, INSTRUCTOR_LIMITS, remembers=True) as box:
            for cell in assignment.cells:
                if cell.cell_type == "code" and cell.role is not Role.TEST:
                    # That one fails does not matter: the next may be worth its time.
                    box.run_cell(cell.source)
            return memo_of(box, assignment)
    except SandboxError:
        return b""


def memo_of(box: Box, assignment: Assignment) -> bytes:
    """What a notebook that has run in the box remembers; b"" where that cannot be had.

    It is asked for in a process of its own: the notebook's goes on as it was.

    Raises
    ------
    autograder.sandbox.SandboxError
        The box cannot be used.
    """
    import numpy as np  # the process that starts workers does without

    with box.open_test() as process:
        process.run_inside(_EXPORT.format(memo_module=support_of(assignment).memo_module))
        memo = process.fetch("memo").value
    return memo.tobytes() if isinstance(memo, np.ndarray) else b""


def read_memo(assignment: Assignment) -> bytes:
    """The memo that `keep_memo` stored; b"" without one, and where the environment wants none."""
    if _is_plain():
        return b""
    try:
        return memo_path(assignment).read_bytes()
    except OSError:
        return b""


def _is_plain() -> bool:
    return os.environ.get(SETTING, "") == PLAIN


def keep_memo(assignment: Assignment, memo: bytes) -> None:
    """Store a memo where the next run finds it, and forget the oldest ones; a full disk may refuse it."""
    path = memo_path(assignment)
    with contextlib.suppress(OSError, StorageError):  # the memo saves time and nothing else
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, memo)
        by_age = sorted(path.parent.glob("*.bin"), key=lambda file: file.stat().st_mtime)
        for old in by_age[:-KEPT_MEMOS]:
            old.unlink(missing_ok=True)


def instructors_files(folder: Path) -> dict[str, bytes]:
    """The instructor's files beside the notebook, by name in the box."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in paths.items()
        if path.suffix != ".ipynb" and is_safe_file_name(name)
    }
