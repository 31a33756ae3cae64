"""Cells of the student's that stopped with an error, and the functions that were therefore never defined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.code_cell import mentions_definition
from autograder.intake import PlannedCell
from autograder.misconceptions.anything import explain_stop
from autograder.misconceptions.diagnosed import Diagnosis
from autograder.sandbox import CellRun
from autograder.verdicts import Verdict

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"\bCell In\[\d+\], line (\d+)")
_MOST_CHARACTERS = 20_000


@dataclass(frozen=True)
class StoppedCell:
    """A cell that raised: its text, the error, and the line of the cell that it came from."""

    source: str
    error_type: str
    message: str
    number: int

    @property
    def line(self) -> str:
        """The text of the line that stopped."""
        lines = self.source.strip("\n").splitlines()
        return lines[self.number - 1] if 0 < self.number <= len(lines) else ""


def stopped_cell(cell: PlannedCell, run: CellRun) -> StoppedCell | None:
    """What is known of a run that raised; None for others, and for a cell that is not Python.

    The line is read from the traceback that the box reports: it chooses a hint, never a mark.
    """
    if run.verdict is not Verdict.RAISED or run.error_type in ("SyntaxError", "IndentationError", "TabError"):
        return None
    for output in run.outputs:
        if output.get("output_type") == "error":
            trace = "\n".join(str(line) for line in output["traceback"])[:_MOST_CHARACTERS]
            if found := _LINE.search(_COLOUR.sub("", trace)):
                return StoppedCell(cell.source, run.error_type, str(output["evalue"]), int(found[1]))
    return None


def explain_missing(functions: Sequence[str], stopped: Sequence[StoppedCell]) -> Diagnosis | None:
    """Why one of the functions is not there: the last cell that would have defined it stopped above it."""
    for function in functions:
        for cell in reversed(stopped):
            above = cell.source.strip("\n").splitlines()[: cell.number]
            if mentions_definition(cell.source, function) and not mentions_definition(
                "\n".join(above), function
            ):
                return explain_stop(cell.error_type, cell.message, cell.number, cell.line)
    return None
