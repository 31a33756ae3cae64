"""Two boxes side by side share a kernel and read-only files: neither learns what the other does with them."""

from __future__ import annotations

import json
import textwrap

import pytest

from autograder.sandbox import Limits, Preload, Sandbox, tier_parts

LIMITS = Limits(cell_s=20, submission_s=60, memory_bytes=512 << 20)


@pytest.fixture(scope="module", params=["full", "landlock"])
def sandbox(request):
    obstacle = tier_parts.obstacle(request.param)
    if obstacle is not None:
        pytest.skip(f"tier {request.param}: {obstacle}")
    with Sandbox(request.param, LIMITS, preload=Preload(modules=("numpy",))) as made:
        yield made


def printed(box, source: str) -> str:
    run = box.run_cell(textwrap.dedent(source))
    assert run.verdict is None, run
    return "".join(output["text"] for output in run.outputs if output["output_type"] == "stream")


# name -> what the first box does, what the second sees of it. `FILE` is one that both read, `kept` lives on.
CHANNELS = {
    "flock": (
        "kept = open(FILE); fcntl.flock(kept, fcntl.LOCK_EX)",
        "fcntl.flock(open(FILE), fcntl.LOCK_EX | fcntl.LOCK_NB); return 0",
    ),
    "record lock": (
        "kept = open(FILE); fcntl.lockf(kept, fcntl.LOCK_SH)",
        "return struct.unpack('hhqqi', fcntl.fcntl(open(FILE), fcntl.F_GETLK, "
        "struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 0, 0))[:28])[0] != fcntl.F_UNLCK",
    ),
    "lease": ("kept = open(FILE); fcntl.fcntl(kept, 1024, fcntl.F_RDLCK)", "return 0"),
    "notify": ("kept = os.open(os.path.dirname(FILE), os.O_RDONLY); fcntl.fcntl(kept, 1026, 4)", "return 0"),
    "write hint": (
        "kept = open(FILE); fcntl.fcntl(kept, 1036, struct.pack('Q', 3))",
        "return struct.unpack('Q', fcntl.fcntl(open(FILE), 1035, bytes(8)))[0]",
    ),
    "mode": (
        "os.chmod(FILE, 0o604)",
        "return os.stat(FILE).st_mode & 0o777 == 0o604",
    ),
    "time": ("os.utime(FILE, (5, 5))", "return os.stat(FILE).st_mtime == 5"),
    "attribute": ("os.setxattr(FILE, 'user.x', b'1')", "return os.listxattr(FILE)"),
    "abstract socket": (
        "kept = socket.socketpair(type=socket.SOCK_DGRAM)[0]; kept.sendto(b'x', chr(0) + 'channel')",
        "return 0",
    ),
    "semaphore": (
        "kept = ctypes.CDLL(None).sem_open(b'/channel', 64, 0o600, 1)\nif not kept: raise OSError",
        "return os.path.exists('/dev/shm/sem.channel')",
    ),
    "shared memory": (
        "kept = ctypes.CDLL(None).shmget(7, 4096, 0o1666)\nif kept < 0: raise OSError",
        "return ctypes.CDLL(None).shmget(7, 4096, 0) >= 0",
    ),
    "file in a folder for all": (
        "for folder in ('/tmp', '/var/tmp', '/dev/shm', os.environ['MPLCONFIGDIR']):\n"
        "    try: open(folder + '/channel', 'w').close()\n"
        "    except OSError: pass",
        "return [f for f in ('/tmp', '/var/tmp', '/dev/shm', os.environ['MPLCONFIGDIR']) "
        "if os.path.exists(f + '/channel')]",
    ),
    "processes": (
        "kept = [subprocess.Popen(['sleep', '30']) for _ in range(8)]",
        "return seen_processes() > 2",
    ),
    "load of the machine": ("kept = bytearray(64 << 20)", "return sysinfo()"),
    "files of the machine": (
        "pass",
        "return [p for p in ('loadavg', 'meminfo', 'locks', 'stat', 'uptime', 'net/unix') if can_read(p)]",
    ),
    "signal": ("pass", "return finds(lambda pid: os.kill(pid, 0), other)"),
    "process numbers": (
        "pass",
        "asks = (os.getpgid, os.getsid, os.sched_getaffinity, os.sched_getscheduler, os.pidfd_open)\n"
        "return [ask.__name__ for ask in asks if finds(ask, other)]",
    ),
    "priority of a process": (
        "pass",
        "return finds(lambda pid: os.getpriority(os.PRIO_PROCESS, pid), other)",
    ),
    "clock of a process": ("pass", "return finds(lambda pid: time.clock_gettime(~pid << 3 | 2), other)"),
    "size of a file in the other's folder": (
        "open('size', 'w').truncate(12345)",
        "places = [os.path.join('..', str(name), 'size') for name in range(20)]\n"
        "return [p for p in places if os.path.exists(p)] and os.getcwd() != '/box'",
    ),
    "priority": ("os.setpriority(os.PRIO_USER, 0, 19)", "return os.getpriority(os.PRIO_USER, 0) == 19"),
}
PRELUDE = """
import ctypes, errno, fcntl, json, os, platform, socket, struct, subprocess, time
FILE = json.__file__
def seen_processes():
    try: return sum(name.isdigit() for name in os.listdir("/proc")) - 2
    except OSError: return 0
def sysinfo():
    libc = ctypes.CDLL(None, use_errno=True)
    number = {"x86_64": 99, "aarch64": 179}[platform.machine()]
    return libc.syscall(number, ctypes.create_string_buffer(512)) == 0
def can_read(name):
    try: return bool(open("/proc/" + name).read(1))
    except OSError: return False
def finds(ask, pid):
    "Whether the answer differs from that for a number that no process has."
    return answer(ask, pid) != answer(ask, 2**22 - 2)
def answer(ask, pid):
    try: ask(pid)
    except OSError as error: return error.errno
def attempt(act):
    try: return bool(act())
    except OSError: return False
"""


def test_no_channel_carries_anything_from_one_box_to_another(sandbox):
    with sandbox.box() as first, sandbox.box() as second:
        for box in (first, second):
            printed(box, PRELUDE)
        pid = printed(first, "print(os.getpid())").strip()
        seen = {}
        for name, (act, look) in CHANNELS.items():
            body = textwrap.indent(f"global kept\n{act}", "    ")
            printed(first, f"def act():\n{body}\nattempt(act)")
            body = textwrap.indent(
                f"other = {pid if sandbox.tier == 'landlock' else 2**22 - 1}\n{look}", "    "
            )
            seen[name] = json.loads(printed(second, f"def look():\n{body}\nprint(json.dumps(attempt(look)))"))
            printed(first, "kept = None")
        assert [name for name, carried in seen.items() if carried] == []


def test_what_locks_and_asks_for_the_machine_works_all_the_same(sandbox):
    with sandbox.box() as box:
        text = printed(
            box,
            """
            import fcntl, os, sqlite3
            with sqlite3.connect("a.db") as base:
                base.execute("pragma journal_mode=wal")
                base.execute("create table t (x)")
                base.executemany("insert into t values (?)", [(i,) for i in range(100)])
            other = sqlite3.connect("a.db")
            other.execute("begin immediate"); other.execute("delete from t where x > 1"); other.commit()
            print(other.execute("select count(*) from t").fetchone()[0])
            file = open("a.txt", "w"); fcntl.flock(file, fcntl.LOCK_EX); fcntl.lockf(file, fcntl.LOCK_EX)
            print(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20)
            print(os.sysconf("SC_NPROCESSORS_ONLN") == os.cpu_count(), os.sysconf("SC_PAGE_SIZE") > 0)
            import numpy as np
            print(np.linalg.solve(np.eye(300) * 2, np.ones(300))[0])
            """,
        )
        assert text == "2\n512\nTrue True\n0.5\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "import numba\nprint(numba.njit(lambda x: x + 1)(1))",
        "import pandas\nprint(int(pandas.DataFrame({'a': [1, 1]}).sum()['a']))",
        "import scipy.optimize\nprint(round(scipy.optimize.brentq(lambda x: x - 2, 0, 3)))",
        "import concurrent.futures as c\nwith c.ThreadPoolExecutor(2) as p: print(sum(p.map(int, '11')))",
        "import multiprocessing as m\nwith m.get_context('fork').Pool(1) as p: print(sum(p.map(int, '11')))",
    ],
    ids=["numba", "pandas", "scipy", "threads", "processes"],
)
def test_libraries_work(sandbox, source):
    library = source.split()[1].partition(".")[0]
    pytest.importorskip(library, reason=f"{library} is not installed")
    if library == "multiprocessing" and sandbox.tier == "landlock":
        pytest.skip("the tier landlock has no /dev/shm of its own, so Python's semaphores cannot be made")
    with sandbox.box() as box:
        assert printed(box, source) == "2\n"
