"""The zygote: everything a notebook needs is imported once; every submission is a fork of it.

It holds no secret: no assignment, no test, no path of the course; its environment and arguments are the
launcher's few words. It runs no student code and starts no thread.

| order | what it does |
| --- | --- |
| `spawn`, two sockets | forks a box: `keeper` serves the first socket, `student_server` the second |
| `spawn`, a descriptor more | the same; it leads into the box's cgroup |
| `memo` bytes | takes results of long calculations into the memory of the module named for them |
| end of file | ends; so does everything it forked |
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, NoReturn

from . import (
    callbacks,
    figures,
    keeper,
    message_format,
    random_states,
    shell,
    student_server,
    student_view,
    warming,
)

if sys.platform == "linux":
    from . import lockdown

BOX, CACHES = "/box", "/caches"
INNER_ID = 1000  # the user of every box, in its own eyes
CONTROL_FD, CHANNEL_FD, LOOSE_FD = 3, 4, 5
NICENESS = 5


def main(descriptor: int) -> NoReturn:
    """Load what the first order names, then serve."""
    control = socket.socket(fileno=descriptor)
    order, buffers, _ = callbacks.receive(control)
    start = time.perf_counter()
    setup = message_format.decode(order["value"], buffers)
    shared_shell, missing = warming.warm_up(setup["modules"], setup["warm"])
    if setup["memo_module"] and figures.is_installed:
        figures.know(importlib.import_module(setup["memo_module"]).MEMO)
    # Importing is over: what a student's notebook imports from here on is beside it, or installed. A clone
    # of the project (an editable installation puts it on the path) is neither.
    sys.path[:] = ["", *filter(_is_installed, sys.path)]
    sys.argv = [""]
    os.register_at_fork = _register_unless_of_a_notebook(os.register_at_fork)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if sys.platform == "linux":
        lockdown.collapse_memory()
        lockdown.prctl(lockdown.PR_SET_DUMPABLE, 0)
    control.sendall(
        message_format.pack(
            {
                "ready": True,
                "threads": _thread_count(),
                "missing": missing,
                "seconds": time.perf_counter() - start,
            }
        )
    )
    while True:
        order, buffers, descriptors = callbacks.receive(control)
        if order["op"] == "memo":
            control.sendall(
                message_format.pack(
                    {
                        "entries": _take_memo(
                            setup["memo_module"], message_format.decode(order["value"], buffers)
                        )
                    }
                )
            )
            gc.freeze()
            continue
        pid = os.fork()
        if pid == 0:
            _become_box(setup, order, descriptors, shared_shell)
        for passed in descriptors:
            os.close(passed)
        control.sendall(message_format.pack({"pid": pid}))


def _register_unless_of_a_notebook(register: Callable[..., None]) -> Callable[..., None]:
    """`os.register_at_fork` for libraries: what a notebook registers would run before every later test."""

    def register_at_fork(**hooks: Any) -> None:
        if sys._getframe(1).f_globals.get("__name__") != "__main__":
            register(**hooks)

    return register_at_fork


def _become_box(
    setup: dict[str, Any], order: dict[str, Any], descriptors: list[int], shared_shell: shell.Shell
) -> NoReturn:
    """Turn this fork into a box: locks first, then the keeper, then the student's process."""
    tier, limits = setup["tier"], order["limits"]
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for entrance in descriptors[2:]:
            os.write(entrance, b"0")  # this process, whatever its number is where the file was opened
        _arrange_descriptors(descriptors[:2])
        control = socket.socket(fileno=CONTROL_FD)
        proc_folder = None
        user: int | None = order["user"]
        if user is not None:
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        if tier == "full":
            proc_folder = _enter_namespaces(limits, cover_tmp=setup["cover_tmp"])
            os.chdir(BOX)
        else:
            os.chdir(order["box"])
            if sys.platform == "linux":
                if user is not None:
                    lockdown.drop_capabilities()
                lockdown.prctl(lockdown.PR_SET_CHILD_SUBREAPER, 1)
        _collect_loose_text()
        if order["remembers"]:
            figures.remember()
        # Process 1 gets only signals it has a handler for, and Python has one for this.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        watch = keeper.Keeper(control, limits, own_namespace=tier == "full", watch_disk=tier != "full")
        to_keeper, to_student = socket.socketpair()
        pid = os.fork()
        if pid:
            os.close(CHANNEL_FD)
            if proc_folder is not None:
                os.close(proc_folder)
            to_keeper.close()
            _, passed, _, _ = socket.recv_fds(to_student, 1, 1)
            to_student.close()
            watch.run(pid, passed[0] if passed else None)
        os.close(CONTROL_FD)
        to_student.close()
        has_own_user = tier == "full" or user is not None
        listener = _prepare_student(setup, limits, tier, proc_folder, has_own_user=has_own_user)
        socket.send_fds(to_keeper, [b"."], [] if listener is None else [listener])
        to_keeper.close()
        if listener is not None:
            os.close(listener)
        student = student_server.StudentServer(
            shared_shell, socket.socket(fileno=CHANNEL_FD), limits, shell.LooseText(LOOSE_FD)
        )
    except BaseException as error:  # noqa: BLE001 (the box is not as it must be: report it, run nothing)
        with contextlib.suppress(OSError):
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os.write(
                CONTROL_FD, message_format.pack({"ready": False, "error": f"{type(error).__name__}: {error}"})
            )
        os._exit(71)
    student.serve()


def _arrange_descriptors(descriptors: list[int]) -> None:
    """Keep the two sockets, at fixed numbers, and nothing else that was open."""
    # First above all fixed numbers, then down, so that neither overwrites the other.
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100) for descriptor in descriptors]
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for target, descriptor in zip((CONTROL_FD, CHANNEL_FD), high, strict=True):
        os.dup2(descriptor, target, inheritable=False)
    os.closerange(CHANNEL_FD + 1, 4096)


def _collect_loose_text() -> None:
    """Point descriptors 1 and 2 at a nameless file of the box; `student_server` reads it after every cell."""
    made, name = tempfile.mkstemp(dir=".")
    os.unlink(name)
    fcntl.fcntl(made, fcntl.F_SETFL, os.O_APPEND)
    high = fcntl.fcntl(made, fcntl.F_DUPFD, 100)
    os.dup2(high, LOOSE_FD, inheritable=False)
    for descriptor in (1, 2):
        os.dup2(high, descriptor)
    for descriptor in {made, high} - {1, 2, LOOSE_FD}:
        os.close(descriptor)


def _enter_namespaces(limits: dict[str, Any], *, cover_tmp: bool) -> int:
    """New user, process, mount, network, IPC, host-name and cgroup namespaces, with private file systems.

    Returns
    -------
    int
        The one descriptor through which `/proc` can be written.
    """
    user, group = os.getuid(), os.getgid()
    lockdown.prctl(lockdown.PR_SET_PDEATHSIG, lockdown.SIGKILL)
    lockdown.unshare(lockdown.EVERY_NAMESPACE)
    # The zygote hides its memory, and its files in /proc belong to root for that; for a moment, not.
    lockdown.prctl(lockdown.PR_SET_DUMPABLE, 1)
    lockdown.map_ids(user, group, INNER_ID)
    pid = os.fork()
    if pid:
        # Dies with the zygote; process 1 of the box dies with it.
        lockdown.drop_capabilities()
        os.closerange(0, 4096)
        os.waitpid(pid, 0)
        os._exit(0)
    lockdown.prctl(lockdown.PR_SET_PDEATHSIG, lockdown.SIGKILL)
    quiet = lockdown.MS_NOSUID | lockdown.MS_NODEV
    lockdown.mount(None, "/", None, lockdown.MS_REC | lockdown.MS_PRIVATE)
    quota = f"size={limits['disk_bytes']},nr_inodes={limits['files']},mode=700"
    lockdown.mount("tmpfs", BOX, "tmpfs", quiet, quota)
    # One quota for all that can be written: /tmp and /dev/shm are folders of the box.
    for name, target in ((".tmp", "/tmp"), (".shm", "/dev/shm")):
        os.mkdir(f"{BOX}/{name}", 0o700)
        if target == "/tmp" and not cover_tmp:
            continue  # an interpreter lies there; $TMPDIR says where to write
        lockdown.mount(f"{BOX}/{name}", target, None, lockdown.MS_BIND)
    lockdown.mount(None, CACHES, None, quiet | lockdown.MS_REMOUNT | lockdown.MS_BIND | lockdown.MS_RDONLY)
    without_programs = quiet | lockdown.MS_NOEXEC
    lockdown.mount("proc", "/proc", "proc", without_programs, "subset=pid")
    opened = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    proc_folder = fcntl.fcntl(opened, fcntl.F_DUPFD, 100)  # above all fixed numbers
    os.close(opened)
    # Above it the same again, which cannot be written.
    lockdown.mount("/proc", "/proc", None, lockdown.MS_BIND)
    read_only = lockdown.MS_REMOUNT | lockdown.MS_BIND | lockdown.MS_RDONLY
    lockdown.mount(None, "/proc", None, without_programs | read_only)
    lockdown.drop_capabilities()
    lockdown.prctl(lockdown.PR_SET_DUMPABLE, 0)
    return proc_folder


def _prepare_student(
    setup: dict[str, Any],
    limits: dict[str, Any],
    tier: str,
    proc_folder: int | None,
    *,
    has_own_user: bool,
) -> int | None:
    """The last locks, in the process that will run student code; where its filter asks for signals."""
    listener = None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    if tier != "full":
        os.mkdir(".tmp", 0o700)
    os.environ |= {"HOME": os.getcwd(), "TMPDIR": f"{os.getcwd()}/.tmp"}
    tempfile.tempdir = None
    if sys.platform == "linux":
        # The keeper adds up these processes' memory, and may look at it only so.
        lockdown.prctl(lockdown.PR_SET_DUMPABLE, 1)
        _be_ended_first(proc_folder)
        # Of a user that other boxes have too, the kernel would count all.
        most = limits["processes"] + keeper.SPARE_PROCESSES if has_own_user else None
        lockdown.limit_resources(limits, processes=most)
        if tier == "landlock":
            lockdown.restrict_files(setup["readable"], [os.getcwd(), *setup["devices"]])
        if tier != "none":
            listener = lockdown.install_filter(signals=lockdown.can_ask(), in_own_view=tier == "full")
        student_view.hide_memory_size(limits["memory_bytes"])
    random_states.reseed()
    return listener


def _be_ended_first(proc_folder: int | None) -> None:
    """If the machine runs out of memory all the same, this process and what it starts are ended first."""
    own = f"{os.getpid()}/oom_score_adj"
    with contextlib.suppress(OSError):
        if proc_folder is None:
            descriptor = os.open(f"/proc/{own}", os.O_WRONLY)
        else:
            descriptor = os.open(own, os.O_WRONLY, dir_fd=proc_folder)
            os.close(proc_folder)
        os.write(descriptor, b"1000")
        os.close(descriptor)


def _take_memo(module: str, data: Any) -> int:
    return int(importlib.import_module(module).import_memo(data.tobytes()))


def _is_installed(entry: str) -> bool:
    """Whether a place on the path belongs to Python's installation or to the engine."""
    engine = os.path.dirname(os.path.dirname(__file__))
    homes = (sys.prefix, sys.base_prefix, sys.base_exec_prefix, engine)
    return any(entry == home or entry.startswith(home + os.sep) for home in homes)


def _thread_count() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return len(sys._current_frames())
