"""The worker's side of examiners in processes of their own: one a submission, forked from a warm one.

What such a process says is read as a stranger's: instructors' code runs in it, on what students made. One
that ends in a test, hangs there or sends what is no message costs that test: it times out, or stays open for
a person. The tests after it go on in another one.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from autograder.assignment import Assignment, AssignmentCell
from autograder.examiner.conversation import STUDENT_MODULES
from autograder.examiner.examiner import Examiner
from autograder.examiner.faults import FaultInExaminerError
from autograder.examiner.namespace import InstructorNames
from autograder.examiner.outcomes import TestOutcome, lost_outcome, outcome_fields, read_outcome
from autograder.examiner.places import Handled
from autograder.examiner.shown_files import ShownFiles, to_show
from autograder.sandbox import Limits, SandboxError, StudentProcess, is_safe_file_name, wire
from autograder.sandbox.faults import as_sandbox_error
from autograder.sandbox.inside.files import remove_folder
from autograder.sandbox.run_folders import FOLDER_PREFIX
from autograder.verdicts import Verdict

# What loads matplotlib, which makes a folder as it is imported.
_DRAWING = frozenset({"matplotlib", "seaborn"})
EXAMINER_BYTES = 384_000_000  # what the tests of a submission may take beyond what the warm process has
_GRACE_S = 5.0  # beyond the test's own deadline, before its process counts as hung
_START_S, _FORK_S = 60.0, 20.0
_MOST_CHARACTERS = 500


@dataclass
class PutAside:
    """A test put aside before an examiner, as the worker knows it."""

    cell: AssignmentCell
    before: Sequence[AssignmentCell] | None
    number: int
    said: TestOutcome
    process: StudentProcess
    begun: bool

    @property
    def has_begun(self) -> bool:
        """Whether the process in which the visible part ran still waits."""
        return self.begun and self.process.is_open


class Examiners:
    """The warm process of one assignment; a context manager.

    Parameters
    ----------
    assignment : Assignment
    instructor : InstructorNames
    tier : {"full", "landlock", "none"}
    limits : Limits
        Of a submission; an examiner has the same, but for its memory.
    packages : sequence of str
        Packages that the assignment registers: to be had wherever they are installed.

    Raises
    ------
    autograder.sandbox.SandboxError
        It cannot be started.
    """

    def __init__(
        self,
        assignment: Assignment,
        instructor: InstructorNames,
        tier: str,
        limits: Limits,
        packages: Sequence[str] = (),
    ) -> None:
        from autograder.examiner import warm  # only where the system has what these two import
        from autograder.sandbox.enclosure import Enclosure

        self._know(assignment, instructor, limits)
        self._ready = False
        files = {name: data for name, data in assignment.files.items() if is_safe_file_name(name)}
        cells = {cell.index: cell for cell in assignment.cells}

        def make_examiner(with_tests: bool, handles: Mapping[str, Handled] | None) -> Examiner:
            tests = [(cell.index, cell.source) for cell in assignment.tests] if with_tests else []
            shown = ShownFiles(Path.cwd(), self.file_names)
            return Examiner(instructor.with_tests(tests), limits.test_s, handles, shown)

        with as_sandbox_error("the examiner"):
            self._folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
            ours, theirs = socket.socketpair()
            own = replace(limits, memory_bytes=EXAMINER_BYTES)
            enclosure = Enclosure(tier, self._folder, files, own, packages)
            roots = {name.partition(".")[0] for name in instructor.modules}
            ahead = ("matplotlib.pyplot",) if roots & _DRAWING else ()
            self._pid = os.fork()
            if not self._pid:
                try:
                    ours.detach()
                    warm.serve(theirs, enclosure, make_examiner, cells, self._modules, ahead)
                finally:
                    os._exit(0)  # a channel that is reset ends it, too: nothing of the worker's runs here
            theirs.close()
            self._control = wire.Channel(ours)

    def _know(self, assignment: Assignment, instructor: InstructorNames, limits: Limits) -> None:
        self._modules = instructor.modules | STUDENT_MODULES
        self.test_s = limits.test_s
        self._load: list[str] = []  # what examiners have imported, for the next one to import first
        self.file_names = tuple(assignment.files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the warm process and what was forked from it."""
        self._control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        remove_folder(str(self._folder))

    def require_walls(self) -> None:
        """Wait until the warm process stands behind its walls.

        Raises
        ------
        autograder.sandbox.SandboxError
            It cannot: no submission can be graded here.
        """
        if self._ready:
            return
        with as_sandbox_error("the examiner"):
            failed = self._control.receive(time.monotonic() + _START_S).header["failed"]
        if failed:
            raise SandboxError(f"the examiner cannot be walled in: {failed}.")
        self._ready = True

    def open(self, with_tests: bool, handles: Mapping[str, Handled] | None) -> ConfinedExaminer:
        """The examiner of one submission; a context manager.

        Parameters
        ----------
        with_tests : bool
            What the test cells import, define and set is found without running them: some are given up.
        handles : mapping, or None
            As for `Examiner`.
        """
        return ConfinedExaminer(self, with_tests, handles)

    def spawn(self, with_tests: bool, handles: Mapping[str, Handled] | None) -> wire.Channel:
        """The channel to a new examiner.

        Raises
        ------
        autograder.sandbox.SandboxError
            There is none to be had.
        """
        ours, theirs = wire.Channel.pair()
        plain = None if handles is None else {grade_id: dict(places) for grade_id, places in handles.items()}
        order = {"op": "spawn", "with_tests": with_tests, "handles": plain, "load": self._load}
        with theirs:
            self.require_walls()
            with as_sandbox_error("the examiner"):
                self._ask(order, (theirs.fileno(),))
        self._load = []
        return ours

    def end(self, loaded: Any = ()) -> bool:
        """End the examiner; whether it had used up its processor time.

        Parameters
        ----------
        loaded : list of str
            Modules that it has imported, in its own words.
        """
        self._load_next(loaded)
        with as_sandbox_error("the examiner"):
            return self._ask({"op": "end"}).get("is_used_up") is True

    def _load_next(self, loaded: Any) -> None:
        """Let the next examiner import first what this one says that it has imported."""
        if type(loaded) is list:
            self._load = [name for name in loaded if type(name) is str and name in self._modules]

    def _ask(self, order: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        self._control.send(wire.pack(order), time.monotonic() + _FORK_S, descriptors)
        return self._control.receive(time.monotonic() + _FORK_S).header


class ConfinedExaminer:
    """The examiner of one submission, in a process of its own; `Examiner` says what its methods do.

    Parameters
    ----------
    examiners : Examiners
    with_tests, handles
        As for `Examiners.open`.
    """

    def __init__(self, examiners: Examiners, with_tests: bool, handles: Mapping[str, Handled] | None) -> None:
        self._examiners, self._with_tests, self._handles = examiners, with_tests, handles
        self._channel: wire.Channel | None = None
        self._aside: list[PutAside] = []
        self._files: Mapping[str, bytes] = {}
        self._shown: Mapping[str, bytes] = {}  # in the process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._channel is None:
            return
        loaded = None
        with contextlib.suppress(wire.WireError):
            self._channel.send(wire.pack({"op": "end"}), time.monotonic() + _GRACE_S)
            loaded = self._channel.receive(time.monotonic() + _GRACE_S).header.get("modules")
        self._channel.close()
        self._channel = None
        self._examiners.end(loaded)

    def show_files(self, written: Mapping[str, bytes]) -> None:
        """Let the next tests find what the answer has written, as far as it may be shown."""
        self._files = to_show(written, self._examiners.file_names)

    def run_visible(
        self,
        cell: AssignmentCell,
        process: StudentProcess,
        inside_after: Sequence[AssignmentCell] | None = None,
    ) -> TestOutcome | PutAside:
        """Run the visible part of `cell`: its outcome where that decides, else the cell put aside."""
        number = len(self._aside)
        over = [aside.number for aside in self._aside if not aside.has_begun]
        order = {"op": "visible", "number": number, "over": over} | _places(cell, inside_after)
        answer = self._answer(order, cell, process, lends=True)
        if isinstance(answer, TestOutcome):
            return answer
        said, begun = answer
        aside = PutAside(cell, inside_after, number, said, process, begun)
        self._aside.append(aside)
        return aside

    def run_hidden(self, put_aside: PutAside) -> TestOutcome:
        """Run the hidden part of a cell."""
        order = {"op": "hidden", "number": put_aside.number}
        return self._outcome(order, put_aside.cell, put_aside.process, lends=False)

    def run_again_hidden(self, put_aside: PutAside, process: StudentProcess) -> TestOutcome:
        """Run a cell whose process was lost after the visible part once more, as a whole, in another one."""
        order = {"op": "again", "number": put_aside.number, "said": outcome_fields(put_aside.said)}
        order |= _places(put_aside.cell, put_aside.before)
        return self._outcome(order, put_aside.cell, process, lends=True)

    def _outcome(
        self, order: dict[str, Any], cell: AssignmentCell, process: StudentProcess, *, lends: bool
    ) -> TestOutcome:
        answer = self._answer(order, cell, process, lends=lends)
        if isinstance(answer, TestOutcome):
            return answer
        raise FaultInExaminerError(self._lost("put aside what it had to decide"))

    def _answer(
        self, order: dict[str, Any], cell: AssignmentCell, process: StudentProcess, *, lends: bool
    ) -> TestOutcome | tuple[TestOutcome, bool]:
        """The outcome, or what the visible part said and whether a process waits.

        Raises
        ------
        FaultInExaminerError, autograder.sandbox.SandboxError
            The examiner is gone, or says that it failed.
        """
        fields, descriptors = process.lend()
        began = time.monotonic()
        try:
            answer = self._ask(order | {"process": fields}, process, descriptors if lends else ())
            if answer.get("op") == "fault":
                raise _fault(answer)
            process.take_back(_fields(answer, "process"))
            if answer.get("op") == "put_aside" and type(answer.get("begun")) is bool:
                return read_outcome(answer.get("said"), cell.points), answer["begun"]
            return read_outcome(answer.get("outcome"), cell.points)
        except wire.DeadlineError:
            self._lost("did not answer")
            process.struck_by_clock(time.monotonic() - began)
            return lost_outcome(cell, Verdict.TIMEOUT)
        except wire.WireError as error:
            how = self._lost("ended" if isinstance(error, wire.ClosedError) else f"sent {error}")
            if how == _USED_UP:
                return lost_outcome(cell, Verdict.TIMEOUT)
            raise FaultInExaminerError(how) from error

    def _ask(
        self, order: dict[str, Any], process: StudentProcess, descriptors: Sequence[int]
    ) -> dict[str, Any]:
        seconds = max(self._examiners.test_s, process.time_of_calls_s) + process.wall_left_s
        deadline = time.monotonic() + seconds + _GRACE_S
        if self._channel is None:
            self._channel, self._shown = self._examiners.spawn(self._with_tests, self._handles), {}
        if self._files != self._shown:
            arrays = {name: np.frombuffer(data, dtype=np.uint8) for name, data in self._files.items()}
            self._channel.send(wire.pack({"op": "files"}, arrays), deadline)
            if self._channel.receive(deadline).header.get("op") != "shown":
                raise wire.WireError("no word on files")
            self._shown = self._files
        self._channel.send(wire.pack(order), deadline, descriptors)
        while True:
            answer = self._channel.receive(deadline).header
            if answer.get("op") != "ended":
                return answer
            try:
                verdict = process.end()
            except BaseException:
                self._lost("was left in a test")
                raise
            told = None if verdict is None else str(verdict)
            self._channel.send(wire.pack({"verdict": told}), deadline)

    def _lost(self, how: str) -> str:
        """Let a process go that is gone or of no use; how it came to that."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
            if self._examiners.end() and how == "ended":
                how = "used up its time"
        for aside in self._aside:  # their processes wait for an examiner that is gone
            aside.process.close()
        self._with_tests = True
        return f"the examiner's process {how}"


_USED_UP = "the examiner's process used up its time"


def _places(cell: AssignmentCell, after: Sequence[AssignmentCell] | None) -> dict[str, Any]:
    return {"cell": cell.index, "after": None if after is None else [other.index for other in after]}


def _fields(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = answer.get(name)
    if type(found) is not dict:
        raise wire.WireError(f"an answer without its {name}")
    return found


def _fault(answer: Mapping[str, Any]) -> Exception:
    text = answer.get("told")
    said = "it does not say why"
    if type(text) is str and text.isprintable():
        said = text[:_MOST_CHARACTERS]
    return SandboxError(said) if answer.get("is_sandbox") is True else FaultInExaminerError(said)
