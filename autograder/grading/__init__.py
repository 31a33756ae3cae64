"""One submission at a time, from its bytes to a result; nothing here knows a course's gradebook.

`supervisor` keeps workers at work through `worker_process`; `worker` is such a process, in which `marking`
takes a submission through its cells and tests. `protocol` is what the two send each other, `results` what is
stored of it. `instructor_run` is what is known before the first submission.
"""
