"""The command that starts the zygote in each tier, its environment, and what it can see."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.caches import zygote_caches
from autograder.sandbox.engine_copy import copied_engine, engine_folders, fill_engine
from autograder.sandbox.inside import figure_setting
from autograder.sandbox.policy import ENVIRONMENT, SandboxError
from autograder.sandbox.tier_parts import (
    BOX_USERS,
    FIRST_BOX_USER,
    NAMESPACES,
    UNPRIVILEGED_ID,
    find_bwrap,
    give_to_unprivileged,
    is_below,
    is_root,
    missing_part,
    python_paths,
    unprivileged,
)

INNER_ID = 1000
FIRST_INNER_USER = 2000  # of the users of boxes, in the zygote's namespace
OUTER_USERS = ((FIRST_BOX_USER, FIRST_BOX_USER, BOX_USERS),)
START = "import sys; sys.path[:0] = {paths!r}; from inside.zygote import main; main({descriptor})"
START_HOST = (
    "import sys; sys.path[:0] = [{root!r}]; "
    "from autograder.sandbox.wasm.host import main; main(sys.argv[-1], {folder!r})"
)

ENGINE, CACHES, BOX = "/engine", "/caches", "/box"
SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts", "/etc/mime.types")
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
PASSWD = f"student:x:{INNER_ID}:{INNER_ID}:student:{BOX}:/bin/sh\n"
GROUP = f"student:x:{INNER_ID}:\n"


@dataclass(frozen=True)
class Plan:
    """One way to start the zygote.

    Attributes
    ----------
    command : tuple of str
    environment : mapping
        The whole environment, not an addition.
    setup : mapping
        What `inside.zygote` is told in its first order.
    first_user : int or None
        What the first of the users of boxes is called where the zygote runs; None where boxes have its own.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    setup: Mapping[str, Any]
    first_user: int | None


def plan(tier: str, folder: Path, descriptor: int, packages: Sequence[str] = ()) -> Plan:
    """How to start the zygote of `tier`, with its orders coming through `descriptor`.

    Parameters
    ----------
    folder : Path
        A private folder of this run; `boxes` in it will hold working directories outside the tier full.
    packages : sequence of str
        Packages that lie beside the engine in the boxes.

    Raises
    ------
    SandboxError
        A part is missing.
    """
    reason = missing_part(tier)
    if reason is not None:
        raise not_here(tier, reason)
    make = {"full": _plan_full, "wasm": _plan_wasm, "landlock": _plan_landlock, "none": _plan_none}[tier]
    return make(folder, descriptor, engine_folders(packages))


def not_here(tier: str, reason: str) -> SandboxError:
    """The error that says why the tier cannot be had on this machine."""
    return SandboxError(f"the tier {tier!r} is not to be had here: {reason}")


def _plan_full(folder: Path, descriptor: int, folders: Mapping[str, Path]) -> Plan:
    from autograder.sandbox.inside.enter import NAMESPACE  # only where the system has what it imports

    caches = zygote_caches("full")
    # What root reads others may not; a copy has modes for everybody.
    copied = is_root() and copied_engine(caches.parent, folders)
    engine = {name: copied / name if copied else path for name, path in folders.items()}
    etc = folder / "etc"
    etc.mkdir(mode=0o755)
    for name, text in (("passwd", PASSWD), ("group", GROUP)):
        (etc / name).write_text(text, encoding="utf-8")
        (etc / name).chmod(0o644)
    etc.chmod(0o755)
    folder.chmod(0o711)
    bwrap = find_bwrap()
    assert bwrap is not None  # `missing_part` found it
    python = python_paths()
    own_user = ["--userns", NAMESPACE, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    words = [
        bwrap,
        *(own_user if is_root() else NAMESPACES[:1]),
        *NAMESPACES[1:],
        "--unshare-cgroup-try",
        "--hostname",
        "box",
    ]
    words += ["--uid", str(INNER_ID), "--gid", str(INNER_ID), "--new-session"]
    # First what is empty: an interpreter may lie below /tmp.
    words += ["--tmpfs", "/tmp", "--tmpfs", BOX, "--ro-bind", "/usr", "/usr"]
    # Folders above a bind mount are closed to others where bubblewrap makes them itself.
    shown = ["/etc/passwd", f"{ENGINE}/inside", *python]
    for parent in sorted({str(parent) for path in shown for parent in Path(path).parents} - {"/"}):
        words += ["--perms", "0755", "--dir", parent]
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
    setup = _setup() | {"cover_tmp": not any(is_below(path, ["/tmp"]) for path in python)}
    sources = [bwrap, str(etc), str(caches), *map(str, engine.values()), *python]
    users = ((INNER_ID, UNPRIVILEGED_ID, 1), (FIRST_INNER_USER, FIRST_BOX_USER, BOX_USERS))
    first = FIRST_INNER_USER if is_root() else None
    return Plan(tuple(unprivileged(words, sources, users)), _environment(CACHES, BOX), setup, first)


def _plan_wasm(folder: Path, descriptor: int, folders: Mapping[str, Path]) -> Plan:
    from autograder.sandbox.wasm.packages import copied_packages  # slow to import; seldom needed

    caches = zygote_caches("wasm")
    instances = folder / "instances"
    instances.mkdir()
    modules = {
        "/engine": copied_engine(caches.parent, folders),
        "/packages": copied_packages(caches.parent),
        CACHES: caches,
    }
    setup = {
        "folders": {place: str(path) for place, path in modules.items()},
        "modules_in": ["/engine", "/packages"],
        "memories": str(caches.parent / "memories"),
        "environment": {**ENVIRONMENT, **_choices(), "HOME": BOX, "TMPDIR": "/tmp", "MPLCONFIGDIR": CACHES},
    }
    program = START_HOST.format(root=str(Path(__file__).parents[2]), folder=str(instances))
    return Plan((sys.executable, "-P", "-B", "-c", program), dict(os.environ), setup, None)


def _plan_landlock(folder: Path, descriptor: int, folders: Mapping[str, Path]) -> Plan:
    caches = zygote_caches("landlock")
    engine = copied_engine(caches.parent, folders)
    _give_boxes_away(folder)
    home = folder / "boxes" / "home"
    python = python_paths()
    readable = ["/usr", *SYSTEM_FOLDERS, *SYSTEM_FILES, str(engine), str(caches), "/etc/passwd", "/etc/group"]
    readable += [entry for path in python for entry in _without_grader(path)]
    setup = _setup() | {
        "readable": [path for path in readable if os.path.exists(path)],
        "devices": list(DEVICES),
    }
    needed = [str(engine), str(caches), *python]
    command = unprivileged(_start_command([str(engine)], descriptor), needed, OUTER_USERS)
    return Plan(tuple(command), _environment(str(caches), str(home)), setup, _first_outer_user())


def _plan_none(folder: Path, descriptor: int, folders: Mapping[str, Path]) -> Plan:
    # Its own caches and copies: what student code may overwrite must not outlive this run.
    engine = folder / "engine"
    fill_engine(engine, folders)
    caches = folder / "caches"
    caches.mkdir()
    _give_boxes_away(folder)
    give_to_unprivileged(caches)
    needed = [str(engine), *python_paths()]
    command = unprivileged(_start_command([str(engine)], descriptor), needed, OUTER_USERS)
    environment = _environment(str(caches), str(folder / "boxes" / "home"))
    return Plan(tuple(command), environment, _setup(), _first_outer_user())


def _first_outer_user() -> int | None:
    return FIRST_BOX_USER if is_root() else None


def _start_command(paths: list[str], descriptor: int) -> list[str]:
    return [sys.executable, "-I", "-B", "-c", START.format(paths=paths, descriptor=descriptor)]


def _environment(caches: str, home: str) -> dict[str, str]:
    return {
        **ENVIRONMENT,
        **_choices(),
        "PATH": f"{Path(sys.executable).parent}:{ENVIRONMENT['PATH']}",
        "HOME": home,
        "TMPDIR": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{caches}/matplotlib",
        "NUMBA_CACHE_DIR": f"{caches}/numba",
    }


def _choices() -> dict[str, str]:
    """What the grader's own environment says on how the zygote works."""
    name = figure_setting.SETTING
    return {name: os.environ[name]} if name in os.environ else {}


def _setup() -> dict[str, Any]:
    return {"readable": [], "devices": [], "cover_tmp": False}


def _give_boxes_away(folder: Path) -> None:
    """Make the folder of the boxes, and in it the zygote's home; without one IPython makes its own."""
    for path in (folder / "boxes", folder / "boxes" / "home"):
        path.mkdir(mode=0o711)
        give_to_unprivileged(path)
    folder.chmod(0o711)


def _grader_packages() -> list[str]:
    """Where the grader itself is installed among packages that the inside reads: it gets an empty folder."""
    return [path for place in python_paths() for path in _walk_to_packages(place)]


def _walk_to_packages(place: str) -> list[str]:
    own = str(Path(__file__).parent.parent)
    return [own] if is_below(own, [place]) else []


def _without_grader(place: str) -> list[str]:
    """`place`, or its parts when the grader is installed in it: Landlock can allow, not except."""
    own = str(Path(__file__).parent.parent)
    if place == own:
        return []
    if not is_below(own, [place]):
        return [place]
    return [part for entry in sorted(Path(place).iterdir()) for part in _without_grader(str(entry))]
