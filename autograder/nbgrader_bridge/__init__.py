"""The only package that knows nbgrader: its gradebook, its programs, its converter.

`book` reads and writes the gradebook through nbgrader's API, `writer` during a run; `opening` opens it,
`database` knows its address and puts its faults into words, `copying` moves it to another database. `plugin`
is our engine inside `nbgrader autograde`, `feedback` our page inside `nbgrader generate_feedback`, `release`
runs nbgrader's `generate_assignment`. `patches` holds what we change in nbgrader. Nothing is imported here:
importing nbgrader takes more than a second.
"""
