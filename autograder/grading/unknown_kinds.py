"""Objects where the solution has none, tried in the student's process: in words, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

TRIED = "; tried in the student's process, where a result can be forged."


def kind_flag(grade_id: str, given: tuple[str, str], kinds: Mapping[str, str]) -> str:
    """The flag of a test that has points for an object where the plan knows none.

    Parameters
    ----------
    grade_id : str
    given : tuple of str
        What it is of (`f` returned), and its kind in words.
    kinds : mapping of str to str
        The same of the solution.

    Examples
    --------
    >>> kind_flag("t1", ("`f` returned", "a generator"), {"`f` returned": "a list"})[:60]
    "t1: `f` returned a generator where the solution's returned a"
    """
    of, kind = given
    known = kinds.get(of)
    verb = of.rpartition(" ")[2]
    there = f" where the solution's {verb} {known}" if known else " where the solution has none"
    return f"{grade_id}: {of} {kind}{there}{TRIED}"


def counted(flags: Iterable[str]) -> list[str]:
    """A sentence for each such flag of a class, with the number of students who have it.

    >>> flag = kind_flag("t1", ("`f` returned", "a generator"), {"`f` returned": "a list"})
    >>> counted([flag, flag, "another flag"])[0][:66]
    "2 students: t1: `f` returned a generator where the solution's retu"
    """
    found = Counter(flag for flag in flags if flag.endswith(TRIED))
    return [f"{count} student{'' if count == 1 else 's'}: {flag}" for flag, count in found.most_common()]
