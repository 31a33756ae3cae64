"""One teacher's sentence for all who share a mistake: data beside the gradebook, `comments.json`.

    {"initialization": {"seed-missing": "We set the seed first, see section 2.", "3f9a01bc": "..."}}

A key is an id of the catalogue or the cluster of a mistake without a name. The file is read whenever results
are shown, so that a sentence also meets those who make the mistake later; copied into next year's course, it
is that course's own catalogue.

CommentsError (a `CourseError`): the file is not of this form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.storage import write_whole
from autograder.verdicts import SubmissionResult

_MOST_BYTES = 2_000_000


class CommentsError(CourseError):
    """A file of comments cannot be read as one."""


def comments_path(course: Course) -> Path:
    """Where a course's comments lie."""
    return course.root / "comments.json"


def read_comments(path: Path) -> dict[str, dict[str, str]]:
    """Assignment -> cluster or id -> sentence; empty without a file.

    Raises
    ------
    CommentsError
        The file is not JSON, or not of this form.
    """
    if not path.exists():
        return {}
    wanted = 'wanted is {"ASSIGNMENT": {"CLUSTER": "text"}}. Mend it, or move it away.'
    try:
        data = json.loads(path.read_bytes()[:_MOST_BYTES])
    except ValueError as error:
        raise CommentsError(f"{path} is not JSON ({error}); {wanted}") from None
    is_right = isinstance(data, dict) and all(
        isinstance(texts, dict) and all(isinstance(text, str) for text in texts.values())
        for texts in data.values()
    )
    if not is_right:
        raise CommentsError(f"{path} has another form; {wanted}")
    return {str(name): dict(texts) for name, texts in data.items()}


def add_comments(course: Course, new: Mapping[str, Mapping[str, str]]) -> None:
    """Put sentences into the course's file; an empty one takes a sentence away."""
    path = comments_path(course)
    comments = read_comments(path)
    for assignment, texts in new.items():
        merged = {**comments.get(assignment, {}), **texts}
        comments[assignment] = {cluster: text for cluster, text in sorted(merged.items()) if text}
    write_whole(path, (json.dumps(comments, indent=1, ensure_ascii=False) + "\n").encode())


def commented(result: SubmissionResult, texts: Mapping[str, str]) -> SubmissionResult:
    """The result with the teacher's sentence on each test whose mistake or cluster has one."""
    if not texts:
        return result
    tests = tuple(
        replace(test, comment=text)
        if (text := texts.get(test.misconception or "") or texts.get(test.cluster, ""))
        else test
        for test in result.tests
    )
    return replace(result, tests=tests)
