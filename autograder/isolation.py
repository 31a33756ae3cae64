"""What each tier of isolation means, in words: for `doctor`, Gradescope's page and docs/security.md.

Whether a tier holds on a machine is tried by `sandbox.selfcheck`; here is what it does not promise even then.
"""

from __future__ import annotations

from collections.abc import Mapping

MEANING: Mapping[str, str] = {
    "full": "the notebook ran with its own view of files, processes and network",
    "landlock": "the notebook could open no file but its own and the interpreter's, and no connection",
    "none": "the notebook ran as an ordinary process, with limits on time and output only",
}
_KERNEL = "protection against a fault of the kernel; public services run the grader in a virtual machine"
_TIMING = "that boxes learn nothing from timing: busy processors, the page cache, the speed of the disk"
NOT_PROMISED: Mapping[str, tuple[str, ...]] = {
    "full": (_KERNEL, _TIMING),
    "landlock": (
        _KERNEL,
        _TIMING,
        "that names, sizes, modes and times of other files and the free space of the disk stay unknown",
        "that a notebook can change modes, owners, times and attributes of its files: such calls do nothing",
        "a quota of disk: files are counted twenty times a second, and what is over the limit is removed",
        "the semaphores of `multiprocessing`: there is no `/dev/shm`",
    ),
    "none": (
        "anything but limits on time and output and the form of answers: use it for submissions you trust",
        "that hidden tests, the gradebook and other submissions stay unread and unchanged",
    ),
}


def what_it_means(tier: str) -> str:
    """One sentence about a tier, for people who read a result; "" for an unknown one.

    >>> what_it_means("landlock")
    "the notebook could open no file but its own and the interpreter's, and no connection"
    """
    return MEANING.get(tier, "")
