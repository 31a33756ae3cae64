"""`autograder.nbgrader_plugin.Execute`: the name of our engine in courses' `nbgrader_config.py`."""

from __future__ import annotations

from autograder.nbgrader_bridge.plugin import PREPROCESSORS, Execute

__all__ = ["PREPROCESSORS", "Execute"]
