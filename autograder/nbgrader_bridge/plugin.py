"""Our engine inside nbgrader: `nbgrader autograde` and the formgrader's Autograde button.

One line in `nbgrader_config.py` puts it in the place of nbgrader's executor (`PREPROCESSORS` is that line's
value, spelled out there so that the file needs no import):

    c.Autograde.autograde_preprocessors = ["autograder.nbgrader_plugin.Execute", "nbgrader...", ...]

nbgrader keeps the rest: it sanitises the notebook, saves the grades and the penalties. Its options `timeout`
and `enabled` (`--no-execute`) mean what they mean for its own executor. Refuses notebooks of other languages.
A submission that cannot be graded (rejected, a fault of ours) fails there as any other does: it is named in
the log, gets no grade, and the others go on.
"""

from __future__ import annotations

import atexit
import dataclasses
import filecmp
import json
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from traitlets import Enum, Integer

from autograder.assignment import (
    Assignment,
    AssignmentCell,
    AssignmentError,
    Marks,
    Role,
    files_beside,
    marks_of,
    stored_cell,
)
from autograder.course import Course
from autograder.grading.defaults import LIMITS, in_tier, is_timeout_set, limits_for
from autograder.grading.fingerprints import read_timestamp
from autograder.grading.instructor_run import modules_to_preload
from autograder.grading.plan_store import keep_plan, read_plan
from autograder.grading.protocol import Job, JobResult, Start
from autograder.grading.results import result_to_store
from autograder.grading.supervisor import Supervisor, WorkersError
from autograder.intake import Rejection, read_folder
from autograder.kernels import other_language
from autograder.nbgrader_bridge.automatic_comments import after_grades, inside_comments
from autograder.nbgrader_bridge.patches import importing_nbgrader
from autograder.notebook_document import read_notebook_file
from autograder.own_mistakes import MISTAKES, read_mistakes
from autograder.sandbox import TIERS, is_data_file_name, selfcheck
from autograder.sandbox.inside.files import remove_folder
from autograder.several_notebooks import with_notebook
from autograder.storage import read_result, result_path, write_result, write_whole
from autograder.verdicts import Status

with importing_nbgrader():
    import nbformat
    from nbgrader.api import Gradebook
    from nbgrader.preprocessors import NbGraderPreprocessor

PREPROCESSORS = (
    "autograder.nbgrader_plugin.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)
MOST_KEPT = 4  # workers that wait for the next student's notebook


class UngradedError(Exception):
    """This submission gets no grade; the text says why."""


class Execute(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Runs the notebook in a sandbox and its tests outside it; named so that nbgrader's options reach it."""

    timeout = Integer(
        int(LIMITS.cell_s),
        allow_none=True,
        help="Where it is set: seconds of a cell and of a test cell, also of a sleep; what it waits for a "
        "processor is not counted.",
    ).tag(config=True)

    isolation = Enum(
        TIERS,
        default_value=None,
        allow_none=True,
        help="The sandbox tier that must hold; without one, full where it can be had, else wasm where it is "
        "installed.",
    ).tag(config=True)

    @classmethod
    def section_names(cls) -> list[str]:
        """Where its settings are looked for: as for nbgrader's own, also nbconvert's executor."""
        return [*super().section_names()[:-1], "ExecutePreprocessor", cls.__name__]

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The notebook with fresh outputs, each test cell with one that nbgrader reads as its score.

        Raises
        ------
        SandboxError
            The tier does not hold on this machine.
        UngradedError
            Rejected, a fault of the machinery, or not a notebook of Python's.
        """
        if self.isolation is None:
            tier = selfcheck.best_tier(self.log.warning)
        else:
            tier = selfcheck.require(self.isolation)
        names = resources["nbgrader"]
        _require_python(nb.metadata.get("kernelspec", {}))
        folder = Path(resources["metadata"]["path"])
        self._refuse_links(names, folder)
        assignment = self._assignment(names)
        if assignment.mistakes:  # nbgrader copies all that lies beside the instructor's notebook
            (folder / MISTAKES).unlink(missing_ok=True)
        start = Start(
            assignment=assignment,
            tier=tier,
            limits=limits_for(self.timeout) if is_timeout_set(self.config) else in_tier(LIMITS, tier),
            modules=modules_to_preload(assignment, with_slow_ones=True),
            show_hidden=True,
        )
        result = _graded(start, names["student"], folder)
        self._keep(names, result, start, folder)
        if result.status is not Status.GRADED:
            raise UngradedError(f"{names['student']}: {result.status}: {result.reason}")
        _remove_what_could_run(folder, result.files)
        for name, content in result.files.items():
            if not (folder / name).exists():
                write_whole(folder / name, content)
        notebook = nbformat.reads(result.notebook.decode(), as_version=4)  # type: ignore[no-untyped-call]
        notebook.metadata = nb.metadata
        _leave_open({test.grade_id for test in result.tests if test.open}, notebook)
        return notebook, resources

    def _refuse_links(self, names: Mapping[str, str], folder: Path) -> None:
        """Undo that nbgrader copied what a link of the student's leads to, with the instructor's rights.

        Raises
        ------
        UngradedError
            The notebook itself is a link.
        """
        course_dir = self._course_dir()
        if course_dir is None:
            return
        student, assignment = names["student"], names["assignment"]
        submitted = Path(course_dir.format_path(course_dir.submitted_directory, student, assignment))
        source = Path(course_dir.format_path(course_dir.source_directory, ".", assignment))
        notebook = f"{names['notebook']}.ipynb"
        for link in _links(submitted):
            if link == notebook:
                raise UngradedError(
                    f"{student}: {notebook} is a link, not a file; hand in the notebook itself."
                )
            if (folder / link).is_dir():
                remove_folder(str(folder / link))  # what the assignment ships there is put back with the rest
            # The instructor's own has been put in its place, unless nbgrader was told to leave it.
            elif not _same_content(source / link, folder / link):
                (folder / link).unlink(missing_ok=True)

    def _assignment(self, names: Mapping[str, str]) -> Assignment:
        """The instructor's cells: texts from the gradebook, order and free cells from the source notebook."""
        notebook_id, assignment_id = names["notebook"], names["assignment"]
        with Gradebook(names["db_url"]) as book:
            notebook = book.find_notebook(notebook_id, assignment_id)
            kernelspec = json.loads(notebook.kernelspec) if notebook.kernelspec else {}
            rows = _rows(notebook)
            others = {other.name for other in book.find_assignment(assignment_id).notebooks} - {notebook_id}
        source = self._source_notebook(assignment_id, notebook_id)
        cells = tuple(_in_order(rows, source.get("cells", []), marks_of(self.config)))
        metadata = {"kernelspec": kernelspec, "autograder": source.get("metadata", {}).get("autograder", {})}
        siblings = tuple(sorted(f"{name}.ipynb" for name in others))
        files = self._files(assignment_id)
        folder = self._source_folder(assignment_id)
        mistakes = () if folder is None else read_mistakes(folder)
        return Assignment(assignment_id, notebook_id, cells, files, metadata, siblings, mistakes)

    def _files(self, assignment_id: str) -> dict[str, bytes]:
        """What the assignment ships beside its notebooks, but for what nbgrader leaves to the students."""
        folder = self._source_folder(assignment_id)
        if folder is None:
            return {}
        left = getattr(self.parent.parent, "exclude_overwriting", {}).get(assignment_id, [])
        return {name: data for name, data in files_beside(folder / "any").items() if name not in left}

    def _source_notebook(self, assignment_id: str, notebook_id: str) -> dict[str, Any]:
        folder = self._source_folder(assignment_id)
        try:
            return {} if folder is None else read_notebook_file(folder / f"{notebook_id}.ipynb")
        except AssignmentError:
            return {}

    def _source_folder(self, assignment_id: str) -> Path | None:
        """Where the instructor's notebooks lie; None outside a conversion."""
        course_dir = self._course_dir()
        if course_dir is None:
            return None
        return Path(course_dir.format_path(course_dir.source_directory, ".", assignment_id))

    def _course_dir(self) -> Any:
        """nbgrader's object that knows the course's folders; None outside a conversion."""
        converter = getattr(getattr(self, "parent", None), "parent", None)
        return getattr(converter, "coursedir", None)

    def _keep(self, names: Mapping[str, str], result: JobResult, start: Start, folder: Path) -> None:
        """Store what our reports and feedback pages read; let nbgrader's gradebook tell what ran inside."""
        course_dir = self._course_dir()
        if course_dir is None:
            return
        stored = result_to_store(
            start.assignment, names["student"], start.tier, result, timestamp=read_timestamp(folder)
        )
        if told := inside_comments({"": start.assignment}, stored.result):
            self.parent.register_preprocessor(after_grades(names, told))
        course = Course(Path(course_dir.root))
        before = read_result(result_path(course, names["assignment"], names["student"]))
        if start.assignment.siblings:
            stored = with_notebook(before, names["notebook"], stored)
        # nbgrader asks a person about every grade of a person's; ours tells those of the same text apart.
        given = {} if before is None else dict(before.shown) | dict(before.given)
        write_result(course, names["assignment"], stored.agreed(given))


class _KeptSupervisors:
    """Supervisors whose workers stay warm from student to student, one for each notebook of an assignment."""

    def __init__(self) -> None:
        self._supervisors: dict[str, Supervisor] = {}

    def get(self, start: Start) -> Supervisor:
        """A supervisor for such workers; those of another assignment or an older notebook are ended."""
        notebook = start.assignment.notebook
        kept = self._supervisors.get(notebook)
        if kept is not None and kept.start == start:
            return kept
        if kept is not None or any(
            one.start.assignment.name != start.assignment.name for one in self._supervisors.values()
        ):
            self.end()
        if len(self._supervisors) == MOST_KEPT:
            self._supervisors.pop(next(iter(self._supervisors))).close()
        plan = read_plan(start.assignment, start.tier, start.limits)
        supervisor = self._supervisors[notebook] = Supervisor(start, plan=plan)
        if not plan.tests and (plan := supervisor.make_plan()).tests:
            keep_plan(start.assignment, start.tier, plan, start.limits)
        return supervisor

    def end(self) -> None:
        """End the workers."""
        for supervisor in self._supervisors.values():
            supervisor.close()
        self._supervisors.clear()


_kept = _KeptSupervisors()
atexit.register(_kept.end)


def _graded(start: Start, student: str, folder: Path) -> JobResult:
    """What becomes of the submission in `folder`."""
    try:
        job = Job(read_folder(folder, start.assignment))
    except Rejection as rejection:
        return JobResult(Status.REJECTED, str(rejection))
    try:
        supervisor = _kept.get(start)
        supervisor.give([(student, job)])
        ((_, result),) = supervisor.results()
    except WorkersError as error:
        _kept.end()
        raise UngradedError(str(error)) from error
    except BaseException:  # interrupted: the worker is still at it
        _kept.end()
        raise
    return result


def _leave_open(grade_ids: Collection[str], notebook: Any) -> None:
    """Let nbgrader leave these tests to a person: it gives no points of its own to an answer's cell."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in grade_ids:
            cell.metadata.nbgrader.solution = True


def _same_content(first: Path, second: Path) -> bool:
    return first.is_file() and second.is_file() and filecmp.cmp(first, second, shallow=False)


def _remove_what_could_run(folder: Path, kept: Collection[str]) -> None:
    """Remove what nbgrader copied from the submission and intake left out, but for data and notebooks."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        stays = name in kept or name == "timestamp.txt" or path.suffix == ".ipynb" or is_data_file_name(name)
        if not stays and not path.is_dir():
            path.unlink()


def _links(folder: Path) -> list[str]:
    """Symbolic links in `folder` and below, by relative path."""
    found = os.walk(folder)
    places = (Path(here) / name for here, folders, files in found for name in (*folders, *files))
    return [place.relative_to(folder).as_posix() for place in places if place.is_symlink()]


def _require_python(kernelspec: Mapping[str, Any]) -> None:
    if language := other_language({"kernelspec": kernelspec}):
        raise UngradedError(f"the notebook asks for a kernel of {language!r}; this engine runs Python only.")


def _rows(notebook: Any) -> dict[str, tuple[str, Role, float, str, bool]]:
    """The gradebook's cells of one notebook: grade id -> type, role, points, text, whether it is a task."""
    grades = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
    tasks = {cell.name: float(cell.max_score) for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    rows = {}
    for cell in notebook.source_cells:
        by_hand = cell.name in tasks or (cell.name in grades and cell.name in solutions)
        graded = Role.TEST if cell.name in grades else None
        answer = Role.SOLUTION if cell.name in solutions else Role.LOCKED
        role = Role.TASK_BY_HAND if by_hand else graded or answer
        points = tasks.get(cell.name, grades.get(cell.name, 0.0))
        rows[cell.name] = (cell.cell_type, role, points, cell.source or "", cell.name in tasks)
    return rows


def _in_order(
    rows: Mapping[str, tuple[str, Role, float, str, bool]],
    source_cells: Iterable[Mapping[str, Any]],
    marks: Marks,
) -> list[AssignmentCell]:
    """The gradebook's cells in the source notebook's order, its cells unknown to nbgrader between them."""
    left = dict(rows)
    cells: list[AssignmentCell] = []
    for raw in source_cells:
        grade_id = raw.get("metadata", {}).get("nbgrader", {}).get("grade_id")
        source = "".join(raw.get("source", ""))
        if grade_id in left:
            written = source
            cell_type, role, points, source, is_task = left.pop(grade_id)
            cell = stored_cell(
                len(cells), cell_type, role, grade_id, points, source, is_task=is_task, marks=marks
            )
            if role in (Role.TASK_BY_HAND, Role.SOLUTION):  # mark scheme and answer stand there only
                cell = dataclasses.replace(cell, source=written)
            cells.append(cell)
        elif grade_id not in rows:
            cell_type = str(raw.get("cell_type"))
            cells.append(AssignmentCell(len(cells), cell_type, Role.FREE, None, 0.0, source, source, source))
    for grade_id, (cell_type, role, points, source, is_task) in left.items():
        cells.append(
            stored_cell(len(cells), cell_type, role, grade_id, points, source, is_task=is_task, marks=marks)
        )
    return cells
