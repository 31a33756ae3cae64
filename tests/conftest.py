"""What several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.wheels import wheels


@pytest.fixture(scope="session")
def built_wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds both wheels, built from this clone."""
    folder = tmp_path_factory.mktemp("wheels")
    for name, content in wheels().items():
        (folder / name).write_bytes(content)
    return folder
