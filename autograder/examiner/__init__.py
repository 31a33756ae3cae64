"""The instructor's tests, run outside the student's process.

`Examiner` runs one test cell after another; calls of the student's functions cross to a `StudentProcess`.
"""

from autograder.examiner.examiner import Examiner
from autograder.examiner.outcomes import TestOutcome
from autograder.examiner.put_aside import PutAside

__all__ = ["Examiner", "PutAside", "TestOutcome"]
