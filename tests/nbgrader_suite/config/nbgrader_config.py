# Read by nbgrader in every test of its own suite: the engine in the place of its executor, on one line.
c = get_config()  # noqa: F821 (traitlets runs this file with get_config defined)

c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugin.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
