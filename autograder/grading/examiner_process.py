"""The process of one examiner where none can be forked: `python -m autograder.grading.examiner_process`."""

from __future__ import annotations

import sys

from autograder.examiner import spawned
from autograder.examiner.namespace import InstructorNames
from autograder.grading import protocol
from autograder.grading.protocol import Start
from autograder.sandbox import passing
from autograder.sandbox.wire import load_libraries


def main(word: str) -> None:
    """Be an examiner; `word` is where `passing` finds the worker's end."""
    end = passing.taken(word)
    order, described = spawned.first_message(end)
    start = protocol.read(described, Start)
    instructor = InstructorNames(start.assignment)
    load_libraries(instructor.modules)
    spawned.serve(end, order, start.assignment, instructor, start.limits.test_s)


if __name__ == "__main__":
    main(sys.argv[1])
