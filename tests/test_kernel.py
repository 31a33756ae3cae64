"""The compiled loop: its cache, when it may be used, and the pieces it is made of."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from init_utils import kernel

needs_numba = pytest.mark.skipif(not kernel.available(), reason="the compiled engine needs numba")
ROOT = Path(__file__).parent.parent

LOAD_AND_REPORT = """
import sys
from init_utils import kernel
print(kernel.ready(), "numba" in sys.modules)
kernel.load()
print(kernel.ready())
"""


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A kernel that has loaded nothing yet, and a cache folder that is empty."""
    monkeypatch.setattr(kernel, "_state", {"take_steps": None, "broken": False, "warming": None})
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    ).stdout


@needs_numba
def test_cache_is_filled_by_the_module_and_read_by_all_that_follow(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "init_utils.kernel"]
    filled = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    assert (filled.stdout, filled.stderr) == ("", "")
    assert len(list(tmp_path.glob("init-utils/*/ready"))) == 1
    files = sorted(tmp_path.rglob("*.nb?"))
    stamps = [path.stat().st_mtime_ns for path in files]
    assert run_python(LOAD_AND_REPORT, NUMBA_CACHE_DIR=str(tmp_path)) == "True False\nTrue\n"
    assert len(files) == 2
    assert stamps == [path.stat().st_mtime_ns for path in files]


@pytest.mark.slow
@needs_numba
def test_warming_in_another_process_waits_for_nothing(fresh):
    assert not kernel.ready()
    assert kernel.warm(block=False) is False
    assert kernel.warm(block=False) is False  # one process, however often it is asked for
    kernel._state["warming"].join(300)
    assert kernel.ready()
    assert kernel.warm(block=False) is True


def test_a_person_who_watches_never_waits_for_the_compiler(fresh, monkeypatch):
    calls = []
    monkeypatch.setattr(kernel, "available", lambda: True)
    monkeypatch.setattr(kernel, "warm", lambda block=True: calls.append(block) or block)
    monkeypatch.setattr(kernel, "someone_is_watching", lambda: True)
    assert kernel.usable() is False
    monkeypatch.setattr(kernel, "someone_is_watching", lambda: False)
    assert kernel.usable() is True
    assert calls == [False, True]


def test_nothing_is_compiled_where_it_cannot_be_kept(fresh, monkeypatch):
    fresh.write_text("a file where the folder should be")
    monkeypatch.setattr(kernel, "someone_is_watching", lambda: False)
    assert kernel.usable() is False
    assert kernel._state["take_steps"] is None


def test_without_numba_nothing_is_ready(fresh, monkeypatch):
    monkeypatch.setitem(kernel._state, "broken", True)
    assert not kernel.available()
    assert not kernel.ready()
    assert not kernel.usable()
    assert kernel.warm() is kernel.warm(block=False) is False


def test_numba_that_fails_leaves_numpy(fresh, monkeypatch):
    def fail():
        raise RuntimeError("unknown processor")

    monkeypatch.setattr(kernel, "load", fail)
    monkeypatch.setattr(kernel, "someone_is_watching", lambda: False)
    if kernel.available():
        assert kernel.usable() is False
        assert not kernel.available()


def test_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "xdg"))
    if sys.platform != "darwin":
        assert kernel.cache_folder().parent == tmp_path / "xdg" / "init-utils"
    first = kernel.cache_folder()
    monkeypatch.setenv("NUMBA_OPT", "0")
    assert kernel.cache_folder().name != first.name


@needs_numba
def test_numbas_own_setting_is_given_back(monkeypatch):
    import numba

    monkeypatch.setattr(kernel, "_state", {"take_steps": None, "broken": False, "warming": None})

    before = numba.config.CACHE_DIR
    kernel.load()
    assert before == numba.config.CACHE_DIR


TRAIN_AND_PRINT_BITS = """
import hashlib
import numpy as np
from init_utils.training import Descent

rng = np.random.RandomState(3)
start = {"W1": 10 * rng.randn(7, 2), "b1": rng.randn(7, 1), "W2": 10 * rng.randn(1, 7), "b2": rng.randn(1, 1)}
X = rng.randn(2, 61)
for hidden in ("relu", "tanh"):
    run = Descent(X, X[:1] > X[1:], start, hidden=hidden, engine="compiled")
    run.advance(500)
    print(hashlib.sha256(b"".join(value.tobytes() for value in run.parameters.values())).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="names processors of x86-64")
@needs_numba
def test_bits_are_the_same_on_processors_with_other_vectors(tmp_path):
    here = run_python(TRAIN_AND_PRINT_BITS)
    narrow = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(tmp_path)}
    assert run_python(TRAIN_AND_PRINT_BITS, **narrow) == here


@needs_numba
def test_exponential_is_right_to_the_last_place():
    from numba import njit

    from init_utils import compiled

    @njit
    def each(x):
        return np.array([compiled._exp(value) for value in x])

    x = np.concatenate([np.linspace(-700, 700, 20_001), np.linspace(-1, 1, 20_001), [0.0, 1e-300]])
    assert np.abs(each(x) / np.exp(x) - 1).max() < 5e-16
    assert each(np.array([0.0])) == 1.0
    ends = each(np.array([-1e4, 1e4, np.nan]))
    assert 0 < ends[0] < 1e-307
    assert 1e307 < ends[1] < np.inf
    assert np.isnan(ends[2])


def test_nobody_watches_a_test_run():
    assert not kernel.someone_is_watching()


def test_a_user_without_a_home_gets_no_folder_named_after_the_tilde(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert not kernel._writable(Path("~/.cache/init-utils"))
    assert list(tmp_path.iterdir()) == []
