"""What each verdict is called where people read it: on pages, and on a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.verdicts import NOT_PASSED, Verdict

# Mark, words and tone (a class of the style sheet) of each verdict, as a student reads them.
VERDICT_WORDS: Mapping[str, tuple[str, str, str]] = {
    Verdict.PASSED: ("✓", "Passed", "good"),
    Verdict.PARTIAL: ("◐", "Partly right", "almost"),
    Verdict.WRONG_ANSWER: ("✗", "Not right yet", "open"),
    Verdict.RAISED: ("✗", "Stopped with an error", "open"),
    Verdict.MEMORY: ("✗", "Needed too much memory", "open"),
    Verdict.CRASHED: ("✗", "Ended without an answer", "open"),
    Verdict.TIMEOUT: ("✗", "Took too long", "open"),
    Verdict.TOO_MUCH_OUTPUT: ("✗", "Printed too much", "open"),
    Verdict.NOT_FOUND: ("✗", "Function not found", "open"),
    Verdict.BAD_TYPE: ("✗", "Returned something unreadable", "open"),
    Verdict.INTERNAL_ERROR: ("!", "Not graded: our mistake", "ours"),
    NOT_PASSED: ("✗", "Not right yet", "open"),
}
