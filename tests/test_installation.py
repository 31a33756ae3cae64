"""The distributions as they are installed here."""

from __future__ import annotations

from importlib import metadata

from autograder.installation import DISTRIBUTIONS, constraints


def test_constraints_name_the_versions_that_are_installed_and_not_our_own() -> None:
    lines = constraints().splitlines()
    assert f"numpy=={metadata.version('numpy')}" in lines
    assert f"nbgrader=={metadata.version('nbgrader')}" in lines
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names))
    assert not set(names) & set(DISTRIBUTIONS)
