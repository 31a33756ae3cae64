"""The walls around processes of the grader's own that run others' code on what strangers made.

A warm process is walled in once (`Enclosure.enter`). Each of its forks (`Enclosure.fork`) then gives up what
is left of its rights, and gets limits and a working directory of its own (`Enclosure.close_in`). In the tier
full they see the interpreter, the grader's packages and the instructor's files, all read-only, in namespaces
of their own without network; in the tier landlock the same holds by Landlock and the filter of system calls;
in the tier none only the limits hold.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.sandbox import engine_copy, tier_parts
from autograder.sandbox.caches import zygote_caches
from autograder.sandbox.inside import enter, lockdown
from autograder.sandbox.policy import ENVIRONMENT, Limits
from autograder.sandbox.zygote_command import DEVICES, INNER_ID, SYSTEM_FILES, SYSTEM_FOLDERS

CHANNEL = 3  # the one descriptor that a fork has, beside the three of every process
_MODULES, _WORK, _CACHES = "/exam/modules", "/exam/work", "/exam/caches"
_QUIET = lockdown.MS_NOSUID | lockdown.MS_NODEV
# Of a mount that came from another user namespace, these must stay.
_STAYING = {"nosuid": lockdown.MS_NOSUID, "nodev": lockdown.MS_NODEV, "noexec": lockdown.MS_NOEXEC}
_ESCAPED = re.compile(r"\\([0-7]{3})")  # a space, for one, in the kernel's table of mounts


class Enclosure:
    """The walls of one warm process and its forks.

    Parameters
    ----------
    tier : {"full", "landlock", "none"}
    folder : Path
        A private folder of this run.
    files : mapping of str to bytes
        The instructor's, by name: modules come from them, and from nowhere else that is not installed.
    limits : Limits
        Of each fork; its memory on top of what the warm process has.
    packages : sequence of str
        Packages that its forks may read beside the grader's own, wherever they are installed.
    """

    def __init__(
        self,
        tier: str,
        folder: Path,
        files: Mapping[str, bytes],
        limits: Limits,
        packages: Sequence[str] = (),
    ) -> None:
        self.tier, self.limits = tier, limits
        self.packages = tuple(packages)
        self._folder, self._files = folder, tuple(files)
        self._proc_folder: int | None = None  # shows this process, also where there is no `/proc` any more
        self._own_numbers: int | None = None  # the namespace of the warm process, where it has one
        self._modules = folder / "modules"
        folder.chmod(0o711)
        for name in ("modules", "root", "works"):
            (folder / name).mkdir(mode=0o755)
        for name, data in files.items():
            path = self._modules / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for path in self._modules.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        tier_parts.give_to_unprivileged(folder / "works")

    def enter(self, control: int) -> None:
        """Wall this process in; it must have one thread. In the tier full a child of it goes on.

        Parameters
        ----------
        control : int
            The one descriptor that is kept, beside the first three.

        Raises
        ------
        OSError
            The kernel refuses.
        """
        caches = zygote_caches(self.tier)  # while this is the user whom they belong to
        shown = [*self._shown(), str(self._folder), str(caches)]
        os.closerange(control + 1, 4096)
        os.closerange(CHANNEL, control)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nothing, descriptor)
        os.close(nothing)
        if os.geteuid() == 0:
            enter.reveal([path for path in shown if Path(path).exists()])
            enter.become(tier_parts.UNPRIVILEGED_ID)
        readable = [*self._shown(), str(self._modules), str(caches), *SYSTEM_FOLDERS, *SYSTEM_FILES]
        self._readable = [path for path in readable if Path(path).exists()]
        if sys.platform == "linux":
            self._proc_folder = _opened("/proc")
        if self.tier == "full":
            self._enter_namespaces(shown, caches)
        elif sys.platform == "linux":
            lockdown.prctl(lockdown.PR_SET_CHILD_SUBREAPER, 1)
        os.environ.clear()
        config = f"{_CACHES if self.tier == 'full' else caches}/matplotlib"
        os.environ |= {**ENVIRONMENT, "MPLBACKEND": "Agg", "MPLCONFIGDIR": config}
        sys.path[:] = [entry for entry in sys.path if entry and tier_parts.is_below(entry, shown)]
        sys.dont_write_bytecode = True

    def fork(self) -> int:
        """`os.fork`; in the tier full the child is the first process of a namespace that ends with it."""
        if self._own_numbers is None:
            return os.fork()
        lockdown.unshare(lockdown.CLONE_NEWPID)
        try:
            pid = os.fork()
        except BaseException:
            lockdown.enter_namespace(self._own_numbers, lockdown.CLONE_NEWPID)
            raise
        if pid:
            lockdown.enter_namespace(self._own_numbers, lockdown.CLONE_NEWPID)
        return pid

    def end(self, pid: int) -> bool:
        """End a fork and all that it started; whether it has used up its processor time."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        self._end_orphans()
        return used.ru_utime + used.ru_stime >= self.limits.cpu_s

    def close_in(self, channel: int) -> None:
        """Take this fork's remaining rights for good; `channel` becomes the descriptor `CHANNEL`.

        Raises
        ------
        OSError
            The kernel refuses.
        """
        is_linux = sys.platform == "linux"
        if channel != CHANNEL:
            os.dup2(channel, CHANNEL, inheritable=False)
        os.setsid()
        if is_linux:
            lockdown.prctl(lockdown.PR_SET_PDEATHSIG, lockdown.SIGKILL)
        if self.tier == "full":
            lockdown.unshare(lockdown.CLONE_NEWNS)
            quota = f"size={self.limits.disk_bytes},nr_inodes={self.limits.files},mode=700"
            lockdown.mount("tmpfs", _WORK, "tmpfs", _QUIET, quota)
            lockdown.drop_capabilities()
        work = _WORK if self.tier == "full" else tempfile.mkdtemp(dir=self._folder / "works")
        os.chdir(work)
        self._show_files()
        Path(".tmp").mkdir(0o700)
        os.environ |= {"HOME": work, "TMPDIR": f"{work}/.tmp"}
        tempfile.tempdir = None
        sys.path.insert(0, self._modules_seen)
        if is_linux:
            most = self.limits.processes if self.tier == "full" else None
            lockdown.limit_resources(self.limits.to_dict(), processes=most, proc_folder=self._proc_folder)
        os.closerange(CHANNEL + 1, 4096)
        if self.tier == "landlock":
            lockdown.restrict_files(self._readable, [work, *DEVICES])
        if self.tier != "none":
            lockdown.install_filter(signals=False, in_own_view=self.tier == "full")

    def _end_orphans(self) -> None:
        """End what a fork has left behind; where it had a namespace of its own, nothing."""
        if self._own_numbers is not None or self._proc_folder is None:
            return
        place = f"self/task/{threading.get_native_id()}/children"
        with contextlib.suppress(OSError):
            while True:
                with open(place, encoding="ascii", opener=self._in_proc) as file:
                    children = [int(word) for word in file.read().split()]
                for child in children:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                if not children:
                    return

    def _in_proc(self, place: str, how: int) -> int:
        return os.open(place, how, dir_fd=self._proc_folder)

    @property
    def _modules_seen(self) -> str:
        return _MODULES if self.tier == "full" else str(self._modules)

    def _show_files(self) -> None:
        """Let the working directory show the instructor's files, which cannot be written."""
        for name in self._files:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).symlink_to(f"{self._modules_seen}/{name}")

    def _enter_namespaces(self, shown: list[str], caches: Path) -> None:
        user, group = os.getuid(), os.getgid()
        lockdown.unshare(lockdown.EVERY_NAMESPACE)
        lockdown.prctl(lockdown.PR_SET_DUMPABLE, 1)  # its files in /proc are the user's, then
        lockdown.map_ids(user, group, INNER_ID)
        if os.fork():
            os._exit(0)
        self._own_numbers = _opened("/proc/thread-self/ns/pid")
        self._see_only(shown, caches)

    def _shown(self) -> list[str]:
        """The interpreter, what is installed, the grader and the packages."""
        packages = [str(engine_copy.package_folder(name)) for name in ("autograder", *self.packages)]
        return ["/usr", *tier_parts.python_paths(), *packages]

    def _see_only(self, shown: list[str], caches: Path) -> None:
        """Make a file system of what is to be seen, all read-only, and see nothing else."""
        root = self._folder / "root"
        lockdown.mount(None, "/", None, lockdown.MS_REC | lockdown.MS_PRIVATE)
        lockdown.mount("tmpfs", str(root), "tmpfs", _QUIET, "mode=755,size=1m")
        places = {path: path for path in (*SYSTEM_FOLDERS, *SYSTEM_FILES, *DEVICES, *self._shown())}
        places |= {_MODULES: str(self._modules), _CACHES: str(caches)}
        done: list[str] = []
        for place, original in sorted(places.items()):
            source, target = Path(original), Path(f"{root}{place}")
            if not source.exists() or tier_parts.is_below(place, done):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_symlink():
                target.symlink_to(source.readlink())
                continue
            if source.is_dir():
                target.mkdir()
            else:
                target.touch()
            lockdown.mount(str(source), str(target), None, lockdown.MS_BIND | lockdown.MS_REC)
            done.append(place)
        Path(f"{root}{_WORK}").mkdir()
        for path, flags in _mounts_below(root):
            read_only = lockdown.MS_REMOUNT | lockdown.MS_BIND | lockdown.MS_RDONLY
            lockdown.mount(None, path, None, read_only | flags)
        lockdown.make_root(str(root))


def _opened(path: str) -> int:
    """A descriptor to read `path`, above those that forks have."""
    low = os.open(path, os.O_RDONLY)
    high = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, 100)
    os.close(low)
    return high


def _mounts_below(root: Path) -> list[tuple[str, int]]:
    """Every mount at or below `root`, and the flags that it must keep."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines():
        fields = line.split(" ")
        place = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4])
        if tier_parts.is_below(place, [str(root)]):
            options = fields[5].split(",")
            found.append((place, sum(flag for name, flag in _STAYING.items() if name in options)))
    return found
