"""Faults of our own that nobody has foreseen: each costs only what it stands at, and leaves its evidence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from autograder.examiner.faults import told
from autograder.sandbox import SandboxError

_MOST_SENTENCES = 20


class Faults:
    """What went wrong while one submission was marked.

    Parameters
    ----------
    is_last_try : bool
        Faults of the sandbox are noted as well; else they are raised, so that the submission is tried again.

    Attributes
    ----------
    sentences : list of str
        For the instructor, in the order in which the faults came.
    """

    def __init__(self, is_last_try: bool) -> None:
        self._is_last_try = is_last_try
        self.sentences: list[str] = []

    @contextlib.contextmanager
    def noted(self, what: str) -> Iterator[None]:
        """Go on after the block, whatever it raises; `what` names what is lost by it."""
        try:
            yield
        except Exception as error:
            if isinstance(error, SandboxError) and not self._is_last_try:
                raise
            if len(self.sentences) < _MOST_SENTENCES:
                self.sentences.append(evidence(what, error))


def evidence(what: str, error: BaseException) -> str:
    """One sentence on a fault of ours: what it cost, its type, and the line that raised it.

    >>> evidence("he_seed", ValueError("7 is not 8"))
    'The grader failed on he_seed: ValueError.'
    """
    return f"The grader failed on {what}: {told(error)}."
