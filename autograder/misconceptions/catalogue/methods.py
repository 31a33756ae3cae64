"""Mistakes of the function that picks a method."""

from __future__ import annotations

from autograder.misconceptions.catalogue.explanations import entries

GENERAL = entries(
    "The function that picks a method",
    (
        "method-not-handled",
        "One of the methods that the exercise lists is refused: {error}.",
        "general: a listed method is missing or misspelled.",
    ),
    (
        "methods-alike",
        "Two methods give the same numbers: does the function look at `method`?",
        "general: the argument method is ignored, or an if-chain falls through.",
    ),
    (
        "auto-swapped",
        "'auto' picks the two the wrong way round: which of them was derived for ReLU?",
        "general: auto gives Xavier for relu and He for tanh.",
    ),
    (
        "auto-ignores-hidden",
        "'auto' gives the same for 'relu' and 'tanh': it must look at `hidden`.",
        "general: auto does not look at hidden.",
    ),
    (
        "unknown-method-accepted",
        "A method that does not exist must raise ValueError; yours returns something.",
        "general: an unknown method is accepted silently.",
    ),
    (
        "unknown-method-other-error",
        "A method that does not exist must raise ValueError; yours raises another error.",
        "general: an unknown method raises something other than ValueError.",
    ),
)
