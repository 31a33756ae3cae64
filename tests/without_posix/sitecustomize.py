"""Python's start where this folder is on PYTHONPATH: our packages see a system without POSIX, as on Windows.

What Windows lacks is hidden from `autograder` and `init_utils` alone: Python's library and other packages
have their own ways there, which are not ours to test. Processes that ours start begin with this file, too.
"""

from __future__ import annotations

import builtins
import sys
import types
from typing import Any

OURS = ("autograder", "init_utils", "__main__")
MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
# Names that Windows has not, by module.
NAMES = {
    "mmap": """MADV_DONTFORK MADV_DONTNEED MADV_FREE MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED
        MAP_ANON MAP_ANONYMOUS MAP_NORESERVE MAP_POPULATE MAP_PRIVATE MAP_SHARED MAP_STACK PROT_EXEC PROT_READ
        PROT_WRITE""",
    "os": """chown chroot fchmod fchown fork forkpty getegid geteuid getgid getgroups getpgid getpgrp
        getresuid getsid getuid initgroups kill killpg lchown mkfifo mknod nice openpty pidfd_open pipe2
        posix_fadvise posix_spawn pread preadv pwrite register_at_fork sched_getaffinity sched_setaffinity
        sched_yield setegid seteuid setgid setgroups setpgid setpriority setsid setuid statvfs sysconf
        tcgetpgrp uname wait wait3 wait4 waitid WNOHANG WEXITSTATUS WIFEXITED O_CLOEXEC O_DIRECTORY O_NOFOLLOW
        O_NONBLOCK O_PATH""",
    "select": "epoll poll",
    "signal": """alarm getitimer pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigwait
        sigwaitinfo ITIMER_PROF ITIMER_REAL ITIMER_VIRTUAL SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE
        SIGPROF SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGVTALRM SIGXCPU SIGXFSZ SIG_BLOCK SIG_SETMASK""",
    "socket": "AF_UNIX SCM_RIGHTS CMSG_LEN CMSG_SPACE recv_fds send_fds",
    "time": """clock_getres clock_gettime clock_gettime_ns clock_settime pthread_getcpuclockid tzset
        CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME CLOCK_THREAD_CPUTIME_ID""",
}
SHOWN: dict[str, dict[str, Any]] = {
    "os": {"supports_dir_fd": frozenset(), "supports_fd": frozenset()},
    "sys": {"platform": "win32"},
}


class Seen(types.ModuleType):
    """A module as it is on a system that lacks some of its names and has other values of some."""

    def __init__(self, module: types.ModuleType, lacks: frozenset[str], other: dict[str, Any]) -> None:
        super().__init__(module.__name__)
        vars(self).update({"_seen": (module, lacks, other)})

    def __getattr__(self, name: str) -> Any:
        module, lacks, other = vars(self)["_seen"]
        if name in other:
            return other[name]
        if name in lacks:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        return getattr(module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(vars(self)["_seen"][0], name, value)

    def __delattr__(self, name: str) -> None:
        delattr(vars(self)["_seen"][0], name)


_import = builtins.__import__
_open = builtins.open
_seen: dict[str, Seen] = {}


def _imported(
    name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
) -> types.ModuleType:
    ours = globals is not None and str(globals.get("__name__")).partition(".")[0] in OURS
    if ours and not level and name in MODULES:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module = _import(name, globals, locals, fromlist, level)
    if ours and not level and name in (*NAMES, *SHOWN):
        if name not in _seen:
            lacks = frozenset(NAMES.get(name, "").split())
            _seen[name] = Seen(module, lacks, SHOWN.get(name, {}))
        return _seen[name]
    if ours and not level and name == "subprocess":
        return _seen.setdefault(name, Seen(module, frozenset(), {"Popen": _popen(module)}))
    return module


def _popen(subprocess: Any) -> Any:
    class Popen(subprocess.Popen):  # type: ignore[misc, name-defined]
        def __init__(self, *words: Any, **how: Any) -> None:
            for name in ("pass_fds", "preexec_fn"):
                if how.get(name):
                    raise ValueError(f"{name} is not supported on Windows platforms")
            super().__init__(*words, **how)

    return Popen


def _opened(file: Any, *words: Any, **how: Any) -> Any:
    if str(file).startswith("/proc/") and _caller() in OURS:
        raise FileNotFoundError(2, "No such file or directory", str(file))
    return _open(file, *words, **how)


def _caller() -> str:
    return str(sys._getframe(2).f_globals.get("__name__")).partition(".")[0]


builtins.__import__ = _imported
builtins.open = _opened
