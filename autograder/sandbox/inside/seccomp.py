"""The system calls that student code may make, as a BPF program for x86-64 and aarch64.

An allow-list: what is not named fails with EPERM, and what is newer than this table with ENOSYS, so that
the C library falls back to what it did before. No sockets but connected pairs, no namespaces, no tracing,
no keys, no io_uring, no anonymous memory files or System V memory (the watch over memory would not see
them), no limits for other processes, nothing about the machine's load (`sysinfo`). Signals are the keeper's
to send or to refuse. Locks on files succeed without acting: boxes read the same files of the interpreter,
and a lock on one would be a message to another box. Where a box has no process numbers of its own, a process
may ask about itself only. Numbers are those of Linux 6.8's headers.

>>> program = build("x86_64", signals=True)
>>> [decide(program, "x86_64", call) for call in ("read", "kill", "flock", "socket", "sysinfo")]
['allow', 'ask', 'succeed', 'EACCES', 'EPERM']
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence
from typing import NamedTuple

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# name, number on x86-64, number on aarch64 ("-": it has none)
ALLOWED = """
    access 21 -, alarm 37 -, arch_prctl 158 -, brk 12 214, chdir 80 49, clock_getres 229 114,
    clock_gettime 228 113, clock_nanosleep 230 115, close 3 57, close_range 436 436,
    copy_file_range 326 285, creat 85 -, dup 32 23, dup2 33 -, dup3 292 24, epoll_create 213 -,
    epoll_create1 291 20, epoll_ctl 233 21, epoll_pwait 281 22, epoll_pwait2 441 441, epoll_wait 232 -,
    eventfd 284 -, eventfd2 290 19, execve 59 221, execveat 322 281, exit 60 93, exit_group 231 94,
    faccessat 269 48, faccessat2 439 439, fadvise64 221 223, fallocate 285 47, fchdir 81 50,
    fdatasync 75 83, fgetxattr 193 10, flistxattr 196 13, fork 57 -, fstat 5 80, fstatfs 138 44,
    fsync 74 82, ftruncate 77 46, futex 202 98, futex_waitv 449 449, get_robust_list 274 100,
    getcpu 309 168, getcwd 79 17, getdents 78 -, getdents64 217 61, getegid 108 177, geteuid 107 175,
    getgid 104 176, getgroups 115 158, getitimer 36 102, getpeername 52 205, getpgid 121 155,
    getpgrp 111 -, getpid 39 172, getppid 110 173, getpriority 140 141, getrandom 318 278,
    getresgid 120 150, getresuid 118 148, getrlimit 97 163, getrusage 98 165, getsid 124 156,
    getsockname 51 204, getsockopt 55 209, gettid 186 178, gettimeofday 96 169, getuid 102 174,
    getxattr 191 8, lgetxattr 192 9, link 86 -, linkat 265 37, listxattr 194 11, llistxattr 195 12,
    lseek 8 62, lstat 6 -, madvise 28 233, map_shadow_stack 453 453, membarrier 324 283, mincore 27 232,
    mkdir 83 -, mkdirat 258 34, mprotect 10 226, mremap 25 216, msync 26 227, munmap 11 215,
    nanosleep 35 101, newfstatat 262 79, open 2 -, openat 257 56, openat2 437 437, pause 34 -,
    pidfd_open 434 434, pipe 22 -, pipe2 293 59, poll 7 -, ppoll 271 73, pread64 17 67, preadv 295 69,
    preadv2 327 286, pselect6 270 72, pwrite64 18 68, pwritev 296 70, pwritev2 328 287, read 0 63,
    readahead 187 213, readlink 89 -, readlinkat 267 78, readv 19 65, recvfrom 45 207, recvmsg 47 212,
    rename 82 -, renameat 264 38, renameat2 316 276, restart_syscall 219 128, rmdir 84 -, rseq 334 293,
    rt_sigaction 13 134, rt_sigpending 127 136, rt_sigprocmask 14 135, rt_sigreturn 15 139,
    rt_sigsuspend 130 133, rt_sigtimedwait 128 137, sched_get_priority_max 146 125,
    sched_get_priority_min 147 126, sched_getaffinity 204 123, sched_getparam 143 121,
    sched_getscheduler 145 120, sched_rr_get_interval 148 127, sched_yield 24 124, select 23 -,
    sendfile 40 71, sendmsg 46 211, set_robust_list 273 99, set_tid_address 218 96, setitimer 38 103,
    setpgid 109 154, setsid 112 157, shutdown 48 210, sigaltstack 131 132, splice 275 76, stat 4 -,
    statfs 137 43, statx 332 291, symlink 88 -, symlinkat 266 36, sync_file_range 277 84, time 201 -,
    timer_create 222 107, timer_delete 226 111, timer_getoverrun 225 109, timer_gettime 224 108,
    timer_settime 223 110, timerfd_create 283 85, timerfd_gettime 287 87, timerfd_settime 286 86,
    times 100 153, truncate 76 45, umask 95 166, uname 63 160, unlink 87 -, unlinkat 263 35, vfork 58 -,
    wait4 61 260, waitid 247 95, write 1 64, writev 20 66
"""
SIGNALS = "kill 62 129, tkill 200 130, tgkill 234 131"
LOCKS = "flock 73 32"
# Landlock does not govern these, whosesoever file it is: where it is the wall they succeed without acting.
MODES = """
    chmod 90 -, chown 92 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, fchown 93 55, fchownat 260 54,
    futimesat 261 -, lchown 94 -, utime 132 -, utimensat 280 88, utimes 235 -
"""
ATTRIBUTES = """
    fremovexattr 199 16, fsetxattr 190 7, lremovexattr 198 15, lsetxattr 189 6, removexattr 197 14,
    setxattr 188 5
"""
TABLES = {"ALLOWED": ALLOWED, "SIGNALS": SIGNALS, "LOCKS": LOCKS, "MODES": MODES, "ATTRIBUTES": ATTRIBUTES}


class Rule(NamedTuple):
    """A call that is allowed only for some values of one argument."""

    numbers: tuple[int, int]  # x86-64, aarch64
    argument: int
    values: tuple[int, ...]  # allowed; or, with `bits`, refused if any bit is set
    bits: bool = False
    error: int = errno.EPERM
    succeeding: tuple[int, ...] = ()  # answered with success, without acting


NEW_NAMESPACES = 0x7E020000
RULES = {
    "clone": Rule((56, 220), 0, (NEW_NAMESPACES,), bits=True),
    "socket": Rule((41, 198), 0, (), error=errno.EACCES),
    "prlimit64": Rule((302, 261), 0, (0,)),  # one's own
    "sched_setaffinity": Rule((203, 122), 0, (0,)),
    # PDEATHSIG, DUMPABLE, NAME, CAPBSET_READ, TIMERSLACK, SUBREAPER, NO_NEW_PRIVS, THP_DISABLE, VMA, AUXV
    "prctl": Rule(
        (157, 167), 0, (1, 2, 3, 4, 15, 16, 23, 29, 30, 36, 37, 38, 39, 41, 42, 0x53564D41, 0x41555856)
    ),
    # DUPFD, GETFD, SETFD, GETFL, SETFL, GETLK, GETOWN, GETSIG, GETOWN_EX, OFD_GETLK, DUPFD_CLOEXEC,
    # GETPIPE_SZ, GET_SEALS; without acting SETLK, SETLKW, OFD_SETLK, OFD_SETLKW. What is left makes the
    # kernel send signals (SETOWN, SETSIG), is seen by others who have the file (SETLEASE, NOTIFY,
    # SET_RW_HINT), or uses up what a user may have of pipes, which boxes of that user feel (SETPIPE_SZ).
    "fcntl": Rule(
        (72, 25), 1, (0, 1, 2, 3, 4, 5, 9, 11, 16, 36, 1030, 1032, 1034), succeeding=(6, 7, 37, 38)
    ),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
    "ioctl": Rule((16, 29), 1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451), error=errno.ENOTTY),
}
# A pair of connected sockets (asyncio wakes itself with one) is a pipe; other kinds can be given an address.
SOCKETPAIR, AF_UNIX, SOCK_STREAM, SOCKET_FLAGS = (53, 199), 1, 1, 0x80800
SENDTO, ADDRESS = (44, 206), 4
# Shared anonymous memory can be let go of by its process and still exist, out of the watch's sight.
TRUNCATE = (76, 45)
MMAP, MMAP_FLAGS, MAP_SHARED_BIT, MAP_ANONYMOUS_BIT = (9, 222), 3, 0x01, 0x20
# Ask about a process or thread by its number; the argument that holds it, 0 for the caller.
PROBES = {
    "getpgid": Rule((121, 155), 0, (0,)),
    "getsid": Rule((124, 156), 0, (0,)),
    "get_robust_list": Rule((274, 100), 0, (0,)),
    "pidfd_open": Rule((434, 434), 0, ()),
    "sched_getaffinity": Rule((204, 123), 0, (0,), error=errno.ENOSYS),  # as on a system that has none
    "sched_getparam": Rule((143, 121), 0, (0,)),
    "sched_getscheduler": Rule((145, 120), 0, (0,)),
    "sched_rr_get_interval": Rule((148, 127), 0, (0,)),
    "getpriority": Rule((140, 141), 1, (0,)),
}
# A clock of another process has a negative number.
CLOCKS = {
    name: Rule(numbers, 0, (0x80000000,), bits=True, error=errno.EINVAL)
    for name, numbers in (
        ("clock_gettime", (228, 113)),
        ("clock_getres", (229, 114)),
        ("clock_nanosleep", (230, 115)),
    )
}
# A thread waits for the end of another by a futex that is not private; the kernel wakes it. Waking
# others by one reaches every box that waits on the same page of a file. Waits: FUTEX_WAIT, FUTEX_WAIT_BITSET.
FUTEX, FUTEX_OPERATION, FUTEX_PRIVATE, FUTEX_WAITS = (202, 98), 1, 128, (0, 256, 9, 9 | 256)
CLONE3 = (435, 435)  # its flags lie in memory, out of a filter's sight: the C library falls back to clone
NEWEST_KNOWN = 453

ALLOW, KILL, ERROR, ASK = 0x7FFF0000, 0x80000000, 0x00050000, 0x7FC00000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN, KEEP_BITS = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
SUCCEED = ERROR  # the error 0
NUMBER_OFFSET, ARCHITECTURE_OFFSET, ARGUMENTS_OFFSET = 0, 4, 16
X32_BIT = 0x40000000


def build(machine: str, *, signals: bool, in_own_view: bool = True, truncates: bool = True) -> bytes:
    """The filter for `machine`, ready for the kernel.

    Parameters
    ----------
    machine : {"x86_64", "aarch64"}
    signals : bool
        Whether the keeper is asked to send a signal; else none is sent.
    in_own_view : bool
        Whether the files that can be named and the processes that have numbers are the box's own. Else
        changing modes, owners and times of files succeeds without acting, a process may ask about itself
        only, and threads are woken by private futexes only (the semaphores of `multiprocessing` need others).
    truncates : bool
        Whether a file may be truncated by its name.

    Raises
    ------
    ValueError
        There is no table for that machine.
    """
    if machine not in ARCHITECTURES:
        raise ValueError(f"no system call table for {machine}; there are {', '.join(ARCHITECTURES)}")
    column = list(ARCHITECTURES).index(machine)
    program = [
        _statement(LOAD, ARCHITECTURE_OFFSET),
        _jump(EQUAL, ARCHITECTURES[machine], 1, 0),
        _statement(RETURN, KILL),
        _statement(LOAD, NUMBER_OFFSET),
        _jump(AT_LEAST, X32_BIT, 0, 1),
        _statement(RETURN, KILL),
    ]
    allowed = set(numbers("ALLOWED", machine)) | set(numbers("MODES", machine) if in_own_view else [])
    rules = dict(RULES)
    if not in_own_view:
        rules |= PROBES | CLOCKS
        allowed -= {rule.numbers[column] for rule in rules.values()} | {FUTEX[column]}
    if not truncates:
        allowed.remove(TRUNCATE[column])
    for first, last in _ranges(sorted(allowed)):
        program += [_jump(AT_LEAST, last + 1, 2, 0), _jump(AT_LEAST, first, 0, 1), _statement(RETURN, ALLOW)]
    for rule in rules.values():
        program += _rule(rule, rule.numbers[column])
    program += _for_number(SOCKETPAIR[column], _connected_pairs())
    program += _for_number(SENDTO[column], _without_address())
    for number in numbers("LOCKS", machine):
        program += _for_number(number, [_statement(RETURN, SUCCEED)])
    if signals:
        for number in numbers("SIGNALS", machine):
            program += _for_number(number, [_statement(RETURN, ASK)])
    if not in_own_view:
        program += _for_number(FUTEX[column], _private_wakes())
        for number in numbers("MODES", machine) + numbers("ATTRIBUTES", machine):
            program += _for_number(number, [_statement(RETURN, SUCCEED)])
    shared_anonymous = [
        _statement(LOAD, ARGUMENTS_OFFSET + 8 * MMAP_FLAGS),
        _jump(ANY_BIT, MAP_ANONYMOUS_BIT, 1, 0),
        _statement(RETURN, ALLOW),
        _jump(ANY_BIT, MAP_SHARED_BIT, 0, 1),
        _error(errno.EPERM),
        _statement(RETURN, ALLOW),
    ]
    program += _for_number(MMAP[column], shared_anonymous)
    program += _for_number(CLONE3[column], [_error(errno.ENOSYS)])
    program += [_jump(AT_LEAST, NEWEST_KNOWN + 1, 0, 1), _error(errno.ENOSYS), _error(errno.EPERM)]
    return b"".join(program)


def numbers(table: str, machine: str) -> list[int]:
    """The call numbers of one of `TABLES`, sorted."""
    column = list(ARCHITECTURES).index(machine) + 1
    rows = [entry.split() for entry in TABLES[table].split(",")]
    return sorted(int(row[column]) for row in rows if row[column] != "-")


def decide(program: bytes, machine: str, call: str | int, *arguments: int) -> str:
    """What a filter decides about one call: `allow`, `ask`, `succeed`, `kill` or the error's name.

    Parameters
    ----------
    call : str or int
        A name of the tables above, or a number.
    """
    column = list(ARCHITECTURES).index(machine)
    number = call if isinstance(call, int) else number_of(call, column)
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<IIQ6Q", number, ARCHITECTURES[machine], 0, *padded)
    instructions = list(struct.iter_unpack("HBBI", program))
    accumulator, position = 0, 0
    while True:
        code, if_true, if_false, operand = instructions[position]
        position += 1
        if code == LOAD:
            accumulator = struct.unpack_from("<I", data, operand)[0]
        elif code == KEEP_BITS:
            accumulator &= operand
        elif code == RETURN:
            return _name_of(operand)
        else:
            tests = {
                EQUAL: accumulator == operand,
                AT_LEAST: accumulator >= operand,
                ANY_BIT: accumulator & operand,
            }
            position += if_true if tests[code] else if_false


def _rule(rule: Rule, number: int) -> list[bytes]:
    block = [_statement(LOAD, ARGUMENTS_OFFSET + 8 * rule.argument)]
    if rule.bits:
        block += [_jump(ANY_BIT, rule.values[0], 0, 1), _error(rule.error), _statement(RETURN, ALLOW)]
        return _for_number(number, block)
    for values, action in ((rule.values, ALLOW), (rule.succeeding, SUCCEED)):
        for value in values:
            block += [_jump(EQUAL, value, 0, 1), _statement(RETURN, action)]
    return _for_number(number, [*block, _error(rule.error)])


def _connected_pairs() -> list[bytes]:
    refused = _error(errno.EACCES)
    return [
        _statement(LOAD, ARGUMENTS_OFFSET),
        _jump(EQUAL, AF_UNIX, 1, 0),
        refused,
        _statement(LOAD, ARGUMENTS_OFFSET + 8),
        _statement(KEEP_BITS, 0xFFFFFFFF & ~SOCKET_FLAGS),
        _jump(EQUAL, SOCK_STREAM, 1, 0),
        refused,
        _statement(RETURN, ALLOW),
    ]


def _private_wakes() -> list[bytes]:
    """Every operation of a private futex, and waiting on another; the rest wakes nobody."""
    allow = _statement(RETURN, ALLOW)
    block = [
        _statement(LOAD, ARGUMENTS_OFFSET + 8 * FUTEX_OPERATION),
        _jump(ANY_BIT, FUTEX_PRIVATE, 0, 1),
        allow,
    ]
    for operation in FUTEX_WAITS:
        block += [_jump(EQUAL, operation, 0, 1), allow]
    return [*block, _statement(RETURN, SUCCEED)]


def _without_address() -> list[bytes]:
    refused = _error(errno.EACCES)
    halves = [ARGUMENTS_OFFSET + 8 * ADDRESS, ARGUMENTS_OFFSET + 8 * ADDRESS + 4]
    checks = [part for half in halves for part in (_statement(LOAD, half), _jump(EQUAL, 0, 1, 0), refused)]
    return [*checks, _statement(RETURN, ALLOW)]


def _for_number(number: int, block: Sequence[bytes]) -> list[bytes]:
    """`block` (which returns), run for one call only."""
    return [_jump(EQUAL, number, 0, len(block)), *block]


def _ranges(values: Sequence[int]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for value in sorted(set(values)):
        if result and result[-1][1] == value - 1:
            result[-1] = (result[-1][0], value)
        else:
            result.append((value, value))
    return result


def number_of(call: str, column: int) -> int:
    """The number of a call that a table or a rule names."""
    special = {"mmap": MMAP, "socketpair": SOCKETPAIR, "sendto": SENDTO, "sysinfo": (99, 179)}
    special |= {name: rule.numbers for name, rule in RULES.items()}
    if call in special:
        return special[call][column]
    rows = {row.split()[0]: row.split()[1:] for row in ",".join(TABLES.values()).split(",")}
    return int(rows[call][column])


def _name_of(action: int) -> str:
    names = {ALLOW: "allow", KILL: "kill", ASK: "ask", SUCCEED: "succeed"}
    return names.get(action) or errno.errorcode[action & 0xFFFF]


def _statement(code: int, operand: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, operand)


def _jump(code: int, operand: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, operand)


def _error(number: int) -> bytes:
    return _statement(RETURN, ERROR | number)
