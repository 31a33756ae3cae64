"""The kernel's locks, through ctypes: namespaces, mounts, capabilities, limits, seccomp, Landlock.

Each function does one thing and raises OSError when the kernel refuses; nothing here decides policy and
nothing falls back. Linux on x86-64 and aarch64.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from . import seccomp

_libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
EVERY_NAMESPACE = (
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE, MNT_DETACH = 16384, 1 << 18, 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CAP_SETGID, CAP_SETUID = 6, 7
SECCOMP, SECCOMP_SET_FILTER, SECCOMP_GET_ACTION_AVAIL = (317, 277), 1, 2
SECCOMP_NEW_LISTENER, SECCOMP_WAIT_KILLABLE = 8, 32
TGKILL, PIVOT_ROOT = (234, 131), (155, 41)
SIGKILL = 9
CAPABILITY_VERSION_3 = 0x20080522
MADV_COLLAPSE, HUGE_PAGE_BYTES = 25, 2 << 20

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read a file, read a directory
LANDLOCK_ON_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
LANDLOCK_GOVERNS_TRUNCATION = 3  # the version from which on
LANDLOCK_DEVICES = 1 << 6 | 1 << 11  # make character and block devices


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def prctl(option: int, *values: int) -> None:
    """One process setting."""
    words = [ctypes.c_ulong(word) for word in (option, *values, 0, 0, 0, 0)][:5]
    _check(_libc.prctl(*words), f"prctl {option}")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """`mount(2)`."""
    words = [None if word is None else word.encode() for word in (source, target, kind, data)]
    _check(
        _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]),
        f"mount {kind or source} on {target}",
    )


def enter_namespace(descriptor: int, kind: int) -> None:
    """`setns(2)`."""
    _check(_libc.setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def make_root(folder: str) -> None:
    """See `folder`, which is a mount of its own, as `/`, and nothing of what was there."""
    os.chdir(folder)
    column = list(seccomp.ARCHITECTURES).index(platform.machine())
    _check(_libc.syscall(PIVOT_ROOT[column], b".", b"."), f"pivot_root to {folder}")
    _check(_libc.umount2(b".", MNT_DETACH), "umount of the old root")
    os.chdir("/")


def map_ids(user: int, group: int, inner: int) -> None:
    """Inside a new user namespace be `inner`, and let no other ids exist."""
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{inner} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{inner} {group} 1", encoding="ascii")


def drop_capabilities() -> None:
    """Give up every capability, and the way back to any."""
    for capability in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, struct.pack("6I", 0, 0, 0, 0, 0, 0)), "capset")


def keep_capabilities(*kept: int) -> None:
    """Keep these capabilities, also for the program that this process becomes, and no others."""
    bits = sum(1 << capability for capability in kept)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, struct.pack("6I", bits, bits, bits, 0, 0, 0)), "capset")
    for capability in kept:
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def limit_resources(
    limits: Mapping[str, Any], *, processes: int | None, proc_folder: int | None = None
) -> None:
    """The per-process limits of the student's processes, soft and hard alike.

    Parameters
    ----------
    limits : mapping
        `memory_bytes` on top of what this process has mapped, `cpu_s`, `file_bytes`, `descriptors`.
    processes : int or None
        At most so many of this user (in this user namespace); None where that would count processes of
        others.
    proc_folder : int or None
        A descriptor of a `/proc` that shows this process; by its path without one.
    """
    place = "/proc/self/statm" if proc_folder is None else "self/statm"
    descriptor = os.open(place, os.O_RDONLY, dir_fd=proc_folder)
    mapped = int(os.read(descriptor, 200).split()[0]) * os.sysconf("SC_PAGE_SIZE")
    os.close(descriptor)
    cpu_s = int(limits["cpu_s"]) + 1
    for kind, value in (
        (resource.RLIMIT_CORE, 1),  # 0 would still feed a core pattern that is a program
        (resource.RLIMIT_AS, mapped + limits["memory_bytes"]),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["descriptors"]),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 256),
    ):
        resource.setrlimit(kind, (value, value))
    if processes is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))


def can_ask() -> bool:
    """Whether this kernel's filters can ask another process (Linux 5.0)."""
    action = ctypes.create_string_buffer(struct.pack("I", seccomp.ASK))
    answer: int = _libc.syscall(_seccomp_number(), SECCOMP_GET_ACTION_AVAIL, 0, action)
    return answer == 0


def install_filter(*, signals: bool, in_own_view: bool = True) -> int | None:
    """Allow only the system calls of `seccomp`, for this process and all it starts.

    Returns
    -------
    int or None
        With `signals` the descriptor at which another process answers for them (`signals.SignalGate`).
    """
    truncates = in_own_view or landlock_version() >= LANDLOCK_GOVERNS_TRUNCATION
    program = seccomp.build(platform.machine(), signals=signals, in_own_view=in_own_view, truncates=truncates)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    pointer = ctypes.create_string_buffer(header, len(header))
    if not signals:
        _install(pointer, 0)
        return None
    try:
        # A signal to oneself does not interrupt the wait for its own answer (Linux 5.19).
        return _install(pointer, SECCOMP_NEW_LISTENER | SECCOMP_WAIT_KILLABLE)
    except OSError:
        return _install(pointer, SECCOMP_NEW_LISTENER)


def signal_thread(process: int, thread: int, number: int) -> None:
    """`tgkill(2)`."""
    column = list(seccomp.ARCHITECTURES).index(platform.machine())
    _check(_libc.syscall(TGKILL[column], process, thread, number), "tgkill")


def collapse_memory() -> int:
    """Put this process's own memory into huge pages where the kernel can; the bytes it did.

    A fork copies one entry for such a page instead of 512, and its end frees one: half of either's time.
    """
    done = 0
    with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        lines = file.read().splitlines()
    for line in lines:
        fields = line.split(maxsplit=5)
        if fields[1] != "rw-p" or (len(fields) > 5 and fields[5] != "[heap]"):
            continue
        low, high = (int(word, 16) for word in fields[0].split("-"))
        low, high = -(-low // HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES, high // HUGE_PAGE_BYTES * HUGE_PAGE_BYTES
        if low >= high:
            continue
        if _libc.madvise(ctypes.c_void_p(low), ctypes.c_size_t(high - low), MADV_COLLAPSE) == 0:
            done += high - low
    return done


def landlock_version() -> int:
    """The version of Landlock this kernel has; 0 when it has none or it is switched off."""
    version: int = _libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(0, version)


def restrict_files(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Let this process read only below `readable` and write only below `writable`; no TCP, no signals out.

    What older versions of Landlock cannot refuse (truncation before 3, TCP before 4, signals before 6) is
    refused by the filter of system calls.
    """
    version = landlock_version()
    files = (
        (1 << 13) - 1 | (1 << 13) * (version >= 2) | (1 << 14) * (version >= 3) | (1 << 15) * (version >= 5)
    )
    attributes = struct.pack("QQQ", files, 3 * (version >= 4), 3 * (version >= 6))
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = _check(
        _libc.syscall(LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0)),
        "landlock_create_ruleset",
    )
    for paths, rights in ((readable, LANDLOCK_READ), (writable, files & ~LANDLOCK_DEVICES)):
        for path in paths:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = rights if os.path.isdir(path) else rights & LANDLOCK_ON_FILES
            rule = struct.pack("=Qi", allowed & files, place)
            words = (ctypes.c_int(rules), ctypes.c_int(1), rule, ctypes.c_uint32(0))
            _check(_libc.syscall(LANDLOCK_ADD, *words), f"landlock rule for {path}")
            os.close(place)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    _check(
        _libc.syscall(LANDLOCK_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0)), "landlock_restrict_self"
    )
    os.close(rules)


def _install(program: ctypes.Array[ctypes.c_char], flags: int) -> int:
    words = (ctypes.c_uint(SECCOMP_SET_FILTER), ctypes.c_uint(flags), program)
    return _check(_libc.syscall(_seccomp_number(), *words), "seccomp")


def _seccomp_number() -> int:
    return SECCOMP[list(seccomp.ARCHITECTURES).index(platform.machine())]


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
