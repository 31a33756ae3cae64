"""The catalogue of known mistakes, and the diagnosis of a student's function."""

from autograder.misconceptions.catalogue import CATALOGUE, NOT_FOUND, Misconception
from autograder.misconceptions.diagnosis import DIAGNOSED, diagnose
from autograder.misconceptions.formulas import SEED
from autograder.misconceptions.probes import Outcome
from autograder.misconceptions.wording import Diagnosis

__all__ = ["CATALOGUE", "DIAGNOSED", "NOT_FOUND", "SEED", "Diagnosis", "Misconception", "Outcome", "diagnose"]
