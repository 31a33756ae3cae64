"""What several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def built_wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds both wheels, built from this clone."""
    # Lazily: `make test-oldest` runs where the grader is not installed.
    from autograder.wheels import wheels

    folder = tmp_path_factory.mktemp("wheels")
    for name, content in wheels().items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def warnings_option(request: pytest.FixtureRequest) -> list[str]:
    """Makes warnings errors in a program that a test starts, unless pytest was told otherwise by `-W`."""
    return [] if request.config.getoption("pythonwarnings") else ["-W", "error"]
