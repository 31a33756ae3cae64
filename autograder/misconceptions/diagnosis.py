"""From the behaviour of a student's function to an entry of the catalogue.

The function is called for a few layer sizes of our own and what comes back is compared with what every known
mistake gives. The text of the solution cell only tells apart what behaves alike, and decides alone where
nothing runs. A function that is right for every probe is never accused: the answer is None.

Calls: at most 4 for one initializer and one each of `call_again` and `call_seeded`, at most 18 and one of
`call_seeded` for `general`.
"""

from __future__ import annotations

from autograder.misconceptions.calls import Call, Rewritten, Ways
from autograder.misconceptions.diagnosed import Diagnosis
from autograder.misconceptions.formulas import SCHEMES
from autograder.misconceptions.general import diagnose_general
from autograder.misconceptions.initializer import diagnose_initializer

# What `diagnose` knows: the prefixes of grade ids.
DIAGNOSED = (*SCHEMES, "general")


def diagnose(
    scheme: str,
    call: Call,
    source: str = "",
    *,
    call_again: Call | None = None,
    call_seeded: Call | None = None,
    rewritten: Rewritten | None = None,
) -> Diagnosis | None:
    """The mistakes of one initializer, or None when it behaves as it should for every probe.

    Parameters
    ----------
    scheme : str
        `zeros`, `random`, `he`, `xavier` or `general`: the prefix of a grade id.
    call : callable
        call(*args) gives the Outcome of one call of the student's function, each in a fresh process whose
        global random state is new.
    source : str
        Text of the student's solution cell, or "".
    call_again : callable, optional
        call_again(*args) gives the Outcome of the second of two equal calls in one process.
    call_seeded : callable, optional
        call_seeded(*args) gives the Outcome of one call after the global generators were seeded with the
        exercise's seed: what a missing seed hides.
    rewritten : callable, optional
        rewritten(text) gives the ways to ask the function after another text of the cell has run: what a
        mistake that stops the function hides. The text is the student's own, with mistakes taken out.

    Raises
    ------
    ValueError
        For an unknown scheme.

    >>> import numpy as np
    >>> from autograder.misconceptions import Outcome
    >>> def he_by_xavier(dims):
    ...     np.random.seed(3)
    ...     sizes = zip(dims[1:], dims)
    ...     return {
    ...         key: value
    ...         for l, (n, p) in enumerate(sizes, 1)
    ...         for key, value in ((f"W{l}", np.random.randn(n, p) / np.sqrt(p)), (f"b{l}", np.zeros((n, 1))))
    ...     }
    >>> diagnose("he", lambda dims: Outcome(he_by_xavier(dims))).hint
    'Your W1 equals standard normal × sqrt(1/n_prev): that is Xavier. He initialization has another factor.'
    """
    if scheme == "general":
        return diagnose_general(call, source, call_seeded)
    if scheme not in SCHEMES:
        known = ", ".join(DIAGNOSED)
        raise ValueError(f"unknown scheme {scheme!r}; known are {known}. It is the prefix of a grade id.")
    ways = Ways(call, call_again, call_seeded)
    return diagnose_initializer(scheme, ways, source, f"initialize_parameters_{scheme}", rewritten)
