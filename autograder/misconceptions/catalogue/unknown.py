"""Wrong, and not recognised."""

from __future__ import annotations

from autograder.misconceptions.catalogue.explanations import entries

UNKNOWN = entries(
    "Wrong, and not recognised",
    (
        "values-unrecognised",
        "{found}",
        "Wrong values of no known pattern: read the code.",
    ),
    (
        "works-in-part",
        "The function is right for some layer sizes and stops for others: {error}.",
        "Raises for some layer sizes only.",
    ),
)
