"""Whether a download is that of another assignment of the course, by the names of its notebooks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from autograder.course import Course

_COPY = re.compile(r"[ _-]?(\(\d+\)|\d+)$")  # what a browser or a platform adds to a second download


def notes_on_another(course: Course, assignment: str, hand_ins: Sequence[Sequence[str]]) -> list[str]:
    """A sentence for each other assignment whose notebook's name stands in hand-ins that lack this one's.

    Parameters
    ----------
    hand_ins : sequence of sequence of str
        The names of the files of each.
    """
    own = set(course.notebook_names(assignment))
    others = {
        notebook: other
        for other in course.assignments()
        if other != assignment
        for notebook in course.notebook_names(other)
        if notebook not in own
    }
    found: Counter[str] = Counter()
    for names in hand_ins:
        stems = {PurePosixPath(name).stem for name in names if name.casefold().endswith(".ipynb")}
        stems |= {_COPY.sub("", stem) for stem in stems}
        if not stems & own:
            found.update({others[stem] for stem in stems & others.keys()})
    return [
        f"{count} of {len(hand_ins)} hand-ins hold the notebook of {other}, another assignment. Is this the "
        f"zip file of {other}? Then remove what was collected here, and collect it there."
        for other, count in sorted(found.items())
    ]
