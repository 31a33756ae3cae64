"""The autograded notebook: what formgrader shows to the hand grader, and what feedback pages draw on.

The student's cells stand in the student's order with fresh outputs; nbgrader's metadata come from the
instructor's copy, never from the student; a test cell shows its verdict and message in the form that nbgrader
reads (nothing failed: full points; a final number: that many; an error: none). Hidden tests stay out unless
asked for. What a student typed into a locked cell follows that cell as text. Written in nbformat 4 with
nbgrader's metadata of schema 3; imports neither.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from markupsafe import Markup

from autograder.assignment import Assignment, AssignmentCell, Role
from autograder.intake.matching import same_text
from autograder.intake.plan import INSTRUCTOR, STUDENT, PlannedCell, Submission
from autograder.untrusted.markdown import as_cell, plain_html
from autograder.untrusted.outputs import OutputLimits, clean_outputs, stream
from autograder.untrusted.text import clean_text, imitates_mark_scheme
from autograder.untrusted.typesetting import Typesetting
from autograder.verdicts import TestResult, Verdict

MARK_SCHEME_FRAME = '<div style="border: 3px double #1f6fb4; background: #eef5fb; padding: 0.5em 1em">'

_PICTURE_ENDINGS = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "bmp": "image/bmp", "svg": "image/svg+xml",
}  # fmt: skip
_MOST_SOURCE_CHARACTERS = 200_000
_MOST_NOTEBOOK_CHARACTERS = 30_000_000  # all outputs together; formgrader loads the whole page at once


@dataclass(frozen=True)
class _Shown:
    """One cell's text and outputs as they will be shown."""

    source: str
    outputs: list[dict[str, Any]]


def render_notebook(
    assignment: Assignment,
    submission: Submission,
    outputs: Mapping[int, Sequence[Mapping[str, Any]]],
    results: Mapping[str, TestResult],
    *,
    show_hidden: bool = False,
    limits: OutputLimits | None = None,
    typesetting: Typesetting | None = None,
) -> dict[str, Any]:
    """The autograded notebook, nbformat 4.5, as JSON has it.

    Parameters
    ----------
    assignment : Assignment
    submission : Submission
    outputs : mapping of int to sequence of dict
        What each cell that ran put out (nbformat 4, not sanitised), by its place in `submission.cells`.
    results : mapping of str to TestResult
        By grade id; a test without a result shows nothing.
    show_hidden : bool
        Show the instructor's full test cells, hidden part included.
    limits : OutputLimits, optional
    typesetting : Typesetting, optional
        Bounds and counts what all cells show together.
    """
    typesetting = typesetting or Typesetting()
    limits = limits or OutputLimits()
    cells: list[dict[str, Any]] = []
    room = _MOST_NOTEBOOK_CHARACTERS
    executed = 0
    for place, planned in enumerate(submission.cells):
        original = None if planned.instructor_index is None else assignment.cells[planned.instructor_index]
        if planned.role is Role.TEST:
            result = results.get(planned.grade_id or "")
            shown = _Shown(_test_source(original, show_hidden), test_outputs(result) if result else [])
        else:
            put_out = outputs.get(place, ()) if planned.cell_type == "code" else ()
            shown = _Shown(
                _source(planned, original, typesetting, submission.files),
                clean_outputs(put_out, limits, typesetting),
            )
        size = sum(len(str(output)) for output in shown.outputs)
        if size > room:
            shown = _Shown(
                shown.source, [stream("[the notebook's outputs are too large to show this one]\n")]
            )
        else:
            room -= size
        cell: dict[str, Any] = {
            "cell_type": planned.cell_type,
            "id": f"cell-{place}",
            "metadata": _metadata(original),
            "source": shown.source,
        }
        if planned.cell_type == "code":
            executed += 1
            count = executed if planned.role is Role.TEST or place in outputs else None
            cell |= {"execution_count": count, "outputs": _counted(shown.outputs, count)}
        cells.append(cell)
        if planned.typed:
            cells.append(_typed_cell(place, planned))
        written = (planned.source if planned.origin == STUDENT else "", planned.typed, *_texts(shown.outputs))
        if planned.role is not Role.TEST and any(map(imitates_mark_scheme, written)):
            typesetting.imitations.append(place + 1)
        if original is not None and original.mark_scheme:
            cells.append(_mark_scheme_cell(place, original))
    return {
        "cells": cells,
        "metadata": _notebook_metadata(assignment),
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_outputs(result: TestResult) -> list[dict[str, Any]]:
    """A verdict as the outputs of a test cell, read by nbgrader as the same number of points.

    >>> test_outputs(TestResult("he_seed", 5.0, 5.0, Verdict.PASSED))
    [{'output_type': 'stream', 'name': 'stdout', 'text': 'passed: 5 of 5 points\\n'}]
    """
    message = clean_text(result.told_message).strip()
    most = f"{result.max_score:g} points"
    summary = f"{result.told_verdict}: " + (f"{most} open" if result.open else f"{result.score:g} of {most}")
    lines = [*(f"note: {clean_text(note)}" for note in result.notes), clean_text(result.advice)]
    more = "".join(f"{line}\n" for line in lines if line)
    if result.verdict in (Verdict.PASSED, Verdict.PARTIAL):
        shown = [stream(f"{summary}\n{message}\n{more}" if message else f"{summary}\n{more}")]
        if result.score != result.max_score:
            number = {"text/plain": f"{result.score!r}"}
            shown.append(
                {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": number}
            )
        return shown
    error = {
        "output_type": "error",
        "ename": result.told_verdict,
        "evalue": message,
        "traceback": [summary, *message.split("\n")],
    }
    return [*([stream(more)] if more else []), error]


test_outputs.__test__ = False  # type: ignore[attr-defined]  # not a pytest function, for all its name


def _texts(outputs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What outputs say in words."""
    for output in outputs:
        data = output.get("data", {})
        yield str(output.get("text", "")) + data.get("text/plain", "") + data.get("text/html", "")


def _test_source(original: AssignmentCell | None, show_hidden: bool) -> str:
    if original is None:  # a plan's tests always come from the instructor's notebook
        return ""
    return original.source if show_hidden else original.released_source


def _source(
    planned: PlannedCell,
    original: AssignmentCell | None,
    typesetting: Typesetting,
    files: Mapping[str, bytes],
) -> str:
    if original is not None and planned.origin == INSTRUCTOR:
        return original.released_source
    if original is not None and same_text(planned.source, original):
        return planned.source
    if planned.cell_type == "code":
        return typesetting.code(clean_text(planned.source, _MOST_SOURCE_CHARACTERS))
    return typesetting.markdown(planned.source, pictures_of(planned, files), planned.left_out)


def pictures_of(planned: PlannedCell, files: Mapping[str, bytes]) -> dict[str, Mapping[str, str]]:
    """The pictures that a text may refer to: pasted into it, and handed in beside the notebook."""
    beside = {
        path: {_PICTURE_ENDINGS[ending]: base64.b64encode(content).decode()}
        for path, content in files.items()
        if (ending := path.rpartition(".")[2].lower()) in _PICTURE_ENDINGS
        and path.rpartition("/")[2] in unquote(planned.source)
    }
    return beside | dict(planned.pictures)


def _metadata(original: AssignmentCell | None) -> dict[str, Any]:
    if original is None or not original.metadata:
        return {}
    locked = {"deletable": False, "editable": False} if original.locked else {}
    nbgrader = dict(original.metadata)
    if original.role is Role.TEST:
        nbgrader.pop(
            "checksum", None
        )  # of the whole text: who guesses the hidden lines could check the guess
    return locked | {"nbgrader": nbgrader}


def _notebook_metadata(assignment: Assignment) -> dict[str, Any]:
    kept = ("kernelspec", "language_info")
    return {name: assignment.notebook_metadata[name] for name in kept if name in assignment.notebook_metadata}


def _counted(outputs: list[dict[str, Any]], count: int | None) -> list[dict[str, Any]]:
    return [
        output | {"execution_count": count} if output["output_type"] == "execute_result" else output
        for output in outputs
    ]


def _typed_cell(place: int, planned: PlannedCell) -> dict[str, Any]:
    """What was typed into a locked cell, as text for a person."""
    title = f"Typed into the locked cell {planned.grade_id} (it was restored; this did not run):"
    typed = plain_html(clean_text(planned.typed, _MOST_SOURCE_CHARACTERS))
    return {
        "cell_type": "markdown",
        "id": f"cell-{place}-typed",
        "metadata": {},
        "source": as_cell(Markup("<p><strong>{}</strong></p>").format(title) + typed),
    }


def _mark_scheme_cell(place: int, original: AssignmentCell) -> dict[str, Any]:
    """The mark scheme below the answer, for the grader; quoted, so that no heading of it reaches feedback.

    Its frame can be told from all that a student can write: their texts keep no style.
    """
    lines = [f"**Mark scheme of {original.grade_id}, for the grader**", ""]
    lines += original.mark_scheme.split("\n")
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    return {
        "cell_type": "markdown",
        "id": f"cell-{place}-mark-scheme",
        "metadata": {},
        "source": f"{MARK_SCHEME_FRAME}\n\n{quoted}\n\n</div>",
    }
