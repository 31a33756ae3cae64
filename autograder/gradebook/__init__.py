"""nbgrader's gradebook: `book` reads and writes it through nbgrader's API, `writer` keeps it up during a run,
`database` puts its faults into words. Nothing is imported here: `book` loads nbgrader, above a second.
"""
