"""What no notebook may do, as small programs that try it. Data for `selfcheck`.

Each act is the body of a function that runs inside a box; `given` holds what the grader prepared outside
(paths, ports, process numbers). It returns something true when the act succeeded, and raises or returns
something false when it was refused.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Act:
    """One forbidden act.

    Attributes
    ----------
    id : str
    what : str
        The act in words, as `autograder doctor` shows it.
    body : str
        The lines of the function that tries it.
    """

    id: str
    what: str
    body: str


# Runs before every act. A call answered by anything but these three errors reached the kernel's own code.
PRELUDE = """
import errno, os, platform, socket, struct
# In WebAssembly there are no system calls: what a function of Python's would do there is missing with it.
in_wasm = platform.machine() == "wasm32"
missing = (AttributeError, NameError) if in_wasm else ()
if not in_wasm:
    import ctypes
    _libc = ctypes.CDLL(None, use_errno=True)
_column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
def reaches(numbers, *arguments):
    if in_wasm:
        raise OSError(errno.ENOSYS, "there are no system calls")
    ctypes.set_errno(0)
    result = _libc.syscall(numbers[_column], *[ctypes.c_long(a) for a in arguments])
    error = ctypes.get_errno()
    if result == 0 and numbers[0] == 56:
        os._exit(0)  # the new process, where clone was allowed
    if result < 0 and error in (errno.EPERM, errno.ENOSYS, errno.EACCES):
        raise OSError(error, os.strerror(error))
    return f"the kernel answered {result if result >= 0 else errno.errorcode.get(error, error)}"
def writes(path):
    name = os.path.join(path, "autograder-was-here")
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o600))
    os.unlink(name)
    return f"wrote into {path}"
"""

# id, what, x86-64 number, aarch64 number, arguments
_CALLS = (
    ("ptrace", "trace a process", 101, 117, "0, 0, 0, 0"),
    ("process_vm_readv", "read another process's memory", 310, 270, "1, 0, 0, 0, 0, 0"),
    ("unshare", "make a user namespace", 272, 97, "0x10000000"),
    ("setns", "enter another namespace", 308, 268, "-1, 0"),
    (
        "clone-newuser",
        "start a process in a new user namespace",
        56,
        220,
        "0x10000000 | 0x80000000, 0, 0, 0, 0",
    ),
    ("mount", "mount a file system", 165, 40, "0, 0, 0, 0, 0"),
    ("umount", "unmount a file system", 166, 39, "0, 0"),
    ("pivot_root", "change the root", 155, 41, "0, 0"),
    ("chroot", "change the root folder", 161, 51, "0"),
    ("fsopen", "open a file system", 430, 430, "0, 0"),
    ("move_mount", "move a mount", 429, 429, "-1, 0, -1, 0, 0"),
    ("keyctl", "use the kernel's keys", 250, 219, "0, 0, 0, 0, 0"),
    ("add_key", "add a key", 248, 217, "0, 0, 0, 0, 0"),
    ("bpf", "load a kernel program", 321, 280, "0, 0, 0"),
    ("perf_event_open", "watch the processor", 298, 241, "0, 0, -1, -1, 0"),
    ("io_uring", "use io_uring", 425, 425, "1, 0"),
    ("userfaultfd", "handle page faults", 323, 282, "0"),
    ("memfd_create", "make memory that no watch sees", 319, 279, "0, 0"),
    ("shmget", "make System V shared memory", 29, 194, "12345, 0, 0"),
    ("msgget", "make a System V message queue", 68, 186, "12345, 0"),
    ("mq_open", "make a POSIX message queue", 240, 180, "0, 0, 0, 0"),
    ("open_by_handle_at", "open a file by its handle", 304, 265, "-1, 0, 0"),
    ("pidfd_getfd", "take another process's descriptor", 438, 438, "-1, -1, 0"),
    ("syslog", "read the kernel's log", 103, 116, "10, 0, 0"),
    ("init_module", "load a kernel module", 175, 105, "0, 0, 0"),
    ("kexec_load", "load another kernel", 246, 104, "0, 0, 0, 0"),
    ("personality", "change how programs are loaded", 135, 92, "0x0040000"),
    ("setuid", "become root", 105, 146, "0"),
    ("setgroups", "join a group", 116, 159, "0, 0"),
    ("prlimit-others", "set another process's limits", 302, 261, "1, 7, 0, 0"),
    ("setpriority", "change priorities", 141, 140, "0, 0, 0"),
    ("sysinfo", "ask for the machine's load", 99, 179, "0"),
    ("mknod", "make a device", 259, 33, "-100, 0, 0, 0"),
)

_BODIES = (
    (
        "network-tcp",
        "connect to a server on this machine",
        "return socket.create_connection(('127.0.0.1', given['port']), timeout=2)",
    ),
    (
        "network-udp",
        "send a datagram",
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "return s.sendto(b'x', ('127.0.0.1', given['port']))",
    ),
    ("network-ipv6", "open an IPv6 socket", "return socket.socket(socket.AF_INET6, socket.SOCK_STREAM)"),
    ("network-raw", "open a packet socket", "return socket.socket(17, socket.SOCK_RAW)"),
    ("network-netlink", "open a netlink socket", "return socket.socket(16, socket.SOCK_RAW)"),
    (
        "unix-abstract",
        "connect to an abstract socket of this machine",
        "s = socket.socket(socket.AF_UNIX); s.connect('\\0' + given['abstract']); return True",
    ),
    (
        "unix-path",
        "connect to a socket file outside",
        "s = socket.socket(socket.AF_UNIX); s.connect(given['socket_file']); return True",
    ),
    ("read-shadow", "read /etc/shadow", "return open('/etc/shadow').read(1)"),
    ("read-gradebook", "read the gradebook", "return open(given['gradebook']).read(1)"),
    ("write-gradebook", "write the gradebook", "return open(given['gradebook'], 'a').write('x')"),
    ("read-neighbour", "read another student's submission", "return open(given['neighbour']).read(1)"),
    ("list-course", "list the course's folder", "return os.listdir(given['course'])"),
    (
        "list-homes",
        "list people's homes",
        "found = []\n"
        "for place in given['homes']:\n"
        "    try: found += [name for name in os.listdir(place) if f'{place}/{name}' not in given['shown']]\n"
        "    except OSError: pass\n"
        "return found",
    ),
    ("read-grader", "read the grader's own files", "return open(given['grader']).read(1)"),
    ("import-grader", "import the grader", "import autograder.examiner; return True"),
    (
        "environment",
        "see the grader's environment",
        "return [name for name in os.environ if name == given['variable']]",
    ),
    (
        "see-processes",
        "see other processes",
        "return open('/proc/%d/cmdline' % given['victim']).read()",
    ),
    (
        "process-numbers",
        "find a process outside by its number",
        "import time\n"
        "other, found = given['victim'], []\n"
        "for ask in (\n"
        "    os.getpgid, os.getsid, os.sched_getaffinity, os.sched_getscheduler, os.pidfd_open,\n"
        "    lambda pid: os.getpriority(os.PRIO_PROCESS, pid),\n"
        "    lambda pid: time.clock_gettime(~pid << 3 | 2),\n"
        "):\n"
        "    try: found.append(ask(other))\n"
        "    except OSError: pass\n"
        "try: os.kill(other, 0)\n"
        "except ProcessLookupError: pass\n"
        "except OSError: found.append('kill')\n"
        "return found",
    ),
    (
        "truncate",
        "empty a file outside",
        "os.truncate(given['gradebook'], 0); return True",
    ),
    ("kill-outside", "signal a process outside", "os.kill(given['victim'], 0); return True"),
    (
        "keeper-memory",
        "write into the keeper's memory",
        "return open('/proc/%d/mem' % (os.getsid(0) or 1), 'r+b')",
    ),
    ("write-root", "write into /", "return writes('/')"),
    ("write-usr", "write into /usr", "return writes('/usr')"),
    ("write-etc", "write into /etc", "return writes('/etc')"),
    ("write-dev", "write into /dev", "return writes('/dev')"),
    ("write-var", "write into /var/tmp", "return writes('/var/tmp')"),
    ("write-python", "write into the interpreter", "return writes(os.path.dirname(os.__file__))"),
    (
        "write-packages",
        "write into installed packages",
        "import numpy; return writes(os.path.dirname(numpy.__file__))",
    ),
    (
        "write-engine",
        "write into the engine",
        "import inside; return writes(os.path.dirname(inside.__file__))",
    ),
    ("write-caches", "write into the caches that all share", "return writes(os.environ['MPLCONFIGDIR'])"),
    ("write-sys", "write into /sys or /proc/sys", "return writes('/sys') or writes('/proc/sys')"),
    (
        "setuid-program",
        "gain rights through a set-user-id program",
        "return _libc.prctl(39, 0, 0, 0, 0) != 1 and 'no_new_privs is off'",
    ),
    (
        "raise-limits",
        "raise one's own limits",
        "import resource; soft, hard = resource.getrlimit(resource.RLIMIT_CPU)\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (hard + 1000, hard + 1000)) if hard > 0 else 1; return True",
    ),
    (
        "out-of-memory-order",
        "choose who is ended first when memory is short",
        "return open('/proc/self/oom_score_adj', 'w').write('-1000')",
    ),
    (
        "lock",
        "lock a file that all boxes read",
        "import fcntl\n"
        "one, other = open(os.__file__), open(os.__file__)\n"
        "fcntl.flock(one, fcntl.LOCK_EX)\n"
        "try: fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "except OSError: return 'the lock holds'",
    ),
    (
        "lease",
        "take a lease of a file",
        "import fcntl; return not fcntl.fcntl(open(os.__file__), 1024, fcntl.F_RDLCK)",
    ),
    (
        "unix-datagram",
        "send a datagram to a socket outside",
        "s = socket.socketpair(type=socket.SOCK_DGRAM)[0]\nreturn s.sendto(b'x', '\\0' + given['abstract'])",
    ),
    (
        "change-mode",
        "change the mode of a file outside",
        "before = os.stat(given['gradebook']).st_mode\n"
        "os.chmod(given['gradebook'], 0o604)\n"
        "return os.stat(given['gradebook']).st_mode != before",
    ),
    (
        "change-time",
        "change the times of a file outside",
        "os.utime(given['gradebook'], (5, 5)); return os.stat(given['gradebook']).st_mtime == 5",
    ),
    (
        "core-dump",
        "leave a core dump",
        "import resource; return resource.getrlimit(resource.RLIMIT_CORE)[1] > 1",
    ),
    (
        "descriptors",
        "find an inherited descriptor",
        "found = []\n"
        "for fd in range(3, 1024):\n"
        "    try: mode = os.fstat(fd).st_mode\n"
        "    except OSError: continue\n"
        "    if in_wasm and mode & 0o170000 == 0o040000: continue  # its own folders\n"
        "    found.append((fd, oct(mode)))\n"
        "odd = [f for f in found if not f[1].startswith('0o140') and f[0] != given['loose']]\n"
        "return odd or len(found) > 3",
    ),
    (
        "shared-memory",
        "make memory that its process can hide",
        "import mmap; return mmap.mmap(-1, 4096)",
    ),
    (
        "zero-device",
        "the same through /dev/zero",
        "return open('/dev/zero', 'r+b')",
    ),
    (
        "terminal",
        "type into the grader's terminal",
        "import fcntl\nfor fd in range(3): fcntl.ioctl(fd, 0x5412, b'x')\nreturn True",
    ),
    (
        "canary",
        "find the grader's secrets in memory",
        "first, second = given['canary_head'].encode(), given['canary_tail_reversed'].encode()[::-1]\n"
        "found = 0\n"
        "with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:\n"
        "    for line in maps:\n"
        "        span, rights = line.split()[:2]\n"
        "        low, high = (int(x, 16) for x in span.split('-'))\n"
        "        if not rights.startswith('r') or high - low > 1 << 30 or '[v' in line: continue\n"
        "        try: memory.seek(low); data = memory.read(high - low)\n"
        "        except (OSError, ValueError): continue\n"
        "        at = data.find(first)\n"
        "        while at >= 0:\n"
        "            found += data[at + len(first):at + len(first) + len(second)] == second\n"
        "            at = data.find(first, at + 1)\n"
        "return found",
    ),
    (
        "linecache",
        "find source text of tests in linecache",
        "import linecache, gc\n"
        "return [name for name in linecache.cache if 'source' in name and 'autograder' in name]",
    ),
)

_KILL_KEEPER = (
    "import signal, time; os.kill(os.getsid(0) or 1, signal.SIGKILL); time.sleep(0.1); return False"
)

ACTS = (
    *(Act(name, what, body) for name, what, body in _BODIES),
    *(
        Act(f"call-{name}", what, f"return reaches(({intel}, {arm}), {arguments})")
        for name, what, intel, arm, arguments in _CALLS
    ),
    # Last: where it works there is no box any more.
    Act("kill-keeper", "end the keeper of the box", _KILL_KEEPER),
)
