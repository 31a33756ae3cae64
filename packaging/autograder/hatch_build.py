"""Build hooks of `init-utils-autograder`: its package lies at the top of the repository, not in this folder.

A wheel takes `autograder/` from there; an editable installation takes nothing and only points there
(`dev-mode-dirs` in `pyproject.toml`). The version comes from `init_utils/__init__.py`, and the dependency on
`init-utils` is pinned to it.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class TakePackage(BuildHookInterface):
    """Puts the package into a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `autograder/`, unless the installation is editable."""
        if version != "editable":
            build_data["force_include"]["../../autograder"] = "autograder"


class PinInitUtils(MetadataHookInterface):
    """Adds the dependency on `init-utils` of the same version to those that `pyproject.toml` lists."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set `dependencies`."""
        metadata["dependencies"] = [f"init-utils=={metadata['version']}", *self.config["dependencies"]]
