"""From a folder of submissions to results: `grade`, what it is told (`Options`) and tells (`Progress`).

`run` holds the run; `worker_client` and `worker` are the two ends of a worker process, in which `marking`
takes one submission through its cells and tests.
"""
