"""nbgrader's own suite of `nbgrader autograde`, run with our engine configured: `python -m tests.nbgrader_suite`."""
