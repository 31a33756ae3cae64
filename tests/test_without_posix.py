"""The trusted side without POSIX, on Linux: it grades, goes on after a kill, writes feedback and report.

`tests/without_posix/sitecustomize.py` hides what Windows lacks from our packages, in all their processes.
"""

from __future__ import annotations

import importlib.metadata
import os
import site
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from autograder.sandbox import tier_parts
from tests.small_course import NAME, RIGHT, hand_in, make_course

ROOT = Path(__file__).resolve().parents[1]
MODE = ROOT / "tests" / "without_posix"
PAGE = ROOT / "docs" / "windows-macos.md"
WRONG = "def double(x):\n    return x"
PROGRAM = """import os, signal, socket, subprocess, sys
shown = [hasattr(os, "fork"), hasattr(os, "kill"), hasattr(signal, "setitimer"), hasattr(socket, "send_fds")]
shown += [sys.platform == "linux", bool(os.supports_dir_fd)]
try:
    import fcntl
    shown.append(True)
except ModuleNotFoundError:
    pass
try:
    open("/proc/self/statm")
    shown.append(True)
except FileNotFoundError:
    pass
try:
    subprocess.Popen(["true"], pass_fds=(1,))
except ValueError as error:
    print(any(shown), error)"""


def in_the_mode(*words: str | Path, cwd: Path, python: str | Path = sys.executable) -> subprocess.Popen[str]:
    """A Python to which POSIX is hidden."""
    path = os.pathsep.join([str(MODE), str(ROOT)])
    return subprocess.Popen(
        [str(python), *map(str, words)],
        env=os.environ | {"PYTHONPATH": path},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said_by(program: subprocess.Popen[str], code: int = 0) -> str:
    """What the program prints; it must end with `code`."""
    out, errors = program.communicate(timeout=600)
    assert program.returncode == code, out + errors
    return out


def test_the_mode_hides_from_our_packages_what_windows_lacks(tmp_path: Path) -> None:
    said = said_by(in_the_mode("-c", PROGRAM, cwd=tmp_path))
    assert said == "False pass_fds is not supported on Windows platforms\n"


IMAGES = """import mmap, os, pathlib, sys
import numpy as np
from autograder.sandbox.wasm.base_memory import KeptMemories
from autograder.sandbox.wasm.changed_pages import changed_pages
from autograder.sandbox.wasm.images import PAGE_BYTES, Image
folder = pathlib.Path(sys.argv[1])
memory = np.frombuffer(mmap.mmap(-1, PAGE_BYTES), np.uint8)
base = KeptMemories(folder / "kept").keep("key", memory, [])
memory[9] = 9
image, other = Image.of(memory, base, folder=folder), np.frombuffer(mmap.mmap(-1, PAGE_BYTES), np.uint8)
image.write(other, base)
print(hasattr(mmap, "MAP_PRIVATE"), hasattr(mmap, "MADV_DONTNEED"), changed_pages(memory))
print(type(image.blocks).__name__, bool((other == memory).all()), base._descriptor)
print(sorted(path.name for path in (folder / "kept").iterdir()))"""


def test_without_private_mappings_the_tier_wasm_copies_its_states_and_keeps_no_file_open(
    tmp_path: Path,
) -> None:
    said = said_by(in_the_mode("-c", IMAGES, tmp_path, cwd=tmp_path))
    assert said.splitlines() == ["False False None", "InMemory True None", "['key.json', 'key.memory']"]


def test_the_trusted_side_is_imported_without_posix(tmp_path: Path) -> None:
    modules = ("class_run", "grading.worker", "grading.examiner_process", "class_pages")
    program = "import importlib\n" + "\n".join(
        f"importlib.import_module('autograder.{name}')" for name in modules
    )
    assert said_by(in_the_mode("-c", program, cwd=tmp_path)) == ""


def test_without_linux_the_tiers_that_need_it_are_passed_over_not_an_error(tmp_path: Path) -> None:
    program = """from autograder.sandbox import selfcheck
held = selfcheck.Report("wasm", (selfcheck.Row("files", "read a file", selfcheck.REFUSED),))
run = selfcheck.run
selfcheck.remembered = lambda tier: held if tier == "wasm" else run(tier)
print(selfcheck.best_tier(print))"""
    said = said_by(in_the_mode("-c", program, cwd=tmp_path)).splitlines()
    assert said == ["Not in the tier full: it needs Linux; this is win32.", "wasm"]


@pytest.mark.slow
def test_a_class_is_graded_without_posix_also_after_a_kill(tmp_path: Path) -> None:
    if (obstacle := tier_parts.obstacle("wasm")) is not None:
        pytest.skip(f"the tier wasm, the only one that needs no POSIX, is not here: {obstacle}")
    course = make_course(tmp_path)
    for student, solution in {"ada": RIGHT, "ben": WRONG, "cleo": RIGHT}.items():
        hand_in(course, student, solution)
    words = ("-m", "autograder", "grade", NAME, "--course", tmp_path, "--isolation", "wasm", "--workers", "1")
    first = in_the_mode(*words, cwd=tmp_path)
    result = tmp_path / ".autograder" / NAME / "ada.json"
    while not result.exists() and first.poll() is None:
        time.sleep(0.02)
    first.kill()
    first.communicate()
    said = said_by(in_the_mode(*words, cwd=tmp_path)).splitlines()
    assert [line.split()[:2] for line in said if line.split()[0] in ("ada", "ben", "cleo")] == [
        ["ada", "15/19"],
        ["ben", "2/19"],
        ["cleo", "15/19"],
    ]
    assert "kept" in next(line for line in said if line.startswith("ada"))
    assert said[-1].endswith("Isolation: wasm.")
    said_by(in_the_mode("-m", "autograder", "feedback", NAME, "--course", tmp_path, cwd=tmp_path))
    assert (tmp_path / "feedback" / "ben" / NAME / f"{NAME}.html").is_file()
    said_by(in_the_mode("-m", "autograder", "report", NAME, "--course", tmp_path, cwd=tmp_path))
    assert (tmp_path / "reports" / NAME / "report.html").is_file()


def commands_of(text: str) -> list[str]:
    """The commands of the page from nothing to graded: its first block of code."""
    block = text.partition("## From nothing to graded in five commands")[2].partition("On macOS")[0]
    return [line.strip() for line in block.splitlines() if line.startswith("    ")]


def test_the_page_installs_what_this_project_builds() -> None:
    commands = commands_of(PAGE.read_text(encoding="utf-8"))
    assert [command.split()[0] for command in commands] == [
        "python",
        "venv\\Scripts\\activate",
        "python",
        "autograder",
        "autograder",
    ]
    metadata = tomllib.loads((ROOT / "packaging" / "autograder" / "pyproject.toml").read_text())["project"]
    (runtime,) = metadata["optional-dependencies"]["wasm"]
    version = importlib.metadata.version("init-utils-autograder")
    wheels = [f"{name}-{version}-py3-none-any.whl" for name in ("init_utils", "init_utils_autograder")]
    assert commands[2] == f"python -m pip install {' '.join(wheels)} {runtime}"


@pytest.mark.slow
def test_the_five_commands_grade_without_posix(tmp_path: Path) -> None:
    """A link to what is installed here stands for the third, which needs the network."""
    if (obstacle := tier_parts.obstacle("wasm")) is not None:
        pytest.skip(f"the tier wasm, the only one that needs no POSIX, is not here: {obstacle}")
    commands = [command.split() for command in commands_of(PAGE.read_text(encoding="utf-8"))]
    said_by(in_the_mode(*commands[0][1:], "--without-pip", cwd=tmp_path))
    python = tmp_path / "venv" / "bin" / "python"
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (packages / "installed.pth").write_text("\n".join([str(ROOT), *site.getsitepackages()]))
    for words in commands[3:]:
        said = said_by(in_the_mode("-m", *words, cwd=tmp_path, python=python))
    told = "10 of 10 points by tests; 5 more are given by hand. Isolation: wasm."
    assert said.splitlines()[-1] == told
