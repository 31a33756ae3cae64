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
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.assignment import Assignment, load_notebooks
from autograder.collected import KnownStudent, read_collected
from autograder.course import Course
from autograder.course_settings import course_config
from autograder.nbgrader_bridge.automatic_comments import inside_comments
from autograder.nbgrader_bridge.database import clear_errors, gradebook_exists
from autograder.nbgrader_bridge.merging import merge
from autograder.nbgrader_bridge.opening import open_book
from autograder.nbgrader_bridge.patches import committing_once, importable_from, importing_nbgrader
from autograder.nbgrader_bridge.registry import register
from autograder.storage import StoredResult, read_result
from autograder.verdicts import Status, SubmissionResult, cell_name

with importing_nbgrader():
    from nbgrader import utils as nbgrader_utils
    from nbgrader.api import MissingEntry

NO_RESPONSE = "No response."  # nbgrader's words


@dataclass(frozen=True)
class Entry:
    """What is to stand in the gradebook for one submission.

    Attributes
    ----------
    result : SubmissionResult
    untouched : frozenset of str
        Names of solution and hand-graded cells that are as they were released.
    timestamp : str
        When it was handed in, as the text of `timestamp.txt`; "" when that is not known.
    texts, shown, given : mapping of str to str
        As in `StoredResult`.
    """

    result: SubmissionResult
    untouched: frozenset[str] = frozenset()
    timestamp: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: StoredResult) -> Entry:
        """What is to stand there for a stored result."""
        return cls(
            stored.result, stored.untouched, stored.timestamp, stored.texts, stored.shown, stored.given
        )


class ClassGradebook:
    """One course's gradebook, open for one assignment; a context manager.

    Parameters
    ----------
    course : Course
    *notebooks : Assignment
        The instructor's notebooks of the assignment, all of them.

    Raises
    ------
    GradebookError
        It cannot be opened, or the assignment cannot be registered in it.
    CollectedError
        What `collect` kept about the students is damaged.
    """

    def __init__(self, course: Course, *notebooks: Assignment) -> None:
        self._course = course
        self._assignment = notebooks[0].name
        # By the name that its cells have in results: without the notebook's where there is one.
        self._notebooks = {one.notebook if len(notebooks) > 1 else "": one for one in notebooks}
        self._cells = {
            cell_name(name, grade_id): cell
            for name, one in self._notebooks.items()
            for grade_id, cell in one.by_grade_id.items()
        }
        self._config = course_config(course)
        self._plugin: Any = None
        self._known = read_collected(course, self._assignment)
        with clear_errors(course):
            self._book = open_book(course)
            try:
                with self._book.writing():
                    register(self._book, course, notebooks, self._book.course_id)
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

    def write(self, entry: Entry) -> dict[str, str]:
        """Make the gradebook say what `entry` says; hand grades, comments and extra credit stay.

        A rejected submission gets no score; scores of an earlier hand-in are withdrawn. A person's points
        that were given for another text wait for a person.

        Returns
        -------
        dict of str to str
            For each grade that a person gave, the digest of the text it was given for; "" where that is
            unknown.

        Raises
        ------
        GradebookError
            Locked by another program, the disk is full, or another fault of the file.
        """
        result = entry.result
        with clear_errors(self._course), self._book.writing():
            with committing_once(self._book.db):
                student = self._book.update_or_create_student(result.student)
            for field, text in self._missing_names(student).items():
                setattr(student, field, text)
            if result.status is not Status.GRADED and not self._has_submission(result.student):
                self._book.db.commit()  # formgrader lists the student, with a name and without a submission
                return {}
            when = {} if not entry.timestamp else {"timestamp": parse_timestamp(entry.timestamp)}
            with committing_once(self._book.db):
                submission = self._book.update_or_create_submission(self._assignment, result.student, **when)
            self._book.db.expire(submission)
            given, inside = {}, inside_comments(self._notebooks, result)
            for name, notebook in self._submitted(result.student).items():
                for grade in notebook.grades:
                    cell = cell_name(name, grade.name)
                    if grade.manual_score is not None or grade.extra_credit:
                        given[cell] = _given_for(grade, cell, entry)
                    self._set_grade(grade, cell, entry, given.get(cell))
                for comment in notebook.comments:
                    self._set_comment(comment, cell_name(name, comment.name), entry, inside)
                self._book.db.flush()
                self._book.db.expire(notebook)
                notebook.late_submission_penalty = self._penalty(result.student, notebook)
            self._book.db.commit()
            return given

    def agrees(self, entry: Entry) -> bool:
        """Whether the gradebook already says what `entry` says."""
        result = entry.result
        with clear_errors(self._course), self._book.reading():
            if not self._has_submission(result.student):
                return result.status is not Status.GRADED and self._is_listed(result.student)
            if not entry.texts.items() <= entry.shown.items():
                return False
            submission = self._book.find_submission(self._assignment, result.student)
            same_time = not entry.timestamp or submission.timestamp == parse_timestamp(entry.timestamp)
            notebooks = self._submitted(result.student).items()
            same = all(self._is_written(name, notebook, entry) for name, notebook in notebooks)
            return same and same_time and not self._missing_names(submission.student)

    def merged(self, result: SubmissionResult, outdated: Collection[str] = frozenset()) -> SubmissionResult:
        """`result` with what people did in the gradebook: hand grades, overridden tests, penalty, names.

        `outdated` are the names of cells whose points were given for another text (`StoredResult.outdated`).
        """
        with clear_errors(self._course), self._book.reading():
            if result.status is not Status.GRADED or not self._has_submission(result.student):
                return dataclasses.replace(result, **self._names(result.student))
            return merge(result, self._submitted(result.student), outdated)

    def extra_days(self, *, everyone: bool = False) -> dict[str, float]:
        """Days added to the due date, by student; with `everyone` also who has none."""
        with clear_errors(self._course), self._book.reading():
            return {
                one.student.id: one.extension.total_seconds() / 86_400 if one.extension else 0.0
                for one in self._book.assignment_submissions(self._assignment)
                if everyone or one.extension
            }

    @property
    def due(self) -> datetime.datetime | None:
        """When the assignment is due, without extra days, in UTC; None without a due date."""
        found: datetime.datetime | None = self._book.find_assignment(self._assignment).duedate
        return found

    def set_extra_days(self, students: Collection[str], extra: datetime.timedelta) -> None:
        """Give the students, who have submissions, exactly this; their penalties follow."""
        with clear_errors(self._course), self._book.writing():
            for student in students:
                submission = self._book.find_submission(self._assignment, student)
                submission.extension = extra or None
                self._book.db.flush()
                for notebook in self._submitted(student).values():
                    notebook.late_submission_penalty = self._penalty(student, notebook)
            self._book.db.commit()

    def _has_submission(self, student: str) -> bool:
        try:
            self._book.find_submission(self._assignment, student)
        except MissingEntry:
            return False
        return True

    def _submitted(self, student: str) -> dict[str, Any]:
        """nbgrader's `SubmittedNotebook`s of a student, by the name that their cells have in results."""
        return {
            name: self._book.find_submission_notebook(one.notebook, self._assignment, student)
            for name, one in self._notebooks.items()
        }

    def _is_written(self, name: str, notebook: Any, entry: Entry) -> bool:
        """Whether one notebook's scores and penalty are those of `entry`."""
        scores = {cell_name(name, grade.name): grade.auto_score for grade in notebook.grades}
        penalty = self._penalty(entry.result.student, notebook)
        is_same_penalty = penalty == notebook.late_submission_penalty
        return is_same_penalty and scores == {cell: self._auto_score(cell, entry) for cell in scores}

    def _is_listed(self, student_id: str) -> bool:
        """Whether the gradebook knows the student, with the names that a roster has."""
        try:
            return not self._missing_names(self._book.find_student(student_id))
        except MissingEntry:
            return False

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

    def _auto_score(self, name: str, entry: Entry) -> float | None:
        if entry.result.status is not Status.GRADED:
            return None
        for test in entry.result.tests:
            if test.name == name:
                return None if test.open else test.score
        cell = self._cells.get(name)
        if cell is None or cell.is_task:
            return None
        return 0.0 if name in entry.untouched else None

    def _set_grade(self, grade: Any, name: str, entry: Entry, given_for: str | None) -> None:
        """`given_for`: digest of the text that a person's points were given for; None without such points."""
        cell = self._cells.get(name)
        grade.auto_score = self._auto_score(name, entry)
        if given_for is not None:
            is_new_text = given_for != entry.texts.get(name, given_for)
            grade.needs_manual_grade = is_new_text or (
                grade.manual_score is None and grade.auto_score is None
            )
        elif cell is None or not cell.is_task:  # nbgrader leaves a task's grade to people altogether
            grade.needs_manual_grade = grade.auto_score is None

    def _set_comment(self, comment: Any, name: str, entry: Entry, inside: Mapping[str, str]) -> None:
        cell = self._cells.get(name)
        untouched = name in entry.untouched and cell is not None and not cell.is_task
        comment.auto_comment = inside.get(name) or (NO_RESPONSE if untouched else None)

    def _penalty(self, student: str, notebook: Any) -> float | None:
        """The late penalty in points, at most the score; None when on time or without a penalty."""
        submission = notebook.assignment
        if submission.assignment.duedate is None or submission.total_seconds_late <= 0:
            return None
        late = submission.total_seconds_late
        if self._plugin is None:
            with importing_nbgrader():
                from nbgrader.preprocessors import AssignLatePenalties  # slow to import, and seldom needed
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
    notebooks = load_notebooks(course, assignment_name)
    paths = sorted(course.results(assignment_name).glob("*.json"))
    stored = [record for record in map(read_result, paths) if record is not None]
    if not stored or not gradebook_exists(course):
        return [record.result for record in stored]
    with ClassGradebook(course, *notebooks) as book:
        return [book.merged(record.result, record.outdated) for record in stored]


def gradebook_students(course: Course) -> set[str]:
    """Ids of the students whom the gradebook knows; empty without a gradebook.

    Raises
    ------
    GradebookError
        It cannot be read.
    """
    if not gradebook_exists(course):
        return set()
    with clear_errors(course), open_book(course) as book:
        return {student.id for student in book.students}


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


def _given_for(grade: Any, name: str, entry: Entry) -> str:
    """The digest of the text that a person's points belong to; "" where it is not known.

    Points that still wait for a person are those of before; all others were given for what formgrader showed.
    """
    if grade.needs_manual_grade and name in entry.given:
        return entry.given[name]
    return entry.shown.get(name, "")
