"""The setting of the grader's environment that has figures saved by IPython's own code."""

SETTING, PLAIN = "AUTOGRADER_FIGURES", "plain"
