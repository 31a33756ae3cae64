"""nbgrader's gradebook, through its API: assignments registered, scores written, hand grades read back.

Keeps nbgrader's rules: the tests' scores are `auto_score`; what a person gave (`manual_score`, extra credit,
comments) is never touched; an untouched answer has zero points and the comment "No response."; a late penalty
comes from the plugin that the course's `nbgrader_config.py` names. Writing the same result twice changes
nothing, so a run that was cut short is simply written again. Names and addresses that `collect` found in a
roster are written where the gradebook has none.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import URL

from autograder.assignment import Assignment, AssignmentCell, Role, load_assignment
from autograder.collected import KnownStudent, read_collected
from autograder.course import Course
from autograder.course_settings import course_config
from autograder.nbgrader_bridge.database import (
    GradebookError,
    clear_errors,
    gradebook_exists,
    gradebook_name,
    gradebook_url,
)
from autograder.nbgrader_bridge.patches import importable_from, importing_nbgrader, knowing_schema_version
from autograder.storage import read_result
from autograder.verdicts import HandGrade, Status, SubmissionResult, TestResult

with importing_nbgrader():
    from nbgrader import utils as nbgrader_utils
    from nbgrader.api import Gradebook, MissingEntry
    from nbgrader.preprocessors import AssignLatePenalties

NO_RESPONSE = "No response."  # nbgrader's words
_SECONDS_LATE_MAX = 10 * 365 * 86400.0


@dataclass(frozen=True)
class Entry:
    """What is to stand in the gradebook for one submission.

    Attributes
    ----------
    result : SubmissionResult
    untouched : frozenset of str
        Grade ids of solution and hand-graded cells that are as they were released.
    timestamp : str
        When it was handed in, as the text of `timestamp.txt`; "" when that is not known.
    """

    result: SubmissionResult
    untouched: frozenset[str] = frozenset()
    timestamp: str = ""


class _Book(Gradebook):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's gradebook; one that cannot be opened leaves no connection open."""

    def __init__(self, url: URL, course_id: str) -> None:
        try:
            super().__init__(url, course_id)
        except BaseException:
            if hasattr(self, "db"):
                self.close()
            raise


class ClassGradebook:
    """One course's gradebook, open for one assignment; a context manager.

    Parameters
    ----------
    course : Course
    assignment : Assignment

    Raises
    ------
    GradebookError
        It cannot be opened, or the assignment cannot be registered in it.
    CollectedError
        What `collect` kept about the students is damaged.
    """

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self._course = course
        self._assignment = assignment
        self._config = course_config(course)
        self._plugin: Any = None
        self._known = read_collected(course, assignment.name)
        with clear_errors(course), knowing_schema_version():
            course_id = str(self._config.CourseDirectory.get("course_id", ""))
            self._book = _Book(gradebook_url(course), course_id)
            try:
                self._register(course_id)
            except BaseException:
                self._book.close()
                raise

    def __enter__(self) -> ClassGradebook:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()

    def write(self, entry: Entry) -> None:
        """Make the gradebook say what `entry` says; hand grades, comments and extra credit stay.

        A rejected submission gets no score; scores of an earlier hand-in are withdrawn.

        Raises
        ------
        GradebookError
            Locked by another program, the disk is full, or another fault of the file.
        """
        result = entry.result
        with clear_errors(self._course):
            if result.status is not Status.GRADED and not self._has_submission(result.student):
                return
            student = self._book.update_or_create_student(result.student)
            for field, text in self._missing_names(student).items():
                setattr(student, field, text)
            when = {} if not entry.timestamp else {"timestamp": parse_timestamp(entry.timestamp)}
            self._book.update_or_create_submission(self._assignment.name, result.student, **when)
            notebook = self._notebook(result.student)
            for grade in notebook.grades:
                self._set_grade(grade, entry)
            for comment in notebook.comments:
                self._set_comment(comment, entry)
            self._book.db.flush()
            self._book.db.expire(notebook)
            notebook.late_submission_penalty = self._penalty(result.student, notebook)
            self._book.db.commit()

    def agrees(self, entry: Entry) -> bool:
        """Whether the gradebook already says what `entry` says."""
        result = entry.result
        with clear_errors(self._course):
            if not self._has_submission(result.student):
                return result.status is not Status.GRADED
            notebook = self._notebook(result.student)
            wanted = {grade.name: self._auto_score(grade.name, entry) for grade in notebook.grades}
            found = {grade.name: grade.auto_score for grade in notebook.grades}
            when = notebook.assignment.timestamp
            same_time = not entry.timestamp or when == parse_timestamp(entry.timestamp)
            penalty = self._penalty(result.student, notebook)
            same = wanted == found and same_time and penalty == notebook.late_submission_penalty
            return same and not self._missing_names(notebook.assignment.student)

    def merged(self, result: SubmissionResult) -> SubmissionResult:
        """`result` with what people did in the gradebook: hand grades, overridden tests, penalty, names."""
        with clear_errors(self._course):
            if result.status is not Status.GRADED or not self._has_submission(result.student):
                return dataclasses.replace(result, **self._names(result.student))
            notebook = self._notebook(result.student)
            return _merge(result, notebook)

    def _register(self, course_id: str) -> None:
        name, book = self._assignment.name, self._book
        by_kind = _cells_by_kind(self._assignment)
        book.update_or_create_assignment(name, course_id=course_id)
        try:
            notebook = book.find_notebook(name, name)
        except MissingEntry:
            notebook = book.add_notebook(name, name, kernelspec=self._kernelspec())
        known = {kind: {cell.name for cell in getattr(notebook, f"{kind}_cells")} for kind in by_kind}
        wanted = {kind: set(cells) for kind, cells in by_kind.items()}
        if known != wanted and notebook.submissions:
            raise GradebookError(
                f"{gradebook_name(self._course)} has submissions of {name!r} with other cells than the "
                f"instructor's notebook now has ({_difference(known, wanted)}). Put the cells back, or back "
                f"up the gradebook and run `nbgrader db assignment remove {name} --force`."
            )
        stored = {cell.name: (cell.source, cell.cell_type, cell.locked) for cell in notebook.source_cells}
        points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
        if known == wanted and all(_is_stored(cell, stored, points) for cell in self._assignment.cells):
            return
        if known != wanted and any(known.values()):
            book.remove_notebook(name, name)
            book.add_notebook(name, name, kernelspec=self._kernelspec())
        for kind, cells in by_kind.items():
            update = getattr(book, f"update_or_create_{kind}_cell")
            for grade_id, fields in cells.items():
                update(grade_id, name, name, **fields)

    def _kernelspec(self) -> str:
        return json.dumps(self._assignment.notebook_metadata.get("kernelspec", {}))

    def _has_submission(self, student: str) -> bool:
        try:
            self._book.find_submission(self._assignment.name, student)
        except MissingEntry:
            return False
        return True

    def _notebook(self, student: str) -> Any:
        name = self._assignment.name
        return self._book.find_submission_notebook(name, name, student)

    def _missing_names(self, student: Any) -> dict[str, str]:
        """Fields of nbgrader's student that are empty there and known from a roster, with their text."""
        known = self._known.get(student.id, KnownStudent())
        names = {} if student.email else {"email": known.email}
        if not (student.first_name or student.last_name):
            names |= {"first_name": known.first_name, "last_name": known.last_name}
        return {field: text for field, text in names.items() if text}

    def _names(self, student_id: str) -> dict[str, Any]:
        """Names and address of a student without a score: the gradebook's, else the roster's."""
        try:
            person = self._book.find_student(student_id)
        except MissingEntry:
            person = self._known.get(student_id, KnownStudent())
        return {field: getattr(person, field) or "" for field in ("first_name", "last_name", "email")}

    def _auto_score(self, grade_id: str, entry: Entry) -> float | None:
        if entry.result.status is not Status.GRADED:
            return None
        for test in entry.result.tests:
            if test.grade_id == grade_id:
                return test.score
        cell = self._assignment.by_grade_id.get(grade_id)
        if cell is None or cell.is_task:
            return None
        return 0.0 if grade_id in entry.untouched else None

    def _set_grade(self, grade: Any, entry: Entry) -> None:
        cell = self._assignment.by_grade_id.get(grade.name)
        grade.auto_score = self._auto_score(grade.name, entry)
        if cell is not None and cell.is_task:
            return  # nbgrader leaves a task's grade to people altogether
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None

    def _set_comment(self, comment: Any, entry: Entry) -> None:
        cell = self._assignment.by_grade_id.get(comment.name)
        untouched = comment.name in entry.untouched and cell is not None and not cell.is_task
        comment.auto_comment = NO_RESPONSE if untouched else None

    def _penalty(self, student: str, notebook: Any) -> float | None:
        """The late penalty in points, at most the score; None when on time or without a penalty."""
        late = notebook.assignment.total_seconds_late
        if late <= 0:
            return None
        if self._plugin is None:
            with importable_from(self._course.root):
                preprocessor = AssignLatePenalties(config=self._config)
                preprocessor.init_plugin()
                self._plugin = preprocessor.plugin_inst
        penalty = self._plugin.late_submission_penalty(student, notebook.score, late)
        return None if penalty is None else float(min(max(0.0, penalty), notebook.score))


def class_results(course: Course, assignment_name: str) -> list[SubmissionResult]:
    """Every stored result of the assignment, by student, with the gradebook's hand grades merged in.

    Raises
    ------
    CourseError
        Unknown assignment, or the gradebook cannot be read.
    """
    assignment = load_assignment(course, assignment_name)
    stored = [read_result(path) for path in sorted(course.results(assignment_name).glob("*.json"))]
    results = [record.result for record in stored if record is not None]
    if not results or not gradebook_exists(course):
        return results
    with ClassGradebook(course, assignment) as book:
        return [book.merged(result) for result in results]


def parse_timestamp(text: str) -> datetime.datetime | None:
    """The moment (UTC, without zone) that nbgrader reads in the text of a `timestamp.txt`.

    >>> parse_timestamp("2026-02-02 14:00:00 UTC")
    datetime.datetime(2026, 2, 2, 14, 0)
    >>> parse_timestamp("yesterday, I think") is None, parse_timestamp("-99:99" + "0" * 60) is None
    (True, True)
    """
    try:
        moment: datetime.datetime | None = nbgrader_utils.parse_utc(text.strip())
    except (ValueError, ArithmeticError, TypeError):
        return None
    return moment


def _cells_by_kind(assignment: Assignment) -> dict[str, dict[str, dict[str, Any]]]:
    """What nbgrader keeps of the instructor's cells: kind -> grade id -> fields."""
    kinds: dict[str, dict[str, dict[str, Any]]] = {"grade": {}, "solution": {}, "task": {}, "source": {}}
    for cell in assignment.cells:
        if cell.grade_id is None:
            continue
        graded = {"max_score": cell.points, "cell_type": cell.cell_type}
        by_hand = cell.role is Role.TASK_BY_HAND
        if cell.is_task:
            kinds["task"][cell.grade_id] = graded
        elif cell.role is Role.TEST or by_hand:
            kinds["grade"][cell.grade_id] = graded
        if cell.role is Role.SOLUTION or (by_hand and not cell.is_task):
            kinds["solution"][cell.grade_id] = {}
        kinds["source"][cell.grade_id] = {
            "cell_type": cell.cell_type,
            "locked": cell.locked,
            "source": cell.stored_source,
            "checksum": cell.checksum,
        }
    return kinds


def _is_stored(
    cell: AssignmentCell, stored: Mapping[str, tuple[str, str, bool]], points: Mapping[str, float]
) -> bool:
    """Whether the gradebook holds the cell's present text and points."""
    if cell.grade_id is None:
        return True
    same_text = stored.get(cell.grade_id) == (cell.stored_source, cell.cell_type, cell.locked)
    return same_text and points.get(cell.grade_id, cell.points) == cell.points


def _difference(known: Mapping[str, set[str]], wanted: Mapping[str, set[str]]) -> str:
    gone = sorted(set().union(*known.values()) - set().union(*wanted.values()))
    new = sorted(set().union(*wanted.values()) - set().union(*known.values()))
    parts = [f"gone: {', '.join(gone)}"] * bool(gone) + [f"new: {', '.join(new)}"] * bool(new)
    return "; ".join(parts) or "of another kind"


def _merge(result: SubmissionResult, notebook: Any) -> SubmissionResult:
    grades = {grade.name: grade for grade in notebook.grades}
    comments = {comment.name: comment.comment or "" for comment in notebook.comments}
    submission = notebook.assignment
    penalty = float(notebook.late_submission_penalty or 0.0)
    return dataclasses.replace(
        result,
        tests=tuple(_merge_test(test, grades.get(test.grade_id)) for test in result.tests),
        hand_grades=tuple(
            _merge_hand(hand, grades.get(hand.grade_id), comments.get(hand.grade_id, ""))
            for hand in result.hand_grades
        ),
        score=float(notebook.score) - penalty,
        late_seconds=min(float(submission.total_seconds_late), _SECONDS_LATE_MAX),
        late_penalty=penalty,
        first_name=submission.student.first_name or "",
        last_name=submission.student.last_name or "",
        email=submission.student.email or "",
    )


def _merge_test(test: TestResult, grade: Any) -> TestResult:
    if grade is None or (grade.manual_score is None and not grade.extra_credit):
        return test
    note = f"A person set this to {grade.score:g} points."
    return dataclasses.replace(test, score=float(grade.score), notes=(*test.notes, note))


def _merge_hand(hand: HandGrade, grade: Any, comment: str) -> HandGrade:
    if grade is None:
        return hand
    given = grade.manual_score is not None or grade.auto_score is not None or bool(grade.extra_credit)
    return dataclasses.replace(hand, score=float(grade.score) if given else None, comment=comment)
