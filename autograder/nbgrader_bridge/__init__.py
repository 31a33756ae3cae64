"""The only package that knows nbgrader: its gradebook, its programs, its converter.

`book` reads and writes the gradebook through nbgrader's API, `writer` during a run; `database` knows
the gradebook's address and puts its faults into words. `plugin` is our engine inside `nbgrader
autograde`, `feedback` our page inside `nbgrader generate_feedback`, `release` runs nbgrader's
`generate_assignment`. `patches` holds what we change in nbgrader. Nothing is imported here: importing
nbgrader takes more than a second.
"""
