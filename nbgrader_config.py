# This file makes the repository an nbgrader course: the plain programs work here unchanged, for example
#   nbgrader generate_assignment initialization
#   nbgrader autograde initialization
#   nbgrader generate_feedback initialization
#   nbgrader export
# `autograder release|grade|feedback|export` do the same with our engine.
c = get_config()  # noqa: F821 (traitlets runs this file with get_config defined)

c.CourseDirectory.course_id = "init-utils"

# nbgrader waits 30 s for a cell by default. One endless loop costs every cell that calls it that much; no
# cell of our assignments needs more than 2 s. (For nbgrader's own executor; our engine has its own limits.)
c.Execute.timeout = 10

# What students bring along that is neither theirs nor needed, and what stays with the instructor.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints", "*.pyc", "__pycache__", ".DS_Store", "feedback", "mistakes.toml",
]  # fmt: skip

# Our engine inside `nbgrader autograde` and the formgrader's Autograde button (docs/grading.md). Without this
# line nbgrader's own executor runs students' notebooks, with your rights.
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugin.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# --- our feedback page through `nbgrader generate_feedback` and the formgrader's Generate feedback button ---
c.GenerateFeedback.exporter_class = "autograder.nbgrader_feedback.FeedbackExporter"
