"""Why a student's function is wrong: asks the catalogues of misconceptions, at the place of the failing test.

The course's own catalogue goes before the one of the assignment's kind.

At most one diagnosis per function and submission; none when calls do not come back (each would cost the limit
again). Every call is a fresh fork of the student's process.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.code_cell import mentions_definition
from autograder.examiner import TestOutcome
from autograder.grading.clusters import cluster_of, example_of
from autograder.grading.own_diagnosis import Seen, own_diagnosis
from autograder.grading.stopped_cells import StoppedCell, explain_missing, stopped_cell
from autograder.intake import STUDENT, PlannedCell, Submission
from autograder.misconceptions.anything import explain_failure
from autograder.misconceptions.calls import Outcome, Ways
from autograder.misconceptions.diagnosed import Diagnosis
from autograder.misconceptions.registered import Registered
from autograder.own_mistakes import OwnMistake
from autograder.sandbox import Box, CellRun, State
from autograder.verdicts import NOT_PASSED, Verdict

_WORTH_ASKING = frozenset({Verdict.WRONG_ANSWER, Verdict.RAISED, Verdict.PARTIAL, Verdict.BAD_TYPE})
# These tell what happened without another call, which would cost the limit again.
_TELLS_ITSELF = frozenset({Verdict.TIMEOUT, Verdict.MEMORY, Verdict.CRASHED})
_NOTHING_TO_CALL = frozenset({Verdict.NOT_FOUND})
_BUDGET_S = 5.0
# Parsing a megabyte takes seconds, several times a function; a solution has some hundred characters.
_MOST_SOURCE_CHARACTERS = 50_000


class Diagnoser:
    """Diagnoses of one submission.

    Parameters
    ----------
    submission : Submission
    registered : Registered or None
        What the assignment has of its own in the catalogue.
    mistakes : sequence of OwnMistake
        The course's own catalogue.
    """

    def __init__(
        self,
        submission: Submission,
        registered: Registered | None = None,
        mistakes: Sequence[OwnMistake] = (),
    ) -> None:
        self._submission, self._registered, self._mistakes = submission, registered, mistakes
        self._asked: dict[tuple[str, str], Outcome] = {}
        self._is_lost = False  # a call of the course's own catalogue did not come back
        self._known: dict[str, Diagnosis | None] = {}
        self._stopped: list[StoppedCell] = []
        self._first: dict[str, Outcome] = {}

    def ran(self, cell: PlannedCell, run: CellRun) -> None:
        """Remember where a cell of the student's stopped."""
        stopped = stopped_cell(cell, run)
        if stopped is not None:
            self._stopped.append(stopped)

    def unasked(self, failed: Iterable[tuple[str, TestOutcome]]) -> frozenset[str]:
        """Of tests whose hidden part did not pass, those for which a function has to be asked yet.

        One for each function that the catalogue of the assignment's kind knows, and all of which the course's
        own catalogue may say something. It does not matter how the parts ended: the student's code may have
        chosen that by what it saw.

        Parameters
        ----------
        failed : iterable of (str, TestOutcome)
            Grade ids and outcomes; of one function's tests the first is taken.
        """
        unasked: set[str] = set()
        schemes = set(self._known)
        for grade_id, outcome in failed:
            scheme = self._scheme(grade_id, outcome)
            if self._own(grade_id) or (scheme is not None and scheme not in schemes):
                unasked.add(grade_id)
                schemes |= {scheme} if scheme is not None else set()
        return frozenset(unasked)

    def found(self, grade_id: str, outcome: TestOutcome) -> Diagnosis | None:
        """What asking the function of a test has found before; None where it was not asked."""
        scheme = self._scheme(grade_id, outcome)
        return None if scheme is None else self._known.get(scheme)

    def diagnose(
        self, box: Box, state: State | None, grade_id: str, outcome: TestOutcome
    ) -> Diagnosis | None:
        """What is likely behind the failure of test `grade_id`; None when it passed or nothing is known.

        Parameters
        ----------
        box : Box
            One in which no student code has been called with something hidden.
        state : State or None
            The held state to ask, if not the present one.
        grade_id : str
        outcome : TestOutcome
        """
        found = self._by_kind(box, state, grade_id, outcome)
        return self._by_course(box, state, grade_id, outcome) or found

    def _by_course(
        self, box: Box, state: State | None, grade_id: str, outcome: TestOutcome
    ) -> Diagnosis | None:
        """What the course's own catalogue says."""
        mistakes = self._own(grade_id)
        if not mistakes or outcome.verdict in (Verdict.PASSED, Verdict.INTERNAL_ERROR):
            return None
        is_hidden = outcome.hidden or outcome.inside
        told = NOT_PASSED if is_hidden else str(outcome.verdict)
        functions = _functions_of(outcome)
        seen = Seen(
            told,
            outcome.message,
            self._source(functions[0]) if functions else "",
            self.cluster(grade_id, outcome, NOT_PASSED if outcome.hidden else told)[0],
        )
        caller = _Caller(box, state, "", 0)

        def ask(function: str, arguments: Sequence[Any]) -> Outcome | None:
            if self._is_lost or (not is_hidden and outcome.verdict in _TELLS_ITSELF):
                return None
            key = (function, repr(arguments))
            if key not in self._asked:
                self._asked[key] = caller.named(function, *arguments)
                self._is_lost = self._asked[key].error_type in map(str, _TELLS_ITSELF)
            return self._asked[key]

        return own_diagnosis(mistakes, seen, ask)

    def _own(self, grade_id: str) -> list[OwnMistake]:
        return [one for one in self._mistakes if grade_id in one.tests]

    def _by_kind(
        self, box: Box, state: State | None, grade_id: str, outcome: TestOutcome
    ) -> Diagnosis | None:
        """What the catalogue of the assignment's kind says, else that of any assignment."""
        scheme, registered = self._scheme(grade_id, outcome), self._registered
        if not outcome.hidden and outcome.verdict is Verdict.NOT_FOUND:
            stopped = explain_missing(_functions_of(outcome), self._stopped)
            if stopped is not None:
                return stopped
        if scheme is None or registered is None:
            return None if outcome.hidden else explain_failure(str(outcome.verdict), outcome.message)
        if not outcome.hidden:
            if outcome.verdict in _TELLS_ITSELF:
                return registered.diagnose(scheme, lambda *_: Outcome(None, str(outcome.verdict)))
            if outcome.verdict not in _WORTH_ASKING | _NOTHING_TO_CALL:
                return None
        if scheme not in self._known:
            function = outcome.functions[0]
            caller = _Caller(box, state, function, registered.seed)
            source = self._source(function)
            self._known[scheme] = registered.diagnose(
                scheme,
                caller.once,
                source,
                call_again=caller.twice,
                call_seeded=caller.seeded,
                rewritten=caller.rewritten,
            )
            if caller.first is not None:
                self._first[scheme] = caller.first
        return self._known[scheme]

    def cluster(self, grade_id: str, outcome: TestOutcome, told_verdict: str) -> tuple[str, str]:
        """The cluster of a failure whose mistake has no name, and an example of it without names."""
        scheme, function = self._scheme(grade_id, outcome), next(iter(_functions_of(outcome)), "")
        first = self._first.get(scheme) if scheme is not None else None
        example = example_of(self._source(function), function) if function else ""
        return cluster_of(grade_id, told_verdict, outcome.message, first), example

    def _scheme(self, grade_id: str, outcome: TestOutcome) -> str | None:
        """What the assignment's own diagnosis calls the function of the test; None where it knows none."""
        function = outcome.functions[0] if outcome.functions else ""
        return None if self._registered is None else self._registered.scheme_of(grade_id, function)

    def _source(self, function: str) -> str:
        """The student's code cells that define the function, else the solution's cell; "" if too long."""
        own = [cell for cell in self._submission.cells if cell.origin == STUDENT and cell.cell_type == "code"]
        defining = [cell.source for cell in own if mentions_definition(cell.source, function)]
        source = "\n\n".join(defining or [cell.source for cell in own if cell.grade_id == function])
        return source if len(source) <= _MOST_SOURCE_CHARACTERS else ""


def _functions_of(outcome: TestOutcome) -> tuple[str, ...]:
    """The functions that a test wants, the one that is not there first."""
    missing = re.match(r"`(\w+)` is not defined", outcome.message)
    return ((missing[1],) if missing else ()) + tuple(outcome.functions)


class _Caller:
    """The student's function, a fresh fork for each call, within a budget of time.

    With a `text`, that text of the student's cell runs in the fork before the call: it is the student's own,
    with mistakes taken out, and holds nothing that the exercise does not say.
    """

    def __init__(
        self,
        box: Box,
        state: State | None,
        function: str,
        seed: int,
        text: str = "",
        until: float | None = None,
    ) -> None:
        self._box, self._state = box, state
        self._function, self._seed, self._text = function, seed, text
        self._until = time.monotonic() + _BUDGET_S if until is None else until
        self.first: Outcome | None = None
        self._outcomes: dict[str, list[Outcome]] = {}  # of equal calls, the first two

    def rewritten(self, text: str) -> Ways:
        """The ways to call the function of another text of the cell, within the same budget."""
        other = _Caller(self._box, self._state, self._function, self._seed, text, self._until)
        return Ways(other.once, other.twice, other.seeded)

    def once(self, *args: Any) -> Outcome:
        """What one call gives; a refusal once the budget is spent or a call did not come back.

        Two fresh processes tell whether it gives the same each time; a third equal call is answered as the
        second was.
        """
        outcomes = self._outcomes.setdefault(repr(args), [])
        if len(outcomes) < 2:
            outcomes.append(self._call(args, 1))
        self.first = self.first or outcomes[0]
        return outcomes[-1]

    def named(self, function: str, *args: Any) -> Outcome:
        """What one call of another function gives."""
        return _Caller(self._box, self._state, function, self._seed, until=self._until).once(*args)

    def twice(self, *args: Any) -> Outcome:
        """What the second of two equal calls in one process gives."""
        return self._call(args, 2)

    def seeded(self, *args: Any) -> Outcome:
        """What one call gives after the global generators were seeded as the exercise asks."""
        states = {
            "numpy": np.random.RandomState(self._seed).get_state(),
            "random": random.Random(self._seed).getstate(),
        }
        return self._call(args, 1, states)

    def _call(
        self, args: tuple[Any, ...], times: int, random_state: Mapping[str, Any] | None = None
    ) -> Outcome:
        if time.monotonic() > self._until:
            return Outcome(None, str(Verdict.TIMEOUT))
        with self._box.open_test(self._state) as process:
            if self._text and process.run_inside(self._text).verdict is not None:
                return Outcome(None, str(Verdict.NOT_FOUND))
            for _ in range(times):
                answer = process.call(self._function, args, random_state=random_state, explain=True)
        if answer.verdict is None:
            return Outcome(answer.value)
        if answer.verdict is Verdict.RAISED:
            return Outcome(None, answer.error_type, answer.error_message, answer.raised_line)
        if answer.lost:
            self._until = 0.0
        return Outcome(None, str(answer.verdict))
