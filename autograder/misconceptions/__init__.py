"""The catalogue of known mistakes, and the diagnosis of a student's function."""

from autograder.misconceptions.catalogue import CATALOGUE, Misconception
from autograder.misconceptions.diagnosis import Diagnosis, Outcome, diagnose

__all__ = ["CATALOGUE", "Diagnosis", "Misconception", "Outcome", "diagnose"]
