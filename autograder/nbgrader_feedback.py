"""`autograder.nbgrader_feedback.FeedbackExporter`: the name of our page in courses' `nbgrader_config.py`."""

from __future__ import annotations

from autograder.nbgrader_bridge.feedback import FeedbackExporter

__all__ = ["FeedbackExporter"]
