"""Runs the instructor's test cells outside the student's process; what each ends with.

The test's text, hidden part included, is executed here, in a trusted process. A student's function is a
stand-in whose call crosses to the student's process and comes back as plain data; no object, no code and no
exception of a student ever arrives. The first failure of the machinery in a cell (no answer, a crash, a value
that does not cross) ends the cell and fixes its verdict, whatever the test catches.

A cell has two parts. The visible part runs first, in every cell; the hidden parts follow when all visible
ones are over, each in the process in which its visible part ran. What a process has seen decides what it may
say: of a visible part the student reads the error and the numbers, of a hidden one only that it did not pass.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn

from autograder.assignment import AssignmentCell
from autograder.examiner import inside
from autograder.examiner.cell_code import compile_cell, first_hidden_line
from autograder.examiner.cell_end import ended, failed_cell, is_ours, scored_cell, told
from autograder.examiner.conversation import Link
from autograder.examiner.exchange import Exchange, Stop
from autograder.examiner.executing import watch_executing
from autograder.examiner.main_module import main_module
from autograder.examiner.messages import FAILURES
from autograder.examiner.namespace import ExaminerNamespace, InstructorNames
from autograder.examiner.naming import watch_naming
from autograder.examiner.outcomes import TestOutcome
from autograder.examiner.places import Handled, Places
from autograder.examiner.put_aside import Changes, PutAside, changes_between
from autograder.examiner.shared_seeds import watch_seeds
from autograder.examiner.shown_files import ShownFiles
from autograder.examiner.student_function import tell_sources
from autograder.examiner.time_limit import OutOfTime, time_limit
from autograder.examiner.unpickling import watch_unpickling
from autograder.sandbox import StudentProcess
from autograder.verdicts import Verdict


class Examiner:
    """The examiner of one submission: test cells one after another, names kept between them.

    Parameters
    ----------
    instructor : InstructorNames
    test_s : float
        Wall time of each part of a test cell, the student's calls included, seconds; more where the
        instructor's own solution needs more.
    handles : mapping of str to mapping, or None
        By grade id, where objects of the student's may come as handles and what is done to them; a test that
        is not named has none. None in the instructor's run, which finds it out.
    files : ShownFiles, optional
        Where tests find what the answer wrote; without it nowhere.
    """

    def __init__(
        self,
        instructor: InstructorNames,
        test_s: float,
        handles: Mapping[str, Handled] | None = MappingProxyType({}),
        files: ShownFiles | None = None,
    ) -> None:
        self._link = Link(
            instructor.solution_functions, instructor.modules, self._of_instructor, self._set_by_tests, files
        )
        self._namespace = ExaminerNamespace(instructor, self._link)
        self._test_s, self._handles, self._files = test_s, handles, files
        self._changes: list[Changes] = []  # by the visible parts, in the order in which they ran
        self._applied = 0  # how many of them `_hidden_names` has
        self._hidden_names: dict[str, Any] = dict(self._namespace)
        self._hidden_at = 0  # the cell up to which `_hidden_names` is
        self._instructor = instructor
        watch_seeds()
        tell_sources()

    def show_files(self, written: Mapping[str, bytes]) -> None:
        """Let the next tests find these files, and none that were shown before."""
        if self._files is not None:
            self._files.show(written)

    def run_visible(
        self,
        cell: AssignmentCell,
        process: StudentProcess,
        inside_after: Sequence[AssignmentCell] | None = None,
    ) -> TestOutcome | PutAside:
        """Run the visible part of `cell`: its outcome where that decides, else the cell put aside.

        Parameters
        ----------
        inside_after : sequence of AssignmentCell, optional
            Run the cell inside the student's process, after these earlier test cells; also where the
            instructor asks for it in the cell.

        Raises
        ------
        autograder.sandbox.SandboxError, or anything that code of ours raises
            The machinery failed before anything could be said about the student's code.
        """
        if inside_after is not None or cell.runs_inside:
            return self._begin_inside(cell, process, tuple(inside_after or ()))
        try:
            code = compile_cell(cell)
        except (SyntaxError, ValueError) as wrong:
            message = f"The test cell itself is not Python: {wrong}."
            return TestOutcome(Verdict.INTERNAL_ERROR, 0.0, message)
        exchange = Exchange(process, places=self._places(cell))
        before = dict(self._namespace)
        self._namespace.move_to(cell.index)
        last = None if code.has_hidden_part else code.last
        outcome = self._run(cell, exchange, code.visible, last)
        self._changes.append(changes_between(before, self._namespace))
        if code.has_hidden_part and outcome.verdict is Verdict.PASSED:
            return PutAside(cell, code, exchange, outcome, len(self._changes))
        return outcome

    def run_hidden(self, put_aside: PutAside) -> TestOutcome:
        """Run the hidden part of a cell; the names are those that the cell would have had in one go.

        Raises
        ------
        autograder.sandbox.SandboxError
            The machinery failed.
        """
        self._enter_hidden(put_aside.cell, put_aside.place)
        cell, code, exchange = put_aside.cell, put_aside.code, put_aside.exchange
        exchange.hidden = True
        if code is None:
            hidden = inside.visible_and_hidden(cell)[1]
            return told(inside.run(cell, hidden, put_aside.process, hidden=True), put_aside.said)
        outcome = self._run(cell, exchange, code.hidden, code.last)
        self._hidden_names = dict(self._namespace)
        return told(outcome, put_aside.said)

    def run_again_hidden(self, put_aside: PutAside, process: StudentProcess) -> TestOutcome:
        """Run a cell whose process was lost after the visible part once more, as a whole, in another one.

        Raises
        ------
        autograder.sandbox.SandboxError
            The machinery failed.
        """
        cell, code = put_aside.cell, put_aside.code
        if code is None:
            inside.begin(process, put_aside.before)
            return told(inside.run(cell, cell.source, process, hidden=True), put_aside.said)
        self._enter_hidden(cell, put_aside.place - 1)
        exchange = Exchange(process, hidden=True, places=self._places(cell))
        outcome = self._run(cell, exchange, code.visible, None)
        if outcome.verdict is Verdict.PASSED:
            outcome = self._run(cell, exchange, code.hidden, code.last)
        self._hidden_names = dict(self._namespace)
        return told(outcome, put_aside.said)

    def _places(self, cell: AssignmentCell) -> Places:
        return Places(None if self._handles is None else self._handles.get(cell.grade_id or "", {}))

    def refuse_strangers_code(self) -> None:
        """For good, end a test of this process that unpickles objects, or executes what the answer wrote."""

        def stop(done: str, name: str) -> NoReturn:
            self._link.stop(Verdict.BAD_TYPE, FAILURES[Verdict.BAD_TYPE](f"what is {done} here is `{name}`"))

        watch_unpickling(lambda name: stop("unpickled", name))
        watch_naming(lambda name: stop("loaded", name))
        if self._files is not None:
            files = self._files
            watch_executing(lambda: files.files, lambda name: stop("executed", name))

    def put_aside_elsewhere(
        self, cell: AssignmentCell, said: TestOutcome, before: Sequence[AssignmentCell] | None
    ) -> PutAside:
        """A cell whose visible part has passed before another examiner, for `run_again_hidden`."""
        code = None if before is not None or cell.runs_inside else compile_cell(cell)
        return PutAside(cell, code, Exchange(), said, 1, tuple(before or ()))

    def _of_instructor(self, name: str) -> Any:
        return self._namespace.of_instructor(name)

    def _set_by_tests(self) -> dict[str, tuple[Any, bool]]:
        return self._namespace.set_for_student()

    def _begin_inside(
        self, cell: AssignmentCell, process: StudentProcess, before: tuple[AssignmentCell, ...]
    ) -> TestOutcome | PutAside:
        """Run the part of a cell that nothing hidden goes before, in the student's process."""
        visible, hidden = inside.visible_and_hidden(cell)
        said = TestOutcome(Verdict.PASSED, cell.points, inside=True)
        if any(first_hidden_line(other) is not None for other in before):
            # Those cells are run when all visible parts are over.
            return PutAside(cell, None, Exchange(), said, len(self._changes), before)
        inside.begin(process, before)
        if visible:
            outcome = inside.run(cell, visible, process, hidden=False)
            if not hidden or outcome.verdict not in (Verdict.PASSED, Verdict.PARTIAL):
                return outcome
        return PutAside(cell, None, Exchange(process), said, len(self._changes), before)

    def _enter_hidden(self, cell: AssignmentCell, place: int) -> None:
        """The shared names as after the hidden parts so far and the first `place` visible parts."""
        if cell.index != self._hidden_at:
            for name in self._instructor.answers_between(self._hidden_at, cell.index):
                self._hidden_names.pop(name, None)
        self._hidden_at = cell.index
        for changes in self._changes[self._applied : place]:
            for name in changes.deleted:
                self._hidden_names.pop(name, None)
            self._hidden_names |= changes.bound
        self._applied = max(self._applied, place)
        self._namespace.replace(self._hidden_names, cell.index)

    def _limits_for(self, exchange: Exchange) -> tuple[float, float]:
        """Processor time of the test's own code, and wall time, that of the student's code included."""
        if exchange.process is None:
            return self._test_s, self._test_s
        processor_s = max(self._test_s, exchange.process.time_of_calls_s)
        return processor_s, processor_s + exchange.process.wall_left_s

    def _run(self, cell: AssignmentCell, exchange: Exchange, body: Any, last: Any) -> TestOutcome:
        """Execute code of the cell; what it ends with."""
        link = self._link
        link.begin(exchange)
        self._namespace.move_to(cell.index)
        value: Any = None
        problem: BaseException | None = None
        began = time.monotonic()
        try:
            with (
                time_limit(*self._limits_for(exchange)),
                contextlib.redirect_stdout(exchange.transcript),
                contextlib.redirect_stderr(io.StringIO()),
                main_module(self._namespace),
            ):
                if body is not None:
                    exec(body, self._namespace)  # noqa: S102 -- the instructor's test, in the trusted process
                if last is not None:
                    value = eval(last, self._namespace)  # noqa: S307 -- as above
        except Stop:
            pass
        except OutOfTime:
            if exchange.process is not None:
                exchange.process.struck_by_clock(time.monotonic() - began)
            exchange.fail(Verdict.TIMEOUT, FAILURES[Verdict.TIMEOUT]("the test"))
        except KeyboardInterrupt:
            raise
        except BaseException as caught:  # noqa: BLE001 -- whatever a test raises is its outcome
            problem = caught
        finally:
            link.end()
        if exchange.machinery is not None:
            raise exchange.machinery
        if exchange.failure is not None:
            return ended(exchange, exchange.failure[0], 0.0, exchange.failure[1])
        if problem is not None:
            if is_ours(problem, exchange):
                raise problem
            return failed_cell(exchange, cell, problem)
        return scored_cell(exchange, cell, value)
