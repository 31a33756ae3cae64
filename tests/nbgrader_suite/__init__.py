"""nbgrader's own suite of `nbgrader autograde` with our engine configured.

`python -m tests.nbgrader_suite` runs it.
"""
